package sqlite

// These tests look inside: at older schemas, plans of queries, and what a crash
// leaves half done.

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"tictac/history"
	"tictac/play"
	"tictac/room"
)

// Rounds of before there were identities stay, in order, and count for nobody.
func TestUpgradeKeepsRounds(t *testing.T) {
	for version := 2; version <= 3; version++ {
		path := filepath.Join(t.TempDir(), "old.db")
		scripts := append([]string{wal}, schema()[:version]...)
		for i, id := range []string{"third", "first", "second"} {
			finished := []int{30, 10, 20}[i]
			record := fmt.Sprintf(`{"id":%q,"code":"aaaaaa","round":1,"host":"Ann","guest":"Bob","host_mark":"X","began":1,"finished":%d,"moves":[],"ended":"draw"}`, id, finished)
			scripts = append(scripts, fmt.Sprintf("INSERT INTO rounds VALUES (%s, 'aaaaaa', %d, 'draw', %s);", quoted(id), finished, quoted(record)))
		}
		makeDatabase(t, path, append(scripts, mark(version))...)
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Enroll(t.Context(), "ann", "key", "Ann", 1); err != nil {
			t.Fatal(err)
		}
		endRounds(t, s, "bbbbbb", "ann", 1)
		var ids []string
		err = s.Rounds(t.Context(), func(r room.Record) error { ids = append(ids, r.ID); return nil })
		if err != nil || len(ids) != 4 || !slices.Equal(ids[:3], []string{"first", "second", "third"}) {
			t.Errorf("from schema %d, the rounds are %v, %v", version, ids, err)
		}
		if r, err := s.Round(t.Context(), "second"); err != nil || r.Host != "Ann" || r.Finished != 20 {
			t.Errorf("from schema %d, a round is %+v, %v", version, r, err)
		}
		if games, err := s.Games(t.Context(), "ann", 10, ""); err != nil || len(games) != 1 || games[0].ID != ids[3] {
			t.Errorf("from schema %d, games %+v, %v", version, games, err)
		}
		if n, err := s.Rebuild(t.Context()); n != 0 || err != nil {
			t.Errorf("from schema %d, rebuild: %d, %v", version, n, err)
		}
	}
}

func quoted(s string) string { return "'" + s + "'" }

// endRounds has a player win some rounds, as host, against somebody without an identity.
func endRounds(t testing.TB, s *Store, code, id string, rounds int) {
	t.Helper()
	c := newRoom(code)
	c.State.Host.Who, c.State.Rules.Grace = id, c.State.Rules.Idle
	commit := func() {
		t.Helper()
		c.ID = fmt.Sprint(code, c.State.Rev)
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	commit()
	step := func(cmd room.Command) { c = decided(t, *c.State, cmd); commit() }
	step(room.Join{Key: "bob", Name: "Bob", RoundID: code + " 1"})
	for i := range rounds {
		if i > 0 {
			step(room.Rematch{Key: "k", RoundID: "never"})
			step(room.Rematch{Key: "bob", RoundID: fmt.Sprint(code, " ", i+1)})
		}
		step(room.Resign{Key: "bob"})
	}
}

// What is read while people play, however long the log, is found by an index: no
// table is gone through, nothing sorted.
func TestPlans(t *testing.T) {
	s := openHere(t)
	conn, err := s.pool.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.pool.Put(conn)
	for name, c := range map[string]struct {
		query string
		args  int
		uses  string
	}{
		"games":           {gamesOf, 3, "SEARCH rounds USING INTEGER PRIMARY KEY (rowid=?)"},
		"a cursor":        {ownRound, 2, "sqlite_autoindex_rounds"},
		"a round":         {`SELECT record FROM rounds WHERE id = ?`, 1, "sqlite_autoindex_rounds"},
		"leaders":         {leaders, 1, "players_leaders"},
		"a player":        {selectPlayers + `WHERE id = ?`, 1, "PRIMARY KEY"},
		"a key":           {`SELECT player FROM keys WHERE key = ?`, 1, "PRIMARY KEY"},
		"to be forgotten": {forgettable, 2, "SEARCH rounds USING INTEGER PRIMARY KEY (rowid=?)"},
		"keys of one":     {`DELETE FROM keys WHERE player = ?`, 1, "keys_player"},
		"late tokens":     {`DELETE FROM tokens WHERE until <= ?`, 1, "tokens_until"},
	} {
		plan := ""
		err := query(conn, `EXPLAIN QUERY PLAN `+c.query, make([]any, c.args), func(row *sqlite.Stmt) error {
			plan += row.ColumnText(3) + "; "
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		scanned := strings.NewReplacer("SCAN players USING INDEX players_leaders", "", "SCAN chain", "", "SCAN CONSTANT ROW", "").Replace(plan)
		scans := strings.Contains(scanned, "SCAN")
		if !strings.Contains(plan, c.uses) || scans || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s: %s", name, plan)
		}
	}
	if !strings.Contains(schema()[3], fmt.Sprintf("deviation <= %d;", history.LeaderDeviation)) ||
		!strings.Contains(leaders, fmt.Sprintf("deviation <= %d ", history.LeaderDeviation)) {
		t.Error("who is listed is not who should be")
	}
}

// A crash in the middle of forgetting: the identity is gone, and the next start
// takes its name off the rest.
func TestForgettingIsFinished(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tictac.db")
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"ann", "bob"} {
		if err := s.Enroll(t.Context(), id, "key of "+id, id, 1); err != nil {
			t.Fatal(err)
		}
	}
	endRounds(t, s, "aaaaaa", "ann", 2*forgetSome+10)
	endRounds(t, s, "bbbbbb", "bob", 3)
	err = s.writer.work(t.Context(), func(conn *sqlite.Conn) error {
		err := beginForgetting(conn, "ann")
		_, some := forgetNext(conn, "ann")
		return errors.Join(err, some)
	})
	if err != nil {
		t.Fatal(err)
	}
	if left := named(t, s, "ann"); left != forgetSome+10 {
		t.Fatalf("%d rounds are left to do: the test shows nothing", left)
	}
	if _, err := s.Player(t.Context(), "ann"); !errors.Is(err, history.ErrUnknown) {
		t.Errorf("half forgotten: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if left := named(t, s, "ann"); left != 0 {
		t.Errorf("%d rounds still have the name", left)
	}
	if err := s.Forget(t.Context(), "ann"); !errors.Is(err, history.ErrUnknown) {
		t.Errorf("forgotten again: %v", err)
	}
	if n, err := s.Rebuild(t.Context()); n != 0 || err != nil || named(t, s, "bob") != 3 {
		t.Errorf("rebuild: %d, %v; bob has %d rounds, want 3", n, err, named(t, s, "bob"))
	}
}

// Who asked does not wait any more, and it is done all the same.
func TestForgettingGoesOn(t *testing.T) {
	s := openHere(t)
	if err := s.Enroll(t.Context(), "ann", "key", "Ann", 1); err != nil {
		t.Fatal(err)
	}
	endRounds(t, s, "aaaaaa", "ann", 3*forgetSome)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			if _, err := s.Player(t.Context(), "ann"); err != nil { // the identity is gone
				cancel()
				return
			}
		}
	}()
	t.Logf("forget: %v", s.Forget(ctx, "ann"))
	for end := time.Now().Add(30 * time.Second); named(t, s, "ann") > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d rounds still have the name", named(t, s, "ann"))
		}
	}
}

