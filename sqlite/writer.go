package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/play"
	"tictac/room"
)

var errClosed = errors.New("sqlite: the store is closed")

// A writer makes commits, all that wait as one transaction: one flush to disk
// then serves many rooms (group commit).
type writer struct {
	conn *sqlite.Conn // owned by run
	tell func(code string, snap play.Snapshot)
	done chan struct{} // run has ended

	// failing is set while the last transaction failed; owned by run.
	failing bool

	mu      sync.Mutex
	waiting []*request
	closed  bool
	wake    chan struct{} // something is waiting, or closed
}

// A request is one commit on its way, encoded by whoever asks. One without a
// commit asks only whether the disk takes writes.
type request struct {
	ctx      context.Context
	probe    bool // now says when; else:
	now      room.Instant
	commit   play.Commit
	snapshot []byte
	events   []string
	record   string
	result   chan error // has room for one
	err      error
}

func startWriter(conn *sqlite.Conn, tell func(string, play.Snapshot)) *writer {
	w := &writer{conn: conn, tell: tell, done: make(chan struct{}), wake: make(chan struct{}, 1)}
	go w.run() // close waits for it
	return w
}

// Commit implements play.Store.
func (s *Store) Commit(ctx context.Context, c play.Commit) error {
	r, err := encode(ctx, c)
	if err != nil {
		return err
	}
	return s.writer.do(r)
}

func encode(ctx context.Context, c play.Commit) (*request, error) {
	r := &request{ctx: ctx, commit: c, snapshot: room.Encode(c.State), result: make(chan error, 1)}
	if c.Filed != nil {
		record, err := json.Marshal(c.Filed)
		r.record = string(record)
		return r, err
	}
	if c.State.Phase != room.Playing {
		return r, nil // no round is open: nothing to log
	}
	var event [256]byte
	for _, e := range c.Events {
		r.events = append(r.events, string(e.Append(event[:0])))
	}
	return r, nil
}

// probe reports whether a commit would be made now.
func (w *writer) probe(ctx context.Context, now room.Instant) error {
	return w.do(&request{ctx: ctx, probe: true, now: now, result: make(chan error, 1)})
}

// do hands r to the writer and waits. If the context ends first, the outcome is
// not known.
func (w *writer) do(r *request) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errClosed
	}
	w.waiting = append(w.waiting, r)
	w.mu.Unlock()
	w.signal()
	select {
	case err := <-r.result:
		return err
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// close makes what waits and ends the writer.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
	<-w.done
	return w.conn.Close()
}

func (w *writer) run() {
	defer close(w.done)
	for range w.wake {
		// Let those who are about to commit get into this batch.
		runtime.Gosched()
		w.mu.Lock()
		batch, closed := w.waiting, w.closed
		w.waiting = nil
		w.mu.Unlock()
		w.write(batch)
		if closed {
			return
		}
	}
}

// write makes a batch in one transaction and answers it. If the transaction
// fails, nothing of it is kept and every commit in it is told the error.
func (w *writer) write(batch []*request) {
	tried, err := w.transact(batch)
	if tried {
		w.failing = err != nil
	}
	for _, r := range batch {
		if err != nil {
			r.err = err // a conflict too: what it conflicted with may be undone
		}
		if r.err == nil && !r.probe {
			w.tell(r.commit.State.Code, play.Snapshot{State: r.commit.State, Commit: r.commit.ID})
		}
		r.result <- r.err
	}
}

// transact makes one transaction of a batch. A commit that breaks a constraint
// of the schema is at fault alone: the rest is made without it.
func (w *writer) transact(batch []*request) (tried bool, err error) {
	work := 0
	for _, r := range batch {
		if r.err == nil {
			r.err = r.ctx.Err()
		}
		if r.err == nil && (!r.probe || w.failing) {
			work++
		}
	}
	if work == 0 {
		return false, nil // only probes, and nothing is wrong
	}
	if err := exec(w.conn, `BEGIN IMMEDIATE`); err != nil {
		return true, err
	}
	for _, r := range batch {
		if r.err != nil {
			continue
		}
		err := w.apply(r)
		if err == nil {
			continue
		}
		if !w.conn.AutocommitEnabled() {
			err = errors.Join(err, exec(w.conn, `ROLLBACK`))
		}
		if sqlite.ErrCode(err).ToPrimary() != sqlite.ResultConstraint {
			return true, err
		}
		for _, other := range batch {
			if errors.Is(other.err, play.ErrConflict) {
				other.err = nil // to be compared again
			}
		}
		r.err = err
		return w.transact(batch)
	}
	if err := exec(w.conn, `COMMIT`); err != nil {
		if !w.conn.AutocommitEnabled() {
			err = errors.Join(err, exec(w.conn, `ROLLBACK`))
		}
		return true, err
	}
	return true, nil
}

