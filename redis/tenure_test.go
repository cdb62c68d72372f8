package redis_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"tictac/play"
	"tictac/room"
)

// A crew is servers that renew by a clock of the test's.
type crew struct {
	t      *testing.T
	redis  *server
	now    room.Instant
	stores map[string]play.Store
	tenure map[string]play.Tenure
}

func newCrew(t *testing.T, r *server, names ...string) *crew {
	c := &crew{t: t, redis: r, now: room.At(noon), stores: map[string]play.Store{}, tenure: map[string]play.Tenure{}}
	for _, name := range names {
		c.stores[name] = open(t, r.addr)
	}
	return c
}

// renew has servers renew once a second for some seconds.
func (c *crew) renew(seconds int, names ...string) {
	c.t.Helper()
	for range seconds {
		c.now = c.now.Add(time.Second)
		for _, name := range names {
			tenure, err := c.stores[name].Renew(c.t.Context(), name, c.now)
			if err != nil {
				c.t.Fatal(err)
			}
			c.tenure[name] = tenure
		}
	}
}

// pass has time go by in which nobody uses the store.
func (c *crew) pass(d time.Duration) {
	c.t.Helper()
	c.now = c.now.Add(d)
	lastUse(c.t, c.redis, d)
}

// lastUse has the last use of a Redis be longer ago, by its own clock, than it is.
func lastUse(t testing.TB, r *server, ago time.Duration) {
	t.Helper()
	if r.must(t, "HGET", "{servers}:up", "clock").Error() == nil {
		r.must(t, "HINCRBY", "{servers}:up", "clock", fmt.Sprint(-ago.Milliseconds()))
	}
}

func (c *crew) wantDead(who, of string, want bool) {
	c.t.Helper()
	if c.tenure[who].Dead(of) != want {
		c.t.Fatalf("%v: %s holds %s for dead: %v, want %v", c.now.Time(), who, of, !want, want)
	}
}

func (c *crew) wantDue(who string, want ...string) {
	c.t.Helper()
	got, err := c.stores[who].Due(c.t.Context(), c.now, 100)
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		c.t.Fatalf("%v: due for %s: %v, %v, want %v", c.now.Time(), who, got, err, want)
	}
}

// The rooms of a server that dies are found within 15 s, by others that have
// held their own lease for as long; then it is forgotten.
func TestDeadServer(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	c := newCrew(t, r, "a", "b", "late")
	c.renew(1, "a", "b")
	one := begin(t, c.stores["a"], "a00000", "a", "b")
	two := begin(t, c.stores["b"], "b00000", "a", "a")
	begin(t, c.stores["b"], "c00000", "b", "b")
	c.wantDead("b", "stranger", false) // who knows
	c.renew(14, "a", "b")
	c.wantDead("b", "stranger", false)
	c.renew(1, "a", "b")
	c.wantDead("b", "stranger", true)
	c.wantDead("b", "a", false)
	c.wantDue("b")

	c.renew(9, "b")
	c.wantDead("b", "a", false)
	c.wantDue("b")
	c.renew(1, "b", "late")
	c.wantDead("b", "a", true)
	c.wantDead("late", "a", false)
	c.wantDue("b", "a00000", "b00000")
	c.wantDue("late")

	lost := room.Lost{Server: "a"}
	do(t, c.stores["b"], one, c.now.Time(), lost)
	c.wantDue("b", "b00000")
	do(t, c.stores["late"], two, c.now.Time(), lost)
	c.wantDue("b")
	c.renew(1, "b")
	c.wantDead("b", "a", true) // also when it is forgotten
	if !rueidis.IsRedisNil(r.redis(t, "ZSCORE", "{servers}:leases", "a").Error()) {
		t.Error("a server that holds nothing is remembered")
	}
}

// A server that stops cleanly is not waited for.
func TestCleanClose(t *testing.T) {
	t.Parallel()
	c := newCrew(t, startServer(t), "a", "b")
	c.renew(20, "a", "b")
	begin(t, c.stores["a"], "a00000", "a", "b")
	c.wantDue("b")
	if err := c.stores["a"].(interface{ Close() error }).Close(); err != nil {
		t.Fatal(err)
	}
	c.renew(1, "b")
	c.wantDead("b", "a", true)
	c.wantDue("b", "a00000")
}

// The store has been up since the last gap in which nobody renewed; who comes
// and goes meanwhile does not count. After a gap nobody is judged for a while.
func TestUpSince(t *testing.T) {
	t.Parallel()
	c := newCrew(t, startServer(t), "a", "b")
	c.renew(1, "a")
	since := c.now
	want := func(who string, want room.Instant) {
		t.Helper()
		if got := c.tenure[who].UpSince; got != want {
			t.Fatalf("%s: up since %v, want %v", who, got.Time(), want.Time())
		}
	}
	c.renew(30, "a")
	c.renew(1, "a", "b")
	c.renew(30, "b") // a is away
	want("b", since)
	c.wantDead("b", "a", true)
	c.pass(2 * time.Second)
	c.renew(1, "a") // no gap yet
	want("a", since)
	c.wantDead("a", "stranger", false) // it was away, and lost its lease

	begin(t, c.stores["a"], "a00000", "a", "b")
	c.pass(12 * time.Hour) // overnight
	c.renew(1, "b")
	want("b", c.now)
	since = c.now
	c.wantDead("b", "a", false)
	c.wantDue("b", "a00000") // idle by far, but there
	c.renew(14, "b")
	c.wantDead("b", "a", false)
	c.renew(1, "b")
	c.wantDead("b", "a", true)
	want("b", since)

	c.pass(4 * time.Second) // an outage: a server that was silent before it is not silent for longer by it
	c.renew(1, "a", "b")
	want("b", c.now)
	c.wantDead("b", "a", false)
	c.renew(9, "b")
	c.wantDead("b", "a", false)
	c.renew(1, "b")
	c.wantDead("b", "a", true)
}

// How long nobody used the store is told by one clock, Redis' own. That of a
// server may be some seconds off, and a gap that it hides is one all the same.
func TestGapByOneClock(t *testing.T) {
	t.Parallel()
	c := newCrew(t, startServer(t), "ahead", "a")
	renew := func(who string, at room.Instant) room.Instant {
		t.Helper()
		tenure, err := c.stores[who].Renew(t.Context(), who, at)
		if err != nil {
			t.Fatal(err)
		}
		return tenure.UpSince
	}
	since := renew("a", c.now)
	if got := renew("ahead", c.now.Add(4*time.Second)); got != since {
		t.Error("a clock that is ahead is taken for a gap")
	}
	c.pass(4 * time.Second)
	gap := renew("a", c.now)
	if gap <= since {
		t.Error("4 s in which nobody used the store are no gap")
	}
	c.pass(-time.Minute) // Redis' clock is set back
	if got := renew("a", c.now); got <= gap {
		t.Errorf("the second gap was at %v, the first at %v", got.Time(), gap.Time())
	}
}

// A server that has just started is not held for dead by one that has not heard
// of it yet; one that was forgotten is.
func TestUnknownServers(t *testing.T) {
	t.Parallel()
	c := newCrew(t, startServer(t), "a")
	c.renew(16, "a")
	id := func(age time.Duration) string {
		return strconv.FormatInt(int64(c.now.Add(-age)), 36) + "-WHATEVER"
	}
	c.wantDead("a", id(-time.Second), false)
	c.wantDead("a", id(0), false)
	c.wantDead("a", id(10*time.Second), false)
	c.wantDead("a", id(time.Minute), true)
	c.wantDead("a", "another make", true)
}
