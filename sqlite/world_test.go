package sqlite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"tictac/play"
	"tictac/room"
)

// A world is a store and what must be in it: of each room the newest snapshot and
// the log of the round that is open.
type world struct {
	t     *testing.T
	rand  *mrand.Rand
	now   time.Time
	store *Store
	rooms map[string]*model
	count map[string]int // of what has happened
}

type model struct {
	play.Snapshot
	log []room.Event
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, rand: mrand.New(mrand.NewPCG(seed, 0)), now: time.Now(), rooms: map[string]*model{}, count: map[string]int{}}
	w.open(filepath.Join(t.TempDir(), "tictac.db"))
	t.Cleanup(func() { _ = w.store.Close() })
	return w
}

func (w *world) step() {
	w.now = w.now.Add(time.Duration(w.rand.IntN(40)) * time.Second)
	if w.rand.IntN(5) == 0 {
		w.look(func(j *journal) { j.most, j.keepFor = w.rand.IntN(40), time.Duration(w.rand.IntN(4))*time.Hour })
	}
	rows := w.inJournal()
	n := w.rand.IntN(20)
	switch {
	case n == 0:
		w.count["stop"]++
		path := w.store.path
		if err := w.store.Close(); err != nil {
			w.t.Fatal(err)
		}
		w.open(path)
	case n == 1, n == 4:
		w.crash()
	case n == 2:
		w.count["settled"]++
		if err := w.store.writer.settle(w.t.Context()); err != nil || w.inJournal() > 0 {
			w.t.Fatalf("%v, %d rows left of the journal", err, w.inJournal())
		}
	default:
		w.batch(n == 3)
		if w.inJournal() < rows {
			w.count["folded"]++
		}
	}
	w.check(n < 6)
}

// look has the writer show what is its own.
func (w *world) look(at func(*journal)) {
	w.t.Helper()
	err := w.store.writer.work(w.t.Context(), func(*sqlite.Conn) error { at(&w.store.writer.journal); return nil })
	if err != nil {
		w.t.Fatal(err)
	}
}

// inJournal counts the rows of the journal's table.
func (w *world) inJournal() (n int) {
	w.t.Helper()
	err := w.store.read(w.t.Context(), `SELECT count(*) FROM journal`, nil, func(row *sqlite.Stmt) error { n = row.ColumnInt(0); return nil })
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// crash goes on with what is in the files.
func (w *world) crash() {
	w.count["crash"]++
	if w.inJournal() > 0 {
		w.count["crash with rooms in the journal"]++
	}
	to := filepath.Join(w.t.TempDir(), "after.db")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(w.store.path + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, data, 0o600)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			w.t.Fatal(err)
		}
	}
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open(to)
}

func (w *world) open(path string) {
	var err error
	if w.store, err = Open(path); err != nil {
		w.t.Fatal(err)
	}
	due, err := w.store.Due(w.t.Context(), 0, 100)
	if err != nil || len(due) != len(w.rooms) {
		w.t.Fatalf("after a start %d of %d rooms are to be looked at: %v", len(due), len(w.rooms), err)
	}
}

// batch commits to some rooms in one transaction, which may be made to fail.
func (w *world) batch(fails bool) {
	w.count["batch"]++
	var requests []*request
	for range 1 + w.rand.IntN(12) {
		if c, ok := w.commit(fmt.Sprintf("%06d", w.rand.IntN(16))); ok {
			r, err := encode(w.t.Context(), c)
			if err != nil {
				w.t.Fatal(err)
			}
			requests = append(requests, r)
		}
	}
	refused := errors.New("no")
	if fails {
		w.count["failed"]++
		requests = append(requests, &request{
			ctx: context.Background(), work: func(*sqlite.Conn) error { return refused },
		})
	}
	done := map[string]bool{}
	for i, err := range together(w.store, requests) {
		if fails {
			if !errors.Is(err, refused) {
				w.t.Fatalf("%v in a transaction that failed", err)
			}
			continue
		}
		r := requests[i]
		code := r.commit.State.Code
		switch {
		case done[code]: // decided on the revision before
			w.count["conflict"]++
			if err != play.ErrConflict {
				w.t.Fatalf("two commits on one revision of %s: %v", code, err)
			}
		case err != nil:
			w.t.Fatal(err)
		default:
			done[code] = true
			w.made(&r.commit, len(requests))
		}
	}
}

