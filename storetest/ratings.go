package storetest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"tictac/game"
	"tictac/history"
	"tictac/room"
)

// Rounds of quick match between two identities are rated, also if one leaves them
// after both have moved; none else, nor one that was cut off.
func testRatingsFollowTheLog(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	for _, id := range []string{"ann", "bob", "eve"} {
		enroll(t, stores[0], id, id)
	}
	meet(t, stores[0], "aaaa50", "ann", "bob", false).end(t, room.ByLine)
	meet(t, stores[0], "aaaa51", "ann", "", true).end(t, room.ByLine)
	meet(t, stores[0], "aaaa52", "ann", "bob", true).end(t, room.Expired)
	meet(t, stores[1], "aaaa54", "ann", "bob", true).end(t, room.ByLeft) // before anybody moved
	for id, played := range map[string]int{"ann": 4, "bob": 3} {
		if p := player(t, stores[1], id, played); p.Rating != nil {
			t.Errorf("%s is rated %+v for nothing", id, *p.Rating)
		}
	}
	// The paper's formulas for two newcomers, of whom one wins.
	left := meet(t, stores[0], "aaaa53", "ann", "bob", true)
	left.moves(t, 4, 0, 8)
	left.end(t, room.ByLeft)
	ann, bob := player(t, stores[1], "ann", 5).Rating, player(t, stores[1], "bob", 4).Rating
	if ann == nil || bob == nil || math.Abs(ann.Value-1662.31) > 0.01 || math.Abs(ann.Deviation-290.32) > 0.01 || math.Abs(ann.Value+bob.Value-3000) > 0.01 {
		t.Fatalf("ann is rated %+v, bob %+v, want 1662.31 and 1337.69, both ± 290.32", ann, bob)
	}
	for i, how := range []room.Ending{room.ByDraw, room.ByResign, room.ByLine, room.ByLeft} {
		meet(t, stores[i%2], fmt.Sprint("bbbb5", i), "bob", "eve", true).end(t, how)
		meet(t, stores[i%2], fmt.Sprint("cccc5", i), "eve", "ann", true).end(t, how)
	}
	player(t, stores[0], "ann", 9)
	player(t, stores[0], "bob", 8)
	player(t, stores[0], "eve", 8)
	wantFold(t, stores[0])
}

// Who is rated well enough is listed, the best first.
func testLeaders(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	if leaders, err := stores[0].Leaders(t.Context(), 10); err != nil || len(leaders) != 0 {
		t.Errorf("leaders of nobody: %+v, %v", leaders, err)
	}
	for _, id := range []string{"ann", "bob", "eve", "new"} {
		enroll(t, stores[0], id, id)
	}
	const rounds = 12
	for i, players := range [][2]string{{"eve", "ann"}, {"eve", "bob"}, {"bob", "ann"}} {
		tab := meet(t, stores[i%2], fmt.Sprint("aaaa6", i), players[0], players[1], true)
		for range rounds / 3 {
			tab.wins(t, room.Guest, 2)
			tab.wins(t, room.Host, 1)
		}
	}
	meet(t, stores[1], "dddd60", "new", "eve", true).wins(t, room.Host, 1)
	want := []history.Player{
		player(t, stores[0], "ann", 2*rounds), player(t, stores[0], "bob", 2*rounds), player(t, stores[0], "eve", 2*rounds+1),
	}
	for _, p := range append(want, player(t, stores[0], "new", 1)) {
		if listed := p.Rating.Deviation <= history.LeaderDeviation; listed != (p.ID != "new") {
			t.Fatalf("%s is rated %+v: the test shows nothing", p.ID, *p.Rating)
		}
	}
	slices.SortFunc(want, func(a, b history.Player) int { return cmp.Compare(b.Rating.Value, a.Rating.Value) })
	for limit, n := range map[int]int{1: 1, 2: 2, 3: 3, 100: 3} {
		got, err := stores[limit%2].Leaders(t.Context(), limit)
		if err != nil || len(got) != n {
			t.Errorf("%d leaders: %+v, %v, want %d", limit, got, err, n)
			continue
		}
		for i, p := range got {
			if p.ID != want[i].ID || p.Name != want[i].Name || p.Stats != want[i].Stats || *p.Rating != *want[i].Rating {
				t.Errorf("leader %d is %+v, want %+v", i, p, want[i])
			}
		}
	}
	if err := stores[0].Forget(t.Context(), want[0].ID); err != nil {
		t.Fatal(err)
	}
	if got, err := stores[1].Leaders(t.Context(), 1); err != nil || len(got) != 1 || got[0].ID != want[1].ID {
		t.Errorf("without %s, the first is %+v, %v, want %s", want[0].ID, got, err, want[1].ID)
	}
}

