package room

import (
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"tictac/game"
)

// Due is the next moment at which something must happen here unless somebody
// acts before: a grace that is over, the clock, the computer's move, or idleness.
// Send Expire then. It is what any server may act on.
func (s *State) Due() Instant { return s.DueOn("") }

// DueOn is Due for a server: one on which the player to move has a socket calls
// the clock at its moment.
func (s *State) DueOn(server string) Instant {
	_, at := s.next(server)
	return at
}

// A deadline is something that a room waits for.
type deadline uint8

const (
	idle deadline = iota
	hostAway
	guestAway
	clock
	computer
)

// next is the deadline that comes first.
func (s *State) next(server string) (next deadline, at Instant) {
	at = s.Touched.Add(s.Rules.Idle)
	sooner := func(d deadline, moment Instant) {
		if moment < at || moment == at && next == idle {
			next, at = d, moment
		}
	}
	if s.Host.Away() {
		sooner(hostAway, s.Host.Until)
	}
	if s.Guest.Away() {
		sooner(guestAway, s.Guest.Until)
	}
	if s.Phase != Playing {
		return next, at
	}
	if s.seat(s.ToMove()).Computer != "" {
		sooner(computer, s.thoughtUntil())
	} else if s.TurnUntil > 0 {
		sooner(clock, s.clockOn(server))
	}
	return next, at
}

// StandTime is how long the clock stands at most, in one turn, while the player
// to move is absent because a server stopped or died.
const StandTime = 15 * time.Second

// clockOn is when a server may call the clock. A player who seems to be online
// may be so on a server that has died a moment ago: only a server on which it is
// knows better, and the others wait until all would have heard of that.
func (s *State) clockOn(server string) Instant {
	p := s.seat(s.ToMove())
	if p.Away() || slices.Contains(p.Online, server) {
		return s.TurnUntil
	}
	return s.TurnUntil.Add(StandTime)
}

// stand has the clock stand for a server's sake, once in a turn. Nobody has more
// than a whole turn left when they are back: see Apply of Attached.
func (s *State) stand(seat Seat) {
	if s.TurnUntil > 0 && !s.Stood && seat == s.ToMove() {
		s.TurnUntil, s.Stood = s.TurnUntil.Add(StandTime), true
	}
}

// back is a player's coming back while the clock has stood.
func (s *State) back(seat Seat, at Instant) {
	if s.Stood && seat == s.ToMove() {
		s.TurnUntil = min(s.TurnUntil, at.Add(s.Turn))
	}
}

// The computer's time to think is random between these, so that it seems alive.
const (
	thinkAtLeast = 400 * time.Millisecond
	thinkAtMost  = 900 * time.Millisecond
)

// thoughtUntil is when the computer, which is to move, moves.
func (s *State) thoughtUntil() Instant {
	since := s.Began
	if n := len(s.Moves); n > 0 {
		since = s.Moves[n-1].At
	}
	span := uint64((thinkAtMost - thinkAtLeast) / time.Millisecond)
	return since.Add(thinkAtLeast) + Instant(s.roll("think")%(span+1))
}

// roll is a number that chance has made, once for all servers and for ever: it
// follows from the random id of the round.
func (s *State) roll(what string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s.RoundID + " " + strconv.Itoa(s.Ply()) + " " + what)) // never fails
	x := h.Sum64()
	x ^= x >> 32 // the low digits of FNV are not random enough
	x *= 0x9e3779b97f4a7c15
	return x >> 16
}

// computerMoves is the move that the computer, which is to move, makes.
func computerMoves(s *State, at Instant) []Event {
	seat := s.ToMove()
	return play(s, seat, s.seat(seat).Computer.Choose(s.Board(), s.roll("cell")), at)
}

// play is a move that is legal, and what follows from it.
func play(s *State, seat Seat, cell int, at Instant) []Event {
	events := []Event{{Kind: Moved, At: at, Seat: seat, Cell: cell}}
	board, _ := s.Board().Play(cell, s.MarkOf(seat))
	if winner, _ := board.Winner(); winner != game.None {
		return append(events, Event{Kind: RoundEnded, At: at, Ending: ByLine, Mark: winner})
	}
	if board.Full() {
		return append(events, Event{Kind: RoundEnded, At: at, Ending: ByDraw})
	}
	return events
}
