package web

import (
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// pings is how many pings have come. They are not answered.
func (c *client) pings() (n int) {
	c.t.Helper()
	for range 2 { // a ping may follow the answer that is written with it
		c.say(`{"type":"ping","t":-3}`)
		for answered := false; !answered; {
			_ = c.nc.SetReadDeadline(time.Now().Add(patience))
			f, err := readFrame(c.r)
			if err != nil {
				c.t.Fatalf("client reads: %v", err)
			}
			if f.Header.OpCode == ws.OpPing {
				n++
			}
			answered = string(f.Payload) == `{"type":"pong","t":-3}`
		}
	}
	return n
}

// ticks has the keeper look at the sockets, second by second, as if time
// passed.
func (w *world) ticks(from time.Time, seconds int) time.Time {
	for range seconds {
		from = from.Add(time.Second)
		w.tend(from)
	}
	return from
}

// still has all sockets pinged at now, so that intervals count from there.
func (w *world) still(now time.Time) {
	for _, c := range w.server.all() {
		c.pinged, c.look = now, time.Time{}
	}
}

// An idle room is pinged every 25 s, one in play every 10 s, until nobody has
// moved for two minutes.
func TestPingIntervals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.noKeeper = true })
	waiting, _ := w.enter(w.create("Ann"))
	now := time.Now()
	w.still(now)
	waiting.pings()
	w.answerAll(waiting)
	now = w.ticks(now, 24)
	if n := waiting.pings(); n != 0 {
		t.Errorf("%d pings within 24 s of waiting", n)
	}
	w.ticks(now, 2)
	if n := waiting.pings(); n != 1 {
		t.Errorf("%d pings within 26 s of waiting", n)
	}
	waiting.hangUp()
	w.wantMetric("tictac_players", 0)

	host, guest, _ := w.play()
	guest.hangUp()
	host.until(func(v roomView) bool { return !v.Guest.Online })
	now = time.Now()
	w.still(now)
	host.pings()
	w.answerAll(host)
	now = w.ticks(now, 9)
	if n := host.pings(); n != 0 {
		t.Errorf("%d pings within 9 s of play", n)
	}
	now = w.ticks(now, 2)
	if n := host.pings(); n != 1 {
		t.Errorf("%d pings within 11 s of play", n)
	}
	w.answerAll(host)
	now = now.Add(2 * time.Minute) // nobody has moved
	w.tend(now)
	host.pings()
	w.answerAll(host)
	w.ticks(now, 24)
	if n := host.pings(); n != 0 {
		t.Errorf("%d pings within 24 s of a game that sleeps", n)
	}
}

// Whoever says hello where a game is under way is pinged as often from then on: the
// keeper does not wait for the time by which hello must have been said.
func TestPingsFromHello(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.noKeeper = true })
	_, _, code := w.play()
	now := time.Now()
	late := w.watch(code)
	for _, c := range w.server.all() {
		c.pinged = now.Add(-pingPlaying)
	}
	w.tend(now.Add(time.Second))
	if n := late.pings(); n != 1 {
		t.Errorf("%d pings when one is due, want 1", n)
	}
}

// answerAll has all pings of a client's socket answered.
func (w *world) answerAll(c *client) {
	c.t.Helper()
	_ = ws.WriteFrame(c.nc, ws.MaskFrame(ws.NewPongFrame(nil)))
	if !soon(func() bool {
		for _, s := range w.server.all() {
			if s.sock.Unanswered() > 0 {
				return false
			}
		}
		return true
	}) {
		c.t.Fatal("pongs are not counted")
	}
}

// A socket is dropped when a third ping is due and two are unanswered, and its
// player is away then.
func TestUnansweredPings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.noKeeper = true })
	host, guest, _ := w.play()
	now := time.Now()
	w.still(now)
	host.pings()
	guest.pings()
	w.pong(host)
	w.pong(guest)
	now = w.ticks(now, 21)
	if n := guest.pings(); n != 2 {
		t.Errorf("%d pings in 21 s, want 2", n)
	}
	w.pong(host)
	now = w.ticks(now, 8)
	if n := len(w.server.all()); n != 2 {
		t.Fatalf("%d sockets before the third ping is due, want 2", n)
	}
	w.ticks(now, 2)
	w.wantMetric(`tictac_sockets_closed_total{code="1006"}`, 1)
	if v := host.until(func(v roomView) bool { return !v.Guest.Online }); v.Guest.BackIn == nil {
		t.Errorf("the host sees %+v", v.Guest)
	}
}

// pong answers the pings of one client.
func (w *world) pong(c *client) {
	_ = ws.WriteFrame(c.nc, ws.MaskFrame(ws.NewPongFrame(nil)))
	c.say(`{"type":"ping","t":-2}`) // answered after the pong was taken
	for {
		if text := c.next(); text == `{"type":"pong","t":-2}` {
			return
		}
	}
}
