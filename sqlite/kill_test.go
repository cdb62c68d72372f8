package sqlite_test

import (
	"context"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tictac/sqlite"
	"tictac/storetest"
)

// TestKilled kills a process, at random moments, whose players end rated rounds
// as fast as they can. Then all that was acknowledged is in the log, and what is
// counted is what is there: each round once for each of its players.
func TestKilled(t *testing.T) {
	if file := os.Getenv("TICTAC_TEST_VICTIM"); file != "" {
		playUntilKilled(t, file)
		return
	}
	file := filepath.Join(storetest.Dir(t), "tictac.db")
	acked, before := map[string]bool{}, 0
	for kill := range 6 {
		ids := storetest.RunAndKill(t, "TICTAC_TEST_VICTIM="+file, 20*time.Millisecond+mrand.N(300*time.Millisecond))
		for _, id := range ids {
			acked[id] = true
		}
		s, err := sqlite.Open(file)
		if err != nil {
			t.Fatalf("after kill %d: %v", kill, err)
		}
		rounds := storetest.WantCounted(t, s, acked)
		if n, err := s.Rebuild(t.Context()); n != 0 || err != nil {
			t.Errorf("rebuild found %d players to differ, %v", n, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("kill %d: %d rounds more, %d of them acknowledged", kill, rounds-before, len(ids))
		if before = rounds; len(ids) == 0 {
			t.Error("nothing was played: the test shows nothing")
		}
	}
}

func playUntilKilled(t *testing.T, file string) {
	s, err := sqlite.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range storetest.Victims {
		if err := s.Enroll(context.Background(), id, "key-"+id, id, 1); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			if err := playFast(s, i, func(id string) bool { fmt.Println(id); return true }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait() // which is never
}

// playFast has two of the victims play round after round, and tells those that
// are durable, until it is told to stop.
func playFast(s *sqlite.Store, n int, note func(id string) (more bool)) error {
	host, guest := storetest.Victims[n%4], storetest.Victims[(n+1+n%3)%4]
	c := opened(fmt.Sprintf("%06x", mrand.N(1<<24)))
	c.State.Host.Who, c.State.Open = host, true
	for {
		if err := s.Commit(context.Background(), c); err != nil {
			return err
		}
		if c.Filed != nil && !note(c.Filed.ID) {
			return nil
		}
		c = next(*c.State, storetest.FastPlay(*c.State, n, guest))
	}
}
