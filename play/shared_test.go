package play_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/sqlite"
)

// A shared store stands between a House and its database, as one does that other
// servers use too: it can be set back, and carries announcements.
type shared struct {
	play.Store

	mu    sync.Mutex
	old   *play.Snapshot // what Load returns, if not nil
	err   error          // what Load fails with, if not nil
	deaf  bool           // Commit fails
	tell  func(play.Snapshot)
	heard func(code, server string, spectators int)
	said  []int

	reacted  func(code, server string, by room.Seat, emoji string)
	gestures []string
}

func (s *shared) Load(ctx context.Context, code string) (play.Snapshot, error) {
	s.mu.Lock()
	old, err := s.old, s.err
	s.mu.Unlock()
	switch {
	case err != nil:
		return play.Snapshot{}, err
	case old != nil:
		return *old, nil
	}
	return s.Store.Load(ctx, code)
}

func (s *shared) set(old *play.Snapshot, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.old, s.err = old, err
}

func (s *shared) Commit(ctx context.Context, c play.Commit) error {
	s.mu.Lock()
	deaf := s.deaf
	s.mu.Unlock()
	if deaf {
		return errors.New("away")
	}
	return s.Store.Commit(ctx, c)
}

func (s *shared) refuse(commits bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = commits
}

// Watch notes how the last watcher is told.
func (s *shared) Watch(code string, tell func(play.Snapshot)) (stop func()) {
	s.mu.Lock()
	s.tell = tell
	s.mu.Unlock()
	return s.Store.Watch(code, tell)
}

func (s *shared) Announce(_, _ string, spectators int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, spectators)
}

func (s *shared) React(_, server string, by room.Seat, emoji string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gestures = append(s.gestures, by.String()+" "+emoji)
}

func (s *shared) Overhear(heard func(code, server string, spectators int), reacted func(code, server string, by room.Seat, emoji string)) {
	s.heard, s.reacted = heard, reacted
}

// last is what was announced last, or -1.
func (s *shared) last() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.said) == 0 {
		return -1
	}
	return s.said[len(s.said)-1]
}

// wakes is a Watcher that counts.
type wakes struct {
	mu sync.Mutex
	n  int
}

func (w *wakes) Changed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
}

func (w *wakes) Reacted(room.Seat, string) {}

func (w *wakes) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