// Whoever forgets again after an error finishes it.
func TestForgettingAgain(t *testing.T) {
	s := openHere(t)
	if err := s.Enroll(t.Context(), "ann", "key", "Ann", 1); err != nil {
		t.Fatal(err)
	}
	endRounds(t, s, "aaaaaa", "ann", 20)
	err := s.writer.work(t.Context(), func(conn *sqlite.Conn) error { return beginForgetting(conn, "ann") })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Forget(t.Context(), "ann"); err != nil || named(t, s, "ann") != 0 {
		t.Errorf("%v, and %d rounds still have the name", err, named(t, s, "ann"))
	}
}

func named(t testing.TB, s *Store, id string) (n int) {
	t.Helper()
	err := s.Rounds(context.WithoutCancel(t.Context()), func(r room.Record) error {
		if r.HostID == id || r.GuestID == id {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// However many ask for history, rooms are read.
func TestHistoryLeavesReadersToRooms(t *testing.T) {
	s := openHere(t)
	c := newRoom("aaaaaa")
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	busy := make(chan struct{})
	done := make(chan error)
	for range archiveReaders {
		go func() {
			done <- s.look(ctx, func(*sqlite.Conn) error { busy <- struct{}{}; <-ctx.Done(); return nil })
		}()
		<-busy
	}
	for range 10 {
		go func() { _, err := s.Player(ctx, "ann"); done <- err }()
	}
	if snap, err := s.Load(t.Context(), "aaaaaa"); err != nil || snap.Commit != c.ID {
		t.Errorf("loaded %+v, %v", snap, err)
	}
	cancel()
	for range archiveReaders + 10 {
		if err := <-done; errors.Is(err, history.ErrUnknown) || errors.Is(err, play.ErrNotFound) {
			t.Errorf("given up: %v", err)
		}
	}
}

// Who has gone away in the middle of a read was not failed by the store.
func TestReadsGivenUpAreNoFailures(t *testing.T) {
	s := openHere(t)
	const endless = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n`
	for name, read := range map[string]func(ctx context.Context, row func(*sqlite.Stmt) error) error{
		"a room": func(ctx context.Context, row func(*sqlite.Stmt) error) error {
			return s.read(ctx, endless, nil, row)
		},
		"the archive": func(ctx context.Context, row func(*sqlite.Stmt) error) error {
			return s.look(ctx, func(conn *sqlite.Conn) error { return query(conn, endless, nil, row) })
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		err := read(ctx, func(*sqlite.Stmt) error { cancel(); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
