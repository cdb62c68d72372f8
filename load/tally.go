package load

import (
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// slowest is the longest latency that is told apart, in microseconds.
const slowest = 120_000_000

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, slowest, 3) }

// record adds a latency in nanoseconds to a histogram of microseconds.
func record(h *hdrhistogram.Histogram, ns int64) {
	_ = h.RecordValue(min(max(ns/1000, 1), slowest))
}

// A tally takes in latencies of some of the rooms, so that cores do not wait
// for each other. It is emptied every second.
type tally struct {
	mu      sync.Mutex
	latency *hdrhistogram.Histogram
}

func (t *tally) add(ns int64) {
	t.mu.Lock()
	record(t.latency, ns)
	t.mu.Unlock()
}

// empty moves what was taken in to another histogram.
func (t *tally) empty(into *hdrhistogram.Histogram) {
	t.mu.Lock()
	defer t.mu.Unlock()
	into.Merge(t.latency)
	t.latency.Reset()
}

// A book holds what is counted and is no latency of a move: all of it is rare.
type book struct {
	mu         sync.Mutex
	connect    *hdrhistogram.Histogram
	endings    Endings
	errors     int64
	kinds      map[string]int64
	wrong      int64
	examples   []string
	lost       int64
	reconnects int64
	resent     int64
}

// mostExamples is how many wrong boards are shown.
const mostExamples = 5

func newBook() *book { return &book{connect: newHistogram(), kinds: map[string]int64{}} }

// fail counts an error of some kind.
func (b *book) fail(kind string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errors++
	b.kinds[kind]++
}

func (b *book) wrongBoard(example string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong++
	if len(b.examples) < mostExamples {
		b.examples = append(b.examples, example)
	}
}

func (b *book) note(change func(*book)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}
