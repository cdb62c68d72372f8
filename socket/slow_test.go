package socket_test

import (
	"bytes"
	"net"
	"testing"
	"time"

	"tictac/socket"
)

// huge does not fit into the buffers of a connection, whatever they grow to.
const huge = 16 << 20

// attachDeaf is a client that does not read, with output for it under way.
func attachDeaf(t *testing.T, e socket.Engine) (*peer, *recorder) {
	p, nc := pipe(t)
	_ = nc.(*net.TCPConn).SetWriteBuffer(64 << 10)
	r := newRecorder(t)
	filler := bytes.Repeat([]byte("x"), huge)
	r.output = func(dst []byte) []byte {
		if r.outputs.Load() == 1 {
			return socket.AppendText(dst, filler)
		}
		return socket.AppendText(dst, []byte("the newest"))
	}
	e.Add(nc, nil, r.open)
	r.conn.Wake()
	eventually(t, "output is under way", func() bool { return r.outputs.Load() == 1 })
	return p, r
}

// Nobody waits for a client that does not read, and it is asked for once what
// it is to be told when it does: the newest.
func testSlowReader(t *testing.T, newEngine engineMaker) {
	e := quiet(t, newEngine)
	p, r := attachDeaf(t, e)
	other, o := attach(t, e, nil)

	start := time.Now()
	for range 10_000 {
		r.conn.Wake()
	}
	r.conn.Ping()
	if took := time.Since(start); took > time.Second {
		t.Errorf("10,000 Wakes took %v", took)
	}
	for range 50 {
		other.send(text("hi"))
		o.wantMessage("hi")
		o.say("ho")
		other.wantText("ho")
	}
	p.send(text("I can still talk"), frame(finPing, "and ask"))
	r.wantMessage("I can still talk")
	if n := r.outputs.Load(); n != 1 {
		t.Errorf("Output was asked %d times while there was no room", n)
	}

	if _, payload := p.next(); len(payload) != huge {
		t.Fatalf("%d bytes came, want %d", len(payload), huge)
	}
	p.wantText("the newest")
	seen := map[byte]string{}
	for range 2 {
		first, payload := p.next()
		seen[first] = payload
	}
	if _, ok := seen[finPing]; !ok || seen[finPong] != "and ask" {
		t.Errorf("after the output: %v", seen)
	}
	p.send(text("more"))
	r.wantMessage("more")
	if n := r.outputs.Load(); n != 2 {
		t.Errorf("Output was asked %d times for the 10,000 Wakes", n-1)
	}

	q, s := attachDeaf(t, e)
	s.conn.Drop()
	s.wantClosed(socket.Lost)
	_ = q
}

// The close frame does not fit either: the time it has ends the connection.
func testSlowReaderClosed(t *testing.T, newEngine engineMaker) {
	slow(t)
	_, r := attachDeaf(t, quiet(t, newEngine))
	start := time.Now()
	r.conn.Close(1008, "")
	if took := time.Since(start); took > time.Second {
		t.Errorf("Close took %v", took)
	}
	r.wantClosed(1008)
}
