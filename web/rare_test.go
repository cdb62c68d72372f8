package web

import (
	"slices"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"tictac/room"
	"tictac/socket"
)

// What meets only by bad luck is made to meet here.

// The keeper closes a socket for want of a hello while its hello is being read:
// its session is closed once, so that those who play there keep their table.
func TestHelloTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.noKeeper = true })
	host, guest, code := w.play()
	for range 3 {
		late := w.dial(code)
		c := w.silent()
		c.close(closePolicy, "no hello")
		c.mu.Lock()
		c.busy = true // as Message leaves it
		c.mu.Unlock()
		hello := decode([]byte(`{"type":"hello"}`))
		c.handle(&hello)
		late.wantClosed(closePolicy)
	}
	if !soon(func() bool { return len(w.server.all()) == 2 }) {
		t.Fatal("the late ones are still here")
	}
	if n := w.house.Rooms(); n != 1 {
		t.Errorf("%d rooms are in use, want that of the two who play", n)
	}
	host.move(4)
	guest.until(func(v roomView) bool { return v.Ply == 1 })
}

// silent is the connection that has not said hello.
func (w *world) silent() (silent *conn) {
	w.t.Helper()
	soon(func() bool {
		for _, c := range w.server.all() {
			c.mu.Lock()
			if c.session == nil {
				silent = c
			}
			c.mu.Unlock()
		}
		return silent != nil
	})
	if silent == nil {
		w.t.Fatal("everybody has said hello")
	}
	return silent
}

// A slowClose is a socket whose closer is kept from going on.
type slowClose struct{ socket.Conn }

func (s slowClose) Close(code int, reason string) {
	s.Conn.Close(code, reason)
	time.Sleep(20 * time.Millisecond)
}

// An answer is made between a room's closing and the writer's coming by: why it
// closed is told all the same.
func TestClosedIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.noKeeper = true })
	_, guest, _ := w.play()
	guest.sync()
	c, host := w.connOf(room.Guest), w.connOf(room.Host)
	c.mu.Lock() // Changed waits
	c.sock = slowClose{c.sock}
	host.session.Leave(func(bool, error) {})
	if !soon(func() bool { return c.session.View().State.Gone() }) {
		t.Fatal("the host has not left")
	}
	c.dirty = true
	c.mu.Unlock()
	c.reply(func(out []byte) []byte { return appendPong(out, nil) })
	told := guest.wantClosed(closeGone)
	if !slices.ContainsFunc(told, func(m string) bool { return m == `{"type":"closed","reason":"host_left"}` }) {
		t.Errorf("the guest was told %q", told)
	}
}

// Who sends nothing but pings, or parts of messages that never end, is closed.
func TestChatter(t *testing.T) {
	t.Parallel()
	for name, frames := range map[string][]ws.Frame{
		"pings":            {ws.NewPingFrame(nil)},
		"parts of nothing": {ws.NewFrame(ws.OpText, false, nil), ws.NewFrame(ws.OpContinuation, false, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(s *settings) { s.MessageLimit = 10 })
			host, guest, code := w.play()
			c := w.watch(code)
			for i := range 500 { // the last ones may find the socket closed
				_ = ws.WriteFrame(c.nc, ws.MaskFrame(frames[min(i, len(frames)-1)]))
			}
			c.wantClosed(closePolicy)
			host.move(4)
			guest.until(func(v roomView) bool { return v.Ply == 1 })
		})
	}
}
