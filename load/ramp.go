package load

import (
	"context"
	"time"
)

// steps of a ramp, each with a tenth more of the players.
const steps = 10

// ramp has more and more of the players play until p99 passes the limit, twice:
// once may be chance.
func (g *generator) ramp(ctx context.Context) (done []Step) {
	pacing, stop := context.WithCancel(ctx)
	defer stop()
	g.fill(ctx, g.level(1))
	g.begin(pacing)
	each := g.cfg.Duration / steps
	for n, failed := 1, false; n <= steps && ctx.Err() == nil; {
		g.fill(ctx, g.level(n))
		step := g.step(ctx, each)
		done = append(done, step)
		if failed && !step.Held {
			break
		}
		if failed = !step.Held; !failed {
			n++
		}
	}
	g.chart.finish(g)
	return done
}

// step measures for a time, once what was changed has settled.
func (g *generator) step(ctx context.Context, d time.Duration) Step {
	settling := d / 4
	wait(ctx, settling)
	g.chart.roll(g)
	g.chart.lap()
	from := time.Now()
	wait(ctx, d-settling)
	g.chart.roll(g)
	l := g.chart.lap()
	return Step{
		Players: int(g.connected.Load()), Moves: float64(l.Count) / time.Since(from).Seconds(), P99: l.P99,
		Held: l.Count > 0 && l.P99 <= float64(g.cfg.Limit)/float64(time.Millisecond),
	}
}

// level is how many rooms there are on the n-th step.
func (g *generator) level(n int) int { return max(1, len(g.rooms)*n/steps) }
