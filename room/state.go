package room

import (
	"fmt"
	"slices"
	"time"

	"tictac/game"
)

// An Instant is a moment in milliseconds since 1970, UTC. Zero is "never".
type Instant int64

// At is the Instant of t, rounded down to the millisecond.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Add is the instant d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Milliseconds()) }

// Sub is the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Millisecond }

// Time is the instant as a time in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// A Seat is a place in a room.
type Seat uint8

// The seats. Spectator is the zero Seat: somebody who may only watch.
const (
	Spectator Seat = iota
	Host
	Guest
)

// String is the name on the wire: "host", "guest" or "spectator".
func (s Seat) String() string { return [...]string{"spectator", "host", "guest"}[s] }

// MarshalText makes a seat its String in JSON.
func (s Seat) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is the reverse of MarshalText.
func (s *Seat) UnmarshalText(text []byte) error {
	for _, seat := range [...]Seat{Spectator, Host, Guest} {
		if seat.String() == string(text) {
			*s = seat
			return nil
		}
	}
	return fmt.Errorf("room: %q is no seat", text)
}

// Other is the seat across the board.
func (s Seat) Other() Seat { return [...]Seat{Spectator, Guest, Host}[s] }

// A Phase is what a room is doing. The zero Phase is a room that has not been
// opened yet.
type Phase string

// The phases. Closed is never told in a view: such a room is gone.
const (
	Waiting Phase = "waiting"
	Playing Phase = "playing"
	Over    Phase = "over"
	Closed  Phase = "closed"
)

// An Ending is how a round ended.
type Ending string

// The endings. ByClock: who was to move let the time run out. Expired is found in
// the log only: the room closed for idleness in mid-round.
const (
	ByLine   Ending = "line"
	ByDraw   Ending = "draw"
	ByResign Ending = "resign"
	ByLeft   Ending = "left"
	ByClock  Ending = "clock"
	Expired  Ending = "expired"
)

// A Reason is why a room closed.
type Reason string

// The reasons.
const (
	HostLeft Reason = "host_left"
	Idle     Reason = "expired"
)

// Rules are the time limits of a room. They are set when it is opened, and
// again when the store comes back after an outage (see Resume), so that a
// server started with other settings is obeyed.
type Rules struct {
	Grace        time.Duration `json:"grace"`   // how long a vanished player's seat waits; 0 frees it at once
	WaitingGrace time.Duration `json:"waiting"` // the same for a host who is alone
	Idle         time.Duration `json:"idle"`    // a room nobody has touched for this long closes
}

// FirstHello is how long a seat waits at least for a player who did not vanish
// of their own: one that was just handed out, or whose server died.
const FirstHello = 10 * time.Second

// graceIn is how long an empty seat waits in this phase.
func (r Rules) graceIn(p Phase) time.Duration {
	if p == Waiting {
		return r.WaitingGrace
	}
	return r.Grace
}

// A Player is who sits in a seat. The zero Player is an empty seat.
type Player struct {
	Key      string     `json:"key"`                // SHA-256 of the seat's secret; never told
	Name     string     `json:"name"`               // text as given, already cleaned
	Who      string     `json:"who,omitempty"`      // the player's public id, empty without an identity
	Computer game.Level `json:"computer,omitempty"` // set if it is the computer that sits here
	Wins     int        `json:"wins,omitempty"`     // rounds won against this opponent
	Rematch  bool       `json:"again,omitempty"`    // has asked for another round
	Online   []string   `json:"online,omitempty"`   // servers on which the seat has a socket
	Until    Instant    `json:"until,omitempty"`    // while away: when the seat is freed
}

// Taken reports whether somebody sits here, present or not.
func (p *Player) Taken() bool { return p.Key != "" }

// Away reports whether the player has no socket anywhere. The computer needs none.
func (p *Player) Away() bool { return p.Taken() && len(p.Online) == 0 && p.Computer == "" }

// A Played is one move of the round: moves alternate, X first.
type Played struct {
	Cell int     `json:"c"`
	At   Instant `json:"t"`
}

