package web

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"tictac/play"
)

func wantRefused(t *testing.T, c *client, say, code, rest string) {
	t.Helper()
	if got, want := c.ask(say), `{"type":"refused","code":"`+code+`"`+rest+`}`; got != want {
		t.Errorf("%s:\n got %s\nwant %s", say, got, want)
	}
}

const reMove = `,"re":"move"`

func TestBadMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, _, _ := w.play()
	for _, c := range []struct{ say, rest string }{
		{`{"type":"move","cell":4.5}`, reMove},
		{`{"type":"move","cell":"4"}`, reMove},
		{`{"type":"move","cell":null,"id":7}`, reMove + `,"id":7`},
		{`{"type":"move","cell":1e2,"id":"x"}`, reMove + `,"id":"x"`},
		{`{"type":"move"}`, reMove},
		{`{"type":"move","cell":4,"ply":"0"}`, reMove},
		{`{"type":"ping","t":"now"}`, `,"re":"ping"`},
		{`{"type":"dance","id":1}`, `,"id":1`},
		{`{"id":1}`, `,"id":1`},
		{`{"type":"ping","id":{}}`, `,"re":"ping"`},
		{`not JSON`, ``},
		{``, ``},
		{`[{"type":"ping"}]`, ``},
		{`null`, ``},
	} {
		wantRefused(t, host, c.say, "bad_message", c.rest)
	}
	if v := host.move(4); v.Ply != 1 {
		t.Errorf("after all that: %+v", v)
	}
	w.wantMetric(`tictac_refused_total{code="bad_message"}`, 14)
}

// Every refusal, and each before those that would be next.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.create("Ann")
	host, _ := w.enter(a)
	wantRefused(t, host, `{"type":"move","cell":9,"round":9}`, "cell_out_of_range", reMove)
	wantRefused(t, host, `{"type":"move","cell":4,"round":9}`, "not_playing", reMove)
	wantRefused(t, host, `{"type":"resign"}`, "not_playing", `,"re":"resign"`)
	wantRefused(t, host, `{"type":"rematch"}`, "not_over", `,"re":"rematch"`)
	guest, _ := w.enter(w.join(a.Code, "Bob"))
	watcher := w.watch(a.Code)

	for _, kind := range []string{"rematch", "resign", "leave"} {
		wantRefused(t, watcher, `{"type":"`+kind+`","id":"w"}`, "not_seated", `,"re":"`+kind+`","id":"w"`)
	}
	wantRefused(t, watcher, `{"type":"move","cell":99}`, "not_seated", reMove)
	wantRefused(t, watcher, `{"type":"move","cell":4.5}`, "bad_message", reMove)

	for _, cell := range []string{"99", "-1", "9", "99999999999999999999", "-99999999999999999999"} {
		wantRefused(t, host, `{"type":"move","cell":`+cell+`,"id":2}`, "cell_out_of_range", reMove+`,"id":2`)
	}
	host.move(4)
	guest.until(func(v roomView) bool { return v.Ply == 1 })
	wantRefused(t, guest, `{"type":"move","cell":9,"ply":0}`, "cell_out_of_range", reMove)
	wantRefused(t, guest, `{"type":"move","cell":0,"round":1,"ply":0}`, "stale", reMove)
	wantRefused(t, guest, `{"type":"move","cell":0,"round":2}`, "stale", reMove)
	wantRefused(t, guest, `{"type":"move","cell":0,"ply":2}`, "stale", reMove)
	wantRefused(t, guest, `{"type":"move","cell":0,"ply":-1}`, "stale", reMove)
	wantRefused(t, guest, `{"type":"move","cell":4}`, "cell_taken", reMove)
	wantRefused(t, host, `{"type":"move","cell":0,"round":1,"ply":2}`, "stale", reMove)
	wantRefused(t, host, `{"type":"move","cell":4,"round":1,"ply":1}`, "not_your_turn", reMove)
	wantRefused(t, host, `{"type":"move","cell":0}`, "not_your_turn", reMove)
	wantRefused(t, host, `{"type":"rematch"}`, "not_over", `,"re":"rematch"`)
	guest.say(`{"type":"resign"}`)
	host.until(func(v roomView) bool { return v.Ended == "resign" && v.Winner == "X" && v.Host.Wins == 1 })
	wantRefused(t, host, `{"type":"move","cell":0,"round":7}`, "not_playing", reMove)
	wantRefused(t, guest, `{"type":"resign"}`, "not_playing", `,"re":"resign"`)
	for code, n := range map[string]float64{
		"not_seated": 4, "cell_out_of_range": 7, "not_playing": 4, "stale": 5, "cell_taken": 1, "not_your_turn": 2, "not_over": 2, "bad_message": 1,
	} {
		w.wantMetric(`tictac_refused_total{code="`+code+`"}`, n)
	}
}

