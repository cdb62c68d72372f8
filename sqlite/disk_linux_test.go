package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tictac/play"
	"tictac/sqlite"
)

// smallDisk mounts a disk of a size, which takes root.
func smallDisk(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("a small disk cannot be mounted (as root it can): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// fill leaves no byte free.
func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// On a full disk commits fail and change nothing, reads go on, and Renew says
// so; when there is room again all goes on by itself.
func TestFullDisk(t *testing.T) {
	dir := smallDisk(t, "size=8m")
	s, err := sqlite.Open(filepath.Join(dir, "tictac.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 3 { // it may happen again
		kept := newest(t, s, "aaaaaa")
		fill(t, filepath.Join(dir, "rubbish"))
		refused := 0
		for i := range 3000 {
			code := fmt.Sprintf("%06d", i)
			c := opened(code)
			if _, err := s.Load(t.Context(), code); err == nil {
				continue // from the time before
			}
			err := s.Commit(t.Context(), c)
			if err == nil {
				continue // into space that the log had reserved
			}
			if errors.Is(err, play.ErrConflict) {
				t.Fatalf("a full disk is called a conflict: %v", err)
			}
			if _, err := s.Load(t.Context(), code); err != play.ErrNotFound {
				t.Fatalf("a commit that failed has left something: %v", err)
			}
			if refused++; refused == 20 {
				break
			}
		}
		if refused < 20 {
			t.Fatalf("only %d commits were refused by a full disk", refused)
		}
		if _, err := s.Renew(t.Context(), "one", 1); err == nil {
			t.Error("renewed on a full disk")
		}
		if got, err := s.Load(t.Context(), "aaaaaa"); err != nil || got.Rev != kept.State.Rev {
			t.Errorf("load on a full disk: rev %d, %v, want %d", got.Rev, err, kept.State.Rev)
		}
		if err := os.Remove(filepath.Join(dir, "rubbish")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Renew(t.Context(), "one", 1); err != nil {
			t.Errorf("renew, with room again: %v", err)
		}
		if err := s.Commit(t.Context(), toggle(*kept.State)); err != nil {
			t.Errorf("commit, with room again: %v", err)
		}
	}
}

// A commit whose context has ended says nothing about the disk.
func TestFullDiskIsNotForgotten(t *testing.T) {
	dir := smallDisk(t, "size=4m")
	s, err := sqlite.Open(filepath.Join(dir, "tictac.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t, filepath.Join(dir, "rubbish"))
	for i := 0; ; i++ {
		if err := s.Commit(t.Context(), opened(fmt.Sprintf("%06d", i))); err != nil {
			break
		}
	}
	if _, err := s.Renew(t.Context(), "one", 1); err == nil {
		t.Fatal("renewed on a full disk")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_ = s.Commit(ended, opened("ffffff"))
	time.Sleep(50 * time.Millisecond)
	if _, err := s.Renew(t.Context(), "one", 1); err == nil {
		t.Error("renewed on a full disk, after a commit that was given up")
	}
}

// newest makes one more commit to a room.
func newest(t *testing.T, s *sqlite.Store, code string) play.Commit {
	t.Helper()
	c := opened(code)
	if snap, err := s.Load(t.Context(), code); err == nil {
		c = toggle(snap.State)
	}
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// A disk that is read-only, with a database on it or none.
func TestReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t, "size=8m")
	s, err := sqlite.Open(filepath.Join(dir, "tictac.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tictac.db", "new.db", "data/new.db"} {
		s, err := sqlite.Open(filepath.Join(dir, name))
		if err == nil {
			s.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		t.Logf("%s: %v", name, err)
	}
}
