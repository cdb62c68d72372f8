package web

import (
	"context"
	"testing"
	"time"

	"tictac/room"
)

// A stopping server answers what was asked before it says goodbye.
func TestDrain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, code := w.play()
	watcher := w.watch(code)
	silent := w.dial(code)
	reached, goOn := make(chan struct{}), make(chan struct{})
	w.store.onCommit(slowMove(reached, goOn))
	host.say(`{"type":"move","cell":4,"id":"m"}`)
	<-reached // the move is being written
	drained := make(chan struct{})
	go func() { // ends before the test does
		defer close(drained)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		w.server.Drain(ctx)
	}()
	if !soon(func() bool { return w.do("GET", "/readyz", "").StatusCode == 503 }) {
		t.Error("readyz does not say 503")
	}
	w.wantProblem(w.do("GET", "/ws/"+code, "", upgradeHeaders()...), 503, "unavailable")
	close(goOn)
	said := host.wantClosed(1012)
	if len(said) == 0 {
		t.Fatal("the host was not told of the move")
	}
	if v, err := parseView(said[len(said)-1]); err != nil || v.Board != "....X...." {
		t.Errorf("the host was told %v last", said)
	}
	for _, c := range []*client{guest, watcher, silent} {
		c.wantClosed(1012)
	}
	select {
	case <-drained:
	case <-time.After(patience):
		t.Error("Drain did not return")
	}
	w.wantMetric(`tictac_sockets_closed_total{code="1012"}`, 4)
	if s, err := w.store.Load(t.Context(), code); err != nil || s.Ply() != 1 {
		t.Errorf("the store has %+v (%v), want the move", s, err)
	}
}

// Whoever does not answer is dropped when the time to drain is over.
func TestDrainDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watch(w.create("Ann").Code)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	w.server.Drain(ctx)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("Drain took %v", took)
	}
	if n := len(w.server.all()); n != 0 {
		t.Errorf("%d sockets are left", n)
	}
}

// What a socket was about to be told is told before it closes, however the
// writer and the closer meet.
func TestCloseTellsWhatIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, _, _ := w.play()
	host.sync()
	c := w.connOf(room.Host)
	c.mu.Lock()
	c.dirty, c.sent = true, nil // as Changed has it, before the writer comes
	c.mu.Unlock()
	c.close(closeRestart, "the server is stopping")
	if out := c.Output(nil); len(out) == 0 {
		t.Error("the view that was due is not sent")
	}
}

// Players whose server stops have not left: with no grace at all, too, their
// seats wait for them.
func TestDrainLeavesPlayersSeated(t *testing.T) {
	t.Parallel()
	for name, grace := range map[string]time.Duration{"2m": 2 * time.Minute, "none": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(s *settings) { s.rules = room.Rules{Grace: grace, WaitingGrace: grace, Idle: time.Hour} })
			host, guest, code := w.play()
			host.move(4)
			go w.server.Drain(t.Context()) // ends with the sockets
			host.wantClosed(1012)
			guest.wantClosed(1012)
			w.server.Drain(t.Context())
			time.Sleep(100 * time.Millisecond) // whatever the House makes of it
			w.house.Close()
			if s, err := w.store.Load(t.Context(), code); err != nil || s.Ply() != 1 || len(s.Host.Online) != 1 || len(s.Guest.Online) != 1 {
				t.Errorf("the store has %+v (%v)", s.State, err)
			}
		})
	}
}
