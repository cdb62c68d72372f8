package web

import (
	"context"
	"strings"
	"testing"
	"time"

	"tictac/room"
)

func TestHello(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t)
	a := w.create("Ann")
	host, v := w.enter(a)
	if v.Code != a.Code || v.Phase != "waiting" || !v.Host.Online || v.Host.BackIn != nil {
		t.Errorf("the host sees %+v", v)
	}
	b := w.join(a.Code, "Bob")
	v = host.view()
	if v.Phase != "playing" || v.Guest == nil || v.Guest.Online || v.Guest.BackIn == nil || *v.Guest.BackIn <= 55_000 || *v.Guest.BackIn > 60_000 {
		t.Errorf("the host sees %+v %+v", v, v.Guest)
	}
	guest, v := w.enter(b)
	if !v.Guest.Online || v.Turn != "X" || v.Host.Mark != "X" || v.Guest.Mark != "O" || v.Round != 1 {
		t.Errorf("the guest sees %+v", v)
	}
	if v := host.view(); !v.Guest.Online || v.Guest.BackIn != nil {
		t.Errorf("the host sees %+v", v)
	}
	watcher := w.watch(a.Code)
	for _, c := range []*client{host, guest, watcher} {
		if v := c.until(func(v roomView) bool { return v.Watching == 1 }); v.Rev != 4 {
			t.Errorf("rev %d: a spectator is no commit", v.Rev)
		}
	}
	watcher.hangUp()
	host.until(func(v roomView) bool { return v.Watching == 0 })
}

// Whoever breaks the protocol before hello is shown out; what was asked in the
// wrong way is refused.
func TestFirstMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.create("Ann").Code
	for _, first := range []string{
		`{"type":"move","cell":4}`, `{"type":"ping","t":1}`, `{"type":"leave"}`, `{"type":"dance"}`, `{}`, `hello`, `[]`, ``,
	} {
		c := w.dial(code)
		c.say(first)
		if said := c.wantClosed(1008); len(said) > 0 {
			t.Errorf("%s was answered with %v", first, said)
		}
	}
	c := w.dial(code)
	c.say(`{"type":"hello","seat":5,"id":"a"}`)
	c.want(`{"type":"refused","code":"bad_message","re":"hello","id":"a"}`)
	c.say(`{"type":"hello"}`)
	c.want(`{"type":"welcome","you":"spectator"}`)
}

func TestFrames(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t)
	code := w.create("Ann").Code
	for name, c := range map[string]struct {
		say  func(c *client)
		code int
	}{
		"binary":    {func(c *client) { c.frame(2, "{}") }, 1003},
		"not UTF-8": {func(c *client) { c.frame(1, "{\"type\":\"\xff\"}") }, 1007},
		"too big":   {func(c *client) { c.say(`{"type":"ping","x":"` + strings.Repeat("x", 1024) + `"}`) }, 1009},
		"bad frame": {func(c *client) { c.frame(3, "") }, 1002},
	} {
		t.Run(name, func(t *testing.T) {
			client := w.watch(code)
			c.say(client)
			client.wantClosed(c.code)
		})
	}
	c := w.watch(code)
	largest := `{"type":"ping","t":1,"x":"` + strings.Repeat("x", 1024)
	c.say(largest[:1022] + `"}`)
	c.skipTo(`{"type":"pong","t":1}`)
}

func TestWrongSeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, other := w.create("Ann"), w.create("Eve")
	for _, seat := range []string{"", "wrong", other.Seat, a.Seat + "x", strings.ToLower(a.Seat), `\u0000`} {
		c := w.dial(a.Code)
		c.say(`{"type":"hello","seat":"` + seat + `"}`)
		if said := c.wantClosed(4001); len(said) > 0 {
			t.Errorf("seat %q was answered with %v", seat, said)
		}
	}
	if v, _ := parseView(w.do("GET", "/api/games/"+a.Code, "").body); v.Host.Online || v.Rev != 1 {
		t.Errorf("a wrong seat changed the room: %+v", v)
	}
}

func TestUnknownRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, code := range []string{"ffffff", "nonsense", "%"} {
		for _, hello := range []string{`{"type":"hello"}`, `{"type":"hello","seat":"x"}`} {
			c := w.dial(code)
			c.say(hello)
			c.want(`{"type":"closed","reason":"not_found"}`)
			c.wantClosed(4000)
		}
	}
}

