package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

func wantDue(t testing.TB, store play.Store, at room.Instant, limit int, want ...string) {
	t.Helper()
	got, err := store.Due(t.Context(), at, limit)
	if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("due at %s, at most %d: %v, %v, want %v", at.Time().Format(time.TimeOnly), limit, got, err, want)
	}
}

// Rooms come oldest first, those due at that very moment too. Their codes make
// neither order.
func testDueOrderAndLimit(t *testing.T, e Engine) {
	store := e.Open(t)
	wantDue(t, store, room.At(morning.Add(1000*time.Hour)), 10)
	codes := []string{"f10000", "010000", "a20000", "f10001", "000000"}
	var wakes []room.Instant
	for i, code := range codes {
		s := do(t, store, play.Snapshot{}, create(code), morning.Add(time.Duration(i)*time.Second))
		wakes = append(wakes, s.Wake)
	}
	if !slices.IsSorted(wakes) || wakes[0] == wakes[1] {
		t.Fatalf("the test's rooms wake at %v", wakes)
	}
	wantDue(t, store, wakes[0]-1, 10)
	for i := range codes {
		wantDue(t, store, wakes[i], 10, codes[:i+1]...)
		wantDue(t, store, wakes[4], i+1, codes[:i+1]...)
	}
	// Asking takes nothing away.
	wantDue(t, store, wakes[4]+1, 10, codes...)
}

func testMovesLeaveTheIndex(t *testing.T, e Engine) {
	store := e.Open(t)
	s := begin(t, store, "aaaa04")
	wake := s.Wake
	for i, cell := range []int{0, 3, 1, 4} {
		c := step(t, s.State, move(s.State, cell), morning.Add(time.Duration(i+2)*time.Second))
		if c.Reindex {
			t.Fatal("a move has the index changed")
		}
		s = must(t, store, c)
		wantDue(t, store, wake-1, 1)
		wantDue(t, store, wake, 1, "aaaa04")
	}
	// A grace that begins brings it forward, and one that ends puts it off.
	// The index may be early, so both are shown by a step that says Reindex.
	s = do(t, store, s, room.Attach{Key: hostKey, Server: "one"}, morning.Add(time.Minute))
	s = do(t, store, s, room.Attach{Key: guestKey, Server: "one"}, morning.Add(time.Minute))
	s = do(t, store, s, room.Expire{Indexed: true}, morning.Add(time.Minute))
	wantDue(t, store, s.Wake-1, 1)
	wantDue(t, store, s.Wake, 1, "aaaa04")
	gone := step(t, s.State, room.Detach{Key: guestKey, Server: "one"}, morning.Add(2*time.Minute))
	if !gone.Reindex || gone.State.Wake >= s.Wake {
		t.Fatalf("a grace that begins does not bring the index forward: %+v", gone)
	}
	must(t, store, gone)
	wantDue(t, store, gone.State.Wake-1, 1)
	wantDue(t, store, gone.State.Wake, 1, "aaaa04")
}

// Rooms whose index is early are looked at in vain once, and then no more
// before it is time.
func testEarlyIndexIsPutRight(t *testing.T, e Engine) {
	store := e.Open(t)
	var rooms []play.Snapshot
	for i := range 5 {
		s := begin(t, store, fmt.Sprintf("bb%04d", i))
		rooms = append(rooms, do(t, store, s, room.Attach{Key: hostKey, Server: "one"}, morning.Add(time.Minute)))
	}
	for i, s := range rooms {
		rooms[i] = do(t, store, s, room.Attach{Key: guestKey, Server: "one"}, morning.Add(time.Minute))
	}
	early := rooms[0].Wake
	if early >= rooms[0].Due() {
		t.Fatalf("the test's rooms wake at %v, when they are due", early)
	}
	for i, s := range rooms {
		due, err := store.Due(t.Context(), early, 10)
		if err != nil || len(due) != len(rooms)-i {
			t.Fatalf("due: %v, %v, want %d rooms", due, err, len(rooms)-i)
		}
		do(t, store, s, room.Expire{Indexed: true}, early.Time())
	}
	wantDue(t, store, early, 10)
	wantDue(t, store, rooms[0].Due()-1, 10)
	if due, err := store.Due(t.Context(), rooms[0].Due(), 10); err != nil || len(due) != len(rooms) {
		t.Errorf("due: %v, %v, want all rooms", due, err)
	}
}

// A server that renews is not dead, and a store in use has been up since it was
// first used.
func testTenure(t *testing.T, e Engine) {
	store := e.Open(t)
	now := room.At(time.Now())
	first, err := store.Renew(t.Context(), "one", now)
	if err != nil {
		t.Fatal(err)
	}
	if first.UpSince == 0 || first.UpSince > now.Add(time.Minute) {
		t.Errorf("up since %v, at %v", first.UpSince, now)
	}
	for i := range 5 {
		again, err := store.Renew(t.Context(), "one", now.Add(time.Duration(i)*time.Second))
		switch {
		case err != nil:
			t.Fatal(err)
		case again.UpSince != first.UpSince:
			t.Errorf("up since %v, then %v, without a gap", first.UpSince, again.UpSince)
		case again.Dead == nil || again.Dead("one"):
			t.Errorf("a server that renews is dead, or nobody can tell")
		}
	}
}
