package storetest

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"tictac/history"
	"tictac/play"
	"tictac/room"
)

// A Historian is a store that keeps history, too.
type Historian interface {
	play.Store
	history.Porter
}

// An ArchiveEngine is a kind of Historian to be tested.
type ArchiveEngine struct {
	// Open opens an empty store, and closes it when the test ends. A test that
	// opens another does not use the first one any more.
	Open func(t testing.TB) Historian

	// Second opens what another server would use beside the first one. nil: they
	// share the first.
	Second func(t testing.TB, first Historian) Historian

	// Damage makes what is counted of a player wrong, behind the store's back.
	Damage func(t testing.TB, store Historian, id string)
}

// RunArchive holds an engine to the comments of history.Archive and Porter.
func RunArchive(t *testing.T, e ArchiveEngine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, e ArchiveEngine)
	}{
		{"Enroll", testEnroll},
		{"HandOff", testHandOff},
		{"HandOffToTwoAtOnce", testHandOffToTwoAtOnce},
		{"EveryEndingIsCounted", testEveryEndingIsCounted},
		{"CountedOnce", testCountedOnce},
		{"NobodyAgainstItself", testNobodyAgainstItself},
		{"GamesArePaged", testGamesArePaged},
		{"CursorsFromElsewhere", testCursorsFromElsewhere},
		{"RatingsFollowTheLog", testRatingsFollowTheLog},
		{"Leaders", testLeaders},
		{"Forget", testForget},
		{"ForgottenInMidRound", testForgottenInMidRound},
		{"Rebuild", testRebuild},
		{"RebuildName", testRebuildName},
		{"ManyAtOnce", testManyAtOnce},
		{"CarriedOver", testCarriedOver},
		{"CarriedOverIntoMore", testCarriedOverIntoMore},
		{"OpeningTotals", testOpeningTotals},
		{"NothingFalseWhenGivenUp", testNothingFalseWhenGivenUp},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e) })
	}
}

// both are the stores of two servers.
func (e ArchiveEngine) both(t testing.TB) [2]Historian {
	first := e.Open(t)
	if e.Second == nil {
		return [2]Historian{first, first}
	}
	return [2]Historian{first, e.Second(t, first)}
}

// enroll makes an identity with a key that is named like it.
func enroll(t testing.TB, store Historian, id, name string) {
	t.Helper()
	if err := store.Enroll(t.Context(), id, "key-"+id, name, room.At(morning)); err != nil {
		t.Fatalf("enroll %s: %v", id, err)
	}
}

// A table is a room in which two play round after round.
type table struct {
	store    Historian
	code     string
	matched  bool
	now      time.Time
	snapshot play.Snapshot
}

// meet seats two players, who may have no identity, and begins their first round.
func meet(t testing.TB, store Historian, code, host, guest string, matched bool) *table {
	t.Helper()
	tab := &table{store: store, code: code, matched: matched, now: morning}
	c := create(code)
	c.Name, c.Who, c.Open = "host "+host, host, matched
	tab.do(t, c)
	tab.do(t, room.Join{Key: guestKey, Name: "guest " + guest, Who: guest, RoundID: rand.Text(), Matched: matched})
	return tab
}

func (tab *table) do(t testing.TB, cmd room.Command) play.Commit {
	t.Helper()
	tab.now = tab.now.Add(time.Second)
	c := step(t, tab.snapshot.State, cmd, tab.now)
	tab.snapshot = must(t, tab.store, c)
	return c
}

// end ends the round, and returns the commit that did.
func (tab *table) end(t testing.TB, how room.Ending) (c play.Commit) {
	t.Helper()
	switch how {
	case room.ByLine:
		c = tab.moves(t, 0, 3, 1, 4, 2)
	case room.ByDraw:
		c = tab.moves(t, 0, 1, 2, 4, 3, 5, 7, 6, 8)
	case room.ByResign: // the guest does
		c = tab.do(t, room.Resign{Key: guestKey})
	case room.ByLeft:
		c = tab.do(t, room.Leave{Key: guestKey})
	case room.Expired:
		tab.now = tab.now.Add(rules.Idle)
		tab.do(t, room.Resume{UpSince: room.At(tab.now), Rules: room.Rules{Grace: 100 * time.Hour, Idle: time.Hour}})
		tab.now = tab.now.Add(2 * time.Hour)
		c = tab.do(t, room.Expire{})
	}
	if c.Filed == nil || c.Filed.Ended != how {
		t.Fatalf("%s: the round did not end by %s: %+v", tab.code, how, c.Filed)
	}
	return c
}

func (tab *table) moves(t testing.TB, cells ...int) (c play.Commit) {
	t.Helper()
	for _, cell := range cells {
		c = tab.do(t, move(tab.snapshot.State, cell))
	}
	return c
}

// again begins the next round, after one that neither has left.
func (tab *table) again(t testing.TB) {
	t.Helper()
	tab.do(t, room.Rematch{Key: hostKey, RoundID: rand.Text()})
	tab.do(t, room.Rematch{Key: guestKey, RoundID: rand.Text()})
}

