package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"

	zombiezen "zombiezen.com/go/sqlite"

	"tictac/play"
	"tictac/sqlite"
)

// What was acknowledged is in the files, without Close.
func TestCommitIsDurable(t *testing.T) {
	from := path(t)
	s := open(t, from)
	c := opened("aaaaaa")
	for i := range 20 {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			to := path(t)
			copyFiles(t, from, to)
			if got, err := open(t, to).Load(t.Context(), "aaaaaa"); err != nil || got.Rev != c.State.Rev || got.Commit != c.ID {
				t.Fatalf("after a crash: rev %d, %v, want %d", got.Rev, err, c.State.Rev)
			}
		}
		c = toggle(*c.State)
	}
}

// writers is a number of rooms that are written to all the time, and the newest
// revision of each that was acknowledged.
type writers struct {
	mu   sync.Mutex
	acks map[string]int64
	work sync.WaitGroup
	stop context.CancelFunc
}

func startWriters(t *testing.T, s *sqlite.Store, n int) *writers {
	ctx, cancel := context.WithCancel(context.Background())
	w := &writers{acks: map[string]int64{}, stop: cancel}
	for i := range n {
		w.work.Go(func() {
			if err := write(ctx, s, fmt.Sprintf("%06d", i), func(c play.Commit) {
				w.mu.Lock()
				w.acks[c.State.Code] = c.State.Rev
				w.mu.Unlock()
			}); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(w.end)
	return w
}

func (w *writers) end() {
	w.stop()
	w.work.Wait()
}

func (w *writers) acknowledged() map[string]int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[string]int64{}
	for code, rev := range w.acks {
		all[code] = rev
	}
	return all
}

// A backup of a database that is being written to opens, is sound, and has all
// that was acknowledged before it began.
func TestBackup(t *testing.T) {
	from := path(t)
	s := open(t, from)
	w := startWriters(t, s, 20)
	for i := range 2 {
		acked := w.acknowledged()
		for deadline := time.Now().Add(10 * time.Second); len(acked) == 0 && time.Now().Before(deadline); acked = w.acknowledged() {
			time.Sleep(10 * time.Millisecond)
		}
		file := filepath.Join(t.TempDir(), "copy.db")
		if err := sqlite.Backup(from, file); err != nil {
			t.Fatal(err)
		}
		if len(acked) == 0 {
			t.Fatal("nothing was written")
		}
		if i == 0 {
			sound(t, file)
			if err := sqlite.Backup(from, file); err == nil || !strings.Contains(err.Error(), "exists") {
				t.Errorf("a backup onto a file that exists: %v", err)
			}
		}
		restored := open(t, file)
		for code, rev := range acked {
			if got, err := restored.Load(t.Context(), code); err != nil || got.Rev < rev {
				t.Errorf("%s: rev %d, %v, of which %d was acknowledged before", code, got.Rev, err, rev)
			}
		}
		if err := restored.Commit(t.Context(), opened("ffffff")); err != nil {
			t.Errorf("commit to what was restored: %v", err)
		}
	}
}

func sound(t *testing.T, file string) {
	t.Helper()
	conn, err := zombiezen.OpenConn(file, zombiezen.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stmt, _, err := conn.PrepareTransient(`PRAGMA integrity_check`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stmt.Finalize() }()
	if got, err := sqlitex.ResultText(stmt); err != nil || got != "ok" {
		t.Errorf("the copy is not sound: %s, %v", got, err)
	}
}

func TestBackupRefused(t *testing.T) {
	dir := t.TempDir()
	if err := sqlite.Backup(filepath.Join(dir, "none.db"), filepath.Join(dir, "copy.db")); err == nil {
		t.Error("a backup of nothing was made")
	}
	from := path(t)
	open(t, from)
	if err := sqlite.Backup(from, filepath.Join(dir, "no", "copy.db")); err == nil {
		t.Error("a backup into no folder was made")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("a backup that failed left %v, %v", left, err)
	}
}

// Close makes what waits; afterwards all calls fail, and say nothing false.
func TestClose(t *testing.T) {
	p := path(t)
	s, err := sqlite.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), opened("aaaaaa")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), opened("bbbbbb")); err == nil || err == play.ErrConflict {
		t.Errorf("commit: %v", err)
	}
	if _, err := s.Load(t.Context(), "cccccc"); err == nil || err == play.ErrNotFound {
		t.Errorf("load: %v", err)
	}
	if _, err := s.Renew(t.Context(), "one", 1); err == nil {
		t.Error("renewed")
	}
	again := open(t, p)
	if _, err := again.Load(t.Context(), "aaaaaa"); err != nil {
		t.Error(err)
	}
}
