// Package storetest is what every play.Store must keep: the promises of the
// port as a suite that each engine runs, a decorator that injects faults, and
// histories of whole Houses checked for linearizability.
package storetest

import (
	"context"
	"os"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

// An Engine is a kind of store to be tested.
type Engine struct {
	// Open opens an empty store, and closes it when the test ends.
	Open func(t testing.TB) play.Store

	// Second opens what another server would use beside the first one, on the
	// same rooms. nil: they share the first.
	Second func(t testing.TB, first play.Store) play.Store

	// Subscribes says that Watch takes a moment to begin: it tells a zero
	// Snapshot when every commit from then on is told. Without it a watcher
	// hears of all commits since Watch returned, and of nothing else.
	Subscribes bool
}

// An Inspector is a store whose log can be read. Stores that are not are not
// asked what they keep besides rooms.
type Inspector interface {
	// Log returns the events of the round that a room is playing, in order.
	Log(ctx context.Context, code string) ([]room.Event, error)
	// Rounds calls each with every finished round, oldest first.
	Rounds(ctx context.Context, each func(room.Record) error) error
}

// Run holds an engine to the comment of play.Store.
func Run(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, e Engine)
	}{
		{"LoadAndCreate", testLoadAndCreate},
		{"EveryStepIsLoaded", testEveryStepIsLoaded},
		{"OneOfManyCommits", testOneOfManyCommits},
		{"OneOfManyCreates", testOneOfManyCreates},
		{"ConflictChangesNothing", testConflictChangesNothing},
		{"OpenRoundIsLogged", testOpenRoundIsLogged},
		{"RoundIsFiled", testRoundIsFiled},
		{"GoneLeavesOnlyRounds", testGoneLeavesOnlyRounds},
		{"WatchersHearEveryCommit", testWatchersHearEveryCommit},
		{"WatchersHearAfterwards", testWatchersHearAfterwards},
		{"StoppedWatchersHearNothing", testStoppedWatchersHearNothing},
		{"DueOrderAndLimit", testDueOrderAndLimit},
		{"MovesLeaveTheIndex", testMovesLeaveTheIndex},
		{"EarlyIndexIsPutRight", testEarlyIndexIsPutRight},
		{"Tenure", testTenure},
		{"EndedContext", testEndedContext},
		{"ContextEndsMeanwhile", testContextEndsMeanwhile},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e) })
	}
}

// both are the stores of two servers.
func (e Engine) both(t testing.TB) [2]play.Store { return [2]play.Store(e.servers(t, 2)) }

// servers are the stores of so many servers on the same rooms.
func (e Engine) servers(t testing.TB, n int) []play.Store {
	stores := []play.Store{e.Open(t)}
	for len(stores) < n {
		next := stores[0]
		if e.Second != nil {
			next = e.Second(t, stores[0])
		}
		stores = append(stores, next)
	}
	return stores
}

// patience is how long something that is to happen soon is waited for. It is long
// since a House asks a store that failed again by tossing a coin each second.
const patience = 30 * time.Second

// soon waits until is holds.
func soon(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// Dir is a folder that goes with the test, in memory where the system has such a
// place: how long a disk takes to flush is not what most tests are about.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "tictac-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
