package web

import (
	"testing"
	"time"

	"tictac/room"
)

func TestHostLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, code := w.play()
	watcher := w.watch(code)
	host.say(`{"type":"leave"}`, `{"type":"ping","t":1}`)
	host.skipTo(`{"type":"closed","reason":"left"}`)
	host.wantClosed(4000)
	for _, c := range []*client{guest, watcher} {
		c.skipTo(`{"type":"closed","reason":"host_left"}`)
		if said := c.wantClosed(4000); len(said) > 0 {
			t.Errorf("said after closed: %v", said)
		}
	}
	w.wantProblem(w.do("GET", "/api/games/"+code, ""), 404, "game_not_found")
	w.wantProblem(w.do("POST", "/api/games/"+code+"/join", `{"name":"Cy"}`), 404, "game_not_found")
	late := w.dial(code)
	late.say(`{"type":"hello"}`)
	late.want(`{"type":"closed","reason":"not_found"}`)
	late.wantClosed(4000)
	w.wantMetric("tictac_rooms", 0)
	w.wantMetric(`tictac_games_finished_total{ended="left"}`, 1)
}

func TestGuestLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.create("Ann")
	b := w.join(a.Code, "Bob")
	host, _ := w.enter(a)
	guest, _ := w.enter(b)
	tab, _ := w.enter(b) // the guest's other tab
	watcher := w.watch(a.Code)
	host.move(4)
	guest.say(`{"type":"leave"}`)
	for _, c := range []*client{guest, tab} {
		c.skipTo(`{"type":"closed","reason":"left"}`)
		c.wantClosed(4000)
	}
	for _, c := range []*client{host, watcher} {
		v := c.until(func(v roomView) bool { return v.Phase == "waiting" })
		if v.Guest != nil || v.Ended != "left" || v.Board != "........." || v.Host.Wins != 0 || v.Turn != "" {
			t.Errorf("after the guest left: %+v", v)
		}
	}
	again := w.dial(b.Code)
	again.say(`{"type":"hello","seat":"` + b.Seat + `"}`)
	again.wantClosed(4001)
	c := w.join(a.Code, "Cy")
	next, v := w.enter(c)
	if v.Round != 2 || v.Host.Mark != "X" || v.Guest.Name != "Cy" || v.Ended != "" {
		t.Errorf("the next guest sees %+v", v)
	}
	host.until(func(v roomView) bool { return v.Guest != nil && v.Guest.Online })
	host.move(0)
	next.move(1)
}

func TestExpired(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t, func(s *settings) {
		s.rules = room.Rules{Grace: time.Minute, WaitingGrace: time.Minute, Idle: 2500 * time.Millisecond}
	})
	host, guest, code := w.play()
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if _, err := guest.nc.Write(pingFrame); err != nil { // pings do not count
			break
		}
	}
	host.skipTo(`{"type":"closed","reason":"expired"}`)
	host.wantClosed(4000)
	w.wantProblem(w.do("GET", "/api/games/"+code, ""), 404, "game_not_found")
}

// Two tabs of one seat see the same, and both play; the player is online while
// one of them lives.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.create("Ann")
	b := w.join(a.Code, "Bob")
	guest, _ := w.enter(b)
	one, _ := w.enter(a)
	two, v := w.enter(a)
	if !v.Host.Online {
		t.Errorf("the second tab sees %+v", v)
	}
	w.wantMetric("tictac_players", 3)
	w.wantMetric("tictac_rooms", 1)
	two.move(4)
	one.until(func(v roomView) bool { return v.Board[4] == 'X' })
	guest.move(0)
	rev := one.until(func(v roomView) bool { return v.Ply == 2 }).Rev
	two.until(func(v roomView) bool { return v.Ply == 2 })
	two.hangUp()
	w.wantMetric("tictac_players", 2)
	one.move(8)
	v = guest.until(func(v roomView) bool { return v.Ply == 3 })
	if !v.Host.Online || v.Rev != rev+1 {
		t.Errorf("after one tab closed: %+v", v)
	}
	one.hangUp()
	if v := guest.until(func(v roomView) bool { return !v.Host.Online }); v.Host.BackIn == nil {
		t.Errorf("after both closed: %+v", v)
	}
	if _, v := w.enter(a); !v.Host.Online || v.Board != "O...X...X" {
		t.Errorf("after coming back: %+v", v)
	}
}

// A client that closes is answered with its own code, and the code is counted.
func TestClosedByClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.create("Ann").Code
	c := w.watch(code)
	c.frame(8, "\x03\xe9")
	c.wantClosed(1001)
	w.wantMetric(`tictac_sockets_closed_total{code="1001"}`, 1)
	w.watch(code).hangUp()
	w.wantMetric(`tictac_sockets_closed_total{code="1006"}`, 1)
	w.wantMetric("tictac_spectators", 0)
}
