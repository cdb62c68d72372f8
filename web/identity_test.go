package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tictac/play"
)

var playerID = regexp.MustCompile(`^[a-z2-7]{16}$`)

// The cookie of an answer; nil if it sets none.
func cookieOf(r reply) *http.Cookie {
	for _, c := range r.Cookies() {
		if c.Name == playerCookie {
			return c
		}
	}
	return nil
}

// A browser gets an identity at its first game, and keeps it in all that follow.
func TestIdentityAtFirstGame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.visitor()
	for _, path := range []string{"/", "/me", "/leaderboard", "/api/leaderboard", "/api/me", "/api/games/ffffff"} {
		if c := cookieOf(ann.do("GET", path, "")); c != nil {
			t.Errorf("%s gives an identity: %v", path, c)
		}
	}
	r := ann.do("POST", "/api/games", `{"name":"Ann"}`)
	first := w.seat(r, 201)
	c := cookieOf(r)
	if c == nil || len(c.Value) < 26 || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || c.Path != "/" ||
		c.MaxAge != 31_536_000 || c.Domain != "" || len(r.Cookies()) != 1 {
		t.Fatalf("the cookie is %v", c)
	}
	wantHeader(t, r, "Cache-Control", "no-store")
	secret := ann.secret()
	me := ann.me()
	if !playerID.MatchString(me.ID) || me.Name != "Ann" || me.Played != 0 || me.Rating != nil {
		t.Errorf("me: %+v", me)
	}

	ann.create(`{"name":"Anna"}`)
	ann.join(first.Code, "Ann") // against herself, which she may
	w.seat(ann.do("POST", "/api/match", `{"name":"Ann"}`), 201)
	if again := ann.me(); ann.secret() != secret || again.ID != me.ID {
		t.Errorf("another identity: %+v, before: %+v", again, me)
	}

	other := w.visitor()
	other.create(`{"name":"Ann"}`)
	if him := other.me(); him.ID == me.ID || other.secret() == secret {
		t.Errorf("two have one identity: %+v", him)
	}
}

// The year begins again with each game.
func TestCookieLasts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.visitor()
	ann.create(`{"name":"Ann"}`)
	r := ann.do("POST", "/api/games", `{"name":"Ann"}`)
	if c := cookieOf(r); c == nil || c.MaxAge != 31_536_000 || c.Value != ann.secret() {
		t.Errorf("the cookie is %v", c)
	}
	if c := cookieOf(w.do("POST", "/api/games", `{"name":"Ann"}`, "Authorization", "Bearer "+ann.secret())); c != nil {
		t.Errorf("a program gets a cookie: %v", c)
	}
}

