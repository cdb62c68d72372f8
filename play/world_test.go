package play_test

import (
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/storetest"
)

// sitElsewhere has a player sit on another server, which a file cannot have: it
// is dead.
func (s *server) sitElsewhere(t *testing.T, code, secret string) {
	t.Helper()
	snap, err := s.under.Load(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	events, err := room.Decide(snap.State, room.Attach{Key: play.KeyOf(secret), Server: "another"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := play.Commit{ID: rand.Text(), State: new(room.Fold(snap.State, events)), Events: events}
	if err := s.under.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// online is on how many servers the host is.
func (s *server) online(t *testing.T, code string) int {
	t.Helper()
	snap, err := s.under.Load(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return len(snap.Host.Online)
}

// A command that finds its work done, or is refused, has changed nothing, also
// when it brings about a commit: that a server has died.
func TestNoChangeButADeadServer(t *testing.T) {
	s := newServer(t)
	code, host := s.create(t)
	guest := s.join(t, code)
	moves(t, 1, host, guest, 4)
	for _, c := range []struct {
		cell, ply int
		want      error
	}{{4, 0, nil}, {0, 1, room.NotYourTurn}} {
		s.sitElsewhere(t, code, host.Secret)
		if changed, err := host.Move(c.cell, 1, c.ply); changed || err != c.want {
			t.Errorf("move %+v: %v, %v", c, changed, err)
		}
		if n := s.online(t, code); n != 1 {
			t.Errorf("the host is on %d servers", n)
		}
	}
}

// A server that has not heard of the store for a while judges no other.
func TestOutOfTouchJudgesNobody(t *testing.T) {
	s := start(t, filepath.Join(storetest.Dir(t), "tictac.db"), &clock{}, rules, false)
	code, host := s.create(t)
	s.sitElsewhere(t, code, host.Secret)
	says := func() int {
		t.Helper()
		if _, err := host.Move(4, 0, 0); err != room.NotPlaying {
			t.Fatal(err)
		}
		return s.online(t, code)
	}
	s.clock.forward(play.OutageTime)
	if n := says(); n != 2 {
		t.Errorf("out of touch: the host is on %d servers, not 2", n)
	}
	s.clock.forward(-play.OutageTime)
	if n := says(); n != 1 { // a file has one server
		t.Errorf("in touch: the host is on %d servers, not 1", n)
	}
}

// A server's id tells when it started.
func TestBorn(t *testing.T) {
	s := newServer(t)
	_, host := s.create(t)
	host.Await(t, "the host is online", func(s room.State) bool { return !s.Host.Away() })
	id := host.View().State.Host.Online[0]
	if age := time.Since(play.Born(id).Time()); age < 0 || age > time.Minute {
		t.Errorf("%s was born %v ago", id, age)
	}
	for _, id := range []string{"", "a", "stranger", "MTURA6X3HUZYQZ6SFDABQ426LK", "-x", "!-x"} {
		if play.Born(id) != 0 {
			t.Errorf("%q was born %v", id, play.Born(id).Time())
		}
	}
}
