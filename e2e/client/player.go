package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// ErrGone is that the room has closed, or the seat was given up.
var ErrGone = errors.New("the room is gone")

// A Player keeps a socket to a room open, whatever happens to it, until Close.
// The first thing that is not as it must be ends it: see Err.
type Player struct {
	Game *Game
	Seat Seat // the zero Secret watches

	addrs  []string // servers, the one to go to first
	cancel context.CancelFunc
	done   chan struct{}

	mu       sync.Mutex
	news     chan struct{} // closed and made anew at every change
	sock     *Socket       // nil while there is none
	welcomed bool
	view     View // the newest
	refused  *Message
	err      error
	gone     string      // the reason told by "closed"
	codes    map[int]int // how often each close code came
	broken   int         // how many connections broke that had been welcomed
	resends  int
	pending  *pending
	at       string // the server that was last connected to
	lost     time.Time
	absences []time.Duration // from the loss of a connection to the first view of the next
}

// A pending move has been sent and not been answered.
type pending struct{ round, ply, cell int }

// Enter opens a player's socket, or a spectator's for a seat without a secret.
func Enter(addr string, seat Seat, game *Game) *Player { return Roam([]string{addr}, seat, game) }

// Roam is Enter where several servers have the room: after each connection that
// ended or did not come about, the player goes to the next.
func Roam(addrs []string, seat Seat, game *Game) *Player {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Player{Game: game, Seat: seat, addrs: addrs, cancel: cancel, done: make(chan struct{}), news: make(chan struct{}), codes: map[int]int{}}
	go p.run(ctx)
	return p
}

// Close leaves the server as a closed tab does: without giving the seat up.
func (p *Player) Close() {
	p.cancel()
	p.Drop()
	<-p.done
}

// Drop breaks the connection; the player will be back.
func (p *Player) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sock != nil {
		p.sock.Drop()
	}
}

// Codes is how often each close code came: 1006 is a connection that broke.
func (p *Player) Codes() map[int]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	codes := map[int]int{}
	for c, n := range p.codes {
		codes[c] = n
	}
	return codes
}

// Broken is how many connections broke on which the player had been welcomed. One
// that breaks before that, when a server stops at this very moment, says no less
// than one that does not come about.
func (p *Player) Broken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.broken
}

// Resends is how many moves were sent again after a reconnect.
func (p *Player) Resends() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resends
}

// At is the server that the player is connected to, or empty.
func (p *Player) At() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sock == nil {
		return ""
	}
	return p.at
}

// Absences are how long it took each time from the loss of a connection to the
// first view on the next one.
func (p *Player) Absences() []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.absences)
}

// Gone is the reason with which the room closed, or empty.
func (p *Player) Gone() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

// Err is what was not as it must be.
func (p *Player) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// run connects, again and again, with a backoff as the pages have it (and
// shorter steps, so that tests are quick).
func (p *Player) run(ctx context.Context) {
	defer close(p.done)
	for tries, turns := 0, 0; ctx.Err() == nil; tries, turns = tries+1, turns+1 {
		welcomed, again := p.connect(ctx, p.addrs[turns%len(p.addrs)])
		if !again {
			return
		}
		if welcomed {
			tries = 0
		}
		step := min(time.Second, 50*time.Millisecond<<min(tries, 10))
		select {
		case <-ctx.Done():
		case <-time.After(rand.N(step)):
		}
	}
}

func (p *Player) connect(ctx context.Context, addr string) (welcomed, again bool) {
	dialling, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	sock, err := Dial(dialling, addr, p.Seat.Code)
	if err != nil {
		return false, true
	}
	defer sock.Drop()
	defer context.AfterFunc(ctx, sock.Drop)() // Close may come before the next line
	p.change(func() { p.sock, p.at = sock, addr })
	err = sock.Hello(p.Seat.Secret)
	last := View{} // of this socket
	for err == nil {
		var m Message
		if m, err = sock.Read(); err == nil {
			err = p.take(sock, m, &last)
		}
	}
	p.change(func() {
		p.sock, welcomed, p.welcomed = nil, p.welcomed, false
		if p.lost.IsZero() {
			p.lost = time.Now()
		}
	})
	var closed CloseError
	switch {
	case errors.As(err, &closed):
		p.change(func() { p.codes[closed.Code]++ })
	case p.Err() == nil:
		p.change(func() {
			p.codes[1006]++
			if welcomed {
				p.broken++
			}
		})
		return welcomed, true
	}
	switch closed.Code {
	case 1001, 1011, 1012, 1013:
		return welcomed, true
	case 4000:
		if p.Gone() == "" {
			p.fail(errors.New("closed with 4000 without being told why"))
		}
		p.fail(ErrGone)
	default:
		p.fail(closed)
	}
	return welcomed, false
}

// take is one message on a socket whose newest view so far is last.
func (p *Player) take(sock *Socket, m Message, last *View) error {
	switch m.Type {
	case "welcome":
		if want := p.Seat.You; want != "" && m.You != want {
			return p.fail(fmt.Errorf("welcomed as %s, not %s", m.You, want))
		}
		p.change(func() { p.welcomed = true })
	case "refused":
		p.change(func() { p.refused = &m })
	case "closed":
		p.change(func() { p.gone = m.Reason })
	case "pong", "reacted":
	case "view":
		if m.View.Rev < last.Rev {
			return nil // dropped unread
		}
		first := last.Rev == 0
		*last = m.View
		return p.show(sock, m.View, first)
	default:
		return p.fail(fmt.Errorf("an unknown message %+v", m))
	}
	return nil
}

// show takes a view. The first of a socket may not be older than what was seen
// on the socket before; with it, an unanswered move is sent again.
func (p *Player) show(sock *Socket, v View, first bool) error {
	if err := p.Game.Saw(v); err != nil {
		return p.fail(err)
	}
	p.mu.Lock()
	old := p.view
	p.mu.Unlock()
	if first && v.Rev < old.Rev {
		return p.fail(fmt.Errorf("a new socket shows an older room: %+v after %+v", v, old))
	}
	var again *pending
	p.change(func() {
		p.view = v
		if first && !p.lost.IsZero() {
			p.absences, p.lost = append(p.absences, time.Since(p.lost)), time.Time{}
		}
		if m := p.pending; m != nil && v.Round == m.round && v.Ply > m.ply && v.Phase != "waiting" && v.Board[m.cell] == "XO"[m.ply%2] {
			p.pending = nil
			p.Game.Acknowledged(m.round, m.ply, m.cell)
		} else if first {
			again = m
		}
	})
	if again != nil {
		p.change(func() { p.resends++ })
		return sock.Send(again.message())
	}
	return nil
}

func (m pending) message() any {
	return map[string]any{"type": "move", "cell": m.cell, "round": m.round, "ply": m.ply}
}

func (p *Player) change(how func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how()
	close(p.news)
	p.news = make(chan struct{})
}

func (p *Player) fail(err error) error {
	p.change(func() {
		if p.err == nil {
			p.err = err
		}
	})
	return err
}
