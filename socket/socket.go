// Package socket carries WebSocket messages (RFC 6455), on the server's side or
// the client's. It hands complete text messages to a Handler and asks it what to
// send when the socket can take more, so nothing ever queues behind a slow reader.
// It knows nothing of games.
package socket

import (
	"net"
	"runtime/debug"
	"time"

	"github.com/gobwas/ws"
)

// MaxMessage is the size in bytes that a message may have if nothing else is
// said.
const MaxMessage = 1024

// closeTimeout is how long the peer has to take a close frame and answer it.
const closeTimeout = 3 * time.Second

// Close codes used here (RFC 6455, section 7.4.1).
const (
	Normal        = 1000
	ProtocolError = 1002
	Unsupported   = 1003
	Lost          = 1006 // never sent: the socket ended without a close frame
	NotUTF8       = 1007
	TooBig        = 1009
	InternalError = 1011
)

// A Handler is the program's side of one socket. Its methods are never called
// two at once except Output, which may run beside the others. None may block.
type Handler interface {
	// Message takes a complete text message, valid UTF-8 of at most the bytes
	// that are allowed. The slice is valid during the call only.
	Message(text []byte)

	// Output appends frames (see AppendText) to dst and returns it. It is
	// called some time after Wake, when all output before has been written.
	Output(dst []byte) []byte

	// Closed is the last call: the socket is gone, with the close code sent or
	// received, or Lost.
	Closed(code int)
}

// A Conn is one open socket, as its Handler uses it. Its methods never block
// and may be called from anywhere, also after the socket is gone.
type Conn interface {
	// Wake says that the Handler has something new to send. However often it
	// is called, Output is asked once when there is room.
	Wake()

	// Ping sends a ping as soon as there is room.
	Ping()

	// Unanswered is the number of pings since the last pong.
	Unanswered() int

	// Close sends what Output still has, then a close frame, and gives the
	// client a few seconds to answer it. Messages are not taken any more.
	Close(code int, reason string)

	// Drop ends the connection at once, without a close frame.
	Drop()
}

// An Engine reads and writes sockets. There may be several ways to do that; all
// keep the promises of Handler and Conn.
type Engine interface {
	// Add takes over a connection after its WebSocket handshake, with the
	// bytes that were read too early. open is called before any message.
	Add(nc net.Conn, early []byte, open func(Conn) Handler)

	// Wait returns when all sockets are gone. None may be added meanwhile.
	Wait()

	// Close waits and then ends the engine.
	Close()
}

// Config is what an engine is told about its sockets.
type Config struct {
	// Client says that these are the clients' ends: what they send is masked, by
	// the Handler with AppendMasked.
	Client bool

	// MaxMessage is the size in bytes that a message from the peer may have; a
	// larger one closes the socket with TooBig. Default: the constant MaxMessage.
	MaxMessage int

	// Panicked is told of a panic in a Handler, which ends that one socket.
	Panicked func(value any, stack []byte)
}

func (c Config) withDefaults() Config {
	if c.MaxMessage == 0 {
		c.MaxMessage = MaxMessage
	}
	if c.Panicked == nil {
		c.Panicked = func(any, []byte) {}
	}
	return c
}

// state is what is expected of the peer's first frame.
func (c Config) state() ws.State {
	if c.Client {
		return ws.StateClientSide
	}
	return ws.StateServerSide
}

// guard, deferred, ends the socket whose handler panics, and nothing else.
func (c Config) guard(sock Conn) {
	if p := recover(); p != nil {
		c.Panicked(p, debug.Stack())
		sock.Close(InternalError, "")
	}
}

// control is a control frame; its payload has at most 125 bytes.
func (c Config) control(dst []byte, op ws.OpCode, payload []byte) []byte {
	if c.Client {
		return appendMasked(dst, op, payload)
	}
	return append(append(dst, 0x80|byte(op), byte(len(payload))), payload...)
}

// A todo is what is to be sent, in this order.
type todo struct {
	output bool
	pings  int
	pong   []byte // nil if no ping is to be answered
	closes []byte // nil if no close frame is to be sent, which is the last
}

func (t todo) empty() bool {
	return !t.output && t.pings == 0 && t.pong == nil && t.closes == nil
}

// appendControls appends what t has besides output.
func (t todo) appendControls(dst []byte, c Config) []byte {
	for range t.pings {
		dst = c.control(dst, ws.OpPing, nil)
	}
	if t.pong != nil {
		dst = c.control(dst, ws.OpPong, t.pong)
	}
	if t.closes != nil {
		dst = c.control(dst, ws.OpClose, t.closes)
	}
	return dst
}

// closeAnswer is the code by which a client's close frame is answered: its own,
// if it makes sense. status is the code that it came with, 0 or 1005 for none.
func closeAnswer(payload []byte) (answer, status int) {
	code, reason := ws.ParseCloseFrameData(payload)
	switch {
	case len(payload) == 0:
		return Normal, int(code)
	case ws.CheckCloseFrameData(code, reason) != nil, code >= 5000: // 5000 and up mean nothing
		return ProtocolError, int(code)
	}
	return int(code), int(code)
}

// AppendText appends a server's text frame.
func AppendText(dst, text []byte) []byte {
	return append(AppendHeader(dst, len(text)), text...)
}

// AppendHeader appends the header of a server's text frame with n bytes to come.
func AppendHeader(dst []byte, n int) []byte { return appendHeader(dst, ws.OpText, 0, n) }

// AppendMasked appends a client's text frame.
func AppendMasked(dst, text []byte) []byte { return appendMasked(dst, ws.OpText, text) }

func appendMasked(dst []byte, op ws.OpCode, payload []byte) []byte {
	mask := ws.NewMask()
	dst = append(appendHeader(dst, op, 0x80, len(payload)), mask[:]...)
	n := len(dst)
	dst = append(dst, payload...)
	ws.Cipher(dst[n:], mask, 0)
	return dst
}

// appendHeader appends all of a header but the mask (RFC 6455, section 5.2).
func appendHeader(dst []byte, op ws.OpCode, masked byte, n int) []byte {
	first := 0x80 | byte(op)
	switch {
	case n < 126:
		return append(dst, first, masked|byte(n))
	case n < 1<<16:
		return append(dst, first, masked|126, byte(n>>8), byte(n))
	}
	return append(dst, first, masked|127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}
