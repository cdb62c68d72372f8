package web

import (
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

	"tictac/play"
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
	name, ok := s.enter(w, r)
	if !ok {
		return
	}
	code, secret, err := s.cfg.House.Create(r.Context(), play.Opening{Name: name})
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	w.Header().Set("Location", "/game/"+code)
	writeJSON(w, http.StatusCreated, seated{code, secret, room.Host.String()})
}

func (s *Server) joinGame(w http.ResponseWriter, r *http.Request) {
	name, ok := s.enter(w, r)
	if !ok {
		return
	}
	var code, secret string
	err := s.find(w, r, func(found string) (err error) {
		code = found
		secret, err = s.cfg.House.Join(r.Context(), code, name, "")
		return err
	})
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	writeJSON(w, http.StatusOK, seated{code, secret, room.Guest.String()})
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

// errLimited is what find returns to an address that has asked for too many
// codes that do not exist.
var errLimited = errors.New("web: too many unknown codes")

// find asks for the room that the request names. Those who guess are not
// answered at all once they are over the limit: an answer to the codes that do
// exist would be what they are after.
func (s *Server) find(w http.ResponseWriter, r *http.Request, ask func(code string) error) error {
	addr := s.address(r)
	if wait := s.unknown.wait(addr, time.Now()); wait > 0 {
		retryAfter(w, wait)
		return errLimited
	}
	code := cleanCode(pathParam(r, "code"))
	err := error(room.NotFound)
	if code != "" {
		err = ask(code)
	}
	if err == room.NotFound {
		s.unknown.take(addr, time.Now())
	}
	return err
}

// enter is what creating and joining have in common: the limits, then the name.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) (name string, ok bool) {
	w.Header().Set("Cache-Control", "no-store")
	if !originAllowed(r, s.cfg.Origins) {
		writeProblem(w, forbiddenOrigin)
		return "", false
	}
	if wait, ok := s.joins.take(s.address(r), time.Now()); !ok {
		retryAfter(w, wait)
		writeProblem(w, tooMany)
		return "", false
	}
	var body struct {
		Name *string `json:"name"`
	}
	if p, ok := readJSON(w, r, &body); !ok {
		writeProblem(w, p)
		return "", false
	}
	if body.Name == nil {
		writeProblem(w, nameRequired)
		return "", false
	}
	name, wrong := cleanName(*body.Name)
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

// problemOf is the problem that an error of find or of package play is told as.
func problemOf(err error) problem {
	switch err {
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
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "about:blank", "title": p.title, "status": p.status, "code": p.code,
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
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
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
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
