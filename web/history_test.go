package web

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tictac/room"
)

// The answers as the protocol has them.
type (
	gameOf struct {
		ID       string   `json:"id"`
		Opponent opponent `json:"opponent"`
		Mark     string   `json:"mark"`
		Result   string   `json:"result"`
		Ended    string   `json:"ended"`
		Moves    int      `json:"moves"`
		Rated    *bool    `json:"rated"`
		Finished string   `json:"finished"`
		Replay   string   `json:"replay"`
	}
	opponent struct {
		ID       string  `json:"id"`
		Name     *string `json:"name"`
		Computer string  `json:"computer"`
	}
	gamePage struct {
		Games []gameOf `json:"games"`
		Next  string   `json:"next"`
	}
	side struct {
		opponent
		Mark string `json:"mark"`
	}
	finishedRound struct {
		ID       string `json:"id"`
		Round    int    `json:"round"`
		Host     side   `json:"host"`
		Guest    side   `json:"guest"`
		Began    string `json:"began"`
		Finished string `json:"finished"`
		Moves    []struct {
			Cell int   `json:"cell"`
			At   int64 `json:"at_ms"`
		} `json:"moves"`
		Board  string `json:"board"`
		Ended  string `json:"ended"`
		Winner string `json:"winner"`
		Line   []int  `json:"line"`
		By     string `json:"by"`
		Rated  *bool  `json:"rated"`
	}
	board struct {
		Players []struct {
			Rank      int    `json:"rank"`
			ID        string `json:"id"`
			Name      string `json:"name"`
			Rating    int    `json:"rating"`
			Deviation int    `json:"rating_deviation"`
			Played    int    `json:"played"`
		} `json:"players"`
	}
)

var moment = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

// A finished round is in the history of both, in their statistics, and by itself.
func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.visitor(), w.visitor()
	id := w.playRound(ann, bob)
	a, b := ann.me(), bob.me()
	if a.Played != 1 || a.Won != 1 || a.Streak != 1 || a.BestStreak != 1 || a.Lost+a.Drawn+a.Abandoned != 0 || a.Rating != nil || a.Deviation != nil {
		t.Errorf("the winner: %+v", a)
	}
	if b.Played != 1 || b.Lost != 1 || b.Streak != 0 || b.Won+b.Drawn+b.Abandoned != 0 {
		t.Errorf("the loser: %+v", b)
	}
	r := w.do("GET", "/api/players/"+a.ID, "")
	if p := strictly[player](t, r, 200); p != a {
		t.Errorf("as others see her: %+v", p)
	}
	wantHeader(t, r, "Cache-Control", "public, max-age=2")
	wantHeader(t, ann.do("GET", "/api/me", ""), "Cache-Control", "no-store")

	page := strictly[gamePage](t, w.do("GET", "/api/players/"+b.ID+"/games", ""), 200)
	if len(page.Games) != 1 || page.Next != "" {
		t.Fatalf("games: %+v", page)
	}
	g := page.Games[0]
	if g.ID != id || g.Opponent.ID != a.ID || *g.Opponent.Name != "Ann" || g.Opponent.Computer != "" || g.Mark != "O" || g.Result != "lost" ||
		g.Ended != "line" || g.Moves != 7 || g.Rated == nil || *g.Rated || !moment.MatchString(g.Finished) || g.Replay != "/replay/"+id {
		t.Errorf("the game: %+v", g)
	}
	if mine := strictly[gamePage](t, w.do("GET", "/api/players/"+a.ID+"/games", ""), 200).Games[0]; mine.Mark != "X" || mine.Result != "won" || mine.Opponent.ID != b.ID {
		t.Errorf("her game: %+v", mine)
	}

	r = w.do("GET", "/api/rounds/"+id, "")
	wantHeader(t, r, "Cache-Control", "public, max-age=600")
	round := strictly[finishedRound](t, r, 200)
	var cells []int
	for i, m := range round.Moves {
		cells = append(cells, m.Cell)
		if m.At < 0 || i > 0 && m.At < round.Moves[i-1].At {
			t.Errorf("moves at %+v", round.Moves)
		}
	}
	if round.ID != id || round.Round != 1 || round.Host.ID != a.ID || round.Host.Mark != "X" || *round.Guest.Name != "Bob" || round.Guest.Mark != "O" ||
		!moment.MatchString(round.Began) || round.Finished != g.Finished || !slices.Equal(cells, []int{4, 0, 8, 1, 7, 3, 6}) ||
		round.Board != "OO.OX.XXX" || round.Ended != "line" || round.Winner != "X" || !slices.Equal(round.Line, []int{6, 7, 8}) || round.By != "" || round.Rated == nil || *round.Rated {
		t.Errorf("the round: %s", r.body)
	}
	if strings.Contains(r.body, "code") {
		t.Errorf("the room's code is told: %s", r.body)
	}
	for _, path := range []string{"/replay/" + id, "/player/" + a.ID} {
		for _, slash := range []string{"", "/"} {
			if r := w.do("GET", path+slash, ""); r.StatusCode != 200 || !strings.Contains(r.body, "<!doctype html>") {
				t.Errorf("%s: %d", path+slash, r.StatusCode)
			}
		}
		if r := w.do("HEAD", path, ""); r.StatusCode != 200 || r.body != "" {
			t.Errorf("HEAD %s: %d", path, r.StatusCode)
		}
	}
	if r := w.do("HEAD", "/api/rounds/"+id, ""); r.StatusCode != 200 || r.body != "" {
		t.Errorf("HEAD: %d %q", r.StatusCode, r.body)
	}
}

