package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"tictac/game"
	"tictac/history"
	"tictac/room"
)

// maxBody is the size in bytes of the largest request body taken.
const maxBody = 4 << 10

// A problem is an error as the API tells it (RFC 9457).
type problem struct {
	status int
	code   string
	title  string
}

var (
	badRequest       = problem{400, "bad_request", "The request is not what this address takes."}
	nameRequired     = problem{400, "name_required", "A name is needed."}
	nameTooLong      = problem{400, "name_too_long", "A name has at most 20 characters."}
	unauthorized     = problem{401, "unauthorized", "Nobody is known by this identity."}
	forbiddenOrigin  = problem{403, "forbidden_origin", "Pages of that origin may not do this here."}
	gameNotFound     = problem{404, "game_not_found", "There is no such game, or it has closed."}
	notFound         = problem{404, "not_found", "There is nothing at this address."}
	methodNotAllowed = problem{405, "method_not_allowed", "This address does not take that method."}
	gameFull         = problem{409, "game_full", "Both seats of this game are taken."}
	tooLarge         = problem{413, "too_large", "The request is larger than 4 KiB."}
	tooMany          = problem{429, tooManyRequests, "Too many requests; try again later."}
	internal         = problem{500, "internal", "The server failed at this."}
	unavailable      = problem{503, "unavailable", "The server cannot do this now; try again soon."}
	full             = problem{503, "full", "No more players fit on this server."}
)

const tooManyRequests = "too_many_requests"

// A seated is the answer to who has got a seat. The secret is in no other.
type seated struct {
	Code string `json:"code"`
	Seat string `json:"seat"`
	You  string `json:"you"`
}

func (s *Server) createGame(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Name        *string     `json:"name"`
		Opponent    *game.Level `json:"opponent"`
		TurnSeconds *int        `json:"turn_seconds"`
	}
	name, ok := s.enter(w, r, &body, &body.Name)
	if !ok {
		return
	}
	opening, ok := openingOf(name, body.Opponent, body.TurnSeconds)
	if !ok {
		writeProblem(w, badRequest)
		return
	}
	var code, secret string
	var err error
	if opening.Who, err = s.player(w, r, name); err == nil {
		code, secret, err = s.cfg.House.Create(r.Context(), opening)
	}
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	w.Header().Set("Location", "/game/"+code)
	writeJSON(w, http.StatusCreated, seated{code, secret, room.Host.String()})
}

func (s *Server) joinGame(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Name *string `json:"name"`
	}
	name, ok := s.enter(w, r, &body, &body.Name)
	if !ok {
		return
	}
	who, err := s.known(w, r)
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	var code, secret string
	err = s.find(w, r, func(found string) (err error) {
		code = found
		if who == "" { // nobody becomes somebody by a game that cannot be
			if err = s.hasRoom(r.Context(), code); err == nil {
				who, err = s.enroll(w, r, name)
			}
		}
		if err == nil {
			secret, err = s.cfg.House.Join(r.Context(), code, name, who)
		}
		return err
	})
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	writeJSON(w, http.StatusOK, seated{code, secret, room.Guest.String()})
}

// hasRoom is why nobody can join a game now, or nil.
func (s *Server) hasRoom(ctx context.Context, code string) error {
	v, err := s.cfg.House.Look(ctx, code)
	if err == nil && v.State.Guest.Taken() {
		err = room.Full
	}
	return err
}

func (s *Server) lookAtGame(w http.ResponseWriter, r *http.Request) {
	var view []byte
	err := s.find(w, r, func(code string) error {
		v, err := s.cfg.House.Look(r.Context(), code)
		if err == nil {
			view = viewJSON(v)
		}
		return err
	})
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(view)
}

// errLimited is what seek returns to an address that has asked for too much
// that does not exist.
var errLimited = errors.New("web: too many unknown codes")

// seek asks for what only who knows its code, id or secret is to find. Those who
// guess are not answered at all once they are over the limit: an answer to what
// does exist would be what they are after.
func (s *Server) seek(w http.ResponseWriter, r *http.Request, ask func() error) error {
	addr := s.address(r)
	if wait := s.unknown.wait(addr, time.Now()); wait > 0 {
		retryAfter(w, wait)
		return errLimited
	}
	err := ask()
	switch err {
	case room.NotFound, history.ErrUnknown, errForeignCursor:
		s.unknown.owe(addr, time.Now())
	}
	return err
}

// find asks for the room that the request names.
func (s *Server) find(w http.ResponseWriter, r *http.Request, ask func(code string) error) error {
	return s.seek(w, r, func() error {
		code := cleanCode(pathParam(r, "code"))
		if code == "" {
			return room.NotFound
		}
		return ask(code)
	})
}

// enter is what all who want a seat have in common: the limits, then the body,
// which has the name in given.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, body any, given **string) (name string, ok bool) {
	if !s.mayChange(w, r) {
		return "", false
	}
	if p, ok := readJSON(w, r, body); !ok {
		writeProblem(w, p)
		return "", false
	}
	if *given == nil {
		writeProblem(w, nameRequired)
		return "", false
	}
	name, wrong := cleanName(**given)
	switch wrong {
	case "":
		return name, true
	case nameTooLong.code:
		writeProblem(w, nameTooLong)
	default:
		writeProblem(w, nameRequired)
	}
	return "", false
}

// readJSON reads a body that is one JSON object.
func readJSON(w http.ResponseWriter, r *http.Request, into any) (problem, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return tooLarge, false
	case err != nil:
		return badRequest, false
	}
	return problem{}, true
}

// What is wrong with a question to the archive, besides that there is no answer.
var (
	errBadRequest    = errors.New("web: no such limit or cursor")
	errForeignCursor = errors.New("web: a cursor of another player, or of nobody")
)

// problemOf is the problem that an error of seek, of who asks, or of package play
// is told as.
func problemOf(err error) problem {
	switch err {
	case errUnauthorized:
		return unauthorized
	case errBadRequest, errForeignCursor:
		return badRequest
	case history.ErrUnknown:
		return notFound
	case room.NotFound:
		return gameNotFound
	case room.Full:
		return gameFull
	case errLimited:
		return tooMany
	}
	return unavailable
}

func writeProblem(w http.ResponseWriter, p problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "about:blank", "title": p.title, "status": p.status, "code": p.code,
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Cache-Control", "no-store")
	writeBody(w, status, body)
}

// writeCached is writeJSON for what others may keep for a while.
func writeCached(w http.ResponseWriter, cache string, body any) {
	w.Header().Set("Cache-Control", cache)
	writeBody(w, http.StatusOK, body)
}

func writeBody(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}

// pathParam is a part of the path as the client meant it: chi hands over what
// was sent, with its escapes.
func pathParam(r *http.Request, name string) string {
	raw := chi.URLParam(r, name)
	if clear, err := url.PathUnescape(raw); err == nil {
		return clear
	}
	return raw
}

func (s *Server) methodNotAllowed(router chi.Router) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
			if router.Match(chi.NewRouteContext(), method, r.URL.Path) {
				w.Header().Add("Allow", method)
			}
		}
		writeProblem(w, methodNotAllowed)
	}
}

// catchPanic answers with 500 what a handler panics at, and nothing else
// notices.
func (s *Server) catchPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				s.panicked(p, debug.Stack())
				writeProblem(w, internal)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
