package load

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"tictac/game"
	"tictac/socket"
)

// A relayRoom is two sockets to a server that forwards every message of one to
// both. They take turns in sending what looks like a move.
type relayRoom struct {
	g     *generator
	tally *tally
	code  string

	mu      sync.Mutex
	lines   [2]*relayLine
	begun   bool
	n       int   // messages sent
	movedAt int64 // when the newest was due, or sent
	pace    pace

	received, sent int64
}

// A relayLine is a member's connection, as its socket.Handler.
type relayLine struct {
	r    *relayRoom
	seat seat
	sock socket.Conn
	seen int  // messages that came
	say  bool // the newest message is to be sent
}

func newRelayRoom(g *generator, no int, tally *tally, pace pace) *relayRoom {
	return &relayRoom{g: g, tally: tally, code: fmt.Sprintf("%06x", no), pace: pace}
}

// relayed appends the n-th message of a room, which is by host and guest in turn.
func relayed(dst []byte, n int) []byte {
	return appendMove(dst, n%game.Cells, 1+n/game.Cells, n%game.Cells)
}

// Message implements socket.Handler.
func (l *relayLine) Message(text []byte) {
	r := l.r
	r.mu.Lock()
	r.received += int64(len(text) + headerSize(len(text)))
	wake := l.hear(text)
	r.mu.Unlock()
	wake.wake()
}

// hear checks a message and answers the opponent's.
func (l *relayLine) hear(text []byte) (wake *relayLine) {
	r := l.r
	var space [80]byte
	if want := relayed(space[:0], l.seen); l.seen >= r.n || !bytes.Equal(text, want) {
		r.g.book.wrongBoard(fmt.Sprintf("message %d of room %s was to be %s: %s", l.seen, r.code, want, text))
		return nil
	}
	l.seen++
	if seat(l.seen%2) != l.seat || l.seen != r.n { // one's own, or an old one
		return nil
	}
	r.tally.add(r.g.now() - r.movedAt)
	return r.turn()
}

// turn has the next message sent if it is due.
func (r *relayRoom) turn() (wake *relayLine) {
	l := r.lines[r.n%2]
	if !r.begun || r.g.still.Load() || l == nil || l.seen != r.n {
		return nil
	}
	at, owed := r.g.now(), true
	if r.g.cfg.paced() {
		at, owed = r.pace.take()
	}
	if !owed {
		return nil
	}
	r.n++
	r.movedAt, l.say = at, true
	return l
}

// Output implements socket.Handler.
func (l *relayLine) Output(dst []byte) []byte {
	r := l.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if !l.say {
		return dst
	}
	var space [80]byte
	n := len(dst)
	dst = socket.AppendMasked(dst, relayed(space[:0], r.n-1))
	r.sent += int64(len(dst) - n)
	l.say = false
	return dst
}

// Chatter implements socket.Handler.
func (*relayLine) Chatter() {}

// Closed implements socket.Handler.
func (l *relayLine) Closed(code int) {
	r := l.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lines[l.seat] != l {
		return
	}
	r.lines[l.seat] = nil
	r.g.connected.Add(-1)
	if !r.g.ending.Load() {
		r.g.fail(fmt.Sprintf("closed with %d", code))
	}
}

func (l *relayLine) wake() {
	if l != nil {
		l.sock.Wake()
	}
}

// open needs no seats of a relay.
func (r *relayRoom) open(context.Context) error { return nil }

func (r *relayRoom) connect(ctx context.Context) error {
	for s := range r.lines {
		began := r.g.now()
		nc, early, err := r.g.target.dial(ctx, r.code)
		if err != nil {
			return err
		}
		r.g.engine.Add(nc, early, func(c socket.Conn) socket.Handler { return r.connected(seat(s), c, began) })
	}
	if r.g.playing.Load() {
		r.begin()
	}
	return nil
}

func (r *relayRoom) connected(s seat, c socket.Conn, began int64) *relayLine {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &relayLine{r: r, seat: s, sock: c}
	r.lines[s] = l
	r.g.connected.Add(1)
	r.g.book.note(func(b *book) { record(b.connect, r.g.now()-began) })
	if r.lines[s.other()] != nil {
		r.g.complete.Add(1)
	}
	return l
}

func (r *relayRoom) begin() {
	r.mu.Lock()
	r.begun = r.lines[host] != nil && r.lines[guest] != nil
	wake := r.turn()
	r.mu.Unlock()
	wake.wake()
}

func (r *relayRoom) due(at int64) {
	r.mu.Lock()
	var wake *relayLine
	if r.begun {
		r.pace.owe(at)
		wake = r.turn()
	}
	r.mu.Unlock()
	wake.wake()
}

func (r *relayRoom) quiet() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lines {
		if l != nil && l.seen != r.n {
			return false
		}
	}
	return true
}

func (r *relayRoom) traffic() (received, sent int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.received, r.sent
}

func (r *relayRoom) leave() { r.hangUp() }

func (r *relayRoom) hangUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lines {
		if l != nil {
			l.sock.Drop()
		}
	}
}
