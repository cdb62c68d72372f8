package play_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/sqlite"
	"tictac/storetest"
)

// A gated store holds commits back while it is told to.
type gated struct {
	*sqlite.Store
	holds atomic.Bool
	held  atomic.Int64
	gate  chan struct{}
}

func (g *gated) Submit(ctx context.Context, c play.Commit, done func(error)) {
	if !g.holds.Load() {
		g.Store.Submit(ctx, c, done)
		return
	}
	g.held.Add(1)
	go func() {
		<-g.gate
		g.Store.Submit(ctx, c, done)
	}()
}

// What comes while a commit is under way is decided in its order, and then committed
// together until a round ends.
func TestTogether(t *testing.T) {
	t.Parallel()
	db, err := sqlite.Open(filepath.Join(storetest.Dir(t), "tictac.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	store := &gated{Store: db, gate: make(chan struct{})}
	house, err := play.Open(t.Context(), play.Config{Store: store, Rules: rules, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer house.Close()
	s := &server{House: house}
	code, host := s.create(t)
	guest := s.join(t, code)
	defer host.Close()
	defer guest.Close()
	moves(t, 1, host, guest, 0)
	before := host.View().State.Rev

	type answer struct {
		who     string
		changed bool
		err     error
	}
	answers := make(chan answer, 10)
	tell := func(who string) func(bool, error) {
		return func(changed bool, err error) { answers <- answer{who, changed, err} }
	}
	store.holds.Store(true)
	guest.Session.Move(4, 1, 1, tell("the guest's move"))
	for deadline := time.Now().Add(10 * time.Second); store.held.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing was committed")
		}
	}
	host.Session.Move(1, 1, 2, tell("the host's move"))
	guest.Session.Move(1, 1, -1, tell("a cell that is taken by then"))
	host.Session.Move(1, 1, 2, tell("the same move again"))
	guest.Session.Resign(tell("the end"))
	host.Session.Rematch(tell("another round"))
	guest.Session.Rematch(tell("another round begins"))
	store.holds.Store(false)
	close(store.gate)
	for _, want := range []answer{
		{"the guest's move", true, nil},
		{"the host's move", true, nil}, {"a cell that is taken by then", false, room.CellTaken}, {"the same move again", false, nil}, {"the end", true, nil},
		{"another round", true, nil}, {"another round begins", true, nil},
	} {
		select {
		case got := <-answers:
			if got != want {
				t.Errorf("answered %+v, want %+v", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no answer to %s", want.who)
		}
	}
	snap, err := db.Load(t.Context(), code)
	if err != nil || snap.Rev != before+3 || snap.Round != 2 || snap.Guest.Rematch || snap.Host.Wins != 1 {
		t.Errorf("%v: after three commits the room is at revision %d of %d: %+v", err, snap.Rev, before, snap.State)
	}
	if log, err := db.Log(t.Context(), code); err != nil || len(log) != 3 || log[2].Kind != room.RoundBegan {
		t.Errorf("the log of the new round is %+v, %v", log, err)
	}
	if house.Close(); host.View().State.Rev != snap.Rev {
		t.Errorf("the host sees revision %d, the store has %d", host.View().State.Rev, snap.Rev)
	}
}
