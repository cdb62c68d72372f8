package room

import (
	"time"

	"tictac/game"
)

// A View is what everybody in a room may see of it.
type View struct {
	Code    string
	Rev     int64
	Phase   Phase
	Round   int
	Ply     int
	Board   game.Board
	Turn    game.Mark // the mark to move, None unless playing
	Winner  game.Mark
	Line    []int // the winning cells, ascending
	Ended   Ending
	Host    PlayerView
	Guest   PlayerView // the zero one while there is none
	Draws   int
	Rated   bool   // a room of quick match
	RoundID string // while over: of the round
	Changes bool   // BackIn or TurnLeft go on changing by themselves

	TurnTime time.Duration // how long a player may think, 0 for as long as they like
	TurnLeft time.Duration // while playing by the clock: what is left to the player to move
}

// A PlayerView is what everybody may see of a player.
type PlayerView struct {
	Name    string
	Mark    game.Mark
	Online  bool
	Wins    int
	Rematch bool

	Computer game.Level    // what plays here, if no person
	BackIn   time.Duration // counts down while not online: how long the seat still waits, 0 at the least
}

// Taken reports whether there is a player.
func (p *PlayerView) Taken() bool { return p.Mark != game.None }

// View is the room as seen at a moment.
func (s *State) View(now Instant) View {
	v := View{
		Code: s.Code, Rev: s.Rev, Phase: s.Phase, Round: s.Round, Ply: s.Ply(), Board: s.Board(),
		Winner: s.Winner, Ended: s.Ended, Draws: s.Draws, Host: s.viewOf(Host, now),
		Changes: s.CountsDown(), Rated: s.Open, TurnTime: s.Turn,
	}
	if s.TurnUntil > 0 {
		v.TurnLeft = min(max(0, s.TurnUntil.Sub(now)), s.Turn) // while it stands, a whole turn is left
	}
	if s.Phase == Over {
		v.RoundID = s.RoundID
	}
	if s.Phase == Playing {
		v.Turn = markAt(s.Ply())
	}
	if s.Ended == ByLine {
		_, v.Line = v.Board.Winner()
	}
	if s.Guest.Taken() {
		v.Guest = s.viewOf(Guest, now)
	}
	return v
}

func (s *State) viewOf(seat Seat, now Instant) PlayerView {
	p := s.seat(seat)
	v := PlayerView{Name: p.Name, Mark: s.MarkOf(seat), Online: len(p.Online) > 0 || p.Computer != "", Wins: p.Wins, Rematch: p.Rematch, Computer: p.Computer}
	if p.Away() {
		v.BackIn = max(0, p.Until.Sub(now))
	}
	return v
}