// A round that somebody gave up says who; a draw has nobody.
func TestRoundByWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.visitor(), w.visitor()
	a := ann.create(`{"name":"Ann"}`)
	b := bob.join(a.Code, "Bob")
	host, _ := w.enter(a)
	guest, _ := w.enter(b)
	host.move(4)
	guest.until(func(v roomView) bool { return v.Ply == 1 })
	guest.say(`{"type":"resign"}`)
	id := guest.until(func(v roomView) bool { return v.Phase == "over" }).RoundID
	var r reply
	if !soon(func() bool { r = w.do("GET", "/api/rounds/"+id, ""); return r.StatusCode == 200 }) {
		t.Fatal("it is not told")
	}
	if round := strictly[finishedRound](t, r, 200); round.By != "guest" || round.Ended != "resign" || round.Winner != "X" || round.Line == nil || len(round.Line) != 0 || round.Board != "....X...." {
		t.Errorf("the round: %s", r.body)
	}
}

// Pages of a history: newest first, each once, and the cursor of one player is not
// another's.
func TestGamesPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cy := w.visitor(), w.visitor(), w.visitor()
	var all []string
	for range 3 {
		all = append(all, w.playRound(ann, bob))
	}
	foreign := w.playRound(bob, cy)
	slices.Reverse(all)
	games := "/api/players/" + ann.me().ID + "/games"
	var got []string
	next := ""
	for range 4 {
		page := strictly[gamePage](t, w.do("GET", games+"?limit=1"+next, ""), 200)
		for _, g := range page.Games {
			got = append(got, g.ID)
		}
		if page.Next == "" {
			break
		}
		next = "&before=" + page.Next
	}
	if !slices.Equal(got, all) {
		t.Errorf("paged: %v, want %v", got, all)
	}
	if page := strictly[gamePage](t, w.do("GET", games+"?limit=3", ""), 200); len(page.Games) != 3 || page.Next != "" {
		t.Errorf("all at once: %+v", page)
	}
	if page := strictly[gamePage](t, w.do("GET", games+"?before="+all[2], ""), 200); page.Games == nil || len(page.Games) != 0 {
		t.Errorf("after the last: %+v", page)
	}
	for _, cursor := range []string{foreign, "AAAAAAAAAAAAAAAAAAAAAAAAAA", "", "'", "1%27--", url.QueryEscape("a b"), strings.Repeat("A", 65), ann.me().ID} {
		w.wantProblem(w.do("GET", games+"?before="+cursor, ""), 400, "bad_request")
	}
	w.wantProblem(w.do("GET", "/api/players/aaaaaaaaaaaaaaaa/games?before="+foreign, ""), 404, "not_found")
}

// A limit is one that may be, or refused: nobody gets less than they think.
func TestListLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.visitor()
	ann.create(`{"name":"Ann"}`)
	for _, path := range []string{"/api/leaderboard", "/api/players/" + ann.me().ID + "/games"} {
		for _, limit := range []string{"1", "20", "100"} {
			if r := w.do("GET", path+"?limit="+limit, ""); r.StatusCode != 200 {
				t.Errorf("%s?limit=%s: %d", path, limit, r.StatusCode)
			}
		}
		for _, limit := range []string{"0", "-1", "101", "1e9", "1000000000", "99999999999999999999", "1.5", "", "ten", "0x10", "1%20", "null"} {
			w.wantProblem(w.do("GET", path+"?limit="+limit, ""), 400, "bad_request")
		}
	}
	r := w.do("GET", "/api/leaderboard", "")
	wantHeader(t, r, "Cache-Control", "public, max-age=5")
	if b := strictly[board](t, r, 200); b.Players == nil || len(b.Players) != 0 {
		t.Errorf("nobody is rated, and yet: %s", r.body)
	}
}

