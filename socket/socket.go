// Package socket carries WebSocket messages (RFC 6455), on the server's side or
// the client's. It hands complete text messages to a Handler and asks it what to
// send when the socket can take more, so nothing ever queues behind a slow reader.
// It knows nothing of games.
package socket

import (
	"net"
	"runtime/debug"
	"time"
	"unicode/utf8"

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

	// Chatter tells of a frame that brings no message: a ping, a pong, a close, or
	// a part of a message.
	Chatter()

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

	// Close waits and then ends the engine. It may be called again.
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

// accept looks at the header of a data frame before anything of its payload is
// read. When it closes the socket, reading goes on until the peer's answer.
func (c Config) accept(h ws.Header, sofar int, sock Conn) bool {
	switch {
	case h.OpCode == ws.OpBinary:
		sock.Close(Unsupported, "text only")
	case h.Length > int64(c.MaxMessage-sofar):
		sock.Close(TooBig, "message too big")
	default:
		return true
	}
	return false
}

// chatter tells of a frame that brings no message.
func (c Config) chatter(sock Conn, to Handler) {
	defer c.guard(sock)
	to.Chatter()
}

// deliver hands a message over, unless it is no text.
func (c Config) deliver(message []byte, sock Conn, to Handler) {
	if !utf8.Valid(message) {
		sock.Close(NotUTF8, "text is not UTF-8")
		return
	}
	defer c.guard(sock)
	to.Message(message)
}
