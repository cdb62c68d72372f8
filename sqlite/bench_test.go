package sqlite_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"tictac/play"
	"tictac/room"
	"tictac/sqlite"
)

// BenchmarkCommit is moves made durable, from so many rooms at once: the more
// wait at the same moment, the more share a flush.
func BenchmarkCommit(b *testing.B) {
	for _, rooms := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("%d rooms", rooms), func(b *testing.B) { benchmarkCommit(b, rooms) })
	}
}

func benchmarkCommit(b *testing.B, rooms int) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "tictac.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	states := make([]room.State, rooms)
	for i := range states {
		states[i] = playing(b, s, fmt.Sprintf("%06x", i))
	}
	b.ReportAllocs()
	b.ResetTimer()
	var made atomic.Int64
	var wg sync.WaitGroup
	for i := range states {
		wg.Go(func() {
			for made.Add(1) <= int64(b.N) {
				c := nextMove(states[i])
				if err := s.Commit(context.Background(), c); err != nil {
					b.Error(err)
					return
				}
				states[i] = *c.State
			}
		})
	}
	wg.Wait()
}

// playing is a room in which a round has begun.
func playing(b *testing.B, s *sqlite.Store, code string) room.State {
	c := opened(code)
	for range 2 {
		if err := s.Commit(context.Background(), c); err != nil {
			b.Fatal(err)
		}
		if c.State.Phase == room.Waiting {
			c = next(*c.State, room.Join{Key: "guest", Name: "Bob", RoundID: code})
		}
	}
	return *c.State
}

// nextMove is the next of the moves that end in a draw; then comes the next round.
func nextMove(s room.State) (c play.Commit) {
	drawn := [...]int{0, 1, 2, 4, 3, 5, 7, 6, 8}
	if s.Phase == room.Over {
		s = room.Fold(s, []room.Event{{Kind: room.RoundBegan, At: s.Touched, Round: s.Round + 1, RoundID: rand.Text(), Mark: s.HostMark}})
		s.Rev--
	}
	key := [...]string{"host", "guest"}[s.Ply()%2]
	c = next(s, room.Move{Key: key, Cell: drawn[s.Ply()], Round: s.Round, Ply: s.Ply()})
	c.Reindex = false
	return c
}
