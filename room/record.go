package room

import "tictac/game"

// A Record is a finished round as it is filed: history and replay read it.
type Record struct {
	ID       string    `json:"id"`
	Code     string    `json:"code"`
	Round    int       `json:"round"` // the round's number in its room
	Host     string    `json:"host"`  // the players' names at the time; empty: forgotten
	Guest    string    `json:"guest"`
	HostID   string    `json:"host_id,omitempty"` // the players' public ids, if they have any
	GuestID  string    `json:"guest_id,omitempty"`
	HostMark game.Mark `json:"host_mark"`
	Began    Instant   `json:"began"`
	Finished Instant   `json:"finished"`
	Moves    []Played  `json:"moves"`
	Ended    Ending    `json:"ended"`
	Winner   game.Mark `json:"winner,omitempty"`
	By       Seat      `json:"by,omitempty"` // who resigned, left or let the time run out

	Computer game.Level `json:"computer,omitempty"` // what the guest was, if no person
	Rated    bool       `json:"rated,omitempty"`    // a round of quick match, of two different identities, that counts for their ratings
}

// rated reports whether a round counts for ratings: one of quick match between two
// identities, which somebody has won, lost or drawn, or has left in earnest play.
func rated(s *State, how Ending) bool {
	begun := s.Ply() >= 2 // both have moved
	return s.Open && s.Host.Who != "" && s.Guest.Who != "" && s.Host.Who != s.Guest.Who &&
		how != Expired && (how != ByLeft || begun)
}

// Filed is the round that these events end, if they end one. They must be the
// events that Decide gave for this state.
func Filed(s State, events []Event) (Record, bool) {
	end := 0
	for end < len(events) && events[end].Kind != RoundEnded {
		end++
	}
	if end == len(events) {
		return Record{}, false // as for most: nothing need be applied
	}
	e := &events[end]
	s.applyAll(events[:end+1])
	return Record{
		ID: s.RoundID, Code: s.Code, Round: s.Round, Host: s.Host.Name, Guest: s.Guest.Name,
		HostMark: s.HostMark, Began: s.Began, Finished: e.At, Moves: append([]Played{}, s.Moves...),
		Ended: e.Ending, Winner: e.Mark, By: e.Seat,
		HostID: s.Host.Who, GuestID: s.Guest.Who, Computer: s.Guest.Computer,
		Rated: rated(&s, e.Ending),
	}, true
}

// Append appends the record as it is filed: as JSON.
func (r Record) Append(b []byte) []byte {
	o := object(b).alwaysString(`{"id":`, r.ID).alwaysString(`,"code":`, r.Code).alwaysInt(`,"round":`, int64(r.Round))
	o = o.alwaysString(`,"host":`, r.Host).alwaysString(`,"guest":`, r.Guest).string(`,"host_id":`, r.HostID).string(`,"guest_id":`, r.GuestID)
	o = o.alwaysString(`,"host_mark":`, r.HostMark.String()).alwaysInt(`,"began":`, int64(r.Began)).alwaysInt(`,"finished":`, int64(r.Finished))
	if o = o.key(`,"moves":`); r.Moves == nil {
		o = append(o, "null"...)
	} else {
		o = appendMoves(o, r.Moves)
	}
	o = o.alwaysString(`,"ended":`, string(r.Ended)).string(`,"winner":`, r.Winner.String())
	if r.By != Spectator {
		o = o.alwaysString(`,"by":`, r.By.String())
	}
	return o.string(`,"computer":`, string(r.Computer)).bool(`,"rated":`, r.Rated).end()
}
