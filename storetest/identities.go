package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"tictac/history"
	"tictac/room"
)

func testEnroll(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	wantKey(t, stores[0], "key-ann", "")
	enroll(t, stores[0], "ann", "Ann \u202f👩‍🚀 \"<b>")
	for _, s := range stores {
		wantKey(t, s, "key-ann", "ann")
		wantKey(t, s, "ann", "")
		wantKey(t, s, "", "")
		p, err := s.Player(t.Context(), "ann")
		if err != nil || p != (history.Player{ID: "ann", Name: "Ann \u202f👩‍🚀 \"<b>"}) {
			t.Errorf("player: %+v, %v", p, err)
		}
		games, err := s.Games(t.Context(), "ann", 10, "")
		if err != nil || len(games) != 0 {
			t.Errorf("games: %+v, %v", games, err)
		}
		for _, id := range []string{"key-ann", "bob", "", "an", "ann "} {
			_, err = s.Player(t.Context(), id)
			unknown(t, "player "+id, err)
		}
	}
	enroll(t, stores[1], "ann", "Ann") // once more is harmless
	if err := stores[1].Enroll(t.Context(), "ann", "key-eve", "Eve", room.At(morning)); err == nil {
		t.Error("an id was given away twice")
	}
	if err := stores[1].Enroll(t.Context(), "eve", "key-ann", "Eve", room.At(morning)); err == nil {
		t.Error("a key was given away twice")
	}
	wantKey(t, stores[0], "key-eve", "")
	wantKey(t, stores[0], "key-ann", "ann")
}

// A hand-off works once and in time, and adds a key.
func testHandOff(t *testing.T, e ArchiveEngine) {
	stores, ctx := e.both(t), t.Context()
	enroll(t, stores[0], "ann", "Ann")
	now := room.At(time.Now())
	unknown(t, "offer of nobody", stores[0].Offer(ctx, "token-0", "eve", now.Add(history.HandoffTime)))
	for _, token := range []string{"token-1", "token-2", "token-3"} {
		if err := stores[0].Offer(ctx, token, "ann", now.Add(history.HandoffTime)); err != nil {
			t.Fatal(err)
		}
	}
	redeem := func(token, key string, after time.Duration, want string) {
		t.Helper()
		id, err := stores[1].Redeem(ctx, token, key, now.Add(after))
		switch {
		case want == "":
			unknown(t, "redeem "+token, err)
			wantKey(t, stores[0], key, "")
		case id != want || err != nil:
			t.Errorf("redeem %s: %q, %v, want %s", token, id, err, want)
		default:
			wantKey(t, stores[0], key, want)
		}
	}
	redeem("token-0", "key-0", 0, "")                   // offered for nobody
	redeem("token-9", "key-0", 0, "")                   // made up
	redeem("", "key-0", 0, "")                          //
	redeem("key-ann", "key-0", 0, "")                   // a key is no token
	redeem("token-1", "key-1", time.Minute, "ann")      //
	redeem("token-1", "key-2", time.Minute, "")         // used
	redeem("token-2", "key-2", history.HandoffTime, "") // late
	redeem("token-3", "key-3", history.HandoffTime-time.Second, "ann")
	for _, key := range []string{"key-ann", "key-1", "key-3"} {
		wantKey(t, stores[1], key, "ann")
	}
	wantKey(t, stores[0], "token-3", "")
}

