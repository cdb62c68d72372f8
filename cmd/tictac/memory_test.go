package main

import (
	"runtime"
	"testing"
)

// Little in use: garbage may be several times as much. A lot: Go's own measure.
func TestGCPercent(t *testing.T) {
	for used, want := range map[uint64]int{0: 800, 4 << 20: 800, 8 << 20: 400, 12 << 20: 200, 16 << 20: 200, 17 << 20: 100, 1 << 30: 100} {
		if got := gcPercent(used); got != want {
			t.Errorf("with %d MB in use: %d %%, want %d", used>>20, got, want)
		}
	}
}

func TestHeap(t *testing.T) {
	runtime.GC()
	if used, _ := heap(); used == 0 {
		t.Error("nothing is in use: a metric has another name")
	}
}
