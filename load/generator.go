package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"tictac/socket"
)

// A pair is two players who have a room to themselves.
type pair interface {
	open(ctx context.Context) error    // takes the seats
	connect(ctx context.Context) error // opens the sockets
	begin()                            // lets them move
	due(at int64)                      // makes a move due
	quiet() bool                       // no move is on its way
	traffic() (received, sent int64)   // bytes so far
	leave()                            // gives the room up
	hangUp()                           // drops the sockets
}

// How long the end may take: for moves that are on their way, and for leaving.
const (
	settleWithin = 2 * time.Second
	leaveWithin  = 3 * time.Second
)

// A generator is one run.
type generator struct {
	cfg    Config
	base   time.Time
	target *target
	engine socket.Engine

	rooms   []pair
	players []*player // none of a relay
	alarms  []alarm   // of the players
	tallies []*tally
	book    *book
	chart   *chart

	playing atomic.Bool // rooms begin as soon as both are there
	still   atomic.Bool // nobody begins anything
	ending  atomic.Bool // connections may end

	connected atomic.Int64 // players
	complete  atomic.Int64 // rooms in which both have been
	unmet     atomic.Int64 // players with a line who are not welcomed yet
	opened    int          // rooms that are open or being opened

	free    chan struct{} // diallers at work
	workers sync.WaitGroup

	noteMu sync.Mutex
	notes  []string        // not told yet
	noted  map[string]bool // told, or in notes
}

func newGenerator(cfg Config) (*generator, error) {
	target, err := newTarget(cfg.Target)
	if err != nil {
		return nil, err
	}
	engine, err := newEngine()
	if err != nil {
		return nil, err
	}
	g := &generator{
		cfg: cfg, base: time.Now(), target: target, engine: engine,
		book: newBook(), chart: newChart(),
		free: make(chan struct{}, diallers), noted: map[string]bool{},
	}
	g.furnish()
	return g, nil
}

// furnish makes the rooms, all of them, with nobody in them.
func (g *generator) furnish() {
	for range 4 {
		g.tallies = append(g.tallies, &tally{latency: newHistogram()})
	}
	n := g.cfg.Players / 2
	g.rooms = make([]pair, n)
	period := int64(0)
	if g.cfg.paced() {
		period = int64(float64(n) / g.cfg.Rate * 1e9)
	}
	if !g.cfg.Relay {
		g.alarms = make([]alarm, 2*n)
	}
	for i := range g.rooms {
		tally := g.tallies[i%len(g.tallies)]
		if g.cfg.Relay {
			g.rooms[i] = newRelayRoom(g, i, tally, pace{period: period})
			continue
		}
		r := newRoom(g, i, tally)
		r.pace.period = period
		g.rooms[i] = r
		g.players = append(g.players, &r.players[host], &r.players[guest])
	}
}

// now is nanoseconds since the beginning.
func (g *generator) now() int64 { return int64(time.Since(g.base)) }

func (g *generator) fail(kind string) { g.book.fail(kind) }

// tell has something said to the user, once.
func (g *generator) tell(note string) {
	g.noteMu.Lock()
	defer g.noteMu.Unlock()
	if !g.noted[note] {
		g.noted[note] = true
		g.notes = append(g.notes, note)
	}
}

// run is the whole of it: connect, play, end.
func (g *generator) run(ctx context.Context) (Result, error) {
	running, stop := context.WithCancel(ctx)
	defer func() { // on every way out
		stop()
		g.hangUp()
		g.workers.Wait()
		g.hangUp() // who was let in meanwhile
		g.engine.Close()
		g.target.close()
	}()
	if err := g.probe(running); err != nil {
		return Result{}, &TargetError{g.cfg.Target, err}
	}
	g.workers.Go(func() { g.watch(running) })
	var steps []Step
	if g.cfg.Mode == Ramp {
		steps = g.ramp(running)
	} else {
		g.fill(running, len(g.rooms))
		g.play(running, g.cfg.Duration)
	}
	result := g.result(steps)
	g.end()
	result.verdict(g.book)
	return result, nil
}

// play has everybody play for a while.
func (g *generator) play(ctx context.Context, d time.Duration) {
	pacing, stop := context.WithCancel(ctx)
	defer stop()
	g.begin(pacing)
	wait(ctx, d)
	g.chart.roll(g)
	g.chart.finish(g)
}

// begin starts the clock and lets the players move.
func (g *generator) begin(ctx context.Context) {
	received, sent := g.traffic()
	g.chart.begin(g.now(), received, sent, g.cfg.Duration)
	if g.cfg.Mode == Idle || ctx.Err() != nil {
		return
	}
	g.playing.Store(true)
	for _, r := range g.rooms {
		r.begin()
	}
	if g.cfg.paced() {
		g.workers.Go(func() { g.keepPace(ctx) })
	}
}

// end lets moves arrive that are on their way, and gives the rooms up.
func (g *generator) end() {
	g.still.Store(true)
	g.chart.phase("ending", settleWithin+leaveWithin)
	until(settleWithin, func() bool {
		for _, r := range g.rooms {
			if !r.quiet() {
				return false
			}
		}
		return true
	})
	g.ending.Store(true)
	for _, r := range g.rooms {
		r.leave()
	}
	until(leaveWithin, func() bool { return g.connected.Load() == 0 })
}

func (g *generator) hangUp() {
	g.ending.Store(true)
	for _, r := range g.rooms {
		r.hangUp()
	}
}

func (g *generator) traffic() (received, sent int64) {
	for _, r := range g.rooms {
		i, o := r.traffic()
		received, sent = received+i, sent+o
	}
	return received, sent
}

// watch rings alarms and tells how it goes, until ctx ends.
func (g *generator) watch(ctx context.Context) {
	const often = 50 * time.Millisecond
	ticker := time.NewTicker(often)
	defer ticker.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
		g.sweep(ctx)
		g.chart.rollIfDue(g)
		if n%4 == 0 && g.cfg.Progress != nil {
			g.cfg.Progress(g.progress())
		}
	}
}

// wait waits for a time, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// until waits until something is so, but not longer than d.
func until(d time.Duration, so func() bool) {
	for end := time.Now().Add(d); !so() && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
}
