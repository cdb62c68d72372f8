package web

import (
	"crypto/rand"
	"net/http"
	"net/netip"
	"time"

	"tictac/history"
	"tictac/play"
	"tictac/room"
)

func (s *Server) lookAtMe(w http.ResponseWriter, r *http.Request) {
	if !s.mayRead(w, r) {
		return
	}
	if id, ok := s.whoIs(w, r); ok {
		s.tellMe(w, r, id)
	}
}

// tellMe answers with the player whose identity the client has.
func (s *Server) tellMe(w http.ResponseWriter, r *http.Request, id string) {
	ctx, cancel := within(r)
	defer cancel()
	p, err := s.cfg.History.Player(ctx, id)
	switch err = s.archived("player", err); err {
	case nil:
		writeJSON(w, http.StatusOK, playerOf(p))
	case history.ErrUnknown: // forgotten at this moment
		writeProblem(w, unauthorized)
	default:
		writeProblem(w, problemOf(err))
	}
}

func (s *Server) forgetMe(w http.ResponseWriter, r *http.Request) {
	if !s.mayChange(w, r) {
		return
	}
	id, ok := s.whoIs(w, r)
	if !ok {
		return
	}
	ctx, cancel := within(r)
	defer cancel()
	err := s.archived("forget", s.cfg.History.Forget(ctx, id))
	if err != nil && err != history.ErrUnknown { // which is what was wanted
		writeProblem(w, problemOf(err))
		return
	}
	if !credentialOf(r).bearer {
		s.setCookie(w, r, "", 0)
	}
	w.WriteHeader(http.StatusNoContent)
}

// An offer is a token by which another device gets an identity.
type offer struct {
	Token     string `json:"token"`
	Link      string `json:"link"` // the token is where no browser sends it to a server
	ExpiresIn int64  `json:"expires_in_ms"`
}

func (s *Server) offerHandoff(w http.ResponseWriter, r *http.Request) {
	if !s.mayChange(w, r) {
		return
	}
	id, ok := s.whoIs(w, r)
	if !ok {
		return
	}
	ctx, cancel := within(r)
	defer cancel()
	token := rand.Text()
	until := room.At(time.Now().Add(history.HandoffTime))
	err := s.archived("offer", s.cfg.History.Offer(ctx, play.KeyOf(token), id, until))
	switch err {
	case nil:
		writeJSON(w, http.StatusCreated, offer{token, "/handoff#" + token, history.HandoffTime.Milliseconds()})
	case history.ErrUnknown:
		writeProblem(w, unauthorized)
	default:
		writeProblem(w, problemOf(err))
	}
}

func (s *Server) takeHandoff(w http.ResponseWriter, r *http.Request) {
	if !s.mayChange(w, r) {
		return
	}
	var body struct {
		Token *string `json:"token"`
	}
	p, ok := readJSON(w, r, &body)
	if ok && body.Token == nil {
		p, ok = badRequest, false
	}
	if !ok {
		writeProblem(w, p)
		return
	}
	id, secret := "", rand.Text()
	ctx, cancel := within(r)
	defer cancel()
	err := s.seek(w, r, func() (err error) {
		if len(*body.Token) != secretLength || !plain(*body.Token) {
			return history.ErrUnknown
		}
		id, err = s.cfg.History.Redeem(ctx, play.KeyOf(*body.Token), play.KeyOf(secret), room.At(time.Now()))
		return s.archived("redeem", err)
	})
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	s.setCookie(w, r, secret, cookieLasts)
	s.tellMe(w, r, id)
}

// mayChange is what comes before a change that is no command in a room: whose
// page it is from, and the limit. Where it may not be, it has answered.
func (s *Server) mayChange(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Cache-Control", "no-store")
	if !originAllowed(r, s.cfg.Origins) {
		writeProblem(w, forbiddenOrigin)
		return false
	}
	return s.allowed(w, r, s.joins)
}

// mayRead is the limit on what is read from the archive.
func (s *Server) mayRead(w http.ResponseWriter, r *http.Request) bool {
	return s.allowed(w, r, s.reads)
}

func (s *Server) allowed(w http.ResponseWriter, r *http.Request, l *limiter[netip.Prefix]) bool {
	wait, ok := l.take(s.address(r), time.Now())
	if !ok {
		retryAfter(w, wait)
		writeProblem(w, tooMany)
	}
	return ok
}
