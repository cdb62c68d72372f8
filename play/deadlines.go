package play

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"tictac/room"
)

const (
	// sweepLimit is how many due rooms one look into the store's index takes on,
	// and how many of dead servers besides.
	sweepLimit = 5000
	// sweepAtOnce is how many of them are under way at a time: players' commands
	// are to have their turn, and other servers the rest of the rooms.
	sweepAtOnce = 64
)

// Run acts on deadlines, keeps in touch with the store and lets go of goroutines that
// are not needed, until ctx ends.
func (h *House) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { h.runAlarm(ctx) })
	wg.Go(func() { h.runRenewals(ctx) })
	wg.Go(func() { h.runSweeps(ctx) })
	wg.Go(func() { h.runLobby(ctx) })
	wg.Go(func() { everySecond(ctx, h.crew.dismiss) })
	wg.Wait()
	return nil
}

// runAlarm sends Expire to the rooms in use here, each at its moment.
func (h *House) runAlarm(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		due, next := h.due.take(room.At(h.cfg.Now()))
		for _, t := range due {
			if !h.inTouch() { // whether there was an outage is yet to be learned
				h.due.set(t, room.At(h.cfg.Now().Add(time.Second)))
				next = min(next, time.Second)
				continue
			}
			h.expire(t.code, room.Expire{Server: h.cfg.Server}, func() {})
		}
		timer.Reset(min(next, time.Hour))
		select {
		case <-ctx.Done():
			return
		case <-h.due.sooner:
		case <-timer.C:
		}
	}
}

// runRenewals renews the lease every second, and has tables catch up: those that
// the store failed, and those whose spectators came or went.
func (h *House) runRenewals(ctx context.Context) {
	everySecond(ctx, func() {
		err := h.renew(ctx) // first: what it tells of an outage bears on all else
		if err != nil && ctx.Err() == nil {
			h.failed("renew", err)
		}
		for _, t := range h.inUse() {
			t.catchUp()
		}
	})
}

// runSweeps takes on rooms that are due and that nobody has open. It may take its
// time, which the lease has not.
func (h *House) runSweeps(ctx context.Context) {
	everySecond(ctx, func() {
		if h.inTouch() {
			h.sweep(ctx)
		}
	})
}

func everySecond(ctx context.Context, do func()) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			do()
		}
	}
}

func (h *House) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, StoreTimeout)
	defer cancel()
	now := h.cfg.Now()
	tenure, err := h.cfg.Store.Renew(ctx, h.cfg.Server, room.At(now))
	if err != nil {
		return err
	}
	h.tenure.Store(&tenure)
	h.renewed.Store(now.UnixMilli())
	return nil
}

// touchTime is for how long after a renewal there cannot have been an outage of
// which nothing is known yet. It is less than OutageTime by how late a store may
// still take what was sent to it in time.
const touchTime = OutageTime - 500*time.Millisecond

// touch is how much of touchTime is left. Without any nobody's time is up, and no
// other server is judged.
func (h *House) touch() time.Duration {
	return touchTime - h.cfg.Now().Sub(time.UnixMilli(h.renewed.Load()))
}

func (h *House) inTouch() bool { return h.touch() > 0 }

// patienceFor is the context of a task. That nobody's time is up when out of touch
// is so for what has been sent to the store too.
func (h *House) patienceFor(k task) context.Context {
	since := k.since
	if _, ok := k.cmd.(room.Expire); ok {
		if late := time.Now().Add(h.touch() - StoreTimeout); late.Before(since) {
			since = late // as if it had come earlier
		}
	}
	return h.patience.from(since)
}

// sweep takes on the rooms that the store's index says are due. Any server may:
// doing it twice is harmless.
func (h *House) sweep(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, StoreTimeout)
	defer cancel()
	codes, err := h.cfg.Store.Due(asking, room.At(h.cfg.Now()), sweepLimit)
	if err != nil {
		if ctx.Err() == nil {
			h.failed("due", err)
		}
		return
	}
	underway := make(chan struct{}, sweepAtOnce)
	for _, code := range codes {
		underway <- struct{}{}
		if ctx.Err() != nil || !h.inTouch() {
			return
		}
		h.expire(code, room.Expire{Server: h.cfg.Server, Indexed: true}, func() { <-underway })
	}
}

