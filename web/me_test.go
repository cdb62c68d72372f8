package web

import (
	"strings"
	"testing"
	"time"

	"tictac/history"
	"tictac/play"
	"tictac/room"
)

// offer has a visitor make a token for another device.
func (v *visitor) offer() offer {
	v.w.t.Helper()
	r := v.do("POST", "/api/me/handoff", "")
	o := strictly[offer](v.w.t, r, 201)
	v.w.keepSecret(o.Token)
	wantHeader(v.w.t, r, "Cache-Control", "no-store")
	if len(o.Token) != secretLength || o.Link != "/handoff#"+o.Token || o.ExpiresIn != 300_000 || cookieOf(r) != nil {
		v.w.t.Fatalf("offered: %s", r.body)
	}
	return o
}

func (v *visitor) redeem(token string) reply {
	v.w.t.Helper()
	return v.do("POST", "/api/handoff", `{"token":"`+token+`"}`)
}

// Another device goes on as the same player, with a secret of its own; its link
// works once.
func TestHandoff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone, laptop, thief := w.visitor(), w.visitor(), w.visitor()
	phone.create(`{"name":"Ann"}`)
	me := phone.me()
	laptop.create(`{"name":"Anna"}`) // it was somebody else before
	token := phone.offer().Token
	r := laptop.redeem(token)
	if p := strictly[player](t, r, 200); p != me {
		t.Errorf("got %+v, want %+v", p, me)
	}
	wantHeader(t, r, "Cache-Control", "no-store")
	if c := cookieOf(r); c == nil || !c.HttpOnly || c.MaxAge != 31_536_000 || c.Value == phone.secret() || c.Value == token {
		t.Errorf("the cookie is %v", c)
	}
	if laptop.me() != me || phone.me() != me {
		t.Errorf("they are %+v and %+v", laptop.me(), phone.me())
	}
	r = thief.redeem(token)
	w.wantProblem(r, 404, "not_found")
	if cookieOf(r) != nil || thief.secret() != "" {
		t.Error("a used link gives an identity")
	}
	w.wantProblem(laptop.redeem(token), 404, "not_found")
	if laptop.me() != me {
		t.Error("trying again has lost the identity")
	}
}

// Of many who use one link at once, one gets the identity.
func TestHandoffRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.visitor()
	ann.create(`{"name":"Ann"}`)
	token := ann.offer().Token
	got := make(chan int, 8)
	for range cap(got) {
		v := w.visitor()
		go func() { got <- v.redeem(token).StatusCode }()
	}
	statuses := map[int]int{}
	for range cap(got) {
		statuses[<-got]++
	}
	if statuses[200] != 1 || statuses[404] != 7 {
		t.Errorf("answered %v", statuses)
	}
}

func TestHandoffRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.visitor()
	ann.create(`{"name":"Ann"}`)
	me := ann.me()
	late := "LATELATELATELATELATELATE22"
	if err := w.store.Offer(t.Context(), play.KeyOf(late), me.ID, room.At(time.Now().Add(-time.Second))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		body   string
		status int
		code   string
	}{
		{`{"token":"` + late + `"}`, 404, "not_found"},
		{`{"token":"AAAAAAAAAAAAAAAAAAAAAAAAAA"}`, 404, "not_found"},
		{`{"token":"` + ann.secret() + `"}`, 404, "not_found"},
		{`{"token":"` + me.ID + `"}`, 404, "not_found"},
		{`{"token":""}`, 404, "not_found"},
		{`{"token":"` + strings.Repeat("A", 3000) + `"}`, 404, "not_found"},
		{`{"token":"` + strings.Repeat("A", 4100) + `"}`, 413, "too_large"},
		{`{"token":7}`, 400, "bad_request"},
		{`{"token":null}`, 400, "bad_request"},
		{`{}`, 400, "bad_request"},
		{``, 400, "bad_request"},
		{`"x"`, 400, "bad_request"},
	} {
		r := w.do("POST", "/api/handoff", c.body)
		w.wantProblem(r, c.status, c.code)
		if cookieOf(r) != nil {
			t.Errorf("%.40s: a cookie", c.body)
		}
	}
	w.wantProblem(w.do("POST", "/api/me/handoff", ""), 401, "unauthorized")
	w.wantProblem(w.do("GET", "/api/me", ""), 401, "unauthorized")
	w.wantProblem(w.do("DELETE", "/api/me", ""), 401, "unauthorized")
	// A token is offered for as long as is said.
	ann.offer()
	if history.HandoffTime != 5*time.Minute {
		t.Errorf("offered for %v", history.HandoffTime)
	}
}

