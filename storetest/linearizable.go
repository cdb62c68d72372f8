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

// standby is how many servers wait to take the place of those that are killed.
const standby = 3

// A Trouble is what happens to servers from outside while a history is made,
// until ctx ends.
type Trouble func(ctx context.Context, h *Histories)

// Histories are what rooms go through on several servers.
type Histories struct {
	servers []*server // those in use are the first that live
	inUse   int
	rooms   int
	played  atomic.Int64 // rooms that are
}

// Played is the share of the rooms that have been played in.
func (h *Histories) Played() float64 { return float64(h.played.Load()) / float64(h.rooms) }

// Kill cuts the i-th server off from the store for good: it says goodbye to
// nobody. Its players go to the others, which are joined by another one, as long
// as there are any.
func (h *Histories) Kill(i int) {
	if living := h.living(); len(living) > h.inUse {
		living[i].kill()
	}
}

func (h *Histories) living() (living []*server) {
	for _, s := range h.servers {
		if !s.dead.Load() {
			living = append(living, s)
		}
	}
	return living
}

// server is the one that a client goes to.
func (h *Histories) server(client int) *server { return h.living()[client%h.inUse] }

// Linearizable plays at random in rooms, through one server or several, over a
// store that fails at random, and checks that what the players were told can be
// put into one order for each room in which package room says the same.
func Linearizable(t *testing.T, e Engine, servers, rooms int, seed uint64, troubles ...Trouble) {
	luck := &chance{rng: rand.New(rand.NewPCG(seed, seed))}
	h := &Histories{inUse: servers, rooms: rooms}
	all := servers
	if len(troubles) > 0 {
		all += standby
	}
	for _, store := range e.servers(t, all) {
		if e.Second == nil {
			store = Shared{store}
		}
		h.servers = append(h.servers, startServer(t, store))
	}
	began := time.Now()
	var matches []*match
	for range rooms {
		matches = append(matches, newMatch(t, h, luck))
	}
	for _, s := range h.servers {
		s.store.Inject(luck.trouble)
	}
	h.play(t.Context(), matches, troubles)
	for _, s := range h.servers {
		s.heal()
	}
	for _, m := range matches {
		m.look(0, h.server(0))
	}
	for _, s := range h.servers {
		s.stop()
	}
	played := time.Since(began)
	sum := judge(t, matches)
	t.Logf("seed %d, %d rooms, played in %v, checked in %v: %v", seed, rooms,
		played.Round(time.Millisecond), (time.Since(began) - played).Round(time.Millisecond), sum)
	if sum["changes"] == 0 || sum["refused"] == 0 || sum["unknown"] == 0 {
		t.Errorf("these histories show little: %v", sum)
	}
}

// play has all matches played, some at a time, in the troubles.
func (h *Histories) play(ctx context.Context, matches []*match, troubles []Trouble) {
	ctx, cancel := context.WithCancel(ctx)
	var outside, playing sync.WaitGroup
	for _, trouble := range troubles {
		outside.Go(func() { trouble(ctx, h) })
	}
	slots := make(chan struct{}, atOnce)
	for _, m := range matches {
		slots <- struct{}{}
		playing.Go(func() { m.play(); h.played.Add(1); <-slots })
	}
	playing.Wait()
	cancel()
	outside.Wait()
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
		Store: s.store.AsQueue(), Log: slog.New(slog.DiscardHandler),
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
	in      *Histories
	luck    *chance
	code    string
	begin   room.State
	history chronicle

	mu      sync.Mutex
	secrets []string // the host's, then those of guests; a join of unknown outcome has one too
}

func newMatch(t *testing.T, in *Histories, luck *chance) *match {
	code, secret, err := in.servers[0].Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	view, err := in.servers[0].Look(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	m := &match{t: t, in: in, luck: luck, code: code, begin: *view.State, secrets: []string{secret}}
	m.history.clock = new(atomic.Int64)
	return m
}

// play has clients do things at random, each one after the other.
func (m *match) play() {
	var wg sync.WaitGroup
	for client, secret := range []int{0, 0, 1, 1, 2} {
		wg.Go(func() {
			for range 7 {
				if m.turn(client, m.in.server(client), secret) {
					return
				}
			}
		})
	}
	wg.Wait()
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
		if m.luck.n(20) == 0 {
			m.drop(client, p)
			return false
		}
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
	secret, err := h.Join(m.t.Context(), m.code, "Bob", "")
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

// A request has a command carried out in a session.
type request func(done func(changed bool, err error))

// choose is something to do, at random. A move mostly goes by what the player
// sees.
func (m *match) choose(p *Player) (cmd room.Command, send request) {
	key := play.KeyOf(p.Secret)
	switch n := m.luck.n(100); {
	case n < 2:
		return room.Leave{Key: key}, p.Session.Leave
	case n < 6:
		return room.Resign{Key: key}, p.Session.Resign
	case n < 20 || p.View().State.Phase == room.Over && n < 70:
		return room.Rematch{Key: key, RoundID: "r"}, p.Session.Rematch
	default:
		s := p.View().State
		move := room.Move{Key: key, Cell: m.luck.n(9), Round: s.Round, Ply: s.Ply()}
		if n < 30 {
			move.Round, move.Ply = -1, -1
		}
		return move, func(done func(bool, error)) { p.Session.Move(move.Cell, move.Round, move.Ply, done) }
	}
}

// drop is a socket that is cut with a command under way: what becomes of it
// nobody is told.
func (m *match) drop(client int, p *Player) {
	cmd, send := m.choose(p)
	call := m.history.clock.Add(1)
	send(func(bool, error) {})
	p.Close()
	m.history.note(client, call, input{cmd, true}, output{unknown: true})
}

// command does something, again when it is not known whether it was done.
func (m *match) command(client int, h *server, p *Player) {
	cmd, send := m.choose(p)
	for range 3 { // who hears nothing says it again
		if h.dead.Load() {
			return
		}
		call := m.history.clock.Add(1)
		changed, err := ask(send)
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