// aSharedRoom is a house over a shared store, with a host and a guest in a room.
func aSharedRoom(t *testing.T) (store *shared, h *play.House, code string, host *play.Session, w *wakes) {
	t.Helper()
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store = &shared{Store: db}
	h, err = play.Open(t.Context(), play.Config{Store: store, Rules: rules, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	code, secret, err := h.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Join(t.Context(), code, "Bob", ""); err != nil {
		t.Fatal(err)
	}
	w = &wakes{}
	if host, err = h.Enter(code, secret, w); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	hello := make(chan error, 1)
	host.Hello(func(_ room.Seat, err error) { hello <- err })
	if err := <-hello; err != nil {
		t.Fatal(err)
	}
	return store, h, code, host, w
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

// A failover may lose what a store had acknowledged. What it has is the truth:
// whoever was shown more is sent away to come back.
func TestRolledBack(t *testing.T) {
	store, h, code, host, w := aSharedRoom(t)
	before, err := store.Store.Load(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	moved := make(chan error, 1)
	host.Move(4, -1, -1, func(_ bool, err error) { moved <- err })
	if err := <-moved; err != nil {
		t.Fatal(err)
	}
	if host.Lost() {
		t.Fatal("lost before anything was")
	}
	told := w.count()
	store.set(&before, nil)
	host.Move(4, -1, -1, func(_ bool, err error) {}) // refused, so the store is asked
	waitFor(t, "the session is lost and told", func() bool { return host.Lost() && w.count() > told })
	view, err := h.Look(t.Context(), code)
	if err != nil || view.State.Rev != before.Rev || view.State.Ply() != 0 {
		t.Errorf("after that: rev %d, ply %d, %v; the store has rev %d", view.State.Rev, view.State.Ply(), err, before.Rev)
	}
}

// What another server committed may be heard after the room has been found to be
// gone: it does not come back by that.
func TestHeardLate(t *testing.T) {
	store, _, code, host, _ := aSharedRoom(t)
	late, err := store.Store.Load(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	late.Rev, late.Commit = late.Rev+1, "of another server"
	store.set(nil, play.ErrNotFound)
	for range 3 {
		moved := make(chan error, 1)
		host.Move(4, 5, 5, func(_ bool, err error) { moved <- err }) // refused, so the store is asked
		if err := <-moved; err != room.NotFound {
			t.Fatalf("a move in a room that is gone: %v", err)
		}
	}
	store.tell(late)
	if v := host.View(); !v.State.Gone() {
		t.Errorf("the room is back: %+v", v.State)
	}
}

// A room that a newer version has written is not for this server to touch.
func TestNewerFormat(t *testing.T) {
	store, h, code, host, _ := aSharedRoom(t)
	store.set(nil, errors.Join(room.ErrFormat))
	if _, err := h.Look(t.Context(), code); err != nil && err != play.Unavailable {
		t.Errorf("Look: %v", err)
	}
	host.Move(99, -1, -1, func(_ bool, err error) {
		if err != play.Unavailable {
			t.Errorf("a command: %v", err)
		}
	})
	waitFor(t, "the session is to go where the newer version is", host.Lost)
}

// Spectators of other servers are counted, and ours are announced.
func TestAudience(t *testing.T) {
	store, h, code, host, w := aSharedRoom(t)
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { _ = h.Run(ctx) })
	defer run.Wait()
	defer stop()

	told := w.count()
	store.heard(code, "elsewhere", 3)
	store.heard("ffffff", "elsewhere", 3) // a room that nobody has open here
	waitFor(t, "three are watching elsewhere", func() bool { return host.View().Watching == 3 && w.count() > told })
	spectator, err := h.Enter(code, "", &wakes{})
	if err != nil {
		t.Fatal(err)
	}
	spectator.Hello(func(room.Seat, error) {})
	waitFor(t, "a fourth here", func() bool { return host.View().Watching == 4 })
	waitFor(t, "it is announced", func() bool { return store.last() == 1 })
	store.heard(code, "elsewhere", 0)
	waitFor(t, "one is left", func() bool { return host.View().Watching == 1 })
	spectator.Close()
	waitFor(t, "nobody", func() bool { return host.View().Watching == 0 })
	waitFor(t, "that too is announced", func() bool { return store.last() == 0 })
}

// What becomes of a command is not known while the store is away. Whoever comes
// or goes meanwhile is shown when it is, with what came of it.
func TestNothingIsShownWhileUnsure(t *testing.T) {
	store, h, code, host, w := aSharedRoom(t)
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { _ = h.Run(ctx) })
	defer run.Wait()
	defer stop()
	spectator, err := h.Enter(code, "", &wakes{})
	if err != nil {
		t.Fatal(err)
	}
	seen := w.count()
	spectator.Hello(func(room.Seat, error) {})
	waitFor(t, "one is watching, and that was told", func() bool { return host.View().Watching == 1 && w.count() > seen })

	store.set(nil, errors.New("away"))
	store.refuse(true)
	moved := make(chan error, 1)
	host.Move(4, -1, -1, func(_ bool, err error) { moved <- err })
	if err := <-moved; err != play.Unavailable {
		t.Fatalf("a move while the store is away: %v", err)
	}
	told := w.count()
	spectator.Close()
	time.Sleep(2500 * time.Millisecond) // two looks at who is watching
	if n := w.count() - told; n > 0 {
		t.Errorf("%d views were shown before it was known what became of the move", n)
	}
	store.refuse(false)
	store.set(nil, nil)
	waitFor(t, "then it is shown that nobody is watching", func() bool { return host.View().Watching == 0 && w.count() > told })
}
