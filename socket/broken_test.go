package socket_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tictac/socket"
)

// Whatever breaks the protocol is told its close code, and is not delivered;
// nor is anything after it.
func testBroken(t *testing.T, newEngine engineMaker) {
	unmasked := []byte{finText, 2, 'h', 'i'}
	for name, c := range map[string]struct {
		code  int
		bytes []byte
	}{
		"unmasked":                      {1002, unmasked},
		"unmasked close":                {1002, []byte{finClose, 0}},
		"reserved bit 1":                {1002, frame(finText|0x40, "hi")},
		"reserved bit 2":                {1002, frame(finText|0x20, "hi")},
		"reserved bit 3":                {1002, frame(finText|0x10, "hi")},
		"reserved bit on ping":          {1002, frame(finPing|0x40, "")},
		"bad opcode 3":                  {1002, frame(0x83, "hi")},
		"bad opcode 7":                  {1002, frame(0x87, "hi")},
		"bad control opcode 11":         {1002, frame(0x8b, "")},
		"bad control opcode 15":         {1002, frame(0x8f, "")},
		"continuation of nothing":       {1002, frame(last, "hi")},
		"message inside a message":      {1002, append(frame(firstText, "a"), text("b")...)},
		"fragmented ping":               {1002, frame(0x09, "")},
		"ping of 126 bytes":             {1002, frame(finPing, strings.Repeat("x", 126))},
		"close of one byte":             {1002, frame(finClose, "x")},
		"close with 1005":               {1002, closing(1005, "")},
		"close with 1006":               {1002, closing(1006, "")},
		"close with 999":                {1002, closing(999, "")},
		"close with 1016":               {1002, closing(1016, "")},
		"close with 5000":               {1002, closing(5000, "")},
		"close with 65535":              {1002, closing(65535, "")},
		"binary":                        {1003, frame(finBinary, "hi")},
		"binary, empty":                 {1003, frame(finBinary, "")},
		"binary in fragments":           {1003, frame(0x02, "hi")},
		"not UTF-8":                     {1007, text("a\xff")},
		"half a character":              {1007, text("caf\xc3")},
		"surrogate":                     {1007, text("\xed\xa0\x80")},
		"overlong":                      {1007, text("\xc0\xaf")},
		"not UTF-8 over fragments":      {1007, append(frame(firstText, "\xc3"), frame(last, "\x28")...)},
		"half a character in fragments": {1007, append(frame(firstText, "caf"), frame(last, "\xc3")...)},
	} {
		t.Run(name, func(t *testing.T) {
			p, r := attach(t, quiet(t, newEngine), nil)
			p.send(c.bytes)
			if !strings.HasPrefix(name, "close") { // after that nobody says anything
				p.send(text("after"))
			}
			p.wantClose(c.code)
			_, _ = p.nc.Write(closing(uint16(c.code), ""))
			_ = p.nc.(interface{ CloseWrite() error }).CloseWrite()
			p.wantEnd(2 * time.Second)
			r.wantClosed(c.code)
		})
	}
	t.Run("length with its highest bit set", func(t *testing.T) {
		p, r := attach(t, quiet(t, newEngine), nil)
		p.send(header(finText, 1<<63))
		p.wantClose(1002)
		p.nc.Close()
		r.wantClosed(1002)
	})
}

// A message that is too big is refused by its header: the payload is not waited
// for, and no memory is taken for it.
func testTooBig(t *testing.T, newEngine engineMaker) {
	for name, c := range map[string][]byte{
		"one byte more":         header(finText, socket.MaxMessage+1),
		"64 KiB":                header(finText, 1<<16),
		"2^62":                  header(finText, 1<<62),
		"first fragment":        header(firstText, socket.MaxMessage+1),
		"second fragment":       append(frame(firstText, strings.Repeat("x", 1000)), header(last, 25)...),
		"second, of 2^62":       append(frame(firstText, "x"), header(more, 1<<62)...),
		"thousandth, of 2 more": append(frame(firstText, "xx"), append(bytes.Repeat(frame(more, "x"), socket.MaxMessage-2), header(more, 2)...)...),
	} {
		t.Run(name, func(t *testing.T) {
			p, r := attach(t, quiet(t, newEngine), nil)
			p.send(c)
			p.wantClose(1009)
			p.nc.Close()
			r.wantClosed(1009)
		})
	}
	t.Run("close frame is read after the payload", func(t *testing.T) {
		p, r := attach(t, quiet(t, newEngine), nil)
		p.send(text(strings.Repeat("x", 1<<16)), text("after"))
		p.handshakeEnds(1009)
		r.wantClosed(1009)
	})
}
