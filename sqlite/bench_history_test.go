package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"tictac/game"
	"tictac/history"
	"tictac/room"
	"tictac/sqlite"
	"tictac/storetest"
)

// BenchmarkRound is rated rounds from their beginning to their end, three
// commits each, at a hundred tables: what ends a round takes the most.
func BenchmarkRound(b *testing.B) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "tictac.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for _, id := range storetest.Victims {
		if err := s.Enroll(context.Background(), id, "key-"+id, id, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			err := playFast(s, i, func(string) bool { return left.Add(-1) > 0 })
			if err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
}

// BenchmarkMillion is what is read of a history of a million rounds, of 10,000
// players.
func BenchmarkMillion(b *testing.B) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "tictac.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const rounds, players = 1_000_000, 10_000
	ctx := context.Background()
	put := func(n int, item func(i int) history.Item) {
		for from := 0; from < n; from += 1000 {
			items := make([]history.Item, 1000)
			for i := range items {
				items[i] = item(from + i)
			}
			if _, err := s.Put(ctx, items); err != nil {
				b.Fatal(err)
			}
		}
	}
	put(players, func(i int) history.Item {
		rating := &history.Rating{Value: 1000 + float64(i%1000), Deviation: 50 + float64(i%100), Volatility: 0.06}
		a := &history.Account{ID: id(i), Name: "Ann", Keys: []string{"key " + id(i)}, Totals: history.Totals{Rating: rating}}
		return history.Item{Account: a}
	})
	moves := make([]room.Played, 7)
	put(rounds, func(i int) history.Item {
		return history.Item{Round: &history.Round{Record: room.Record{
			ID: fmt.Sprint("round ", i), Code: "aaaaaa", Round: 1, Host: "Ann", Guest: "Bob", HostID: id(i % players), GuestID: id((i*7 + 1) % players),
			HostMark: game.X, Began: 1, Finished: 2, Moves: moves, Ended: room.ByLine, Winner: game.X,
		}}}
	})
	for name, f := range map[string]func(i int) error{
		"games": func(i int) error { _, err := s.Games(ctx, id(i%players), 20, ""); return err },
		"older": func(i int) error {
			_, err := s.Games(ctx, id(i%players), 20, fmt.Sprint("round ", rounds/2+i%players))
			return err
		},
		"leaders":  func(int) error { _, err := s.Leaders(ctx, 100); return err },
		"player":   func(i int) error { _, err := s.Player(ctx, id(i%players)); return err },
		"identify": func(i int) error { _, err := s.Identify(ctx, "key "+id(i%players)); return err },
		"round":    func(i int) error { _, err := s.Round(ctx, fmt.Sprint("round ", i*7919%rounds)); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				if err := f(i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("rebuild", func(b *testing.B) {
		for range b.N {
			if _, err := s.Rebuild(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func id(i int) string { return fmt.Sprintf("player%010d", i) }