// Secure, where the browser's end is encrypted: by us, or by a proxy that is
// trusted.
func TestSecureCookie(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")} })
	secure := func(method string, proto ...string) bool {
		req := httptest.NewRequest("POST", method+"://play.example/api/games", strings.NewReader(`{"name":"Ann"}`))
		req.RemoteAddr = proto[0] + ":1234"
		for _, p := range proto[1:] {
			req.Header.Add("X-Forwarded-Proto", p)
		}
		rec := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(rec, req)
		cookies := rec.Result().Cookies()
		if rec.Code != 201 || len(cookies) != 1 {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		return cookies[0].Secure
	}
	for _, c := range []struct {
		scheme string
		from   []string
		want   bool
	}{
		{"http", []string{"127.0.0.2"}, false},
		{"http", []string{"127.0.0.2", "https"}, true},
		{"http", []string{"127.0.0.2", "HTTPS"}, true},
		{"http", []string{"127.0.0.2", "https, http"}, true},
		{"http", []string{"127.0.0.2", "http"}, false},
		{"http", []string{"127.0.0.3", "https"}, false}, // says who?
		{"https", []string{"127.0.0.3"}, true},
		{"https", []string{"127.0.0.3", "http"}, true},
	} {
		if got := secure(c.scheme, c.from...); got != c.want {
			t.Errorf("%s from %v: Secure is %v", c.scheme, c.from, got)
		}
	}
}

// An unknown cookie is replaced at the next game, whatever is in it.
func TestUnknownCookie(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, value := range []string{"AAAAAAAAAAAAAAAAAAAAAAAAAA", "x", strings.Repeat("A", 5000), "../../etc/passwd", "%00"} {
		r := w.do("POST", "/api/games", `{"name":"Ann"}`, "Cookie", playerCookie+"="+value)
		w.seat(r, 201)
		if c := cookieOf(r); c == nil || c.Value == value || len(c.Value) != secretLength {
			t.Errorf("%.20s was replaced by %v", value, c)
		}
		r = w.do("GET", "/api/me", "", "Cookie", playerCookie+"="+value)
		w.wantProblem(r, 401, "unauthorized")
		wantHeader(t, r, "WWW-Authenticate", "Bearer")
		if c := cookieOf(r); c == nil || c.Value != "" || c.MaxAge >= 0 {
			t.Errorf("the cookie that is of no use stays: %v", c)
		}
	}
}

// Programs say who they are in a header. A wrong one is told so, and gets no seat
// as somebody else.
func TestBearer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.do("POST", "/api/games", `{"name":"Robot"}`)
	w.seat(r, 201)
	secret := cookieOf(r).Value
	bearer := []string{"Authorization", "Bearer " + secret}
	me := strictly[player](t, w.do("GET", "/api/me", "", bearer...), 200)
	if lower := strictly[player](t, w.do("GET", "/api/me", "", "Authorization", "bearer "+secret), 200); lower != me {
		t.Errorf("by a lower-case scheme: %+v", lower)
	}
	code := w.seat(w.do("POST", "/api/games", `{"name":"Robert"}`, bearer...), 201).Code
	v, err := w.house.Look(t.Context(), code)
	if err != nil || v.State.Host.Who != me.ID {
		t.Errorf("the host is %q, want %s (%v)", v.State.Host.Who, me.ID, err)
	}

	other := w.visitor()
	other.create(`{"name":"Bob"}`)
	for _, wrong := range []string{"Bearer", "Bearer ", "Bearer x", "Bearer " + strings.ToLower(secret), "Bearer " + secret + "A", "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAA", "Bearer " + play.KeyOf(secret), "Bearer " + me.ID} {
		header := []string{"Authorization", wrong, "Cookie", playerCookie + "=" + other.secret()}
		for _, c := range [][3]string{
			{"POST", "/api/games", `{"name":"Eve"}`}, {"POST", "/api/games/" + code + "/join", `{"name":"Eve"}`}, {"POST", "/api/match", `{"name":"Eve"}`},
			{"GET", "/api/me", ""}, {"DELETE", "/api/me", ""}, {"POST", "/api/me/handoff", ""},
		} {
			r := w.do(c[0], c[1], c[2], header...)
			w.wantProblem(r, 401, "unauthorized")
			wantHeader(t, r, "WWW-Authenticate", "Bearer")
			if c := cookieOf(r); c != nil {
				t.Errorf("%s: a cookie %v", wrong, c)
			}
		}
	}
	if v, _ := w.house.Look(t.Context(), code); v.State.Guest.Taken() {
		t.Error("a forged identity took a seat")
	}
	// Another scheme is for somebody in front of us.
	w.seat(w.do("POST", "/api/games", `{"name":"Ann"}`, "Authorization", "Basic YTpi"), 201)
}

// A game that cannot be makes nobody known.
func TestNoIdentityWithoutGame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	enrolled := 0
	code := w.create("Ann").Code
	w.join(code, "Bob")
	w.store.onHistory(func(_ context.Context, op string) error {
		if op == "enroll" {
			enrolled++
		}
		return nil
	})
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/api/games/" + code + "/join", `{"name":"Cy"}`, 409},
		{"/api/games/ffffff/join", `{"name":"Cy"}`, 404},
		{"/api/games", `{"name":""}`, 400},
		{"/api/games", `{"name":"Cy","opponent":"hard"}`, 400},
		{"/api/match", `{}`, 400},
	} {
		if r := w.do("POST", c.path, c.body); r.StatusCode != c.status || cookieOf(r) != nil {
			t.Errorf("%s: %d %v", c.path, r.StatusCode, cookieOf(r))
		}
	}
	if enrolled != 0 {
		t.Errorf("%d identities of nobody", enrolled)
	}
}

// Where it cannot be found out who somebody is, nothing is done in their name, nor
// in another's.
func TestArchiveAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.visitor()
	code := ann.create(`{"name":"Ann"}`).Code
	ops := map[string]int{}
	w.store.onHistory(func(_ context.Context, op string) error { ops[op]++; return errFire })
	w.wantProblem(ann.do("POST", "/api/games", `{"name":"Ann"}`), 503, "unavailable")
	w.wantProblem(ann.do("POST", "/api/games/"+code+"/join", `{"name":"Ann"}`), 503, "unavailable")
	w.wantProblem(ann.do("GET", "/api/me", ""), 503, "unavailable")
	w.wantProblem(ann.do("DELETE", "/api/me", ""), 503, "unavailable")
	w.wantProblem(w.do("POST", "/api/games", `{"name":"Bob"}`), 503, "unavailable")
	w.wantProblem(w.do("GET", "/api/rounds/x", ""), 503, "unavailable")
	if r := w.do("GET", "/replay/x", ""); r.StatusCode != 503 || !strings.Contains(r.body, "<!doctype html>") {
		t.Errorf("page: %d %.40s", r.StatusCode, r.body)
	}
	if ops["enroll"] != 1 || ops["identify"] != 4 || ops["round"] != 2 {
		t.Errorf("asked for %v", ops)
	}
	w.wantMetric(`tictac_store_errors_total{op="identify"}`, 4)
	if !strings.Contains(w.log.String(), errFire.Error()) {
		t.Error("it is not logged")
	}
	w.store.heal()
	ann.create(`{"name":"Ann"}`)
}

