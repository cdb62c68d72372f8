package web

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"tictac/history"
	"tictac/play"
	"tictac/room"
)

const (
	playerCookie = "tictac_player"
	cookieLasts  = 365 * 24 * time.Hour
)

// errUnauthorized is what an identity that is not known is answered with, where
// one has to be.
var errUnauthorized = errors.New("web: no identity, or one that is not known")

// A credential is the secret by which a request says whose it is.
type credential struct {
	secret string // empty if there is none
	bearer bool   // a program's, in Authorization: it wants to be told if it is wrong
}

func credentialOf(r *http.Request) credential {
	if scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return credential{strings.TrimSpace(secret), true}
	}
	cookie, err := r.Cookie(playerCookie)
	if err != nil {
		return credential{}
	}
	return credential{cookie.Value, false}
}

// secretLength is that of crypto/rand.Text, which makes all our secrets.
const secretLength = 26

// identify is the id of the identity that a secret opens, or history.ErrUnknown.
// What none of our secrets looks like is not asked for.
func (s *Server) identify(ctx context.Context, secret string) (id string, err error) {
	if len(secret) != secretLength || !plain(secret) {
		return "", history.ErrUnknown
	}
	id, err = s.cfg.History.Identify(ctx, play.KeyOf(secret))
	return id, s.archived("identify", err)
}

// known is the id of who wants a seat, empty if it has no identity yet. A browser
// keeps its cookie for another year.
func (s *Server) known(w http.ResponseWriter, r *http.Request) (id string, err error) {
	c := credentialOf(r)
	ctx, cancel := within(r)
	defer cancel()
	ask := func() (err error) {
		id, err = s.identify(ctx, c.secret)
		return err
	}
	if c.bearer {
		if err = s.seek(w, r, ask); err == history.ErrUnknown {
			err = errUnauthorized
		}
		return id, err
	}
	switch err = ask(); err {
	case nil:
		s.setCookie(w, r, c.secret, cookieLasts)
	case history.ErrUnknown:
		err = nil
	}
	return id, err
}

// enroll makes a new identity, which is the client's from now on.
func (s *Server) enroll(w http.ResponseWriter, r *http.Request, name string) (id string, err error) {
	ctx, cancel := within(r)
	defer cancel()
	id, secret := newPlayerID(), rand.Text()
	err = s.archived("enroll", s.cfg.History.Enroll(ctx, id, play.KeyOf(secret), name, room.At(time.Now())))
	if err == nil {
		s.setCookie(w, r, secret, cookieLasts)
	}
	return id, err
}

// player is the identity of who wants a seat: the one it has, or a new one.
func (s *Server) player(w http.ResponseWriter, r *http.Request, name string) (id string, err error) {
	if id, err = s.known(w, r); err == nil && id == "" {
		id, err = s.enroll(w, r, name)
	}
	return id, err
}

// whoIs is the identity of who asks about themselves. Where there is none, it
// has answered.
func (s *Server) whoIs(w http.ResponseWriter, r *http.Request) (id string, ok bool) {
	c := credentialOf(r)
	if c.secret == "" && !c.bearer {
		writeProblem(w, unauthorized)
		return "", false
	}
	ctx, cancel := within(r)
	defer cancel()
	err := s.seek(w, r, func() (err error) {
		id, err = s.identify(ctx, c.secret)
		return err
	})
	switch {
	case err == nil:
		return id, true
	case err == history.ErrUnknown && !c.bearer:
		s.setCookie(w, r, "", 0) // it is of no use any more, and would count as a guess again
	}
	if err == history.ErrUnknown {
		err = errUnauthorized
	}
	writeProblem(w, problemOf(err))
	return "", false
}

// newPlayerID is a public id: 80 random bits.
func newPlayerID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// setCookie gives the browser an identity's secret; for no time, it takes it away.
func (s *Server) setCookie(w http.ResponseWriter, r *http.Request, secret string, lasts time.Duration) {
	age := int(lasts.Seconds())
	if age == 0 {
		age = -1 // which is "at once" to package http
	}
	http.SetCookie(w, &http.Cookie{
		Name: playerCookie, Value: secret, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: byHTTPS(r, s.cfg.TrustedProxies),
	})
}

// byHTTPS reports whether the browser's end of a request was encrypted, by us or
// by a trusted proxy that says so.
func byHTTPS(r *http.Request, trusted []netip.Prefix) bool {
	if r.TLS != nil {
		return true
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	return err == nil && isTrusted(peer.Addr().Unmap(), trusted) && strings.EqualFold(strings.TrimSpace(first), "https")
}

// plain reports whether a text may be an id or a secret of ours.
func plain(text string) bool {
	const most = 64
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return text != "" && len(text) <= most
}

// within is how long a request waits for the archive.
func within(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), play.StoreTimeout)
}

// archived is an error of the archive as it is dealt with here: ErrUnknown, or
// that the store failed, which is counted and logged.
func (s *Server) archived(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, history.ErrUnknown):
		return history.ErrUnknown
	case !errors.Is(err, context.Canceled): // else who asked is gone
		s.metrics.StoreFailed(op)
		s.cfg.Log.Error("the store failed", "op", op, "err", err)
	}
	return play.Unavailable
}
