package redis_test

import (
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"tictac/game"
	"tictac/play"
	"tictac/room"
)

var (
	rules = room.Rules{Grace: 2 * time.Minute, WaitingGrace: 10 * time.Minute, Idle: 2 * time.Hour}
	noon  = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
)

// step is the commit that a command leads to.
func step(t testing.TB, s room.State, cmd room.Command, now time.Time) play.Commit {
	t.Helper()
	c, err := commitOf(s, cmd, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func commitOf(s room.State, cmd room.Command, now time.Time) (play.Commit, error) {
	events, err := room.Decide(s, cmd, now)
	if err != nil || len(events) == 0 {
		return play.Commit{}, fmt.Errorf("%+v leads nowhere: %w", cmd, err)
	}
	c := play.Commit{ID: rand.Text(), State: new(room.Fold(s, events)), Events: events}
	c.Reindex = s.Wake != c.State.Wake
	if record, ok := room.Filed(s, events); ok {
		c.Filed = &record
	}
	return c, nil
}

// do makes commits of commands, one after the other.
func do(t testing.TB, store play.Store, s room.State, now time.Time, cmds ...room.Command) room.State {
	t.Helper()
	for _, cmd := range cmds {
		c := step(t, s, cmd, now)
		if err := store.Commit(t.Context(), c); err != nil {
			t.Fatalf("%+v: %v", cmd, err)
		}
		s = *c.State
	}
	return s
}

func create(code string) room.Create {
	return room.Create{Code: code, Key: "host", Name: "Ann", Rules: rules, UpSince: room.At(noon)}
}

// begin makes a room in which a round is played, with both players on servers.
func begin(t testing.TB, store play.Store, code, host, guest string) room.State {
	t.Helper()
	return do(t, store, room.State{}, noon, create(code), room.Attach{Key: "host", Server: host},
		room.Join{Key: "guest", Name: "Bob", RoundID: rand.Text()}, room.Attach{Key: "guest", Server: guest})
}

// moves has the players move in turn.
func moves(t testing.TB, store play.Store, s room.State, cells ...int) room.State {
	t.Helper()
	for _, cell := range cells {
		key := "host"
		if (s.Ply()%2 == 0) != (s.HostMark == game.X) {
			key = "guest"
		}
		s = do(t, store, s, noon, room.Move{Key: key, Cell: cell, Round: s.Round, Ply: s.Ply()})
	}
	return s
}

// An ear counts what a watcher is told.
type ear struct {
	mu     sync.Mutex
	zeroes int
	newest int64
}

func listen(t testing.TB, store play.Store, code string) *ear {
	t.Helper()
	e := &ear{}
	t.Cleanup(store.Watch(code, func(s play.Snapshot) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if s.Rev == 0 {
			e.zeroes++
		}
		e.newest = max(e.newest, s.Rev)
	}))
	soon(t, "the subscription stands", func() bool { return e.missed() > 0 })
	return e
}

func (e *ear) missed() int { e.mu.Lock(); defer e.mu.Unlock(); return e.zeroes }
func (e *ear) rev() int64  { e.mu.Lock(); defer e.mu.Unlock(); return e.newest }
