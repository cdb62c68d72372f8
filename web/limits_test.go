package web

import (
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"tictac/room"
)

func TestBucket(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var b bucket
	for i := range 20 {
		if _, ok := b.take(now, 1, 20); !ok {
			t.Fatalf("use %d was refused", i+1)
		}
	}
	if wait, ok := b.take(now, 1, 20); ok || wait != time.Second {
		t.Errorf("use 21: %v %v", wait, ok)
	}
	if wait, ok := b.take(now.Add(400*time.Millisecond), 1, 20); ok || wait.Round(time.Millisecond) != 600*time.Millisecond {
		t.Errorf("after 0.4 s: %v %v", wait, ok)
	}
	now = now.Add(time.Second + time.Millisecond)
	if _, ok := b.take(now, 1, 20); !ok {
		t.Error("after 1 s: refused")
	}
	if _, ok := b.take(now, 1, 20); ok {
		t.Error("one a second became two")
	}
	now = now.Add(time.Hour)
	for i := range 20 {
		if _, ok := b.take(now, 1, 20); !ok {
			t.Fatalf("after an hour, use %d was refused", i+1)
		}
	}
	if _, ok := b.take(now, 1, 20); ok {
		t.Error("an hour saved up more than a burst")
	}
}

// A clock that is set back gives no tokens, and takes none.
func TestBucketClockSetBack(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var b bucket
	b.take(now, 1, 2)
	now = now.Add(-time.Hour)
	if _, ok := b.take(now, 1, 2); !ok {
		t.Error("the second use was refused")
	}
	if wait, ok := b.take(now, 1, 2); ok || wait != time.Second {
		t.Errorf("the third: %v %v", wait, ok)
	}
	if _, ok := b.take(now.Add(time.Second), 1, 2); !ok {
		t.Error("a second later: refused")
	}
}

func TestLimiterForgets(t *testing.T) {
	t.Parallel()
	l, now := newLimiter[netip.Prefix](1, 2), time.Now()
	one, two := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")
	l.take(one, now)
	l.take(two, now.Add(time.Second))
	l.forget(now.Add(1500 * time.Millisecond))
	if l.buckets[one] != nil || l.buckets[two] == nil {
		t.Errorf("kept %v", l.buckets)
	}
	if wait := l.wait(one, now); wait != 0 || len(l.buckets) != 1 {
		t.Error("asking makes a bucket")
	}
}

// behindProxy has requests come from where X-Forwarded-For says.
func behindProxy(s *settings) {
	s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

func from(addr string) []string { return []string{"X-Forwarded-For", addr} }

// wantLimited is a 429 that says when to come back.
func (w *world) wantLimited(r reply, most int) {
	w.t.Helper()
	w.wantProblem(r, 429, "too_many_requests")
	if wait, err := strconv.Atoi(r.Header.Get("Retry-After")); err != nil || wait < 1 || wait > most {
		w.t.Errorf("Retry-After is %q", r.Header.Get("Retry-After"))
	}
}

// The rates; what follows has slower ones, so that a slow machine tests the same.
func TestRates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.JoinLimit = 60 })
	if j := w.server.joins; j.perSecond != 1 || j.burst != 20 {
		t.Errorf("joins: %v a second, %d at once", j.perSecond, j.burst)
	}
	if u := w.server.unknown; u.perSecond != 0.5 || u.burst != 20 {
		t.Errorf("unknown codes: %v a second, %d at once", u.perSecond, u.burst)
	}
}

func TestJoinLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, func(s *settings) { s.JoinLimit = 1 })
	create := func(addr string) reply { return w.do("POST", "/api/games", `{"name":"Ann"}`, from(addr)...) }
	var code string
	for range 10 { // created and joined count together
		code = w.seat(create("192.0.2.1"), 201).Code
		w.seat(w.do("POST", "/api/games/"+code+"/join", `{"name":"Bob"}`, from("192.0.2.1")...), 200)
	}
	w.wantLimited(create("192.0.2.1"), 60)
	w.wantLimited(w.do("POST", "/api/games/"+code+"/join", `{"name":"Bob"}`, from("192.0.2.1")...), 60)
	w.seat(create("192.0.2.2"), 201) // another address
	if r := w.do("GET", "/api/games/"+code, "", from("192.0.2.1")...); r.StatusCode != 200 {
		t.Errorf("looking is not joining: %d", r.StatusCode)
	}

	for i := range 20 { // the addresses of one /64 are one customer's
		w.seat(create("2001:db8:1:2::"+strconv.Itoa(i+1)), 201)
	}
	w.wantLimited(create("2001:db8:1:2:ffff::1"), 60)
	w.seat(create("2001:db8:1:3::1"), 201)
}

// After a wait of Retry-After there is one more.
func TestJoinAgain(t *testing.T) {
	slow(t)
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.JoinLimit = 60 })
	var r reply
	for range 100 {
		if r = w.do("POST", "/api/games", `{"name":"Ann"}`); r.StatusCode != 201 {
			break
		}
		w.seat(r, 201)
	}
	w.wantLimited(r, 1)
	time.Sleep(time.Second)
	w.create("Ann")
}

