package load

import (
	"context"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// never is later than any alarm.
const never = math.MaxInt64

// An alarm is when something has to be done for a player, in nanoseconds since
// the beginning. They lie side by side, so that looking at all of them often
// costs little; a message moves none, the alarm finds out that it is too early.
type alarm struct{ at atomic.Int64 }

func (a *alarm) set(at int64) { a.at.Store(at) }

// by brings the alarm forward.
func (a *alarm) by(at int64) {
	for old := a.at.Load(); at < old; old = a.at.Load() {
		if a.at.CompareAndSwap(old, at) {
			return
		}
	}
}

// sweep rings the alarms that are due.
func (g *generator) sweep(ctx context.Context) {
	now := g.now()
	for i := range g.alarms {
		if a := &g.alarms[i]; a.at.Load() <= now {
			a.set(never) // before ringing: whoever brings it forward meanwhile wins
			next, wake := g.players[i].ring(ctx, now)
			a.by(next)
			wake.wake()
		}
	}
}

// jitter is anything up to d, in nanoseconds.
func jitter(d time.Duration) int64 { return rand.Int64N(int64(d) + 1) }
