package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tictac/e2e/client"
)

// TestBackup copies the store of a server in use, and runs a second server on
// the copy.
func TestBackup(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s := start(t, file, noLimits...)
	ctx := patience(t, 60*time.Second)
	still := newMatch(t, s) // one round filed, one half played
	if err := still.play(ctx, 1, 0, oWins, nil); err != nil {
		t.Fatal(err)
	}
	if err := still.rematch(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if err := still.play(ctx, 2, 0, draws[:5], nil); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var stop atomic.Bool
	var busy []*match
	for range 10 {
		m := newMatch(t, s)
		busy = append(busy, m)
		wg.Go(func() {
			for round := 1; !stop.Load(); round++ {
				if round > 1 {
					if err := m.rematch(ctx, round); err != nil {
						t.Errorf("backup: %v", err)
						return
					}
				}
				if err := m.play(ctx, round, 0, lineWins, nil); err != nil {
					t.Errorf("backup: the game was hurt: %v", err)
					return
				}
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	known := map[string]map[int]client.View{}
	for _, m := range busy {
		known[m.host.Seat.Code] = m.game.Over()
	}
	then := still.game.Fork()
	copied := filepath.Join(t.TempDir(), "copy.db")
	if code, _, stderr := run(t, nil, "backup", "--store", "sqlite:"+file, copied); code != 0 {
		t.Errorf("backup: exit code %d, %s", code, stderr)
	}
	stop.Store(true)
	wg.Wait()
	code, _, stderr := run(t, nil, "backup", "--store", "sqlite:"+file, copied)
	if code == 0 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("backup onto a file that exists: exit code %d, %q", code, stderr)
	}

	second := start(t, copied, noLimits...)
	for room := range known {
		if _, err := client.Look(second.addr, room); err != nil {
			t.Errorf("backup: room %s is not in the copy: %v", room, err)
		}
	}
	still.close()
	restored := &match{game: then}
	restored.host = client.Enter(second.addr, still.host.Seat, then)
	restored.guest = client.Enter(second.addr, still.guest.Seat, then)
	defer restored.close()
	if err := restored.play(ctx, 2, 5, draws[5:], nil); err != nil {
		t.Errorf("backup: the game does not go on in the copy: %v", err)
	}
	second.kill()
	found := filed(t, copied)
	restored.checkFiled(t, found[still.host.Seat.Code])
	n := 0
	for room, rounds := range known {
		for round := range rounds {
			n++
			if _, ok := found[room][round]; !ok {
				t.Errorf("backup: round %d of %s had ended and is not in the copy", round, room)
			}
		}
	}
	t.Logf("backup: %d rounds had ended before", n)
}

// TestBackupOfNothing has nothing to copy from, or nowhere to copy to.
func TestBackupOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing, to := filepath.Join(dir, "none.db"), filepath.Join(dir, "copy.db")
	refuses(t, "backup of a missing file", []string{missing}, "backup", "--store", "sqlite:"+missing, to)
	refuses(t, "backup without a file", nil, "backup", "--store", "sqlite:"+missing)
	for _, f := range []string{missing, to, to + ".part"} {
		if _, err := os.Stat(f); err == nil {
			t.Errorf("backup of a missing file made %s", f)
		}
	}
}

// TestHealthcheck asks servers that are there, and not.
func TestHealthcheck(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t))
	if code, out, stderr := run(t, nil, "healthcheck", "--listen", s.addr); code != 0 || out+stderr != "" {
		t.Errorf("healthcheck: exit code %d, %q", code, out+stderr)
	}
	if code, _, stderr := run(t, []string{"TICTAC_LISTEN=" + s.addr}, "healthcheck"); code != 0 {
		t.Errorf("healthcheck by TICTAC_LISTEN: exit code %d, %q", code, stderr)
	}
	s.kill()
	if code, _, stderr := run(t, nil, "healthcheck", "--listen", s.addr); code == 0 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("healthcheck of no server: exit code %d, %q", code, stderr)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	code, out, stderr := run(t, nil, "version")
	if code != 0 || stderr != "" || !strings.HasPrefix(out, "tictac ") || !strings.Contains(out, runtime.Version()) || !strings.Contains(out, "commit") {
		t.Errorf("version: exit code %d, %q, %q", code, out, stderr)
	}
	if code, out, _ := run(t, nil, "--help"); code != 0 || !strings.Contains(out, "waiting-grace") {
		t.Errorf("--help: exit code %d, %q", code, out)
	}
}

// TestMetricNames looks for every metric that the protocol names.
func TestMetricNames(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t))
	m := newMatch(t, s)
	ctx := patience(t, patient)
	for i, cell := range lineWins {
		time.Sleep(20 * time.Millisecond)
		if err := m.play(ctx, 1, i, []int{cell}, nil); err != nil {
			t.Fatal(err)
		}
	}
	m.host.Say(map[string]any{"type": "move", "cell": 99})
	if _, err := m.host.Refused(ctx); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"tictac_rooms": 1, "tictac_players": 2, "tictac_spectators": 0, "tictac_moves_total": 5, "tictac_move_seconds_count": 5,
		`tictac_games_finished_total{ended="line"}`: 1, `tictac_refused_total{code="cell_out_of_range"}`: 1, "tictac_commit_conflicts_total": 0,
	} {
		if got := s.metric(name); got != want {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
	m.close()
	eventually(t, patient, "sockets are counted", func() error {
		if n := s.metric(`tictac_sockets_closed_total{code="1006"}`); n != 2 {
			return fmt.Errorf("%v", n)
		}
		return nil
	})
	if status, _, err := client.Get(s.addr, "/metrics"); status != 404 || err != nil {
		t.Errorf("/metrics on the players' port: %d, %v", status, err)
	}
}