func TestSecondHello(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.create("Ann")
	c, _ := w.enter(a)
	c.say(`{"type":"hello","seat":"`+a.Seat+`","id":1}`, `{"type":"hello","id":"two"}`)
	c.want(`{"type":"refused","code":"bad_message","re":"hello","id":1}`, `{"type":"refused","code":"bad_message","re":"hello","id":"two"}`)
	c.sync()
	s := w.watch(a.Code)
	if got := s.ask(`{"type":"hello","seat":"` + a.Seat + `"}`); got != `{"type":"refused","code":"bad_message","re":"hello"}` {
		t.Errorf("a spectator's second hello: %s", got)
	}
}

// The keeper is asked at moments to come, so that nobody waits for them.
func TestNoHello(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.noKeeper = true })
	a := w.create("Ann")
	silent := w.dial(a.Code)
	polite, _ := w.enter(a)
	now := time.Now()
	w.tend(now.Add(9 * time.Second))
	polite.sync()
	if n := len(w.server.all()); n != 2 {
		t.Fatalf("%d sockets after 9 s, want 2", n)
	}
	w.tend(now.Add(10*time.Second + time.Millisecond))
	if said := silent.wantClosed(1008); len(said) > 0 {
		t.Errorf("said %v", said)
	}
	polite.sync()
}

// This one does wait, to see that the server's own keeper does it.
func TestNoHelloForReal(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 10 s")
	}
	t.Parallel()
	w := newWorld(t)
	c := w.dial(w.create("Ann").Code)
	start := time.Now()
	_ = c.nc.SetReadDeadline(start.Add(15 * time.Second))
	buf := make([]byte, 4)
	if _, err := c.nc.Read(buf); err != nil || buf[0] != 0x88 || int(buf[2])<<8|int(buf[3]) != 1008 {
		t.Errorf("read % x: %v", buf, err)
	}
	if took := time.Since(start); took < 9500*time.Millisecond || took > 12*time.Second {
		t.Errorf("closed after %v", took)
	}
}

// tend is what the keeper does at a moment.
func (w *world) tend(now time.Time) {
	for _, c := range w.server.all() {
		c.tend(now)
	}
}

// A hello that the store does not answer is told so, to try again later.
func TestHelloUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.create("Ann")
	w.store.onLoad(func(context.Context, string) error { return errFire })
	c := w.dial(a.Code)
	c.say(`{"type":"hello","seat":"` + a.Seat + `","id":3}`)
	c.want(`{"type":"refused","code":"unavailable","re":"hello","id":3}`)
	c.wantClosed(1013)
	w.store.heal()
	if _, v := w.enter(a); !v.Host.Online {
		t.Errorf("after the store came back: %+v", v)
	}
}

// The time a vanished player has counts from the moment of vanishing.
func TestAway(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t, func(s *settings) {
		s.rules = room.Rules{Grace: 2500 * time.Millisecond, WaitingGrace: time.Hour, Idle: time.Hour}
	})
	a := w.create("Ann")
	b := w.join(a.Code, "Bob")
	host, _ := w.enter(a)
	guest, _ := w.enter(b)
	host.move(4)
	guest.hangUp()
	v := host.until(func(v roomView) bool { return !v.Guest.Online })
	if v.Guest.BackIn == nil || *v.Guest.BackIn > 2500 || *v.Guest.BackIn < 1000 {
		t.Errorf("back_in_ms of %+v", v.Guest)
	}
	guest, v = w.enter(b)
	if v.Board != "....X...." || !v.Guest.Online {
		t.Errorf("the board of one who came back: %+v", v)
	}
	guest.hangUp()
	v = host.until(func(v roomView) bool { return v.Phase == "waiting" })
	if v.Guest != nil || v.Ended != "left" || v.Board != "........." {
		t.Errorf("after the grace: %+v", v)
	}
	late := w.dial(b.Code)
	late.say(`{"type":"hello","seat":"` + b.Seat + `"}`)
	late.wantClosed(4001)
	c := w.join(a.Code, "Cy")
	if v := host.until(func(v roomView) bool { return v.Phase == "playing" }); v.Round != 2 || v.Guest.Name != "Cy" {
		t.Errorf("the next guest: %+v", v)
	}
	host.hangUp()
	cy, _ := w.enter(c)
	cy.skipTo(`{"type":"closed","reason":"host_left"}`)
	cy.wantClosed(4000)
	w.wantProblem(w.do("GET", "/api/games/"+a.Code, ""), 404, "game_not_found")
}
