package history

import "tictac/room"

// Stats is what is counted of a player's finished rounds, in the order in which
// they were filed. Played is the sum of the next four.
type Stats struct {
	Played     int `json:"played"`
	Won        int `json:"won"`
	Lost       int `json:"lost"`
	Drawn      int `json:"drawn"`
	Abandoned  int `json:"abandoned"`   // ended because somebody left, or the room closed
	Streak     int `json:"streak"`      // rounds won in a row until now
	BestStreak int `json:"best_streak"` // and the most there ever were
}

// A Result is a round's for one of its players. Its text is told on the wire.
type Result string

// The results.
const (
	Won       Result = "won"
	Lost      Result = "lost"
	Drawn     Result = "drawn"
	Abandoned Result = "abandoned"
)

// ResultFor is how a round ended for the player of a seat.
func ResultFor(r room.Record, seat room.Seat) Result {
	mark := r.HostMark
	if seat == room.Guest {
		mark = mark.Other()
	}
	switch {
	case r.Ended == room.ByLeft, r.Ended == room.Expired:
		return Abandoned
	case r.Ended == room.ByDraw:
		return Drawn
	case r.Winner == mark:
		return Won
	}
	return Lost
}

// Count is the statistics with one more round. A streak of wins ends by anything
// else, except that whom the other left, or who was not to blame, keeps it.
func (s Stats) Count(r room.Record, seat room.Seat) Stats {
	s.Played++
	switch ResultFor(r, seat) {
	case Won:
		s.Won++
		s.Streak++
		s.BestStreak = max(s.BestStreak, s.Streak)
	case Lost:
		s.Lost++
		s.Streak = 0
	case Drawn:
		s.Drawn++
		s.Streak = 0
	case Abandoned:
		s.Abandoned++
		if r.By == seat {
			s.Streak = 0
		}
	}
	return s
}

// Counts reports whether a round counts for the player of a seat: one who has an
// identity, and did not play against itself.
func Counts(r room.Record, seat room.Seat) bool {
	id := r.HostID
	if seat == room.Guest {
		id = r.GuestID
	}
	return id != "" && r.HostID != r.GuestID
}
