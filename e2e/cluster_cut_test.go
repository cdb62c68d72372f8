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

// TestClusterCutOff has one server of three far from Redis, then cut off and
// back at once in mid-game, then without an answer of it, then back. The others
// do not notice.
func TestClusterCutOff(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	w := newWire(t, r.addr)
	var servers [3]*server
	for i, addr := range []string{w.addr, r.addr, r.addr} {
		servers[i] = startOn(t, "redis://"+addr)
	}
	far, near, between := newMatch(t, servers[0]), newMatch(t, servers[1]), newMatch(t, servers[2])
	between.guest.Close() // the host on the third, the guest on the first
	between.guest = client.Enter(servers[0].addr, between.guest.Seat, between.game)
	t.Cleanup(between.guest.Close)
	ctx := patience(t, 60*time.Second)
	if err := between.bothOnline(ctx); err != nil {
		t.Fatal(err)
	}

	w.delay.Store(int64(200 * time.Millisecond))
	began := time.Now()
	if err := far.play(ctx, 1, 0, draws[:2], nil); err != nil {
		t.Errorf("200 ms away from Redis: %v", err)
	}
	within(t, "two moves, each with one round trip of 0.4 s to Redis", time.Since(began), 1500*time.Millisecond)
	began = time.Now()
	if err := near.play(ctx, 1, 0, draws[:2], nil); err != nil {
		t.Errorf("another server meanwhile: %v", err)
	}
	within(t, "two moves on another server meanwhile", time.Since(began), 200*time.Millisecond)
	w.delay.Store(0)

	for ply := 2; ply < 6; ply++ { // cut between the moves, and with one under way
		cut := time.AfterFunc(time.Duration(ply)*time.Millisecond, w.reset)
		for _, m := range []*match{far, between} {
			from := ply
			if m == between {
				from -= 2
			}
			if err := again(ctx, m.whose(from), from, draws[from]); err != nil {
				t.Errorf("cut off and back at once: move %d: %v", from, err)
			}
		}
		cut.Stop()
		w.reset()
	}

	w.hang.Store(true)
	began = time.Now()
	far.host.Try(draws[6])
	if code, err := far.host.Refused(ctx); err != nil || code != "unavailable" {
		t.Errorf("Redis does not answer one server: a move: %q, %v", code, err)
	}
	within(t, "Redis does not answer one server: a move is refused", time.Since(began), 2200*time.Millisecond)
	began = time.Now()
	if err := near.play(ctx, 1, 2, draws[2:6], nil); err != nil {
		t.Errorf("another server: %v", err)
	}
	within(t, "four moves on another server meanwhile", time.Since(began), time.Second)
	w.hang.Store(false)
	w.reset()

	if err := again(ctx, far.host, 6, draws[6]); err != nil { // what was refused may have been made
		t.Errorf("cut off and back: %v", err)
	}
	for _, m := range []*match{far, near, between} {
		for _, p := range []*client.Player{m.host, m.guest} {
			if codes := p.Codes(); len(codes) > 0 {
				t.Errorf("%s of %s lost the connection: %v", p.Seat.You, p.Seat.Code, codes)
			}
		}
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

// whose turn it is at a ply of the first round.
func (m *match) whose(ply int) *client.Player {
	if ply%2 == 0 {
		return m.host
	}
	return m.guest
}