// commit is something that may happen in a room now.
func (w *world) commit(code string) (c play.Commit, ok bool) {
	var s room.State
	if m := w.rooms[code]; m != nil {
		s = m.State
	}
	player := []string{"ann", "bob"}[w.rand.IntN(2)]
	server := []string{"one", "two"}[w.rand.IntN(2)]
	var cmd room.Command
	switch n := w.rand.IntN(60); {
	case s.Rev == 0:
		cmd = room.Create{Code: code, Key: "ann", Name: "Ann", Rules: room.Rules{Grace: time.Hour, WaitingGrace: time.Hour, Idle: 24 * time.Hour}}
	case s.Phase == room.Waiting:
		cmd = room.Join{Key: "bob", Name: "B'ob", RoundID: rand.Text()}
	case n == 0:
		cmd = room.Leave{Key: player}
	case n < 4:
		cmd = room.Resign{Key: player}
	case n < 8:
		cmd = room.Attach{Key: player, Server: server}
	case n < 12:
		cmd = room.Detach{Key: player, Server: server}
	case s.Phase == room.Over:
		cmd = room.Rematch{Key: player, RoundID: rand.Text()}
	default:
		cmd = room.Move{Key: s.Player(s.ToMove()).Key, Cell: w.rand.IntN(9), Round: -1, Ply: -1}
	}
	events, err := room.Decide(s, cmd, w.now)
	if err != nil || len(events) == 0 {
		return c, false
	}
	c = play.Commit{ID: rand.Text(), State: new(room.Fold(s, events)), Events: events}
	c.Reindex = c.State.Wake != s.Wake
	if record, ok := room.Filed(s, events); ok {
		c.Filed = &record
	}
	return c, true
}

// made notes what was acknowledged.
func (w *world) made(c *play.Commit, of int) {
	code := c.State.Code
	m := w.rooms[code]
	if m == nil {
		m = new(model)
		w.rooms[code] = m
	}
	m.Snapshot = play.Snapshot{State: *c.State, Commit: c.ID}
	switch {
	case c.State.Gone():
		w.count["gone"]++
		delete(w.rooms, code)
	case c.Filed != nil:
		w.count["round"]++
		m.log = nil
	case c.State.Phase == room.Playing:
		m.log = append(m.log, c.Events...)
	}
	if of >= journalFrom && waits(c) {
		w.count["noted"]++
	}
}

// check compares every room, and with logs too, which settles the journal.
func (w *world) check(logs bool) {
	w.t.Helper()
	for i := range 16 {
		w.compare(fmt.Sprintf("%06d", i), logs)
	}
}

func (w *world) compare(code string, logs bool) {
	w.t.Helper()
	got, err := w.store.Load(w.t.Context(), code)
	m := w.rooms[code]
	if m == nil {
		if err != play.ErrNotFound {
			w.t.Fatalf("%s, which is gone: %+v, %v", code, got, err)
		}
		return
	}
	if err != nil || got.Commit != m.Commit || string(room.Encode(got.State)) != string(room.Encode(m.State)) {
		w.t.Fatalf("%v: %s is\n%s\nwant\n%s", err, code, room.Encode(got.State), room.Encode(m.State))
	}
	if !logs {
		return
	}
	log, err := w.store.Log(w.t.Context(), code)
	if err != nil || len(log)+len(m.log) > 0 && !reflect.DeepEqual(log, m.log) {
		w.t.Fatalf("%v: the log of %s is\n%+v\nwant\n%+v", err, code, log, m.log)
	}
}
