package storetest

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

// atOnce is how many rooms are played in at the same time.
const atOnce = 50

// A Trouble is what happens to servers from outside while a history is made,
// until ctx ends. By kill one of them is cut off from the store for good and
// says goodbye to nobody; its players go to the others.
type Trouble func(ctx context.Context, kill func(server int))

// Linearizable plays at random in rooms, through one server or several, over a
// store that fails at random, and checks that what the players were told can be
// put into one order for each room in which package room says the same.
func Linearizable(t *testing.T, e Engine, servers, rooms int, seed uint64, troubles ...Trouble) {
	luck := &chance{rng: rand.New(rand.NewPCG(seed, seed))}
	var houses []*server
	for _, store := range e.servers(t, servers) {
		if e.Second == nil {
			store = Shared{store}
		}
		houses = append(houses, startServer(t, store))
	}
	began := time.Now()
	var matches []*match
	for range rooms {
		matches = append(matches, newMatch(t, houses, luck))
	}
	for _, h := range houses {
		h.store.Inject(luck.trouble)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var outside, playing sync.WaitGroup
	for _, trouble := range troubles {
		outside.Go(func() { trouble(ctx, func(i int) { houses[i].kill() }) })
	}
	slots := make(chan struct{}, atOnce)
	for _, m := range matches {
		slots <- struct{}{}
		playing.Go(func() { m.play(); <-slots })
	}
	playing.Wait()
	cancel()
	outside.Wait()
	for _, h := range houses {
		h.heal()
	}
	for _, m := range matches {
		m.look(0, m.house(0))
	}
	for _, h := range houses {
		h.stop()
	}
	played := time.Since(began)
	sum := judge(t, matches)
	t.Logf("seed %d, %d rooms, played in %v, checked in %v: %v", seed, rooms,
		played.Round(time.Millisecond), (time.Since(began) - played).Round(time.Millisecond), sum)
}

// judge checks all histories, up to the third that fails, and adds up what they
// consist of.
func judge(t *testing.T, matches []*match) map[string]int {
	sum, failed := map[string]int{}, 0
	for _, m := range matches {
		if !m.history.check(t, m.begin) {
			failed++
		}
		if failed == 3 {
			t.Fatal("that is enough: the rest is not looked at")
		}
		m.count(sum)
	}
	return sum
}

// A server is a running House over a store that can fail.
type server struct {
	*play.House
	store *Faulty
	dead  atomic.Bool
	stop  func()
}

func startServer(t *testing.T, store play.Store) *server {
	s := &server{store: NewFaulty(store)}
	var err error
	s.House, err = play.Open(t.Context(), play.Config{
		Store: s.store, Log: slog.New(slog.DiscardHandler),
		Rules: room.Rules{Grace: time.Hour, WaitingGrace: time.Hour, Idle: 10 * time.Hour},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	s.stop = func() {
		cancel()
		running.Wait()
		s.Close()
	}
	return s
}

// kill cuts a server off.
func (s *server) kill() {
	s.dead.Store(true)
	s.store.Inject(func(Op) Fault { return NotMade })
}

// heal ends the faults, those of a dead server aside.
func (s *server) heal() {
	if !s.dead.Load() {
		s.store.Heal()
	}
	s.store.Wait()
}

// A match is a room, the clients in it, and what they were told.
type match struct {
	t       testing.TB
	houses  []*server
	luck    *chance
	code    string
	begin   room.State
	history history

	mu      sync.Mutex
	secrets []string // the host's, then those of guests; a join of unknown outcome has one too
}

func newMatch(t *testing.T, houses []*server, luck *chance) *match {
	code, secret, err := houses[0].Create(t.Context(), "Ann")
	if err != nil {
		t.Fatal(err)
	}
	view, err := houses[0].Look(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	m := &match{t: t, houses: houses, luck: luck, code: code, begin: *view.State, secrets: []string{secret}}
	m.history.clock = new(atomic.Int64)
	return m
}

// play has clients do things at random, each one after the other.
func (m *match) play() {
	var wg sync.WaitGroup
	for client, secret := range []int{0, 0, 1, 1, 2} {
		wg.Go(func() {
			for range 7 {
				if m.turn(client, m.house(client), secret) {
					return
				}
			}
		})
	}
	wg.Wait()
}

// house is the server that a client goes to: its own, or if that one is dead
// the next.
func (m *match) house(client int) *server {
	for i := range m.houses {
		if h := m.houses[(client+i)%len(m.houses)]; !h.dead.Load() {
			return h
		}
	}
	panic("all servers are dead")
}

// turn is a session with a few commands in it, or something done without one.
func (m *match) turn(client int, h *server, secret int) (gone bool) {
	if client > 1 && m.luck.n(3) == 0 {
		m.join(client, h)
	}
	if m.luck.n(4) == 0 {
		m.look(client, h)
	}
	p, err := m.hello(client, h, m.secret(secret))
	if p == nil {
		return err == room.NotFound
	}
	defer p.Close()
	for range 1 + m.luck.n(4) {
		m.command(client, h, p)
	}
	return false
}

func (m *match) secret(i int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i > 0 { // a guest: one of the last
		i = max(0, len(m.secrets)-i)
	}
	return m.secrets[i]
}

func (m *match) join(client int, h *server) {
	call := m.history.clock.Add(1)
	secret, err := h.Join(m.t.Context(), m.code, "Bob")
	cmd := room.Join{Key: play.KeyOf(secret), Name: "Bob", RoundID: "r"}
	if err == nil || err == play.Unavailable {
		m.mu.Lock()
		m.secrets = append(m.secrets, secret)
		m.mu.Unlock()
	}
	m.history.note(client, call, input{cmd, true}, output{unknown: err == play.Unavailable, changed: err == nil, err: err})
}

func (m *match) look(client int, h *server) {
	call := m.history.clock.Add(1)
	v, err := h.Look(m.t.Context(), m.code)
	switch err {
	case play.Unavailable: // it had no effect, and nobody was told anything
	case nil:
		m.history.note(client, call, input{}, output{looks: looks(*v.State)})
	default:
		m.history.note(client, call, input{room.Look{}, true}, output{err: err})
	}
}

func (m *match) hello(client int, h *server, secret string) (*Player, error) {
	call := m.history.clock.Add(1)
	p, _, err := Enter(h.House, m.code, secret)
	if err != play.Unavailable {
		cmd := room.Attach{Key: play.KeyOf(secret), Server: "any"}
		m.history.note(client, call, input{cmd, false}, output{err: err})
	}
	if err == nil {
		m.seen(client, call, p)
	}
	return p, err
}

// seen notes what a player sees after an answer: the room as it was at some
// moment since the question.
func (m *match) seen(client int, call int64, p *Player) {
	m.history.note(client+10, call, input{}, output{looks: looks(*p.View().State)})
}

// command does something at random. A move mostly goes by what the player sees.
func (m *match) command(client int, h *server, p *Player) {
	key := play.KeyOf(p.Secret)
	var cmd room.Command
	var send func() (bool, error)
	switch n := m.luck.n(100); {
	case n < 2:
		cmd, send = room.Leave{Key: key}, p.Leave
	case n < 6:
		cmd, send = room.Resign{Key: key}, p.Resign
	case n < 20 || p.View().State.Phase == room.Over && n < 70:
		cmd, send = room.Rematch{Key: key, RoundID: "r"}, p.Rematch
	default:
		s := p.View().State
		move := room.Move{Key: key, Cell: m.luck.n(9), Round: s.Round, Ply: s.Ply()}
		if n < 30 {
			move.Round, move.Ply = -1, -1
		}
		cmd, send = move, func() (bool, error) { return p.Move(move.Cell, move.Round, move.Ply) }
	}
	for range 3 { // who hears nothing says it again
		if h.dead.Load() {
			return
		}
		call := m.history.clock.Add(1)
		changed, err := send()
		unknown := err == play.Unavailable
		m.history.note(client, call, input{cmd, true}, output{unknown: unknown, changed: changed, err: err})
		if !unknown {
			m.seen(client, call, p)
			return
		}
	}
}

// count adds up what a history consists of, to show that it is worth something.
func (m *match) count(sum map[string]int) {
	sum["operations"] += len(m.history.ops)
	for _, op := range m.history.ops {
		switch out := op.Output.(output); {
		case out.unknown:
			sum["unknown"]++
		case out.changed:
			sum["changes"]++
		case out.err != nil:
			sum["refused"]++
		}
	}
}