// A State is all there is to know about a room. It is a value: Apply returns a
// new one and never changes what the old one refers to. It is a large one, so that
// its methods take it by its address; those that are exported only read it.
type State struct {
	Code  string `json:"code"`
	Rev   int64  `json:"rev"` // number of commits, the store's compare-and-swap token
	Phase Phase  `json:"phase"`

	// The round being played, or the last one.
	Round    int       `json:"round"`              // counts from 1; 0 before the first guest
	RoundID  string    `json:"round_id,omitempty"` // random, unique for all time
	HostMark game.Mark `json:"host_mark"`
	Moves    []Played  `json:"moves,omitempty"`
	Began    Instant   `json:"began,omitempty"`
	Ended    Ending    `json:"ended,omitempty"`
	Winner   game.Mark `json:"winner,omitempty"`

	Host  Player `json:"host"`
	Guest Player `json:"guest"`
	Draws int    `json:"draws,omitempty"`
	Open  bool   `json:"open,omitempty"` // of quick match: strangers may be seated, and rounds are rated

	// Deadlines are data: see Due.
	Rules   Rules   `json:"rules"`
	Touched Instant `json:"touched"`            // when something last happened here
	UpSince Instant `json:"up_since,omitempty"` // the store's outage this room has been told of
	Wake    Instant `json:"wake"`               // when the store's index says to look: never later than Due

	// The clock, of a room that has one.
	Turn      time.Duration `json:"turn,omitempty"`       // how long a player may think
	TurnUntil Instant       `json:"turn_until,omitempty"` // while playing: when the player to move has lost
	Stood     bool          `json:"stood,omitempty"`      // in this turn the time has stood for a server's sake

	Reason Reason `json:"reason,omitempty"` // why it closed
}

// Gone reports whether the room has closed: nothing of it is to be kept.
func (s *State) Gone() bool { return s.Phase == Closed }

// Board is the board of the round.
func (s *State) Board() game.Board { return BoardOf(s.Moves) }

// BoardOf is the board after these moves of a round, the fold of them.
func BoardOf(moves []Played) game.Board {
	var b game.Board
	for ply, m := range moves {
		b[m.Cell] = markAt(ply)
	}
	return b
}

// Ply is the number of moves made in the round.
func (s *State) Ply() int { return len(s.Moves) }

// markAt is the mark that moves at a ply.
func markAt(ply int) game.Mark {
	if ply%2 == 0 {
		return game.X
	}
	return game.O
}

// MarkOf is the mark of a seat in this round, None for a spectator.
func (s *State) MarkOf(seat Seat) game.Mark {
	switch seat {
	case Host:
		return s.HostMark
	case Guest:
		return s.HostMark.Other()
	}
	return game.None
}

// Player is who sits in a seat; the zero Player for Spectator.
func (s *State) Player(seat Seat) Player {
	switch seat {
	case Host:
		return s.Host
	case Guest:
		return s.Guest
	}
	return Player{}
}

// HasPlayed reports whether a seat's player has played with the one across the
// board: a move in this round, or a whole one before.
func (s *State) HasPlayed(seat Seat) bool {
	return seat != Spectator && (s.hasMoved(seat) || s.score() > 0)
}

// hasMoved reports whether a seat's player has made a move in this round.
func (s *State) hasMoved(seat Seat) bool {
	return s.Ply() > 1 || s.Ply() == 1 && s.MarkOf(seat) == game.X
}

// score is how many rounds these two have ended.
func (s *State) score() int { return s.Host.Wins + s.Guest.Wins + s.Draws }

// SeatOf finds the seat that a key opens: Spectator if it opens none. The
// computer's has none.
func (s *State) SeatOf(key string) Seat {
	switch {
	case key == "":
	case s.Host.Key == key:
		return Host
	case s.Guest.Key == key && s.Guest.Computer == "":
		return Guest
	}
	return Spectator
}

// Servers lists the servers on which a seat of this room has a socket.
func (s *State) Servers() []string {
	all := slices.Concat(s.Host.Online, s.Guest.Online)
	slices.Sort(all)
	return slices.Compact(all)
}

// ToMove is the seat whose turn it is: Spectator unless playing.
func (s *State) ToMove() Seat {
	switch {
	case s.Phase != Playing:
		return Spectator
	case s.HostMark == markAt(s.Ply()):
		return Host
	}
	return Guest
}

// CountsDown reports whether a View of the room changes by itself: somebody is
// away, or the clock runs.
func (s *State) CountsDown() bool {
	return s.Host.Away() || s.Guest.Away() || s.TurnUntil > 0
}

// seat is Player without a copy, and for writing if the state is one's own.
func (s *State) seat(seat Seat) *Player {
	if seat == Host {
		return &s.Host
	}
	return &s.Guest
}
