package play_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"tictac/storetest"
)

// BenchmarkMove is moves from a session to the durable view of both players.
func BenchmarkMove(b *testing.B) {
	for _, rooms := range []int{1, 500} {
		b.Run(fmt.Sprintf("%d rooms", rooms), func(b *testing.B) { benchmarkMove(b, rooms) })
	}
}

func benchmarkMove(b *testing.B, rooms int) {
	s := start(b, filepath.Join(b.TempDir(), "tictac.db"), &clock{}, rules, true)
	type pair struct{ host, guest *storetest.Player }
	pairs := make([]pair, rooms)
	for i := range pairs {
		code, host := s.create(b)
		pairs[i] = pair{host, s.join(b, code)}
	}
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for i, p := range pairs {
		wg.Go(func() {
			n := b.N / rooms
			if i == 0 {
				n += b.N % rooms
			}
			for round, ply := 1, 0; n > 0; n-- {
				turn := []*storetest.Player{p.host, p.guest}[(round+1+ply)%2]
				if changed, err := turn.Move([]int{0, 1, 2, 4, 3, 5, 7, 6, 8}[ply], round, ply); !changed || err != nil {
					b.Errorf("round %d ply %d: %v, %v", round, ply, changed, err)
					return
				}
				if ply++; ply == 9 {
					_, _ = p.host.Rematch()
					_, _ = p.guest.Rematch()
					round, ply = round+1, 0
				}
			}
		})
	}
	wg.Wait()
}
