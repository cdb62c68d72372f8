package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"testing"
	"time"

	"tictac/game"
	"tictac/play"
	"tictac/room"
)

var (
	morning = time.Date(2026, 5, 1, 8, 0, 0, 123e6, time.UTC)
	rules   = room.Rules{Grace: 2 * time.Minute, WaitingGrace: 10 * time.Minute, Idle: 2 * time.Hour}
)

const (
	hostKey  = "key-of-the-host"
	guestKey = "key-of-the-guest"
)

// step is the commit that a House would make of a command.
func step(t testing.TB, s room.State, cmd room.Command, now time.Time) play.Commit {
	t.Helper()
	events, err := room.Decide(s, cmd, now)
	if err != nil || len(events) == 0 {
		t.Fatalf("%+v leads nowhere: %v", cmd, err)
	}
	next := room.Fold(s, events)
	c := play.Commit{
		ID: rand.Text(), State: &next, Events: events,
		Reindex: s.Wake != next.Wake || events[len(events)-1].Kind == room.Checked,
	}
	if record, ok := room.Filed(s, events); ok {
		c.Filed = &record
	}
	return c
}

// must makes a commit that has to succeed.
func must(t testing.TB, store play.Store, c play.Commit) play.Snapshot {
	t.Helper()
	if err := store.Commit(t.Context(), c); err != nil {
		t.Fatalf("commit %s to rev %d: %v", c.State.Code, c.State.Rev, err)
	}
	return play.Snapshot{State: *c.State, Commit: c.ID}
}

// do makes what a command leads to, which has to succeed.
func do(t testing.TB, store play.Store, s play.Snapshot, cmd room.Command, now time.Time) play.Snapshot {
	t.Helper()
	return must(t, store, step(t, s.State, cmd, now))
}

func create(code string) room.Create {
	return room.Create{Code: code, Key: hostKey, Name: "Ann \u202f👩‍🚀 \"<b>", Rules: rules, UpSince: room.At(morning)}
}

// open makes a room in which the host waits.
func open(t testing.TB, store play.Store, code string) play.Snapshot {
	t.Helper()
	return do(t, store, play.Snapshot{}, create(code), morning)
}

// begin makes a room in which a round is played.
func begin(t testing.TB, store play.Store, code string) play.Snapshot {
	t.Helper()
	s := open(t, store, code)
	return do(t, store, s, room.Join{Key: guestKey, Name: "Bob", RoundID: rand.Text()}, morning.Add(time.Second))
}

// move is the next player's move.
func move(s room.State, cell int) room.Move {
	key := hostKey
	if (s.Ply()%2 == 0) != (s.HostMark == game.X) {
		key = guestKey
	}
	return room.Move{Key: key, Cell: cell, Round: s.Round, Ply: s.Ply()}
}

// wantRoom checks what a store has of a room.
func wantRoom(t testing.TB, store play.Store, want play.Snapshot) {
	t.Helper()
	got, err := store.Load(t.Context(), want.Code)
	if err != nil {
		t.Fatalf("load %s: %v", want.Code, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("loaded\n%+v\nwant\n%+v", got, want)
	}
}

func wantNone(t testing.TB, store play.Store, code string) {
	t.Helper()
	if got, err := store.Load(t.Context(), code); !errors.Is(err, play.ErrNotFound) {
		t.Fatalf("load %s: %+v, %v, want ErrNotFound", code, got, err)
	}
}

// wantLog checks the log of an open round, if it can be read.
func wantLog(t testing.TB, store play.Store, code string, want []room.Event) {
	t.Helper()
	log, ok := store.(Inspector)
	if !ok {
		return
	}
	got, err := log.Log(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("log of %s:\n%+v\nwant\n%+v", code, got, want)
	}
}

// wantRounds checks the rounds of a room that were filed, if they can be read.
func wantRounds(t testing.TB, store play.Store, code string, want ...room.Record) {
	t.Helper()
	log, ok := store.(Inspector)
	if !ok {
		return
	}
	if got := filed(t, log, code); len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("rounds of %s:\n%+v\nwant\n%+v", code, got, want)
	}
}

func filed(t testing.TB, log Inspector, code string) (rounds []room.Record) {
	t.Helper()
	err := log.Rounds(context.WithoutCancel(t.Context()), func(r room.Record) error {
		if r.Code == code {
			rounds = append(rounds, r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rounds
}
