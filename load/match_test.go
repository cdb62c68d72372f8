package load

import (
	"math/rand/v2"
	"strings"
	"testing"

	"tictac/game"
)

// truth is a room on the server's side, told apart from match so that one can be
// tested by the other.
type truth struct {
	rev, round int
	cells      []int
	hosts      game.Mark
	wins       [2]int
	draws      int
	resigned   game.Mark
	over       bool
}

func newTruth() *truth { return &truth{rev: 104, round: 1, hosts: game.X} }

func (s *truth) board() (b game.Board) {
	for i, cell := range s.cells {
		b[cell] = [...]game.Mark{game.X, game.O}[i%2]
	}
	return b
}

func (s *truth) play(cell int) {
	s.cells = append(s.cells, cell)
	s.finish()
}

func (s *truth) resign(m game.Mark) {
	s.resigned = m
	s.finish()
}

func (s *truth) finish() {
	s.rev++
	winner, _ := s.board().Winner()
	if s.resigned != game.None {
		winner = s.resigned.Other()
	}
	s.over = winner != game.None || len(s.cells) == game.Cells
	switch {
	case !s.over:
	case winner == game.None:
		s.draws++
	case winner == s.hosts:
		s.wins[host]++
	default:
		s.wins[guest]++
	}
}

func (s *truth) rematch() {
	s.rev += 2
	s.round++
	s.cells, s.over, s.resigned, s.hosts = nil, false, game.None, s.hosts.Other()
}

func (s *truth) view() message {
	b := s.board()
	v := message{kind: []byte("view"), code: []byte("a1b2c3"), rev: s.rev, phase: playing, round: s.round, ply: len(s.cells), board: b, turn: b.Turn(), draws: s.draws}
	v.players[host] = seated{mark: s.hosts, wins: s.wins[host]}
	v.players[guest] = seated{mark: s.hosts.Other(), wins: s.wins[guest]}
	if !s.over {
		return v
	}
	winner, line := b.Winner()
	v.phase, v.turn, v.ended, v.winner = over, game.None, []byte("draw"), winner
	if winner != game.None {
		v.ended = []byte("line")
	}
	if s.resigned != game.None {
		v.ended, v.winner = []byte("resign"), s.resigned.Other()
	}
	for _, cell := range line {
		v.line |= 1 << cell
	}
	return v
}

// sees fails the test unless the view is right.
func sees(t *testing.T, m *match, v message, known shown) {
	t.Helper()
	if got := m.see(&v, known); got != (verdict{}) {
		t.Fatalf("%+v of %+v", got, v)
	}
}

// TestRightViews plays random matches; whoever watches them may be late.
func TestRightViews(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s, m := newTruth(), newMatch("a1b2c3")
	for range 500 {
		late := s.view()
		sees(t, &m, s.view(), m.shown())
		switch {
		case s.over:
			m.now.asked = [2]bool{true, true}
			s.rematch()
			sees(t, &m, late, shown{late.round, late.ply}) // nobody has seen the new round yet
			sees(t, &m, s.view(), m.shown())
			sees(t, &m, late, shown{late.round, late.ply}) // one has, the other has not
		case random.IntN(20) == 0:
			who := s.board().Turn()
			m.now.resigned = who
			sees(t, &m, late, m.shown())
			s.resign(who)
		default:
			cell := random.IntN(game.Cells)
			for s.board()[cell] != game.None {
				cell = random.IntN(game.Cells)
			}
			m.now.play(cell)
			sees(t, &m, late, m.shown())
			s.play(cell)
		}
	}
	if s.round < 20 || s.draws == 0 || s.wins[host] == 0 || s.wins[guest] == 0 {
		t.Errorf("dull games: %+v", s)
	}
}

// scripted is a match and its truth after some moves.
func scripted(cells ...int) (*truth, *match) {
	s, m := newTruth(), newMatch("a1b2c3")
	for _, cell := range cells {
		m.now.play(cell)
		s.play(cell)
	}
	return s, &m
}

