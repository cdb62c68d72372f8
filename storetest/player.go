package storetest

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

// A Player is somebody in a room, or a spectator, whose calls wait for their
// answers.
type Player struct {
	*play.Session
	Secret string
	news   chan struct{}
	close  sync.Once

	mu       sync.Mutex
	gestures []string // as "host 👏"
}

// Reacted implements play.Watcher.
func (p *Player) Reacted(by room.Seat, emoji string) {
	p.mu.Lock()
	p.gestures = append(p.gestures, by.String()+" "+emoji)
	p.mu.Unlock()
}

// Gestures is what the player was told of gestures, each as "host 👏".
func (p *Player) Gestures() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.gestures)
}

// Changed implements play.Watcher.
func (p *Player) Changed() {
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// Enter opens a session and says hello.
func Enter(h *play.House, code, secret string) (*Player, room.Seat, error) {
	p := &Player{Secret: secret, news: make(chan struct{}, 1)}
	s, err := h.Enter(code, secret, p)
	if err != nil {
		return nil, room.Spectator, err
	}
	p.Session = s
	type answer struct {
		seat room.Seat
		err  error
	}
	answers := make(chan answer, 1)
	s.Hello(func(seat room.Seat, err error) { answers <- answer{seat, err} })
	a := answer{err: errNoAnswer}
	select {
	case a = <-answers:
	case <-time.After(patience):
	}
	if a.err != nil {
		s.Close()
		return nil, a.seat, a.err
	}
	return p, a.seat, nil
}

// errNoAnswer is what no command may end with.
var errNoAnswer = errors.New("storetest: no answer at all")

// Sit is Enter where it must succeed. The session is closed with the test.
func Sit(t testing.TB, h *play.House, code, secret string) *Player {
	t.Helper()
	p, _, err := Enter(h, code, secret)
	for tries := 0; err == play.Unavailable && tries < 5; tries++ { // a slow machine
		p, _, err = Enter(h, code, secret)
	}
	if err != nil {
		t.Fatalf("hello in %s: %v", code, err)
	}
	t.Cleanup(p.Close)
	return p
}

// Close closes the session, once.
func (p *Player) Close() { p.close.Do(p.Session.Close) }

// ask waits for the answer of a command.
func ask(command func(done func(changed bool, err error))) (changed bool, err error) {
	type answer struct {
		changed bool
		err     error
	}
	answers := make(chan answer, 1)
	command(func(changed bool, err error) { answers <- answer{changed, err} })
	select {
	case a := <-answers:
		return a.changed, a.err
	case <-time.After(patience):
		return false, errNoAnswer
	}
}

// Move is Session.Move.
func (p *Player) Move(cell, round, ply int) (changed bool, err error) {
	return ask(func(done func(bool, error)) { p.Session.Move(cell, round, ply, done) })
}

// Rematch is Session.Rematch.
func (p *Player) Rematch() (changed bool, err error) { return ask(p.Session.Rematch) }

// Resign is Session.Resign.
func (p *Player) Resign() (changed bool, err error) { return ask(p.Session.Resign) }

// Leave is Session.Leave.
func (p *Player) Leave() (changed bool, err error) { return ask(p.Session.Leave) }

// Await waits until the player has been told of a view that is so.
func (p *Player) Await(t testing.TB, what string, so func(room.State) bool) *play.View {
	t.Helper()
	end := time.After(patience)
	for {
		v := p.View()
		if v != nil && so(*v.State) {
			return v
		}
		select {
		case <-p.news:
		case <-end:
			if v := p.View(); v != nil && so(*v.State) {
				t.Fatalf("%s: it is so, but the player was never told", what)
			}
			t.Fatalf("%s: not within %v; the view is %+v", what, patience, v)
		}
	}
}
