package socket_test

import (
	"net"
	"testing"
	"time"

	"tictac/socket"
)

func testWeClose(t *testing.T, newEngine engineMaker) {
	p, r := attach(t, quiet(t, newEngine), nil)
	r.mu.Lock()
	r.out = []string{"last words"}
	r.mu.Unlock()
	r.conn.Wake()
	r.conn.Close(4000, "host_left")
	r.conn.Close(1011, "a second one says nothing")
	p.wantText("last words")
	if reason := p.wantClose(4000); reason != "host_left" {
		t.Errorf("reason %q", reason)
	}
	p.send(text("not taken any more"), frame(finPing, ""), closing(4000, ""))
	p.wantEnd(2 * time.Second)
	r.wantClosed(4000)
}

// Who does not answer a close frame is not waited for longer than a few seconds.
func testNoAnswer(t *testing.T, newEngine engineMaker) {
	slow(t)
	p, r := attach(t, quiet(t, newEngine), nil)
	r.conn.Close(1012, "")
	p.wantClose(1012)
	p.wantEnd(5 * time.Second)
	r.wantClosed(1012)
}

// The time that a peer has to take a close frame begins when there is one.
func testLateClose(t *testing.T, newEngine engineMaker) {
	slow(t)
	p, r := attach(t, quiet(t, newEngine), nil)
	r.output = func(dst []byte) []byte {
		time.Sleep(3500 * time.Millisecond) // as on a machine with much else to do
		return dst
	}
	r.conn.Wake()
	r.conn.Close(1012, "")
	p.wantClose(1012)
	p.send(closing(1012, ""))
	p.wantEnd(2 * time.Second)
	r.wantClosed(1012)
}

func testClientCloses(t *testing.T, newEngine engineMaker) {
	for _, code := range []int{1000, 1001, 3000, 4001, 4999} {
		p, r := attach(t, quiet(t, newEngine), nil)
		p.send(text("bye"), closing(uint16(code), "see you"))
		p.wantClose(code)
		p.wantEnd(2 * time.Second)
		r.wantMessage("bye")
		r.wantClosed(code)
	}
	t.Run("without a code", func(t *testing.T) {
		p, r := attach(t, quiet(t, newEngine), nil)
		p.send(frame(finClose, ""))
		if first, payload := p.next(); first != finClose || payload != "" && payload != "\x03\xe8" {
			t.Errorf("got frame %#x %q, want an empty close frame or one with 1000", first, payload)
		}
		p.wantEnd(2 * time.Second)
		r.wantClosed(1000, 1005)
	})
	t.Run("while there is something to tell", func(t *testing.T) {
		p, r := attach(t, quiet(t, newEngine), nil, answering("answer"))
		p.send(text("question"), closing(1000, ""))
		p.wantText("answer")
		p.wantClose(1000)
		r.wantMessage("question")
		r.wantClosed(1000)
	})
}

func testLost(t *testing.T, newEngine engineMaker) {
	for name, end := range map[string]func(p *peer, r *recorder){
		"closed without a word":   func(p *peer, r *recorder) { p.nc.Close() },
		"reset":                   func(p *peer, r *recorder) { _ = p.nc.(*net.TCPConn).SetLinger(0); p.nc.Close() },
		"closed for writing only": func(p *peer, r *recorder) { _ = p.nc.(*net.TCPConn).CloseWrite() },
		"in the middle of a header": func(p *peer, r *recorder) {
			p.send(text("x")[:3])
			p.nc.Close()
		},
		"in the middle of a payload": func(p *peer, r *recorder) {
			p.send(text("hello")[:8])
			p.nc.Close()
		},
		"in the middle of a message": func(p *peer, r *recorder) {
			p.send(frame(firstText, "hello"))
			p.nc.Close()
		},
		"in the middle of a close frame": func(p *peer, r *recorder) {
			p.send(closing(1000, "")[:7])
			p.nc.Close()
		},
		"dropped by us": func(p *peer, r *recorder) { r.conn.Drop(); p.wantEnd(2 * time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			p, r := attach(t, quiet(t, newEngine), nil)
			end(p, r)
			r.wantClosed(socket.Lost)
		})
	}
}

// A Conn may be used by those who have not heard yet that it is gone.
func testAfterTheEnd(t *testing.T, newEngine engineMaker) {
	e := quiet(t, newEngine)
	p, r := attach(t, e, nil)
	p.nc.Close()
	r.wantClosed(socket.Lost)
	r.conn.Wake()
	r.conn.Ping()
	r.conn.Close(1000, "")
	r.conn.Drop()
	_ = r.conn.Unanswered()
	e.Wait()
	if n := r.outputs.Load(); n != 0 {
		t.Errorf("Output was asked %d times after the end", n)
	}
}

func testWait(t *testing.T, newEngine engineMaker) {
	e := quiet(t, newEngine)
	e.Wait() // for nobody
	p, r := attach(t, e, nil)
	q, s := attach(t, e, nil)
	waited := make(chan struct{})
	go func() {
		e.Wait()
		if len(r.closed) != 1 || len(s.closed) != 1 {
			t.Error("Wait returned before Closed was called")
		}
		close(waited)
	}()
	p.nc.Close()
	eventually(t, "the first has closed", func() bool { return len(r.closed) == 1 })
	select {
	case <-waited:
		t.Error("Wait did not wait for the second socket")
	case <-time.After(20 * time.Millisecond):
	}
	q.nc.Close()
	select {
	case <-waited:
	case <-time.After(patience):
		t.Error("Wait did not return")
	}
}

func testPanics(t *testing.T, newEngine engineMaker) {
	for name, arm := range map[string]func(r *recorder){
		"in Message": func(r *recorder) { r.message = func(string) { panic("boom") } },
		"in Output": func(r *recorder) {
			r.message = func(string) { r.conn.Wake() }
			r.output = func([]byte) []byte { panic("boom") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			told := make(chan any, 4)
			e := newEngine(func(value any, stack []byte) {
				if len(stack) == 0 {
					t.Error("no stack")
				}
				told <- value
			})
			other, o := attach(t, e, nil)
			p, r := attach(t, e, nil, arm)
			p.send(text("boom"))
			r.wantMessage("boom")
			p.handshakeEnds(1011)
			r.wantClosed(1011)
			if len(told) != 1 || <-told != "boom" {
				t.Errorf("the panic was not told, or %d more", len(told))
			}
			other.send(text("still here"))
			o.wantMessage("still here")
			o.say("and heard")
			other.wantText("and heard")
		})
	}
	t.Run("in Closed", func(t *testing.T) {
		told := make(chan any, 4)
		e := newEngine(func(value any, _ []byte) { told <- value })
		p, r := attach(t, e, nil, func(r *recorder) { r.ended = func() { panic("boom") } })
		p.nc.Close()
		r.wantClosed(socket.Lost)
		e.Wait()
		if len(told) != 1 || <-told != "boom" {
			t.Errorf("the panic was not told, or %d more", len(told))
		}
	})
}
