package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

// With a context that has ended a method may fail, but it must not say what is
// not so.
func testEndedContext(t *testing.T, e Engine) {
	store := e.Open(t)
	s := begin(t, store, "aaaa05")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		if got, err := store.Load(ended, "aaaa05"); errors.Is(err, play.ErrNotFound) || err == nil && got.Rev != s.Rev {
			t.Fatalf("load: %+v, %v", got, err)
		}
		if due, err := store.Due(ended, s.Wake, 1); err == nil && len(due) != 1 {
			t.Fatalf("due: %v, %v", due, err)
		}
		_, _ = store.Renew(ended, "one", room.At(time.Now()))
	}
	wantRoom(t, store, s)
	c := step(t, s.State, move(s.State, 4), morning.Add(time.Minute))
	settle(t, store, s, c, store.Commit(ended, c))
}

// A commit whose context ends meanwhile is made whole or not at all, and if it
// said that it was made, it was.
func testContextEndsMeanwhile(t *testing.T, e Engine) {
	store := e.Open(t)
	for i := range 30 {
		s := begin(t, store, fmt.Sprintf("bb%04d", i))
		c := step(t, s.State, move(s.State, 4), morning.Add(time.Minute))
		if i%2 == 1 {
			c = step(t, s.State, room.Resign{Key: hostKey}, morning.Add(time.Minute))
		}
		ctx, cancel := context.WithTimeout(t.Context(), rand.N(time.Millisecond))
		settle(t, store, s, c, store.Commit(ctx, c))
		cancel()
	}
}

// settle checks a commit on revision s that ended by err: it may have been made
// or not. Then a commit on s that conflicts or not says which, for good.
func settle(t *testing.T, store play.Store, s play.Snapshot, c play.Commit, err error) {
	t.Helper()
	if errors.Is(err, play.ErrConflict) {
		t.Fatal("a conflict with nobody")
	}
	said := err
	events := logOf(t, store, s.Code)
	last := step(t, s.State, room.Attach{Key: guestKey, Server: "last"}, morning.Add(time.Minute))
	switch err := store.Commit(t.Context(), last); {
	case err == nil && said == nil:
		t.Fatalf("%s: a commit was said to be made, and was not", s.Code)
	case err == nil:
		wantRoom(t, store, play.Snapshot{State: *last.State, Commit: last.ID})
		wantLog(t, store, s.Code, append(events, last.Events...))
		wantRounds(t, store, s.Code)
	case !errors.Is(err, play.ErrConflict):
		t.Fatal(err)
	default:
		wantRoom(t, store, play.Snapshot{State: *c.State, Commit: c.ID})
		if c.Filed == nil {
			wantRounds(t, store, s.Code)
		} else {
			wantLog(t, store, s.Code, nil)
			wantRounds(t, store, s.Code, *c.Filed)
		}
	}
}
