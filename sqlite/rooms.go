package sqlite

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"zombiezen.com/go/sqlite"

	"tictac/play"
	"tictac/room"
)

// logPage is how many characters of a room's log lie beside its snapshot, which
// every commit writes anew. A round's moves never are as many.
const logPage = 4 << 10

// grows reports whether there are events other than moves: of those a round has nine
// at the most, of players who come and go any number.
func grows(events []room.Event) bool {
	return slices.ContainsFunc(events, func(e room.Event) bool { return e.Kind != room.Moved })
}

// ends reports whether a round ends by events.
func ends(events []room.Event) bool {
	return slices.ContainsFunc(events, func(e room.Event) bool { return e.Kind == room.RoundEnded })
}

// turnPage puts a log aside that has got long.
func (w *writer) turnPage(id int64) error {
	const page = `INSERT INTO log_pages SELECT id, rev, log FROM rooms WHERE id = ? AND length(log) > ?`
	if err := exec(w.conn, page, id, logPage); err != nil {
		return fmt.Errorf("sqlite: turn a page of the log: %w", err)
	}
	if w.conn.Changes() == 0 {
		return nil
	}
	return exec(w.conn, `UPDATE rooms SET log = '' WHERE id = ?`, id)
}

func (w *writer) dropPages(id int64) error {
	return exec(w.conn, `DELETE FROM log_pages WHERE id = ?`, id)
}

// The ways to write a room. Each changes one row, or none if the revision is
// another.
const (
	insertRoom = `INSERT INTO rooms (rev, commit_id, snapshot, log, id, wake, code) VALUES (?1, ?2, ?3, ?4, ?5, ?7, ?8)
		ON CONFLICT DO NOTHING`
	deleteRoom  = `DELETE FROM rooms WHERE id = ?5 AND rev = ?6`
	updateRoom  = `UPDATE rooms SET rev = ?1, commit_id = ?2, snapshot = ?3, log = log || ?4 WHERE id = ?5 AND rev = ?6`
	reindexRoom = `UPDATE rooms SET rev = ?1, commit_id = ?2, snapshot = ?3, log = log || ?4, wake = ?7 WHERE id = ?5 AND rev = ?6`
	endRound    = `UPDATE rooms SET rev = ?1, commit_id = ?2, snapshot = ?3, log = ?4, wake = ?7 WHERE id = ?5 AND rev = ?6`
)

// swap compares the room's revision and writes the next one into its row, with
// what of it the journal alone has had.
func (w *writer) swap(id int64, r *request) error {
	c := &r.commit
	was := c.State.Rev - 1
	p := w.pending(id)
	waited := p != nil
	if !waited {
		p = &pending{was: was, state: &room.State{Rev: was}}
	}
	if p.state.Rev != was {
		r.err = play.ErrConflict
		return nil
	}
	next := p.followedBy(c.State, c.Events, &entry{commit: c.ID, events: r.events})
	query := updateRoom
	switch {
	case c.State.Gone():
		query = deleteRoom
	case c.State.Rev == 1:
		query = insertRoom
	case next.anew:
		query = endRound
	case c.Reindex:
		query = reindexRoom
	}
	written, err := w.writeRow(id, next, query)
	switch {
	case err != nil || written:
	case waited:
		err = errOutOfStep
	default:
		r.err = play.ErrConflict
	}
	return err
}

// errOutOfStep is a row that is not as the journal has it: nobody else writes it.
var errOutOfStep = errors.New("sqlite: a room's row has changed by itself")

// writeRow writes a room's row, in one of the ways above, if it is at the revision
// that it was.
func (w *writer) writeRow(id int64, p *pending, query string) (written bool, err error) {
	err = step(w.conn, query, func(stmt *sqlite.Stmt) { bindRow(stmt, query, id, p) }, nil)
	if err != nil || w.conn.Changes() == 0 {
		return false, err
	}
	if w.pending(id) != nil {
		w.draft.rooms[id] = nil
	}
	if p.anew || p.state.Gone() {
		err = w.dropPages(id)
	}
	if err == nil && p.grew {
		err = w.turnPage(id)
	}
	return true, err
}

func bindRow(stmt *sqlite.Stmt, query string, id int64, p *pending) {
	s := p.state
	if query != deleteRoom {
		stmt.BindInt64(1, s.Rev)
		stmt.BindText(2, p.commit)
		stmt.BindBytes(3, room.Encode(*s))
		stmt.BindText(4, string(p.log))
	}
	stmt.BindInt64(5, id)
	if query != insertRoom {
		stmt.BindInt64(6, p.was)
	}
	if query != deleteRoom && query != updateRoom {
		stmt.BindInt64(7, int64(s.Wake))
	}
	if query == insertRoom {
		stmt.BindText(8, s.Code)
	}
}

// roomID is a code as a number: each of its six characters is a digit to the base
// of 36. What is no code has none.
func roomID(code string) int64 {
	id, err := strconv.ParseUint(code, 36, 63)
	if err != nil || len(code) != 6 {
		return -1
	}
	return int64(id)
}
