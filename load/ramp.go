package load

import (
	"context"
	"time"
)

// steps of a ramp, each with a tenth more of the players.
const steps = 10

// ramp has more and more of the players play until p99 passes the limit.
func (g *generator) ramp(ctx context.Context) (done []Step) {
	pacing, stop := context.WithCancel(ctx)
	defer stop()
	g.fill(ctx, g.level(1))
	g.begin(pacing)
	each := g.cfg.Duration / steps
	for n := 1; n <= steps && ctx.Err() == nil; n++ {
		g.fill(ctx, g.level(n))
		wait(ctx, each/4) // until it has settled
		g.chart.roll(g)
		g.chart.lap()
		from := time.Now()
		wait(ctx, each-each/4)
		g.chart.roll(g)
		step := g.measure(time.Since(from))
		done = append(done, step)
		if !step.Held {
			break
		}
	}
	g.chart.finish(g)
	return done
}

// level is how many rooms there are on the n-th step.
func (g *generator) level(n int) int { return max(1, len(g.rooms)*n/steps) }

func (g *generator) measure(took time.Duration) Step {
	l := g.chart.lap()
	return Step{
		Players: int(g.connected.Load()), Moves: float64(l.Count) / seconds(took), P99: l.P99,
		Held: l.Count > 0 && l.P99 <= float64(g.cfg.Limit)/float64(time.Millisecond),
	}
}
