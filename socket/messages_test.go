package socket_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tictac/socket"
)

func testMessages(t *testing.T, newEngine engineMaker) {
	p, r := attach(t, quiet(t, newEngine), nil, func(r *recorder) {
		r.message = func(s string) { r.say("re: " + s) }
	})
	for _, s := range []string{"hi", "", "né ✕ 👨‍👩‍👧", strings.Repeat("x", 125), strings.Repeat("y", 126), strings.Repeat("z", socket.MaxMessage)} {
		p.send(text(s))
		r.wantMessage(s)
		p.wantText("re: " + s)
	}
	large := strings.Repeat("0123456789abcdef", 1<<13) // past what 16 bits of length can say
	r.say(large)
	p.wantText(large)
	r.say("one")
	p.wantText("one")
}

// A sequence of frames gives the same messages however the network cuts it.
func testPieces(t *testing.T, newEngine engineMaker) {
	stream := bytes.Join([][]byte{
		text("whole"),
		frame(firstText, "in "), frame(more, ""), frame(more, "three "), frame(last, "parts"),
		frame(firstText, "with "), frame(finPing, "a ping"), frame(more, "control "), frame(finPong, ""), frame(last, "between"),
		frame(firstText, "caf\xc3"), frame(last, "\xa9"), // a character cut in two
		frame(firstText, ""), frame(last, ""),
		frame(firstText, strings.Repeat("a", 1000)), frame(last, strings.Repeat("b", 24)),
		text("end"),
	}, nil)
	want := []string{
		"whole", "in three parts", "with control between", "café", "",
		strings.Repeat("a", 1000) + strings.Repeat("b", 24), "end",
	}
	for name, size := range map[string]int{"at once": len(stream), "byte by byte": 1, "by 7": 7, "by 300": 300} {
		t.Run(name, func(t *testing.T) {
			p, r := attach(t, quiet(t, newEngine), nil)
			for rest := stream; len(rest) > 0; rest = rest[min(size, len(rest)):] {
				p.send(rest[:min(size, len(rest))])
				if size < 10 {
					time.Sleep(20 * time.Microsecond) // most pieces then come alone
				}
			}
			for _, s := range want {
				r.wantMessage(s)
			}
			if first, payload := p.next(); first != finPong || payload != "a ping" {
				t.Errorf("got frame %#x %q, want the pong", first, payload)
			}
		})
	}
}

// Clients may speak before they have seen the answer to their handshake.
func testEarly(t *testing.T, newEngine engineMaker) {
	stream := append(text("early"), text("bird")...)
	for cut := range len(stream) + 1 {
		p, r := attach(t, quiet(t, newEngine), bytes.Clone(stream[:cut]))
		p.send(stream[cut:])
		r.wantMessage("early")
		r.wantMessage("bird")
		p.send(closing(1000, ""))
		p.wantClose(1000)
		r.wantClosed(1000)
	}
}

func testPings(t *testing.T, newEngine engineMaker) {
	p, _ := attach(t, quiet(t, newEngine), nil)
	for _, payload := range []string{"", "are you there?", strings.Repeat("p", 125)} {
		p.send(frame(finPing, payload))
		if first, got := p.next(); first != finPong || got != payload {
			t.Fatalf("ping %q was answered with frame %#x %q", payload, first, got)
		}
	}
	// Of many at once the newest must be answered (RFC 6455, 5.5.3).
	p.send(bytes.Repeat(frame(finPing, "old"), 500), frame(finPing, "new"))
	for got := ""; got != "new"; {
		first := byte(0)
		if first, got = p.next(); first != finPong {
			t.Fatalf("got frame %#x", first)
		}
	}
}

func testUnanswered(t *testing.T, newEngine engineMaker) {
	p, r := attach(t, quiet(t, newEngine), nil)
	wantPing := func() string {
		first, payload := p.next()
		if first != finPing {
			t.Fatalf("got frame %#x, want a ping", first)
		}
		return payload
	}
	if n := r.conn.Unanswered(); n != 0 {
		t.Errorf("%d unanswered before any ping", n)
	}
	r.conn.Ping()
	payload := wantPing()
	r.conn.Ping()
	wantPing()
	if n := r.conn.Unanswered(); n != 2 {
		t.Errorf("%d unanswered, want 2", n)
	}
	p.send(text("not a pong"))
	r.wantMessage("not a pong")
	if n := r.conn.Unanswered(); n != 2 {
		t.Errorf("%d unanswered after a message, want 2", n)
	}
	p.send(frame(finPong, payload))
	eventually(t, "none unanswered", func() bool { return r.conn.Unanswered() == 0 })
	r.conn.Ping()
	wantPing()
	if n := r.conn.Unanswered(); n != 1 {
		t.Errorf("%d unanswered, want 1", n)
	}
}

func TestAppendHeader(t *testing.T) {
	for n, want := range map[int]string{
		0: "\x81\x00", 125: "\x81\x7d", 126: "\x81\x7e\x00\x7e", 65535: "\x81\x7e\xff\xff",
		65536: "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
	} {
		if got := string(socket.AppendHeader([]byte("x"), n)); got != "x"+want {
			t.Errorf("header of %d bytes: %q, want %q", n, got, want)
		}
	}
}

// A socket may be used by others as soon as open has it, before there is a
// handler to ask.
func testEarlyUse(t *testing.T, newEngine engineMaker) {
	e := quiet(t, newEngine)
	p, nc := pipe(t)
	r := newRecorder(t)
	r.out = []string{"hello"}
	e.Add(nc, nil, func(c socket.Conn) socket.Handler {
		c.Wake()
		c.Ping()
		c.Close(1012, "bye")
		time.Sleep(10 * time.Millisecond)
		return r.open(c)
	})
	p.wantText("hello")
	if first, _ := p.next(); first != finPing {
		t.Errorf("got frame %#x, want the ping", first)
	}
	p.handshakeEnds(1012)
	r.wantClosed(1012)
}
