package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tictac/play"
)

func TestCreateJoinLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.do("POST", "/api/games", `{"name":" Ann "}`)
	host := w.seat(r, 201)
	if !regexp.MustCompile(`^[0-9a-f]{6}$`).MatchString(host.Code) || host.You != "host" || len(host.Seat) < 22 {
		t.Errorf("created %+v", host)
	}
	wantHeader(t, r, "Location", "/game/"+host.Code)
	wantHeader(t, r, "Cache-Control", "no-store")
	wantHeader(t, r, "Content-Type", "application/json")
	wantFields(t, r, "code", "seat", "you")

	r = w.do("GET", "/api/games/"+host.Code, "")
	v, err := parseView(r.body)
	if r.StatusCode != 200 || err != nil || v.Code != host.Code || v.Phase != "waiting" || v.Guest != nil || v.Host.Name != "Ann" {
		t.Errorf("view %d %s: %v", r.StatusCode, r.body, err)
	}
	wantHeader(t, r, "Content-Type", "application/json")

	r = w.do("POST", "/api/games/"+host.Code+"/join", `{"name":"Bob"}`)
	guest := w.seat(r, 200)
	if guest.You != "guest" || guest.Code != host.Code || guest.Seat == host.Seat {
		t.Errorf("joined %+v", guest)
	}
	wantHeader(t, r, "Cache-Control", "no-store")
	wantFields(t, r, "code", "seat", "you")
	w.wantProblem(w.do("POST", "/api/games/"+host.Code+"/join", `{"name":"Cy"}`), 409, "game_full")
	if v, _ := parseView(w.do("GET", "/api/games/"+host.Code, "").body); v.Phase != "playing" || v.Guest == nil || v.Guest.Name != "Bob" {
		t.Errorf("view after the join: %+v", v)
	}
}

func wantHeader(t *testing.T, r reply, name, want string) {
	t.Helper()
	if got := r.Header.Get(name); got != want {
		t.Errorf("%s %s: %s is %q, want %q", r.Request.Method, r.Request.URL.Path, name, got, want)
	}
}

func wantFields(t *testing.T, r reply, names ...string) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(r.body), &got); err != nil || len(got) != len(names) {
		t.Errorf("answer %s: want %v (%v)", r.body, names, err)
	}
	for _, name := range names {
		if _, ok := got[name]; !ok {
			t.Errorf("answer %s has no %s", r.body, name)
		}
	}
}

func TestHTTPErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.create("Ann").Code
	join := "/api/games/" + code + "/join"
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "/api/games", ``, 400, "bad_request"},
		{"POST", "/api/games", `Ann`, 400, "bad_request"},
		{"POST", "/api/games", `{"name":"Ann"`, 400, "bad_request"},
		{"POST", "/api/games", `{"name":"Ann"} {}`, 400, "bad_request"},
		{"POST", "/api/games", `{"name":"Ann"}}`, 400, "bad_request"},
		{"POST", "/api/games", `{"name":"Ann"}]`, 400, "bad_request"},
		{"POST", "/api/games", `["Ann"]`, 400, "bad_request"},
		{"POST", "/api/games", `"Ann"`, 400, "bad_request"},
		{"POST", "/api/games", `{"name":5}`, 400, "bad_request"},
		{"POST", "/api/games", `{"name":["Ann"]}`, 400, "bad_request"},
		{"POST", "/api/games", `{"name":true}`, 400, "bad_request"},
		{"POST", "/api/games", `{}`, 400, "name_required"},
		{"POST", "/api/games", `{"name":""}`, 400, "name_required"},
		{"POST", "/api/games", `{"name":"012345678901234567890"}`, 400, "name_too_long"},
		{"POST", "/api/games", `{"name":"` + strings.Repeat("a", 4100) + `"}`, 413, "too_large"},
		{"POST", "/api/games", `{"name":"Ann"}` + strings.Repeat(" ", 4100), 413, "too_large"},
		{"POST", join, `{"name":5}`, 400, "bad_request"},
		{"POST", join, `{"name":"  "}`, 400, "name_required"},
		{"POST", join, `{"name":"` + strings.Repeat("a", 4100) + `"}`, 413, "too_large"},
		{"POST", "/api/games/ffffff/join", `{"name":"Bob"}`, 404, "game_not_found"},
		{"POST", "/api/games/nonsense/join", `{"name":"Bob"}`, 404, "game_not_found"},
		{"GET", "/api/games/ffffff", ``, 404, "game_not_found"},
		{"GET", "/api/games/nonsense", ``, 404, "game_not_found"},
		{"GET", "/nowhere", ``, 404, "not_found"},
		{"GET", "/api", ``, 404, "not_found"},
		{"POST", "/api/games/" + code + "/leave", ``, 404, "not_found"},
		{"GET", "/api/games", ``, 405, "method_not_allowed"},
		{"DELETE", "/api/games/" + code, ``, 405, "method_not_allowed"},
		{"GET", join, ``, 405, "method_not_allowed"},
		{"POST", "/", ``, 405, "method_not_allowed"},
		{"PUT", "/healthz", ``, 405, "method_not_allowed"},
	} {
		w.wantProblem(w.do(c.method, c.path, c.body), c.status, c.code)
	}
	if v, _ := parseView(w.do("GET", "/api/games/"+code, "").body); v.Rev != 1 {
		t.Errorf("what was refused changed the room: %+v", v)
	}
	wantHeader(t, w.do("DELETE", "/api/games", ""), "Allow", "POST")
}

