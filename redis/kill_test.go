package redis_test

import (
	"context"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"tictac/redis"
	"tictac/room"
	"tictac/storetest"
)

// TestKilled has processes be killed, and Redis too, at random moments, while
// their players end rated rounds as fast as they can. Then all that was
// acknowledged is in the log, and what is counted is what is there: each round
// once for each of its players.
func TestKilled(t *testing.T) {
	if addr := os.Getenv("TICTAC_TEST_REDIS"); addr != "" {
		playUntilKilled(addr)
		return
	}
	t.Parallel()
	r := startServer(t, "--appendonly", "yes", "--appendfsync", "always")
	s := open(t, r.addr)
	enroll(t, s, storetest.Victims...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	const servers, kills = 3, 4
	acked := map[string]bool{}
	var mu sync.Mutex
	var playing sync.WaitGroup
	for range servers {
		playing.Go(func() {
			for range kills {
				ids := storetest.RunAndKill(t, "TICTAC_TEST_REDIS="+r.addr, 50*time.Millisecond+mrand.N(600*time.Millisecond))
				mu.Lock()
				for _, id := range ids {
					acked[id] = true
				}
				mu.Unlock()
			}
		})
	}
	time.Sleep(time.Second)
	r.kill()
	r.start(t)
	playing.Wait()
	s = open(t, r.addr)
	storetest.WantFold(t, s)
	rounds := storetest.WantCounted(t, s, acked)
	t.Logf("%d kills: %d rounds, %d of them acknowledged", servers*kills, rounds, len(acked))
	if len(acked) < 100 {
		t.Error("hardly anything was played: the test shows nothing")
	}
}

func playUntilKilled(addr string) {
	var s *redis.Store
	for err := errors.New("not yet"); err != nil; time.Sleep(20 * time.Millisecond) { // Redis may be away
		s, err = redis.Open(context.Background(), "redis://"+addr, redis.Config{})
	}
	var playing sync.WaitGroup
	for i := range 10 {
		playing.Go(func() {
			for {
				_ = playFast(s, i) // until Redis is away
			}
		})
	}
	playing.Wait() // which is never
}

// playFast has two of the victims play round after round in a room, and tells
// those that are durable.
func playFast(s *redis.Store, n int) error {
	c := create(fmt.Sprintf("%06x", mrand.N(1<<24)))
	host, guest := storetest.Victims[n%4], storetest.Victims[(n+1+n%3)%4]
	c.Who, c.Open = host, true
	state, next := room.State{}, room.Command(c)
	for {
		commit, err := commitOf(state, next, noon)
		if err != nil {
			return err
		}
		if err := s.Commit(context.Background(), commit); err != nil {
			return err
		}
		if commit.Filed != nil {
			fmt.Println(commit.Filed.ID)
			time.Sleep(mrand.N(50 * time.Millisecond))
		}
		state = *commit.State
		next = storetest.FastPlay(state, n, guest)
	}
}
