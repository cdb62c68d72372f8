package play

import (
	"testing"
	"time"
)

// Ids are in the order of their moments, and differ within one.
func TestNewRoundID(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	last, seen := "", map[string]bool{}
	for _, after := range []time.Duration{0, time.Millisecond, time.Second, 365 * 24 * time.Hour, 30 * 365 * 24 * time.Hour} {
		id := newRoundID(now.Add(after))
		if id <= last || len(id) != 24 {
			t.Errorf("after %v it is %s, before it was %s", after, id, last)
		}
		last = id
	}
	for range 1000 {
		seen[newRoundID(now)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("of 1000 ids %d differ", len(seen))
	}
}
