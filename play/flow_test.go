package play_test

import (
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/storetest"
)

func TestTwoPlay(t *testing.T) {
	s := newServer(t)
	code, host := s.create(t)
	spectator := storetest.Sit(t, s.House, code, "")
	if v := host.View(); v.State.Phase != room.Waiting || v.State.Code != code {
		t.Errorf("the host sees %+v", v.State)
	}
	guest := s.join(t, code)
	all := []*storetest.Player{host, guest, spectator}
	for _, p := range all {
		p.Await(t, "both are here", func(s room.State) bool { return s.Phase == room.Playing && !s.Host.Away() && !s.Guest.Away() })
	}
	if _, err := s.Join(t.Context(), code, "Eve", ""); err != room.Full {
		t.Errorf("a third player: %v", err)
	}
	if _, err := spectator.Move(0, 1, 0); err != room.NotSeated {
		t.Errorf("a spectator moves: %v", err)
	}
	moves(t, 1, host, guest, 0, 3, 1)
	if changed, err := host.Move(1, 1, 2); changed || err != nil {
		t.Errorf("a move said again: %v, %v", changed, err)
	}
	for _, c := range []struct {
		p                *storetest.Player
		cell, round, ply int
		want             room.Refusal
	}{
		{host, 99, 1, 3, room.CellOutOfRange}, {guest, 5, 1, 1, room.Stale}, {guest, 5, 7, -1, room.Stale},
		{host, 5, 1, 3, room.NotYourTurn}, {guest, 1, 1, 3, room.CellTaken}, {guest, -1, -1, -1, room.CellOutOfRange},
	} {
		if changed, err := c.p.Move(c.cell, c.round, c.ply); changed || err != c.want {
			t.Errorf("move %d in %d/%d: %v, %v, want %v", c.cell, c.round, c.ply, changed, err, c.want)
		}
	}
	if _, err := host.Rematch(); err != room.NotOver {
		t.Errorf("rematch in mid-game: %v", err)
	}
	if _, err := guest.Move(4, 1, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := host.Move(2, 1, 4); err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		p.Await(t, "X has won", func(s room.State) bool { return s.Ended == room.ByLine && s.Host.Wins == 1 })
	}
	for _, p := range []*storetest.Player{host, guest} {
		if _, err := p.Rematch(); err != nil {
			t.Fatal(err)
		}
	}
	spectator.Await(t, "the second round", func(s room.State) bool { return s.Phase == room.Playing && s.Round == 2 })
	moves(t, 2, guest, host, 4)
	if _, err := host.Resign(); err != nil {
		t.Fatal(err)
	}
	if _, err := guest.Leave(); err != nil {
		t.Fatal(err)
	}
	host.Await(t, "the guest has left", func(s room.State) bool { return s.Phase == room.Waiting })
	if guest.Holds(guest.View()) || !host.Holds(host.View()) || !spectator.Holds(spectator.View()) {
		t.Error("the wrong ones hold their seats")
	}
	if _, err := host.Leave(); err != nil {
		t.Fatal(err)
	}
	spectator.Await(t, "the room has closed", func(s room.State) bool { return s.Gone() && s.Reason == room.HostLeft })
	if _, err := s.Look(t.Context(), code); err != room.NotFound {
		t.Errorf("look at what has closed: %v", err)
	}
	if n := s.meter.ended.Load(); n != 2 {
		t.Errorf("%d rounds were counted, want 2", n)
	}
}

// A player is online while one of several sessions lives.
func TestSeveralSessions(t *testing.T) {
	s := newServer(t)
	code, host := s.create(t)
	guest := s.join(t, code)
	second := storetest.Sit(t, s.House, code, guest.Secret)
	host.Await(t, "the guest is here", func(s room.State) bool { return !s.Guest.Away() })
	guest.Close()
	moves(t, 1, host, second, 4, 0)
	if host.View().State.Guest.Away() {
		t.Error("the guest, who has another session, is away")
	}
	second.Close()
	host.Await(t, "the guest is away", func(s room.State) bool { return s.Guest.Away() })
	third := storetest.Sit(t, s.House, code, guest.Secret)
	host.Await(t, "the guest is back", func(s room.State) bool { return !s.Guest.Away() })
	third.Close()
}

// A session that is closed while its hello is under way leaves nobody online.
func TestClosedDuringHello(t *testing.T) {
	s := newServer(t)
	code, host := s.create(t)
	secret, err := s.Join(t.Context(), code, "Bob", "")
	if err != nil {
		t.Fatal(err)
	}
	for range 30 {
		session, err := s.Enter(code, secret, &storetest.Player{})
		if err != nil {
			t.Fatal(err)
		}
		var answered sync.WaitGroup
		answered.Add(1)
		session.Hello(func(room.Seat, error) { answered.Done() })
		session.Close()
		answered.Wait()
	}
	host.Await(t, "the guest is away", func(s room.State) bool { return s.Guest.Away() })
	eventually(t, "the store knows", func() bool {
		snap, err := s.under.Load(t.Context(), code)
		return err == nil && snap.Guest.Away() && !snap.Host.Away()
	})
}

// An away player's view counts down, without anything being committed.
func TestCountdown(t *testing.T) {
	s := newServer(t)
	code, host := s.create(t)
	guest := s.join(t, code)
	guest.Close()
	host.Await(t, "the guest is away", func(s room.State) bool { return s.Guest.Away() })
	v := host.View()
	s.clock.forward(30 * time.Second)
	w := host.View()
	before, after := v.State.View(v.At).Guest.BackIn, w.State.View(w.At).Guest.BackIn
	if d := before - after; d < 29*time.Second || d > 35*time.Second || w.State.Rev != v.State.Rev {
		t.Errorf("30 s later %v became %v", before, after)
	}
}

// Whose done panics hurts nobody else.
func TestPanic(t *testing.T) {
	s := newServer(t)
	code, host := s.create(t)
	guest := s.join(t, code)
	host.Session.Move(4, 1, 0, func(bool, error) { panic("on purpose") })
	if changed, err := guest.Move(0, 1, 1); !changed || err != nil {
		t.Errorf("the next move: %v, %v", changed, err)
	}
	host.Await(t, "both moves", func(s room.State) bool { return s.Ply() == 2 })
	if n := s.meter.panics.Load(); n != 1 {
		t.Errorf("%d panics were counted", n)
	}
}

// An unknown outcome that turns out to be ours is success.
func TestFoundToBeOurs(t *testing.T) {
	s := newServer(t)
	code, host := s.create(t)
	s.join(t, code)
	s.store.Inject(storetest.Next(storetest.OpCommit, storetest.Made))
	if changed, err := host.Move(4, 1, 0); !changed || err != nil {
		t.Errorf("move: %v, %v", changed, err)
	}
	s.store.Inject(storetest.Both(
		storetest.Next(storetest.OpCommit, storetest.Made), storetest.Next(storetest.OpLoad, storetest.NotMade)))
	if _, err := host.Resign(); err != play.Unavailable {
		t.Errorf("resign: %v", err)
	}
	host.Await(t, "the resignation", func(s room.State) bool { return s.Ended == room.ByResign })
}
