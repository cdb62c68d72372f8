package web

import (
	"context"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/socket"
)

// Close codes of the protocol (docs/protocol.md), besides those of package socket.
const (
	closePolicy   = 1008 // no hello, or a flood that goes on
	closeRestart  = 1012 // the server is stopping
	closeTryLater = 1013
	closeGone     = 4000 // the room is gone, or this seat was given up
	closeBadSeat  = 4001
)

const (
	// helloWithin is how long a socket may stay without a hello.
	helloWithin = 10 * time.Second
	// A flood of this many messages over the limit within floodWithin closes
	// the socket.
	floodLimit  = 100
	floodWithin = 10 * time.Second
	// Who asks without reading the answers is cut off at this many bytes of
	// them, or messages waiting for one.
	maxOutput = 64 << 10
	maxInbox  = 256
)

// A conn is one player's or spectator's socket: the wire protocol, as a
// socket.Handler on one side and a play.Watcher on the other.
type conn struct {
	server *Server
	code   string
	addr   netip.Prefix
	sock   socket.Conn
	pinged time.Time // owned by the server's keeper, as is look
	look   time.Time // when it is to look at this one again, unless it is stirred; at first: when hello must have been said

	stirred atomic.Bool // there is a new view: the room may have become lively

	mu      sync.Mutex
	busy    bool // somebody is working through the inbox
	leaving bool // the server is stopping: nothing is taken any more
	ended   bool // closed or closing: nothing is taken or told any more
	helloed bool // hello was said
	seated  bool // hello was answered with welcome
	dirty   bool // the view is to be sent
	seat    room.Seat
	reacted [2]uint8  // of host and guest: the gesture to be sent, counted from 1
	inbox   []message // taken, waiting for the answer of the one before
	session *play.Session
	out     []byte     // answers to send, before the view
	sent    *play.View // the one sent last

	flood *flood // nil until the first message over a limit

	rate    bucket // owned by who calls Message, as is chatter
	chatter bucket
}

// Message implements socket.Handler. Messages are taken in order: one is
// looked at when the one before has been answered.
func (c *conn) Message(text []byte) {
	m, ok := c.admit(text)
	if !ok {
		return
	}
	c.mu.Lock()
	if c.ended || c.leaving {
		c.mu.Unlock()
		return
	}
	waits, full := c.busy, len(c.inbox) >= maxInbox
	if waits {
		c.inbox = append(c.inbox, m)
	}
	c.busy = true
	c.mu.Unlock()
	switch {
	case waits && full:
		c.close(closePolicy, "too many messages")
	case !waits && !c.handle(&m):
		c.work()
	}
}

// work takes messages from the inbox until it is empty or one has to wait for
// the room, whose answer goes on with it.
func (c *conn) work() {
	for {
		c.mu.Lock()
		if len(c.inbox) == 0 || c.ended {
			c.inbox, c.busy = nil, false
			c.mu.Unlock()
			return
		}
		m := c.inbox[0]
		c.inbox = c.inbox[1:]
		c.mu.Unlock()
		if waits := c.handle(&m); waits {
			return
		}
	}
}

// handle carries out one message and reports whether its answer is to come.
func (c *conn) handle(m *message) (waits bool) {
	if !c.helloed && m.err != tooFast && m.kind != "hello" {
		c.close(closePolicy, "say hello first")
		return false
	}
	switch {
	case m.err != "":
		c.refuse(m.err, m.asked())
	case m.kind == "hello" && c.helloed:
		c.refuse(badMessage, m.asked())
	case m.kind == "ping":
		c.reply(func(out []byte) []byte { return appendPong(out, m.t) })
	case m.kind == "hello":
		c.hello(m)
		return true
	case m.kind == "react":
		c.react(m)
	default:
		c.command(m)
		return true
	}
	return false
}

// hello answers with welcome and a view, or closes the socket with the reason.
func (c *conn) hello(m *message) {
	c.helloed = true
	to := m.asked()
	if wait := c.server.unknown.wait(c.addr, time.Now()); wait > 0 {
		c.server.countRefusal(tooManyRequests)
		c.close(closeTryLater, "too many unknown codes")
		return
	}
	if m.hasSeat && m.seat == "" {
		c.welcome(0, room.BadSeat, to)
		return
	}
	session, err := c.server.cfg.House.Enter(c.code, m.seat, c)
	if err != nil {
		c.welcome(0, err, to)
		return
	}
	c.mu.Lock()
	gone := c.ended
	if !gone {
		c.session = session // Closed closes it
	}
	c.mu.Unlock()
	if gone { // the keeper, or Drain, has closed the socket meanwhile
		session.Close()
		return
	}
	session.Hello(func(seat room.Seat, err error) { c.welcome(seat, err, to) })
}

func (c *conn) welcome(seat room.Seat, err error, to asked) {
	defer c.guard()
	switch err {
	case nil:
		c.sit(seat)
	case room.NotFound:
		c.server.unknown.owe(c.addr, time.Now())
		c.reply(func(out []byte) []byte { return appendClosed(out, "not_found") })
		c.close(closeGone, "not_found")
	case room.BadSeat:
		c.close(closeBadSeat, "this seat is not valid")
	default:
		c.refuse(play.Unavailable, to)
		c.close(closeTryLater, "unavailable")
	}
	c.work()
}

// sit makes the socket one that is told of the room.
func (c *conn) sit(seat room.Seat) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.seat, c.seated, c.dirty = seat, true, true
	c.stirred.Store(true)
	c.out = appendWelcome(c.out, seat)
	c.server.metrics.seated(seat, 1)
	if c.session.View().State.HasPlayed(seat) {
		c.server.metrics.returned()
	}
	c.sock.Wake()
}

// guard ends this one socket when what is done for it on a room's goroutine
// panics.
func (c *conn) guard() {
	if p := recover(); p != nil {
		c.server.panicked(p, debug.Stack())
		c.close(socket.InternalError, "")
	}
}

func (c *conn) command(m *message) {
	to := m.asked() // what is kept for the answer is little
	answer := func(changed bool, err error) { c.answer(to, changed, err) }
	switch m.kind {
	case "move":
		c.session.Move(m.cell, m.round, m.ply, answer)
	case "rematch":
		c.session.Rematch(answer)
	case "resign":
		c.session.Resign(answer)
	case "leave":
		c.session.Leave(answer)
	}
}

// answer tells how a command went, and goes on with the inbox.
func (c *conn) answer(to asked, changed bool, err error) {
	defer c.guard()
	switch {
	case err == nil && changed: // the view is on its way
	case err == nil:
		c.show()
	case err == room.NotFound: // the view says how it closed
		c.show()
	default:
		c.refuse(err.(room.Refusal), to)
	}
	c.work()
}

// leave takes no more messages.
func (c *conn) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = true
}

// settle waits until the messages that were taken are answered.
func (c *conn) settle(ctx context.Context) {
	for busy := true; busy && ctx.Err() == nil; {
		c.mu.Lock()
		busy = c.busy && !c.ended
		c.mu.Unlock()
		if busy {
			time.Sleep(time.Millisecond)
		}
	}
}

// Closed implements socket.Handler.
func (c *conn) Closed(code int) {
	c.mu.Lock()
	c.ended = true
	session, seated := c.session, c.seated
	c.mu.Unlock()
	if seated {
		c.server.metrics.seated(c.seat, -1)
	}
	if session != nil {
		session.Close()
	}
	c.server.remove(c, code)
}