// What was damaged is mended from the log.
func testRebuild(t *testing.T, e ArchiveEngine) {
	store := e.Open(t)
	for _, id := range []string{"ann", "bob", "eve"} {
		enroll(t, store, id, id)
	}
	if n, err := store.Rebuild(t.Context()); n != 0 || err != nil {
		t.Errorf("rebuild of nothing: %d, %v", n, err)
	}
	meet(t, store, "aaaa61", "ann", "bob", true).wins(t, room.Guest, 6)
	meet(t, store, "bbbb61", "bob", "eve", true).wins(t, room.Host, 3)
	player(t, store, "ann", 6)
	player(t, store, "bob", 9)
	player(t, store, "eve", 3)
	wantFold(t, store)
	want := dump(t, store).accounts
	for i, damaged := range [][]string{{"bob"}, {"ann", "eve"}, {"ann", "bob", "eve"}} {
		for _, id := range damaged {
			before, err := store.Player(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			e.Damage(t, store, id)
			if p, err := store.Player(t.Context(), id); err != nil || p.Stats == before.Stats {
				t.Fatalf("%s is not damaged, the test shows nothing: %+v, %v", id, p, err)
			}
		}
		if n, err := store.Rebuild(t.Context()); n != len(damaged) || err != nil {
			t.Errorf("rebuild %d found %d players to differ, %v, want %d", i, n, err, len(damaged))
		}
		for j, got := range dump(t, store).accounts {
			if !got.Totals.Equal(want[j].Totals) || got.Name != want[j].Name {
				t.Errorf("after rebuild %d, %s is %+v, want %+v", i, got.ID, got, want[j])
			}
		}
		wantFold(t, store)
	}
}

// A player who differs only in the name last played under differs.
func testRebuildName(t *testing.T, e ArchiveEngine) {
	round := history.Round{Record: room.Record{
		ID: "a-round", Code: "aaaa62", Round: 1, Host: "Annie", Guest: "Bob", HostID: "ann", HostMark: game.X,
		Began: 1, Finished: 2, Moves: []room.Played{}, Ended: room.ByDraw,
	}}
	ann := history.Account{
		ID: "ann", Name: "Ann", Enrolled: 1, Keys: []string{"key-ann"}, Totals: history.Totals{}.Count(round, room.Host),
	}
	store := e.Open(t)
	put(t, store, []history.Item{{Round: &round}, {Account: &ann}})
	for _, want := range []int{1, 0} {
		if n, err := store.Rebuild(t.Context()); n != want || err != nil {
			t.Errorf("rebuild found %d players to differ, %v, want %d", n, err, want)
		}
		if p := player(t, store, "ann", 1); p.Name != "Annie" {
			t.Errorf("ann is called %q", p.Name)
		}
	}
}

// Many rounds of the same players end at the same moment, on two servers.
func testManyAtOnce(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	for _, id := range []string{"ann", "bob", "eve"} {
		enroll(t, stores[0], id, id)
	}
	const rooms = 30
	tables := make([]*table, rooms)
	for i := range tables {
		host, guest := "ann", []string{"bob", "eve"}[i%2]
		if i%3 == 0 {
			host, guest = guest, host
		}
		tables[i] = meet(t, stores[i%2], fmt.Sprintf("%02xaa70", i*8), host, guest, i%5 != 0)
	}
	together(rooms, func(i int) {
		tables[i].end(t, []room.Ending{room.ByResign, room.ByLine, room.ByDraw}[i%3])
	})
	player(t, stores[0], "ann", rooms)
	player(t, stores[1], "bob", rooms/2)
	player(t, stores[0], "eve", rooms/2)
	wantFold(t, stores[1])
}
