package socket

import (
	"slices"

	"github.com/gobwas/ws"
)

// A todo is what is to be sent, in this order.
type todo struct {
	output bool
	pings  int32
	rare   *rare // nil as a rule
}

// A rare is what is seldom to be sent, in this order.
type rare struct {
	pong   []byte // nil if no ping is to be answered
	closes []byte // nil if no close frame is to be sent, which is the last
}

func (t todo) empty() bool { return !t.output && t.pings == 0 && t.rare == nil }

// last reports whether there is a close frame in it.
func (t todo) last() bool { return t.rare != nil && t.rare.closes != nil }

func (t *todo) pong(payload []byte) { t.needRare().pong = payload }

func (t *todo) closes(body []byte) { t.needRare().closes = body }

func (t *todo) needRare() *rare {
	if t.rare == nil {
		t.rare = new(rare)
	}
	return t.rare
}

// appendControls appends what t has besides output.
func (t todo) appendControls(dst []byte, c Config) []byte {
	for range t.pings {
		dst = c.control(dst, ws.OpPing, nil)
	}
	if t.rare != nil && t.rare.pong != nil {
		dst = c.control(dst, ws.OpPong, t.rare.pong)
	}
	if t.last() {
		dst = c.control(dst, ws.OpClose, t.rare.closes)
	}
	return dst
}

// closeAnswer is the code by which the peer's close frame is answered: its own,
// if it makes sense. status is the code that it came with, 0 or 1005 for none.
func (c Config) closeAnswer(payload []byte) (answer, status int) {
	code, reason := ws.ParseCloseFrameData(payload)
	switch {
	case len(payload) == 0:
		return Normal, int(code)
	case c.Client && code >= 1012 && code <= 1014: // registered after RFC 6455, for servers
		return int(code), int(code)
	case ws.CheckCloseFrameData(code, reason) != nil, code >= 5000: // 5000 and up mean nothing
		return ProtocolError, int(code)
	}
	return int(code), int(code)
}

// MaxHeader is the size in bytes that the header of a frame has at most.
const MaxHeader = ws.MaxHeaderSize

// AppendText appends a server's text frame.
func AppendText(dst, text []byte) []byte {
	dst = slices.Grow(dst, MaxHeader+len(text))
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

// control is a control frame; its payload has at most 125 bytes.
func (c Config) control(dst []byte, op ws.OpCode, payload []byte) []byte {
	if c.Client {
		return appendMasked(dst, op, payload)
	}
	return append(append(dst, 0x80|byte(op), byte(len(payload))), payload...)
}
