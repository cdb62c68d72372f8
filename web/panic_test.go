package web

import (
	"context"
	"strings"
	"testing"

	"tictac/play"
	"tictac/room"
	"tictac/socket"
)

// wantPanics sees panics counted and logged with their stack.
func (w *world) wantPanics(n float64, inStack string) {
	w.t.Helper()
	w.wantMetric("tictac_panics_total", n)
	if log := w.log.String(); !strings.Contains(log, `"panic":`) || !strings.Contains(log, `"stack":`) || !strings.Contains(log, inStack) {
		w.t.Errorf("the log has no stack with %s: %s", inStack, log)
	}
}

// sabotage has the next refusal panic, and mends that when it has.
func (w *world) sabotage(refused func()) {
	w.t.Helper()
	counter := w.server.metrics.refused
	w.server.metrics.refused = nil
	refused()
	if !soon(func() bool { return w.metric("tictac_panics_total") == 1 }) {
		w.t.Fatal("no panic was counted")
	}
	w.server.metrics.refused = counter
}

// A panic while a message is handled ends that socket; its player comes back,
// and the other has only seen that.
func TestPanicInMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.create("Ann")
	guest, _ := w.enter(w.join(a.Code, "Bob"))
	host, _ := w.enter(a)
	w.sabotage(func() { host.say("junk") })
	host.wantClosed(socket.InternalError)
	w.wantPanics(1, "web.(*conn).Message")
	w.wantMetric(`tictac_sockets_closed_total{code="1011"}`, 1)
	guest.until(func(v roomView) bool { return !v.Host.Online })

	host, v := w.enter(a)
	if v.Ply != 0 || v.Phase != "playing" {
		t.Errorf("the host comes back to %+v", v)
	}
	host.move(4)
	guest.until(func(v roomView) bool { return v.Ply == 1 })
	guest.move(0)
}

// A panic in what a room's goroutine does for one socket ends that one.
func TestPanicInAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	w.sabotage(func() { guest.say(`{"type":"move","cell":4}`) }) // not the guest's turn
	guest.wantClosed(socket.InternalError)
	w.wantPanics(1, "web.(*conn).command")
	host.until(func(v roomView) bool { return !v.Guest.Online })
	host.move(4)
}

// A panic leaves no socket locked: the keeper, which comes by all of them, would
// wait for ever.
func TestPanicUnlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.play()
	c := w.connOf(room.Host)
	func() {
		defer func() { _ = recover() }()
		c.reply(func([]byte) []byte { panic("boom") })
	}()
	if !c.mu.TryLock() {
		t.Error("the socket is still locked")
	}
	c.mu.Unlock()
}

// A panic in the store costs the command under way, not the room.
func TestPanicInStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	w.store.onCommit(func(_ context.Context, c play.Commit) error {
		if moved(c) {
			panic("boom")
		}
		return nil
	})
	wantRefused(t, host, `{"type":"move","cell":4,"round":1,"ply":0}`, "unavailable", reMove)
	w.wantPanics(1, "boom")
	w.store.heal()
	host.move(4)
	guest.until(func(v roomView) bool { return v.Ply == 1 })
	guest.move(0)
}

// A panic in an HTTP handler is a 500 for that request.
func TestPanicInHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.noKeeper = true }) // it looks at the limiters too
	w.create("Ann")
	limiter := w.server.unknown
	w.server.unknown = nil
	r := w.do("GET", "/api/games/a1b2c3", "")
	w.server.unknown = limiter
	w.wantProblem(r, 500, "internal")
	w.wantPanics(1, "web.(*limiter[...])")
	w.wantProblem(w.do("GET", "/api/games/ffffff", ""), 404, "game_not_found")
}
