package load

import (
	"context"
	"time"
)

// A pace is what a room owes the rate that was asked for: when moves were due
// that have not been made. They are due at even intervals.
type pace struct {
	period int64
	first  int64 // when the first of them was due
	owed   int
}

// owe says that a move is due.
func (p *pace) owe(at int64) {
	if p.owed == 0 {
		p.first = at
	}
	p.owed++
}

// take takes the oldest move that is due, if there is one.
func (p *pace) take() (at int64, owed bool) {
	if p.owed == 0 {
		return 0, false
	}
	at = p.first
	p.first += p.period
	p.owed--
	return at, true
}

// A metronome has moves made at a rate, evenly: it goes round the rooms, and
// each is due once in every round.
type metronome struct {
	start    int64
	interval float64 // between two moves of any room, in ns
	count    int64   // moves that were due so far
}

func newMetronome(start int64, rate float64) *metronome {
	return &metronome{start: start, interval: 1e9 / rate}
}

// next is when the next move is due.
func (m *metronome) next() int64 { return m.start + int64(float64(m.count)*m.interval) }

// tick calls due with the number of each move that is due by now, and when it was.
func (m *metronome) tick(now int64, due func(n, at int64)) {
	for at := m.next(); at <= now; at = m.next() {
		due(m.count, at)
		m.count++
	}
}

// keepPace makes moves due until ctx ends.
func (g *generator) keepPace(ctx context.Context) {
	m := newMetronome(g.now(), g.cfg.Rate)
	for ctx.Err() == nil {
		m.tick(g.now(), func(n, at int64) { g.rooms[n%int64(len(g.rooms))].due(at) })
		time.Sleep(time.Duration(m.next() - g.now()))
	}
}
