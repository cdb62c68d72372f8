package sqlite_test

import (
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite/sqlitex"

	zombiezen "zombiezen.com/go/sqlite"

	"tictac/play"
	"tictac/sqlite"
	"tictac/storetest"
)

// open opens a database that is closed when the test ends.
func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Engine{Open: func(t testing.TB) play.Store {
		return open(t, filepath.Join(storetest.Dir(t), "tictac.db"))
	}})
}

func TestArchive(t *testing.T) {
	paths := map[storetest.Historian]string{}
	storetest.RunArchive(t, storetest.ArchiveEngine{
		Open: func(t testing.TB) storetest.Historian {
			path := filepath.Join(storetest.Dir(t), "tictac.db")
			s := open(t, path)
			paths[s] = path
			return s
		},
		Damage: func(t testing.TB, s storetest.Historian, id string) {
			conn, err := zombiezen.OpenConn(paths[s], zombiezen.OpenReadWrite)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			const damage = `UPDATE players SET played = played + 3, best_streak = 0, rating = 1 WHERE id = ?`
			if err := sqlitex.Execute(conn, damage, &sqlitex.ExecOptions{Args: []any{id}}); err != nil {
				t.Fatal(err)
			}
		},
	})
}
