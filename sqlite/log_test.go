package sqlite

import (
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/play"
	"tictac/room"
)

// decided is what a command makes of a room.
func decided(t testing.TB, s room.State, cmd room.Command) play.Commit {
	t.Helper()
	events, err := room.Decide(s, cmd, time.Now())
	if err != nil || len(events) == 0 {
		t.Fatalf("%+v leads nowhere: %v", cmd, err)
	}
	c := play.Commit{ID: fmt.Sprint("commit ", s.Rev), State: new(room.Fold(s, events)), Events: events}
	if record, ok := room.Filed(s, events); ok {
		c.Filed = &record
	}
	return c
}

// A guest who comes and goes makes the log of a round as long as may be. It is all
// there, and goes with the round.
func TestLongLog(t *testing.T) {
	s := openHere(t)
	c := newRoom("aaaaaa")
	c.State.Rules.Grace = time.Hour
	var want []room.Event
	step := func(cmd room.Command) {
		c = decided(t, *c.State, cmd)
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		want = append(want, c.Events...)
	}
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	step(room.Join{Key: "bob", Name: "Bob", RoundID: "round"})
	for range 60 {
		step(room.Attach{Key: "bob", Server: "one"})
		step(room.Detach{Key: "bob", Server: "one"})
	}
	step(room.Move{Key: "k", Cell: 4, Round: 1})
	if got, err := s.Log(t.Context(), "aaaaaa"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v; the log has %d events, want %d", err, len(got), len(want))
	}
	if n := pages(t, s); n < 1 {
		t.Error("the log was not put aside: the test shows nothing")
	}
	step(room.Resign{Key: "k"})
	if got, err := s.Log(t.Context(), "aaaaaa"); err != nil || len(got) > 0 || pages(t, s) > 0 {
		t.Errorf("after the round: %d events, %d pages, %v", len(got), pages(t, s), err)
	}
}

func pages(t *testing.T, s *Store) int64 {
	t.Helper()
	conn, err := s.pool.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.pool.Put(conn)
	n, err := sqlitex.ResultInt64(conn.Prep(`SELECT count(*) FROM log_pages`))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A round that is open is played on after an upgrade, and its log is still whole.
func TestUpgradeInMidRound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	scripts := append([]string{wal}, schema()[:2]...)
	var want []room.Event
	for _, code := range []string{"0a1b2c", "zzzzzz"} {
		c := newRoom(code)
		c = decided(t, *c.State, room.Join{Key: "bob", Name: "B'ob", RoundID: code})
		scripts = append(scripts, fmt.Sprintf("INSERT INTO rooms VALUES ('%s', %d, 'commit', 1, x'%x');", code, c.State.Rev, room.Encode(*c.State)))
		for n, e := range c.Events {
			scripts = append(scripts, fmt.Sprintf("INSERT INTO events VALUES ('%s', %d, %d, CAST(x'%x' AS TEXT));", code, c.State.Rev, n, e.Append(nil)))
		}
		want = c.Events
	}
	makeDatabase(t, path, append(scripts, mark(2))...)
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Log(t.Context(), "zzzzzz"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the log is %+v, %v, want %+v", got, err, want)
	}
	snap, err := s.Load(t.Context(), "0a1b2c")
	if err != nil || snap.Code != "0a1b2c" {
		t.Fatalf("loaded %+v, %v", snap, err)
	}
	if err := s.Commit(t.Context(), decided(t, snap.State, room.Move{Key: "k", Cell: 0, Round: 1})); err != nil {
		t.Errorf("the game does not go on: %v", err)
	}
}
