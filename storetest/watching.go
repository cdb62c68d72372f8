package storetest

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

// An ear notes what a watcher is told, and what the store has at that moment.
type ear struct {
	store play.Store
	work  sync.WaitGroup

	mu    sync.Mutex
	begun bool // an engine that subscribes has said so
	heard []play.Snapshot
	early []play.Snapshot // told before they could be loaded
}

// listen watches a room, and returns when every commit is told.
func (e *ear) listen(t testing.TB, engine Engine, code string) (stop func()) {
	t.Helper()
	stop = e.store.Watch(code, e.hear(t, engine.Subscribes))
	if engine.Subscribes {
		soon(t, "the subscription stands", func() bool {
			e.mu.Lock()
			defer e.mu.Unlock()
			return e.begun
		})
	}
	return stop
}

// hear is the tell of a watcher. It must not block, so it asks on the side.
func (e *ear) hear(t testing.TB, subscribes bool) func(play.Snapshot) {
	return func(s play.Snapshot) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if subscribes && s.Rev == 0 {
			e.begun = true
			return
		}
		e.heard = append(e.heard, s)
		e.work.Go(func() {
			got, err := e.store.Load(t.Context(), s.Code)
			if gone := err == play.ErrNotFound; !gone && (err != nil || got.Rev < s.Rev) {
				e.mu.Lock()
				e.early = append(e.early, s)
				e.mu.Unlock()
			}
		})
	}
}

func (e *ear) all() []play.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]play.Snapshot(nil), e.heard...)
}

// Watchers on both servers hear of every commit of their room, and of no other.
func testWatchersHearEveryCommit(t *testing.T, e Engine) {
	stores := e.both(t)
	codes := []string{"aaaa02", "bbbb02"}
	var ears [2][2]*ear // by store, by room
	for i, store := range stores {
		for j, code := range codes {
			ears[i][j] = &ear{store: store}
			defer ears[i][j].listen(t, e, code)()
		}
	}
	want := make([]map[int64]play.Snapshot, len(codes))
	open(t, stores[0], "cccc02") // nobody listens
	for j, code := range codes {
		want[j] = map[int64]play.Snapshot{}
		note := func(s play.Snapshot) play.Snapshot { want[j][s.Rev] = s; return s }
		s := note(open(t, stores[j], code))
		s = note(do(t, stores[0], s, room.Join{Key: guestKey, Name: "Bob", RoundID: code}, morning))
		s = note(do(t, stores[1], s, move(s.State, 4), morning.Add(time.Second)))
		if stale := step(t, s.State, move(s.State, 0), morning); j == 0 {
			stale.State.Rev += 5 // a conflict: nobody may hear of it
			_ = stores[0].Commit(t.Context(), stale)
		}
		s = note(do(t, stores[1], s, room.Resign{Key: guestKey}, morning.Add(time.Second)))
		note(do(t, stores[0], s, room.Leave{Key: hostKey}, morning.Add(time.Minute)))
	}
	for i := range stores {
		for j := range codes {
			soon(t, "watchers hear", func() bool { return len(ears[i][j].all()) >= len(want[j]) })
			ears[i][j].work.Wait()
			for _, s := range ears[i][j].all() {
				if !reflect.DeepEqual(s, want[j][s.Rev]) {
					t.Errorf("heard of %s\n%+v\nbut revision %d is\n%+v", codes[j], s, s.Rev, want[j][s.Rev])
				}
			}
		}
	}
}

// What a watcher is told can be loaded at that moment, also under load.
func testWatchersHearAfterwards(t *testing.T, e Engine) {
	stores := e.both(t)
	var wg sync.WaitGroup
	for _, code := range []string{"aaaa03", "bbbb03", "cccc03", "dddd03"} {
		wg.Go(func() {
			ears := [2]*ear{{store: stores[0]}, {store: stores[1]}}
			for _, ear := range ears {
				defer ear.listen(t, e, code)()
			}
			s, n := begin(t, stores[0], code), 2
			for range 5 {
				for cell := range 5 {
					s = do(t, stores[cell%2], s, move(s.State, []int{0, 3, 1, 4, 2}[cell]), morning.Add(time.Hour))
				}
				s = do(t, stores[0], s, room.Rematch{Key: hostKey, RoundID: "x"}, morning)
				s = do(t, stores[1], s, room.Rematch{Key: guestKey, RoundID: code + string(rune('a'+s.Round))}, morning)
				n += 7
			}
			for _, ear := range ears {
				soon(t, "watchers hear", func() bool { return len(ear.all()) >= n })
				ear.work.Wait()
				if len(ear.early) > 0 {
					t.Errorf("%d of %d snapshots were told before they could be loaded", len(ear.early), n)
				}
			}
		})
	}
	wg.Wait()
}

func testStoppedWatchersHearNothing(t *testing.T, e Engine) {
	store := e.Open(t)
	var one, two ear
	one.store, two.store = store, store
	stop := one.listen(t, e, "eeee02")
	defer store.Watch("eeee02", two.hear(t, e.Subscribes))() // where one hears all, another does
	s := open(t, store, "eeee02")
	soon(t, "both hear", func() bool { return len(one.all()) == 1 && len(two.all()) == 1 })
	stop()
	stop() // twice is harmless
	do(t, store, s, room.Attach{Key: hostKey, Server: "one"}, morning)
	soon(t, "the other one goes on hearing", func() bool { return len(two.all()) == 2 })
	if n := len(one.all()); n != 1 {
		t.Errorf("a stopped watcher heard of %d more", n-1)
	}
	one.work.Wait()
	two.work.Wait()
}
