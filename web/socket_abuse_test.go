package web

import (
	"strings"
	"testing"
	"time"

	"tictac/room"
)

// Who asks and asks and does not read the answers is cut off, not stored up.
func TestAnswersNotRead(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t) // and no limit on messages
	host, guest, _ := w.play()
	c := w.connOf(room.Guest)
	id := strings.Repeat("x", 900)
	go func() { // ends when the server hangs up
		for {
			_ = guest.nc.SetWriteDeadline(time.Now().Add(patience))
			if _, err := guest.nc.Write(textFrame(`{"type":"dance","id":"` + id + `"}`)); err != nil {
				return
			}
		}
	}()
	if !soon(func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.ended }) {
		t.Error("the socket is still open")
	}
	c.mu.Lock()
	if len(c.out) > maxOutput+2048 {
		t.Errorf("%d bytes of answers are kept", len(c.out))
	}
	c.mu.Unlock()
	host.move(4)
	host.until(func(v roomView) bool { return !v.Guest.Online }) // after the time to close
}

// Messages that wait for a slow store are kept up to a bound.
func TestInboxIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	reached, goOn := make(chan struct{}), make(chan struct{})
	w.store.onCommit(slowMove(reached, goOn))
	host.say(`{"type":"move","cell":4}`)
	<-reached
	for range maxInbox + 10 {
		host.say(`{"type":"ping","t":1}`)
	}
	host.wantClosed(1008)
	close(goOn)
	guest.until(func(v roomView) bool { return v.Ply == 1 })
}

// Nobody waits for a player who does not read, and when that one reads again,
// it is the newest that comes.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	for range 4 { // rounds that the guest does not look at
		x, o := host, guest
		host.sync()
		if v := w.connOf(room.Host).session.View().State; v.HostMark.String() == "O" {
			x, o = guest, host
		}
		for i, cell := range []string{"0", "3", "1", "4", "2"} {
			c := []*client{x, o}[i%2]
			c.say(`{"type":"move","cell":` + cell + `}`)
			if !soon(func() bool { return w.connOf(room.Host).session.View().State.Ply() > i }) {
				t.Fatal("the move was not made")
			}
		}
		guest.say(`{"type":"rematch"}`)
		host.say(`{"type":"rematch"}`)
		if !soon(func() bool { return w.connOf(room.Host).session.View().State.Ply() == 0 }) {
			t.Fatal("no rematch")
		}
	}
	rev := int64(0)
	last := guest.until(func(v roomView) bool {
		if v.Rev < rev {
			t.Errorf("rev %d after %d", v.Rev, rev)
		}
		rev = v.Rev
		return v.Round == 5
	})
	if last.Host.Wins+last.Guest.Wins != 4 {
		t.Errorf("the last view: %+v", last)
	}
}

// In the original, cell 99 bricked the room for good.
func TestHostileCells(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	for _, cell := range []string{"99", "-1", "4.5", `"4"`, "null", "1e2", "99999999999999999999", "[]", "{}", "true", "9", "-0.0", "1E400"} {
		host.say(`{"type":"move","cell":` + cell + `,"round":1,"ply":0}`)
		if got := host.skipViews(); !strings.Contains(got, `"bad_message"`) && !strings.Contains(got, `"cell_out_of_range"`) {
			t.Errorf("cell %s: %s", cell, got)
		}
	}
	line(host, guest)
	guest.until(func(v roomView) bool { return v.Winner == "X" })
}
