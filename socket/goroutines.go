package socket

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"
)

// readBuffer holds a frame of any message that a game needs; larger ones take
// another read.
const readBuffer = 256

// Goroutines is the Engine with a goroutine per socket to read it, and another
// only while there is something to write. It runs on every system.
type Goroutines struct {
	cfg     Config
	sockets sync.WaitGroup
}

// NewGoroutines makes the engine. It may go without Close.
func NewGoroutines(cfg Config) *Goroutines { return &Goroutines{cfg: cfg.withDefaults()} }

// Add implements Engine.
func (g *Goroutines) Add(nc net.Conn, early []byte, open func(Conn) Handler) {
	c := &conn{engine: g, nc: nc}
	c.flushing = true // until there is a handler to ask: others may use c as soon as open has it
	c.handler = open(c)
	c.begin()
	g.sockets.Go(func() { c.serve(early) })
}

// Wait implements Engine.
func (g *Goroutines) Wait() { g.sockets.Wait() }

// Close implements Engine.
func (g *Goroutines) Close() { g.sockets.Wait() }

type conn struct {
	engine     *Goroutines
	nc         net.Conn
	handler    Handler
	unanswered atomic.Int32
	writers    sync.WaitGroup // the goroutine of flush, if there is one

	mu        sync.Mutex
	todo      todo
	flushing  bool
	writing   bool // flush has begun a write
	hurried   bool
	gone      bool // the reader has ended: nothing is written any more
	closeCode int  // of the close frame that was asked for, or 0
}

func (c *conn) Wake() { c.send(func(t *todo) { t.output = true }) }

func (c *conn) Ping() {
	c.unanswered.Add(1)
	c.send(func(t *todo) { t.pings++ })
}

func (c *conn) Unanswered() int { return int(c.unanswered.Load()) }

func (c *conn) Close(code int, reason string) {
	c.send(func(t *todo) {
		if c.closeCode != 0 {
			return
		}
		c.closeCode = code
		t.closes(ws.NewCloseFrameBody(ws.StatusCode(code), reason))
		if c.writing {
			c.hurryLocked()
		}
	})
}

// hurryLocked bounds the time that a peer who neither reads nor answers is waited
// for. It counts from when the end was offered to the socket, or what lies before
// it: how long that takes is for a busy server no fault of the peer's.
func (c *conn) hurryLocked() {
	if !c.hurried {
		c.hurried = true
		_ = c.nc.SetDeadline(time.Now().Add(closeTimeout))
	}
}

func (c *conn) Drop() { _ = c.nc.Close() }

// send notes something to send and has it sent.
func (c *conn) send(note func(*todo)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return
	}
	note(&c.todo)
	c.flushLocked()
}

// begin has what was noted before there was a handler sent.
func (c *conn) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushing = false
	c.flushLocked()
}

func (c *conn) flushLocked() {
	if !c.flushing && !c.todo.empty() {
		c.flushing = true
		c.writers.Go(c.flush)
	}
}

// flush writes until there is nothing to write.
func (c *conn) flush() {
	var buf []byte
	for {
		t, ok := c.take()
		if !ok {
			return
		}
		buf = buf[:0]
		if t.output {
			buf = c.output(buf)
		}
		buf = t.appendControls(buf, c.engine.cfg)
		c.offer()
		if _, err := c.nc.Write(buf); err != nil {
			c.Drop()
		}
	}
}

// offer notes that a write begins.
func (c *conn) offer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = true
	if c.closeCode != 0 {
		c.hurryLocked()
	}
}

// take hands over what is to be sent now; when that is nothing, flush is over.
// Nothing follows a close frame.
func (c *conn) take() (todo, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = false
	t := c.todo
	c.todo = todo{}
	if t.empty() {
		c.flushing = false
		return t, false
	}
	if t.last() {
		c.gone = true
	}
	return t, true
}

func (c *conn) output(dst []byte) (out []byte) {
	out = dst
	defer c.engine.cfg.guard(c)
	return c.handler.Output(dst)
}

// serve reads until the socket ends.
func (c *conn) serve(early []byte) {
	code := c.read(early)
	c.mu.Lock()
	c.gone = true
	if c.closeCode != 0 {
		code = c.closeCode
	}
	c.mu.Unlock()
	c.Drop()
	c.writers.Wait()
	defer c.engine.cfg.guard(c)
	c.handler.Closed(code)
}

// read takes frames until the close handshake is done or the connection ends.
// It returns the client's close code, or Lost.
func (c *conn) read(early []byte) (code int) {
	var from io.Reader = c.nc
	if len(early) > 0 {
		from = io.MultiReader(bytes.NewReader(early), c.nc)
	}
	r := bufio.NewReaderSize(from, readBuffer)
	var message []byte // of a fragmented message, what has come so far
	state := c.engine.cfg.state()
	for {
		h, err := ws.ReadHeader(r)
		if err != nil && err != ws.ErrHeaderLengthMSB {
			return Lost
		}
		if err != nil || ws.CheckHeader(h, state) != nil {
			c.Close(ProtocolError, "protocol error")
			return c.drain(r)
		}
		if h.OpCode.IsControl() || !h.Fin || h.OpCode == ws.OpContinuation {
			c.engine.cfg.chatter(c, c.handler)
		}
		if h.OpCode.IsControl() {
			if closed, code := c.control(r, h); closed {
				return code
			}
			continue
		}
		state = state.Clear(ws.StateFragmented)
		if !h.Fin {
			state = state.Set(ws.StateFragmented)
		}
		if !c.engine.cfg.accept(h, len(message), c) {
			if _, err := io.CopyN(io.Discard, r, h.Length); err != nil {
				return Lost
			}
			continue
		}
		if message, err = readPayload(r, h, message); err != nil {
			return Lost
		}
		if h.Fin {
			c.deliver(message)
			message = message[:0]
		}
	}
}

// readPayload appends the unmasked payload of a frame to dst.
func readPayload(r io.Reader, h ws.Header, dst []byte) ([]byte, error) {
	n := len(dst)
	dst = append(dst, make([]byte, h.Length)...)
	if _, err := io.ReadFull(r, dst[n:]); err != nil {
		return dst[:n], err
	}
	if h.Masked {
		ws.Cipher(dst[n:], h.Mask, 0)
	}
	return dst, nil
}

// control answers a control frame. A close frame is answered with its own code
// and ends the socket.
func (c *conn) control(r io.Reader, h ws.Header) (closed bool, code int) {
	payload, err := readPayload(r, h, make([]byte, 0, ws.MaxControlFramePayloadSize))
	if err != nil {
		return true, Lost
	}
	switch h.OpCode {
	case ws.OpPing:
		c.send(func(t *todo) { t.pong(payload) })
	case ws.OpPong:
		c.unanswered.Store(0)
	case ws.OpClose:
		answer, status := c.engine.cfg.closeAnswer(payload)
		c.Close(answer, "")
		c.writers.Wait()
		return true, status
	}
	return false, 0
}

func (c *conn) deliver(message []byte) {
	c.mu.Lock()
	closing := c.closeCode != 0
	c.mu.Unlock()
	if !closing {
		c.engine.cfg.deliver(message, c, c.handler)
	}
}

// drain waits for the client's close frame or the end of the connection, so
// that our own close frame is not lost with what was still being received.
func (c *conn) drain(r io.Reader) int {
	_, _ = io.Copy(io.Discard, r) // the deadline set by Close ends it
	return Lost
}
