package e2e

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"tictac/e2e/client"
)

// TestClusterNothingStays plays games that end in every way there is, over three
// servers, and looks what is left of them in Redis and in the servers.
func TestClusterNothingStays(t *testing.T) {
	t.Parallel()
	games, atOnce := 600, 30
	if soak {
		games = 2000
	}
	c := startCluster(t, append([]string{"--grace", "3s", "--waiting-grace", "3s"}, noLimits...)...)
	ctx := patience(t, 120*time.Second)
	var before [3]float64
	for n := range 3 {
		if err := c.playAndEnd(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range c.servers {
		before[i] = s.metric("go_goroutines")
	}

	next := atomic.Int32{}
	next.Store(2)
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for n := int(next.Add(1)); n < games; n = int(next.Add(1)) {
				if err := c.playAndEnd(ctx, n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	client.Forget()
	eventually(t, 30*time.Second, "nothing stays in the servers", func() error {
		for i, s := range c.servers {
			for _, name := range []string{"tictac_rooms", "tictac_players", "tictac_spectators"} {
				if n := s.metric(name); n != 0 {
					return fmt.Errorf("server %d: %s is %v", i, name, n)
				}
			}
			if n := s.metric("go_goroutines"); n > before[i]+15 {
				return fmt.Errorf("server %d: %v goroutines, %v after the first games", i, n, before[i])
			}
		}
		return nil
	})
	eventually(t, 30*time.Second, "nothing stays in Redis", c.redis.empty)
	finished := 0.0
	for _, how := range []string{"line", "draw", "resign", "left"} {
		n := 0.0
		for _, s := range c.servers {
			n += s.metric(`tictac_games_finished_total{ended="` + how + `"}`)
		}
		if n == 0 {
			t.Errorf("none ended as %s", how)
		}
		finished += n
	}
	rounds := 0
	for _, r := range c.redis.filed() {
		rounds += len(r)
	}
	if rounds != int(finished) {
		t.Errorf("%d rounds are filed, %v were counted", rounds, finished)
	}
	t.Logf("%d games, %d rounds; goroutines %v after the first games, then %v, %v and %v", games, rounds, before,
		c.servers[0].metric("go_goroutines"), c.servers[1].metric("go_goroutines"), c.servers[2].metric("go_goroutines"))
}

// playAndEnd plays the n-th game up to its ending, with players and a spectator
// on a server each.
func (c *cluster) playAndEnd(ctx context.Context, n int) error {
	host, guest, err := c.seats(n)
	if err != nil {
		return err
	}
	m := &match{game: client.NewGame()}
	m.host = client.Roam(c.from(n), host, m.game)
	m.guest = client.Roam(c.from(n+1), guest, m.game)
	defer m.close()
	watcher := client.Roam(c.from(n+2), client.Seat{Code: host.Code, You: "spectator"}, m.game)
	defer watcher.Close()
	if err := m.bothOnline(ctx); err != nil {
		return err
	}
	if err := m.play(ctx, 1, 0, []int{0, 3}, nil); err != nil {
		return err
	}
	e := endings[n/len(c.servers)%len(endings)]
	if err := e.end(ctx, m); err != nil {
		return fmt.Errorf("game %d, ending %q: %w; the host was closed with %v, the guest with %v", n, e.name, err, m.host.Codes(), m.guest.Codes())
	}
	return nil
}

// empty reports what Redis has of any room: its keys, what is in the indexes and
// outboxes, and who listens to it.
func (r *redisServer) empty() error {
	db, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{r.addr}, DisableCache: true})
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	left := []string{}
	for _, pattern := range []string{"room:*", "log:*", "due:*", "held:*", "ended:*"} { // an index that is empty is gone
		found, err := db.Do(ctx, db.B().Keys().Pattern(pattern).Build()).AsStrSlice()
		if err != nil {
			return err
		}
		left = append(left, found...)
	}
	channels, err := db.Do(ctx, db.B().PubsubShardchannels().Build()).AsStrSlice()
	if err != nil {
		return err
	}
	for _, channel := range channels {
		left = append(left, "somebody listens to "+channel)
	}
	if len(left) > 0 {
		slices.Sort(left)
		return fmt.Errorf("%d keys, the first: %q", len(left), left[:min(len(left), 5)])
	}
	return nil
}
