package sqlite

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/play"
	"tictac/room"
)

func newRoom(code string) play.Commit {
	events, _ := room.Decide(room.State{}, room.Create{Code: code, Key: "k", Name: "Ann", Rules: room.Rules{Idle: time.Hour}}, time.Now())
	return play.Commit{ID: rand.Text(), State: new(room.Fold(room.State{}, events)), Events: events, Reindex: true}
}

func openHere(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "tictac.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// What waits while the disk is busy is made as one transaction: it takes a
// flush, and not a hundred.
func TestCommitsShareATransaction(t *testing.T) {
	s := openHere(t)
	const rooms = 100
	// Somebody else holds the database, so the writer waits and the rest queues.
	other, err := s.pool.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlitex.ExecuteTransient(other, `BEGIN IMMEDIATE`, nil); err != nil {
		t.Fatal(err)
	}
	var told sync.Map
	var wg sync.WaitGroup
	for i := range rooms {
		if i == 1 { // the first one is on its way alone, and the writer waits with it
			time.Sleep(100 * time.Millisecond)
		}
		c := newRoom(rand.Text()[:6])
		defer s.Watch(c.State.Code, func(snap play.Snapshot) { told.Store(snap.Code, true) })()
		wg.Go(func() {
			if err := s.Commit(context.Background(), c); err != nil {
				t.Error(err)
			}
		})
	}
	for queued(s) < rooms-1 {
		time.Sleep(time.Millisecond)
	}
	before := transactions(t, s)
	if err := sqlitex.ExecuteTransient(other, `ROLLBACK`, nil); err != nil {
		t.Fatal(err)
	}
	s.pool.Put(other)
	wg.Wait()
	if n := transactions(t, s) - before; n != 2 {
		t.Errorf("%d commits took %d transactions, want 2", rooms, n)
	}
	n := 0
	told.Range(func(any, any) bool { n++; return true })
	if n != rooms {
		t.Errorf("%d of %d were told", n, rooms)
	}
}

func queued(s *Store) int {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	return len(s.writer.waiting)
}

// transactions counts the frames of SQLite's log that end one: those with the
// size of the database in them (sqlite.org/fileformat2.html, 4.1).
func transactions(t *testing.T, s *Store) (n int) {
	t.Helper()
	wal, err := os.ReadFile(s.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	const header, frameHeader = 32, 24
	page := int(binary.BigEndian.Uint32(wal[8:]))
	for at := header; at+frameHeader+page <= len(wal); at += frameHeader + page {
		if binary.BigEndian.Uint32(wal[at+4:]) > 0 {
			n++
		}
	}
	return n
}

// together has requests made in one transaction, and returns how they went.
func together(s *Store, batch []*request) []error {
	results := make([]chan error, len(batch))
	for i, r := range batch {
		result := make(chan error, 1)
		results[i], r.done = result, func(err error) { result <- err }
	}
	s.writer.mu.Lock()
	s.writer.waiting = append(s.writer.waiting, batch...)
	s.writer.mu.Unlock()
	s.writer.signal()
	errs := make([]error, len(batch))
	for i, result := range results {
		errs[i] = <-result
	}
	return errs
}

// A commit that cannot be made for reasons of its own must not take down those
// of other rooms that happen to wait with it.
func TestOneBadCommitInABatch(t *testing.T) {
	s := openHere(t)
	good, bad := newRoom("aaaaaa"), newRoom("bbbbbb")
	bad.Filed = &room.Record{ID: "twice", Code: "bbbbbb"}
	first := newRoom("cccccc")
	first.Filed = &room.Record{ID: "twice", Code: "cccccc"}
	if err := s.Commit(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	var batch []*request
	for _, c := range []play.Commit{good, bad} {
		r, err := encode(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, r)
	}
	errs := together(s, batch)
	errGood, errBad := errs[0], errs[1]
	if errBad == nil || errors.Is(errBad, play.ErrConflict) {
		t.Errorf("a round filed twice: %v", errBad)
	}
	if _, err := s.Load(t.Context(), "bbbbbb"); err != play.ErrNotFound {
		t.Errorf("half a commit was made: %v", err)
	}
	if errGood != nil {
		t.Logf("the other room's commit fails with it: %v", errGood)
		if _, err := s.Load(t.Context(), "aaaaaa"); err != play.ErrNotFound {
			t.Errorf("and yet it was made: %v", err)
		}
	}
}

// Close leaves no goroutine behind that looks for late requests. It does not run
// beside other tests, whose stores have theirs.
func TestCloseWaitsForHurry(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "tictac.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), newRoom("aaaaaa")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	stacks := make([]byte, 1<<20)
	if stacks = stacks[:runtime.Stack(stacks, true)]; bytes.Contains(stacks, []byte("(*writer).hurry(")) {
		t.Errorf("still there:\n%s", stacks)
	}
}
