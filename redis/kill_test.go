package redis_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"tictac/redis"
	"tictac/room"
	"tictac/storetest"
)

// victims are the players of TestKilled.
var victims = []string{"ann", "bob", "eve", "dan"}

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
	enroll(t, s, victims...)
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
				ids := runAndKill(t, r.addr, 50*time.Millisecond+mrand.N(600*time.Millisecond))
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
	rounds := wantCounted(t, s, acked)
	t.Logf("%d kills: %d rounds, %d of them acknowledged", servers*kills, rounds, len(acked))
	if len(acked) < 100 {
		t.Error("hardly anything was played: the test shows nothing")
	}
}

// runAndKill has a process play for a time, and returns the rounds that it was
// told were durable.
func runAndKill(t *testing.T, addr string, after time.Duration) (acked []string) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), "TICTAC_TEST_REDIS="+addr)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return nil
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
		t.Error("it ended by itself")
	}
	return acked
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
	host, guest := victims[n%4], victims[(n+1+n%3)%4]
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
		switch state = commit.State; {
		case state.Phase == room.Waiting:
			next = room.Join{Key: "guest", Name: guest, Who: guest, RoundID: rand.Text(), Matched: true}
		case state.Phase == room.Playing:
			next = room.Resign{Key: []string{"host", "guest"}[(n+state.Round)%2]}
		case state.Host.Rematch:
			next = room.Rematch{Key: "guest", RoundID: rand.Text()}
		default:
			next = room.Rematch{Key: "host", RoundID: rand.Text()}
		}
	}
}

// wantCounted checks that what was acknowledged is in the log, and that the log
// is what is counted. It returns how many rounds that are.
func wantCounted(t *testing.T, s *redis.Store, acked map[string]bool) (rounds int) {
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
		if p, err := s.Player(t.Context(), id); err != nil || p.Stats.Played != played[id] {
			t.Errorf("%s: %d rounds in the log, %d in the statistics, %v", id, played[id], p.Stats.Played, err)
		}
	}
	return rounds
}
