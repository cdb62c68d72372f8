package storetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"tictac/game"
	"tictac/history"
	"tictac/room"
)

// filled is a store with something of everything in it, and a table at which a
// round is played.
func filled(t testing.TB, e ArchiveEngine) (Historian, *table) {
	t.Helper()
	store, now := e.Open(t), room.At(time.Now())
	for _, id := range []string{"ann", "bob", "eve", "gone"} {
		enroll(t, store, id, "enrolled as "+id)
	}
	if err := store.Offer(t.Context(), "token", "ann", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Redeem(t.Context(), "token", "a-phone", now); err != nil {
		t.Fatal(err)
	}
	meet(t, store, "aaaa80", "ann", "bob", true).wins(t, room.Host, 3)
	meet(t, store, "bbbb80", "gone", "ann", true).wins(t, room.Host, 2)
	meet(t, store, "cccc80", "bob", "bob", false).end(t, room.ByDraw)
	meet(t, store, "dddd80", "", "", false).end(t, room.ByLeft) // the host stays, and waits
	player(t, store, "ann", 5)
	player(t, store, "gone", 2)
	if err := store.Forget(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	soon(t, "all rounds are filed", func() bool { return len(dump(t, store).rounds) == 7 })
	tab := meet(t, store, "eeee80", "bob", "ann", true)
	tab.do(t, room.Attach{Key: hostKey, Server: "one"})
	tab.moves(t, 4, 0, 8)
	return store, tab
}

// put puts items into a store, a few at a time.
func put(t testing.TB, store history.Porter, items []history.Item) (added int) {
	t.Helper()
	for some := range slices.Chunk(items, 4) {
		n, err := store.Put(t.Context(), some)
		if err != nil {
			t.Fatalf("put: %v", err)
		}
		added += n
	}
	return added
}

// wantSame checks that two stores keep the same. The rounds' numbers are their own.
func wantSame(t testing.TB, got, want everything) {
	t.Helper()
	for _, all := range []everything{got, want} {
		for i := range all.rounds {
			all.rounds[i].Seq = 0
		}
	}
	if !reflect.DeepEqual(got.rounds, want.rounds) {
		t.Errorf("rounds are\n%+v\nwant\n%+v", got.rounds, want.rounds)
	}
	if !reflect.DeepEqual(got.accounts, want.accounts) {
		t.Errorf("accounts are\n%+v\nwant\n%+v", got.accounts, want.accounts)
	}
	if !reflect.DeepEqual(got.rooms, want.rooms) {
		t.Errorf("rooms are\n%+v\nwant\n%+v", got.rooms, want.rooms)
	}
}

// All that a store keeps goes into another one, where the game goes on.
func testCarriedOver(t *testing.T, e ArchiveEngine) {
	from, tab := filled(t, e)
	all := dump(t, from)
	if len(all.rounds) != 7 || len(all.accounts) != 3 || len(all.rooms) != 5 {
		t.Fatalf("%d rounds, %d accounts, %d rooms", len(all.rounds), len(all.accounts), len(all.rooms))
	}
	if keys := all.accounts[0].Keys; !slices.Equal(keys, []string{"a-phone", "key-ann"}) {
		t.Errorf("the keys of ann are %v", keys)
	}
	to := e.Open(t)
	if n := put(t, to, all.items); n != len(all.items) {
		t.Errorf("%d of %d items were added", n, len(all.items))
	}
	wantSame(t, dump(t, to), all)
	wantFold(t, to)
	if n := put(t, to, all.items); n != 0 {
		t.Errorf("the second time, %d items were added", n)
	}
	wantSame(t, dump(t, to), all)

	wantKey(t, to, "a-phone", "ann")
	wantRoom(t, to, tab.snapshot)
	tab.store = to
	tab.moves(t, 1)
	if log := logOf(t, to, tab.code); log != nil && len(log) != len(all.rooms[4].Log)+1 {
		t.Errorf("the log has %d events, and had %d before a move", len(log), len(all.rooms[4].Log))
	}
	tab.do(t, room.Resign{Key: guestKey})
	player(t, to, "ann", 6)
	if games, err := to.Games(t.Context(), "ann", 1, ""); err != nil || games[0].ID != tab.snapshot.RoundID || len(games[0].Moves) != 4 {
		t.Errorf("the newest game is %+v, %v", games, err)
	}
	wantFold(t, to)
}

// What is in a store already is left alone; what is new is added.
func testCarriedOverIntoMore(t *testing.T, e ArchiveEngine) {
	from, tab := filled(t, e)
	early := dump(t, from)
	now := room.At(time.Now())
	if err := from.Offer(t.Context(), "token-2", "ann", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := from.Redeem(t.Context(), "token-2", "a-tablet", now); err != nil {
		t.Fatal(err)
	}
	enroll(t, from, "new", "New")
	meet(t, from, "ffff80", "new", "ann", true).wins(t, room.Host, 2)
	tab.do(t, room.Resign{Key: hostKey})
	player(t, from, "ann", 8)
	player(t, from, "bob", 4)
	late := dump(t, from)

	to := e.Open(t)
	put(t, to, early.items)
	kept := tab.code
	if n := put(t, to, late.items); n != 3+1+1+1 { // rounds, a key, an identity, a room
		t.Errorf("%d items were added, want 6", n)
	}
	if got, err := to.Load(t.Context(), kept); err != nil || got.Rev != early.rooms[4].State.Rev {
		t.Errorf("the room that was there is at revision %d, %v, want %d", got.Rev, err, early.rooms[4].State.Rev)
	}
	wantKey(t, to, "a-tablet", "ann")
	if n, err := to.Rebuild(t.Context()); n != 2 || err != nil { // new came with its totals
		t.Errorf("rebuild found %d players to differ, %v, want 2", n, err)
	}
	got := dump(t, to)
	got.rooms, late.rooms = nil, nil
	wantSame(t, got, late)
	wantFold(t, to)
}

// Totals of rounds that are no more there are where all counting begins, and a
// round that is kept for the other player only is not counted twice.
func testOpeningTotals(t *testing.T, e ArchiveEngine) {
	opening := history.Totals{
		Stats:  history.Stats{Played: 1200, Won: 700, Lost: 300, Drawn: 150, Abandoned: 50, Streak: 4, BestStreak: 31},
		Rating: &history.Rating{Value: 1712.345678, Deviation: 61.5, Volatility: 0.059},
	}
	folded := history.Round{
		Record: room.Record{
			ID: "folded", Code: "aaaa90", Round: 1, Host: "Ann", Guest: "Bob", HostID: "ann", GuestID: "bob", HostMark: game.X,
			Began: 1, Finished: 2, Moves: []room.Played{}, Ended: room.ByResign, Winner: game.O, By: room.Host, Rated: true,
		},
		Before: &[2]history.Rating{{Value: 1720, Deviation: 62, Volatility: 0.059}, history.Unrated},
		Folded: []room.Seat{room.Host},
	}
	other := folded
	other.ID, other.Host, other.Guest, other.HostID, other.GuestID = "folded-too", "Bob", "Ann", "bob", "ann"
	other.Folded, other.Rated, other.Before = []room.Seat{room.Guest}, false, nil
	bob := history.Totals{}.Count(folded, room.Guest).Count(other, room.Host)
	items := []history.Item{
		{Round: &folded},
		{Round: &other},
		{Account: &history.Account{ID: "ann", Name: "Ann", Enrolled: 1, Keys: []string{"key-ann"}, Totals: opening, Opening: opening}},
		{Account: &history.Account{ID: "bob", Name: "Bob", Enrolled: 1, Keys: []string{"key-bob"}, Totals: bob}},
	}
	store := e.Open(t)
	if n := put(t, store, items); n != 4 {
		t.Errorf("%d items were added, want 4", n)
	}
	wantFold(t, store)
	if games, err := store.Games(t.Context(), "ann", 10, ""); err != nil || len(games) != 0 {
		t.Errorf("ann has games %+v, %v, and it is in her totals", games, err)
	}
	if games, err := store.Games(t.Context(), "bob", 10, ""); err != nil || len(games) != 2 {
		t.Errorf("bob has games %+v, %v, want two", games, err)
	}
	meet(t, store, "bbbb90", "ann", "bob", true).end(t, room.ByResign)
	ann := player(t, store, "ann", 1201)
	if ann.Stats.Won != 701 || ann.Stats.Streak != 5 || ann.Stats.BestStreak != 31 || ann.Rating.Value <= opening.Rating.Value {
		t.Errorf("ann is now %+v, rated %+v", ann.Stats, *ann.Rating)
	}
	wantFold(t, store)
	e.Damage(t, store, "ann")
	if n, err := store.Rebuild(t.Context()); n != 1 || err != nil {
		t.Errorf("rebuild: %d, %v, want 1", n, err)
	}
	if got := player(t, store, "ann", 1201); got.Stats != ann.Stats || *got.Rating != *ann.Rating {
		t.Errorf("after a rebuild ann is %+v, want %+v", got, ann)
	}
	if err := store.Forget(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	wantNoTrace(t, store, "ann", 3)
	if r, err := store.Round(t.Context(), "folded"); err != nil || r.Host != "" || r.HostID != "" {
		t.Errorf("the folded round still names who was forgotten: %+v, %v", r, err)
	}
	wantFold(t, store)
	if snap, err := store.Load(t.Context(), "bbbb90"); err != nil || snap.Phase != room.Over {
		t.Errorf("the room is %+v, %v", snap, err)
	}
}
