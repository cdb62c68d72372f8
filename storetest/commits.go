package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

func testLoadAndCreate(t *testing.T, e Engine) {
	stores := e.both(t)
	wantNone(t, stores[0], "aaaaaa")
	a := open(t, stores[0], "aaaaaa")
	for _, s := range stores {
		wantRoom(t, s, a)
		wantNone(t, s, "aaaaab")
	}
	b := begin(t, stores[1], "aaaaab")
	wantRoom(t, stores[0], a)
	wantRoom(t, stores[0], b)
}

// Every kind of step is there, whole, on both servers, as soon as Commit has
// returned.
func testEveryStepIsLoaded(t *testing.T, e Engine) {
	stores := e.both(t)
	s := open(t, stores[0], "bbbbbb")
	now := morning
	for i, cmd := range []func(room.State) room.Command{
		func(room.State) room.Command { return room.Attach{Key: hostKey, Server: "one"} },
		func(room.State) room.Command { return room.Attach{Key: hostKey, Server: "two"} },
		func(room.State) room.Command { return room.Join{Key: guestKey, Name: "Bob", RoundID: "round-1"} },
		func(room.State) room.Command { return room.Attach{Key: guestKey, Server: "two"} },
		func(s room.State) room.Command { return move(s, 0) },
		func(s room.State) room.Command { return move(s, 4) },
		func(room.State) room.Command { return room.Lost{Server: "two"} },
		func(room.State) room.Command {
			return room.Resume{UpSince: room.At(morning.Add(time.Hour)), Rules: rules}
		},
		func(room.State) room.Command { return room.Resign{Key: guestKey} },
		func(room.State) room.Command { return room.Rematch{Key: hostKey, RoundID: "round-2"} },
		func(room.State) room.Command { return room.Rematch{Key: guestKey, RoundID: "round-2"} },
		func(s room.State) room.Command { return move(s, 8) },
		func(room.State) room.Command { return room.Expire{Indexed: true} },
		func(room.State) room.Command { return room.Leave{Key: guestKey} },
	} {
		now = now.Add(time.Second)
		s = do(t, stores[i%2], s, cmd(s.State), now)
		wantRoom(t, stores[0], s)
		wantRoom(t, stores[1], s)
	}
	do(t, stores[1], s, room.Leave{Key: hostKey}, now)
	wantNone(t, stores[0], "bbbbbb")
}

// Of all commits decided on one revision one is made. This is repeated on each
// revision of a few rooms.
func testOneOfManyCommits(t *testing.T, e Engine) {
	stores := e.both(t)
	var wg sync.WaitGroup
	for r := range 4 {
		code := fmt.Sprintf("cc%04d", r)
		s := begin(t, stores[0], code)
		wg.Go(func() {
			for _, cell := range []int{4, 0, 8, 2} {
				s = race(t, stores, s, func(int) play.Commit {
					return step(t, s.State, move(s.State, cell), morning.Add(time.Minute))
				})
			}
		})
	}
	wg.Wait()
}

// race has commits made at once, and returns the one that was.
func race(t *testing.T, stores [2]play.Store, s play.Snapshot, commit func(i int) play.Commit) play.Snapshot {
	const racers = 8
	commits := make([]play.Commit, racers)
	for i := range commits {
		commits[i] = commit(i)
	}
	var wg sync.WaitGroup
	errs := make([]error, racers)
	for i, c := range commits {
		wg.Go(func() { errs[i] = stores[i%2].Commit(t.Context(), c) })
	}
	wg.Wait()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won < 0:
			won = i
		case err == nil:
			t.Errorf("%s: two commits made revision %d", s.Code, s.Rev+1)
		case !errors.Is(err, play.ErrConflict):
			t.Errorf("%s: commit: %v, want ErrConflict", s.Code, err)
		}
	}
	if won < 0 {
		t.Errorf("%s: none of %d commits on revision %d was made", s.Code, racers, s.Rev)
		return s
	}
	made := play.Snapshot{State: *commits[won].State, Commit: commits[won].ID}
	got, err := stores[0].Load(t.Context(), made.Code)
	if err != nil || got.Commit != made.Commit {
		t.Errorf("%s: loaded commit %q, %v, want %q", made.Code, got.Commit, err, made.Commit)
	}
	if log, ok := stores[0].(Inspector); ok {
		events, err := log.Log(t.Context(), made.Code)
		if n := 2 + made.Ply(); err != nil || made.Phase == room.Playing && len(events) != n {
			t.Errorf("%s: %d events are logged, %v, want %d", made.Code, len(events), err, n)
		}
	}
	return made
}

func testOneOfManyCreates(t *testing.T, e Engine) {
	stores := e.both(t)
	race(t, stores, play.Snapshot{}, func(int) play.Commit {
		return step(t, room.State{}, create("dddddd"), morning)
	})
}

// A conflict: the revision is older, newer, or the room is not there.
func testConflictChangesNothing(t *testing.T, e Engine) {
	store := e.Open(t)
	old := begin(t, store, "eeeeee")
	now := do(t, store, old, move(old.State, 4), morning.Add(2*time.Second))
	events := logOf(t, store, "eeeeee")
	lost := []play.Commit{
		step(t, room.State{}, create("eeeeee"), morning),
		step(t, old.State, move(old.State, 0), morning),
		step(t, old.State, room.Resign{Key: hostKey}, morning), // files a round
		step(t, old.State, room.Leave{Key: hostKey}, morning),  // closes the room
	}
	ahead := room.Fold(now.State, nil)
	lost = append(lost, step(t, ahead, move(ahead, 0), morning), step(t, ahead, room.Leave{Key: hostKey}, morning))
	absent := old.State
	absent.Code = "eeeeef"
	lost = append(lost, step(t, absent, move(absent, 0), morning), step(t, absent, room.Leave{Key: hostKey}, morning))
	for _, c := range lost {
		if err := store.Commit(t.Context(), c); !errors.Is(err, play.ErrConflict) {
			t.Errorf("commit to rev %d of %s, which has %d: %v, want ErrConflict", c.State.Rev, c.State.Code, now.Rev, err)
		}
		wantRoom(t, store, now)
		wantLog(t, store, "eeeeee", events)
		wantRounds(t, store, "eeeeee")
	}
	wantNone(t, store, "eeeeef")
	wantLog(t, store, "eeeeef", nil)
	wantRounds(t, store, "eeeeef")
}

func logOf(t testing.TB, store play.Store, code string) []room.Event {
	t.Helper()
	log, ok := store.(Inspector)
	if !ok {
		return nil
	}
	events, err := log.Log(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return events
}
