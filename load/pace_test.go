package load

import (
	"testing"
	"time"
)

func TestMetronome(t *testing.T) {
	const rate = 1000
	m := newMetronome(0, rate)
	var at []int64
	m.tick(-1, func(n, a int64) { t.Error("due before the start") })
	for _, now := range []int64{0, 100, 3_500_000, 3_600_000, 10_000_000} {
		m.tick(now, func(n, a int64) {
			if n != int64(len(at)) || a > now {
				t.Errorf("at %d: move %d, due at %d", now, n, a)
			}
			at = append(at, a)
		})
	}
	if len(at) != 11 { // 0, 1, ... 10 ms
		t.Fatalf("%d moves were due: %v", len(at), at)
	}
	for i, a := range at {
		if a != int64(i)*int64(time.Millisecond) {
			t.Errorf("move %d was due at %d", i, a)
		}
	}
	if m.next() != 11_000_000 {
		t.Errorf("the next is due at %d", m.next())
	}
}

// TestOwedMovesKeepTheirTime: a latency counts from when the move was due,
// however late it could be made.
func TestOwedMovesKeepTheirTime(t *testing.T) {
	p := pace{period: 10}
	if _, owed := p.take(); owed {
		t.Error("owed before anything was due")
	}
	for _, at := range []int64{100, 110, 120} {
		p.owe(at)
	}
	for _, want := range []int64{100, 110, 120} {
		if at, owed := p.take(); !owed || at != want {
			t.Errorf("took %d, %v; want %d", at, owed, want)
		}
	}
	if _, owed := p.take(); owed {
		t.Error("owed more than was due")
	}
	p.owe(130)
	if at, _ := p.take(); at != 130 {
		t.Errorf("took %d, want 130", at)
	}
}

func TestBackoff(t *testing.T) {
	for tries := range 40 {
		if wait := backoff(tries, 1006); wait < 0 || wait > slowestRetry {
			t.Errorf("after %d tries %v", tries, wait)
		}
		if wait := backoff(tries, closeTryLater); wait < firstRetry || wait > firstRetry+10*slowestRetry {
			t.Errorf("after %d tries and 1013 %v", tries, wait)
		}
	}
}
