package load

import (
	"fmt"

	"tictac/game"
)

// A round is one game as it must be: all moves that were sent, in order. A view
// may be behind it, but can show nothing else.
type round struct {
	no       int
	boards   [game.Cells + 1]game.Board // after so many moves
	cells    [game.Cells]int
	n        int       // moves sent
	shown    int       // moves that some view has shown: they are acknowledged
	resigned game.Mark // who has said so, if anybody
	ended    bool      // some view has shown the end
	marks    [2]game.Mark
	asked    [2]bool // for a rematch
	winner   game.Mark
	line     uint16
}

func newRound(no int, hosts game.Mark) round {
	return round{no: no, marks: [2]game.Mark{hosts, hosts.Other()}}
}

// play adds a move, which must be a legal one.
func (r *round) play(cell int) {
	b, _ := r.boards[r.n].Play(cell, r.boards[r.n].Turn())
	r.cells[r.n] = cell
	r.n++
	r.boards[r.n] = b
	r.settle()
}

// settle finds out whether somebody has won by the last move.
func (r *round) settle() {
	winner, line := r.boards[r.n].Winner()
	r.winner, r.line = winner, 0
	for _, cell := range line {
		r.line |= 1 << cell
	}
}

// cut takes back all moves but the first n.
func (r *round) cut(n int) {
	r.n, r.shown = n, n
	r.resigned, r.ended, r.asked = game.None, false, [2]bool{}
	r.settle()
}

// A match is a room as it must be: the round that is being played, the one
// before (somebody may not have seen yet that it is past), and the score.
type match struct {
	code      string
	now, past round
	wins      [2]int // without this round
	draws     int
	rev       int // the highest that was shown
}

func newMatch(code string) match { return match{code: code, now: newRound(1, game.X)} }

// A mark in time: what had been shown of a match at some moment.
type shown struct{ round, ply int }

func (m *match) shown() shown { return shown{m.now.no, m.now.shown} }

func (s shown) after(other shown) bool {
	return s.round > other.round || s.round == other.round && s.ply > other.ply
}

// next begins another round, in which marks change sides.
func (m *match) next() {
	switch {
	case m.now.resigned != game.None:
		m.wins[m.seatOf(m.now.resigned.Other())]++
	case m.now.winner != game.None:
		m.wins[m.seatOf(m.now.winner)]++
	default:
		m.draws++
	}
	m.past = m.now
	m.now = newRound(m.past.no+1, m.past.marks[guest])
}

func (m *match) seatOf(mark game.Mark) seat {
	if m.now.marks[host] == mark {
		return host
	}
	return guest
}

// A verdict is what a view is found to be.
type verdict struct {
	wrong string // what is not as it must be, or empty
	lost  int    // acknowledged moves that it does not have
}

func wrong(format string, args ...any) verdict { return verdict{wrong: fmt.Sprintf(format, args...)} }

// see checks a view on a socket where everything up to known must be shown, and
// takes in what it shows for the first time. After a loss the match goes on from
// where the server stands.
func (m *match) see(v *message, known shown) verdict {
	if string(v.code) != m.code {
		return wrong("it is of room %q", v.code)
	}
	now := shown{v.round, v.ply}
	if v.round == m.now.no+1 && m.now.ended && m.now.asked[host] && m.now.asked[guest] {
		m.next()
	}
	lost := 0
	switch {
	case known.after(now), v.rev > m.rev && m.shown().after(now):
		if lost = m.rollback(now); lost == 0 {
			return wrong("what was shown before is gone")
		}
	case v.rev <= m.rev && now.after(m.shown()), v.rev == m.rev && now != m.shown():
		return wrong("revision %d was something else, or later", m.rev)
	}
	r := &m.now
	if v.round != r.no {
		r = &m.past
	}
	if v.round != r.no || v.ply > r.n {
		return verdict{fmt.Sprintf("nobody has come to round %d, move %d", v.round, v.ply), lost}
	}
	if what := m.differs(r, v); what != "" {
		return verdict{what, lost}
	}
	if r == &m.now {
		m.note(v)
	}
	return verdict{"", lost}
}

// note takes in what a correct view of this round shows.
func (m *match) note(v *message) {
	m.rev = max(m.rev, v.rev)
	m.now.shown = max(m.now.shown, v.ply)
	if v.phase == over {
		m.now.ended = true
	}
}

// rollback goes back to where the server stands and returns how many
// acknowledged moves that costs.
func (m *match) rollback(to shown) (lost int) {
	if to.round == m.now.no {
		lost = m.now.shown - to.ply
		m.now.cut(to.ply)
	} else if to.round == m.past.no && to.ply <= m.past.n {
		lost = m.now.shown + m.past.shown - to.ply
		m.restore(to.ply)
	} else {
		return m.now.shown
	}
	m.rev = 0
	return lost
}

// restore makes the past round the present one, with n moves.
func (m *match) restore(n int) {
	full := m.past
	m.now, m.past = full, round{}
	switch {
	case full.resigned != game.None:
		m.wins[m.seatOf(full.resigned.Other())]--
	case full.winner != game.None:
		m.wins[m.seatOf(full.winner)]--
	default:
		m.draws--
	}
	if n < full.n || full.resigned != game.None {
		m.now.cut(n)
	}
}

// differs says in what a view is not the round after as many moves.
func (m *match) differs(r *round, v *message) string {
	if v.board != r.boards[v.ply] {
		return fmt.Sprintf("the board must be %v", r.boards[v.ply])
	}
	if v.players[host].mark != r.marks[host] || v.players[guest].mark != r.marks[guest] {
		return "the marks are on the wrong sides"
	}
	at, end := r.expect(v, v.rev > m.rev)
	switch {
	case v.phase != at:
		return "the phase is wrong"
	case v.winner != end.winner:
		return fmt.Sprintf("the winner must be %q", end.winner)
	case v.line != end.line:
		return fmt.Sprintf("the line must be %09b (cell 8 first)", end.line)
	case string(v.ended) != end.how:
		return fmt.Sprintf("ended must be %q", end.how)
	case v.turn != end.turn:
		return fmt.Sprintf("the turn must be %q", end.turn)
	}
	return m.scoreDiffers(r, v, end)
}

// An ending is what a view shows besides the board.
type ending struct {
	turn, winner game.Mark
	line         uint16
	how          string
}

// expect is what the round must look like after as many moves as the view has.
// Of a resignation that was said it takes the view's word, unless the view is the
// newest and an older one knew of it.
func (r *round) expect(v *message, newest bool) (phase, ending) {
	resigned := r.resigned != game.None && v.ply == r.n
	switch {
	case v.ply == r.n && r.winner != game.None:
		return over, ending{winner: r.winner, line: r.line, how: "line"}
	case v.ply == game.Cells:
		return over, ending{how: "draw"}
	case resigned && (v.phase == over || r.ended && newest):
		return over, ending{winner: r.resigned.Other(), how: "resign"}
	}
	return playing, ending{turn: r.boards[v.ply].Turn()}
}

// scoreDiffers compares the score, which counts this round once it is over.
func (m *match) scoreDiffers(r *round, v *message, end ending) string {
	wins, draws := m.wins, m.draws
	if v.phase == over && r == &m.now { // the past round is in the score already
		switch {
		case end.winner != game.None:
			wins[m.seatOf(end.winner)]++
		default:
			draws++
		}
	}
	if v.players[host].wins != wins[host] || v.players[guest].wins != wins[guest] || v.draws != draws {
		return fmt.Sprintf("the score must be %d:%d with %d draws", wins[host], wins[guest], draws)
	}
	return ""
}
