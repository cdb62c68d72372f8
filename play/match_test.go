package play_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tictac/game"
	"tictac/play"
	"tictac/room"
	"tictac/storetest"
)

// A seated is who was given a seat by quick match.
type seated struct {
	code, secret string
	seat         room.Seat
}

func (s *server) match(t testing.TB, who string) seated {
	t.Helper()
	code, secret, seat, err := s.Match(t.Context(), who, who)
	if err != nil {
		t.Errorf("match %s: %v", who, err)
	}
	return seated{code, secret, seat}
}

func TestMatch(t *testing.T) {
	s := newServer(t)
	ann := s.match(t, "ann")
	if again := s.match(t, "ann"); again.seat != room.Host || again.code == ann.code {
		t.Errorf("matched with herself: %+v after %+v", again, ann)
	}
	bob := s.match(t, "bob")
	if bob.seat != room.Guest || bob.code != ann.code {
		t.Errorf("not with who has waited longest: %+v after %+v", bob, ann)
	}
	private, _ := s.create(t)
	cid := s.match(t, "cid")
	if cid.seat != room.Guest || cid.code == private || cid.code == ann.code {
		t.Errorf("not with ann's other wait: %+v", cid)
	}
	host := storetest.Sit(t, s.House, ann.code, ann.secret)
	v := host.Await(t, "both are there", func(s room.State) bool { return s.Guest.Taken() && !s.Host.Away() })
	if v.State.Host.Who != "ann" || v.State.Guest.Who != "bob" || !v.State.Open {
		t.Errorf("the room has %+v", v.State)
	}
}

// A host whose socket is gone is not matched, though the wait has not ended yet;
// one who is there has a place in the line again after a guest has left.
func TestAbandonedWait(t *testing.T) {
	s := newServer(t)
	ann := s.match(t, "ann")
	host := storetest.Sit(t, s.House, ann.code, ann.secret)
	host.Close()
	eventually(t, "the host is seen to be gone", func() bool {
		v, err := s.Look(t.Context(), ann.code)
		return err == nil && v.State.Host.Away()
	})
	bob := s.match(t, "bob")
	if bob.seat != room.Host {
		t.Fatalf("matched with an abandoned wait: %+v", bob)
	}
	bobHere := storetest.Sit(t, s.House, bob.code, bob.secret)
	cid := s.match(t, "cid")
	if cid.code != bob.code {
		t.Fatalf("not matched with bob: %+v", cid)
	}
	cidHere := storetest.Sit(t, s.House, cid.code, cid.secret)
	if _, err := cidHere.Leave(); err != nil {
		t.Fatal(err)
	}
	bobHere.Await(t, "bob waits again", func(s room.State) bool { return s.Phase == room.Waiting })
	time.Sleep(play.StayEvery + 500*time.Millisecond)
	if dan := s.match(t, "dan"); dan.code != bob.code || dan.seat != room.Guest {
		t.Errorf("bob waits at %s and has lost his place: %+v", bob.code, dan)
	}
}

// A lined is a store with a line that says who stays in it.
type lined struct {
	play.Store
	play.Line
	stays chan string
}

func (l *lined) Stay(ctx context.Context, w play.Wait, now room.Instant) error {
	err := l.Line.Stay(ctx, w, now)
	l.stays <- w.Code
	return err
}

