package web

import (
	"net/http"
	"time"

	"tictac/game"
	"tictac/play"
	"tictac/room"
)

// matchGame seats a player with a stranger who waits, or has them wait for one.
func (s *Server) matchGame(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Name *string `json:"name"`
	}
	name, ok := s.enter(w, r, &body, &body.Name)
	if !ok {
		return
	}
	who, err := s.player(w, r, name)
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	code, secret, seat, err := s.cfg.House.Match(r.Context(), name, who)
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	if seat == room.Guest {
		writeJSON(w, http.StatusOK, seated{code, secret, seat.String()})
		return
	}
	w.Header().Set("Location", "/game/"+code)
	writeJSON(w, http.StatusCreated, seated{code, secret, seat.String()})
}

// The shortest and the longest clock, in seconds a turn.
const (
	leastTurn = 5
	mostTurn  = 120
)

// openingOf is a room as a client wants it; an opponent or a time that was left
// out is nil.
func openingOf(name string, opponent *game.Level, turn *int) (o play.Opening, ok bool) {
	o.Name = name
	if opponent != nil {
		if !opponent.Known() {
			return o, false
		}
		o.Computer = *opponent
	}
	if turn != nil {
		if *turn < leastTurn || *turn > mostTurn {
			return o, false
		}
		o.Turn = time.Duration(*turn) * time.Second
	}
	return o, true
}
