package play

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tictac/room"
)

// A Watcher is told of changes. Its methods must not block or call the Session.
type Watcher interface {
	// Changed says that what is shown is old: the Session has a newer View.
	Changed()
	// Reacted says that a player made a gesture.
	Reacted(by room.Seat, emoji string)
}

// A Session is one socket in a room. Its answers come on other goroutines, in
// the order of the questions, and a view that a command brought about can be
// had before the command is answered.
type Session struct {
	table   *table
	key     string // of the seat; empty for a spectator
	watcher Watcher
	seat    room.Seat // set before Hello is answered
	closed  bool      // guarded by table.mu

	lost atomic.Bool
}

// Enter opens a session, for the holder of a seat's secret or, without one, for
// a spectator. It must be closed. The error is Unavailable when stopping.
func (h *House) Enter(code, secret string, w Watcher) (*Session, error) {
	t, err := h.open(code)
	if err != nil {
		return nil, err
	}
	h.watch(t)
	s := &Session{table: t, watcher: w}
	if secret != "" {
		s.key = KeyOf(secret)
	}
	return s, nil
}

// Hello takes the seat, or a place to watch from. From done on, View is there
// and the watcher is told of changes. The error is a room.Refusal. It is
// answered after a commit or a read of the store.
func (s *Session) Hello(done func(seat room.Seat, err error)) {
	var cmd room.Command = room.Watch{}
	if s.key != "" {
		cmd = room.Attach{Key: s.key, Server: s.table.house.cfg.Server}
	}
	s.table.submit(cmd, func(_ bool, err error) {
		if err == nil {
			s.table.seat(s)
		}
		done(s.seat, err)
	})
}

// Move makes a move; round and ply are what the player saw, or -1. On success
// changed tells whether this command did it, or it had been done before.
func (s *Session) Move(cell, round, ply int, done func(changed bool, err error)) {
	s.command(room.Move{Key: s.key, Cell: cell, Round: round, Ply: ply}, done)
}

// Rematch asks for another round.
func (s *Session) Rematch(done func(changed bool, err error)) {
	s.command(room.Rematch{Key: s.key, RoundID: newRoundID(time.Now())}, done)
}

// Resign gives the round up.
func (s *Session) Resign(done func(changed bool, err error)) {
	s.command(room.Resign{Key: s.key}, done)
}

// Leave gives the seat up.
func (s *Session) Leave(done func(changed bool, err error)) {
	s.command(room.Leave{Key: s.key}, done)
}

func (s *Session) command(cmd room.Command, done func(changed bool, err error)) {
	if s.key == "" {
		done(false, room.NotSeated)
		return
	}
	s.table.submit(cmd, done)
}

// View is the newest view of the room. It is nil before Hello was answered.
func (s *Session) View() *View { return s.table.current() }

// Holds reports whether the session still has its seat in a view: a seat can
// be given up from another tab, or freed, and somebody else may have it now.
// A spectator holds nothing and loses nothing.
func (s *Session) Holds(v *View) bool {
	return s.seat == room.Spectator || v.State.SeatOf(s.key) == s.seat
}

// Lost reports whether what the session has shown is not so any more: the store
// has lost commits, or a newer version has taken the room. Whoever it is for is
// to come back, to this server or another.
func (s *Session) Lost() bool { return s.lost.Load() }

// Close ends the session. Once the last of a seat is closed, the seat is away.
func (s *Session) Close() {
	t := s.table
	t.mu.Lock()
	s.closed = true
	t.players = remove(t.players, s)
	t.watchers = remove(t.watchers, s)
	t.mu.Unlock()
	if s.key != "" {
		t.wake()
	}
	t.house.release(t)
}

// seat makes a session one of those that are told.
func (t *table) seat(s *Session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.closed {
		return // the next look at who is here puts the room's record right
	}
	if s.key == "" {
		t.watchers = append(slices.Clip(t.watchers), s)
		return
	}
	if s.seat = t.known.SeatOf(s.key); s.seat == room.Spectator {
		s.seat = room.Guest // freed at this very moment: the next view says that it is lost
	}
	t.players = append(slices.Clip(t.players), s)
}

// remove leaves the old slice as it is: somebody may be walking it.
func remove(from []*Session, s *Session) []*Session {
	i := slices.Index(from, s)
	if i < 0 {
		return from
	}
	return slices.Concat(from[:i], from[i+1:])
}

func tell(sessions []*Session) {
	for _, s := range sessions {
		s.watcher.Changed()
	}
}

// viewAge is how old a view with a countdown in it may be when it is sent.
const viewAge = 100 * time.Millisecond

// A View is a room at one moment, the same for all who see it.
type View struct {
	State    *room.State  // not to be changed: all views of a revision share it
	Watching int          // spectators
	At       room.Instant // countdowns count from here

	mu      sync.Mutex
	encoded []byte // nil before somebody wants it, and again when nobody did for a while
}

// Encoded is what encode makes of the view. It is made for all sessions at once,
// and must not be changed.
func (v *View) Encoded(encode func(*View) []byte) []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.encoded == nil {
		v.encoded = encode(v)
	}
	return v.encoded
}

// restAfter is how old a view is when it has most likely been sent to all who will
// ever want it.
const restAfter = 2 * time.Second

// rest forgets what Encoded has made: in a room that is quiet nobody wants it.
func (v *View) rest() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.encoded = nil
}

// current is the view to send now.
func (t *table) current() *View {
	v := t.view.Load()
	if v == nil || !v.State.CountsDown() {
		return v
	}
	if room.At(t.house.cfg.Now()).Sub(v.At) < viewAge {
		return v
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.showLocked()
}

// showLocked makes a view of what is known.
func (t *table) showLocked() *View {
	state := &t.known.State
	if old := t.view.Load(); t.known.Rev == 0 && old != nil {
		state = old.State // closed and gone: its last view stays
	}
	v := &View{State: state, Watching: len(t.watchers) + t.elsewhereLocked(), At: room.At(t.house.cfg.Now())}
	t.view.Store(v)
	return v
}
