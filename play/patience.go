package play

import (
	"context"
	"sync"
	"time"
)

// patienceTick is how much earlier than after StoreTimeout a command may give up.
const patienceTick = 50 * time.Millisecond

// A patience hands out the contexts by which commands give up: one to all that
// arrive within a tick, since a context and a timer for each would cost as much as
// deciding a move. The zero patience is ready to use.
type patience struct {
	mu    sync.Mutex
	until time.Time // the deadline of ctx
	ctx   context.Context
}

// from is the context of a command that arrived at a moment.
func (p *patience) from(since time.Time) context.Context {
	until := since.Add(StoreTimeout)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch later := until.Sub(p.until); {
	case p.ctx != nil && later >= 0 && later < patienceTick:
		return p.ctx
	case p.ctx != nil && later < 0: // it has waited in its room's queue
		return contextUntil(until)
	}
	p.ctx, p.until = contextUntil(until), until
	return p.ctx
}

// contextUntil needs no cancelling: it ends soon enough by itself.
func contextUntil(until time.Time) context.Context {
	ctx, cancel := context.WithDeadline(context.Background(), until)
	context.AfterFunc(ctx, cancel)
	return ctx
}
