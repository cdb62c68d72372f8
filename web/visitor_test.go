package web

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// A visitor is a browser: it keeps its cookies and sends its origin.
type visitor struct {
	w   *world
	jar http.CookieJar
}

func (w *world) visitor() *visitor {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &visitor{w, jar}
}

func (v *visitor) do(method, path, body string, header ...string) reply {
	v.w.t.Helper()
	here, err := url.Parse(v.w.url)
	if err != nil {
		v.w.t.Fatal(err)
	}
	var cookies []string
	for _, c := range v.jar.Cookies(here) {
		cookies = append(cookies, c.String())
	}
	if cookies != nil {
		header = append(header, "Cookie", strings.Join(cookies, "; "))
	}
	r := v.w.do(method, path, body, append(header, "Origin", v.w.url)...)
	v.jar.SetCookies(here, r.Cookies())
	return r
}

// secret is the one in the visitor's cookie, empty if there is none.
func (v *visitor) secret() string {
	here, _ := url.Parse(v.w.url)
	for _, c := range v.jar.Cookies(here) {
		if c.Name == playerCookie {
			return c.Value
		}
	}
	return ""
}

func (v *visitor) create(body string) seated {
	v.w.t.Helper()
	return v.w.seat(v.do("POST", "/api/games", body), 201)
}

func (v *visitor) join(code, name string) seated {
	v.w.t.Helper()
	return v.w.seat(v.do("POST", "/api/games/"+code+"/join", `{"name":"`+name+`"}`), 200)
}

// A player is one as the protocol has it; tests decode strictly.
type player struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Played     int    `json:"played"`
	Won        int    `json:"won"`
	Lost       int    `json:"lost"`
	Drawn      int    `json:"drawn"`
	Abandoned  int    `json:"abandoned"`
	Streak     int    `json:"streak"`
	BestStreak int    `json:"best_streak"`
	Rating     *int   `json:"rating"`
	Deviation  *int   `json:"rating_deviation"`
}

// me is who the visitor is.
func (v *visitor) me() player {
	v.w.t.Helper()
	return strictly[player](v.w.t, v.do("GET", "/api/me", ""), 200)
}

// strictly is the body of an answer that has all of its fields known here.
func strictly[T any](t *testing.T, r reply, status int) (body T) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(r.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil || r.StatusCode != status {
		t.Fatalf("%s %s: %d %s: %v, want %d", r.Request.Method, r.Request.URL.Path, r.StatusCode, r.body, err, status)
	}
	return body
}

// playRound has two visitors play a round in a new room, which the host wins, and
// returns its id once it is told.
func (w *world) playRound(host, guest *visitor) (id string) {
	w.t.Helper()
	a := host.create(`{"name":"Ann"}`)
	return w.win(a, guest.join(a.Code, "Bob"))
}

// win plays the first round of a room: the host wins with seven moves.
func (w *world) win(a, b seated) (id string) {
	w.t.Helper()
	host, _ := w.enter(a)
	guest, _ := w.enter(b)
	var last roomView
	for ply, cell := range []int{4, 0, 8, 1, 7, 3, 6} {
		mover, other := host, guest
		if ply%2 == 1 {
			mover, other = guest, host
		}
		last = mover.move(cell)
		other.until(func(v roomView) bool { return v.Ply > ply })
	}
	if last.Winner != "X" || last.RoundID == "" {
		w.t.Fatalf("the round was not won: %+v", last)
	}
	if !soon(func() bool { return w.do("GET", "/api/rounds/"+last.RoundID, "").StatusCode == 200 }) {
		w.t.Fatalf("round %s is not told", last.RoundID)
	}
	host.hangUp()
	guest.hangUp()
	return last.RoundID
}
