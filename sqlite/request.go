package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"

	"tictac/play"
	"tictac/room"
)

// A request is one commit on its way, encoded by whoever asks, or something else
// to be written; or it asks only whether the disk takes writes.
type request struct {
	ctx      context.Context
	done     func(error) // called once; does not block
	answered atomic.Bool
	err      error

	probe bool // now says when; else:
	now   room.Instant
	work  func(*sqlite.Conn) error // done in the transaction, perhaps twice; else:
	fold  bool                     // all rooms' rows are to be brought up to date; else:

	commit play.Commit
	events []byte // a line each
	record string // of the round that ends, as JSON
}

func (r *request) isCommit() bool { return !r.probe && !r.fold && r.work == nil }

// Commit implements play.Store.
func (s *Store) Commit(ctx context.Context, c play.Commit) error {
	r, err := encode(ctx, c)
	if err != nil {
		return err
	}
	return s.writer.do(r)
}

// Submit implements play.Queue.
func (s *Store) Submit(ctx context.Context, c play.Commit, done func(error)) {
	r, err := encode(ctx, c)
	if err != nil {
		done(err)
		return
	}
	r.done = done
	s.writer.submit(r)
}

func encode(ctx context.Context, c play.Commit) (*request, error) {
	if roomID(c.State.Code) < 0 {
		return nil, fmt.Errorf("sqlite: %q is no code of a room", c.State.Code)
	}
	r := &request{ctx: ctx, commit: c}
	r.events = appendEvents(make([]byte, 0, 96*len(c.Events)), c.Events)
	if c.Filed != nil {
		r.record = string(c.Filed.Append(make([]byte, 0, 768)))
	}
	return r, nil
}

// probe reports whether a commit would be made now.
func (w *writer) probe(ctx context.Context, now room.Instant) error {
	return w.do(&request{ctx: ctx, probe: true, now: now})
}

// work has something done in a transaction, which commits may share. What it
// refuses it must refuse before it writes.
func (w *writer) work(ctx context.Context, do func(*sqlite.Conn) error) error {
	return w.do(&request{ctx: ctx, work: do})
}

// settle brings all rooms' rows up to date: from then on they have what was
// committed before.
func (w *writer) settle(ctx context.Context) error {
	return w.do(&request{ctx: ctx, fold: true})
}

// ask is work that has an answer.
func ask[T any](ctx context.Context, w *writer, do func(*sqlite.Conn) (T, error)) (T, error) {
	var answer, none T
	err := w.work(ctx, func(conn *sqlite.Conn) (err error) {
		answer, err = do(conn)
		return err
	})
	if err != nil {
		return none, err // and the writer may still be at it
	}
	return answer, nil
}

// do hands r to the writer and waits. If the context ends first, the outcome is
// not known.
func (w *writer) do(r *request) error {
	result := make(chan error, 1)
	r.done = func(err error) { result <- err }
	w.submit(r)
	select {
	case err := <-result:
		return err
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// submit hands r to the writer, or to nobody if that is closed.
func (w *writer) submit(r *request) {
	w.mu.Lock()
	closed := w.closed
	if !closed {
		w.waiting = append(w.waiting, r)
	}
	if !w.hurrying && !closed {
		w.hurrying = true
		w.hurries.Go(w.hurry)
	}
	w.mu.Unlock()
	if closed {
		r.answer(errClosed)
		return
	}
	w.signal()
}

func (r *request) answer(err error) {
	if r.answered.CompareAndSwap(false, true) {
		r.done(err)
	}
}

// hurryEvery is how late a request may be answered whose context has ended.
const hurryEvery = 50 * time.Millisecond

// hurry answers those whose contexts have ended, for as long as there is anything
// that the disk might keep waiting.
func (w *writer) hurry() {
	for more := true; more; {
		select {
		case <-time.After(hurryEvery):
		case <-w.done: // all are answered
			return
		}
		w.mu.Lock()
		var late []*request
		for _, some := range [...][]*request{w.waiting, w.inWork} {
			for _, r := range some {
				if r.ctx.Err() != nil {
					late = append(late, r)
				}
			}
		}
		more = len(w.waiting)+len(w.inWork) > 0
		w.hurrying = more
		w.mu.Unlock()
		for _, r := range late {
			r.answer(r.ctx.Err())
		}
	}
}
