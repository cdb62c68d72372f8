package sqlite

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/history"
	"tictac/play"
)

var errClosed = errors.New("sqlite: the store is closed")

// A writer makes commits, all that wait as one transaction: one flush to disk
// then serves many rooms (group commit).
type writer struct {
	conn *sqlite.Conn // owned by run
	tell func(code string, snap play.Snapshot)
	log  *checkpointer // of SQLite's log
	done chan struct{} // run has ended

	// Owned by run.
	failing bool // the last transaction failed
	draft   draft

	journal journal

	mu       sync.Mutex
	waiting  []*request
	inWork   []*request // taken by run
	hurrying bool       // hurry runs
	hurries  sync.WaitGroup
	closed   bool
	wake     chan struct{} // something is waiting, or closed
}

// startWriter writes first what a crash has left in the journal.
func startWriter(conn *sqlite.Conn, path string, tell func(string, play.Snapshot)) (*writer, error) {
	w := &writer{
		conn: conn, tell: tell, done: make(chan struct{}), wake: make(chan struct{}, 1),
		draft: draft{rooms: map[int64]*pending{}}, journal: journal{most: journalMost, keepFor: journalFor, rooms: map[int64]*pending{}},
	}
	err := w.recover()
	if err == nil {
		w.log, err = startCheckpointer(path)
	}
	if err != nil {
		return nil, err
	}
	go w.run() // close waits for it
	return w, nil
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// close makes what waits, leaves nothing in the journal and ends the writer.
func (w *writer) close() error {
	settled := w.settle(context.Background())
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
	<-w.done
	w.hurries.Wait()
	return errors.Join(settled, w.log.close(), w.conn.Close())
}

func (w *writer) run() {
	defer close(w.done)
	for range w.wake {
		batch, closed := w.gather()
		w.write(batch)
		if closed {
			return
		}
	}
}

// yields is how often gather lets others run at the most.
const yields = 4

// gather takes what waits, once those who are about to commit have got into this
// batch too: a flush, and a page that several rooms lie on, then serve more of them.
func (w *writer) gather() (batch []*request, closed bool) {
	for n, yielded := -1, 0; yielded < yields; yielded++ {
		runtime.Gosched()
		w.mu.Lock()
		more := len(w.waiting) > n
		n = len(w.waiting)
		w.mu.Unlock()
		if !more {
			break
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	batch, closed = w.waiting, w.closed
	w.waiting, w.inWork = nil, batch
	return batch, closed
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
		if r.err == nil && r.isCommit() {
			w.tell(r.commit.State.Code, play.Snapshot{State: *r.commit.State, Commit: r.commit.ID})
		}
		r.answer(r.err)
	}
	w.mu.Lock()
	w.inWork = nil
	w.mu.Unlock()
}

// transact makes one transaction of a batch. A commit that breaks a constraint
// of the schema is at fault alone: the rest is made without it.
func (w *writer) transact(batch []*request) (tried bool, err error) {
	work, all := 0, false
	for _, r := range batch {
		if r.err == nil {
			r.err = r.ctx.Err()
		}
		if r.err == nil && (!r.probe || w.failing) {
			work++
			all = all || r.fold
		}
	}
	now := time.Now()
	if work == 0 && !w.journal.due(now) {
		return false, nil // only probes, and nothing is wrong
	}
	if err := exec(w.conn, `BEGIN IMMEDIATE`); err != nil {
		return true, err
	}
	w.draft.reset()
	for _, r := range batch {
		if r.err != nil {
			continue
		}
		err := w.apply(r, work)
		if err == nil {
			continue
		}
		err = w.rollback(err)
		if sqlite.ErrCode(err).ToPrimary() != sqlite.ResultConstraint {
			return true, err
		}
		for _, other := range batch {
			if refused(other.err) {
				other.err = nil // to be compared again
			}
		}
		r.err = err
		return w.transact(batch)
	}
	if err := w.finish(all, work == 0, now); err != nil {
		return true, w.rollback(err)
	}
	w.publish()
	w.log.wrote(work)
	return true, nil
}

// finish ends a transaction with what it has for the journal.
func (w *writer) finish(all, alone bool, now time.Time) error {
	if err := w.fold(all, alone, now); err != nil {
		return err
	}
	if err := w.keep(now); err != nil {
		return err
	}
	return exec(w.conn, `COMMIT`)
}

func (w *writer) rollback(err error) error {
	if !w.conn.AutocommitEnabled() {
		err = errors.Join(err, exec(w.conn, `ROLLBACK`))
	}
	return err
}

// refused reports whether a request was not carried out for what the database
// holds: its own affair, which leaves the rest of the transaction alone. So it is
// found before anything is written.
func refused(err error) bool {
	return errors.Is(err, play.ErrConflict) || errors.Is(err, history.ErrUnknown) || errors.Is(err, errTaken)
}

// apply writes what one request asks for, one of so many.
func (w *writer) apply(r *request, of int) error {
	switch {
	case r.work != nil:
		err := r.work(w.conn)
		if refused(err) {
			r.err, err = err, nil
		}
		return err
	case r.fold:
		return nil // it comes last
	case r.probe:
		// Random, since SQLite does not write what it finds there already.
		return exec(w.conn, `UPDATE probe SET at = ?, filler = randomblob(65536)`, int64(r.now))
	}
	c := &r.commit
	id := roomID(c.State.Code)
	write := w.swap
	if of >= journalFrom && waits(c) {
		write = w.note
	}
	if err := write(id, r); err != nil || r.err != nil || c.Filed == nil {
		return err
	}
	return file(w.conn, c.Filed, r.record)
}

func exec(conn *sqlite.Conn, query string, args ...any) error {
	return sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args})
}
