package web

import (
	"fmt"
	"testing"
)

// Strangers are seated with each other, in the order of their coming.
func TestMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.visitor(), w.visitor()
	r := ann.do("POST", "/api/match", `{"name":"Ann"}`)
	a := w.seat(r, 201)
	wantFields(t, r, "code", "seat", "you")
	wantHeader(t, r, "Location", "/game/"+a.Code)
	wantHeader(t, r, "Cache-Control", "no-store")
	host, v := w.enter(a)
	if a.You != "host" || v.Phase != "waiting" || !v.Rated {
		t.Errorf("%+v sees %+v", a, v)
	}
	r = bob.do("POST", "/api/match", `{"name":"Bob"}`)
	b := w.seat(r, 200)
	wantFields(t, r, "code", "seat", "you")
	wantHeader(t, r, "Location", "")
	if b.You != "guest" || b.Code != a.Code {
		t.Errorf("matched %+v with %+v", b, a)
	}
	if v := host.until(func(v roomView) bool { return v.Guest != nil }); v.Guest.Name != "Bob" || !v.Rated || v.Phase != "playing" {
		t.Errorf("the host sees %+v", v)
	}
}

// A rated round is in the leaderboard's and the players' numbers as such.
func TestRatedRound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.visitor(), w.visitor()
	a := w.seat(ann.do("POST", "/api/match", `{"name":"Ann"}`), 201)
	w.enter(a) // who is not there is matched with nobody
	b := w.seat(bob.do("POST", "/api/match", `{"name":"Bob"}`), 200)
	id := w.win(a, b)
	me := ann.me()
	if me.Rating == nil || me.Deviation == nil || *me.Rating <= 1500 || *me.Deviation >= 350 {
		t.Errorf("the winner: %+v", me)
	}
	if round := strictly[finishedRound](t, w.do("GET", "/api/rounds/"+id, ""), 200); !*round.Rated {
		t.Errorf("the round: %+v", round)
	}
	if g := strictly[gamePage](t, w.do("GET", "/api/players/"+me.ID+"/games", ""), 200).Games[0]; !*g.Rated {
		t.Errorf("the game: %+v", g)
	}
}

func TestMatchRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, code := range map[string]string{
		``: "bad_request", `[]`: "bad_request", `{"name":5}`: "bad_request", `{}`: "name_required", `{"name":" "}`: "name_required", `{"name":"012345678901234567890"}`: "name_too_long",
	} {
		w.wantProblem(w.do("POST", "/api/match", body), 400, code)
	}
}

// The computer takes the guest's seat, and the clock is in the view.
func TestOpenings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, level := range []string{"easy", "medium", "perfect"} {
		_, v := w.enter(w.visitor().create(`{"name":"Ann","opponent":"` + level + `"}`))
		if v.Phase != "playing" || v.Guest == nil || v.Guest.Computer != level || !v.Guest.Online || v.Guest.BackIn != nil || v.TurnSeconds != 0 || v.TurnMS != nil || v.Rated {
			t.Errorf("%s: %+v", level, v)
		}
	}
	for _, seconds := range []int{5, 15, 120} {
		a := w.visitor().create(fmt.Sprintf(`{"name":"Ann","turn_seconds":%d}`, seconds))
		host, v := w.enter(a)
		if v.TurnSeconds != seconds || v.TurnMS != nil {
			t.Errorf("waiting: %+v", v)
		}
		w.enter(w.visitor().join(a.Code, "Bob"))
		v = host.until(func(v roomView) bool { return v.Phase == "playing" })
		if v.TurnMS == nil || *v.TurnMS < 0 || *v.TurnMS > int64(seconds)*1000 {
			t.Errorf("playing: %+v", v)
		}
	}
	host, v := w.enter(w.create("Ann"))
	host.hangUp()
	if v.TurnSeconds != 0 || v.TurnMS != nil || v.Rated || v.RoundID != "" {
		t.Errorf("a plain room: %+v", v)
	}
	both := `{"name":"Ann","opponent":"easy","turn_seconds":60,"something":"else"}`
	if _, v := w.enter(w.visitor().create(both)); v.TurnSeconds != 60 || v.Guest.Computer != "easy" || v.TurnMS == nil {
		t.Errorf("both: %+v", v)
	}
}

func TestWrongOpenings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, field := range []string{
		`"opponent":"hard"`, `"opponent":""`, `"opponent":"Easy"`, `"opponent":1`, `"opponent":true`, `"opponent":["easy"]`, `"opponent":{}`,
		`"turn_seconds":4`, `"turn_seconds":0`, `"turn_seconds":-15`, `"turn_seconds":121`, `"turn_seconds":1e9`, `"turn_seconds":15.5`, `"turn_seconds":15.0`,
		`"turn_seconds":99999999999999999999`, `"turn_seconds":"15"`, `"turn_seconds":true`, `"turn_seconds":[15]`, `"opponent":"easy","turn_seconds":1`,
	} {
		w.wantProblem(w.do("POST", "/api/games", `{"name":"Ann",`+field+`}`), 400, "bad_request")
	}
	// What was left out may be said to be nothing; a join has no such fields.
	code := w.seat(w.do("POST", "/api/games", `{"name":"Ann","opponent":null,"turn_seconds":null}`), 201).Code
	w.seat(w.do("POST", "/api/games/"+code+"/join", `{"name":"Bob","opponent":7,"turn_seconds":"x"}`), 200)
}
