package room

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tictac/game"
)

// TestRandom does plausible and hostile things to a room in random order, on
// servers whose clocks differ a little, and checks after each what must hold
// whatever happens (see invariants_test.go).
func TestRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		actions := map[string]func(*rapid.T){
			"play": w.play, "visit": w.visit, "again": w.again, "part": w.part,
			"hostile": w.hostile, "servers": w.servers, "wait": w.wait, "fork": w.fork,
		}
		for name, act := range actions {
			actions[name] = func(t *rapid.T) {
				if w.state.Gone() {
					w.checkHistory(t)
					*w = *newWorld(t)
				}
				act(t)
			}
		}
		t.Repeat(actions)
		w.close(t)
	})
}

// A world is a room and everything that has ever been true of it.
type world struct {
	state  State
	now    time.Time
	issued int // keys and round ids that have been handed out

	replayed State          // the same state, made from events that went through JSON
	log      [][]Event      // the events of each commit
	past     []frozen       // every state there has been
	began    map[string]int // round id: the number of the round
	filed    map[string]frozenRecord
	table    table
}

// A table is our own count of what two players have done with each other.
type table struct {
	guest string // the guest's key
	ended int    // rounds won or drawn
	marks []Seat // who made each move of the round
}

var serverNames = []string{"srv-a", "srv-b", "srv-c"}

func newWorld(t *rapid.T) *world {
	w := &world{
		now:   curtain.Add(time.Duration(rapid.IntRange(0, 999_999).Draw(t, "µs")) * time.Microsecond),
		began: map[string]int{}, filed: map[string]frozenRecord{},
	}
	w.send(t, w.create(t))
	return w
}

func drawRules(t *rapid.T) Rules {
	grace := rapid.SampledFrom([]time.Duration{0, 3 * time.Second, 2 * time.Minute})
	return Rules{
		Grace: grace.Draw(t, "grace"), WaitingGrace: grace.Draw(t, "waiting grace"),
		Idle: rapid.SampledFrom([]time.Duration{30 * time.Second, 2 * time.Hour}).Draw(t, "idle"),
	}
}

// drawName may be anything that the web lets through.
func drawName(t *rapid.T) string {
	return rapid.SampledFrom([]string{"Ann", "<b>&\"Bob\"", "Łukasz 🏳️‍🌈", "\u2028", "key"}).Draw(t, "name")
}

// fresh is a key or a round id that nobody has had before.
func (w *world) fresh(kind string) string {
	w.issued++
	return fmt.Sprintf("%s-%d", kind, w.issued)
}

func (w *world) create(t *rapid.T) Command {
	return Create{
		Code: "a1b2c3", Key: w.fresh("key"), Name: drawName(t), Who: drawWho(t), Rules: drawRules(t),
		Open: rapid.Bool().Draw(t, "open"), RoundID: w.fresh("id"),
		Turn:     rapid.SampledFrom([]time.Duration{0, 0, 5 * time.Second, 2 * time.Minute}).Draw(t, "turn"),
		Computer: rapid.SampledFrom([]game.Level{"", "", game.Easy, game.Perfect}).Draw(t, "computer"),
	}
}

func (w *world) join(t *rapid.T) Command {
	return Join{
		Key: w.fresh("key"), Name: drawName(t), Who: drawWho(t), RoundID: w.fresh("id"),
		Matched: rapid.Bool().Draw(t, "matched"),
	}
}

// drawWho is nobody's identity, or one of a few: perhaps the same on both seats.
func drawWho(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "who-1", "who-2"}).Draw(t, "who")
}

func (w *world) player(t *rapid.T) string {
	return w.state.Player(rapid.SampledFrom([]Seat{Host, Guest}).Draw(t, "seat")).Key
}

func server(t *rapid.T) string { return rapid.SampledFrom(serverNames).Draw(t, "server") }

// play makes some moves by turns, as two players would who see the board.
func (w *world) play(t *rapid.T) {
	for range rapid.IntRange(1, 5).Draw(t, "moves") {
		board := w.state.Board()
		if w.state.Phase != Playing || w.state.Player(w.state.ToMove()).Computer != "" {
			return
		}
		var free []int
		for cell, m := range board {
			if m == 0 {
				free = append(free, cell)
			}
		}
		m := Move{Key: w.state.Host.Key, Cell: rapid.SampledFrom(free).Draw(t, "cell"), Round: w.state.Round, Ply: w.state.Ply()}
		if w.state.MarkOf(Host) != board.Turn() {
			m.Key = w.state.Guest.Key
		}
		if w.send(t, m) == nil {
			t.Fatalf("%+v came to nothing", m)
		}
		// It may be sent again, also after it has ended the round.
		if events, err := Decide(w.state, m, w.now); events != nil || err != nil {
			t.Fatalf("%+v again: %v, %v", m, events, err)
		}
	}
}

// visit is what brings people into the room.
func (w *world) visit(t *rapid.T) {
	if !w.state.Guest.Taken() {
		w.send(t, w.join(t))
	}
	w.send(t, Attach{Key: w.player(t), Server: server(t)})
	if rapid.Bool().Draw(t, "watched") {
		w.send(t, Watch{})
	}
}

