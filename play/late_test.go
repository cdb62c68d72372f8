package play_test

import (
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

// What other servers commit is heard late, in any order and while the store is
// being asked. It never sets a room back: nobody is sent away by it, and nobody is
// shown an older room than before.
func TestHeardWhileAsking(t *testing.T) {
	store, _, code, host, _ := aSharedRoom(t)
	end := time.Now().Add(3 * time.Second)
	var wg sync.WaitGroup
	defer wg.Wait()
	for range 4 { // each tells what there was a moment ago
		wg.Go(func() {
			for time.Now().Before(end) {
				snap, err := store.Store.Load(t.Context(), code)
				if err != nil {
					t.Error(err)
					return
				}
				store.tell(snap)
			}
		})
	}
	wg.Go(func() { // another server, which this one takes out of the room again
		for time.Now().Before(end) {
			snap, err := store.Store.Load(t.Context(), code)
			if err != nil {
				t.Error(err)
				return
			}
			events, _ := room.Decide(snap.State, room.Attach{Key: snap.Host.Key, Server: "another"}, time.Now())
			if len(events) > 0 {
				_ = store.Store.Commit(t.Context(), play.Commit{ID: rand.Text(), State: new(room.Fold(snap.State, events)), Events: events})
			}
		}
	})
	rev := int64(0)
	for time.Now().Before(end) {
		refused := make(chan error, 1)
		host.Move(4, 5, 5, func(_ bool, err error) { refused <- err })
		if err := <-refused; err != room.Stale {
			t.Fatalf("a move in a round to come: %v", err)
		}
		v := host.View()
		if v.State.Rev < rev || host.Lost() {
			t.Fatalf("revision %d was shown after %d; sent away: %v", v.State.Rev, rev, host.Lost())
		}
		rev = v.State.Rev
	}
	t.Logf("up to revision %d", rev)
}