// The store does not answer: the command may or may not have been made, and a
// move may be sent again.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	w.store.onCommit(func(ctx context.Context, c play.Commit) error {
		if !moved(c) {
			return nil
		}
		_ = w.store.Store.Commit(ctx, c) // it is made, and nobody hears of it
		w.store.onLoad(func(context.Context, string) error { return errFire })
		return errFire
	})
	wantRefused(t, host, `{"type":"move","cell":4,"round":1,"ply":0,"id":9}`, "unavailable", reMove+`,"id":9`)
	w.store.heal()
	host.say(`{"type":"move","cell":4,"round":1,"ply":0,"id":9}`)
	for _, c := range []*client{host, guest} {
		if v := c.until(func(v roomView) bool { return v.Ply == 1 }); v.Board != "....X...." {
			t.Errorf("sees %+v", v)
		}
	}
	host.sync() // no refusal comes after the view
}

// A store that hangs costs a command 2 s, and other rooms nothing.
func TestStoreHangs(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t)
	host, _, code := w.play()
	other, _, _ := w.play()
	var over atomic.Bool
	w.store.onCommit(func(ctx context.Context, c play.Commit) error {
		if c.State.Code == code {
			<-ctx.Done()
			over.Store(true)
			return ctx.Err()
		}
		return nil
	})
	start := time.Now()
	host.say(`{"type":"move","cell":4}`, `{"type":"ping","t":5}`)
	other.move(0)
	if over.Load() {
		t.Error("the other room's move waited for the one that hangs")
	}
	host.want(`{"type":"refused","code":"unavailable","re":"move"}`, `{"type":"pong","t":5}`)
	if took := time.Since(start); took < 1900*time.Millisecond || took > 5*time.Second {
		t.Errorf("the refusal took %v", took)
	}
}

// Messages over the limit are refused unread, each in its turn.
func TestMessageLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.MessageLimit = 10 })
	a := w.create("Ann")
	c := w.dial(a.Code)
	start := time.Now()
	c.say(`{"type":"hello"}`)
	for range 60 {
		c.say(`{"type":"ping","t":1,"id":1}`)
	}
	c.want(`{"type":"welcome","you":"spectator"}`)
	pongs := 0
	for range 60 {
		switch m := c.skipViews(); m {
		case `{"type":"pong","t":1}`:
			pongs++
		case `{"type":"refused","code":"too_fast"}`:
		default:
			t.Fatalf("got %s", m)
		}
	}
	if most := 20 + int(time.Since(start).Seconds()*10); pongs < 19 || pongs > most {
		t.Errorf("%d pings were answered, want 19 to %d", pongs, most)
	}
	w.wantMetric(`tictac_refused_total{code="too_fast"}`, float64(60-pongs))
	time.Sleep(300 * time.Millisecond)
	if got := c.ask(`{"type":"ping","t":3}`); got != `{"type":"pong","t":3}` {
		t.Errorf("later: %s", got)
	}
}

func TestFlood(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.MessageLimit = 10 })
	host, guest, _ := w.play()
	go func() { // the server may hang up before it has all
		for range 10_000 {
			if _, err := guest.nc.Write(pingFrame); err != nil {
				return
			}
		}
	}()
	refusals := 0
	for _, m := range guest.wantClosed(1008) {
		if m == `{"type":"refused","code":"too_fast"}` {
			refusals++
		}
	}
	if refusals < 90 || refusals > 100 {
		t.Errorf("%d refusals before the close", refusals)
	}
	host.move(4)
}
