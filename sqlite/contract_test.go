package sqlite_test

import (
	"path/filepath"
	"testing"

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
