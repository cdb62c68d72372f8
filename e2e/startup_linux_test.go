package e2e

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// mount mounts a file system in memory for the time of the test.
func mount(t *testing.T, dir, options string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	if err := syscall.Mount("tictac-test", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("cannot mount a small disk here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
}

// TestReadOnly is a database on a disk that has become read-only, and a folder
// on it that is empty.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mount(t, dir, "size=16m")
	file := filepath.Join(dir, "tictac.db")
	s := start(t, file)
	s.signal(syscall.SIGTERM)
	if code := s.wait(patient); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	rest := []string{"--listen", "127.0.0.1:0", "--metrics", "", "--store"}
	refuses(t, "a read-only disk", []string{"--store", file}, append(rest, "sqlite:"+file)...)
	other := filepath.Join(dir, "other.db")
	refuses(t, "a read-only folder", []string{"--store", other}, append(rest, "sqlite:"+other)...)
	missing := filepath.Join(dir, "data", "tictac.db")
	refuses(t, "a folder missing on a read-only disk", []string{"--store", filepath.Dir(missing)}, append(rest, "sqlite:"+missing)...)
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("a read-only disk: the file was changed (%v)", err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	s.again()
}