// apply writes one commit. A conflict is its own affair and leaves the rest of
// the transaction alone, so it is found before anything is written.
func (w *writer) apply(r *request) error {
	if r.probe {
		// Random, since SQLite does not write what it finds there already.
		return exec(w.conn, `UPDATE probe SET at = ?, filler = randomblob(65536)`, int64(r.now))
	}
	c := &r.commit
	if err := w.swap(r); err != nil {
		return err
	}
	if w.conn.Changes() == 0 {
		r.err = play.ErrConflict
		return nil
	}
	if f := c.Filed; f != nil {
		const file = `INSERT INTO rounds (id, code, finished, ended, record) VALUES (?, ?, ?, ?, ?)`
		if err := exec(w.conn, file, f.ID, f.Code, int64(f.Finished), string(f.Ended), r.record); err != nil {
			return fmt.Errorf("sqlite: file a round: %w", err)
		}
	}
	if c.Filed != nil || c.State.Gone() {
		return exec(w.conn, `DELETE FROM events WHERE code = ?`, c.State.Code)
	}
	for n, e := range r.events {
		if err := w.log(&c.State, n, e); err != nil {
			return fmt.Errorf("sqlite: log an event: %w", err)
		}
	}
	return nil
}

// swap compares the room's revision and writes the next one: it changes one row,
// or none if the revision is another.
func (w *writer) swap(r *request) error {
	c, s := &r.commit, &r.commit.State
	prev, wake := s.Rev-1, int64(s.Wake)
	switch {
	case s.Gone():
		return exec(w.conn, `DELETE FROM rooms WHERE code = ? AND rev = ?`, s.Code, prev)
	case prev == 0:
		const insert = `INSERT INTO rooms (code, rev, commit_id, wake, snapshot) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
		return exec(w.conn, insert, s.Code, s.Rev, c.ID, wake, r.snapshot)
	case c.Reindex:
		const update = `UPDATE rooms SET rev = ?, commit_id = ?, snapshot = ?, wake = ? WHERE code = ? AND rev = ?`
		return exec(w.conn, update, s.Rev, c.ID, r.snapshot, wake, s.Code, prev)
	}
	return w.update(r)
}

// update and log are what every move does, so their arguments are bound by hand.

func (w *writer) update(r *request) error {
	stmt, err := w.conn.Prepare(`UPDATE rooms SET rev = ?, commit_id = ?, snapshot = ? WHERE code = ? AND rev = ?`)
	if err != nil {
		return err
	}
	s := &r.commit.State
	stmt.BindInt64(1, s.Rev)
	stmt.BindText(2, r.commit.ID)
	stmt.BindBytes(3, r.snapshot)
	stmt.BindText(4, s.Code)
	stmt.BindInt64(5, s.Rev-1)
	return step(stmt)
}

func (w *writer) log(s *room.State, n int, event string) error {
	stmt, err := w.conn.Prepare(`INSERT INTO events (code, rev, n, event) VALUES (?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	stmt.BindText(1, s.Code)
	stmt.BindInt64(2, s.Rev)
	stmt.BindInt64(3, int64(n))
	stmt.BindText(4, event)
	return step(stmt)
}

// step carries out a statement that returns nothing.
func step(stmt *sqlite.Stmt) error {
	_, err := stmt.Step()
	if reset := stmt.Reset(); err == nil {
		err = reset
	}
	return err
}

func exec(conn *sqlite.Conn, query string, args ...any) error {
	return sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args})
}
