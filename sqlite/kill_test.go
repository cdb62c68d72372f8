package sqlite_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tictac/history"
	"tictac/room"
	"tictac/sqlite"
	"tictac/storetest"
)

// victims are the players of TestKilled.
var victims = []string{"ann", "bob", "eve", "dan"}

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
		ids := runAndKill(t, file, 20*time.Millisecond+mrand.N(300*time.Millisecond))
		for _, id := range ids {
			acked[id] = true
		}
		s, err := sqlite.Open(file)
		if err != nil {
			t.Fatalf("after kill %d: %v", kill, err)
		}
		rounds := checkCounted(t, s, acked)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("kill %d: %d rounds more, %d of them acknowledged", kill, rounds-before, len(ids))
		if before = rounds; len(ids) == 0 {
			t.Error("nothing was played: the test shows nothing")
		}
	}
}

// runAndKill has a process play for a time, and returns the rounds that it was
// told were durable.
func runAndKill(t *testing.T, file string, after time.Duration) (acked []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), "TICTAC_TEST_VICTIM="+file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var timer *time.Timer
	for lines.Scan() {
		if timer == nil { // it is in full swing
			timer = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		if id := lines.Text(); len(id) == 26 { // the last may be cut off
			acked = append(acked, id)
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("it ended by itself")
	}
	return acked
}

func playUntilKilled(t *testing.T, file string) {
	s, err := sqlite.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range victims {
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
	host, guest := victims[n%4], victims[(n+1+n%3)%4]
	c := opened(fmt.Sprintf("%06x", mrand.N(1<<24)))
	c.State.Host.Who, c.State.Open = host, true
	for {
		if err := s.Commit(context.Background(), c); err != nil {
			return err
		}
		if c.Filed != nil && !note(c.Filed.ID) {
			return nil
		}
		switch st := c.State; {
		case st.Phase == room.Waiting:
			c = next(st, room.Join{Key: "guest", Name: guest, Who: guest, RoundID: rand.Text(), Matched: true})
		case st.Phase == room.Playing:
			c = next(st, room.Resign{Key: []string{"host", "guest"}[(n+st.Round)%2]})
		case st.Host.Rematch:
			c = next(st, room.Rematch{Key: "guest", RoundID: rand.Text()})
		default:
			c = next(st, room.Rematch{Key: "host", RoundID: rand.Text()})
		}
	}
}

// checkCounted returns the number of rounds in the log.
func checkCounted(t *testing.T, s *sqlite.Store, acked map[string]bool) (rounds int) {
	t.Helper()
	played, found := map[string]int{}, 0
	err := s.Rounds(t.Context(), func(r room.Record) error {
		rounds++
		played[r.HostID]++
		played[r.GuestID]++
		if acked[r.ID] {
			found++
		}
		return nil
	})
	if err != nil || found != len(acked) {
		t.Errorf("%d of %d acknowledged rounds are in the log, %v", found, len(acked), err)
	}
	for _, id := range victims {
		if p, err := s.Player(t.Context(), id); err != nil && !errors.Is(err, history.ErrUnknown) || p.Stats.Played != played[id] {
			t.Errorf("%s: %d rounds in the log, %d in the statistics, %v", id, played[id], p.Stats.Played, err)
		}
	}
	if n, err := s.Rebuild(t.Context()); n != 0 || err != nil {
		t.Errorf("rebuild found %d players to differ, %v", n, err)
	}
	return rounds
}