func TestWrongViews(t *testing.T) {
	for name, lie := range map[string]func(v *message){
		"another room":    func(v *message) { v.code = []byte("ffffff") },
		"a mark more":     func(v *message) { v.board[8] = game.X },
		"a mark less":     func(v *message) { v.board[0] = game.None },
		"another mark":    func(v *message) { v.board[0] = game.O },
		"a later ply":     func(v *message) { v.ply++ },
		"a later round":   func(v *message) { v.round++ },
		"an absurd ply":   func(v *message) { v.ply = 100 },
		"the wrong phase": func(v *message) { v.phase = playing },
		"still waiting":   func(v *message) { v.phase = waiting },
		"the loser won":   func(v *message) { v.winner = game.O },
		"nobody won":      func(v *message) { v.winner = game.None },
		"another line":    func(v *message) { v.line = 7 << 3 },
		"no line":         func(v *message) { v.line = 0 },
		"ended otherwise": func(v *message) { v.ended = []byte("draw") },
		"somebody's turn": func(v *message) { v.turn = game.O },
		"a win too many":  func(v *message) { v.players[guest].wins++ },
		"a win too few":   func(v *message) { v.players[host].wins-- },
		"a draw too many": func(v *message) { v.draws++ },
		"marks swapped": func(v *message) {
			v.players[host].mark, v.players[guest].mark = game.O, game.X
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, m := scripted(0, 3, 1, 4, 2)
			v := s.view()
			lie(&v)
			if got := m.see(&v, m.shown()); got.wrong == "" {
				t.Errorf("nobody noticed: %+v", v)
			}
			sees(t, m, s.view(), m.shown())
		})
	}
}

// TestOneRevisionOneRoom: two rooms under one revision, or the newer under the older.
func TestOneRevisionOneRoom(t *testing.T) {
	s, m := scripted(0)
	sees(t, m, s.view(), m.shown())
	m.now.play(1)
	for _, rev := range []int{s.rev, s.rev - 1} {
		next := newTruth()
		next.play(0)
		next.play(1)
		v := next.view()
		v.rev = rev
		if got := m.see(&v, shown{1, 0}); !strings.Contains(got.wrong, "revision") {
			t.Errorf("revision %d: %+v", rev, got)
		}
	}
}

func TestLostMoves(t *testing.T) {
	for _, k := range []struct {
		name  string
		kept  int   // moves that the server still has
		rev   int   // more than before
		known shown // by the socket
		lost  int
	}{
		{"the last, seen under a newer revision", 2, 1, shown{1, 0}, 1},
		{"the last, known when hello was said", 2, -1, shown{1, 3}, 1},
		{"all", 0, 5, shown{1, 0}, 3},
		{"none: the view is late", 2, -1, shown{1, 2}, 0},
	} {
		t.Run(k.name, func(t *testing.T) {
			s, m := scripted(0, 3, 1)
			sees(t, m, s.view(), m.shown())
			old, _ := scripted([]int{0, 3, 1}[:k.kept]...)
			old.rev = s.rev + k.rev
			v := old.view()
			got := m.see(&v, k.known)
			if got.wrong != "" || got.lost != k.lost {
				t.Errorf("%+v, want %d lost", got, k.lost)
			}
			if k.lost > 0 { // the game goes on from there
				m.now.play(8)
				old.play(8)
				sees(t, m, old.view(), m.shown())
			}
		})
	}
}

// TestLostRound: the server has forgotten that a round ended and another began.
func TestLostRound(t *testing.T) {
	s, m := scripted(0, 3, 1, 4, 2)
	before, _ := scripted(0, 3, 1, 4)
	sees(t, m, s.view(), m.shown())
	m.now.asked = [2]bool{true, true}
	s.rematch()
	sees(t, m, s.view(), m.shown())
	m.now.play(5)
	s.play(5)
	sees(t, m, s.view(), m.shown())
	before.rev = s.rev + 1
	v := before.view()
	if got := m.see(&v, m.shown()); got != (verdict{lost: 2}) {
		t.Fatalf("%+v, want 2 lost", got)
	}
	m.now.play(2)
	before.play(2)
	sees(t, m, before.view(), m.shown())
}

// TestResignationHolds: once it was shown, it stays.
func TestResignationHolds(t *testing.T) {
	s, m := scripted(0, 3)
	m.now.resigned = game.X
	late := s.view()
	s.resign(game.X)
	sees(t, m, s.view(), m.shown())
	sees(t, m, late, shown{1, 2})
	late.rev = s.rev + 1
	if got := m.see(&late, m.shown()); got.wrong == "" {
		t.Error("the round went on after its end, and nobody noticed")
	}
}
