package web

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tictac/room"
)

// A gesture reaches all in the room, whoever made it too, and changes nothing.
func TestReact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, code := w.play()
	watcher := w.watch(code)
	before, _ := parseView(w.do("GET", "/api/games/"+code, "").body)
	host.say(`{"type":"react","emoji":"👏"}`)
	for _, c := range []*client{host, guest, watcher} {
		c.skipTo(`{"type":"reacted","by":"host","emoji":"👏"}`)
	}
	guest.say(`{"type":"react","emoji":"🎉"}`)
	for _, c := range []*client{host, guest, watcher} {
		c.skipTo(`{"type":"reacted","by":"guest","emoji":"🎉"}`)
	}
	if after, _ := parseView(w.do("GET", "/api/games/"+code, "").body); after.Rev != before.Rev {
		t.Errorf("gestures are stored: revision %d, then %d", before.Rev, after.Rev)
	}
}

// Each seat may make one a second, with however many sockets.
func TestReactTooFast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.create("Ann")
	b := w.join(a.Code, "Bob")
	host, _ := w.enter(a)
	tab, _ := w.enter(a)
	guest, _ := w.enter(b)
	for range 20 { // until two have come within a second, on however slow a machine
		begun := time.Now()
		host.say(`{"type":"react","emoji":"👏"}`)
		host.skipTo(`{"type":"reacted","by":"host","emoji":"👏"}`)
		tab.skipTo(`{"type":"reacted","by":"host","emoji":"👏"}`)
		first := host.ask(`{"type":"react","emoji":"😂","id":1}`)
		second := tab.ask(`{"type":"react","emoji":"😂"}`)
		if time.Since(begun) < gestureEvery {
			if first != `{"type":"refused","code":"too_fast","re":"react","id":1}` || second != `{"type":"refused","code":"too_fast","re":"react"}` {
				t.Errorf("answered %s, and in another tab %s", first, second)
			}
			guest.say(`{"type":"react","emoji":"🤔"}`)
			guest.skipTo(`{"type":"reacted","by":"host","emoji":"👏"}`)
			guest.skipTo(`{"type":"reacted","by":"guest","emoji":"🤔"}`)
			return
		}
		time.Sleep(2 * gestureEvery)
	}
	t.Error("this machine is too slow: no two gestures within a second")
}

func TestReactRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, _, code := w.play()
	watcher := w.watch(code)
	for range 3 {
		wantRefused(t, watcher, `{"type":"react","emoji":"👏","id":1}`, "not_seated", `,"re":"react","id":1`)
	}
	for _, bad := range []string{`{"type":"react"}`, `{"type":"react","emoji":"💩"}`, `{"type":"react","emoji":"👏🏽"}`, `{"type":"react","emoji":7}`} {
		wantRefused(t, watcher, bad, "bad_message", `,"re":"react"`)
		wantRefused(t, host, bad, "bad_message", `,"re":"react"`)
	}
	host.say(`{"type":"react","emoji":"👍"}`) // what was refused does not count
	host.skipTo(`{"type":"reacted","by":"host","emoji":"👍"}`)
}

// A flood of gestures ends as any flood does, and nobody else is troubled by it.
func TestReactFlood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	host.say(`{"type":"react","emoji":"👏"}`)
	flood := strings.Repeat(string(textFrame(`{"type":"react","emoji":"😡"}`)), 300)
	if _, err := host.nc.Write([]byte(flood)); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, m := range host.wantClosed(closePolicy) {
		if m == `{"type":"refused","code":"too_fast","re":"react"}` {
			refused++
		}
	}
	if refused != floodLimit-1 {
		t.Errorf("%d refusals before the end", refused)
	}
	guest.skipTo(`{"type":"reacted","by":"host","emoji":"👏"}`)
	guest.sync()
}

// Who does not read gets the newest gesture of each seat, once, and nothing piles
// up.
func TestReactionsAreNotQueued(t *testing.T) {
	t.Parallel()
	c := &conn{sock: &deafSock{}}
	c.Reacted(room.Host, "👏")
	if out := c.Output(nil); len(out) != 0 {
		t.Errorf("before hello: %q", out)
	}
	c.seated = true
	for range 10_000 {
		c.Reacted(room.Host, "😮")
		c.Reacted(room.Guest, "👍")
		c.Reacted(room.Host, "😂")
		c.Reacted(room.Host, "🦄") // of a newer version
		c.Reacted(room.Spectator, "👍")
	}
	want := string(appendReacted(appendReacted(nil, room.Host, "😂"), room.Guest, "👍"))
	if out := string(c.Output(nil)); out != want {
		t.Errorf("sent %q, want %q", out, want)
	}
	if out := c.Output(nil); len(out) != 0 {
		t.Errorf("sent again: %q", out)
	}
	c.Reacted(room.Host, "👏")
	c.ended = true
	if out := c.Output(nil); len(out) != 0 {
		t.Errorf("after the end: %q", out)
	}
}

func TestGesturesLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newGestures()
		ann, bob := chair{"a1b2c3", room.Host}, chair{"a1b2c3", room.Guest}
		take := func(c chair, want bool) {
			t.Helper()
			if _, got := l.take(c, time.Now()); got != want {
				t.Errorf("%v: %v", c, got)
			}
		}
		take(ann, true)
		take(ann, false)
		take(bob, true)
		time.Sleep(999 * time.Millisecond)
		l.forget(time.Now())
		take(ann, false)
		time.Sleep(time.Millisecond)
		take(ann, true)
		l.forget(time.Now())
		if len(l.buckets) != 1 {
			t.Errorf("it remembers %v", l.buckets)
		}
		take(bob, true)
	})
}
