package e2e

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"tictac/e2e/client"
)

// status is a check that all servers answer a path with a status.
func (c *cluster) status(path string, want int) func() error {
	return func() error {
		for _, addr := range c.addrs {
			if got, body, err := client.Get(addr, path); err != nil || got != want {
				return fmt.Errorf("%s: %d %s %v", path, got, body, err)
			}
		}
		return nil
	}
}

// TestClusterRedisKilled kills Redis, twice, in the middle of games.
func TestClusterRedisKilled(t *testing.T) {
	t.Parallel()
	c := startCluster(t, noLimits...)
	l := c.play(patience(t, 90*time.Second), manyGames/3, 200*time.Millisecond)
	for _, away := range []time.Duration{0, 2 * time.Second} {
		l.more(2)
		c.redis.kill()
		time.Sleep(away)
		c.redis.launch()
		began := time.Now()
		l.more(2)
		t.Logf("measured: Redis killed for %v: %d games went on after %v", away, len(l.matches), time.Since(began).Round(time.Millisecond))
	}
	eventually(t, patient, "Redis is back: ready", c.status("/readyz", 200))
	for _, p := range l.players() {
		if codes := p.Codes(); len(codes) > 0 {
			t.Errorf("Redis killed: %s of %s lost the connection: %v", p.Seat.You, p.Seat.Code, codes)
		}
	}
	l.check(c.redis)
}

// TestClusterRedisStops has Redis say nothing for 5 s, and then for 12.
func TestClusterRedisStops(t *testing.T) {
	measures(t)
	c := startCluster(t, noLimits...)
	ctx := patience(t, 90*time.Second)
	var matches []*match
	for i := range 6 {
		m := c.match(i)
		if err := m.play(ctx, 1, 0, draws[:2], nil); err != nil {
			t.Fatal(err)
		}
		matches = append(matches, m)
	}

	stopped := time.Now()
	c.redis.signal(syscall.SIGSTOP)
	c.commandsFail(ctx, matches, 2, stopped.Add(2*time.Second))
	if err := errors.Join(c.status("/healthz", 200)(), c.status("/readyz", 200)()); err != nil {
		t.Errorf("Redis stopped: %v", err)
	}
	time.Sleep(time.Until(stopped.Add(5 * time.Second)))
	c.redis.signal(syscall.SIGCONT)
	began := time.Now()
	for _, m := range matches {
		if err := again(ctx, m.host, 2, draws[2]); err != nil {
			t.Errorf("Redis back after 5 s: %v", err)
		}
		if err := m.play(ctx, 1, 3, draws[3:5], nil); err != nil {
			t.Errorf("Redis back after 5 s: %v", err)
		}
	}
	t.Logf("measured: Redis back after 5 s: 6 games went on after %v", time.Since(began).Round(time.Millisecond))

	time.Sleep(2 * time.Second) // leases are renewed
	stopped = time.Now()
	c.redis.signal(syscall.SIGSTOP)
	c.commandsFail(ctx, matches, 5, stopped.Add(4*time.Second))
	time.Sleep(time.Until(stopped.Add(8 * time.Second)))
	if err := c.status("/readyz", 200)(); err != nil {
		t.Errorf("Redis stopped for 8 s: %v", err)
	}
	eventually(t, patient, "Redis stopped: not ready", c.status("/readyz", 503))
	within(t, "Redis stopped: /readyz is 503", time.Since(stopped), 12*time.Second)
	if err := c.status("/healthz", 200)(); err != nil {
		t.Errorf("Redis stopped: %v", err)
	}
	time.Sleep(time.Until(stopped.Add(12 * time.Second)))
	c.redis.signal(syscall.SIGCONT)
	began = time.Now()
	eventually(t, patient, "Redis back: ready", c.status("/readyz", 200))
	within(t, "Redis back: /readyz is 200", time.Since(began), 5*time.Second)
	for _, m := range matches {
		if err := again(ctx, m.guest, 5, draws[5]); err != nil {
			t.Errorf("Redis back after 12 s: %v", err)
		}
		if err := m.play(ctx, 1, 6, draws[6:], nil); err != nil {
			t.Errorf("Redis back after 12 s: %v", err)
		}
		for _, p := range []*client.Player{m.host, m.guest} {
			if _, err := p.Await(ctx, isOver(1)); err != nil {
				t.Errorf("Redis back after 12 s: %v", err)
			}
			if codes := p.Codes(); len(codes) > 0 {
				t.Errorf("Redis stopped: %s of %s lost the connection: %v", p.Seat.You, p.Seat.Code, codes)
			}
		}
	}
	t.Logf("measured: Redis back after 12 s: 6 games ended after %v", time.Since(began).Round(time.Millisecond))
	found := c.redis.filed()
	for _, m := range matches {
		m.checkFiled(t, found[m.host.Seat.Code])
	}
}

