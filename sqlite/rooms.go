package sqlite

import (
	"fmt"
	"slices"
	"strconv"

	"zombiezen.com/go/sqlite"

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
	endRound    = `UPDATE rooms SET rev = ?1, commit_id = ?2, snapshot = ?3, log = '', wake = ?7 WHERE id = ?5 AND rev = ?6`
)

// swap compares the room's revision and writes the next one.
func (w *writer) swap(id int64, r *request) error {
	c, s := &r.commit, &r.commit.State
	query := updateRoom
	switch {
	case s.Gone():
		query = deleteRoom
	case s.Rev == 1:
		query = insertRoom
	case c.Filed != nil:
		query = endRound
	case c.Reindex:
		query = reindexRoom
	}
	return step(w.conn, query, func(stmt *sqlite.Stmt) {
		if query != deleteRoom {
			stmt.BindInt64(1, s.Rev)
			stmt.BindText(2, c.ID)
			stmt.BindBytes(3, r.snapshot)
		}
		if query != deleteRoom && query != endRound {
			stmt.BindText(4, r.log)
		}
		stmt.BindInt64(5, id)
		if query != insertRoom {
			stmt.BindInt64(6, s.Rev-1)
		}
		if query != deleteRoom && query != updateRoom {
			stmt.BindInt64(7, int64(s.Wake))
		}
		if query == insertRoom {
			stmt.BindText(8, s.Code)
		}
	}, nil)
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
