package redis_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"tictac/play"
	"tictac/redis"
	"tictac/room"
)

// inPlay is a room in the middle of a round, as it is in a store.
func inPlay(tb testing.TB, s *redis.Store, n int) play.Snapshot {
	tb.Helper()
	code := fmt.Sprintf("%06x", n*7919%(1<<24))
	now := time.Now()
	var state room.State
	var events []room.Event
	for _, c := range []room.Command{
		room.Create{Code: code, Key: play.KeyOf("host"), Name: "Ann", Rules: room.Rules{Grace: time.Hour, WaitingGrace: time.Hour, Idle: time.Hour}},
		room.Join{Key: play.KeyOf("guest"), Name: "Bob", RoundID: code},
		room.Attach{Key: play.KeyOf("host"), Server: "one"},
		room.Attach{Key: play.KeyOf("guest"), Server: "two"},
	} {
		more, err := room.Decide(state, c, now)
		if err != nil {
			tb.Fatal(err)
		}
		for _, e := range more {
			state = room.Apply(state, e)
		}
		events = append(events, more...)
	}
	state.Rev = 1
	c := play.Commit{ID: code, State: &state, Events: events, Reindex: true}
	if err := s.Commit(context.Background(), c); err != nil {
		tb.Fatal(err)
	}
	return play.Snapshot{State: state, Commit: code}
}

// moveOnce commits a step the size of a move.
func moveOnce(s *redis.Store, snap *play.Snapshot) error {
	events := []room.Event{{Kind: room.Moved, At: snap.Touched, Seat: room.Host, Cell: 4}}
	next := room.Fold(snap.State, events)
	next.Moves = next.Moves[:1] // the board may stay as it is
	id := "commit-" + strconv.FormatInt(next.Rev, 10)
	if err := s.Commit(context.Background(), play.Commit{ID: id, State: &next, Events: events}); err != nil {
		return err
	}
	snap.State, snap.Commit = next, id
	return nil
}

// A move costs one round trip: one script, and nothing before or after it.
func TestOneRoundTrip(t *testing.T) {
	addr := startRedis(t)
	s := open(t, addr)
	snap := inPlay(t, s, 1)
	look := admin(t, addr)
	if err := moveOnce(s, &snap); err != nil { // Redis learns the script
		t.Fatal(err)
	}
	before := calls(t, look)
	const moves = 100
	for range moves {
		if err := moveOnce(s, &snap); err != nil {
			t.Fatal(err)
		}
	}
	after := calls(t, look)
	if got := after["evalsha"] - before["evalsha"]; got != moves {
		t.Errorf("%d scripts for %d moves", got, moves)
	}
	for _, name := range []string{"hmget", "get", "publish", "watch", "multi", "script|load"} {
		if inside := map[string]int{"hmget": moves}[name]; after[name]-before[name] > inside { // the script's own
			t.Errorf("%d times %s for %d moves", after[name]-before[name], name, moves)
		}
	}
}

func admin(tb testing.TB, addr string) rueidis.Client {
	tb.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{addr}, DisableCache: true, ForceSingleClient: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// calls is how often each command was carried out.
func calls(tb testing.TB, c rueidis.Client) map[string]int {
	tb.Helper()
	n := map[string]int{}
	for line := range strings.Lines(info(tb, c, "commandstats")) {
		var count int
		name, rest, ok := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		if _, err := fmt.Sscanf(rest, "%d", &count); ok && err == nil {
			n[name] = count
		}
	}
	return n
}

func info(tb testing.TB, c rueidis.Client, section string) string {
	tb.Helper()
	text, err := c.Do(context.Background(), c.B().Info().Section(section).Build()).ToString()
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// redisCPU is the CPU time that Redis has used.
func redisCPU(tb testing.TB, c rueidis.Client) (sum time.Duration) {
	for line := range strings.Lines(info(tb, c, "cpu")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_sys" || name == "used_cpu_user" {
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil {
				tb.Fatal(err)
			}
			sum += time.Duration(seconds * float64(time.Second))
		}
	}
	return sum
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCommit is what a move costs on Redis: CPU of this program and of
// Redis, and how long it takes, saturated (1,000 rooms) and at a given rate.
func BenchmarkCommit(b *testing.B) {
	for _, rate := range []int{0, 2000} {
		name := "saturated"
		if rate > 0 {
			name = fmt.Sprintf("%d a second", rate)
		}
		b.Run(name, func(b *testing.B) { benchmarkCommit(b, rate) })
	}
}

func benchmarkCommit(b *testing.B, rate int) {
	addr := startRedis(b)
	s, err := redis.Open(context.Background(), "redis://"+addr, redis.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	look := admin(b, addr)
	rooms := make([]play.Snapshot, 1000)
	for i := range rooms {
		rooms[i] = inPlay(b, s, i)
	}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	own, theirs, began := ownCPU(), redisCPU(b, look), time.Now()
	b.ResetTimer()
	for i := range rooms {
		wg.Go(func() {
			for n := next.Add(1) - 1; n < int64(b.N); n = next.Add(1) - 1 {
				if rate > 0 {
					time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(rate))))
				}
				start := time.Now()
				if err := moveOnce(s, &rooms[i]); err != nil {
					b.Error(err)
					return
				}
				took[n] = time.Since(start)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	per := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 / float64(b.N) }
	slices.Sort(took)
	b.ReportMetric(per(ownCPU()-own), "client-µs/move")
	b.ReportMetric(per(redisCPU(b, look)-theirs), "redis-µs/move")
	b.ReportMetric(float64(took[b.N/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds()), "p99-µs")
}