// commandsFail has whose turn it is move, again and again until a moment, in
// the first round of matches that Redis does not hear of, and others look at the
// rooms: all are told so soon.
func (c *cluster) commandsFail(ctx context.Context, matches []*match, ply int, until time.Time) {
	c.t.Helper()
	var mu sync.Mutex
	var moves, looks []time.Duration
	note := func(times *[]time.Duration, since time.Time) {
		mu.Lock()
		defer mu.Unlock()
		*times = append(*times, time.Since(since))
	}
	var wg sync.WaitGroup
	for i, m := range matches {
		p := m.host
		if ply%2 == 1 {
			p = m.guest
		}
		wg.Go(func() {
			for time.Now().Before(until) {
				began := time.Now()
				p.Try(draws[ply])
				if code, err := p.Refused(ctx); err != nil || code != "unavailable" {
					c.t.Errorf("Redis stopped: a move: %q, %v, not refused as unavailable", code, err)
					return
				}
				note(&moves, began)
			}
		})
		wg.Go(func() {
			for time.Now().Before(until) {
				began := time.Now()
				if _, err := client.Look(c.from(i)[0], m.host.Seat.Code); !isProblem(err, "unavailable") {
					c.t.Errorf("Redis stopped: looking at a room: %v", err)
				}
				note(&looks, began)
			}
		})
	}
	wg.Wait()
	for what, times := range map[string][]time.Duration{"a move is refused": moves, "a request is answered with 503": looks} {
		longest := percentile(times, 100)
		c.t.Logf("measured: Redis stopped: %s (longest of %d): %v (bar 2s)", what, len(times), longest)
		if longest > 3*time.Second || soak && longest > 2200*time.Millisecond {
			c.t.Errorf("Redis stopped: %s after %v only", what, longest)
		}
	}
}

// again sends a move of the first round until it has been made; it may have
// been when it was refused as unavailable.
func again(ctx context.Context, p *client.Player, ply, cell int) error {
	for {
		p.Say(map[string]any{"type": "move", "cell": cell, "round": 1, "ply": ply})
		soon, cancel := context.WithTimeout(ctx, time.Second)
		v, err := p.Await(soon, func(v client.View) bool { return v.Ply > ply })
		cancel()
		switch {
		case err == nil && v.Board[cell] != "XO"[ply%2]:
			return fmt.Errorf("the move %d (cell %d) is not in %+v", ply, cell, v)
		case err == nil || ctx.Err() != nil || p.Err() != nil:
			return err
		}
	}
}

// TestClusterRedisAwayForTwiceTheGrace looks that no seat is lost: not those of
// players who were away before, nor of those whose connection broke meanwhile,
// nor of those who stayed.
func TestClusterRedisAwayForTwiceTheGrace(t *testing.T) {
	t.Parallel()
	outages := []struct {
		name      string
		gone, end func(*redisServer)
	}{
		{"stopped", func(r *redisServer) { r.signal(syscall.SIGSTOP) }, func(r *redisServer) { r.signal(syscall.SIGCONT) }},
		{"killed", (*redisServer).kill, (*redisServer).launch},
	}
	for _, outage := range outages {
		t.Run(outage.name, func(t *testing.T) {
			t.Parallel()
			c := startCluster(t, append([]string{"--grace", "5s"}, noLimits...)...)
			ctx := patience(t, 60*time.Second)
			stay, broken := c.match(0), c.match(1)
			var absent []*match // their graces end 2 to 5 s into the outage
			for i := range 6 {
				absent = append(absent, c.match(i))
			}
			for _, m := range absent {
				m.guest.Close()
				if _, err := m.host.Await(ctx, online("guest", false)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(450 * time.Millisecond)
			}
			outage.gone(c.redis)
			began := time.Now()
			time.Sleep(time.Second)
			broken.guest.Drop()
			time.Sleep(time.Until(began.Add(11 * time.Second)))
			outage.end(c.redis)
			time.Sleep(1500 * time.Millisecond)
			for i, m := range absent {
				m.guest = client.Roam(c.from(i), m.guest.Seat, m.game)
				t.Cleanup(m.guest.Close)
			}
			playing := patience(t, patient)
			var wg sync.WaitGroup
			for i, m := range append(absent, stay, broken) {
				wg.Go(func() {
					if err := m.bothOnline(playing); err != nil {
						t.Errorf("match %d: a seat was lost: %v", i, err)
					} else if err := m.play(playing, 1, 0, lineWins, nil); err != nil {
						t.Errorf("match %d: the game did not go on: %v", i, err)
					}
				})
			}
			wg.Wait()

			stay.guest.Close() // and then graces run as ever
			if _, err := stay.host.Await(ctx, func(v client.View) bool { return v.Phase == "waiting" }); err != nil {
				t.Errorf("a seat is never freed again: %v", err)
			}
		})
	}
}
