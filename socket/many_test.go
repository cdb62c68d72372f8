package socket_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"tictac/socket"
)

// Sockets that come and go in every way leave nothing behind. It counts
// goroutines, so it does not run beside other tests.
func TestGoroutinesManySockets(t *testing.T) {
	testMany(t, func(panicked func(any, []byte)) socket.Engine {
		return socket.NewGoroutines(socket.Config{Panicked: panicked})
	})
}

func testMany(t *testing.T, newEngine engineMaker) {
	e := quiet(t, newEngine)
	before := runtime.NumGoroutine()
	const batches, batch = 60, 50
	for range batches {
		var wg sync.WaitGroup
		for i := range batch {
			p, r := attach(t, e, nil)
			wg.Go(func() { comeAndGo(p, r, i) })
		}
		wg.Wait()
		if t.Failed() {
			return
		}
	}
	e.Wait()
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// comeAndGo is the life of one socket, with others using it all the while. It
// runs beside the test, so it reports and does not end it.
func comeAndGo(p *peer, r *recorder, i int) {
	defer p.nc.Close()
	var users sync.WaitGroup
	users.Go(func() {
		for range 10 {
			r.conn.Wake()
			r.conn.Ping()
			_ = r.conn.Unanswered()
		}
	})
	_, _ = p.nc.Write(text("hello"))
	if first, _, err := p.read(); err != nil {
		p.t.Errorf("first frame %#x: %v", first, err)
	}
	switch i % 5 {
	case 0:
		_, _ = p.nc.Write(closing(1000, ""))
	case 1:
		r.conn.Close(1012, "")
		_, _ = p.nc.Write(closing(1012, ""))
	case 2:
		r.conn.Drop()
	case 3:
		_, _ = p.nc.Write([]byte{0xff, 0xff})
	}
	p.nc.Close()
	users.Wait()
	select {
	case <-r.closed:
	case <-time.After(patience):
		p.t.Errorf("socket %d did not close", i)
	}
}
