// Package socket carries WebSocket messages (RFC 6455) on the server's side. It
// hands complete text messages to a Handler and asks it what to send when the
// socket can take more, so nothing ever queues behind a slow reader. It knows
// nothing of games.
package socket

import (
	"net"

	"github.com/gobwas/ws"
)

// MaxMessage is the size in bytes that a message from a client may have.
const MaxMessage = 1024

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
	// Message takes a complete text message, valid UTF-8 of at most MaxMessage
	// bytes. The slice is valid during the call only.
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
}

// AppendText appends a text frame.
func AppendText(dst, text []byte) []byte {
	return append(AppendHeader(dst, len(text)), text...)
}

// AppendHeader appends the header of a text frame with n bytes to come.
func AppendHeader(dst []byte, n int) []byte {
	const final, text = 0x80, byte(ws.OpText)
	switch {
	case n < 126:
		return append(dst, final|text, byte(n))
	case n < 1<<16:
		return append(dst, final|text, 126, byte(n>>8), byte(n))
	}
	return append(dst, final|text, 127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// appendControl appends a control frame; its payload has at most 125 bytes.
func appendControl(dst []byte, op ws.OpCode, payload []byte) []byte {
	return append(append(dst, 0x80|byte(op), byte(len(payload))), payload...)
}
