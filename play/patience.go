package play

import (
	"context"
	"sync"
	"time"
)

// patienceTick is how much earlier than after StoreTimeout a command may give up.
const patienceTick = 50 * time.Millisecond

// A patience hands out the contexts by which commands give up: one to all that
// arrived within a tick, since a context and a timer for each would cost as much as
// deciding a move. The zero patience is ready to use.
type patience struct {
	mu    sync.Mutex
	ticks [2 * StoreTimeout / patienceTick]tick // as a ring: enough for all that may be waiting
}

// A tick is the context of the commands that give up at a moment.
type tick struct {
	until time.Time
	ctx   context.Context
}

// from is the context of a command that arrived at a moment.
func (p *patience) from(since time.Time) context.Context {
	n := since.UnixNano() / int64(patienceTick)
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &p.ticks[n%int64(len(p.ticks))]
	if early := since.Add(StoreTimeout).Sub(t.until); early < 0 || early >= patienceTick {
		intoTick := time.Duration(since.UnixNano() % int64(patienceTick))
		*t = newTick(since.Add(StoreTimeout - intoTick))
	}
	return t.ctx
}

// newTick makes a context that needs no cancelling: it ends soon enough by itself.
func newTick(until time.Time) tick {
	ctx, cancel := context.WithDeadline(context.Background(), until)
	context.AfterFunc(ctx, cancel)
	return tick{until, ctx}
}
