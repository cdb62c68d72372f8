package play

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tictac/room"
)

// A table is a room in use on this server: a queue of commands, the newest
// snapshot (a cache, never an authority) and the sessions to tell. A goroutine
// of the crew works on it only while it has something to do.
type table struct {
	house   *House
	code    string
	unwatch func()               // guarded by house.mu; nil while no session was here
	view    atomic.Pointer[View] // what sessions are shown; nil before the first load
	alarm   alarmEntry           // owned by house.due

	mu       sync.Mutex
	refs     int // sessions and calls that hold the table
	queue    []task
	working  bool
	underway *Snapshot // what the newest step comes to, if it is made
	known    *Snapshot // shared with views, never changed; its Rev is 0 where there is no such room
	fresh    bool      // known is what the store had when we last heard
	heardAt  time.Time // when that was, of a store that others use too
	unsure   bool      // the store failed: Run will have it asked again
	patience int       // how many times Run passes by before it does
	players  []*Session
	watchers []*Session
	toldOf   int // how many spectators all have been told of

	// Of a store that several servers share.
	elsewhere  map[string]audience // spectators on other servers
	announced  time.Time           // when ours were last announced
	announcedN int                 // and how many
}

// queueKept is for how many commands a table's queue keeps room.
const queueKept = 2

// nowhere is what is known of a room that nobody has asked for.
var nowhere = new(Snapshot)

// A task is a command in the queue. done is called once, by the worker.
type task struct {
	cmd   room.Command
	since time.Time
	done  func(changed bool, err error)
}

func (t *table) submit(cmd room.Command, done func(changed bool, err error)) {
	t.mu.Lock()
	t.queue = append(t.queue, task{cmd: cmd, since: time.Now(), done: done})
	t.startLocked()
	t.mu.Unlock()
}

// wake has the worker look whether the room's record of our sockets is right.
func (t *table) wake() {
	t.mu.Lock()
	t.startLocked()
	t.mu.Unlock()
}

// used reports whether a session or a call holds the table.
func (t *table) used() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refs > 0
}

func (t *table) startLocked() {
	if t.working {
		return
	}
	t.working = true
	t.house.busy.Add(1)
	t.goOnLocked()
}

// goOnLocked has somebody carry out what there is to do: the pump if that will not
// have to wait for the store.
func (t *table) goOnLocked() {
	h := t.house
	if h.pump != nil && len(t.queue) > 0 && h.pump.add(t) {
		return
	}
	h.crew.take(t)
}

// restLocked is the end of what startLocked began.
func (t *table) restLocked() {
	if cap(t.queue) > queueKept {
		t.queue = nil
	}
	t.working, t.underway = false, nil
	t.house.busy.Done()
}

// trimLocked keeps no room for commands: the table is quiet.
func (t *table) trimLocked() {
	if len(t.queue) == 0 {
		t.queue = nil
	}
}

// work carries out tasks, one after the other, until there are none.
func (t *table) work() {
	for {
		k, ok := t.next()
		if !ok {
			break
		}
		t.perform(k)
	}
	t.house.collect(t)
}

// next takes a task from the queue. When it is empty, next makes one of any
// difference between the sockets that are here and those the room knows of, so
// that this record comes right by itself after every failure.
func (t *table) next() (task, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) > 0 {
		k := t.queue[0]
		t.queue = slices.Delete(t.queue, 0, 1)
		return k, true
	}
	if cmd := t.presenceLocked(); cmd != nil {
		return task{cmd: cmd, since: time.Now(), done: func(bool, error) {}}, true
	}
	t.restLocked()
	return task{}, false
}

func (t *table) presenceLocked() room.Command {
	if t.unsure || !t.fresh || t.known.Rev == 0 || t.known.Gone() || t.house.keepSeats.Load() {
		return nil
	}
	me := t.house.cfg.Server
	for _, seat := range [...]room.Seat{room.Host, room.Guest} {
		p := t.known.Player(seat)
		here := slices.ContainsFunc(t.players, func(s *Session) bool { return s.key == p.Key })
		told := slices.Contains(p.Online, me)
		switch {
		case here && !told:
			return room.Attach{Key: p.Key, Server: me}
		case told && !here:
			return room.Detach{Key: p.Key, Server: me}
		}
	}
	return nil
}

// forget has the next command ask the store first.
func (t *table) forget() {
	t.mu.Lock()
	t.fresh = false
	t.mu.Unlock()
}

func (t *table) setUnsure() {
	t.mu.Lock()
	if !t.unsure {
		t.patience = rand.IntN(2) // so that a store that is back is not met by all at once
	}
	t.fresh, t.unsure = false, true
	t.mu.Unlock()
}

// unasked is what adopt is told of a snapshot that the store was not asked for.
const unasked = -1

// adopt takes a snapshot that is durable, and not changed any more, and shows it to
// the sessions. One that is older than what is known, or of a room that is known to
// be gone, is dropped, unless the store was asked for it since what is known has
// been in doubt: was is the revision that was known when it was asked. What is heard
// may be late.
func (t *table) adopt(snap *Snapshot, was int64) {
	t.mu.Lock()
	older := snap.Rev < t.known.Rev
	back := t.known.Gone() && !snap.Gone()
	if (older || back) && (t.fresh || t.known.Rev != was) {
		t.mu.Unlock()
		return
	}
	news := snap.Commit != t.known.Commit || snap.Phase != t.known.Phase || t.unsure
	if snap.Rev < t.known.Rev && !t.known.Gone() {
		t.house.cfg.Meter.RolledBack()
		t.loseLocked()
	}
	if news {
		t.known = snap
	}
	t.fresh, t.unsure = true, false
	if t.house.shared {
		t.heardAt = time.Now()
	}
	if snap.Rev == 0 {
		players, watchers := t.players, t.watchers
		t.mu.Unlock()
		tell(players) // those that are lost
		tell(watchers)
		return
	}
	if news || t.view.Load() == nil {
		t.showLocked()
	}
	players, watchers := t.players, t.watchers
	t.mu.Unlock()
	if !snap.Gone() {
		t.house.due.set(t, snap.DueOn(t.house.cfg.Server))
	}
	if news {
		t.lineUp(&snap.State)
		tell(players)
		tell(watchers)
	}
}

// lose has all sessions go and come back.
func (t *table) lose() {
	t.mu.Lock()
	t.loseLocked()
	players, watchers := t.players, t.watchers
	t.mu.Unlock()
	tell(players)
	tell(watchers)
}

func (t *table) loseLocked() {
	for _, s := range slices.Concat(t.players, t.watchers) {
		s.lost.Store(true)
	}
}

// heard is told by the store of every commit, our own ones too.
func (t *table) heard(snap Snapshot) {
	if t.house.stopping.Load() {
		return // Close waits for no worker that is started after it
	}
	if snap.Rev == 0 { // some may have been missed
		t.submit(room.Look{}, func(bool, error) {})
		return
	}
	t.mu.Lock()
	old, next := snap.Rev <= t.known.Rev, t.underway
	t.mu.Unlock()
	if old {
		return
	}
	if next == nil || next.Commit != snap.Commit {
		next = &Snapshot{State: snap.State, Commit: snap.Commit}
	}
	t.adopt(next, unasked)
	t.mu.Lock()
	if !t.working && (t.refs == 0 || t.presenceLocked() != nil) {
		t.startLocked() // nobody else would: collect, or put our sockets right
	}
	t.mu.Unlock()
}
