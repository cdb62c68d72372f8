package room

import (
	"slices"
	"time"

	"tictac/game"
)

// A Kind says what an Event tells.
type Kind string

// The kinds, with the fields of Event that each uses besides At.
const (
	Opened       Kind = "opened"        // Code, Key, Name, Who, Rules, UpSince, Until, Open, Turn
	Joined       Kind = "joined"        // Key, Name, Who, Until, Computer, Open (by quick match)
	Attached     Kind = "attached"      // Seat, Server
	Detached     Kind = "detached"      // Seat, Server, Until, Lost (a dead server's)
	RoundBegan   Kind = "round_began"   // Round, RoundID, Mark (the host's)
	Moved        Kind = "moved"         // Seat, Cell
	RoundEnded   Kind = "round_ended"   // Ending, Mark (the winner's), Seat (who resigned, left or was too slow)
	RematchAsked Kind = "rematch_asked" // Seat
	GuestLeft    Kind = "guest_left"    //
	RoomClosed   Kind = "room_closed"   // Reason
	Touch        Kind = "touched"       //
	Resumed      Kind = "resumed"       // UpSince, Rules
	Checked      Kind = "checked"       // the index was early: look again at Due
)

// An Event is a fact about a room, with all that it takes to Apply it. Events
// are kept in the log of an open round as JSON.
type Event struct {
	Kind    Kind      `json:"e"`
	At      Instant   `json:"t"`
	Seat    Seat      `json:"seat,omitempty"`
	Cell    int       `json:"cell,omitempty"`
	Mark    game.Mark `json:"mark,omitempty"`
	Ending  Ending    `json:"ending,omitempty"`
	Reason  Reason    `json:"reason,omitempty"`
	Round   int       `json:"round,omitempty"`
	RoundID string    `json:"round_id,omitempty"`
	Code    string    `json:"code,omitempty"`
	Key     string    `json:"key,omitempty"`
	Name    string    `json:"name,omitempty"`
	Who     string    `json:"who,omitempty"`
	Server  string    `json:"server,omitempty"`
	Until   Instant   `json:"until,omitempty"`
	UpSince Instant   `json:"up_since,omitempty"`
	Rules   *Rules    `json:"rules,omitempty"`

	Lost     bool          `json:"lost,omitempty"`
	Computer game.Level    `json:"computer,omitempty"`
	Open     bool          `json:"open,omitempty"`
	Turn     time.Duration `json:"turn,omitempty"`
}

// Fold applies the events of one commit, which makes the next revision.
func Fold(s State, events []Event) State {
	s.applyAll(events)
	s.Rev++
	return s
}

// Apply makes an event part of the state. It is total: an event is a fact and
// cannot be refused.
func Apply(s State, e Event) State {
	s.apply(&e)
	return s
}

func (s *State) applyAll(events []Event) {
	for i := range events {
		s.apply(&events[i])
	}
}

// apply is Apply to a state that is one's own copy, as all that it calls.
func (s *State) apply(e *Event) {
	switch e.Kind {
	case Opened:
		s.Code, s.Phase, s.Rules, s.UpSince, s.HostMark = e.Code, Waiting, *e.Rules, e.UpSince, game.X
		s.Open, s.Turn = e.Open, e.Turn
		s.Host = Player{Key: e.Key, Name: e.Name, Who: e.Who, Until: e.Until}
	case Joined:
		s.Guest = Player{Key: e.Key, Name: e.Name, Who: e.Who, Computer: e.Computer, Until: e.Until}
		s.Open = e.Open // who came by a link is a friend: the room is private from now on
	case RoundBegan:
		s.Phase, s.Round, s.RoundID, s.HostMark, s.Began = Playing, e.Round, e.RoundID, e.Mark, e.At
		s.Moves, s.Ended, s.Winner = nil, "", game.None
		s.Host.Rematch, s.Guest.Rematch = false, false
		s.startTurn(e.At)
	case Moved:
		moves := make([]Played, 0, len(s.Moves)+1) // the old ones stay as they are
		s.Moves = append(append(moves, s.Moves...), Played{Cell: e.Cell, At: e.At})
		s.startTurn(e.At)
	case RoundEnded:
		s.endRound(e)
	case RematchAsked:
		s.seat(e.Seat).Rematch = true
	case GuestLeft:
		s.clearTable()
	case RoomClosed:
		s.Phase, s.Reason = Closed, e.Reason
	case Attached:
		p := s.seat(e.Seat)
		if len(p.Online) > 0 { // most likely on a server that is stopping, or dead
			s.stand(e.Seat)
		}
		p.Online, p.Until = append(slices.Clip(p.Online), e.Server), 0
		s.back(e.Seat, e.At)
	case Detached:
		p := s.seat(e.Seat)
		p.Online = without(p.Online, e.Server)
		p.Until = e.Until
		if e.Lost {
			s.stand(e.Seat)
		}
	case Resumed:
		s.resume(e)
	}
	if touches(e) {
		s.Touched = max(s.Touched, e.At)
	}
	// The store's index may be early, never late: a move, which only puts
	// idleness off, leaves it alone.
	if due := s.Due(); s.Wake <= e.At || s.Wake > due || e.Kind == Checked {
		s.Wake = due
	}
}

// touches reports whether an event keeps a room from being idle: what players
// do does; what becomes of their sockets, of their seats or of the servers does
// not.
func touches(e *Event) bool {
	switch e.Kind {
	case Detached, Resumed, Checked, GuestLeft, RoomClosed:
		return false
	case RoundEnded:
		return e.Ending != ByLeft && e.Ending != Expired
	}
	return true
}

// startTurn winds the clock, if there is one, for the player who is to move now.
func (s *State) startTurn(at Instant) {
	if s.Turn > 0 {
		s.TurnUntil, s.Stood = at.Add(s.Turn), false
	}
}

func (s *State) endRound(e *Event) {
	s.Phase, s.Ended, s.Winner = Over, e.Ending, e.Mark
	s.TurnUntil, s.Stood = 0, false
	switch {
	case e.Ending == ByDraw:
		s.Draws++
	case e.Mark == game.None:
	case e.Mark == s.HostMark:
		s.Host.Wins++
	default:
		s.Guest.Wins++
	}
}

// clearTable resets the room for a new opponent. That the last round ended by
// the guest's leaving stays to be seen until the next one joins.
func (s *State) clearTable() {
	s.Phase, s.HostMark, s.Moves, s.Winner = Waiting, game.X, nil, game.None
	if s.Ended != ByLeft {
		s.Ended = ""
	}
	s.Guest, s.Draws = Player{}, 0
	s.Host.Wins, s.Host.Rematch = 0, false
}

func (s *State) resume(e *Event) {
	s.UpSince, s.Rules = e.UpSince, *e.Rules
	s.Touched = max(s.Touched, e.UpSince)
	until := e.UpSince.Add(max(s.Rules.graceIn(s.Phase), FirstHello))
	for _, seat := range [...]Seat{Host, Guest} {
		if p := s.seat(seat); p.Away() {
			p.Until = max(p.Until, until)
		}
	}
	if s.TurnUntil > 0 {
		s.TurnUntil, s.Stood = max(s.TurnUntil, e.UpSince.Add(StandTime)), true
	}
}

func without(servers []string, gone string) []string {
	var rest []string
	for _, s := range servers {
		if s != gone {
			rest = append(rest, s)
		}
	}
	return rest
}
