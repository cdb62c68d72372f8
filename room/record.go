package room

import (
	"slices"

	"tictac/game"
)

// A Record is a finished round as it is filed: history and replay read it.
type Record struct {
	ID       string    `json:"id"`
	Code     string    `json:"code"`
	Round    int       `json:"round"` // the round's number in its room
	Host     string    `json:"host"`  // the players' names at the time
	Guest    string    `json:"guest"`
	HostMark game.Mark `json:"host_mark"`
	Began    Instant   `json:"began"`
	Finished Instant   `json:"finished"`
	Moves    []Played  `json:"moves"`
	Ended    Ending    `json:"ended"`
	Winner   game.Mark `json:"winner,omitempty"`
	By       Seat      `json:"by,omitempty"` // who resigned or left
}

// Filed is the round that these events end, if they end one. They must be the
// events that Decide gave for this state.
func Filed(s State, events []Event) (Record, bool) {
	if !slices.ContainsFunc(events, func(e Event) bool { return e.Kind == RoundEnded }) {
		return Record{}, false // as for most: nothing need be applied
	}
	for _, e := range events {
		s = Apply(s, e)
		if e.Kind != RoundEnded {
			continue
		}
		return Record{
			ID: s.RoundID, Code: s.Code, Round: s.Round, Host: s.Host.Name, Guest: s.Guest.Name,
			HostMark: s.HostMark, Began: s.Began, Finished: e.At, Moves: append([]Played{}, s.Moves...),
			Ended: e.Ending, Winner: e.Mark, By: e.Seat,
		}, true
	}
	return Record{}, false
}
