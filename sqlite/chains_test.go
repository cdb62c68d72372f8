package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"

	"tictac/game"
	"tictac/history"
	"tictac/room"
)

// TestChains does all that changes the log, in any order, now and then in vain:
// every round is always in the chains of those whom it names.
func TestChains(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, err := Open(filepath.Join(t.TempDir(), "tictac.db"))
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		players := []string{"", "ann", "bob", "eve", "dan"}
		some := func() string { return rapid.SampledFrom(players).Draw(rt, "player") }
		for n := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			r := aRound(fmt.Sprint("round ", n), some(), some())
			what, who := rapid.SampledFrom([]string{"file", "file", "put", "account", "forget", "rebuild"}).Draw(rt, "change"), some()
			vain := rapid.SampledFrom([]error{nil, nil, nil, errors.New("in vain")}).Draw(rt, "error")
			err := s.writer.work(t.Context(), func(conn *sqlite.Conn) error {
				return errors.Join(change(conn, what, r, who), vain)
			})
			if err != nil && vain == nil && !errors.Is(err, history.ErrUnknown) {
				rt.Fatal(err)
			}
			wantChains(rt, s)
		}
	})
}

func aRound(id, host, guest string) room.Record {
	return room.Record{
		ID: id, Code: "aaaaaa", Round: 1, Host: "host " + host, Guest: "guest " + guest, HostID: host, GuestID: guest, HostMark: game.X,
		Began: 1, Finished: 2, Moves: []room.Played{}, Ended: room.ByLine, Winner: game.X, Rated: host != "" && guest != "" && host != guest,
	}
}

func change(conn *sqlite.Conn, what string, r room.Record, id string) (err error) {
	switch what {
	case "file":
		err = file(conn, &r, string(r.Append(nil)))
	case "put":
		r.Rated = false
		_, err = putRound(conn, history.Round{Record: r, Folded: []room.Seat{room.Host}})
	case "rebuild":
		_, err = rebuild(conn)
	case "account":
		if id != "" {
			_, err = putAccount(conn, history.Account{ID: id, Name: id, Keys: []string{"key of " + id}})
		}
	default:
		if err = beginForgetting(conn, id); err == nil {
			_, err = forgetNext(conn, id)
		}
	}
	return err
}

// wantChains compares the chains with the log, and what they are read for.
func wantChains(t rapid.TB, s *Store) {
	t.Helper()
	err := s.look(context.Background(), func(conn *sqlite.Conn) error {
		newest, games := map[string]int64{}, map[string][]string{}
		err := query(conn, `SELECT seq, host_id, guest_id, host_prev, guest_prev, counts, id FROM rounds ORDER BY seq`, nil, func(row *sqlite.Stmt) error {
			host, guest := row.ColumnText(1), row.ColumnText(2)
			if row.ColumnInt64(3) != newest[host] || row.ColumnInt64(4) != newest[guest] {
				t.Errorf("round %d of %q and %q follows %d and %d, not %d and %d", row.ColumnInt64(0), host, guest,
					row.ColumnInt64(3), row.ColumnInt64(4), newest[host], newest[guest])
			}
			for seat, id := range map[room.Seat]string{room.Host: host, room.Guest: guest} {
				if id != "" {
					newest[id] = row.ColumnInt64(0)
				}
				if row.ColumnInt(5)&int(seat) != 0 {
					games[id] = append(games[id], row.ColumnText(6))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		const heads = `SELECT id, newest FROM players UNION ALL SELECT player, newest FROM heads UNION ALL SELECT player, next FROM leaving`
		err = query(conn, heads, nil, func(row *sqlite.Stmt) error {
			if id := row.ColumnText(0); row.ColumnInt64(1) != newest[id] {
				t.Errorf("the chain of %s begins at %d, not %d", id, row.ColumnInt64(1), newest[id])
			} else {
				delete(newest, id)
			}
			return nil
		})
		delete(newest, "")
		if len(newest) > 0 {
			t.Errorf("no chain begins at %v", newest)
		}
		for id, all := range games {
			wantGames(t, conn, id, all)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// wantGames checks what is read of a player's games, from the newest and from the middle.
func wantGames(t rapid.TB, conn *sqlite.Conn, id string, want []string) {
	if known, err := playerExists(conn, id); err != nil || !known {
		return
	}
	slices.Reverse(want)
	for _, from := range []int{0, len(want) / 2, len(want)} {
		before := ""
		if from > 0 {
			before = want[from-1]
		}
		seq, err := cursor(conn, id, before)
		if err != nil {
			t.Errorf("games of %s before %q: %v", id, before, err)
		}
		var got []string
		err = query(conn, gamesOf, []any{id, seq, 1000}, func(row *sqlite.Stmt) error {
			var r room.Record
			err := readRecord(row, 1, &r)
			got = append(got, r.ID)
			return err
		})
		if err != nil || !slices.Equal(got, want[from:]) {
			t.Errorf("games of %s before %q are %v, %v, want %v", id, before, got, err, want[from:])
		}
	}
}

// A log of before is chained, also for those who are not, or not yet, or soon no
// more among the players.
func TestUpgradeChains(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	scripts := append([]string{wal}, schema()[:5]...)
	for n, seats := range [][2]string{
		{"ann", "bob"}, {"bob", "ann"}, {"gone", "ann"}, {"", "bob"}, {"ann", "ann"}, {"later", ""}, {"ann", "later"}, {"", ""}, {"bob", "gone"},
	} {
		r := aRound(fmt.Sprint("round ", n), seats[0], seats[1])
		r.Rated = false
		counts := 0
		for _, seat := range [...]room.Seat{room.Host, room.Guest} {
			if history.Counts(r, seat) {
				counts |= int(seat)
			}
		}
		scripts = append(scripts, fmt.Sprintf("INSERT INTO rounds (id, host_id, guest_id, counts, record) VALUES (%s, nullif(%s, ''), nullif(%s, ''), %d, %s);",
			quoted(r.ID), quoted(r.HostID), quoted(r.GuestID), counts, quoted(string(r.Append(nil)))))
	}
	scripts = append(scripts, `INSERT INTO players (id, name, enrolled) VALUES ('ann', 'Ann', 1), ('bob', 'Bob', 1), ('new', 'New', 1);`,
		`INSERT INTO leaving VALUES ('gone');`, mark(5))
	makeDatabase(t, path, scripts...)
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	wantChains(t, s)
	if left := named(t, s, "gone"); left != 0 {
		t.Errorf("%d rounds still have the name of who was leaving", left)
	}
	later := history.Item{Account: &history.Account{ID: "later", Name: "Later", Keys: []string{"key"}}}
	if _, err := s.Put(t.Context(), []history.Item{later}); err != nil {
		t.Fatal(err)
	}
	wantChains(t, s)
	for id, want := range map[string]int{"ann": 4, "bob": 4, "later": 2, "new": 0} {
		if games, err := s.Games(t.Context(), id, 100, ""); err != nil || len(games) != want {
			t.Errorf("%s has %d games, %v, want %d", id, len(games), err, want)
		}
	}
}
