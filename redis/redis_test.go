package redis_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"tictac/play"
	"tictac/storetest"
)

// on is an engine over one Redis or the nodes of a cluster: each Store begins
// with nothing in them.
func on(nodes ...*server) storetest.Engine {
	return storetest.Engine{
		Open: func(t testing.TB) play.Store {
			for _, n := range nodes {
				n.must(t, "FLUSHALL")
			}
			return open(t, nodes[0].addr)
		},
		Second:     func(t testing.TB, _ play.Store) play.Store { return open(t, nodes[len(nodes)-1].addr) },
		Subscribes: true,
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, on(startServer(t)))
}

func TestContractOnACluster(t *testing.T) {
	t.Parallel()
	storetest.Run(t, on(startCluster(t)...))
}

// rooms is how many rooms histories are made of: STORETEST_ROOMS for a soak.
func rooms(t *testing.T) int {
	text := os.Getenv("STORETEST_ROOMS")
	if text == "" {
		return 100
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("STORETEST_ROOMS: %v", err)
	}
	return n
}

// That these histories find what they are for was tried on 2026-11-22, in a copy
// of the tree: commit.lua without its compare of the revision ("return 0" and
// the if round it) failed TestLinearizable and TestLinearizableInTrouble (the
// first three rooms each Illegal), and, alone and on a cluster, TestContract in
// OneOfManyCommits, OneOfManyCreates, ConflictChangesNothing,
// WatchersHearEveryCommit and ContextEndsMeanwhile. Besides: commit.lua leaving
// servers in held:{tag} failed TestDeadServer and TestNothingIsLeft; watch.go
// telling no zero Snapshot failed every test that waits for a subscription.
//
// Tried again on 2026-11-24, with sockets cut in the middle of commands and
// troubles that go on: without the compare both tests fail as before. On that day
// they found that a room that was gone could come back by what was heard late (one
// room in some thousands; with a pause of 3 ms in table.heard, in every run).
func TestLinearizable(t *testing.T) {
	t.Parallel()
	storetest.Linearizable(t, on(startServer(t)), 3, rooms(t), uint64(time.Now().UnixNano()))
}

// Connections are cut all the time, Redis hangs again and again, mostly for a
// moment and sometimes for longer than a command waits, and one of three servers
// after the other goes without a word.
func TestLinearizableInTrouble(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	cut := func(ctx context.Context, _ *storetest.Histories) {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(rand.N(time.Second)):
				r.must(t, "CLIENT", "KILL", "TYPE", []string{"normal", "pubsub"}[rand.IntN(2)])
			}
		}
	}
	hang := func(ctx context.Context, _ *storetest.Histories) {
		for i := 0; ctx.Err() == nil; i++ {
			time.Sleep(rand.N(600 * time.Millisecond))
			r.stop()
			time.Sleep([]time.Duration{100, 300, 2200}[i%3] * time.Millisecond)
			r.cont()
		}
	}
	kill := func(ctx context.Context, h *storetest.Histories) {
		for i, share := range []float64{0.1, 0.4, 0.7} {
			for ctx.Err() == nil && h.Played() < share {
				time.Sleep(10 * time.Millisecond)
			}
			h.Kill(i)
		}
	}
	storetest.Linearizable(t, on(r), 3, rooms(t), uint64(time.Now().UnixNano()), cut, hang, kill)
}