// wins has a seat win so many rounds, the other one resigning.
func (tab *table) wins(t testing.TB, seat room.Seat, rounds int) {
	t.Helper()
	for range rounds {
		if tab.snapshot.Phase == room.Over {
			tab.again(t)
		}
		tab.do(t, room.Resign{Key: [...]string{room.Host: guestKey, room.Guest: hostKey}[seat]})
	}
}

// player waits until so many rounds of a player are counted.
func player(t testing.TB, store history.Archive, id string, played int) (p history.Player) {
	t.Helper()
	soon(t, "rounds are counted", func() (is bool) {
		var err error
		if p, err = store.Player(t.Context(), id); err != nil {
			t.Fatalf("player %s: %v", id, err)
		}
		if p.Stats.Played > played {
			t.Fatalf("player %s has played %d rounds, want %d", id, p.Stats.Played, played)
		}
		return p.Stats.Played == played
	})
	return p
}

// everything is what a store keeps, rounds, accounts by id and rooms by code.
type everything struct {
	rounds   []history.Round
	accounts []history.Account
	rooms    []history.Room
	items    []history.Item
}

func dump(t testing.TB, store history.Porter) (all everything) {
	t.Helper()
	err := store.Dump(t.Context(), func(i history.Item) error {
		all.items = append(all.items, i)
		switch {
		case i.Round != nil && len(all.accounts)+len(all.rooms) == 0:
			all.rounds = append(all.rounds, *i.Round)
		case i.Account != nil && len(all.rooms) == 0:
			all.accounts = append(all.accounts, *i.Account)
		case i.Room != nil:
			all.rooms = append(all.rooms, *i.Room)
		default:
			t.Errorf("not in order, or nothing: %+v", i)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("dump: %v", err)
	}
	slices.SortFunc(all.accounts, func(a, b history.Account) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(all.rooms, func(a, b history.Room) int { return cmp.Compare(a.State.Code, b.State.Code) })
	return all
}

// wantFold checks that the totals of all players are the fold of the log, that
// its order is that of its numbers, and that a Rebuild finds the same.
func wantFold(t testing.TB, store history.Porter) {
	t.Helper()
	all := dump(t, store)
	totals := map[string]history.Totals{}
	for _, a := range all.accounts {
		totals[a.ID] = a.Opening
	}
	last := int64(-1)
	for _, r := range all.rounds {
		if r.Seq <= last {
			t.Errorf("round %s has number %d, after %d", r.ID, r.Seq, last)
		}
		last = r.Seq
		if r.Rated != (r.Before != nil) {
			t.Errorf("round %s: rated is %v, and before it were %v", r.ID, r.Rated, r.Before)
		}
		next := map[string]history.Totals{}
		for _, seat := range []room.Seat{room.Host, room.Guest} {
			before, known := totals[r.Player(seat)]
			if known && r.CountsFor(seat) {
				wantBefore(t, r, seat, before)
				next[r.Player(seat)] = before.Count(r, seat)
			}
		}
		for id, t := range next {
			totals[id] = t
		}
	}
	for _, a := range all.accounts {
		if !a.Totals.Equal(totals[a.ID]) {
			t.Errorf("of %s is counted\n%+v, and the log makes\n%+v", a.ID, a.Totals, totals[a.ID])
		}
	}
	if n, err := store.Rebuild(t.Context()); n != 0 || err != nil {
		t.Errorf("rebuild found %d players to differ, %v", n, err)
	}
	if again := dump(t, store); !reflect.DeepEqual(again.accounts, all.accounts) {
		t.Errorf("rebuild has changed\n%+v\nto\n%+v", all.accounts, again.accounts)
	}
}

// WantFold checks the same, for tests of one engine.
func WantFold(t testing.TB, store history.Porter) { t.Helper(); wantFold(t, store) }

// wantBefore checks what a rated round says that a player was rated before it.
func wantBefore(t testing.TB, r history.Round, seat room.Seat, totals history.Totals) {
	t.Helper()
	if r.Before == nil {
		return
	}
	want := history.Unrated
	if totals.Rating != nil {
		want = *totals.Rating
	}
	if got := r.Before[seat-room.Host]; got != want {
		t.Errorf("round %s, number %d: %s was rated %+v before it, want %+v", r.ID, r.Seq, r.Player(seat), got, want)
	}
}

// unknown checks that an answer is ErrUnknown.
func unknown(t testing.TB, what string, err error) {
	t.Helper()
	if !errors.Is(err, history.ErrUnknown) {
		t.Errorf("%s: %v, want ErrUnknown", what, err)
	}
}

func wantKey(t testing.TB, store history.Archive, key, want string) {
	t.Helper()
	id, err := store.Identify(t.Context(), key)
	if want == "" {
		unknown(t, "identify "+key, err)
	} else if id != want || err != nil {
		t.Errorf("%s opens %q, %v, want %s", key, id, err, want)
	}
}

// together calls f for each number, all at the same time.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

func ended(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
