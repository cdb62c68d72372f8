package sqlite

// These tests look inside, since a database of an older schema is made by
// applying only the scripts that it knew.

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/room"
)

// wal cannot be set in a transaction, which scripts are.
const wal = `PRAGMA journal_mode = WAL`

// makeDatabase writes a database by hand.
func makeDatabase(t *testing.T, path string, scripts ...string) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		run := sqlitex.ExecuteScript
		if script == wal {
			run = func(conn *sqlite.Conn, script string, _ *sqlitex.ExecOptions) error {
				return sqlitex.ExecuteTransient(conn, script, nil)
			}
		}
		if err := run(conn, script, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

func mark(version int) string {
	return fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, version)
}

// aRoom is the script of a room that waits, in a schema of some version.
func aRoom(t *testing.T, version int, code string) string {
	t.Helper()
	now := time.Now()
	events, err := room.Decide(room.State{}, room.Create{Code: code, Key: "k", Name: "Ann", Rules: room.Rules{Idle: time.Hour}}, now)
	if err != nil {
		t.Fatal(err)
	}
	data := room.Encode(room.Fold(room.State{}, events))
	if version < 3 {
		return fmt.Sprintf("INSERT INTO rooms VALUES ('%s', 1, 'commit', %d, x'%x');", code, room.At(now), data)
	}
	return fmt.Sprintf("INSERT INTO rooms VALUES (%d, '%s', 1, 'commit', %d, x'%x', '');", roomID(code), code, room.At(now), data)
}

// Every schema there ever was opens, with its rooms in it, and is then of the
// newest version.
func TestUpgrade(t *testing.T) {
	all := schema()
	for version := 1; version <= len(all); version++ {
		t.Run(fmt.Sprint("from", version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "old.db")
			scripts := append([]string{wal}, all[:version]...)
			makeDatabase(t, path, append(scripts, aRoom(t, version, "aaaaaa"), aRoom(t, version, "bbbbbb"), mark(version))...)
			for range 2 { // upgraded, and opened again
				s, err := Open(path)
				if err != nil {
					t.Fatal(err)
				}
				for _, code := range []string{"aaaaaa", "bbbbbb"} {
					if snap, err := s.Load(t.Context(), code); err != nil || snap.Host.Name != "Ann" || snap.Commit != "commit" {
						t.Errorf("%s: %+v, %v", code, snap, err)
					}
				}
				if due, err := s.Due(t.Context(), 1, 10); err != nil || len(due) != 2 {
					t.Errorf("due after opening: %v, %v, want both rooms", due, err)
				}
				if v, err := pragma(s.writer.conn, "user_version"); err != nil || v != int64(len(all)) {
					t.Errorf("version %d, %v, want %d", v, err, len(all))
				}
				if v, err := pragma(s.writer.conn, "synchronous"); err != nil || v != 2 {
					t.Errorf("synchronous is %d, %v, want 2, FULL", v, err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// An upgrade that fails half way leaves the version before it.
func TestUpgradeFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	// The second script cannot make what is there already.
	makeDatabase(t, path, schema()[0], aRoom(t, 1, "aaaaaa"), "CREATE TABLE rounds (x);", mark(1))
	if s, err := Open(path); err == nil {
		s.Close()
		t.Fatal("opened")
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if v, err := pragma(conn, "user_version"); err != nil || v != 1 {
		t.Errorf("version %d, %v, want 1", v, err)
	}
	n, err := sqlitex.ResultInt64(conn.Prep(`SELECT count(*) FROM sqlite_schema WHERE name = 'events'`))
	if err != nil || n != 0 {
		t.Errorf("half of the upgrade is left: %d, %v", n, err)
	}
}

// What is not ours to open is refused, in words, and not a byte is changed.
func TestRefused(t *testing.T) {
	all := append([]string{}, schema()...)
	for name, c := range map[string]struct {
		scripts []string
		says    string
	}{
		"newer":          {append(all, aRoom(t, len(all), "aaaaaa"), mark(len(all)+1)), "newer version"},
		"newer in WAL":   {append([]string{wal}, append(all, mark(len(all)+7))...), "newer version"},
		"other":          {[]string{"CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);"}, "another program"},
		"other with id":  {[]string{"CREATE TABLE theirs (x); PRAGMA application_id = 7; PRAGMA user_version = 1;"}, "another program"},
		"other's rooms":  {append([]string{}, all[0]), "another program"},
		"no database":    {nil, "not a database"},
		"other, no rows": {[]string{"PRAGMA application_id = 7; PRAGMA user_version = 1;"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "theirs.db")
			if c.scripts == nil {
				if err := os.WriteFile(path, bytes.Repeat([]byte("words, not pages. "), 500), 0o644); err != nil {
					t.Fatal(err)
				}
			} else {
				makeDatabase(t, path, c.scripts...)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // refused, and not by a lock left behind
				s, err := Open(path)
				if err == nil {
					s.Close()
					t.Fatal("opened")
				}
				if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
					t.Errorf("refused with %q, want %q, the path, and one line", err, c.says)
				}
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file has changed (%d bytes, then %d), %v", len(before), len(after), err)
			}
		})
	}
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	t.Run("the last folder is made", func(t *testing.T) {
		s, err := Open(filepath.Join(dir, "data", "tictac.db"))
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	})
	held, err := Open(filepath.Join(dir, "held.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for name, path := range map[string]string{
		"no deeper one": filepath.Join(dir, "no", "such", "tictac.db"),
		"a folder":      dir,
		"nothing":       "",
		"in use":        filepath.Join(dir, "held.db"),
		"in a file":     filepath.Join(dir, "held.db", "tictac.db"),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(path)
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("not one line: %q", err)
			}
			if name == "in use" && !strings.Contains(err.Error(), "another server") {
				t.Errorf("refused with %q", err)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "no")); err == nil {
		t.Error("a folder was made on the way to one that was not")
	}
	if _, err := held.Renew(t.Context(), "one", 1); err != nil {
		t.Errorf("who holds the file: %v", err)
	}
}
