package socket_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tictac/socket"
)

// FuzzFrames sends any bytes to an engine and compares what it makes of them
// with a reading of RFC 6455 that knows nothing of buffers or goroutines.
func FuzzFrames(f *testing.F) {
	for _, seed := range seeds() {
		f.Add(seed, uint16(3))
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut uint16) {
		e := socket.NewGoroutines(socket.Config{Panicked: func(value any, stack []byte) { t.Errorf("panic: %v\n%s", value, stack) }})
		r := newRecorder(t)
		early := min(int(cut), len(stream))
		e.Add(&bytesConn{rest: stream[early:]}, stream[:early:early], r.open)
		e.Wait()
		messages, code := reference(stream)
		for _, want := range messages {
			if len(r.messages) == 0 {
				t.Fatalf("message %q is missing", want)
			}
			if got := <-r.messages; got != want {
				t.Fatalf("message %q, want %q", got, want)
			}
		}
		r.wantClosed(code)
	})
}

// seeds are streams of all kinds.
func seeds() [][]byte {
	return [][]byte{
		text("hi"), append(text("a"), text("b")...), append(frame(firstText, "a"), frame(last, "b")...),
		frame(finPing, "p"), closing(1000, "bye"), frame(finBinary, "x"), header(finText, 1<<62), header(finText, 1<<63),
		append(frame(firstText, "\xc3"), frame(last, "\xa9")...), {finText, 1, 'x'}, text(strings.Repeat("x", 1025)), closing(5000, ""),
	}
}

// reference is what a stream of frames means: its messages, and the code that
// its end is told as.
func reference(b []byte) (messages []string, code int) {
	fragments, started := "", false
	for {
		if len(b) < 2 {
			return messages, socket.Lost
		}
		first, op, n, rest := b[0], b[0]&0x0f, uint64(b[1]&0x7f), b[2:]
		masked, fin, control := b[1]&0x80 != 0, first&0x80 != 0, op >= 8
		size := map[uint64]int{126: 2, 127: 8}[n]
		if masked {
			size += 4
		}
		if len(rest) < size {
			return messages, socket.Lost
		}
		if n == 126 {
			n, rest = uint64(binary.BigEndian.Uint16(rest)), rest[2:]
		} else if n == 127 {
			n, rest = binary.BigEndian.Uint64(rest), rest[8:]
		}
		switch {
		case n>>63 != 0, !masked, first&0x70 != 0, control && (op > 10 || !fin || n > 125),
			!control && (op > 2 || (op == 0) != started):
			return messages, 1002
		case op == 2:
			return messages, 1003
		case !control && n+uint64(len(fragments)) > socket.MaxMessage:
			return messages, 1009
		}
		key, rest := rest[:4], rest[4:]
		if uint64(len(rest)) < n {
			return messages, socket.Lost
		}
		payload := make([]byte, n)
		for i := range payload {
			payload[i] = rest[i] ^ key[i%4]
		}
		b = rest[n:]
		switch {
		case op == 8:
			return messages, closeCode(payload)
		case control:
		case !fin:
			fragments, started = fragments+string(payload), true
		default:
			message := fragments + string(payload)
			if !utf8.ValidString(message) {
				return messages, 1007
			}
			messages, fragments, started = append(messages, message), "", false
		}
	}
}

// closeCode is what a close frame is taken as. Codes registered after RFC 6455,
// 1012 to 1014, are none that a client has to say.
func closeCode(payload []byte) int {
	if len(payload) == 0 {
		return 1000
	}
	if len(payload) == 1 || !utf8.Valid(payload[2:]) {
		return 1002
	}
	code := int(binary.BigEndian.Uint16(payload))
	if code >= 1000 && code <= 1003 || code >= 1007 && code <= 1011 || code >= 3000 && code <= 4999 {
		return code
	}
	return 1002
}

// A bytesConn is a connection on which everything has been said.
type bytesConn struct {
	net.Conn
	rest []byte
}

func (c *bytesConn) Read(b []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (*bytesConn) Write(b []byte) (int, error)      { return len(b), nil }
func (*bytesConn) SetDeadline(time.Time) error      { return nil }
func (*bytesConn) Close() error                     { return nil }
func (*bytesConn) SetReadDeadline(time.Time) error  { return nil }
func (*bytesConn) SetWriteDeadline(time.Time) error { return nil }
