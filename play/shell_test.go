package play_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"tictac/play"
	"tictac/room"
	"tictac/storetest"
)

// A memory is a store that keeps rooms in memory and makes commits as sqlite does:
// one goroutine takes all that wait, tells of each and then answers it.
type memory struct {
	play.Watchers
	wake chan struct{}

	mu      sync.Mutex
	rooms   map[string]play.Snapshot
	waiting []waitingCommit
}

type waitingCommit struct {
	play.Commit
	result chan error
}

func newMemory(t testing.TB) *memory {
	m := &memory{rooms: map[string]play.Snapshot{}, wake: make(chan struct{}, 1)}
	var wg sync.WaitGroup
	wg.Go(m.run)
	t.Cleanup(func() {
		close(m.wake)
		wg.Wait()
	})
	return m
}

func (m *memory) run() {
	for range m.wake {
		m.mu.Lock()
		batch := m.waiting
		m.waiting = nil
		m.mu.Unlock()
		for i := range batch {
			batch[i].result <- m.make(&batch[i].Commit)
		}
	}
}

func (m *memory) make(c *play.Commit) error {
	snap := play.Snapshot{State: *c.State, Commit: c.ID}
	m.mu.Lock()
	fits := m.rooms[c.State.Code].Rev == c.State.Rev-1
	if fits {
		m.rooms[c.State.Code] = snap
	}
	m.mu.Unlock()
	if !fits {
		return play.ErrConflict
	}
	m.Tell(c.State.Code, snap)
	return nil
}

func (m *memory) Commit(_ context.Context, c play.Commit) error {
	result := make(chan error, 1)
	m.mu.Lock()
	m.waiting = append(m.waiting, waitingCommit{c, result})
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return <-result
}

func (m *memory) Load(_ context.Context, code string) (play.Snapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	snap, ok := m.rooms[code]
	if !ok || snap.Gone() {
		return play.Snapshot{}, play.ErrNotFound
	}
	return snap, nil
}

func (m *memory) Watch(code string, tell func(play.Snapshot)) func() { return m.Add(code, tell) }

func (m *memory) Due(context.Context, room.Instant, int) ([]string, error) { return nil, nil }

func (m *memory) Renew(context.Context, string, room.Instant) (play.Tenure, error) {
	return play.Tenure{UpSince: 1, Dead: func(string) bool { return false }}, nil
}

// A turn is the player of a room whose move it is.
type turn struct {
	host, guest *play.Session
	round, ply  int
}

type nobody struct{}

func (nobody) Changed()                  {}
func (nobody) Reacted(room.Seat, string) {}

// pair opens a room with two players in it.
func pair(t testing.TB, h *play.House) *turn {
	t.Helper()
	code, host, err := h.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	guest, err := h.Join(t.Context(), code, "Bob", "")
	if err != nil {
		t.Fatal(err)
	}
	r := &turn{round: 1}
	for _, seat := range []struct {
		secret  string
		session **play.Session
	}{{host, &r.host}, {guest, &r.guest}} {
		s, err := h.Enter(code, seat.secret, nobody{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		heard := make(chan error, 1)
		s.Hello(func(_ room.Seat, err error) { heard <- err })
		if err := <-heard; err != nil {
			t.Fatal(err)
		}
		*seat.session = s
	}
	return r
}

// next does what comes next in a round that is drawn: a move, or two rematches.
func (r *turn) next(done func(bool, error)) {
	players := [...]*play.Session{r.host, r.guest}
	if r.ply == 9 {
		r.round, r.ply = r.round+1, 0
		r.host.Rematch(func(bool, error) {})
		r.guest.Rematch(func(bool, error) {})
	}
	cell := [...]int{0, 1, 2, 4, 3, 5, 7, 6, 8}[r.ply]
	players[(r.round+1+r.ply)%2].Move(cell, r.round, r.ply, done)
	r.ply++
}

// BenchmarkShell is what moves cost besides the store and the sockets, with 500
// rooms at it all the time: two rematches with every nine moves.
func BenchmarkShell(b *testing.B) {
	h, err := play.Open(b.Context(), play.Config{Store: newMemory(b), Rules: rules, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(h.Close)
	const rooms = 500
	moved := make(chan *turn, rooms)
	done := map[*turn]func(bool, error){}
	for range rooms {
		r := pair(b, h)
		done[r] = func(changed bool, err error) {
			if !changed || err != nil {
				b.Errorf("round %d ply %d: %v, %v", r.round, r.ply, changed, err)
			}
			moved <- r
		}
		moved <- r
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		r := <-moved
		r.next(done[r])
	}
	for range rooms {
		<-moved
	}
}

// TestIdleHouse: goroutines that wait for work are for a house that has some.
func TestIdleHouse(t *testing.T) {
	s := start(t, filepath.Join(storetest.Dir(t), "tictac.db"), &clock{}, rules, false)
	_, host := s.create(t)
	host.Close()
	eventually(t, "the goroutine that marked the seat as away waits", func() bool { return s.Waiting() > 0 })
	go func() { _ = s.Run(t.Context()) }()
	eventually(t, "it is dismissed", func() bool { return s.Waiting() == 0 })
}