// expire sends Expire to a room; Decide looks whether it is time.
func (h *House) expire(code string, cmd room.Expire, done func()) {
	t, err := h.open(code)
	if err != nil {
		done() // stopping: another server will, or this one after its start
		return
	}
	t.submit(cmd, func(bool, error) {
		h.release(t)
		done()
	})
}

func (h *House) inUse() []*table {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*table, 0, len(h.tables))
	for _, t := range h.tables {
		all = append(all, t)
	}
	return all
}

// hearWithin is how long another server's word of why a room has closed may
// take. A room that is gone without it is one that the store has lost.
const hearWithin = time.Second

// compareEvery is how long a room may be quiet before its revision is compared
// with that of a store that other servers use: what they tell may get lost.
const compareEvery = 25 * time.Second

// catchUp asks the store again after a failure or a long silence, and tells a
// new number of spectators.
func (t *table) catchUp() {
	t.announce()
	t.mu.Lock()
	ask := t.unsure && !t.working && t.patience == 0
	if !ask {
		t.patience = max(0, t.patience-1)
	}
	ask = ask || t.house.shared && !t.unsure && time.Since(t.heardAt) > compareEvery
	v, age := t.view.Load(), time.Duration(0)
	if v != nil {
		age = room.At(t.house.cfg.Now()).Sub(v.At)
	}
	if age > restAfter {
		v.rest()
		t.trimLocked()
	}
	if age > hearWithin && v.State.Gone() && v.State.Reason == "" {
		t.loseLocked()
		defer tell(t.watchers)
		defer tell(t.players)
	}
	spectators := len(t.watchers) + t.elsewhereLocked()
	show := !t.unsure && spectators != t.toldOf && v != nil
	if show {
		t.toldOf = spectators
		t.showLocked()
	}
	players, watchers := t.players, t.watchers
	t.mu.Unlock()
	if ask {
		t.submit(room.Look{}, func(bool, error) {})
	}
	if show {
		tell(players)
		tell(watchers)
	}
}

// An alarm knows the next moment of each room in use. A room whose moment is
// put off stays where it is: it is looked at early, found not due, and set anew.
type alarm struct {
	sooner chan struct{} // a moment before all others was set

	mu    sync.Mutex
	queue alarmQueue
}

// An alarmEntry is a table's place in the queue. index is 0 when it has none,
// else one more than its position.
type alarmEntry struct {
	at    room.Instant
	index int
}

func newAlarm() *alarm { return &alarm{sooner: make(chan struct{}, 1)} }

// set makes sure that t is looked at no later than at.
func (a *alarm) set(t *table, at room.Instant) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case t.alarm.index == 0:
		t.alarm.at = at
		heap.Push(&a.queue, t)
	case at < t.alarm.at:
		t.alarm.at = at
		heap.Fix(&a.queue, t.alarm.index-1)
	default:
		return
	}
	if a.queue[0] == t {
		select {
		case a.sooner <- struct{}{}:
		default:
		}
	}
}

// clear takes t out.
func (a *alarm) clear(t *table) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t.alarm.index > 0 {
		heap.Remove(&a.queue, t.alarm.index-1)
	}
}

// take removes the tables whose moment has come, and says how long it is until
// the next one's.
func (a *alarm) take(now room.Instant) (due []*table, next time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.queue) > 0 {
		t := a.queue[0]
		if t.alarm.at > now {
			return due, t.alarm.at.Sub(now)
		}
		heap.Pop(&a.queue)
		due = append(due, t)
	}
	return due, time.Hour
}

type alarmQueue []*table

func (q alarmQueue) Len() int           { return len(q) }
func (q alarmQueue) Less(i, j int) bool { return q[i].alarm.at < q[j].alarm.at }
func (q alarmQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].alarm.index, q[j].alarm.index = i+1, j+1
}

func (q *alarmQueue) Push(x any) {
	t := x.(*table)
	*q = append(*q, t)
	t.alarm.index = len(*q)
}

func (q *alarmQueue) Pop() any {
	old := *q
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	t.alarm.index = 0
	return t
}
