package e2e

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tictac/e2e/client"
)

// TestNothingStays plays 500 games that end in every way there is, and looks
// what is left of them in memory.
func TestNothingStays(t *testing.T) {
	t.Parallel()
	const games, atOnce = 500, 20
	file := newFile(t)
	s := start(t, file, append([]string{"--grace", "3s", "--waiting-grace", "3s"}, noLimits...)...)
	ctx := patience(t, 100*time.Second)
	if err := playAndEnd(ctx, s.addr, 0); err != nil {
		t.Fatal(err)
	}
	goroutines := s.metric("go_goroutines")

	var next atomic.Int32
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for n := int(next.Add(1)); n < games; n = int(next.Add(1)) {
				if err := playAndEnd(ctx, s.addr, n); err != nil {
					t.Errorf("game %d, ending %q: %v", n, endings[n%len(endings)].name, err)
				}
			}
		})
	}
	wg.Wait()
	peak := s.metric("go_goroutines")
	client.Forget()
	eventually(t, 30*time.Second, "500 games: nothing stays", func() error {
		for _, name := range []string{"tictac_rooms", "tictac_players", "tictac_spectators"} {
			if n := s.metric(name); n != 0 {
				return fmt.Errorf("%s is %v", name, n)
			}
		}
		if n := s.metric("go_goroutines"); n > goroutines+10 {
			return fmt.Errorf("%v goroutines, %v after the first game", n, goroutines)
		}
		return nil
	})
	eventually(t, 30*time.Second, "500 games: nothing stays on disk", func() error {
		if n := count(t, file, `SELECT count(*) FROM rooms`) + count(t, file, `SELECT count(*) FROM log_pages`); n != 0 {
			return fmt.Errorf("%d rows of rooms and events are left", n)
		}
		return nil
	})
	t.Logf("500 games: goroutines %v after the first, %v at the end, %v later; heap in use %.1f MB", goroutines, peak,
		s.metric("go_goroutines"), s.metric("go_memstats_heap_inuse_bytes")/1e6)
	finished := 0.0
	for _, how := range []string{"line", "draw", "resign", "left"} {
		n := s.metric(`tictac_games_finished_total{ended="` + how + `"}`)
		if n == 0 {
			t.Errorf("500 games: none ended as %s", how)
		}
		finished += n
	}
	s.signal(syscall.SIGTERM)
	if code := s.wait(patient); code != 0 {
		t.Errorf("500 games: exit code %d", code)
	}
	// Not by filed: of so many rooms, two may well have had the same code, one after the other.
	if rounds := count(t, file, `SELECT count(*) FROM rounds`); rounds != int64(finished) {
		t.Errorf("500 games: %d rounds are filed, %v were counted", rounds, finished)
	}
}

// An ending takes a match from its first moves to an empty table: afterwards
// nobody is to come back.
type ending struct {
	name string
	end  func(ctx context.Context, m *match) error
}

var endings = []ending{
	{"line, then both leave", func(ctx context.Context, m *match) error {
		err := m.play(ctx, 1, 2, []int{1, 4, 2}, nil)
		m.guest.Say(leave)
		_, gone := m.guest.AwaitGone(ctx)
		m.host.Say(leave)
		_, gone2 := m.host.AwaitGone(ctx)
		return errors.Join(err, gone, gone2)
	}},
	{"resign, then the host leaves", func(ctx context.Context, m *match) error {
		_, err := m.guest.Command(ctx, "resign", isOver(1))
		m.host.Say(leave)
		_, gone := m.guest.AwaitGone(ctx)
		return errors.Join(err, gone)
	}},
	{"the host leaves in mid-game", func(ctx context.Context, m *match) error {
		m.host.Say(leave)
		reason, err := m.guest.AwaitGone(ctx)
		if err == nil && reason != "host_left" {
			err = fmt.Errorf("the reason is %q", reason)
		}
		return err
	}},
	{"the guest leaves in mid-game, the host vanishes", func(ctx context.Context, m *match) error {
		m.guest.Say(leave)
		_, err := m.host.Await(ctx, func(v client.View) bool { return v.Phase == "waiting" && v.Ended == "left" })
		return err
	}},
	{"both vanish in mid-game", func(context.Context, *match) error { return nil }},
	{"draw, rematch, sockets cut", func(ctx context.Context, m *match) error {
		err := errors.Join(m.play(ctx, 1, 2, []int{1, 2, 4, 7, 5, 8, 6}, nil), m.rematch(ctx, 2))
		m.host.Drop()
		m.guest.Drop()
		return err
	}},
	{"nobody plays", func(ctx context.Context, m *match) error {
		m.guest.Drop()
		return m.bothOnline(ctx)
	}},
}

var leave = map[string]string{"type": "leave"}

// playAndEnd plays a game with a spectator up to its n-th ending.
func playAndEnd(ctx context.Context, addr string, n int) error {
	m, err := openMatch(addr)
	if err != nil {
		return err
	}
	defer m.close()
	watcher := client.Enter(addr, client.Seat{Code: m.host.Seat.Code, You: "spectator"}, m.game)
	defer watcher.Close()
	if err := m.bothOnline(ctx); err != nil {
		return err
	}
	e := endings[n%len(endings)]
	if err := m.play(ctx, 1, 0, []int{0, 3}, nil); err != nil {
		return err
	}
	return e.end(ctx, m)
}
