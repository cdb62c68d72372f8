package history

import (
	"slices"

	"tictac/room"
)

// A Round is a finished round as an Archive keeps it. All of them are the log,
// of which statistics and ratings are a fold.
type Round struct {
	room.Record

	// Seq is the round's place in the log: from one counter, when it is filed.
	Seq int64 `json:"seq"`

	// Before is what host and guest were rated at before a rated round. It is
	// kept, since one of them may be forgotten, or its older rounds no more there.
	Before *[2]Rating `json:"before,omitempty"`

	// Folded are the seats whose players have this round in their opening totals
	// already: it is kept for the other one.
	Folded []room.Seat `json:"folded,omitempty"`
}

// Totals is what is counted of a player.
type Totals struct {
	Stats  Stats   `json:"stats"`
	Rating *Rating `json:"rating,omitempty"` // nil before the first rated round
}

// File is a finished round as it is to be kept, where its players have these
// totals until now: nil for who has no identity, or has been forgotten meanwhile.
func File(r room.Record, host, guest *Totals) Round {
	if host == nil && r.HostID != "" {
		r = Without(r, r.HostID)
	}
	if guest == nil && r.GuestID != "" {
		r = Without(r, r.GuestID)
	}
	r.Rated = r.Rated && r.HostID != "" && r.GuestID != ""
	round := Round{Record: r}
	if r.Rated {
		round.Before = &[2]Rating{host.rating(), guest.rating()}
	}
	return round
}

// Without is a round without the name and the id of a player.
func Without(r room.Record, id string) room.Record {
	if r.HostID == id {
		r.Host, r.HostID = "", ""
	}
	if r.GuestID == id {
		r.Guest, r.GuestID = "", ""
	}
	return r
}

// Player is the id of who sat in a seat, empty without an identity.
func (r Round) Player(seat room.Seat) string {
	if seat == room.Host {
		return r.HostID
	}
	return r.GuestID
}

// CountsFor reports whether the round is to be added to the totals of the player
// of a seat.
func (r Round) CountsFor(seat room.Seat) bool {
	return Counts(r.Record, seat) && !slices.Contains(r.Folded, seat)
}

// Count is the totals with one more round, that counts for the player of a seat.
func (t Totals) Count(r Round, seat room.Seat) Totals {
	t.Stats = t.Stats.Count(r.Record, seat)
	if r.Before != nil {
		after := t.rating().After(Outcome{Opponent: r.Before[seat.Other()-room.Host], Score: score(r.Record, seat)})
		t.Rating = &after
	}
	return t
}

// Equal reports whether two totals are the same.
func (t Totals) Equal(u Totals) bool {
	return t.Stats == u.Stats && (t.Rating == nil) == (u.Rating == nil) && t.rating() == u.rating()
}

func (t Totals) rating() Rating {
	if t.Rating == nil {
		return Unrated
	}
	return *t.Rating
}

// score is what a rated round was worth to the player of a seat. Who leaves has
// lost.
func score(r room.Record, seat room.Seat) float64 {
	switch ResultFor(r, seat) {
	case Won:
		return 1
	case Drawn:
		return 0.5
	case Abandoned:
		if r.By == seat.Other() {
			return 1
		}
	}
	return 0
}
