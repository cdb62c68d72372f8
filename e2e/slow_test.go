package e2e

import (
	"bytes"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"tictac/e2e/client"
)

// TestSlowReader has a spectator who reads nothing for 20 s, though pings are
// answered, while hundreds of views a second are made, and then reads on: most
// of the views were never sent, and what comes last is the newest.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	const (
		asleep = 20 * time.Second
		enough = 150 // rounds, also on a slow disk: three times what the buffers take
	)
	s := start(t, newFile(t), noLimits...)
	m := newMatch(t, s)
	slow, err := client.DialWith(patience(t, patient), ws.Dialer{NetDial: smallBuffer}, s.addr, m.host.Seat.Code)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Drop()
	if err := slow.Hello(""); err != nil {
		t.Fatal(err)
	}
	if _, err := slow.ReadType("view"); err != nil {
		t.Fatal(err)
	}

	ctx := patience(t, 2*time.Minute)
	var times []time.Duration
	round := 1
	began := time.Now()
	answered := began
	for ; time.Since(began) < asleep || round <= enough; round++ {
		if time.Since(answered) > 3*time.Second { // as browsers do, whatever their page does
			answered = time.Now()
			if err := slow.SendFrame(ws.NewPongFrame(nil)); err != nil {
				t.Fatal(err)
			}
		}
		if round > 1 {
			err = m.rematch(ctx, round)
		}
		if err == nil {
			err = m.play(ctx, round, 0, draws, func(d time.Duration) { times = append(times, d); time.Sleep(time.Millisecond) })
		}
		if err != nil {
			t.Fatalf("slow reader: the players were hurt: %v", err)
		}
	}
	newest, err := m.host.Await(ctx, isOver(round-1))
	if err != nil {
		t.Fatal(err)
	}
	slow.Within(patient)
	read, last := 0, client.View{}
	for last.Rev < newest.Rev {
		v, err := slow.ReadType("view")
		if err != nil {
			t.Fatalf("slow reader: after %d views of %d: %v", read, newest.Rev, err)
		}
		if v.View.Rev < last.Rev {
			t.Errorf("slow reader: revision %d after %d", v.View.Rev, last.Rev)
		}
		if err := m.game.Saw(v.View); err != nil {
			t.Error(err)
		}
		read, last = read+1, v.View
	}
	t.Logf("slow reader: %d revisions were made, %d were read", newest.Rev, read)
	if int64(read) >= newest.Rev-100 {
		t.Errorf("slow reader: nothing was left out: all of it fitted into the buffers of the system, which this test must fill")
	}
	within(t, "slow reader: a player's move, p99", percentile(times, 99), 50*time.Millisecond)
}

// smallBuffer connects with little room for what is not read: some hundred
// views, where a connection of this machine to itself takes thousands.
func smallBuffer(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(keepBuffersSmall)
	}}
	return d.DialContext(ctx, network, addr)
}

// TestStall has a player whose network swallows everything, without a close:
// the opponent is told within 30 s, and the player can come back.
func TestStall(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t), noLimits...)
	pipe := newPipe(t, s.addr)
	host, err := client.Create(s.addr, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	guest, err := client.Join(s.addr, host.Code, "Bob")
	if err != nil {
		t.Fatal(err)
	}
	m := &match{game: client.NewGame()}
	m.host, m.guest = client.Enter(s.addr, host, m.game), client.Enter(pipe.addr, guest, m.game)
	defer m.close()
	ctx := patience(t, 90*time.Second)
	if err := m.bothOnline(ctx); err != nil {
		t.Fatal(err)
	}
	if err := m.play(ctx, 1, 0, draws[:3], nil); err != nil {
		t.Fatal(err)
	}
	select { // the worst moment: just after a ping was answered
	case <-pipe.pinged:
	case <-ctx.Done():
		t.Fatal("stall: no ping comes")
	}
	time.Sleep(50 * time.Millisecond)
	pipe.swallow.Store(true)
	began := time.Now()
	if _, err := m.host.Await(ctx, online("guest", false)); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	t.Logf("measured: a stalled player is seen to be away after %v (bar 30s)", took.Round(100*time.Millisecond))
	if limit := 30 * time.Second; took > limit && soak || took > 2*limit {
		t.Errorf("stall: the opponent was told after %v, more than %v", took, limit)
	}
	pipe.swallow.Store(false)
	m.guest.Drop() // as the page does, which misses its pongs
	if err := m.play(ctx, 1, 3, draws[3:], nil); err != nil {
		t.Errorf("stall: the game did not go on: %v", err)
	}
}

// A pipe carries connections to a server, until it is told to swallow what they
// say: then the connections of that time are dead for good, and stay open.
type pipe struct {
	addr    string
	swallow atomic.Bool
	pinged  chan struct{} // closed at the first ping
	ping    func()
}

func newPipe(t *testing.T, to string) *pipe {
	t.Helper()
	l, err := net.Listen("tcp", ownHost()+":0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pipe{addr: l.Addr().String(), pinged: make(chan struct{})}
	p.ping = sync.OnceFunc(func() { close(p.pinged) })
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			mu.Lock()
			open = append(open, in, out)
			mu.Unlock()
			dead := &atomic.Bool{}
			wg.Go(func() { p.carry(out, in, dead) })
			wg.Go(func() { p.carry(in, out, dead) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, nc := range open {
			nc.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return p
}

// carry copies one way. A dead connection is read no more, and its end is not
// passed on.
func (p *pipe) carry(to, from net.Conn, dead *atomic.Bool) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if p.swallow.Load() {
			dead.Store(true)
		}
		if dead.Load() {
			return
		}
		if err != nil {
			to.Close()
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
		if bytes.HasSuffix(buf[:n], []byte{0x89, 0}) { // unmasked: the server's
			p.ping()
		}
	}
}
