package storetest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"tictac/game"
	"tictac/history"
	"tictac/play"
	"tictac/room"
)

// Each way a round ends is counted for both, and a round is read back as it was.
func testEveryEndingIsCounted(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	enroll(t, stores[0], "ann", "Ann")
	enroll(t, stores[1], "bob", "Bob")
	for i, how := range []room.Ending{room.ByLine, room.ByLine, room.ByLeft, room.ByDraw, room.ByResign, room.Expired} {
		c := meet(t, stores[i%2], fmt.Sprint("aaaa2", i), "ann", "bob", false).end(t, how)
		for _, s := range stores {
			player(t, s, "ann", i+1)
			if got, err := s.Round(t.Context(), c.Filed.ID); err != nil || !reflect.DeepEqual(got, *c.Filed) {
				t.Errorf("the round is\n%+v, %v, want\n%+v", got, err, *c.Filed)
			}
		}
		// In the same order for both, wherever they are counted.
		player(t, stores[0], "bob", i+1)
	}
	for _, s := range stores {
		want := history.Player{ID: "ann", Name: "host ann", Stats: history.Stats{Played: 6, Won: 3, Drawn: 1, Abandoned: 2, Streak: 1, BestStreak: 2}}
		if got := player(t, s, "ann", 6); got != want {
			t.Errorf("ann is\n%+v, want\n%+v", got, want)
		}
		want = history.Player{ID: "bob", Name: "guest bob", Stats: history.Stats{Played: 6, Lost: 3, Drawn: 1, Abandoned: 2}}
		if got := player(t, s, "bob", 6); got != want {
			t.Errorf("bob is\n%+v, want\n%+v", got, want)
		}
		_, err := s.Round(t.Context(), "made-up")
		unknown(t, "round", err)
	}
	wantFold(t, stores[0])
}

// Who plays the computer, or somebody without an identity, has played; and a
// commit that is sent again counts no second time.
func testCountedOnce(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	enroll(t, stores[0], "ann", "Ann")
	solo := &table{store: stores[0], code: "aaaa30", now: morning}
	c := create("aaaa30")
	c.Who, c.Computer, c.RoundID = "ann", game.Perfect, rand.Text()
	solo.do(t, c)
	alone := solo.do(t, room.Resign{Key: hostKey})
	other := meet(t, stores[1], "bbbb30", "", "ann", false).end(t, room.ByResign)
	for i, c := range []play.Commit{alone, other, alone, other} {
		if err := stores[i/2].Commit(t.Context(), c); err != nil && !errors.Is(err, play.ErrConflict) {
			t.Errorf("the same commit again: %v, want that it is made, or ErrConflict", err)
		}
	}
	solo.now = solo.now.Add(rules.Grace)
	solo.do(t, room.Rematch{Key: hostKey, RoundID: rand.Text()})
	solo.do(t, room.Resign{Key: hostKey})
	p := player(t, stores[1], "ann", 3)
	if want := (history.Stats{Played: 3, Lost: 3}); p.Stats != want || p.Rating != nil {
		t.Errorf("ann is %+v, want %+v", p, want)
	}
	for i, c := range []play.Commit{alone, other} {
		if err := stores[i].Commit(t.Context(), c); err != nil && !errors.Is(err, play.ErrConflict) {
			t.Errorf("the same commit later: %v, want that it is made, or ErrConflict", err)
		}
	}
	wantFold(t, stores[0])
	if n := len(dump(t, stores[1]).rounds); n != 3 {
		t.Errorf("%d rounds are in the log, want 3", n)
	}
}