// again is what two people do who want to play on.
func (w *world) again(t *rapid.T) {
	if rapid.Bool().Draw(t, "resign") {
		w.send(t, Resign{Key: w.player(t)})
	}
	w.send(t, Rematch{Key: w.player(t), RoundID: w.fresh("id")})
	w.send(t, Rematch{Key: w.player(t), RoundID: w.fresh("id")})
}

// part is a guest who goes and another who comes, perhaps to play a bit.
func (w *world) part(t *rapid.T) {
	w.send(t, Leave{Key: w.state.Guest.Key})
	w.visit(t)
	w.play(t)
}

// hostile is anything at all, with a key that may be old, wrong or empty.
func (w *world) hostile(t *rapid.T) { w.send(t, w.anything(t)) }

func (w *world) anything(t *rapid.T) Command {
	key := rapid.SampledFrom([]string{"", "key-1", "key-x", w.state.Host.Key, w.state.Guest.Key,
		fmt.Sprintf("key-%d", rapid.IntRange(1, w.issued+1).Draw(t, "n"))}).Draw(t, "key")
	number := rapid.IntRange(-1, 10)
	return rapid.SampledFrom([]Command{
		w.create(t), w.join(t), Look{}, Watch{},
		Attach{Key: key, Server: server(t)}, Detach{Key: key, Server: server(t)},
		Move{Key: key, Cell: number.Draw(t, "cell"), Round: number.Draw(t, "round"), Ply: number.Draw(t, "ply")},
		Rematch{Key: key, RoundID: w.fresh("id")}, Resign{Key: key}, Leave{Key: key}, Expire{Server: server(t), Indexed: rapid.Bool().Draw(t, "indexed")},
	}).Draw(t, "command")
}

// servers is what becomes of servers and of the sockets on them.
func (w *world) servers(t *rapid.T) {
	since := At(w.now).Add(-time.Duration(rapid.IntRange(0, 300).Draw(t, "since")) * time.Second)
	w.send(t, rapid.SampledFrom([]Command{
		Lost{Server: server(t)}, Resume{UpSince: since, Rules: drawRules(t)},
		Detach{Key: w.player(t), Server: server(t)}, Detach{Key: w.player(t), Server: server(t)},
		Attach{Key: w.player(t), Server: server(t)}, Attach{Key: w.player(t), Server: server(t)},
	}).Draw(t, "command"))
}

// wait lets time go by, or turns to a server whose clock is a bit behind. Then
// somebody may look.
func (w *world) wait(t *rapid.T) {
	on := server(t)
	due := w.state.DueOn(on).Sub(At(w.now))
	w.now = w.now.Add(rapid.SampledFrom([]time.Duration{
		0, -time.Second, time.Millisecond, time.Second, 10 * time.Second, time.Minute, due, due - time.Millisecond, due + time.Hour,
	}).Draw(t, "wait"))
	if rapid.Bool().Draw(t, "expire") {
		w.send(t, Expire{Server: on, Indexed: rapid.Bool().Draw(t, "indexed")})
	}
}

// fork goes on from an old state in another way than history did: what came
// of it then must not change by that (checked at the end, see close).
func (w *world) fork(t *rapid.T) {
	s := rapid.SampledFrom(w.past).Draw(t, "past").state
	for range 3 {
		if events, err := Decide(s, w.anything(t), w.now); err == nil {
			s = Fold(s, events)
		}
	}
}

// close sends everybody away and lets time do the rest: nothing may be left.
func (w *world) close(t *rapid.T) {
	for _, name := range serverNames {
		w.send(t, Lost{Server: name})
	}
	for range 20 { // a round against the computer has nine moves
		w.now = w.now.Add(max(0, w.state.Due().Sub(At(w.now))))
		w.send(t, Expire{})
	}
	if !w.state.Gone() {
		t.Errorf("nobody is there, and the room is still open: %+v", w.state)
	}
	for _, c := range []Command{w.join(t), Look{}, Watch{}, Expire{}, Lost{}, Resume{UpSince: At(w.now)}, Leave{Key: "key-1"}} {
		if events, err := Decide(w.state, c, w.now); events != nil || err != NotFound {
			t.Errorf("%T in a closed room: %v, %v", c, events, err)
		}
	}
	w.checkHistory(t)
}

// send decides and commits a command and checks what came of it.
func (w *world) send(t *rapid.T, c Command) []Event {
	before := freeze(t, w.state)
	events, err := Decide(w.state, c, w.now)
	before.check(t, fmt.Sprintf("deciding %+v", c))
	if err != nil || len(events) == 0 {
		if _, ok := err.(Refusal); err != nil && !ok || events != nil {
			t.Fatalf("%+v: %v, %v is neither a refusal nor nothing to do", c, events, err)
		}
		return nil
	}
	w.state = Fold(w.state, events)
	before.check(t, fmt.Sprintf("applying %+v", events))
	w.past = append(w.past, freeze(t, w.state))
	w.log = append(w.log, slices.Clone(events))
	w.check(t, c, before.state, events)
	return events
}
