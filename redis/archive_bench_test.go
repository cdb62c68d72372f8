package redis_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"tictac/redis"
	"tictac/room"
)

// BenchmarkHistory is what a finished round costs, of the CPU of this program and
// of Redis, and of Redis' memory: between strangers without an identity, and rated,
// between many players or always the same.
func BenchmarkHistory(b *testing.B) {
	for _, players := range []int{0, 2, 1000} {
		b.Run(fmt.Sprint(players, " players"), func(b *testing.B) { benchmarkHistory(b, players) })
	}
}

func benchmarkHistory(b *testing.B, players int) {
	addr := startRedis(b)
	s, err := redis.Open(context.Background(), "redis://"+addr, redis.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	s.StopFiling()
	look := admin(b, addr)
	idle := memory(b, look)
	for i := range players {
		enroll(b, s, fmt.Sprintf("%016d", i))
	}
	perPlayer := float64(memory(b, look)-idle) / max(float64(players), 1)
	id := func(i int) string {
		if players == 0 {
			return ""
		}
		return fmt.Sprintf("%016d", i%players)
	}
	const rooms = 200
	states := make([]room.State, rooms)
	for i := range states {
		states[i] = match(b, s, fmt.Sprintf("%02x%04x", i, i), id(2*i), id(2*i+1))
	}
	end := func() {
		for i := range states {
			states[i] = moves(b, s, states[i], 4, 0, 3, 5, 1, 2, 7) // won by X
			states[i] = do(b, s, states[i], noon, room.Rematch{Key: "host", RoundID: fmt.Sprintf("%026d", time.Now().UnixNano())},
				room.Rematch{Key: "guest", RoundID: fmt.Sprintf("%026d", time.Now().UnixNano())})
		}
	}
	before, rounds := memory(b, look), 0
	var own, theirs time.Duration
	for b.Loop() {
		b.StopTimer()
		end()
		own, theirs = own-ownCPU(), theirs-redisCPU(b, look)
		b.StartTimer()
		s.Sweep(context.Background())
		own, theirs = own+ownCPU(), theirs+redisCPU(b, look)
		rounds += rooms
	}
	b.ReportMetric(float64(rounds)/b.Elapsed().Seconds(), "rounds/s")
	b.ReportMetric(float64(own.Microseconds())/float64(rounds), "µs/round")
	b.ReportMetric(float64(theirs.Microseconds())/float64(rounds), "redis-µs/round")
	b.ReportMetric(float64(memory(b, look)-before)/float64(rounds), "B/round")
	b.ReportMetric(perPlayer, "B/player")
	b.ReportMetric(0, "ns/op")
	if n, err := s.Rebuild(context.Background()); n != 0 || err != nil {
		b.Errorf("rebuild: %d, %v", n, err)
	}
}

// memory is what Redis uses.
func memory(tb testing.TB, c rueidis.Client) int64 {
	tb.Helper()
	_, text, _ := strings.Cut(info(tb, c, "memory"), "used_memory:")
	text, _, _ = strings.Cut(text, "\r")
	used, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return used
}