// Who is forgotten is nobody, on all devices, and has no name in any game.
func TestForgetMe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, laptop := w.visitor(), w.visitor(), w.visitor()
	id := w.playRound(ann, bob)
	me, open := ann.me(), ann.offer().Token
	laptop.redeem(ann.offer().Token)
	secret := ann.secret()

	r := ann.do("DELETE", "/api/me", "")
	if r.StatusCode != 204 || r.body != "" || ann.secret() != "" {
		t.Fatalf("%d %q, and the cookie is %q", r.StatusCode, r.body, ann.secret())
	}
	wantHeader(t, r, "Cache-Control", "no-store")
	w.wantProblem(ann.do("GET", "/api/me", ""), 401, "unauthorized")
	w.wantProblem(w.do("GET", "/api/me", "", "Authorization", "Bearer "+secret), 401, "unauthorized")
	w.wantProblem(w.do("DELETE", "/api/me", "", "Authorization", "Bearer "+secret), 401, "unauthorized")
	w.wantProblem(laptop.do("GET", "/api/me", ""), 401, "unauthorized")
	w.wantProblem(w.visitor().redeem(open), 404, "not_found")
	w.wantProblem(w.do("GET", "/api/players/"+me.ID, ""), 404, "not_found")
	w.wantProblem(w.do("GET", "/api/players/"+me.ID+"/games", ""), 404, "not_found")

	r = w.do("GET", "/api/rounds/"+id, "")
	if round := strictly[finishedRound](t, r, 200); round.Host.ID != "" || *round.Host.Name != "" || *round.Guest.Name != "Bob" {
		t.Errorf("the round: %s", r.body)
	}
	r = w.do("GET", "/api/players/"+bob.me().ID+"/games", "")
	if page := strictly[gamePage](t, r, 200); len(page.Games) != 1 || page.Games[0].Opponent.ID != "" || *page.Games[0].Opponent.Name != "" {
		t.Errorf("his history: %s", r.body)
	}
	if b := bob.me(); b.Played != 1 || b.Lost != 1 {
		t.Errorf("he has %+v", b)
	}
	// Who plays again is somebody new.
	ann.create(`{"name":"Ann"}`)
	if again := ann.me(); again.ID == me.ID || again.Played != 0 {
		t.Errorf("again: %+v", again)
	}
}

// Another site's page may change nothing.
func TestForeignOrigins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.visitor()
	ann.create(`{"name":"Ann"}`)
	token := ann.offer().Token
	for _, c := range [][3]string{
		{"POST", "/api/match", `{"name":"Ann"}`}, {"DELETE", "/api/me", ""}, {"POST", "/api/me/handoff", ""}, {"POST", "/api/handoff", `{"token":"` + token + `"}`},
	} {
		for _, origin := range []string{"https://evil.example", "null", ""} {
			r := w.do(c[0], c[1], c[2], "Origin", origin, "Cookie", playerCookie+"="+ann.secret())
			w.wantProblem(r, 403, "forbidden_origin")
			if cookieOf(r) != nil {
				t.Errorf("%s %s: a cookie", c[0], c[1])
			}
		}
	}
	if r := w.visitor().redeem(token); r.StatusCode != 200 {
		t.Errorf("the token was spent: %d", r.StatusCode)
	}
}

// Changes of an identity count with games that are created.
func TestChangesAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, func(s *settings) { s.JoinLimit = 1 })
	ann := w.visitor()
	ann.create(`{"name":"Ann"}`)
	me := append(from("192.0.2.1"), "Authorization", "Bearer "+ann.secret())
	for range 20 {
		o := strictly[offer](t, w.do("POST", "/api/me/handoff", "", me...), 201)
		w.keepSecret(o.Token)
	}
	w.wantLimited(w.do("POST", "/api/me/handoff", "", me...), 60)
	w.wantLimited(w.do("POST", "/api/handoff", `{"token":"x"}`, me...), 60)
	w.wantLimited(w.do("DELETE", "/api/me", "", me...), 60)
	w.wantLimited(w.do("POST", "/api/match", `{"name":"Ann"}`, me...), 60)
}
