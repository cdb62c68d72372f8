package emf

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestSums has many tell at once, and somebody take in between: nothing is lost,
// and nothing is told twice.
func TestSums(t *testing.T) {
	t.Parallel()
	const tellers, each = 8, 5000
	var c Counts
	var telling, taking sync.WaitGroup
	told := make(chan struct{})
	var sum Figures
	add := func() {
		f := c.take()
		sum.Moves += f.Moves
		sum.StoreErrors += f.StoreErrors
		sum.Reconnects += f.Reconnects
		sum.Players = f.Players
		if len(f.MoveTimes) != min(f.Moves, maxSamples) || slices.Contains(f.MoveTimes, 0) {
			t.Errorf("%d samples of %d moves: %v", len(f.MoveTimes), f.Moves, f.MoveTimes)
		}
	}
	taking.Go(func() {
		for {
			select {
			case <-told:
				return
			default:
				add()
			}
		}
	})
	for range tellers {
		telling.Go(func() {
			for i := range each {
				c.Moved(time.Duration(i + 1))
				c.Seated(1)
				if i%2 == 0 {
					c.StoreFailed()
					c.Seated(-1)
				}
				if i%5 == 0 {
					c.Returned()
				}
			}
		})
	}
	telling.Wait()
	close(told)
	taking.Wait()
	add()
	want := Figures{Moves: tellers * each, StoreErrors: tellers * each / 2, Reconnects: tellers * each / 5, Players: tellers * each / 2}
	if sum.Moves != want.Moves || sum.StoreErrors != want.StoreErrors || sum.Reconnects != want.Reconnects || sum.Players != want.Players {
		t.Errorf("in all %+v, want %+v", sum, want)
	}
	if f := c.take(); f.Moves != 0 || f.Players != want.Players || len(f.MoveTimes) != 0 {
		t.Errorf("after all had been taken: %+v", f)
	}
}

// TestSamples: each move of a minute has the same chance to be a sample, whenever
// in the minute it was. Times grow here, so that samples of the first moves, or of
// the last, would be far off.
func TestSamples(t *testing.T) {
	t.Parallel()
	const minutes, moves = 400, 3000
	var c Counts
	mean := map[int]float64{}
	for range minutes {
		for i := range moves {
			c.Moved(time.Duration(i+1) * time.Microsecond)
		}
		times := c.take().MoveTimes
		slices.Sort(times)
		if len(times) != maxSamples || len(slices.Compact(slices.Clone(times))) != maxSamples {
			t.Fatalf("%d samples, some of them twice: %v", len(times), times)
		}
		for _, p := range []int{10, 50, 90, 99} {
			mean[p] += float64(times[p-1].Microseconds()+times[p].Microseconds()) / 2 / minutes
		}
	}
	// The mean of 400 has a standard deviation of 0.25 % of the range at most.
	for p, got := range mean {
		if want := float64(moves*p) / 100; math.Abs(got-want) > 0.02*moves {
			t.Errorf("p%d is %.0f µs on average, want %.0f", p, got, want)
		}
	}
}

// TestFewMoves: up to a hundred, all are told.
func TestFewMoves(t *testing.T) {
	t.Parallel()
	var c Counts
	for i := range maxSamples {
		c.Moved(time.Duration(i))
	}
	for i, took := range c.take().MoveTimes {
		if took != time.Duration(i) {
			t.Errorf("sample %d is %v", i, took)
		}
	}
}

// TestNoAllocations: a move is not to cost anything by being counted.
func TestNoAllocations(t *testing.T) {
	var c Counts
	if n := testing.AllocsPerRun(1000, func() { c.Moved(time.Millisecond) }); n > 0 {
		t.Errorf("counting a move takes %v allocations", n)
	}
}

func BenchmarkMoved(b *testing.B) {
	var c Counts
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.Moved(time.Millisecond)
		}
	})
}
