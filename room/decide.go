package room

import (
	"slices"
	"time"

	"tictac/game"
)

// Decide says what a command does to a room at a moment: the events that carry
// it out, or a Refusal as the error, and then nothing changes. No events and no
// error is a command with nothing to do: a question, or one that has already
// been carried out.
func Decide(s State, c Command, now time.Time) ([]Event, error) {
	at := At(now)
	if c, ok := c.(Create); ok {
		return create(&s, c, at)
	}
	if s.Phase == "" || s.Gone() {
		return nil, NotFound
	}
	switch c := c.(type) {
	case Look:
		return nil, nil
	case Watch:
		return touch(&s, at), nil
	case Join:
		return join(&s, c, at)
	case Attach:
		return attach(&s, c, at)
	case Detach:
		return detach(&s, s.SeatOf(c.Key), c.Server, 0, at), nil
	case Lost:
		return lost(&s, c.Server, at), nil
	case Resume:
		if s.UpSince >= c.UpSince {
			return nil, nil
		}
		return []Event{{Kind: Resumed, At: at, UpSince: c.UpSince, Rules: &c.Rules}}, nil
	case Expire:
		return expire(&s, c, at), nil
	case Move:
		return move(&s, c, at)
	case Rematch:
		return rematch(&s, c, at)
	case Resign:
		return resign(&s, s.SeatOf(c.Key), at)
	case Leave:
		return leave(&s, s.SeatOf(c.Key), at)
	}
	panic("room: unknown command")
}

func create(s *State, c Create, at Instant) ([]Event, error) {
	if s.Phase != "" {
		return nil, Exists
	}
	opened := Event{
		Kind: Opened, At: at, Code: c.Code, Key: c.Key, Name: c.Name, Who: c.Who, Rules: &c.Rules, UpSince: c.UpSince,
		Until: at.Add(max(c.Rules.WaitingGrace, FirstHello)), Open: c.Open, Turn: c.Turn,
	}
	if c.Open || c.Computer != "" { // who opens it has nobody to send a link to
		opened.Until = at.Add(max(c.Rules.Grace, FirstHello))
	}
	if c.Computer == "" {
		return []Event{opened}, nil
	}
	return []Event{
		opened,
		{Kind: Joined, At: at, Key: computerKey, Name: computerName, Computer: c.Computer},
		{Kind: RoundBegan, At: at, Round: 1, RoundID: c.RoundID, Mark: game.X},
	}, nil
}

// The computer's seat has a key that is nobody's: it is no SHA-256.
const (
	computerKey  = "computer"
	computerName = "Computer"
)

func join(s *State, c Join, at Instant) ([]Event, error) {
	switch {
	case s.Guest.Taken():
		return nil, Full
	case c.Matched && (!s.Open || s.Host.Away() && s.Rev > 1): // with Rev 1 the first hello is on its way
		return nil, NotWaiting
	}
	return []Event{
		{Kind: Joined, At: at, Key: c.Key, Name: c.Name, Who: c.Who, Until: at.Add(max(s.Rules.Grace, FirstHello)), Open: c.Matched},
		{Kind: RoundBegan, At: at, Round: s.Round + 1, RoundID: c.RoundID, Mark: game.X},
	}, nil
}

func attach(s *State, c Attach, at Instant) ([]Event, error) {
	seat := s.SeatOf(c.Key)
	if seat == Spectator {
		return nil, BadSeat
	}
	if slices.Contains(s.Player(seat).Online, c.Server) {
		return touch(s, at), nil
	}
	return []Event{{Kind: Attached, At: at, Seat: seat, Server: c.Server}}, nil
}

// touch notes a hello that changes nothing else. A tenth of the idle time of
// precision is enough, and spares a commit for each of many spectators.
func touch(s *State, at Instant) []Event {
	if at.Sub(s.Touched) < min(s.Rules.Idle/10, time.Minute) {
		return nil
	}
	return []Event{{Kind: Touch, At: at}}
}

// detach takes a server out of a seat. If it was the last, the seat's grace
// begins, of at least the given length; a grace of zero is over at once.
func detach(s *State, seat Seat, server string, atLeast time.Duration, at Instant) []Event {
	p := s.Player(seat)
	if !slices.Contains(p.Online, server) {
		return nil
	}
	e := Event{Kind: Detached, At: at, Seat: seat, Server: server}
	if len(p.Online) > 1 {
		return []Event{e}
	}
	grace := max(s.Rules.graceIn(s.Phase), atLeast)
	e.Until = at.Add(grace)
	if grace > 0 {
		return []Event{e}
	}
	return append([]Event{e}, depart(s, seat, at)...)
}

// lost is detach for both seats of a dead server. Its players did not choose
// to go, so they have time to find another server even with no grace at all.
func lost(s *State, server string, at Instant) []Event {
	events := detach(s, Host, server, FirstHello, at)
	if events != nil && len(s.Host.Online) == 1 {
		events[0].Lost = true
	}
	guest := detach(s, Guest, server, FirstHello, at)
	if guest != nil && len(s.Guest.Online) == 1 {
		guest[0].Lost = true
	}
	return append(events, guest...)
}

