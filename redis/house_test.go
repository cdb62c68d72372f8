package redis_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/redis"
	"tictac/room"
	"tictac/storetest"
)

// A clock that is moved on by hand.
type clock struct {
	mu   sync.Mutex
	plus time.Duration
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return time.Now().Add(c.plus) }

func (c *clock) forward(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.plus += d }

// house opens a running House with a store of its own.
func house(t *testing.T, addr string, c *clock, rules room.Rules) (h *play.House, stop func()) {
	t.Helper()
	store, err := redis.Open(t.Context(), "redis://"+addr, redis.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h, end := run(t, store, c, rules)
	stop = sync.OnceFunc(func() {
		end()
		store.Close()
	})
	t.Cleanup(stop)
	return h, stop
}

// run has a House run over a store; stop ends it without a goodbye to its players.
func run(t *testing.T, store *redis.Store, c *clock, rules room.Rules) (h *play.House, stop func()) {
	t.Helper()
	h, err := play.Open(t.Context(), play.Config{Store: store, Rules: rules, Now: c.now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = h.Run(ctx) })
	stop = sync.OnceFunc(func() {
		h.KeepSeats()
		cancel()
		running.Wait()
		h.Close()
	})
	t.Cleanup(stop)
	return h, stop
}

// After a night without servers the room is there, and who does not come back
// has the full grace from then on.
func TestOvernight(t *testing.T) {
	t.Parallel()
	r, c := startServer(t), &clock{}
	evening, stop := house(t, r.addr, c, rules)
	code, host, err := evening.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	guest, err := evening.Join(t.Context(), code, "Bob", "")
	if err != nil {
		t.Fatal(err)
	}
	ann, bob := storetest.Sit(t, evening, code, host), storetest.Sit(t, evening, code, guest)
	if _, err := ann.Move(4, 1, 0); err != nil {
		t.Fatal(err)
	}
	evening.KeepSeats()
	ann.Close()
	bob.Close()
	stop()

	c.forward(12 * time.Hour)
	lastUse(t, r, 12*time.Hour)
	next, _ := house(t, r.addr, c, rules)
	ann = storetest.Sit(t, next, code, host)
	for range 8 { // so that the evening's server is held for dead
		time.Sleep(time.Second)
		c.forward(1500 * time.Millisecond)
	}
	ann.Await(t, "Bob is away", func(s room.State) bool { return s.Guest.Away() && s.Ply() == 1 })
	left := ann.View().State.Guest.Until.Sub(room.At(c.now()))
	if left < rules.Grace-5*time.Second || left > rules.Grace {
		t.Errorf("Bob has %v left of %v", left, rules.Grace)
	}
	bob = storetest.Sit(t, next, code, guest)
	if _, err := bob.Move(0, 1, 1); err != nil {
		t.Error(err)
	}
}

// seats opens a room in which both players sit, each on a House.
func seats(t *testing.T, one, two *play.House) (code string, ann, bob *storetest.Player) {
	t.Helper()
	code, host, err := one.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	guest, err := two.Join(t.Context(), code, "Bob", "")
	if err != nil {
		t.Fatal(err)
	}
	return code, storetest.Sit(t, one, code, host), storetest.Sit(t, two, code, guest)
}

// Redis is away for a few seconds, in which a grace ends: nobody could have come
// back, so the absent player has all of it again. Afterwards it ends as ever.
func TestShortOutage(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct {
		gone func(*server)
		back func(*server, testing.TB)
	}{
		"hangs":  {(*server).stop, func(r *server, _ testing.TB) { r.cont() }},
		"killed": {(*server).kill, (*server).start},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startServer(t, "--appendonly", "yes", "--appendfsync", "always")
			short := rules
			short.Grace = 6 * time.Second
			h, _ := house(t, r.addr, &clock{}, short)
			_, ann, bob := seats(t, h, h)
			bob.Close()
			v := ann.Await(t, "Bob is away", func(s room.State) bool { return s.Guest.Away() })
			time.Sleep(time.Until(v.State.Guest.Until.Time().Add(-2 * time.Second)))
			outage.gone(r)
			time.Sleep(4 * time.Second)
			outage.back(r, t)
			back := room.At(time.Now())
			v = ann.Await(t, "it is known what came of Bob's seat", func(s room.State) bool {
				return s.Phase == room.Waiting || s.Guest.Until > back
			})
			if left := v.State.Guest.Until.Sub(back); v.State.Phase == room.Waiting || left < short.Grace-3*time.Second {
				t.Fatalf("after the outage Bob has %v left of %v: %+v", left, short.Grace, v.State)
			}
			ann.Await(t, "the seat is freed in the end", func(s room.State) bool { return s.Phase == room.Waiting })
		})
	}
}

// A server that is cut off for so long that others hold it for dead has its
// sockets back in their rooms when it returns, before it judges anybody.
func TestLostLease(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	p := startProxy(t, r.addr)
	far, _ := house(t, p.addr, &clock{}, rules)
	near, _ := house(t, r.addr, &clock{}, rules)
	_, ann, bob := seats(t, far, near)
	online := func(s room.State) bool { return !s.Host.Away() && !s.Guest.Away() }
	bob.Await(t, "both are there", online)
	time.Sleep(16 * time.Second) // until it may judge
	p.cut(true)
	bob.Await(t, "Ann is away", func(s room.State) bool { return s.Host.Away() })
	p.cut(false)
	ann.Await(t, "Ann sees that both are there", online)
	bob.Await(t, "Bob sees it", online)
	for range 30 {
		if v := bob.View(); v.State.Guest.Away() {
			t.Fatal("Bob is away: a server judged that had lost its own lease")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// A server that has just started sits a player, and one that has not heard of
// it yet does something in the room.
func TestServerJustStarted(t *testing.T) {
	t.Parallel()
	addr, c := startRedis(t), &clock{}
	old, _ := house(t, addr, c, rules)
	code, ann, _ := seats(t, old, old)
	for range 10 { // until it may judge
		time.Sleep(time.Second)
		c.forward(time.Second)
	}
	for range 3 { // at any moment between two renewals
		store, err := redis.Open(t.Context(), "redis://"+addr, redis.Config{})
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := play.Open(t.Context(), play.Config{Store: store, Rules: rules, Now: c.now})
		if err != nil {
			t.Fatal(err)
		}
		again := storetest.Sit(t, fresh, code, ann.Secret)
		servers := func() []string { return again.View().State.Host.Online }
		both := servers()
		if _, err := ann.Rematch(); err != room.NotOver {
			t.Fatal(err)
		}
		if _, err := fresh.Look(t.Context(), code); err != nil || len(both) != 2 || !slices.Equal(servers(), both) {
			t.Errorf("Ann sat on %v, then on %v: %v", both, servers(), err)
		}
		again.Close()
		soon(t, "Ann sits on one server", func() bool { return len(ann.View().State.Host.Online) == 1 })
		fresh.Close()
		store.Close()
		time.Sleep(300 * time.Millisecond)
	}
}
