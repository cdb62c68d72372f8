package socket

import (
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gobwas/ws"
	"golang.org/x/sys/unix"
)

// A loopConn is a socket of a loop.
type loopConn struct {
	loop       *loop
	handler    Handler
	fd         int
	generation int32

	// Owned by the reading goroutine.
	in    input
	fresh bool // what was read too early is in in.pending
	ended bool // nothing is read any more

	unanswered atomic.Int32

	mu        sync.Mutex
	todo      todo
	rest      []byte // what the socket did not take yet
	queued    bool   // in loop.dirty
	writing   bool   // in flush
	last      bool   // a close frame is written or about to be: nothing follows
	stage     stage
	closeCode int // of the close frame that was asked for, or 0
	code      int // what Closed is told
	timeout   *time.Timer
}

// A stage says how far a socket's end has come.
type stage uint8

const (
	open      stage = iota
	finishing       // over once what waits is written
	over            // over as soon as nobody writes
	closed          // the descriptor is not ours any more
)

func (c *loopConn) Wake() { c.send(func(t *todo) { t.output = true }) }

func (c *loopConn) Ping() {
	c.unanswered.Add(1)
	c.send(func(t *todo) { t.pings++ })
}

func (c *loopConn) Unanswered() int { return int(c.unanswered.Load()) }

func (c *loopConn) Close(code int, reason string) {
	c.send(func(t *todo) {
		if c.closeCode != 0 {
			return
		}
		c.closeCode = code
		t.closes(ws.NewCloseFrameBody(ws.StatusCode(code), reason))
		if len(c.rest) > 0 {
			c.hurryLocked()
		}
	})
}

// hurryLocked bounds the time that a peer who neither reads nor answers is waited
// for. It counts from when the end was offered to the socket, or what lies before
// it: how long that takes is for a busy server no fault of the peer's.
func (c *loopConn) hurryLocked() {
	if c.timeout == nil {
		c.timeout = time.AfterFunc(closeTimeout, c.Drop)
	}
}

// Drop has the reading goroutine find the socket at its end.
func (c *loopConn) Drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stage != closed {
		_ = unix.Shutdown(c.fd, unix.SHUT_RDWR)
	}
}

// send notes something to send and has it sent.
func (c *loopConn) send(note func(*todo)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last || c.stage != open {
		return
	}
	note(&c.todo)
	if !c.todo.empty() && len(c.rest) == 0 {
		c.queueLocked()
	}
}

func (c *loopConn) queueLocked() {
	if !c.queued {
		c.queued = true
		c.loop.soil(c)
	}
}

// begin has what was noted before there was a handler sent.
func (c *loopConn) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queued = false
	if !c.todo.empty() {
		c.queueLocked()
	}
}

// flush writes what there is to write and the socket takes.
func (c *loopConn) flush(buf []byte) []byte {
	rest, t, ok := c.take()
	if !ok {
		return buf
	}
	ours := len(rest) > 0 // the rest from before lies in memory of its own
	if !ours {
		if t.output {
			buf = c.output(buf)
		}
		buf = t.appendControls(buf, c.loop.engine.cfg)
		rest = buf
	}
	n, err := writeAll(c.fd, rest)
	if rest = rest[n:]; !ours {
		rest = slices.Clone(rest) // the buffer is the loop's
	}
	c.put(rest, err)
	return buf
}

// take hands over what is to be sent now: what is left from before, or else
// what has been noted since. Nothing follows a close frame.
func (c *loopConn) take() (rest []byte, t todo, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queued = false
	if c.stage >= over {
		return nil, t, false
	}
	c.writing = true
	rest, c.rest = c.rest, nil
	if len(rest) == 0 {
		t, c.todo = c.todo, todo{}
		c.last = c.last || t.last()
	}
	return rest, t, true
}

// put notes what a write has left. The socket is written to again when there is
// something new, or when it takes more (see ready).
func (c *loopConn) put(rest []byte, err error) {
	c.mu.Lock()
	c.writing = false
	if len(rest) > 0 && err == nil {
		c.rest = rest
	} else if !c.todo.empty() {
		c.queueLocked()
	}
	if err != nil {
		c.rest, c.last = nil, true
		_ = unix.Shutdown(c.fd, unix.SHUT_RDWR) // the reading goroutine sees it
		if c.stage == finishing {
			c.stage = over
		}
	}
	end := c.endLocked()
	if c.closeCode != 0 && !end {
		c.hurryLocked()
	}
	c.mu.Unlock()
	if end {
		c.finish()
	}
}

func (c *loopConn) output(dst []byte) (out []byte) {
	out = dst
	defer c.loop.engine.cfg.guard(c)
	return c.handler.Output(dst)
}

