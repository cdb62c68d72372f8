package play

import (
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"tictac/room"
)

// A step is one commit on its way to a Queue. It carries out the commands of a room
// that arrived together: mostly one, or both players' wish for another round.
type step struct {
	table   *table
	prev    *Snapshot
	next    *Snapshot // never changed once it is on its way
	events  []room.Event
	tasks   []task
	answers []answer // to tasks, when the commit is durable

	space struct { // for as many as there mostly are
		tasks   [2]task
		answers [2]answer
	}
}

// An answer is what a task's done is called with.
type answer struct {
	changed bool
	err     error
}

// advance sends the next step on its way. What a cached snapshot does not suffice
// for is left to the crew.
func (t *table) advance() {
	s := t.plan()
	if s == nil {
		t.house.crew.take(t)
		return
	}
	h := t.house
	h.queue.Submit(h.patienceFor(s.tasks[0]), newCommit(s.prev, s.next, s.events), s.done)
}

// plan decides what is in the queue, on what is known, and takes it from there. It
// returns nil, and leaves the queue as it is, if the store is to be asked first.
func (t *table) plan() (s *step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			s = nil // it will be met again, where it costs one command
		}
	}()
	if !t.fresh || len(t.queue) == 0 {
		return nil
	}
	s = &step{table: t, prev: t.known, next: &Snapshot{State: t.known.State}}
	s.tasks, s.answers = s.space.tasks[:0], s.space.answers[:0]
	for _, k := range t.queue {
		if _, ok := k.cmd.(room.Expire); ok {
			break
		}
		s.decide(k)
		if s.next.Phase != s.prev.Phase {
			break // a round or a room begins or ends with its own commit
		}
	}
	if len(s.events) == 0 {
		return nil
	}
	s.tasks = append(s.tasks, t.queue[:len(s.answers)]...)
	t.queue = slices.Delete(t.queue, 0, len(s.answers))
	s.next.Rev++
	s.next.Commit = rand.Text()
	t.underway = s.next
	return s
}

// decide adds a task to the step.
func (s *step) decide(k task) {
	events, does, refusal := s.table.house.decide(&s.next.State, k.cmd)
	s.next.State = after(s.next.State, events)
	if s.events == nil {
		s.events = events
	} else {
		s.events = append(s.events, events...)
	}
	s.answers = append(s.answers, answer{does, refusal})
}

// done is called by the Queue.
func (s *step) done(err error) {
	if err != nil {
		s.table.house.crew.take(&failure{s, err})
		return
	}
	s.made(true)
	s.table.proceed()
}

// made tells of a step that is durable.
func (s *step) made(ours bool) {
	t := s.table
	if ours {
		t.house.cfg.Meter.Committed(s.events, time.Since(s.tasks[0].since))
	}
	t.adopt(s.next, s.prev.Rev)
	for i, k := range s.tasks {
		t.answer(k, s.answers[i])
	}
}

// answer answers a task. A panic costs this one answer.
func (t *table) answer(k task, a answer) {
	defer func() {
		if p := recover(); p != nil {
			t.panicked(p)
		}
	}()
	k.done(a.changed, a.err)
}

func (t *table) panicked(p any) {
	t.house.cfg.Meter.Panicked()
	t.house.cfg.Log.Error("panic in a room", "room", t.code, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	t.setUnsure()
}

// proceed goes on with what has come into the queue meanwhile.
func (t *table) proceed() {
	t.mu.Lock()
	rests := len(t.queue) == 0 && t.presenceLocked() == nil
	if rests {
		t.restLocked()
	} else {
		t.goOnLocked()
	}
	t.mu.Unlock()
	if rests {
		t.house.collect(t)
	}
}

// A failure is a step that was not made, or perhaps it was.
type failure struct {
	step *step
	err  error
}

// work settles a failure, and goes on with the table.
func (f *failure) work() {
	s, t := f.step, f.step.table
	defer t.work()
	if errors.Is(f.err, ErrConflict) {
		t.house.cfg.Meter.Conflict()
		t.forget()
		for _, k := range s.tasks { // on what there is now
			t.perform(k)
		}
		return
	}
	ours, err := t.outcome(t.house.patienceFor(s.tasks[0]), s.next, f.err)
	if err == nil {
		s.made(ours)
		return
	}
	t.house.failed("commit", err)
	t.setUnsure()
	for _, k := range s.tasks {
		t.answer(k, answer{false, Unavailable})
	}
}

// A pump has tables advance that have something in their queues. One goroutine does
// it for all: to decide is quick, and never waits. What has come in at one time is
// decided, and then committed, together.
type pump struct {
	kick  chan struct{} // tables is not empty any more
	ended sync.WaitGroup

	mu     sync.Mutex
	tables []*table
	closed bool
}

func startPump() *pump {
	p := &pump{kick: make(chan struct{}, 1)}
	p.ended.Go(p.run)
	return p
}

// add has t advance soon, unless the pump is closed.
func (p *pump) add(t *table) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.tables = append(p.tables, t)
	if len(p.tables) == 1 {
		p.kick <- struct{}{} // has room: run has taken the one before, and the tables after it
	}
	return true
}

func (p *pump) run() {
	var batch []*table
	for range p.kick {
		p.mu.Lock()
		batch, p.tables = p.tables, batch[:0]
		p.mu.Unlock()
		for i, t := range batch {
			t.advance()
			batch[i] = nil
		}
	}
}

// close ends the pump, which has nothing to do any more.
func (p *pump) close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.kick)
	}
	p.mu.Unlock()
	p.ended.Wait()
}
