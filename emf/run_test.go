package emf

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// lines are what was written, one Write each.
type lines []string

func (l *lines) Write(b []byte) (int, error) {
	*l = append(*l, string(b))
	return len(b), nil
}

// TestRun goes through some minutes of a server's life, by the clock of synctest,
// which begins on the minute.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lines
		var counts Counts
		var rooms atomic.Int64
		ctx, stop := context.WithCancel(t.Context())
		time.Sleep(20 * time.Second)
		done := make(chan error)
		go func() {
			done <- Run(ctx, Config{
				Namespace: "Tictac", Task: "m3x", Version: "v1", Counts: &counts, Rooms: func() int { return int(rooms.Load()) }, Out: &out,
			})
		}()
		during := func(d time.Duration, moves, players int) { // what happens, and then nothing for some time
			for range moves {
				counts.Moved(time.Millisecond)
			}
			counts.Seated(players)
			rooms.Add(int64(players / 2))
			time.Sleep(d)
			synctest.Wait()
		}
		during(65*time.Second, 3, 4) // :20 to :25: not at the first :30, which is too near
		if len(out) != 0 {
			t.Errorf("lines after 65 s: %v", out)
		}
		during(10*time.Second, 2, 0) // over :30
		during(60*time.Second, 150, -2)
		during(60*time.Second, 0, 0)
		during(20*time.Second, 7, 0)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		type told struct {
			second            float64 // of the minute
			moves, times      int
			players, rooms    any // nil if not told
			namespace, server string
		}
		want := []told{
			{30, 5, 5, 4.0, 2.0, "Tictac", "m3x"}, {30, 150, 100, 2.0, 1.0, "Tictac", "m3x"},
			{30, 0, 0, 2.0, 1.0, "Tictac", "m3x"}, {55, 7, 7, nil, nil, "Tictac", "m3x"},
		}
		if len(out) != len(want) {
			t.Fatalf("%d lines, want %d: %v", len(out), len(want), out)
		}
		for i, line := range out {
			members := wantValid(t, line)
			aws := members["_aws"].(map[string]any)
			times, _ := members["MoveTime"].([]any)
			got := told{
				float64(int64(aws["Timestamp"].(float64)) % 60_000 / 1000), int(members["Moves"].(float64)), len(times),
				members["Players"], members["Rooms"],
				aws["CloudWatchMetrics"].([]any)[0].(map[string]any)["Namespace"].(string), members["task"].(string),
			}
			if got != want[i] {
				t.Errorf("line %d: %+v, want %+v", i, got, want[i])
			}
		}
	})
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("nobody reads") }

// TestRunBroken: what cannot be written is told, once.
func TestRunBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := Run(t.Context(), Config{Namespace: "Tictac", Counts: new(Counts), Rooms: func() int { return 0 }, Out: brokenPipe{}})
		if err == nil || err.Error() != "emf: nobody reads" {
			t.Errorf("Run returned %v", err)
		}
	})
}

// TestUntilNext: lines are half past the minute, one in each, wherever one begins
// and also when a timer is early.
func TestUntilNext(t *testing.T) {
	day := time.Date(2026, 9, 21, 10, 0, 0, 0, time.UTC)
	for now, want := range map[time.Duration]time.Duration{
		0:                         30 * time.Second,
		15 * time.Second:          30 * time.Second,
		16 * time.Second:          90 * time.Second,
		30 * time.Second:          90 * time.Second,
		29_999 * time.Millisecond: 90 * time.Second,
		31 * time.Second:          90 * time.Second,
		59 * time.Second:          90 * time.Second,
	} {
		if got := now + untilNext(day.Add(now)); got != want {
			t.Errorf("at %v the next is at %v, want %v", now, got, want)
		}
	}
}