// A client that goes away before it is answered is no failure of the store's: an
// alarm watches how many there are.
func TestGoneIsNoFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.create("Ann").Code
	w.store.onHistory(func(context.Context, string) error { return context.Canceled })
	w.store.onLoad(func(context.Context, string) error { return context.Canceled })
	w.wantProblem(w.do("GET", "/api/rounds/x", ""), 503, "unavailable")
	w.wantProblem(w.do("GET", "/api/games/"+code, ""), 503, "unavailable")
	w.store.heal()
	for _, op := range []string{"round", "load"} {
		if n := w.metric(`tictac_store_errors_total{op="` + op + `"}`); n > 0 {
			t.Errorf("%v failures of %s", n, op)
		}
	}
}

// An archive that hangs costs nobody more than 2 s.
func TestArchiveHangs(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t)
	w.store.onHistory(func(ctx context.Context, _ string) error { <-ctx.Done(); return errors.Join(errFire, ctx.Err()) })
	begun := time.Now()
	w.wantProblem(w.do("POST", "/api/games", `{"name":"Ann"}`), 503, "unavailable")
	if took := time.Since(begun); took < 1900*time.Millisecond || took > 10*time.Second {
		t.Errorf("the answer took %v", took)
	}
}

// Guesses of identities count as those of codes do, and who is over the limit
// does not learn which are right.
func TestIdentityGuesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, func(s *settings) { s.JoinLimit = 6000; s.noKeeper = true })
	w.server.unknown = newLimiter[netip.Prefix](unknownPerSecond/100, unknownBurst)
	ann := w.visitor()
	ann.create(`{"name":"Ann"}`)
	id, eve := ann.me().ID, from("192.0.2.1")
	guesses := []func() reply{
		func() reply {
			return w.do("GET", "/api/me", "", append(eve, "Authorization", "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAA")...)
		},
		func() reply {
			return w.do("POST", "/api/match", `{"name":"Eve"}`, append(eve, "Authorization", "Bearer x")...)
		},
		func() reply { return w.do("GET", "/api/players/aaaaaaaaaaaaaaaa", "", eve...) },
		func() reply { return w.do("GET", "/api/rounds/AAAAAAAAAAAAAAAAAAAAAAAAAA", "", eve...) },
		func() reply { return w.do("GET", "/api/players/x/games", "", eve...) },
		func() reply { return w.do("POST", "/api/handoff", `{"token":"AAAAAAAAAAAAAAAAAAAAAAAAAA"}`, eve...) },
		func() reply { return w.do("GET", "/replay/AAAAAAAAAAAAAAAAAAAAAAAAAA", "", eve...) },
		func() reply { return w.do("GET", "/player/aaaaaaaaaaaaaaaa", "", eve...) },
		func() reply {
			return w.do("GET", "/api/players/"+id+"/games?before=AAAAAAAAAAAAAAAAAAAAAAAAAA", "", eve...)
		},
	}
	for i := range unknownBurst { // each is made at least twice
		if r := guesses[i%len(guesses)](); r.StatusCode != 404 && r.StatusCode != 401 && r.StatusCode != 400 {
			t.Errorf("guess %d: %d %s", i+1, r.StatusCode, r.body)
		}
	}
	right := append(slices.Clone(eve), "Authorization", "Bearer "+ann.secret())
	w.wantLimited(w.do("GET", "/api/me", "", right...), 200)
	w.wantLimited(w.do("POST", "/api/games", `{"name":"Eve"}`, right...), 200)
	w.wantLimited(w.do("GET", "/api/players/"+id, "", eve...), 200)
	if r := w.do("GET", "/player/"+id, "", eve...); r.StatusCode != 429 || r.Header.Get("Retry-After") == "" {
		t.Errorf("page: %d", r.StatusCode)
	}
	w.wantProblem(w.do("GET", "/api/me", "", eve...), 401, "unauthorized") // no guess at all
}
