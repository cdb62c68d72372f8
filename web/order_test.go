package web

import (
	"strings"
	"testing"
	"time"
)

// Answers come in the order of the questions, and what a command brought about
// before the answer to the next.
func TestAnswersInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	guest.sync()
	host.say(
		`{"type":"ping","t":1}`, `{"type":"move","cell":4}`, `{"type":"ping","t":2}`,
		`{"type":"move","cell":0}`, `{"type":"ping","t":3}`, `junk`, `{"type":"ping","t":4}`,
	)
	host.want(`{"type":"pong","t":1}`)
	if v := host.view(); v.Board != "....X...." || v.Turn != "O" {
		t.Errorf("before the second pong: %+v", v)
	}
	host.want(
		`{"type":"pong","t":2}`, `{"type":"refused","code":"not_your_turn","re":"move"}`, `{"type":"pong","t":3}`,
		`{"type":"refused","code":"bad_message"}`, `{"type":"pong","t":4}`,
	)
	// hello, too, is answered before what was said after it.
	s := w.join(w.create("Cy").Code, "Dee")
	c := w.dial(s.Code)
	c.say(`{"type":"hello","seat":"`+s.Seat+`"}`, `{"type":"ping","t":5}`, `{"type":"resign"}`, `{"type":"ping","t":6}`)
	c.want(`{"type":"welcome","you":"guest"}`)
	if v := c.view(); v.Phase != "playing" {
		t.Errorf("with welcome comes %+v", v)
	}
	c.skipTo(`{"type":"pong","t":5}`)
	if v := c.until(func(v roomView) bool { return v.Phase == "over" }); v.Ended != "resign" {
		t.Errorf("resigned: %+v", v)
	}
	c.skipTo(`{"type":"pong","t":6}`)
}

// A whole game in one burst: each move sees the one before.
func TestBurst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	for i, cell := range "03142" {
		c := host
		if i%2 == 1 {
			c = guest
		}
		c.say(`{"type":"move","cell":` + string(cell) + `}`)
		c.sync()
	}
	v := guest.until(func(v roomView) bool { return v.Phase == "over" })
	if v.Winner != "X" || len(v.Line) != 3 || v.Ended != "line" {
		t.Errorf("over: %+v", v)
	}
}

func TestPong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.watch(w.create("Ann").Code)
	for _, number := range []string{"0", "-1", "123", "1.5e300", "1753000000000.25", "99999999999999999999999"} {
		if got := c.ask(`{"type":"ping","t":` + number + `}`); got != `{"type":"pong","t":`+number+`}` {
			t.Errorf("t %s: %s", number, got)
		}
	}
	if got := c.ask(`{"type":"ping"}`); got != `{"type":"pong"}` {
		t.Errorf("without t: %s", got)
	}
}

// A move that was made already is answered with the view, not made again and
// not refused; so is a second rematch.
func TestRepeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	const move = `{"type":"move","cell":4,"round":1,"ply":0}`
	host.say(move)
	first := host.until(func(v roomView) bool { return v.Ply == 1 })
	for range 3 {
		host.say(move)
		if again := host.view(); again.Rev != first.Rev || again.Board != first.Board {
			t.Errorf("again: %+v, first %+v", again, first)
		}
	}
	host.sync()
	guest.move(0)
	host.until(func(v roomView) bool { return v.Ply == 2 })
	host.say(move) // also when the game has gone on
	if v := host.view(); v.Ply != 2 {
		t.Errorf("again, later: %+v", v)
	}
	wantRefused(t, guest, move, "stale", reMove) // not the guest's move
	wantRefused(t, host, `{"type":"move","cell":5,"round":1,"ply":0}`, "stale", reMove)
	wantRefused(t, host, `{"type":"move","cell":4}`, "cell_taken", reMove) // it takes a ply to tell
	guest.say(`{"type":"resign"}`)
	host.until(func(v roomView) bool { return v.Phase == "over" })
	host.say(`{"type":"rematch"}`)
	first = host.view()
	if !first.Host.Rematch || first.Guest.Rematch || first.Phase != "over" {
		t.Errorf("asked for a rematch: %+v", first)
	}
	host.say(`{"type":"rematch"}`)
	if v := host.view(); v.Rev != first.Rev || !v.Host.Rematch {
		t.Errorf("asked again: %+v", v)
	}
	guest.say(`{"type":"rematch"}`)
	v := host.until(func(v roomView) bool { return v.Phase == "playing" })
	if v.Round != 2 || v.Host.Mark != "O" || v.Host.Wins != 1 || v.Host.Rematch || v.Guest.Rematch || v.Turn != "X" {
		t.Errorf("the rematch: %+v", v)
	}
	host.say(`{"type":"rematch"}`)
	if again := host.view(); again.Rev != v.Rev {
		t.Errorf("rematch said again after it began: %+v", again)
	}
}

// A view that says nothing new is not sent.
func TestNoNeedlessViews(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t)
	host, guest, code := w.play()
	watcher := w.watch(code)
	host.until(func(v roomView) bool { return v.Watching == 1 })
	guest.until(func(v roomView) bool { return v.Watching == 1 })
	watcher.until(func(v roomView) bool { return v.Watching == 1 })
	for range 5 { // what is refused, asked or looked at is no news
		wantRefused(t, guest, `{"type":"move","cell":0}`, "not_your_turn", reMove)
		w.do("GET", "/api/games/"+code, "")
	}
	w.house.Rooms()
	time.Sleep(1200 * time.Millisecond) // two rounds of the House's second
	for name, c := range map[string]*client{"host": host, "guest": guest, "watcher": watcher} {
		c.say(`{"type":"ping","t":1}`)
		if got := c.next(); got != `{"type":"pong","t":1}` {
			t.Errorf("the %s was told %s", name, got)
		}
	}
	host.say(`{"type":"move","cell":4}`, `{"type":"ping","t":2}`)
	host.view()
	host.want(`{"type":"pong","t":2}`)
	guest.view()
	guest.say(`{"type":"ping","t":2}`)
	guest.want(`{"type":"pong","t":2}`)
}

// One who is away is counted down in what is sent, but not sent again and again.
func TestCountdownIsNotSent(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t)
	host, guest, code := w.play()
	guest.hangUp()
	first := host.until(func(v roomView) bool { return !v.Guest.Online })
	time.Sleep(1500 * time.Millisecond)
	host.say(`{"type":"ping","t":1}`)
	host.want(`{"type":"pong","t":1}`)
	late := w.watch(code)
	v, _ := parseView(w.do("GET", "/api/games/"+code, "").body)
	if gone := *first.Guest.BackIn - *v.Guest.BackIn; gone < 1300 || gone > 5000 {
		t.Errorf("back_in_ms went from %d to %d in 1.5 s", *first.Guest.BackIn, *v.Guest.BackIn)
	}
	if v.Rev != first.Rev {
		t.Errorf("rev went from %d to %d", first.Rev, v.Rev)
	}
	late.hangUp()
}

// All spectators see the same bytes.
func TestViewsAreAlike(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t)
	host, _, code := w.play()
	var watchers []*client
	for range 5 {
		watchers = append(watchers, w.watch(code))
	}
	host.until(func(v roomView) bool { return v.Watching == 5 })
	host.move(4)
	var texts []string
	for _, c := range watchers {
		for {
			if text := c.next(); strings.Contains(text, `"ply":1`) {
				texts = append(texts, text)
				break
			}
		}
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("one sees %s, another %s", texts[0], text)
		}
	}
}