// expire carries out all that is due.
func expire(s *State, c Expire, at Instant) (events []Event) {
	then := *s
	for more := due(&then, c.Server, at); more != nil; more = due(&then, c.Server, at) {
		then.applyAll(more)
		events = append(events, more...)
	}
	if events == nil && (c.Indexed || s.Wake <= at) {
		return []Event{{Kind: Checked, At: at}}
	}
	return events
}

// due is what follows from the first deadline that has passed, nil if none has.
func due(s *State, server string, at Instant) []Event {
	next, moment := s.next(server)
	if s.Gone() || moment > at {
		return nil
	}
	switch next {
	case hostAway:
		return depart(s, Host, at)
	case guestAway:
		return depart(s, Guest, at)
	case clock:
		seat := s.ToMove()
		return []Event{{Kind: RoundEnded, At: at, Ending: ByClock, Seat: seat, Mark: s.MarkOf(seat.Other())}}
	case computer:
		return computerMoves(s, at)
	}
	return append(endIfPlaying(s, Expired, Spectator, at), Event{Kind: RoomClosed, At: at, Reason: Idle})
}

// depart is what follows when a seat is given up or freed.
func depart(s *State, seat Seat, at Instant) []Event {
	events := endIfPlaying(s, ByLeft, seat, at)
	if seat == Host {
		return append(events, Event{Kind: RoomClosed, At: at, Reason: HostLeft})
	}
	return append(events, Event{Kind: GuestLeft, At: at})
}

func endIfPlaying(s *State, how Ending, by Seat, at Instant) []Event {
	if s.Phase != Playing {
		return nil
	}
	return []Event{{Kind: RoundEnded, At: at, Ending: how, Seat: by}}
}

func move(s *State, c Move, at Instant) ([]Event, error) {
	seat := s.SeatOf(c.Key)
	switch {
	case seat == Spectator:
		return nil, NotSeated
	case c.Cell < 0 || c.Cell >= game.Cells:
		return nil, CellOutOfRange
	case made(s, seat, c):
		return nil, nil
	case s.Phase != Playing:
		return nil, NotPlaying
	case c.Round >= 0 && c.Round != s.Round, c.Ply >= 0 && c.Ply != s.Ply():
		return nil, Stale
	case s.MarkOf(seat) != markAt(s.Ply()):
		return nil, NotYourTurn
	}
	if s.Board()[c.Cell] != game.None {
		return nil, CellTaken
	}
	return play(s, seat, c.Cell, at), nil
}

// made reports whether this very move is on the board already: a client that
// did not hear of it may send it again. It takes a ply to tell.
func made(s *State, seat Seat, c Move) bool {
	return c.Ply >= 0 && c.Ply < s.Ply() && (c.Round < 0 || c.Round == s.Round) &&
		s.Moves[c.Ply].Cell == c.Cell && markAt(c.Ply) == s.MarkOf(seat)
}

func rematch(s *State, c Rematch, at Instant) ([]Event, error) {
	seat := s.SeatOf(c.Key)
	switch {
	case seat == Spectator:
		return nil, NotSeated
	case begunByRematch(s, seat):
		return nil, nil
	case s.Phase != Over:
		return nil, NotOver
	case s.Player(seat).Rematch:
		return nil, nil
	}
	events := []Event{{Kind: RematchAsked, At: at, Seat: seat}}
	if other := s.Player(seat.Other()); other.Rematch || other.Computer != "" {
		events = append(events, Event{
			Kind: RoundBegan, At: at, Round: s.Round + 1, RoundID: c.RoundID, Mark: s.HostMark.Other(),
		})
	}
	return events, nil
}

// begunByRematch reports whether this round began by a rematch that may just
// be said again by a player who did not hear of it: one who has not moved yet,
// in a round that a score shows not to be these players' first.
func begunByRematch(s *State, seat Seat) bool {
	return s.Phase == Playing && !s.hasMoved(seat) && s.score() > 0
}

func resign(s *State, seat Seat, at Instant) ([]Event, error) {
	switch {
	case seat == Spectator:
		return nil, NotSeated
	case s.Phase != Playing:
		return nil, NotPlaying
	}
	return []Event{{Kind: RoundEnded, At: at, Ending: ByResign, Seat: seat, Mark: s.MarkOf(seat.Other())}}, nil
}

func leave(s *State, seat Seat, at Instant) ([]Event, error) {
	switch seat {
	case Spectator:
		return nil, NotSeated
	case Guest: // the host, who stays, sees that something happened
		return append([]Event{{Kind: Touch, At: at}}, depart(s, seat, at)...), nil
	}
	return depart(s, seat, at), nil
}
