package socket_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"tictac/socket"
)

// patience is how long something that should happen at once may take on a
// machine that is busy with other tests.
const patience = 10 * time.Second

// First bytes of frames: final bit and operation.
const (
	finText   = 0x81
	finBinary = 0x82
	finClose  = 0x88
	finPing   = 0x89
	finPong   = 0x8a
	firstText = 0x01
	more      = 0x00
	last      = 0x80
)

var mask = [4]byte{0x9a, 0x00, 0x5c, 0xff}

// header is that of a client's frame, which may claim any length.
func header(first byte, n uint64) []byte {
	b := []byte{first}
	switch {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), n)
	}
	return append(b, mask[:]...)
}

// frame is a client's frame, masked as the protocol wants it.
func frame(first byte, payload string) []byte {
	b := header(first, uint64(len(payload)))
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i%4])
	}
	return b
}

func text(s string) []byte { return frame(finText, s) }

func closing(code uint16, reason string) []byte {
	return frame(finClose, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// A peer is the client's end of a connection, which says whatever it is told to.
type peer struct {
	t  *testing.T
	nc net.Conn
	r  *bufio.Reader
}

// tcp is a pair of connected loopback sockets.
func tcp(t testing.TB) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client, server
}

func pipe(t *testing.T) (client *peer, server net.Conn) {
	t.Helper()
	nc, server := tcp(t)
	return &peer{t: t, nc: nc, r: bufio.NewReader(nc)}, server
}

func (p *peer) send(frames ...[]byte) {
	p.t.Helper()
	for _, f := range frames {
		if _, err := p.nc.Write(f); err != nil {
			p.t.Fatalf("client writes: %v", err)
		}
	}
}

// next is the server's next frame, which must be whole and unmasked.
func (p *peer) next() (first byte, payload string) {
	p.t.Helper()
	first, payload, err := p.read()
	if err != nil {
		p.t.Fatalf("client reads: %v", err)
	}
	return first, payload
}

func (p *peer) read() (first byte, payload string, err error) {
	_ = p.nc.SetReadDeadline(time.Now().Add(patience))
	var h [2]byte
	if _, err := io.ReadFull(p.r, h[:]); err != nil {
		return 0, "", err
	}
	n := uint64(h[1])
	switch h[1] {
	case 126:
		var b [2]byte
		_, err = io.ReadFull(p.r, b[:])
		n = uint64(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		_, err = io.ReadFull(p.r, b[:])
		n = binary.BigEndian.Uint64(b[:])
	}
	if err == nil && (h[1]&0x80 != 0 || n > 1<<26) {
		err = errors.New("a frame that is masked or huge")
	}
	if err != nil {
		return 0, "", err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(p.r, b)
	return h[0], string(b), err
}

func (p *peer) wantText(want string) {
	p.t.Helper()
	if first, got := p.next(); first != finText || got != want {
		p.t.Fatalf("got frame %#x %.80q, want text %.80q", first, got, want)
	}
}

// wantClose reads up to the close frame and returns its reason.
func (p *peer) wantClose(want int) string {
	p.t.Helper()
	for {
		first, payload := p.next()
		if first != finClose {
			continue
		}
		if len(payload) < 2 {
			p.t.Fatalf("close frame with payload %q, want code %d", payload, want)
		}
		if got := int(binary.BigEndian.Uint16([]byte(payload))); got != want {
			p.t.Fatalf("closed with %d %q, want %d", got, payload[2:], want)
		}
		return payload[2:]
	}
}

// wantEnd fails unless the server ends the connection, and says nothing before.
func (p *peer) wantEnd(within time.Duration) {
	p.t.Helper()
	start := time.Now()
	first, payload, err := p.read()
	if err == nil {
		p.t.Fatalf("got frame %#x %q, want the end", first, payload)
	}
	if took := time.Since(start); took > within {
		p.t.Fatalf("the connection ended after %v (%v), want %v at most", took, err, within)
	}
}

// handshakeEnds answers a close frame and sees the connection end promptly.
func (p *peer) handshakeEnds(code int) {
	p.t.Helper()
	p.wantClose(code)
	p.send(closing(uint16(code), ""))
	p.wantEnd(2 * time.Second)
}

// attach gives the server's end of a new connection to the engine, after each
// arm has prepared its Handler.
func attach(t *testing.T, e socket.Engine, early []byte, arm ...func(*recorder)) (*peer, *recorder) {
	t.Helper()
	p, nc := pipe(t)
	r := newRecorder(t)
	for _, f := range arm {
		f(r)
	}
	e.Add(nc, early, r.open)
	return p, r
}
