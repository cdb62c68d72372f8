package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tictac/e2e/client"
)

// TestDiskFull fills the disk under a game that is being played, and makes room
// again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mount(t, dir, "size=32m") // more than the log of SQLite gets before it is written back: a game that goes on must not fill it
	file := filepath.Join(dir, "tictac.db")
	s := start(t, file, noLimits...)
	m := newMatch(t, s)
	ctx := patience(t, 70*time.Second)
	if err := m.play(ctx, 1, 0, draws, nil); err != nil {
		t.Fatal(err)
	}

	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	played := make(chan error, 1)
	rounds := 1
	enough := make(chan struct{})
	go func() { // its end is waited for below
		var err error
		for more := true; more && err == nil; {
			rounds++
			err = errors.Join(m.rematch(ctx, rounds), m.play(ctx, rounds, 0, draws, nil))
			select {
			case <-enough:
				more = false
			default:
			}
		}
		played <- err
	}()
	refused := `tictac_refused_total{code="unavailable"}`
	eventually(t, 30*time.Second, "disk full: refused as unavailable", func() error {
		if s.metric(refused) == 0 {
			return errors.New("not yet")
		}
		return nil
	})
	began := time.Now()
	status := func(path string, want int) func() error {
		return func() error {
			if got, body, err := client.Get(s.addr, path); err != nil || got != want {
				return fmt.Errorf("%s: %d %s %v", path, got, body, err)
			}
			return nil
		}
	}
	eventually(t, 20*time.Second, "disk full: not ready", status("/readyz", 503))
	t.Logf("measured: disk full: /readyz 503 after %v (bar 12s)", time.Since(began).Round(100*time.Millisecond))
	if took := time.Since(began); soak && took > 12*time.Second {
		t.Errorf("disk full: /readyz was 503 after %v only", took)
	}
	if err := status("/healthz", 200)(); err != nil {
		t.Errorf("disk full: %v", err)
	}
	if _, err := client.Create(s.addr, "Cleo"); !isProblem(err, "unavailable") {
		t.Errorf("disk full: creating a room: %v, not unavailable", err)
	}
	if v, err := client.Look(s.addr, m.host.Seat.Code); err != nil {
		t.Logf("disk full: looking at a room: %+v, %v", v, err)
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	began = time.Now()
	eventually(t, 20*time.Second, "disk full, room again: ready", status("/readyz", 200))
	t.Logf("measured: disk full, room again: ready after %v", time.Since(began).Round(100*time.Millisecond))
	close(enough)
	if err := <-played; err != nil {
		t.Fatalf("disk full, room again: the game did not go on: %v", err)
	}
	for _, p := range []*client.Player{m.host, m.guest} {
		if len(p.Codes()) != 0 {
			t.Errorf("disk full: %s lost the connection: %v", p.Seat.You, p.Codes())
		}
	}
	if _, err := client.Create(s.addr, "Cleo"); err != nil {
		t.Errorf("disk full, room again: creating a room: %v", err)
	}
	m.close()
	s.signal(syscall.SIGTERM)
	if code := s.wait(patient); code != 0 {
		t.Errorf("disk full, room again: exit code %d", code)
	}
	m.checkFiled(t, filed(t, file)[m.host.Seat.Code])
}

// fill writes a file until the disk is full.
func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 1; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
