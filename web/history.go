package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"tictac/history"
	"tictac/room"
)

// How long others may keep what they were told. A finished round changes only
// when one of its players is forgotten, which is to be seen soon.
const (
	cachePlayer = "public, max-age=2"
	cacheBoard  = "public, max-age=5"
	cacheRound  = "public, max-age=600"
)

// routeHistory adds what there is besides one game: identities, finished rounds,
// and the pages about them.
func (s *Server) routeHistory(r chi.Router) {
	r.Post("/api/match", s.matchGame)
	r.Get("/api/me", s.lookAtMe)
	r.Delete("/api/me", s.forgetMe)
	r.Post("/api/me/handoff", s.offerHandoff)
	r.Post("/api/handoff", s.takeHandoff)
	r.Get("/api/players/{id}", s.lookAtPlayer)
	r.Get("/api/players/{id}/games", s.lookAtGames)
	r.Get("/api/rounds/{id}", s.lookAtRound)
	r.Get("/api/leaderboard", s.lookAtLeaders)
	for path, page := range map[string]http.HandlerFunc{
		"/replay/{id}": s.replayPage, "/player/{id}": s.playerPage,
		"/me": s.startPage, "/leaderboard": s.startPage, "/handoff": s.startPage,
	} {
		r.Get(path, page)
		r.Get(path+"/", page)
	}
}

func (s *Server) lookAtPlayer(w http.ResponseWriter, r *http.Request) {
	var p history.Player
	s.tell(w, r, cachePlayer, func(ctx context.Context) (err error) {
		p, err = s.findPlayer(ctx, pathParam(r, "id"))
		return err
	}, func() any { return playerOf(p) })
}

func (s *Server) lookAtRound(w http.ResponseWriter, r *http.Request) {
	var rec room.Record
	s.tell(w, r, cacheRound, func(ctx context.Context) (err error) {
		rec, err = s.findRound(ctx, pathParam(r, "id"))
		return err
	}, func() any { return roundOf(rec) })
}

func (s *Server) lookAtLeaders(w http.ResponseWriter, r *http.Request) {
	var leaders []history.Player
	limit := limitOf(r)
	s.tell(w, r, cacheBoard, func(ctx context.Context) (err error) {
		if limit == 0 {
			return errBadRequest
		}
		leaders, err = s.cfg.History.Leaders(ctx, limit)
		return s.archived("leaders", err)
	}, func() any { return leadersOf(leaders) })
}

func (s *Server) lookAtGames(w http.ResponseWriter, r *http.Request) {
	var games []history.Game
	id, limit, query := pathParam(r, "id"), limitOf(r), r.URL.Query()
	before := query.Get("before")
	s.tell(w, r, cachePlayer, func(ctx context.Context) (err error) {
		switch {
		case limit == 0, query.Has("before") && !plain(before):
			return errBadRequest
		case !plain(id):
			return history.ErrUnknown
		}
		games, err = s.cfg.History.Games(ctx, id, limit+1, before) // one more, to know whether there is one
		err = s.archived("games", err)
		if err == history.ErrUnknown && before != "" {
			if _, e := s.findPlayer(ctx, id); e == nil {
				return errForeignCursor
			}
		}
		return err
	}, func() any { return gamesOf(games, limit) })
}

// tell answers a question to the archive with what body makes of it.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, cache string, ask func(ctx context.Context) error, body func() any) {
	if !s.mayRead(w, r) {
		return
	}
	if err := s.askArchive(w, r, ask); err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	writeCached(w, cache, body())
}

// askArchive has ids that do not exist count as codes that do not.
func (s *Server) askArchive(w http.ResponseWriter, r *http.Request, ask func(ctx context.Context) error) error {
	ctx, cancel := within(r)
	defer cancel()
	return s.seek(w, r, func() error { return ask(ctx) })
}

func (s *Server) findPlayer(ctx context.Context, id string) (history.Player, error) {
	if !plain(id) {
		return history.Player{}, history.ErrUnknown
	}
	p, err := s.cfg.History.Player(ctx, id)
	return p, s.archived("player", err)
}

func (s *Server) findRound(ctx context.Context, id string) (room.Record, error) {
	if !plain(id) {
		return room.Record{}, history.ErrUnknown
	}
	rec, err := s.cfg.History.Round(ctx, id)
	return rec, s.archived("round", err)
}

// Limits of a limit.
const (
	usualLimit = 20
	mostLimit  = 100
)

// limitOf is how many a client asks for, 0 if that is no number that it may.
func limitOf(r *http.Request) int {
	query := r.URL.Query()
	if !query.Has("limit") {
		return usualLimit
	}
	n, err := strconv.Atoi(query.Get("limit"))
	if err != nil || n < 1 || n > mostLimit {
		return 0
	}
	return n
}