// A body of exactly 4 KiB is taken.
func TestLargestBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"name":"Ann"}`
	w.seat(w.do("POST", "/api/games", strings.Repeat(" ", 4096-len(body))+body), 201)
}

// The forms in which people give a code.
func TestCodeForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.create("Ann").Code
	for _, form := range []string{
		code, strings.ToUpper(code), " " + code + " ", code[:3] + " " + code[3:],
		"https://play.example/game/" + code, "http://192.168.1.5:3000/game/" + code + "/",
		"  HTTPS://PLAY.EXAMPLE/GAME/" + strings.ToUpper(code) + "?from=chat#now", "play.example/game/" + code, "/game/" + code,
	} {
		for _, path := range []string{"/api/games/", "/game/"} {
			if r := w.do("GET", path+url.PathEscape(form), ""); r.StatusCode != 200 {
				t.Errorf("GET %s with %q: status %d", path, form, r.StatusCode)
			}
		}
		c := w.dial(form)
		c.say(`{"type":"hello"}`)
		c.want(`{"type":"welcome","you":"spectator"}`)
		c.hangUp()
	}
	w.seat(w.do("POST", "/api/games/"+url.PathEscape("https://x/game/"+strings.ToUpper(code))+"/join", `{"name":"Bob"}`), 200)
	for _, form := range []string{code[:5], code + "0", "g" + code[1:], code[:5] + "-", "https://play.example/" + code, "％" + code[:3], "..%2f" + code} {
		w.wantProblem(w.do("GET", "/api/games/"+url.PathEscape(form), ""), 404, "game_not_found")
	}
}

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if r := w.do("GET", path, ""); r.StatusCode != 200 {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
		if r := w.do("HEAD", path, ""); r.StatusCode != 200 || r.body != "" {
			t.Errorf("HEAD %s: %d %q", path, r.StatusCode, r.body)
		}
	}
	w.server.Drain(t.Context())
	w.wantProblem(w.do("GET", "/readyz", ""), 503, "unavailable")
	if r := w.do("GET", "/healthz", ""); r.StatusCode != 200 {
		t.Errorf("healthz while draining: %d", r.StatusCode)
	}
}

// A store that does not answer costs nobody more than 2 s, and a 503.
func TestStoreAway(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t)
	code := w.create("Ann").Code
	w.store.onLoad(func(context.Context, string) error { return errFire })
	w.wantProblem(w.do("GET", "/api/games/"+code, ""), 503, "unavailable")
	if r := w.do("GET", "/game/"+code, ""); r.StatusCode != 503 || !strings.Contains(r.body, "<!doctype html>") {
		t.Errorf("page: %d %.60s", r.StatusCode, r.body)
	}
	w.store.onLoad(nil)
	w.store.onCommit(func(ctx context.Context, _ play.Commit) error { <-ctx.Done(); return ctx.Err() })
	start := time.Now()
	w.wantProblem(w.do("POST", "/api/games", `{"name":"Bob"}`), 503, "unavailable")
	if took := time.Since(start); took < 1900*time.Millisecond || took > 4*time.Second {
		t.Errorf("the answer took %v", took)
	}
	for _, op := range []string{"load", "commit"} {
		if n := w.metric(`tictac_store_errors_total{op="` + op + `"}`); n < 1 {
			t.Errorf("store errors of %s: %v", op, n)
		}
	}
	w.store.heal()
	if r := w.do("GET", "/api/games/"+code, ""); r.StatusCode != 200 {
		t.Errorf("after the store came back: %d %s", r.StatusCode, r.body)
	}
}

// A request to /ws that is no upgrade is told so as every error is, and leaves
// no connection behind.
func TestNoUpgrade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, headers := range map[string]string{
		"plain GET":     "",
		"no key":        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
		"other version": "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			nc, err := net.Dial("tcp", w.front.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			fmt.Fprintf(nc, "GET /ws/a1b2c3 HTTP/1.1\r\nHost: x\r\n%s\r\n", headers)
			_ = nc.SetReadDeadline(time.Now().Add(2 * time.Second))
			br := bufio.NewReader(nc)
			res, err := http.ReadResponse(br, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Errorf("the body does not end: %v", err)
			}
			if res.StatusCode < 400 || res.StatusCode > 499 || res.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("status %d %s %q", res.StatusCode, res.Header.Get("Content-Type"), body)
			}
			// Either the connection serves another request, or it has ended.
			fmt.Fprintf(nc, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
			_ = nc.SetReadDeadline(time.Now().Add(2 * time.Second))
			if _, err := http.ReadResponse(br, nil); errors.As(err, new(net.Error)) && err.(net.Error).Timeout() {
				t.Error("the connection is neither served nor closed: it leaks")
			}
		})
	}
}