// Codes that do not exist count together wherever they are asked for, and who
// has asked for too many is told nothing about those that do.
func TestUnknownCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, func(s *settings) { s.JoinLimit = 6000; s.noKeeper = true })
	w.server.unknown = newLimiter[netip.Prefix](unknownPerSecond/100, unknownBurst)
	code := w.create("Ann").Code
	me := from("192.0.2.1")
	for range 5 {
		w.wantProblem(w.do("GET", "/api/games/ffffff", "", me...), 404, "game_not_found")
		w.wantProblem(w.do("POST", "/api/games/ffffff/join", `{"name":"Bob"}`, me...), 404, "game_not_found")
		if r := w.do("GET", "/game/ffffff", "", me...); r.StatusCode != 404 {
			t.Errorf("page: %d", r.StatusCode)
		}
		c := w.dial("ffffff", me...)
		c.say(`{"type":"hello"}`)
		c.want(`{"type":"closed","reason":"not_found"}`)
		c.wantClosed(4000)
	}
	w.wantLimited(w.do("GET", "/api/games/ffffff", "", me...), 200)
	w.wantLimited(w.do("GET", "/api/games/"+code, "", me...), 200)
	w.wantLimited(w.do("POST", "/api/games/"+code+"/join", `{"name":"Bob"}`, me...), 200)
	r := w.do("GET", "/game/"+code, "", me...)
	if r.StatusCode != 429 || r.Header.Get("Retry-After") == "" || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("page: %d %v", r.StatusCode, r.Header)
	}
	c := w.dial(code, me...)
	c.say(`{"type":"hello"}`)
	c.wantClosed(1013)

	other := from("192.0.2.2")
	if r := w.do("GET", "/api/games/"+code, "", other...); r.StatusCode != 200 {
		t.Errorf("another address: %d", r.StatusCode)
	}
}

// Whoever guesses at many codes at the same moment does not get further: all of
// them count.
func TestUnknownCodesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.JoinLimit = 60 })
	const guesses = 60
	var begun, done sync.WaitGroup
	begun.Add(guesses)
	r := httptest.NewRequest("GET", "/api/games/ffffff", nil)
	for range guesses {
		done.Go(func() {
			_ = w.server.seek(httptest.NewRecorder(), r, func() error {
				begun.Done()
				begun.Wait()
				return room.NotFound
			})
		})
	}
	done.Wait()
	const owed = guesses - unknownBurst
	if wait := w.server.unknown.wait(w.server.address(r), time.Now()); wait.Seconds() < owed/unknownPerSecond/2 {
		t.Errorf("after %d guesses at once the next is %v away", guesses, wait)
	}
}

// 0 turns the limit on codes that do not exist off too, for load tests.
func TestNoLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 60 {
		w.wantProblem(w.do("GET", "/api/games/ffffff", ""), 404, "game_not_found")
		w.create("Ann")
	}
}

func TestMaxSockets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.MaxSockets = 3 })
	code := w.create("Ann").Code
	first := w.watch(code)
	second := w.watch(code)
	w.watch(code)
	r := w.do("GET", "/ws/"+code, "", upgradeHeaders()...)
	w.wantProblem(r, 503, "full")
	if wait, err := strconv.Atoi(r.Header.Get("Retry-After")); err != nil || wait < 1 {
		t.Errorf("Retry-After is %q", r.Header.Get("Retry-After"))
	}
	for _, path := range []string{"/healthz", "/readyz", "/api/games/" + code} {
		if r := w.do("GET", path, ""); r.StatusCode != 200 {
			t.Errorf("%s of a full server: %d", path, r.StatusCode)
		}
	}
	first.sync()
	second.hangUp()
	if !soon(func() bool { c, err := w.tryDial(code); return err == nil && c != nil }) {
		t.Error("the place of a socket that has gone is not given to the next")
	}
}

func TestMaxSocketsPerAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, func(s *settings) { s.MaxSocketsPerAddress = 2 })
	code := w.create("Ann").Code
	w.dial(code, from("192.0.2.1")...)
	w.dial(code, from("192.0.2.1")...)
	w.wantProblem(w.do("GET", "/ws/"+code, "", append(upgradeHeaders(), from("192.0.2.1")...)...), 503, "full")
	w.dial(code, from("2001:db8::1")...)
	w.dial(code, from("2001:db8::2")...)
	if _, err := w.tryDial(code, from("2001:db8:0:0:9::3")...); err == nil {
		t.Error("a third socket of one /64")
	}
	w.dial(code, from("2001:db8:0:1::1")...)
}

// What is refused before it is a socket does not count as one.
func TestFailedUpgradesDoNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.MaxSockets = 1 })
	for range 3 {
		w.do("GET", "/ws/a1b2c3", "", append(upgradeHeaders(), "Origin", "https://evil.example")...)
	}
	w.server.open.mu.Lock()
	n := w.server.open.total
	w.server.open.mu.Unlock()
	if n != 0 {
		t.Errorf("%d sockets are counted", n)
	}
	w.dial("a1b2c3")
}
