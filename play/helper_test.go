package play_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/sqlite"
	"tictac/storetest"
)

// A clock goes on like any other, and can be set forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time           { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(by time.Duration) { c.ahead.Add(int64(by)) }

var rules = room.Rules{Grace: 2 * time.Minute, WaitingGrace: 10 * time.Minute, Idle: 2 * time.Hour}

// A server is a House, its store, its clock, and what runs it.
type server struct {
	*play.House
	clock *clock
	store *storetest.Faulty
	under *sqlite.Store
	meter *meter
	stop  func() // ends Run and closes all, once
}

// start opens a server on a database, which runs unless it is told not to.
func start(t testing.TB, path string, c *clock, rules room.Rules, run bool) *server {
	t.Helper()
	db, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{clock: c, store: storetest.NewFaulty(db), under: db, meter: &meter{}}
	s.House, err = play.Open(t.Context(), play.Config{
		Store: s.store.AsQueue(), Rules: rules, Now: c.now, Log: slog.New(slog.DiscardHandler), Meter: s.meter,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	if run {
		running.Go(func() { _ = s.Run(ctx) })
	}
	s.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		s.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

func newServer(t testing.TB) *server {
	return start(t, filepath.Join(storetest.Dir(t), "tictac.db"), &clock{}, rules, true)
}

// create opens a room with its host in it; join is a guest who sits down.
func (s *server) create(t testing.TB) (code string, host *storetest.Player) {
	t.Helper()
	code, secret, err := s.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	return code, storetest.Sit(t, s.House, code, secret)
}

func (s *server) join(t testing.TB, code string) *storetest.Player {
	t.Helper()
	secret, err := s.Join(t.Context(), code, "Bob", "")
	if err != nil {
		t.Fatal(err)
	}
	return storetest.Sit(t, s.House, code, secret)
}

// moves are made by turns, by first to begin with.
func moves(t testing.TB, round int, first, second *storetest.Player, cells ...int) {
	t.Helper()
	for ply, cell := range cells {
		p := []*storetest.Player{first, second}[ply%2]
		if changed, err := p.Move(cell, round, ply); !changed || err != nil {
			t.Fatalf("move %d into %d: %v, %v", ply, cell, changed, err)
		}
	}
}

// A meter counts.
type meter struct{ ended, conflicts, failed, panics atomic.Int64 }

func (m *meter) Committed(events []room.Event, _ time.Duration) {
	for _, e := range events {
		if e.Kind == room.RoundEnded {
			m.ended.Add(1)
		}
	}
}
func (m *meter) Conflict()          { m.conflicts.Add(1) }
func (m *meter) RolledBack()        {}
func (m *meter) StoreFailed(string) { m.failed.Add(1) }
func (m *meter) Panicked()          { m.panics.Add(1) }

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}