// writeAll writes until all is written or the socket takes no more.
func writeAll(fd int, b []byte) (n int, err error) {
	for n < len(b) {
		m, err := syscall.Write(fd, b[n:]) // of syscall: the race detector sees what goes from socket to socket
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			return n, nil
		case err != nil:
			return n, err
		default:
			n += m
		}
	}
	return n, nil
}

// ready is told by the loop that something has happened to the socket.
func (c *loopConn) ready(flags uint32, buf []byte) {
	if flags&unix.EPOLLOUT != 0 {
		c.mu.Lock()
		if c.stage < over && (len(c.rest) > 0 || c.writing) { // if it is just being written, it may have been full a moment ago
			c.queueLocked()
		}
		c.mu.Unlock()
	}
	if c.fresh { // the poller tells at once that it can be written
		c.fresh = false
		c.took(nil)
	}
	const gone = unix.EPOLLHUP | unix.EPOLLERR
	switch {
	case c.ended && flags&gone != 0: // nobody is there to take what is still to be written
		c.end(Lost, false)
	case c.ended:
	case flags&(unix.EPOLLIN|unix.EPOLLPRI|unix.EPOLLRDHUP|gone) != 0:
		c.receive(buf, flags&(unix.EPOLLRDHUP|unix.EPOLLPRI|gone) != 0)
	}
}

// receive reads what has come. A read that does not fill the buffer has taken all,
// unless the peer has said that it was the last, or that some of it is urgent (a
// read stops there): then it reads to the end. From a socket with more than fits, it
// goes on after others had their turn.
func (c *loopConn) receive(buf []byte, toEnd bool) {
	for !c.ended {
		n, err := syscall.Read(c.fd, buf)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return
		case err != nil || n == 0:
			c.end(Lost, false)
			return
		}
		c.took(buf[:n])
		if n == len(buf) && !c.ended {
			if err := c.loop.poller.again(c.fd, c.generation); err != nil {
				c.end(Lost, false)
			}
			return
		}
		if !toEnd {
			return
		}
	}
}

// took reads bytes that have come.
func (c *loopConn) took(b []byte) {
	if end, code := c.in.take(b, c); end {
		c.end(code, true)
	}
}

// end is called by the reading goroutine when nothing is read any more; the
// answer to a close frame is still written.
func (c *loopConn) end(code int, answer bool) {
	c.ended = true
	c.mu.Lock()
	if c.stage == open {
		c.code, c.stage = code, finishing
	}
	if c.stage == finishing && !answer {
		c.stage = over
	}
	end := c.endLocked()
	c.mu.Unlock()
	if end {
		c.finish()
	}
}

// endLocked reports whether it is for the caller to finish, which happens once.
func (c *loopConn) endLocked() bool {
	waits := c.writing || c.stage == finishing && (len(c.rest) > 0 || !c.todo.empty())
	if waits || c.stage != finishing && c.stage != over {
		return false
	}
	c.stage = closed
	return true
}

// finish gives the descriptor back and tells the handler.
func (c *loopConn) finish() {
	c.loop.remove(c)
	if c.fd >= 0 {
		_ = unix.Close(c.fd)
	}
	if c.timeout != nil {
		c.timeout.Stop()
	}
	code := c.code
	if c.closeCode != 0 {
		code = c.closeCode
	}
	defer c.loop.engine.sockets.Done()
	defer c.loop.engine.cfg.guard(c)
	c.handler.Closed(code)
}

// accept, deliver, chatter, control and protocolError are what c.in tells.

func (c *loopConn) accept(h ws.Header, sofar int) bool {
	return c.loop.engine.cfg.accept(h, sofar, c)
}

func (c *loopConn) deliver(message []byte) {
	c.mu.Lock()
	closing := c.closeCode != 0
	c.mu.Unlock()
	if !closing {
		c.loop.engine.cfg.deliver(message, c, c.handler)
	}
}

func (c *loopConn) chatter() { c.loop.engine.cfg.chatter(c, c.handler) }

func (c *loopConn) control(op ws.OpCode, payload []byte) (end bool, code int) {
	switch op {
	case ws.OpPing:
		pong := append([]byte{}, payload...)
		c.send(func(t *todo) { t.pong(pong) })
	case ws.OpPong:
		c.unanswered.Store(0)
	case ws.OpClose:
		answer, status := c.loop.engine.cfg.closeAnswer(payload)
		c.Close(answer, "")
		return true, status
	}
	return false, 0
}

func (c *loopConn) protocolError() { c.Close(ProtocolError, "protocol error") }
