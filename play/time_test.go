package play_test

import (
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/storetest"
)

// A grace that is over is noticed at its moment where the room is in use.
func TestGraceByAlarm(t *testing.T) {
	quick := rules
	quick.Grace = 100 * time.Millisecond
	s := start(t, filepath.Join(storetest.Dir(t), "tictac.db"), &clock{}, quick, true)
	code, host := s.create(t)
	guest := s.join(t, code)
	moves(t, 1, host, guest, 4)
	since := time.Now()
	guest.Close()
	host.Await(t, "the guest's seat is freed", func(s room.State) bool { return s.Phase == room.Waiting })
	if took := time.Since(since); took < quick.Grace {
		t.Errorf("freed after %v", took)
	}
	host.Close()
	// The host waits for ten minutes, of which the clock makes short work; the
	// room is no longer in use, so this is the store's index.
	eventually(t, "the host is away", func() bool {
		snap, err := s.under.Load(t.Context(), code)
		return err == nil && snap.Host.Away()
	})
	s.clock.forward(rules.WaitingGrace + time.Second)
	eventually(t, "the room is gone", func() bool {
		_, err := s.under.Load(t.Context(), code)
		return err == play.ErrNotFound
	})
}

// An idle room closes for those who sit in it.
func TestIdle(t *testing.T) {
	s := newServer(t)
	code, host := s.create(t)
	s.clock.forward(rules.Idle)
	host.Await(t, "the room has expired", func(s room.State) bool { return s.Gone() && s.Reason == room.Idle })
	if _, err := s.Look(t.Context(), code); err != room.NotFound {
		t.Error(err)
	}
}

// After a night without a server the room is there, and who is absent has the
// full grace.
func TestRestart(t *testing.T) {
	path, c := filepath.Join(storetest.Dir(t), "tictac.db"), &clock{}
	s := start(t, path, c, rules, true)
	code, host := s.create(t)
	guest := s.join(t, code)
	moves(t, 1, host, guest, 4, 0)
	s.stop()
	if _, err := host.Move(8, 1, 2); err == nil {
		t.Error("a move after the end was acknowledged")
	}
	c.forward(12 * time.Hour)
	s = start(t, path, c, rules, true)
	host = storetest.Sit(t, s.House, code, host.Secret)
	v := host.Await(t, "the sweep has seen the room", func(s room.State) bool { return !s.Host.Away() && s.Guest.Away() })
	if left := v.State.Guest.Until.Sub(room.At(c.now())); left < rules.Grace-10*time.Second || left > rules.Grace {
		t.Errorf("the guest has %v left of %v", left, rules.Grace)
	}
	if v.State.Ply() != 2 {
		t.Errorf("the board is %+v", v.State.Moves)
	}
	guest = storetest.Sit(t, s.House, code, guest.Secret)
	host.Await(t, "both are back", func(s room.State) bool { return !s.Guest.Away() })
	if _, err := host.Move(8, 1, 2); err != nil {
		t.Error(err)
	}
	guest.Await(t, "the game goes on", func(s room.State) bool { return s.Ply() == 3 })
}

// A room nobody comes back to after a restart goes by its grace, from the index.
func TestRestartAbandoned(t *testing.T) {
	path, c := filepath.Join(storetest.Dir(t), "tictac.db"), &clock{}
	s := start(t, path, c, rules, true)
	code, _ := s.create(t)
	s.join(t, code)
	s.stop()
	c.forward(12 * time.Hour)
	s = start(t, path, c, rules, true)
	eventually(t, "both are away with a full grace", func() bool {
		snap, err := s.under.Load(t.Context(), code)
		return err == nil && snap.Host.Away() && snap.Guest.Away() && snap.Guest.Until.Sub(room.At(c.now())) > rules.Grace-10*time.Second
	})
	c.forward(rules.Grace + time.Second)
	eventually(t, "the room is gone", func() bool {
		_, err := s.under.Load(t.Context(), code)
		return err == play.ErrNotFound
	})
}

func TestReady(t *testing.T) {
	s := newServer(t)
	if !s.Ready() {
		t.Error("not ready at first")
	}
	s.store.Inject(func(op storetest.Op) storetest.Fault {
		if op == storetest.OpRenew {
			return storetest.NotMade
		}
		return storetest.None
	})
	s.clock.forward(11 * time.Second)
	eventually(t, "not ready", func() bool { return !s.Ready() })
	s.store.Heal()
	eventually(t, "ready again", s.Ready)
}

// A refusal is confirmed by the store: another server may have changed the room
// without our having heard.
func TestRefusalIsConfirmed(t *testing.T) {
	s := newServer(t)
	deaf := storetest.NewFaulty(storetest.Shared{Store: s.under})
	deaf.Inject(func(op storetest.Op) storetest.Fault {
		if op == storetest.OpTell {
			return storetest.NotMade
		}
		return storetest.None
	})
	other, err := play.Open(t.Context(), play.Config{Store: deaf, Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	code, secret, err := other.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	host := storetest.Sit(t, other, code, secret)
	guest, err := other.Join(t.Context(), code, "Bob", "")
	if err != nil {
		t.Fatal(err)
	}
	// Moves by a second tab of both, here: sqlite's tenure takes other for dead,
	// which is right but for this test, so its sockets are seen to go and come.
	ann, bob := storetest.Sit(t, s.House, code, secret), storetest.Sit(t, s.House, code, guest)
	moves(t, 1, ann, bob, 4, 0)
	if changed, err := host.Move(8, 1, 2); !changed || err != nil {
		t.Errorf("a move that an old copy would refuse: %v, %v", changed, err)
	}
}

// Nothing is left of games that are over, however they ended.
func TestNothingIsLeft(t *testing.T) {
	s := newServer(t)
	before := runtime.NumGoroutine()
	for i := range 200 {
		code, host := s.create(t)
		guest := s.join(t, code)
		spectator := storetest.Sit(t, s.House, code, "")
		if i%5 > 0 {
			moves(t, 1, host, guest, 4)
		}
		switch i % 5 {
		case 1:
			_, _ = guest.Resign()
		case 2:
			_, _ = guest.Leave()
		case 3:
			_, _ = host.Leave()
		case 4:
			if i%50 == 4 { // few, since each waits some seconds to be asked for again
				s.store.Inject(storetest.Next(storetest.OpCommit, storetest.Late))
			}
			_, _ = guest.Move(0, 1, 1)
			s.store.Heal()
		}
		spectator.Close()
		guest.Close()
		host.Close()
	}
	s.store.Wait()
	eventually(t, "no table is left", func() bool { return s.Tables() == 0 })
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before+5 }) // those of Run may not have begun before
	if n := s.Rooms(); n != 0 {
		t.Errorf("%d rooms have a session", n)
	}
	if n := s.Alarms(); n != 0 {
		t.Errorf("%d alarms are set", n)
	}
}