// Whoever is not there is answered in the same way, whatever the id looks like.
func TestNoSuchHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.do("GET", "/", "").body
	for _, id := range []string{"aaaaaaaaaaaaaaaa", "x", "..", "%2e%2e%2fx", "a'b", "a%00b", "%F0%9F%91%8F", strings.Repeat("a", 65), strings.Repeat("a", 3000)} {
		for _, path := range []string{"/api/players/" + id, "/api/players/" + id + "/games", "/api/rounds/" + id} {
			w.wantProblem(w.do("GET", path, ""), 404, "not_found")
		}
		for _, path := range []string{"/replay/", "/player/"} {
			if r := w.do("GET", path+id, ""); r.StatusCode != 404 || r.body != page {
				t.Errorf("%s%.20s: %d", path, id, r.StatusCode)
			}
		}
	}
	for _, path := range []string{"/me", "/leaderboard", "/handoff", "/me/", "/leaderboard/", "/handoff/"} {
		if r := w.do("GET", path, ""); r.StatusCode != 200 || r.body != page {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

func TestHistoryMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, allow := range map[string][]string{
		"/api/me": {"GET", "DELETE"}, "/api/me/handoff": {"POST"}, "/api/handoff": {"POST"}, "/api/match": {"POST"},
		"/api/players/x": {"GET"}, "/api/players/x/games": {"GET"}, "/api/rounds/x": {"GET"}, "/api/leaderboard": {"GET"}, "/replay/x": {"GET"}, "/me": {"GET"},
	} {
		r := w.do("PUT", path, "")
		w.wantProblem(r, 405, "method_not_allowed")
		if got := r.Header.Values("Allow"); !slices.Equal(got, allow) {
			t.Errorf("%s: Allow is %v, want %v", path, got, allow)
		}
	}
}

// Reading is limited for each address, pages and API together.
func TestReadLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, func(s *settings) { s.JoinLimit = 60; s.noKeeper = true })
	if l := w.server.reads; l.perSecond != 10 || l.burst != 50 {
		t.Errorf("%v a second, %d at once", l.perSecond, l.burst)
	}
	w.server.reads = newLimiter[netip.Prefix](0.01, 50)
	ann := w.visitor()
	ann.create(`{"name":"Ann"}`)
	id, secret := ann.me().ID, ann.secret()
	me := append(from("192.0.2.1"), "Authorization", "Bearer "+secret)
	paths := []string{"/api/me", "/api/players/" + id, "/api/players/" + id + "/games", "/api/leaderboard", "/player/" + id}
	for i := range 50 {
		if r := w.do("GET", paths[i%len(paths)], "", me...); r.StatusCode != 200 {
			t.Fatalf("read %d: %d %s", i+1, r.StatusCode, r.body)
		}
	}
	for _, path := range append(paths[:4:4], "/api/rounds/x") {
		w.wantLimited(w.do("GET", path, "", me...), 200)
	}
	if r := w.do("GET", "/player/"+id, "", me...); r.StatusCode != 429 || r.Header.Get("Retry-After") == "" || !strings.Contains(r.body, "<!doctype html>") {
		t.Errorf("page: %d %.40s", r.StatusCode, r.body)
	}
	w.seat(w.do("POST", "/api/games", `{"name":"Ann"}`, me...), 201) // playing is not reading
	if r := w.do("GET", "/api/leaderboard", "", from("192.0.2.2")...); r.StatusCode != 200 {
		t.Errorf("another address: %d", r.StatusCode)
	}
}

// Moments are told to the millisecond, even a round one.
func TestStamp(t *testing.T) {
	t.Parallel()
	for ms, want := range map[room.Instant]string{0: "1970-01-01T00:00:00.000Z", 1_795_551_303_120: "2026-11-24T20:15:03.120Z"} {
		if got := stamp(ms); got != want {
			t.Errorf("%d: %s, want %s", ms, got, want)
		}
	}
}