// Of many who redeem one token at once, one gets it.
func testHandOffToTwoAtOnce(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	enroll(t, stores[0], "ann", "Ann")
	now := room.At(time.Now())
	for round := range 5 {
		token := fmt.Sprint("token-", round)
		if err := stores[0].Offer(t.Context(), token, "ann", now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		var got atomic.Int32
		together(8, func(i int) {
			key := fmt.Sprint(token, " to ", i)
			id, err := stores[i%2].Redeem(t.Context(), token, key, now)
			if err != nil {
				unknown(t, "redeem", err)
				wantKey(t, stores[0], key, "")
				return
			}
			if got.Add(1); id != "ann" {
				t.Errorf("redeemed %q", id)
			}
			wantKey(t, stores[1], key, "ann")
		})
		if n := got.Load(); n != 1 {
			t.Errorf("%d got one token", n)
		}
	}
}

// Who is forgotten is gone, with all keys, and without a name on any game. The
// others keep what they have counted.
func testForget(t *testing.T, e ArchiveEngine) {
	stores, ctx := e.both(t), t.Context()
	for _, id := range []string{"ann", "bob", "eve"} {
		enroll(t, stores[0], id, id)
	}
	now := room.At(time.Now())
	for _, token := range []string{"used", "unused"} {
		if err := stores[0].Offer(ctx, token, "ann", now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := stores[1].Redeem(ctx, "used", "phone", now); err != nil {
		t.Fatal(err)
	}
	meet(t, stores[0], "aaaa10", "ann", "bob", true).wins(t, room.Host, 5)
	meet(t, stores[1], "bbbb10", "bob", "ann", true).wins(t, room.Host, 5)
	meet(t, stores[0], "cccc10", "ann", "ann", false).wins(t, room.Host, 1)
	meet(t, stores[1], "dddd10", "bob", "eve", true).wins(t, room.Host, 1)
	player(t, stores[1], "ann", 10)
	player(t, stores[1], "eve", 1)
	bob := player(t, stores[0], "bob", 11)

	if err := stores[1].Forget(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	for _, s := range stores {
		for _, key := range []string{"key-ann", "phone"} {
			wantKey(t, s, key, "")
		}
		_, err := s.Player(ctx, "ann")
		unknown(t, "player", err)
		_, err = s.Games(ctx, "ann", 10, "")
		unknown(t, "games", err)
		_, err = s.Redeem(ctx, "unused", "tablet", now)
		unknown(t, "redeem", err)
		unknown(t, "offer", s.Offer(ctx, "another", "ann", now.Add(time.Minute)))
		unknown(t, "forget again", s.Forget(ctx, "ann"))
		if got, err := s.Player(ctx, "bob"); err != nil || got.Stats != bob.Stats || *got.Rating != *bob.Rating {
			t.Errorf("bob is now %+v, %v, and was %+v", got, err, bob)
		}
		games, err := s.Games(ctx, "bob", 100, "")
		if err != nil || len(games) != 11 {
			t.Errorf("bob has %d games, %v, want 11", len(games), err)
		}
	}
	wantNoTrace(t, stores[0], "ann", 11)
	wantFold(t, stores[0])
}

// wantNoTrace checks that no round has the name or the id of who was forgotten,
// and that of so many some player is unnamed.
func wantNoTrace(t testing.TB, store Historian, id string, want int) {
	t.Helper()
	unnamed := 0
	for _, r := range dump(t, store).rounds {
		if r.HostID == id || r.GuestID == id || r.Host == "host "+id || r.Guest == "guest "+id {
			t.Errorf("%s is still in %+v", id, r)
		}
		if r.Host == "" && r.HostID == "" || r.Guest == "" && r.GuestID == "" {
			unnamed++
		}
		if got, err := store.Round(t.Context(), r.ID); err != nil || got.Host != r.Host || got.GuestID != r.GuestID {
			t.Errorf("round %s is told as %+v, %v", r.ID, got, err)
		}
	}
	if unnamed != want {
		t.Errorf("%d rounds have a player without a name, want %d", unnamed, want)
	}
}

// What ends after somebody was forgotten does not bring the name back, and counts
// for the other; it is not rated, since there is nobody to be rated against.
func testForgottenInMidRound(t *testing.T, e ArchiveEngine) {
	stores := e.both(t)
	enroll(t, stores[0], "ann", "Ann")
	enroll(t, stores[0], "bob", "Bob")
	rated := meet(t, stores[0], "aaaa11", "ann", "bob", true)
	alone := meet(t, stores[1], "bbbb11", "ann", "ann", false)
	if err := stores[1].Forget(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	c := rated.end(t, room.ByResign)
	rated.again(t)
	rated.end(t, room.ByLine) // by the guest, who is X now
	alone.end(t, room.ByDraw)
	bob := player(t, stores[1], "bob", 2)
	if want := (history.Stats{Played: 2, Won: 1, Lost: 1, Streak: 1, BestStreak: 1}); bob.Stats != want || bob.Rating != nil {
		t.Errorf("bob is %+v, want %+v, unrated", bob, want)
	}
	soon(t, "the round without anybody is filed", func() bool { return len(dump(t, stores[0]).rounds) == 3 })
	wantNoTrace(t, stores[0], "ann", 3)
	if r, err := stores[0].Round(t.Context(), c.Filed.ID); err != nil || r.Rated || r.GuestID != "bob" {
		t.Errorf("the round is %+v, %v, want it unrated", r, err)
	}
	_, err := stores[1].Player(t.Context(), "ann")
	unknown(t, "player", err)
	wantFold(t, stores[0])
}

// A method that was given up may fail, but must not say what is not so.
func testNothingFalseWhenGivenUp(t *testing.T, e ArchiveEngine) {
	store := e.Open(t)
	enroll(t, store, "ann", "Ann")
	tab := meet(t, store, "aaaa12", "ann", "", false)
	c := tab.end(t, room.ByResign)
	player(t, store, "ann", 1)
	ctx, now := ended(t), room.At(time.Now())
	check := func(what string, err error) {
		t.Helper()
		if err == history.ErrUnknown {
			t.Errorf("%s: what is there is said not to be", what)
		}
	}
	for range 10 {
		_, err := store.Identify(ctx, "key-ann")
		check("identify", err)
		_, err = store.Player(ctx, "ann")
		check("player", err)
		games, err := store.Games(ctx, "ann", 10, "")
		check("games", err)
		if err == nil && len(games) != 1 {
			t.Errorf("games: %+v", games)
		}
		_, err = store.Round(ctx, c.Filed.ID)
		check("round", err)
		check("offer", store.Offer(ctx, "token", "ann", now.Add(time.Minute)))
	}
	wantKey(t, store, "key-ann", "ann")
	wantFold(t, store)
}
