package storetest

import (
	"reflect"
	"testing"
	"time"

	"tictac/game"
	"tictac/room"
)

// What is logged of an open round makes of the room as it was before the round
// the room as it is.
func testOpenRoundIsLogged(t *testing.T, e Engine) {
	store := e.Open(t)
	before := open(t, store, "aaaa01")
	wantLog(t, store, "aaaa01", nil) // no round is open
	s, now := before, morning
	var events []room.Event
	for _, cmd := range []func(room.State) room.Command{
		func(room.State) room.Command { return room.Join{Key: guestKey, Name: "Bob", RoundID: "round-1"} },
		func(room.State) room.Command { return room.Attach{Key: guestKey, Server: "one"} },
		func(s room.State) room.Command { return move(s, 4) },
		func(room.State) room.Command { return room.Detach{Key: guestKey, Server: "one"} },
		func(s room.State) room.Command { return move(s, 0) },
		func(room.State) room.Command { return room.Resume{UpSince: room.At(now), Rules: rules} },
		func(s room.State) room.Command { return move(s, 8) },
	} {
		now = now.Add(time.Second)
		c := step(t, s.State, cmd(s.State), now)
		events = append(events, c.Events...)
		s = must(t, store, c)
		wantLog(t, store, "aaaa01", events)
	}
	if log := logOf(t, store, "aaaa01"); log != nil {
		state := room.Fold(before.State, log)
		state.Rev = s.Rev // it counts commits, not events
		if !reflect.DeepEqual(state, s.State) {
			t.Errorf("the log makes\n%+v\nof the room, which is\n%+v", state, s.State)
		}
	}
}

// Each way a round ends files it, once, and empties the log.
func testRoundIsFiled(t *testing.T, e Engine) {
	for _, c := range []struct {
		code   string
		cells  []int
		last   room.Command // after the moves
		ended  room.Ending
		winner game.Mark
		by     room.Seat
	}{
		{"bbbb01", []int{0, 3, 1, 4, 2}, nil, room.ByLine, game.X, room.Spectator},
		{"bbbb02", []int{0, 1, 2, 4, 3, 5, 7, 6, 8}, nil, room.ByDraw, game.None, room.Spectator},
		{"bbbb03", []int{4}, room.Resign{Key: hostKey}, room.ByResign, game.O, room.Host},
		{"bbbb04", nil, room.Leave{Key: guestKey}, room.ByLeft, game.None, room.Guest},
		{"bbbb05", []int{8}, room.Leave{Key: hostKey}, room.ByLeft, game.None, room.Host},
	} {
		t.Run(c.code+string(c.ended), func(t *testing.T) {
			store := e.Open(t)
			s, now := begin(t, store, c.code), morning.Add(time.Minute)
			want := room.Record{
				ID: s.RoundID, Code: c.code, Round: 1, Host: s.Host.Name, Guest: "Bob", HostMark: game.X,
				Began: s.Began, Moves: []room.Played{}, Ended: c.ended, Winner: c.winner, By: c.by,
			}
			for _, cell := range c.cells {
				wantRounds(t, store, c.code)
				now = now.Add(1234 * time.Millisecond)
				want.Moves = append(want.Moves, room.Played{Cell: cell, At: room.At(now)})
				s = do(t, store, s, move(s.State, cell), now)
			}
			if c.last != nil {
				wantRounds(t, store, c.code)
				now = now.Add(time.Second)
				s = do(t, store, s, c.last, now)
			}
			want.Finished = room.At(now)
			wantRounds(t, store, c.code, want)
			wantLog(t, store, c.code, nil)
			if s.Gone() {
				wantNone(t, store, c.code)
			} else {
				wantRoom(t, store, s)
			}
		})
	}
}

// A second round is logged anew, and stands beside the first one.
func testGoneLeavesOnlyRounds(t *testing.T, e Engine) {
	store := e.Open(t)
	s, now := begin(t, store, "cccc01"), morning.Add(time.Minute)
	first := step(t, s.State, room.Resign{Key: hostKey}, now)
	s = must(t, store, first)
	s = do(t, store, s, room.Rematch{Key: hostKey, RoundID: "two"}, now)
	wantLog(t, store, "cccc01", nil)
	again := step(t, s.State, room.Rematch{Key: guestKey, RoundID: "two"}, now.Add(time.Second))
	s = must(t, store, again)
	wantLog(t, store, "cccc01", again.Events)
	last := step(t, s.State, room.Leave{Key: hostKey}, now.Add(time.Minute))
	must(t, store, last)

	wantNone(t, store, "cccc01")
	wantLog(t, store, "cccc01", nil)
	wantRounds(t, store, "cccc01", *first.Filed, *last.Filed)
	if due, err := store.Due(t.Context(), room.At(now.Add(1000*time.Hour)), 10); err != nil || len(due) > 0 {
		t.Errorf("due: %v, %v, want nothing", due, err)
	}
	// The code is free again, and its next room begins with nothing.
	s = open(t, store, "cccc01")
	wantRoom(t, store, s)
	wantLog(t, store, "cccc01", nil)
	s = do(t, store, s, room.Leave{Key: hostKey}, now)
	wantNone(t, store, s.Code)
	wantRounds(t, store, "cccc01", *first.Filed, *last.Filed)
}
