package web

import (
	"context"
	"sync"
	"testing"
	"time"

	"tictac/play"
)

// A tallied is what an Observer was told in all.
type tallied struct {
	mu                                sync.Mutex
	seated, returned, moved, failures int
	longest                           time.Duration
}

func (o *tallied) tell(count *int, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	*count += n
}

func (o *tallied) Seated(change int) { o.tell(&o.seated, change) }
func (o *tallied) Returned()         { o.tell(&o.returned, 1) }
func (o *tallied) StoreFailed()      { o.tell(&o.failures, 1) }

func (o *tallied) Moved(took time.Duration) {
	o.tell(&o.moved, 1)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.longest = max(o.longest, took)
}

// TestObserver: an observer is told what the metrics count, and of players who are
// back: not of those who come for the first time, nor of spectators.
func TestObserver(t *testing.T) {
	t.Parallel()
	var o tallied
	w := newWorld(t, func(s *settings) { s.observer = &o })
	want := func(when string, seated, returned, moved, failures int) {
		t.Helper()
		ok := soon(func() bool {
			o.mu.Lock()
			defer o.mu.Unlock()
			return o.seated == seated && o.returned == returned && o.moved == moved && o.failures == failures
		})
		if !ok {
			t.Errorf("%s: told %+v, want %d seated, %d back, %d moves, %d failures", when, &o, seated, returned, moved, failures)
		}
	}
	ann := w.create("Ann")
	host, _ := w.enter(ann)
	want("a host alone", 1, 0, 0, 0)
	host.hangUp()
	want("gone", 0, 0, 0, 0)
	host, _ = w.enter(ann)
	want("a host who comes again before anybody played", 1, 0, 0, 0)
	bob := w.join(ann.Code, "Bob")
	host.until(func(v roomView) bool { return v.Phase == "playing" })
	host.move(4)
	guest, _ := w.enter(bob)
	w.watch(ann.Code)
	want("the guest's first hello, after the host's first move", 2, 0, 1, 0)

	host.hangUp()
	want("gone", 1, 0, 1, 0)
	host, _ = w.enter(ann)
	want("the host is back", 2, 1, 1, 0)
	guest.hangUp()
	want("gone", 1, 1, 1, 0)
	guest, _ = w.enter(bob)
	want("a guest is here again who has not moved yet", 2, 1, 1, 0)
	guest.move(0)
	host.until(func(v roomView) bool { return v.Ply == 2 })
	guest.hangUp()
	want("gone", 1, 1, 2, 0)
	w.enter(bob)
	want("the guest is back", 2, 2, 2, 0)
	w.wantMetric("tictac_reconnects_total", 2)

	w.store.onCommit(func(_ context.Context, c play.Commit) error {
		if moved(c) {
			return errFire
		}
		return nil
	})
	host.say(`{"type":"move","cell":1}`)
	host.skipTo(`{"type":"refused","code":"unavailable","re":"move"}`)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failures == 0 || o.moved != 2 {
		t.Errorf("with the store failing: told %+v", &o)
	}
	if o.longest <= 0 || o.longest > time.Minute {
		t.Errorf("the longest move took %v", o.longest)
	}
}