// Who waits again, after a guest has left or a server started, is in line at once:
// nobody who comes meanwhile is to wait beside them.
func TestWaitsAgain(t *testing.T) {
	s := newServer(t)
	open := func() (*play.House, *lined) {
		store := &lined{Store: s.under, stays: make(chan string, 100)}
		h, err := play.Open(t.Context(), play.Config{Store: store, Rules: rules, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return h, store // not run: nobody says every few seconds who waits
	}
	h, store := open()
	code, secret, _, err := h.Match(t.Context(), "Ann", "ann")
	if err != nil {
		t.Fatal(err)
	}
	ann := storetest.Sit(t, h, code, secret)
	_, bobs, _, err := h.Match(t.Context(), "Bob", "bob")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storetest.Sit(t, h, code, bobs).Leave(); err != nil {
		t.Fatal(err)
	}
	stays := func(store *lined, when string) {
		select {
		case got := <-store.stays:
			if got != code {
				t.Errorf("%s: %s stays in line", when, got)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s she is not in line", when)
		}
	}
	stays(store, "after a guest has left")
	ann.Close()
	h.Close()

	h, store = open()
	ann = storetest.Sit(t, h, code, secret)
	stays(store, "after a start")
	if met, _, _, err := h.Match(t.Context(), "Cid", "cid"); err != nil || met != code {
		t.Errorf("cid is matched with %s, not %s: %v", met, code, err)
	}
	ann.Close()
	h.Close()
}

// Two hundred strangers at the same instant: a hundred rooms of two.
func TestMatchAtOnce(t *testing.T) {
	s := newServer(t)
	const strangers = 200
	results := make([]seated, strangers)
	var all sync.WaitGroup
	for i := range strangers {
		all.Go(func() { results[i] = s.match(t, fmt.Sprintf("p%d", i)) })
	}
	all.Wait()
	rooms := map[string][2]int{}
	for _, r := range results {
		n := rooms[r.code]
		n[r.seat-1]++
		rooms[r.code] = n
	}
	for code, n := range rooms {
		if n != [2]int{1, 1} {
			t.Errorf("room %s has %d hosts and %d guests", code, n[0], n[1])
		}
	}
	if len(rooms) != strangers/2 {
		t.Errorf("%d rooms", len(rooms))
	}
}

// The computer's move is due like any deadline: it comes by itself, and a restart
// does not stop it.
func TestComputer(t *testing.T) {
	path := filepath.Join(storetest.Dir(t), "tictac.db")
	s := start(t, path, &clock{}, rules, true)
	code, secret, err := s.Create(t.Context(), play.Opening{Name: "Ann", Computer: game.Perfect})
	if err != nil {
		t.Fatal(err)
	}
	host := storetest.Sit(t, s.House, code, secret)
	began := time.Now()
	if _, err := host.Move(0, 1, 0); err != nil {
		t.Fatal(err)
	}
	v := host.Await(t, "the computer moves", func(s room.State) bool { return s.Ply() == 2 })
	if took := time.Since(began); took < 400*time.Millisecond || v.State.Board()[4] != game.O {
		t.Errorf("after %v it has played %s", took, v.State.Board())
	}
	if _, err := host.Move(8, 1, 2); err != nil {
		t.Fatal(err)
	}
	host.Close()
	s.stop()
	s = start(t, path, &clock{}, rules, true)
	eventually(t, "the computer moves on, with nobody there", func() bool {
		v, err := s.Look(t.Context(), code)
		return err == nil && v.State.Ply() == 4
	})
}

// Who lets the time run out loses, on the server where they sit.
func TestClock(t *testing.T) {
	s := newServer(t)
	code, secret, err := s.Create(t.Context(), play.Opening{Name: "Ann", Turn: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	host := storetest.Sit(t, s.House, code, secret)
	guest := s.join(t, code)
	if _, err := host.Move(0, 1, 0); err != nil {
		t.Fatal(err)
	}
	v := guest.View()
	if left := v.State.View(v.At).TurnLeft; left <= 0 || left > time.Second {
		t.Errorf("the guest has %v left", left)
	}
	v = guest.Await(t, "time is up", func(s room.State) bool { return s.Phase == room.Over })
	if v.State.Ended != room.ByClock || v.State.Winner != game.X || v.State.Host.Wins != 1 {
		t.Errorf("it ended as %s, won by %s", v.State.Ended, v.State.Winner)
	}
}

// A gesture reaches all, and the other servers.
func TestGesture(t *testing.T) {
	store, h, _, _, _ := aSharedRoom(t)
	code, secret, err := h.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	host := storetest.Sit(t, h, code, secret)
	if secret, err = h.Join(t.Context(), code, "Bob", ""); err != nil {
		t.Fatal(err)
	}
	guest := storetest.Sit(t, h, code, secret)
	spectator := storetest.Sit(t, h, code, "")
	if err := guest.React("👏"); err != nil {
		t.Fatal(err)
	}
	if err := spectator.React("👏"); err != room.NotSeated {
		t.Errorf("a spectator: %v", err)
	}
	store.reacted(code, "another", room.Host, "🎉")
	for _, p := range []*storetest.Player{host, guest, spectator} {
		if got := fmt.Sprint(p.Gestures()); got != "[guest 👏 host 🎉]" {
			t.Errorf("told %s", got)
		}
	}
	if got := fmt.Sprint(store.gestures); got != "[guest 👏]" {
		t.Errorf("other servers are told %s", got)
	}
}
