package sqlite

import (
	"fmt"
	"math"
	"time"

	"zombiezen.com/go/sqlite"
)

// due reports whether some of the journal has waited long enough even if nothing
// else is to be written.
func (j *journal) due(now time.Time) bool {
	return len(j.rows) > 0 && now.Sub(j.rows[0].at) >= j.keepFor
}

// fold writes the rows of rooms that are in the oldest rows of the journal, which
// then go: those that have waited long enough, or all of them. Alone, it has more
// time.
func (w *writer) fold(all, alone bool, now time.Time) error {
	j := &w.journal
	most := foldAtOnce
	switch {
	case all:
		most = math.MaxInt
	case alone:
		most = foldAlone
	}
	kept := j.entries
	for _, row := range j.rows {
		waits := kept <= j.most && now.Sub(row.at) < j.keepFor
		if waits && !all {
			break
		}
		written, done, err := w.foldRow(row, most)
		if err != nil {
			return fmt.Errorf("sqlite: the journal: %w", err)
		}
		if !done {
			break
		}
		kept, most = kept-len(row.rooms), most-written
		w.draft.folded++
	}
	if all {
		return w.foldDraft()
	}
	return nil
}

// foldRow writes at most so many rows of rooms. If these are all that it takes, the
// journal's row goes.
func (w *writer) foldRow(row journalRow, most int) (written int, done bool, err error) {
	for _, id := range row.rooms {
		p := w.pending(id)
		if p == nil || p.since != row.seq {
			continue // what is here of it is in its row
		}
		if written == most {
			return written, false, nil
		}
		if err := w.catchUp(id, p); err != nil {
			return written, false, err
		}
		written++
	}
	return written, true, dropEntries(w.conn, row.seq)
}

func dropEntries(conn *sqlite.Conn, seq int64) error {
	return step(conn, `DELETE FROM journal WHERE seq = ?`, func(stmt *sqlite.Stmt) { stmt.BindInt64(1, seq) }, nil)
}

// foldDraft leaves nothing of this very transaction to the journal.
func (w *writer) foldDraft() error {
	d := &w.draft
	for id, p := range d.rooms {
		if p == nil {
			continue
		}
		if err := w.catchUp(id, p); err != nil {
			return fmt.Errorf("sqlite: the journal: %w", err)
		}
	}
	d.entries, d.row = d.entries[:0], journalRow{}
	return nil
}

// catchUp brings a room's row up to date.
func (w *writer) catchUp(id int64, p *pending) error {
	query := updateRoom
	if p.anew {
		query = endRound
	}
	written, err := w.writeRow(id, p, query)
	if err == nil && !written {
		err = errOutOfStep
	}
	return err
}

// keep writes the draft's entries, in the transaction that they are part of.
func (w *writer) keep(now time.Time) error {
	d := &w.draft
	if len(d.entries) == 0 {
		return nil
	}
	err := step(w.conn, `INSERT INTO journal (entries) VALUES (?)`, func(stmt *sqlite.Stmt) { stmt.BindBytes(1, d.entries) }, nil)
	d.row.seq, d.row.at = w.conn.LastInsertRowID(), now
	for _, id := range d.row.rooms {
		if p := d.rooms[id]; p != nil && p.since == 0 {
			p.since = d.row.seq
		}
	}
	return err
}

// publish makes the draft what the journal is, once its transaction is durable.
func (w *writer) publish() {
	d, j := &w.draft, &w.journal
	for _, row := range j.rows[:d.folded] {
		j.entries -= len(row.rooms)
	}
	j.rows = j.rows[d.folded:]
	if len(d.row.rooms) > 0 {
		j.rows = append(j.rows, d.row)
		j.entries += len(d.row.rooms)
	}
	if len(d.rooms) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for id, p := range d.rooms {
		if p == nil {
			delete(j.rooms, id)
		} else {
			j.rooms[id] = p
		}
	}
}
