package sqlite

import (
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"tictac/play"
	"tictac/room"
)

// A journal has the commits that are durable in the table of that name and not yet
// in the rows of their rooms. Where many commits share a transaction it writes the
// events of all of them as one row, instead of a room's row for each, which lies in
// a page of its own. A room's row is written later, once for many commits. For all
// who ask the room is as committed (see Load), and a crash loses nothing: the next
// Open does what was left.
type journal struct {
	most    int           // journalMost, but for tests
	keepFor time.Duration // journalFor

	rows    []journalRow // oldest first; the writer's, as is entries
	entries int          // in all rows

	mu    sync.Mutex // the writer, who alone changes rooms, holds it for that; others to read
	rooms map[int64]*pending
}

// A journalRow is a row of the table.
type journalRow struct {
	seq   int64
	at    time.Time
	rooms []int64 // whose commits are in it
}

// A pending is the newest revision of a room whose row has an older one.
type pending struct {
	was    int64       // the row's revision
	state  *room.State // never changed
	commit string
	log    []byte // of the open round: what has happened since the row was written,
	anew   bool   // or all of it
	grew   bool   // by other things than moves
	since  int64  // the first row of the journal that this is made of; 0 while that is being written
}

const (
	// journalFrom is how many commits there must be in a transaction for the
	// journal to be cheaper than their rooms' rows.
	journalFrom = 4
	// journalMost is how many entries the journal keeps, and journalFor for how
	// long: the longer, the more commits of a room its row is written for at once.
	journalMost = 32 << 10
	journalFor  = 20 * time.Second
	// foldAtOnce is how many rows of rooms a transaction writes at most for the
	// journal's sake, so that no move waits long for others.
	foldAtOnce = 64
	// foldAlone is the same for a transaction that nobody waits for.
	foldAlone = 1024
)

// newest is a room's snapshot if its row has an older one.
func (j *journal) newest(id int64) (snap play.Snapshot, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.rooms[id]
	if p == nil {
		return snap, false
	}
	return play.Snapshot{State: *p.state, Commit: p.commit}, true
}

// A draft is what a transaction does to the journal, for as long as it is not made.
type draft struct {
	rooms   map[int64]*pending // nil: the row has the newest
	entries []byte
	row     journalRow // of entries
	folded  int        // how many of the oldest rows are done with
}

func (d *draft) reset() {
	clear(d.rooms)
	d.entries, d.row, d.folded = d.entries[:0], journalRow{}, 0
}

// pending is the newest revision of a room that its row does not have, or nil.
func (w *writer) pending(id int64) *pending {
	if p, ok := w.draft.rooms[id]; ok {
		return p
	}
	return w.journal.rooms[id]
}

// waits reports whether a commit may be in the journal alone for a while: whether
// neither a room comes or goes by it, nor the index of those that are due is changed.
func waits(c *play.Commit) bool {
	return c.State.Rev > 1 && !c.State.Gone() && !c.Reindex
}

// note puts a commit into the journal.
func (w *writer) note(id int64, r *request) error {
	c := &r.commit
	p := w.pending(id)
	if p == nil {
		var err error
		if p, err = readHead(w.conn, id); err != nil {
			return err
		}
	}
	if p.state.Rev != c.State.Rev-1 {
		r.err = play.ErrConflict
		return nil
	}
	d := &w.draft
	e := entry{room: id, rev: c.State.Rev, prev: p.commit, commit: c.ID, events: r.events}
	d.entries = e.append(d.entries)
	d.rooms[id] = p.followedBy(c.State, c.Events, &e)
	d.row.rooms = append(d.row.rooms, id)
	return nil
}

// followedBy is the room after one more commit. It may take p's log over: of what is
// made after p only one is ever kept.
func (p *pending) followedBy(state *room.State, events []room.Event, e *entry) *pending {
	next := &pending{was: p.was, state: state, commit: e.commit, log: p.log, anew: p.anew, grew: p.grew, since: p.since}
	switch {
	case ends(events):
		next.log, next.anew, next.grew = nil, true, false
	case state.Phase == room.Playing:
		next.log = append(next.log, e.events...)
		next.grew = next.grew || grows(events)
	}
	return next
}

// readHead is a room as its row has it; with revision 0 if there is none. Of the
// state it is no more than the revision.
func readHead(conn *sqlite.Conn, id int64) (*pending, error) {
	p := &pending{state: new(room.State)}
	const find = `SELECT rev, commit_id FROM rooms WHERE id = ?`
	err := step(conn, find, func(stmt *sqlite.Stmt) { stmt.BindInt64(1, id) }, func(row *sqlite.Stmt) {
		p.was, p.commit = row.ColumnInt64(0), row.ColumnText(1)
		p.state.Rev = p.was
	})
	return p, err
}
