package e2e

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"tictac/e2e/client"
)

// TestClusterKill9 kills one of three servers in the middle of many games. Its
// players come back to the others; the seats of those who do not are seen to be
// away.
func TestClusterKill9(t *testing.T) {
	measures(t)
	c := startCluster(t, noLimits...)
	ctx := patience(t, 100*time.Second)
	l := c.play(ctx, manyGames, 500*time.Millisecond)
	var left []*match // guests on the first server, who will not come back
	for range 5 {
		host, guest, err := c.seats(2)
		if err != nil {
			t.Fatal(err)
		}
		m := &match{game: client.NewGame()}
		m.host = client.Roam([]string{c.addrs[2]}, host, m.game)
		m.guest = client.Roam([]string{c.addrs[0]}, guest, m.game)
		t.Cleanup(m.close)
		if err := m.bothOnline(ctx); err != nil {
			t.Fatal(err)
		}
		left = append(left, m)
	}
	l.more(2)

	var thrown []*client.Player
	before := map[*client.Player]int{}
	for _, p := range l.players() {
		if p.At() == c.addrs[0] {
			thrown = append(thrown, p)
			before[p] = len(p.Absences())
		}
	}
	c.servers[0].kill()
	killed := time.Now()
	for _, m := range left {
		m.guest.Close()
	}
	noticing := patience(t, 40*time.Second)
	var noticed []time.Duration
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, m := range left {
		wg.Go(func() {
			if _, err := m.host.Await(noticing, online("guest", false)); err != nil {
				t.Errorf("kill -9: a seat that nobody came back to: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			noticed = append(noticed, time.Since(killed))
		})
	}
	var away []time.Duration
	eventually(t, 60*time.Second, "kill -9: all players are back", func() error {
		away = away[:0]
		for _, p := range thrown {
			all := p.Absences()
			if len(all) == before[p] {
				return fmt.Errorf("%s of %s is not", p.Seat.You, p.Seat.Code)
			}
			away = append(away, all[before[p]])
		}
		return nil
	})
	t.Logf("kill -9: %d players were thrown out, half were back within %v", len(away), percentile(away, 50))
	within(t, "kill -9: back in the game (p99)", percentile(away, 99), 5*time.Second)
	l.more(2)
	wg.Wait()
	t.Logf("measured: kill -9: online:false of the seats left: %v to %v (bar 15s)", percentile(noticed, 0), percentile(noticed, 100))
	if longest := percentile(noticed, 100); longest > 30*time.Second || soak && longest > 15*time.Second {
		t.Errorf("kill -9: online:false after %v only", longest)
	}
	l.check(c.redis)
}

// TestClusterRollingRestart stops and starts all servers, one after the other,
// in the middle of many games.
func TestClusterRollingRestart(t *testing.T) {
	measures(t)
	c := startCluster(t, append(slowly(), noLimits...)...)
	l := c.play(patience(t, 100*time.Second), manyGames, 500*time.Millisecond)
	l.more(1)
	for _, s := range c.servers {
		began := time.Now()
		s.signal(syscall.SIGTERM)
		if code := s.wait(70 * time.Second); code != 0 {
			t.Errorf("rolling restart: exit code %d:\n%s", code, s.logged())
		}
		t.Logf("rolling restart: stopped after %v", time.Since(began).Round(time.Millisecond))
		s.again()
		l.more(1)
	}
	var away []time.Duration
	for _, p := range l.players() {
		away = append(away, p.Absences()...)
		if n := p.Broken(); n > 0 {
			t.Errorf("rolling restart: %s of %s: %d connections broke instead of being closed with 1012: %v", p.Seat.You, p.Seat.Code, n, p.Codes())
		}
	}
	t.Logf("rolling restart: %d times a player was without a server, half of them within %v", len(away), percentile(away, 50))
	within(t, "rolling restart: without a server (p99)", percentile(away, 99), 2*time.Second)
	if len(away) < 2*len(l.matches) {
		t.Errorf("rolling restart: only %d players had to go elsewhere", len(away))
	}
	l.check(c.redis)
}
