package sqlite

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/room"
)

// recover writes the rows of rooms for what a crash has left in the journal. A
// room that only a newer version can read is left to that, with its entries. Then
// every room is put down to be looked at now: whoever had sockets there is gone.
func (w *writer) recover() (err error) {
	end, err := sqlitex.ImmediateTransaction(w.conn)
	if err != nil {
		return err
	}
	defer end(&err)
	w.draft.reset()
	var done []int64
	err = query(w.conn, `SELECT seq, entries FROM journal ORDER BY seq`, nil, func(row *sqlite.Stmt) error {
		data := make([]byte, row.ColumnLen(1))
		row.ColumnBytes(1, data)
		whole := true
		err := eachEntry(data, func(e entry) error {
			err := w.replay(e)
			if errors.Is(err, room.ErrFormat) {
				whole, err = false, nil
			}
			return err
		})
		if whole {
			done = append(done, row.ColumnInt64(0))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("what is left of the last moves: %w", err)
	}
	if err := w.foldDraft(); err != nil {
		return err
	}
	for _, seq := range done {
		if err := dropEntries(w.conn, seq); err != nil {
			return err
		}
	}
	return exec(w.conn, `UPDATE rooms SET wake = 0`)
}

// replay makes one commit of the journal again, unless its room's row was written
// after it, or is gone.
func (w *writer) replay(e entry) error {
	p := w.draft.rooms[e.room]
	if p == nil {
		var err error
		if p, err = readRoom(w.conn, e.room); err != nil {
			return err
		}
	}
	if p.commit != e.prev || p.state.Rev != e.rev-1 {
		return nil
	}
	events, err := readEvents(e.events)
	if err != nil {
		return err
	}
	state := room.Fold(*p.state, events)
	w.draft.rooms[e.room] = p.followedBy(&state, events, &e)
	return nil
}

// readRoom is readHead with the whole state.
func readRoom(conn *sqlite.Conn, id int64) (p *pending, err error) {
	p = &pending{state: new(room.State)}
	const find = `SELECT rev, commit_id, snapshot FROM rooms WHERE id = ?`
	err = query(conn, find, []any{id}, func(row *sqlite.Stmt) (err error) {
		p.was, p.commit = row.ColumnInt64(0), row.ColumnText(1)
		data := make([]byte, row.ColumnLen(2))
		row.ColumnBytes(2, data)
		*p.state, err = room.Decode(data)
		return err
	})
	return p, err
}
