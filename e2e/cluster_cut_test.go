package e2e

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tictac/e2e/client"
)

// A wire carries the connections of one server to Redis, and can be slow, hang
// or be cut, for that server only.
type wire struct {
	addr  string
	delay atomic.Int64 // of each read, nanoseconds
	hang  atomic.Bool  // nothing is carried; nobody is told

	mu   sync.Mutex
	to   string // where new connections go
	open []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", ownHost()+":0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String(), to: to}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			to := w.to
			w.mu.Unlock()
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			w.mu.Lock()
			w.open = append(w.open, in, out)
			w.mu.Unlock()
			wg.Go(func() { w.carry(out, in) })
			wg.Go(func() { w.carry(in, out) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.hang.Store(false)
		w.reset()
		wg.Wait()
	})
	return w
}

func (w *wire) carry(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		time.Sleep(time.Duration(w.delay.Load()))
		for w.hang.Load() {
			time.Sleep(10 * time.Millisecond)
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// reset cuts all connections, with a reset instead of a goodbye.
func (w *wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, nc := range w.open {
		if tcp, ok := nc.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		nc.Close()
	}
	w.open = nil
}

// TestClusterCutOff has one server of two far from Redis, then without an answer
// of it, then cut off and back. The other one does not notice.
func TestClusterCutOff(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	w := newWire(t, r.addr)
	servers := [2]*server{}
	for i, addr := range []string{w.addr, r.addr} {
		s := &server{t: t}
		s.args = append([]string{"--listen", ownHost() + ":0", "--metrics", "127.0.0.1:0", "--store", "redis://" + addr}, noLimits...)
		s.launch()
		t.Cleanup(s.finish)
		servers[i] = s
	}
	far, near := newMatch(t, servers[0]), newMatch(t, servers[1])
	ctx := patience(t, 60*time.Second)

	w.delay.Store(int64(200 * time.Millisecond))
	began := time.Now()
	if err := far.play(ctx, 1, 0, draws[:2], nil); err != nil {
		t.Errorf("200 ms away from Redis: %v", err)
	}
	t.Logf("measured: two moves 200 ms away from Redis: %v", time.Since(began).Round(time.Millisecond))
	w.delay.Store(0)

	w.hang.Store(true)
	began = time.Now()
	far.host.Try(draws[2])
	if code, err := far.host.Refused(ctx); err != nil || code != "unavailable" {
		t.Errorf("Redis does not answer one server: a move: %q, %v", code, err)
	}
	within(t, "Redis does not answer one server: a move is refused", time.Since(began), 2200*time.Millisecond)
	began = time.Now()
	if err := near.play(ctx, 1, 0, draws[:4], nil); err != nil {
		t.Errorf("the other server: %v", err)
	}
	within(t, "four moves on the other server meanwhile", time.Since(began), time.Second)
	w.hang.Store(false)
	w.reset()

	// What was refused may have been made: then this only repeats it.
	if v, err := far.host.Await(ctx, nil); err != nil || v.Ply == 2 && far.host.Move(ctx, draws[2]) != nil {
		t.Errorf("cut off and back: %v", err)
	}
	if _, err := far.host.Await(ctx, func(v client.View) bool { return v.Ply == 3 }); err != nil {
		t.Errorf("cut off and back: %v", err)
	}
	for _, m := range []*match{far, near} {
		v, err := m.host.Await(ctx, nil)
		if err == nil {
			err = m.play(ctx, 1, v.Ply, draws[v.Ply:], nil)
		}
		if err != nil {
			t.Errorf("after all: %v", err)
		}
		m.checkFiled(t, r.filed()[m.host.Seat.Code])
	}
}