// Rounds between two seats of one identity are kept, and count for nothing.
func testNobodyAgainstItself(t *testing.T, e ArchiveEngine) {
	store := e.Open(t)
	enroll(t, store, "ann", "Ann")
	both := meet(t, store, "aaaa31", "ann", "ann", true).end(t, room.ByLine)
	meet(t, store, "aaaa32", "ann", "", false).end(t, room.ByLine)
	p := player(t, store, "ann", 1)
	if p.Stats.Won != 1 || p.Rating != nil {
		t.Errorf("ann is %+v", p)
	}
	soon(t, "the round is filed", func() bool {
		got, err := store.Round(t.Context(), both.Filed.ID)
		return err == nil && got.HostID == "ann" && got.GuestID == "ann"
	})
	if games, err := store.Games(t.Context(), "ann", 10, ""); err != nil || len(games) != 1 {
		t.Errorf("games: %+v, %v, want one", games, err)
	}
	wantFold(t, store)
}

// newest is rounds as a player with a seat in them sees them, newest first.
func newest(seat room.Seat, rounds []room.Record) (games []history.Game) {
	for _, r := range slices.Backward(rounds) {
		games = append(games, history.Game{Record: r, Seat: seat})
	}
	return games
}

func testGamesArePaged(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	enroll(t, stores[0], "ann", "Ann")
	enroll(t, stores[0], "bob", "Bob")
	series := func(i int, code, host, guest string, n int) (rounds []room.Record) {
		tab := meet(t, stores[i], code, host, guest, false)
		for range n {
			if tab.snapshot.Phase == room.Over {
				tab.again(t)
			}
			rounds = append(rounds, *tab.end(t, room.ByResign).Filed)
		}
		return rounds
	}
	first := series(0, "aaaa40", "ann", "bob", 12)
	player(t, stores[0], "ann", 12) // in this order, wherever they are filed
	second := series(1, "bbbb40", "bob", "ann", 13)
	player(t, stores[0], "ann", 25)
	player(t, stores[0], "bob", 25)
	for i, want := range [][]history.Game{
		append(newest(room.Guest, second), newest(room.Host, first)...),
		append(newest(room.Host, second), newest(room.Guest, first)...),
	} {
		id := []string{"ann", "bob"}[i]
		for _, limit := range []int{1, 10, 25, 100} {
			var got []history.Game
			for before, more := "", true; more; {
				page, err := stores[len(got)%2].Games(t.Context(), id, limit, before)
				if err != nil || len(page) > limit {
					t.Fatalf("page of %d before %q: %d games, %v", limit, before, len(page), err)
				}
				if got = append(got, page...); len(page) > 0 {
					before = page[len(page)-1].ID
				}
				more = len(page) > 0
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, pages of %d: %d games\n%+v\nwant %d\n%+v", id, limit, len(got), got, len(want), want)
			}
		}
	}
}

// A cursor is a round of the player's own: no other, and none that is made up.
func testCursorsFromElsewhere(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	for _, id := range []string{"ann", "bob", "eve"} {
		enroll(t, stores[0], id, id)
	}
	own := meet(t, stores[0], "aaaa41", "ann", "bob", false).end(t, room.ByResign)
	foreign := meet(t, stores[0], "bbbb41", "bob", "eve", false).end(t, room.ByResign)
	self := meet(t, stores[1], "cccc41", "ann", "ann", false).end(t, room.ByResign)
	player(t, stores[1], "ann", 1)
	player(t, stores[1], "bob", 2)
	soon(t, "the last round is filed", func() bool { return len(dump(t, stores[1]).rounds) == 3 })
	for _, before := range []string{foreign.Filed.ID, self.Filed.ID, "made-up", "ann", "0", own.Filed.ID + " ", "%", "'"} {
		games, err := stores[0].Games(t.Context(), "ann", 10, before)
		unknown(t, "games before "+before, err)
		if len(games) > 0 {
			t.Errorf("before %q there are %+v", before, games)
		}
	}
	if games, err := stores[0].Games(t.Context(), "ann", 10, own.Filed.ID); err != nil || len(games) != 0 {
		t.Errorf("before the first: %+v, %v", games, err)
	}
	_, err := stores[1].Games(t.Context(), "nobody", 10, "")
	unknown(t, "games of nobody", err)
	_, err = stores[1].Games(t.Context(), "nobody", 10, own.Filed.ID)
	unknown(t, "games of nobody", err)
}
