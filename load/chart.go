package load

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A chart is what is known of the moves so far, second by second.
type chart struct {
	mu      sync.Mutex
	name    string // of the phase
	since   int64
	of      time.Duration
	playing bool

	total, window, second *hdrhistogram.Histogram
	series                []Second
	began, rolled, ended  int64
	most                  int

	received, sent int64 // bytes: before the beginning, then until the end
}

func newChart() *chart {
	return &chart{name: "connecting", total: newHistogram(), window: newHistogram(), second: newHistogram()}
}

// phase names what is being done from now on.
func (c *chart) phase(name string, of time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.name, c.since, c.of = name, 0, of
}

// begin is the beginning of play.
func (c *chart) begin(now, received, sent int64, of time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.name, c.since, c.of = "playing", now, of
	c.playing, c.began, c.rolled = true, now, now
	c.received, c.sent = received, sent
}

// finish is the end of play: what arrives later counts for nothing.
func (c *chart) finish(g *generator) {
	received, sent := g.traffic()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.playing, c.ended = false, g.now()
	c.received, c.sent = received-c.received, sent-c.sent
}

func (c *chart) rollIfDue(g *generator) {
	c.mu.Lock()
	due := c.playing && g.now()-c.rolled >= int64(time.Second)
	c.most = max(c.most, int(g.connected.Load()))
	c.mu.Unlock()
	if due {
		c.roll(g)
	}
}

// roll closes a second. The last one may be shorter.
func (c *chart) roll(g *generator) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.playing {
		return
	}
	now := g.now()
	c.second.Reset()
	for _, t := range g.tallies {
		t.empty(c.second)
	}
	c.total.Merge(c.second)
	c.window.Merge(c.second)
	took := seconds(time.Duration(now - c.rolled))
	c.rolled = now
	l := latency(c.second)
	if took < 0.1 && len(c.series) > 0 { // no second, but its moves count
		return
	}
	c.series = append(c.series, Second{
		At: seconds(time.Duration(now - c.began)), Moves: float64(l.Count) / took,
		P50: l.P50, P99: l.P99, Players: int(g.connected.Load()), Errors: g.book.sofar(),
	})
}

// progress is how it goes.
func (g *generator) progress() Progress {
	p := Progress{Players: int(g.connected.Load()), Wanted: g.cfg.Players}
	g.chart.progress(g.now(), &p)
	g.book.note(func(b *book) {
		p.Errors, p.WrongBoards, p.LostMoves, p.Reconnects = b.errors, b.wrong, b.lost, b.reconnects
	})
	g.noteMu.Lock()
	defer g.noteMu.Unlock()
	p.Notes, g.notes = g.notes, nil
	return p
}

func (c *chart) progress(now int64, p *Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since == 0 {
		c.since = now
	}
	p.Phase, p.Elapsed, p.Of = c.name, time.Duration(now-c.since), c.of
	p.Moves = c.total.TotalCount()
	if n := len(c.series); n > 0 {
		p.MovesPerSecond, p.P99 = c.series[n-1].Moves, c.series[n-1].P99
	}
}

// lap returns what came since the last lap.
func (c *chart) lap() Latency {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := latency(c.window)
	c.window.Reset()
	return l
}

func (b *book) sofar() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.errors
}

// result is what was found by the end of play.
func (g *generator) result(steps []Step) Result {
	c := g.chart
	c.mu.Lock()
	defer c.mu.Unlock()
	r := Result{
		Target: g.cfg.Target, Mode: g.cfg.Mode, Players: g.cfg.Players, Rate: g.cfg.Rate,
		Most:    max(c.most, int(g.connected.Load())),
		Seconds: seconds(time.Duration(c.ended - c.began)),
		Moves:   c.total.TotalCount(),
		Latency: latency(c.total), Distribution: distribution(c.total), Series: c.series,
		Ramp: steps,
	}
	r.MovesPerSecond = float64(r.Moves) / max(r.Seconds, 1e-9)
	if r.Moves > 0 {
		r.ReceivedPerMove = float64(c.received) / float64(r.Moves)
		r.SentPerMove = float64(c.sent) / float64(r.Moves)
	}
	if g.cfg.Mode == Ramp {
		r.LimitMS = float64(g.cfg.Limit) / float64(time.Millisecond)
	}
	for _, s := range steps {
		if s.Held {
			r.Held = s.Players
		}
	}
	return r
}

// verdict adds what is counted to the very end.
func (r *Result) verdict(b *book) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r.Endings, r.Games = b.endings, b.endings.games()
	r.Errors, r.ErrorKinds = b.errors, b.kinds
	r.WrongBoards, r.Wrong, r.LostMoves = b.wrong, b.examples, b.lost
	r.Reconnects, r.Resent = b.reconnects, b.resent
	r.Connect = latency(b.connect)
}
