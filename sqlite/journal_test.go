package sqlite

import (
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"reflect"
	"strconv"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"tictac/room"
)

// TestJournal has rooms played in batches of all sizes, some of which fail, and
// stops and crashes the store at random. All that was acknowledged is there, and
// nothing else.
func TestJournal(t *testing.T) {
	t.Parallel()
	for range 2 {
		seed := mrand.Uint64()
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed)
			for range 300 {
				w.step()
			}
			t.Log(w.count)
			for _, what := range []string{
				"batch", "failed", "crash", "crash with rooms in the journal", "stop", "settled", "noted", "conflict", "round", "gone", "folded",
			} {
				if w.count[what] == 0 {
					t.Errorf("no %s: the test shows less than it says", what)
				}
			}
		})
	}
}

// A move that is due for its room's row gets there also when nothing else happens.
func TestJournalDoesNotStay(t *testing.T) {
	w := newWorld(t, 1)
	s := w.store
	w.look(func(j *journal) { j.keepFor = time.Millisecond })
	for w.count["noted"] == 0 {
		w.batch(false)
	}
	if w.inJournal() == 0 {
		t.Fatal("nothing is in the journal")
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if _, err := s.Renew(t.Context(), "one", room.At(time.Now())); err != nil {
			t.Fatal(err)
		}
		if w.inJournal() == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it stays in the journal")
		}
	}
	w.check(false)
}

// What a newer version has left in the journal of a room that this one cannot read
// stays there for it; other rooms are as they were.
func TestJournalOfNewerVersion(t *testing.T) {
	w := newWorld(t, 2)
	for w.count["noted"] < 40 {
		w.batch(false)
	}
	var newer int64
	w.look(func(j *journal) {
		for id := range j.rooms {
			newer = id
		}
	})
	code := fmt.Sprintf("%06s", strconv.FormatInt(newer, 36))
	change := func(from, to string) func(*sqlite.Conn) error {
		return func(conn *sqlite.Conn) error {
			return exec(conn, `UPDATE rooms SET snapshot = CAST(replace(CAST(snapshot AS TEXT), ?, ?) AS BLOB) WHERE id = ?`, from, to, newer)
		}
	}
	if err := w.store.writer.work(t.Context(), change(`"format":1`, `"format":99`)); err != nil {
		t.Fatal(err)
	}
	w.crash()
	if _, err := w.store.Load(t.Context(), code); !errors.Is(err, room.ErrFormat) {
		t.Fatalf("%s was read: %v", code, err)
	}
	for other := range w.rooms {
		if other != code {
			w.compare(other, true)
		}
	}
	if err := w.store.writer.work(t.Context(), change(`"format":99`, `"format":1`)); err != nil {
		t.Fatal(err)
	}
	w.crash()
	w.check(true)
}

func TestEntries(t *testing.T) {
	want := []entry{
		{room: 1<<40 + 5, rev: 300, prev: "before", commit: "after", events: []byte("one\ntwo\n")},
		{commit: "c"},
	}
	var data []byte
	for _, e := range want {
		data = e.append(data)
	}
	var got []entry
	if err := eachEntry(data, func(e entry) error { got = append(got, e); return nil }); err != nil {
		t.Fatal(err)
	}
	want[1].events = []byte{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for n := range data {
		_ = eachEntry(data[:n], func(entry) error { return nil }) // no panic
	}
	if err := eachEntry(data[:len(data)-1], func(entry) error { return nil }); err == nil {
		t.Error("half an entry was read")
	}
	if err := eachEntry([]byte("\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"), func(entry) error { return nil }); err == nil {
		t.Error("an entry longer than all was read")
	}
}
