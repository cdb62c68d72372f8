package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/e2e/client"
)

// refuses runs a server that must not start: exit code 2, and one line on
// standard error that says what to mend.
func refuses(t *testing.T, what string, mend []string, args ...string) {
	t.Helper()
	code, stdout, stderr := run(t, nil, args...)
	if code != 2 {
		t.Errorf("%s: exit code %d, not 2", what, code)
	}
	if stdout != "" {
		t.Errorf("%s: standard output has %q", what, stdout)
	}
	line, rest, _ := strings.Cut(stderr, "\n")
	if line == "" || rest != "" {
		t.Errorf("%s: standard error is not one line:\n%s", what, stderr)
	}
	for _, word := range mend {
		if !strings.Contains(line, word) {
			t.Errorf("%s: %q does not say %q", what, line, word)
		}
	}
}

// TestBadSettings starts servers with flags that are wrong. None may touch the
// disk.
func TestBadSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := "sqlite:" + filepath.Join(dir, "data", "tictac.db")
	for what, c := range map[string]struct{ args, mend []string }{
		"an unknown flag":            {[]string{"--colour", "red"}, []string{"colour"}},
		"an unknown command":         {[]string{"dance"}, []string{"dance"}},
		"a flag of the wrong type":   {[]string{"--grace", "soon"}, []string{"--grace"}},
		"a number that is none":      {[]string{"--join-limit", "many"}, []string{"--join-limit"}},
		"a negative grace":           {[]string{"--grace=-1s"}, []string{"--grace", "negative"}},
		"a negative waiting grace":   {[]string{"--waiting-grace=-1s"}, []string{"--waiting-grace", "negative"}},
		"a negative idle time":       {[]string{"--idle=-1h"}, []string{"--idle"}},
		"a negative drain":           {[]string{"--drain=-1s"}, []string{"--drain", "negative"}},
		"two negative durations":     {[]string{"--drain=-1s", "--grace=-1s"}, []string{"--drain", "negative"}},
		"a negative limit":           {[]string{"--join-limit=-1"}, []string{"--join-limit"}},
		"an origin without a scheme": {[]string{"--origins", "example.org"}, []string{"--origins", "example.org"}},
		"an origin with a path":      {[]string{"--origins", "https://example.org/x"}, []string{"--origins", "example.org/x"}},
		"a bad network":              {[]string{"--trusted-proxies", "10.0.0.0/99"}, []string{"--trusted-proxies", "10.0.0.0/99"}},
		"a bad network of two":       {[]string{"--trusted-proxies", "10.0.0.0/8,x"}, []string{"--trusted-proxies", `"x"`}},
		"an unknown store":           {[]string{"--store", "postgres://localhost/x"}, []string{"--store", "postgres"}},
		"an empty store":             {[]string{"--store", "sqlite:"}, []string{"--store"}},
		"a missing deeper folder":    {[]string{"--store", "sqlite:" + filepath.Join(dir, "a", "b", "tictac.db")}, []string{"--store", filepath.Join(dir, "a")}},
		"a file in place of folder":  {[]string{"--store", "sqlite:/dev/null/tictac.db"}, []string{"--store", "/dev/null"}},
		"a bad address":              {[]string{"--listen", "127.0.0.1:99999"}, []string{"--listen"}},
	} {
		args := append([]string{"--listen", "127.0.0.1:0", "--metrics", "", "--store", file}, c.args...)
		if !strings.HasPrefix(c.args[0], "-") {
			args = c.args
		}
		refuses(t, what, c.mend, args...)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("a missing deeper folder: it was created")
	}
}

// TestPortInUse is a server on a port that another one has.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr, file := taken.Addr().String(), newFile(t)
	refuses(t, "the port is in use", []string{"--listen", addr}, "--listen", addr, "--metrics", "", "--store", "sqlite:"+file)
	refuses(t, "the port of metrics is in use", []string{"--metrics", addr}, "--listen", "127.0.0.1:0", "--metrics", addr, "--store", "sqlite:"+file)
	start(t, file) // the lock is free and the file is whole
}

// TestFileInUse is a second server on a file, while a game is on.
func TestFileInUse(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s := start(t, file, noLimits...)
	m := newMatch(t, s)
	ctx := patience(t, 20e9)
	if err := m.play(ctx, 1, 0, lineWins[:3], nil); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "other.db")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, link} {
		refuses(t, "the file is held by another server", []string{"--store", file}, "--listen", "127.0.0.1:0", "--metrics", "", "--store", "sqlite:"+name)
	}
	if err := m.play(ctx, 1, 3, lineWins[3:], nil); err != nil {
		t.Errorf("the file is held by another server: the first server was hurt: %v", err)
	}
}

// TestNewerVersion is a database that a later version of the program wrote, and
// two files that are none of ours: none is changed.
func TestNewerVersion(t *testing.T) {
	t.Parallel()
	newer := newFile(t)
	s := start(t, newer)
	seat, err := client.Create(s.addr, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	s.kill()
	version := userVersion(t, newer)
	execute(t, newer, `PRAGMA wal_checkpoint(TRUNCATE); PRAGMA user_version = 1000;`)
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	execute(t, foreign, `CREATE TABLE rooms (x); INSERT INTO rooms VALUES (1);`)
	text := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("Dear Bob, ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, file := range map[string]string{"a newer version's": newer, "another program's": foreign, "no database": text} {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		refuses(t, what, []string{"--store", file}, "--listen", "127.0.0.1:0", "--metrics", "", "--store", "sqlite:"+file)
		after, err := os.ReadFile(file)
		if err != nil || string(after) != string(before) {
			t.Errorf("%s: the file was changed (%v)", what, err)
		}
	}
	execute(t, newer, fmt.Sprintf(`PRAGMA user_version = %d;`, version))
	s.again()
	if _, err := client.Look(s.addr, seat.Code); err != nil {
		t.Errorf("a newer version's: its own version does not find the room any more: %v", err)
	}
}

func execute(t *testing.T, file, script string) {
	t.Helper()
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for query := range strings.SplitSeq(script, ";") {
		if strings.TrimSpace(query) == "" {
			continue
		}
		if err := sqlitex.ExecuteTransient(conn, query, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func userVersion(t *testing.T, file string) int64 { return count(t, file, `PRAGMA user_version`) }

// count runs a query whose answer is one number.
func count(t *testing.T, file, query string) (n int64) {
	t.Helper()
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.ExecuteTransient(conn, query, &sqlitex.ExecOptions{
		ResultFunc: func(row *sqlite.Stmt) error { n = row.ColumnInt64(0); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
