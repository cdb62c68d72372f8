package socket_test

import (
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tictac/socket"
)

// loops is an engine that is closed when the test has ended.
func loops(t testing.TB) engineMaker {
	return func(panicked func(any, []byte)) socket.Engine {
		e, err := socket.OpenLoops(socket.Config{Panicked: panicked})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.Close)
		return e
	}
}

func TestLoops(t *testing.T) { testEngine(t, loops(t)) }

func TestLoopsManySockets(t *testing.T) {
	e, err := socket.OpenLoops(socket.Config{Panicked: func(value any, stack []byte) { t.Errorf("panic: %v\n%s", value, stack) }})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	testMany(t, func(func(any, []byte)) socket.Engine { return e })
}

// Idle sockets have no goroutine.
func TestLoopsIdle(t *testing.T) {
	e := quiet(t, loops(t))
	before := runtime.NumGoroutine()
	for range 200 {
		p, r := attach(t, e, nil)
		p.send(text("hi"))
		r.wantMessage("hi")
	}
	eventually(t, "no goroutine for an idle socket", func() bool { return runtime.NumGoroutine() <= before+2 })
}

// A connection that has no descriptor is served all the same.
func TestLoopsWithoutDescriptor(t *testing.T) {
	e := quiet(t, loops(t))
	client, server := net.Pipe()
	r := newRecorder(t)
	e.Add(server, nil, r.open)
	if _, err := client.Write(text("hi")); err != nil {
		t.Fatal(err)
	}
	r.wantMessage("hi")
	client.Close()
	r.wantClosed(socket.Lost)
}

// A socket that always has more to read leaves the others their turn.
func TestLoopsFlood(t *testing.T) {
	e := quiet(t, loops(t))
	flood, f := attach(t, e, nil)
	f.messages = make(chan string, 1<<20)
	var sending sync.WaitGroup
	sending.Go(func() {
		lots := slices.Concat(slices.Repeat([][]byte{text(strings.Repeat("x", 1000))}, 200)...)
		for range 50 {
			if _, err := flood.nc.Write(lots); err != nil {
				t.Error(err)
				return
			}
		}
	})
	p, r := attach(t, e, nil)
	for range 50 {
		p.send(text("question"))
		r.wantMessage("question")
	}
	sending.Wait()
	eventually(t, "all has been read", func() bool { return len(f.messages) == 50*200 })
}

// A read stops at urgent data; what lies behind is read all the same.
func TestLoopsUrgent(t *testing.T) {
	e := quiet(t, loops(t))
	p, nc := pipe(t)
	raw, err := p.nc.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	p.send(text("one"))
	_ = raw.Control(func(fd uintptr) { err = syscall.Sendto(int(fd), []byte("!"), syscall.MSG_OOB, nil) })
	if err != nil {
		t.Skipf("no urgent data here: %v", err)
	}
	p.send(text("two"))
	r := newRecorder(t)
	e.Add(nc, nil, r.open)
	r.wantMessage("one")
	r.wantMessage("two")
}

// pieces is a connection on which a stream comes in pieces, and then nothing.
func pieces(t *testing.T, stream []byte, cuts []byte) (server net.Conn, client *os.File) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	end := os.NewFile(uintptr(fds[0]), "server")
	server, err = net.FileConn(end)
	if err != nil {
		t.Fatal(err)
	}
	end.Close()
	client = os.NewFile(uintptr(fds[1]), "client")
	for _, cut := range cuts {
		n := min(int(cut), len(stream))
		_, _ = client.Write(stream[:n]) // fails once the server has closed
		stream = stream[n:]
		time.Sleep(time.Microsecond)
	}
	_, _ = client.Write(stream)
	_ = syscall.Shutdown(fds[1], syscall.SHUT_WR)
	return server, client
}

// FuzzLoops sends the same bytes to both engines, to one of them in pieces, and
// wants the same messages and the same end.
func FuzzLoops(f *testing.F) {
	for _, seed := range seeds() {
		f.Add(seed, []byte{1, 3, 7}, uint16(3))
		f.Add(seed, []byte{}, uint16(0))
	}
	quick := loops(f)(func(value any, stack []byte) { panic(string(stack)) })
	f.Fuzz(func(t *testing.T, stream, cuts []byte, early uint16) {
		if len(cuts) > 8 || len(stream) > 1<<16 {
			return // it only takes longer
		}
		plain := socket.NewGoroutines(socket.Config{Panicked: func(value any, stack []byte) { t.Errorf("panic: %v\n%s", value, stack) }})
		want := newRecorder(t)
		plain.Add(&bytesConn{rest: slices.Clone(stream)}, nil, want.open)

		got := newRecorder(t)
		n := min(int(early), len(stream))
		server, client := pieces(t, slices.Clone(stream[n:]), cuts)
		defer client.Close()
		quick.Add(server, slices.Clone(stream[:n]), got.open)

		code := <-want.closed
		for len(want.messages) > 0 {
			got.wantMessage(<-want.messages)
		}
		got.wantClosed(code)
	})
}
