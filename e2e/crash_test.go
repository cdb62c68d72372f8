package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestKill9 kills the server, several times in a row, while 50 games are played.
func TestKill9(t *testing.T) {
	t.Parallel()
	const games, rounds, kills = 50, 2, 4
	file := newFile(t)
	s := start(t, file, noLimits...)
	ctx := patience(t, 90*time.Second)

	matches := make([]*match, games)
	var moves atomic.Int64
	var wg sync.WaitGroup
	failed := make(chan error, games)
	for i := range matches {
		matches[i] = newMatch(t, s)
	}
	for i, m := range matches {
		wg.Go(func() {
			if err := m.playSlowly(ctx, i, rounds, &moves); err != nil {
				failed <- fmt.Errorf("kill -9, room %s: %w", m.host.Seat.Code, err)
			}
		})
	}
	for range kills {
		before := moves.Load()
		eventually(t, 30*time.Second, "kill -9: games go on", func() error {
			if n := moves.Load(); n < before+games {
				return fmt.Errorf("%d moves", n-before)
			}
			return nil
		})
		s.kill()
		s.again()
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	if t.Failed() {
		return
	}
	resends, reconnects := 0, 0
	for _, m := range matches {
		resends += m.host.Resends() + m.guest.Resends()
		reconnects += m.host.Codes()[1006] + m.guest.Codes()[1006]
	}
	t.Logf("kill -9: %d moves, %d reconnects, %d moves sent again", moves.Load(), reconnects, resends)
	if reconnects < games {
		t.Errorf("kill -9: only %d reconnects: were the games over before the kills?", reconnects)
	}
	s.kill()
	found := filed(t, file)
	if len(found) != games {
		t.Errorf("kill -9: rounds of %d rooms are filed, not %d", len(found), games)
	}
	for _, m := range matches {
		if n := len(m.game.Over()); n != rounds {
			t.Errorf("kill -9: room %s saw %d rounds end, not %d", m.host.Seat.Code, n, rounds)
		}
		m.checkFiled(t, found[m.host.Seat.Code])
	}
	wantCounted(t, "sqlite:"+file)
}

// playSlowly plays some rounds with pauses, so that there is time to kill.
func (m *match) playSlowly(ctx context.Context, n, rounds int, moves *atomic.Int64) error {
	scripts := [][]int{lineWins, draws, oWins}
	for round := 1; round <= rounds; round++ {
		if round > 1 {
			if err := m.rematch(ctx, round); err != nil {
				return err
			}
		}
		err := m.play(ctx, round, 0, scripts[(n+round)%len(scripts)], func(time.Duration) {
			moves.Add(1)
			time.Sleep(rand.N(500 * time.Millisecond))
		})
		if err != nil {
			return err
		}
		if _, err := m.guest.Await(ctx, isOver(round)); err != nil {
			return err
		}
		if _, err := m.host.Await(ctx, isOver(round)); err != nil {
			return err
		}
	}
	return nil
}
