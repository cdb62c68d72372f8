package redis_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tictac/play"
	"tictac/redis"
	"tictac/room"
)

func keys(t testing.TB, r *server) []string {
	t.Helper()
	all, err := r.must(t, "KEYS", "*").AsStrSlice()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func ttl(t testing.TB, r *server, key string) time.Duration {
	t.Helper()
	n, err := r.must(t, "TTL", key).AsInt64()
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(n) * time.Second
}

// endings are all ways in which a room comes to its end.
var endings = map[string]func(t testing.TB, s play.Store, r room.State){
	"left by the host": func(t testing.TB, s play.Store, r room.State) {
		do(t, s, r, noon, room.Leave{Key: "host"})
	},
	"left by both": func(t testing.TB, s play.Store, r room.State) {
		do(t, s, moves(t, s, r, 4), noon, room.Leave{Key: "guest"}, room.Leave{Key: "host"})
	},
	"won, again, resigned": func(t testing.TB, s play.Store, r room.State) {
		r = do(t, s, moves(t, s, r, 0, 3, 1, 4, 2), noon, room.Rematch{Key: "host", RoundID: rand.Text()})
		r = moves(t, s, do(t, s, r, noon, room.Rematch{Key: "guest", RoundID: rand.Text()}), 4)
		do(t, s, r, noon, room.Resign{Key: "host"}, room.Leave{Key: "host"})
	},
	"drawn": func(t testing.TB, s play.Store, r room.State) {
		do(t, s, moves(t, s, r, 0, 1, 2, 4, 3, 5, 7, 6, 8), noon, room.Leave{Key: "host"})
	},
	"a dead server": func(t testing.TB, s play.Store, r room.State) {
		r = do(t, s, moves(t, s, r, 4), noon, room.Lost{Server: "b"})
		r = do(t, s, r, noon.Add(rules.Grace), room.Expire{})
		do(t, s, r, noon.Add(rules.Grace), room.Leave{Key: "host"})
	},
	"both away": func(t testing.TB, s play.Store, r room.State) {
		r = do(t, s, r, noon, room.Detach{Key: "guest", Server: "b"}, room.Detach{Key: "host", Server: "a"})
		for !r.Gone() {
			r = do(t, s, r, r.Due().Time(), room.Expire{Indexed: true})
		}
	},
	"idle": func(t testing.TB, s play.Store, r room.State) {
		do(t, s, r, noon.Add(rules.Idle), room.Expire{})
	},
}

// A room that is gone leaves nothing, one that is there has an expiry on every
// key of its own, and rounds are kept for 90 days.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s, err := redis.Open(t.Context(), "redis://"+r.addr, redis.Config{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, end := range endings {
		for range 10 {
			code := fmt.Sprintf("%06x", n*7919)
			n++
			state := moves(t, s, begin(t, s, code, "a", "b"), 8)
			tag := "{" + code[:2] + "}"
			for _, key := range []string{"room:" + tag + ":" + code, "log:" + tag + ":" + code, "due:" + tag, "held:" + tag} {
				if left := ttl(t, r, key); left < 6*24*time.Hour || left > 7*24*time.Hour {
					t.Fatalf("%s expires in %v", key, left)
				}
			}
			state = do(t, s, state, noon, room.Resign{Key: "guest"}, room.Rematch{Key: "host", RoundID: "again"})
			end(t, s, do(t, s, state, noon, room.Rematch{Key: "guest", RoundID: rand.Text()}))
			if _, err := s.Load(t.Context(), code); err != play.ErrNotFound {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	if err := s.Close(); err != nil { // files what is not yet filed
		t.Fatal(err)
	}
	rounds := 0
	for _, key := range keys(t, r) {
		switch {
		case strings.HasPrefix(key, "round:"):
			rounds++
			if left := ttl(t, r, key); left < 89*24*time.Hour || left > 90*24*time.Hour {
				t.Errorf("%s expires in %v", key, left)
			}
		case !strings.HasPrefix(key, "{rounds}:"):
			t.Errorf("%s is left", key)
		case ttl(t, r, key) <= 0:
			t.Errorf("%s never expires", key)
		}
	}
	if rounds < 2*n {
		t.Errorf("%d rounds of %d rooms were filed", rounds, n)
	}
}

// Rooms that expired while no server was up are not looked at in vain for ever.
func TestExpiredRoomsLeaveTheIndexes(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	c := newCrew(t, r, "b")
	begin(t, c.stores["b"], "aa0000", "a", "b")
	begin(t, c.stores["b"], "aa0001", "a", "b")
	c.renew(1, "b")
	r.must(t, "ZADD", "{servers}:leases", fmt.Sprint(int64(c.now.Add(-time.Minute))), "a")
	c.renew(16, "b")
	c.wantDue("b", "aa0000", "aa0001") // of a dead server
	r.must(t, "DEL", "room:{aa}:aa0000", "log:{aa}:aa0000")
	c.wantDue("b", "aa0001")
	c.pass(8 * 24 * time.Hour)
	c.wantDue("b", "aa0001", "aa0001") // due besides
	if due, err := r.must(t, "ZRANGE", "due:{aa}", "0", "-1").AsStrSlice(); err != nil || len(due) != 1 {
		t.Errorf("the index has %v, %v", due, err)
	}
}

// A server that crashes before it files a round leaves it to others, and not to one
// of a version that counts nothing, which takes what is in "outbox".
func TestRoundOfACrashedServer(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	p := startProxy(t, r.addr)
	s := open(t, p.addr)
	s.StopFiling()
	do(t, s, begin(t, s, "aa0000", "a", "b"), noon, room.Resign{Key: "host"})
	p.cut(true)
	if !slices.Contains(keys(t, r), "ended:{aa}") {
		t.Fatal("it was filed all the same")
	}
	open(t, r.addr)
	soon(t, "the round is filed", func() bool { return !slices.Contains(keys(t, r), "ended:{aa}") })
	n, err := r.must(t, "ZCARD", "{rounds}:log").AsInt64()
	if err != nil || n != 1 {
		t.Errorf("%d rounds are filed: %v", n, err)
	}
}

// A commit that is made again, since its answer was lost, is made once. The
// library does not send it again by itself: if others came between, it would be
// taken for a conflict, in which nothing was done. (Tried on 2026-11-22: with
// NewLuaScriptRetryable and the library's retries this fails so; histories of
// 100 rooms did not notice.)
func TestCommitTwice(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	p := startProxy(t, r.addr)
	far, near := open(t, p.addr), open(t, r.addr)
	state := begin(t, near, "aa0000", "a", "b")
	if _, err := far.Load(t.Context(), "aa0000"); err != nil {
		t.Fatal(err)
	}
	c := step(t, state, room.Move{Key: "host", Cell: 4, Round: 1}, noon)
	p.hush()
	answer := make(chan error, 1)
	go func() { answer <- far.Commit(t.Context(), c) }()
	soon(t, "the commit is made", func() bool {
		snap, err := near.Load(t.Context(), "aa0000")
		return err == nil && snap.Commit == c.ID
	})
	for range 2 {
		if err := near.Commit(t.Context(), c); err != nil {
			t.Errorf("again: %v", err)
		}
	}
	if log, err := near.Log(t.Context(), "aa0000"); err != nil || len(log) != 4 {
		t.Errorf("the log has %d events, %v", len(log), err)
	}
	moves(t, near, *c.State, 0) // overtaken
	p.cut(false)
	if err := <-answer; err == nil || errors.Is(err, play.ErrConflict) {
		t.Errorf("a commit that was made and whose answer was lost: %v, want that it is not known", err)
	}
	soon(t, "an overtaken commit once more is a conflict", func() bool {
		return errors.Is(far.Commit(t.Context(), c), play.ErrConflict)
	})
}
