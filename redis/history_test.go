package redis_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tictac/history"
	"tictac/play"
	"tictac/redis"
	"tictac/room"
	"tictac/storetest"
)

// traces is the keys that have a text in them, or in their names.
func traces(t testing.TB, r *server, text string) (found []string) {
	t.Helper()
	c := r.client(t)
	for _, key := range keys(t, r) {
		content := key
		if !strings.HasPrefix(key, "{servers}") {
			for _, read := range [][]string{{"GET", key}, {"HGETALL", key}, {"ZRANGE", key, "0", "-1"}, {"LRANGE", key, "0", "-1"}} {
				answer := c.Do(t.Context(), c.B().Arbitrary(read...).Build())
				if text, err := answer.ToString(); err == nil {
					content += text
				} else if all, err := answer.AsStrSlice(); err == nil {
					content += strings.Join(all, " ")
				} else if all, err := answer.AsStrMap(); err == nil {
					content += fmt.Sprint(all)
				}
			}
		}
		if strings.Contains(content, text) {
			found = append(found, key)
		}
	}
	return found
}

// Who is forgotten leaves no trace in Redis, nor do keys and tokens, wherever a
// server stops that forgets somebody: others go on with it.
func TestForgottenLeaveNoTrace(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"to be forgotten", "erased", "none"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			r := startServer(t)
			s := open(t, r.addr)
			enroll(t, s, "a-player", "bob")
			now := room.At(time.Now())
			if err := errors.Join(s.Offer(t.Context(), "used", "a-player", now.Add(time.Minute)), s.Offer(t.Context(), "token", "bob", now.Add(time.Minute))); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Redeem(t.Context(), "used", "a-phone", now); err != nil {
				t.Fatal(err)
			}
			for i, state := range []room.State{match(t, s, "aa0000", "a-player", "bob"), match(t, s, "bb0000", "bob", "a-player")} {
				state = resign(t, s, state, 20+i)
				do(t, s, state, noon, room.Leave{Key: "host"}) // nothing of the room is left
			}
			bob := played(t, s, "bob", 43)
			for _, text := range []string{"a-player", "host a-player", "a-phone", "key-a-player"} {
				if len(traces(t, r, text)) == 0 {
					t.Fatalf("no trace of %s: the test shows nothing", text)
				}
			}
			crashed := crashAt(s, step, 1)
			if err := s.Forget(t.Context(), "a-player"); (err != nil) != crashed() {
				t.Fatal(err)
			}
			if crashed() {
				r.must(t, "ZADD", "forgetting", "0", "a-player")
			}
			next := open(t, r.addr)
			soon(t, "it is gone on with", func() bool { return !slices.Contains(keys(t, r), "forgetting") })
			for _, text := range []string{"a-player", "a-phone", "used"} {
				if found := traces(t, r, text); len(found) > 0 {
					t.Errorf("%s is in %v", text, found)
				}
			}
			if got := played(t, next, "bob", 43); got.Stats != bob.Stats || *got.Rating != *bob.Rating {
				t.Errorf("bob is %+v, and was %+v", got, bob)
			}
			storetest.WantFold(t, next)
		})
	}
}

// Of a player the newest rounds are listed. What leaves the list is in its opening
// totals, and is soon gone unless the other one lists it.
func TestNewestGamesAreKept(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := open(t, r.addr)
	s.KeepGames(5)
	enroll(t, s, "ann", "bob", "eve")
	resign(t, s, match(t, s, "aa0000", "ann", "bob"), 12)
	played(t, s, "ann", 12)
	resign(t, s, match(t, s, "bb0000", "eve", "ann"), 3)
	ann := played(t, s, "ann", 15)
	games, err := s.Games(t.Context(), "ann", 100, "")
	if err != nil || len(games) != 5 || games[2].HostID != "eve" || games[3].GuestID != "bob" {
		t.Errorf("ann lists %d games, %v, want 5: 3 with eve, 2 with bob", len(games), err)
	}
	if games, err := s.Games(t.Context(), "bob", 100, ""); err != nil || len(games) != 5 {
		t.Errorf("bob lists %d games, %v, want 5", len(games), err)
	}
	kept := 0
	for _, key := range keys(t, r) {
		if strings.HasPrefix(key, "round:") && ttl(t, r, key) > 48*time.Hour {
			kept++
		}
	}
	if kept != 5+3 {
		t.Errorf("%d rounds are kept, want bob's 5 and eve's 3", kept)
	}
	storetest.WantFold(t, s)

	// Carried over, some being in ann's opening totals and not in bob's.
	var items []history.Item
	if err := s.Dump(t.Context(), func(i history.Item) error { items = append(items, i); return nil }); err != nil {
		t.Fatal(err)
	}
	to := open(t, startRedis(t))
	if _, err := to.Put(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	storetest.WantFold(t, to)
	if got := played(t, to, "ann", 15); got.Stats != ann.Stats || *got.Rating != *ann.Rating {
		t.Errorf("ann is carried over as %+v, and was %+v", got, ann)
	}
}

// Rounds whose time is up are told no more, and stay counted; a rebuild and a dump
// start from what they made, and the indexes forget them.
func TestTimeIsUp(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := open(t, r.addr)
	enroll(t, s, "ann", "bob")
	var ids []string
	state := match(t, s, "aa0000", "ann", "bob")
	for range 8 {
		ids = append(ids, state.RoundID)
		state = resign(t, s, state, 1)
	}
	ann := played(t, s, "ann", 8)
	for _, id := range ids[:3] {
		r.must(t, "DEL", "round:"+id)
	}
	games, err := s.Games(t.Context(), "ann", 100, "")
	if err != nil || len(games) != 5 || games[4].ID != ids[3] {
		t.Errorf("%d games, %v, want 5", len(games), err)
	}
	if games, err = s.Games(t.Context(), "ann", 2, ids[3]); err != nil || len(games) != 0 {
		t.Errorf("before the oldest: %+v, %v", games, err)
	}
	if _, err := s.Round(t.Context(), ids[0]); err != history.ErrUnknown {
		t.Errorf("a round whose time is up: %v", err)
	}
	storetest.WantFold(t, s)
	if got := played(t, s, "ann", 8); got.Stats != ann.Stats || *got.Rating != *ann.Rating {
		t.Errorf("ann is %+v, and was %+v", got, ann)
	}
	s.StopFiling()
	s.Sweep(t.Context())
	if n, err := r.must(t, "ZCARD", "{rounds}:log").AsInt64(); err != nil || n != 5 {
		t.Errorf("the log has %d rounds, %v, want 5", n, err)
	}
	if _, err := s.Games(t.Context(), "ann", 2, ids[0]); err != history.ErrUnknown {
		t.Errorf("a cursor whose time is up: %v", err)
	}
	storetest.WantFold(t, s)
}

// What a failover has lost of a player's list is put right from the rounds.
func TestRebuildListsAgain(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := open(t, r.addr)
	enroll(t, s, "ann", "bob")
	resign(t, s, match(t, s, "aa0000", "ann", "bob"), 5)
	ann := played(t, s, "ann", 5)
	games, err := s.Games(t.Context(), "ann", 10, "")
	if err != nil {
		t.Fatal(err)
	}
	r.must(t, "ZREMRANGEBYRANK", "games:{ann}", "1", "3")
	if n, err := s.Rebuild(t.Context()); n != 0 || err != nil { // nothing of the totals was lost
		t.Errorf("rebuild: %d, %v", n, err)
	}
	again, err := s.Games(t.Context(), "ann", 10, "")
	if err != nil || !reflect.DeepEqual(again, games) {
		t.Errorf("ann lists\n%+v, %v, want\n%+v", again, err, games)
	}
	r.must(t, "ZREMRANGEBYRANK", "games:{ann}", "3", "4")
	r.must(t, "HSET", "player:{ann}", "stats", "3 1 2 0 0 0 1")
	if n, err := s.Rebuild(t.Context()); n != 1 || err != nil {
		t.Errorf("rebuild: %d, %v, want 1", n, err)
	}
	if got := played(t, s, "ann", 5); got.Stats != ann.Stats || *got.Rating != *ann.Rating {
		t.Errorf("ann is %+v, and was %+v", got, ann)
	}
	storetest.WantFold(t, s)
}

// Every key of the history expires: an identity in a week if it has not played,
// and else a year after its last use, rounds when they are told to.
func TestHistoryExpires(t *testing.T) {
	t.Parallel()
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	r := startServer(t)
	s, err := redis.Open(t.Context(), "redis://"+r.addr, redis.Config{History: 7 * day})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	within := func(key string, want time.Duration) {
		t.Helper()
		if left := ttl(t, r, key); left > want || left < want-time.Hour {
			t.Errorf("%s expires in %v, want %v", key, left, want)
		}
	}
	enroll(t, s, "ann", "bob", "new")
	for _, key := range []string{"player:{ann}", "keys:{ann}", "key:key-ann"} {
		within(key, 7*day)
	}
	state := match(t, s, "aa0000", "ann", "bob")
	id := state.RoundID
	resign(t, s, state, 30)
	played(t, s, "ann", 30)
	soon(t, "both are listed", func() bool { l, err := s.Leaders(t.Context(), 10); return err == nil && len(l) == 2 })
	now := room.At(time.Now())
	if err := s.Offer(t.Context(), "token", "ann", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := s.Stay(t.Context(), play.Wait{Code: "bb0000", Who: "ann"}, now); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"player:{ann}", "keys:{ann}", "key:key-ann", "games:{ann}", "leaders"} {
		within(key, year)
	}
	within("round:"+id, 7*day)
	within("token:token", time.Hour)
	for _, key := range []string{"player:{ann}", "keys:{ann}", "key:key-ann", "games:{ann}"} {
		r.must(t, "EXPIRE", key, "1000")
	}
	for _, player := range []string{"ann", "new"} {
		if got, err := s.Identify(t.Context(), "key-"+player); got != player || err != nil {
			t.Fatal(got, err)
		}
	}
	for _, key := range []string{"player:{ann}", "keys:{ann}", "key:key-ann", "games:{ann}"} {
		within(key, year)
	}
	within("key:key-new", 7*day)
	for _, key := range keys(t, r) {
		if !strings.HasPrefix(key, "{servers}") && ttl(t, r, key) <= 0 {
			t.Errorf("%s never expires", key)
		}
	}

	r.must(t, "DEL", "player:{ann}") // its year is over
	if _, err := s.Identify(t.Context(), "key-ann"); err != history.ErrUnknown {
		t.Errorf("whoever has expired is identified: %v", err)
	}
	if got, err := s.Round(t.Context(), id); err != nil || got.Host != "" || got.HostID != "" || got.GuestID != "bob" {
		t.Errorf("the round is %+v, %v", got, err)
	}
	s.StopFiling()
	s.Sweep(t.Context())
	if l, err := r.must(t, "ZRANGE", "leaders", "0", "-1").AsStrSlice(); err != nil || !slices.Equal(l, []string{"bob"}) {
		t.Errorf("leaders are %v, %v", l, err)
	}
}

// An identity that comes from elsewhere, with totals and no rounds, is kept as one
// that has played; also if nothing opens it any more.
func TestCarriedIdentity(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := open(t, r.addr)
	totals := history.Totals{Stats: history.Stats{Played: 3, Won: 3, Streak: 3, BestStreak: 3}}
	items := []history.Item{
		{Account: &history.Account{ID: "ann", Name: "Ann", Enrolled: 1, Keys: []string{"a", "b"}, Totals: totals, Opening: totals}},
		{Account: &history.Account{ID: "bob", Name: "Bob", Enrolled: 1, Totals: totals, Opening: totals}},
	}
	for i, want := range []int{2, 0} {
		if n, err := s.Put(t.Context(), items); err != nil || n != want {
			t.Fatalf("the %d. time %d were added, %v, want %d", i+1, n, err, want)
		}
	}
	for _, key := range []string{"player:{ann}", "keys:{ann}", "key:a", "key:b", "player:{bob}"} {
		if left := ttl(t, r, key); left < 364*24*time.Hour {
			t.Errorf("%s expires in %v", key, left)
		}
	}
	storetest.WantFold(t, s)
	resign(t, s, match(t, s, "aa0000", "ann", "bob"), 1)
	played(t, s, "ann", 4)
	played(t, s, "bob", 4)
	storetest.WantFold(t, s)
}

// A primary that has become a replica takes nothing: whoever files, counts or
// enrolls connects anew.
func TestHistoryOnADemotedPrimary(t *testing.T) {
	t.Parallel()
	old, next := startServer(t), startServer(t)
	host, port := old.hostPort()
	next.must(t, "REPLICAOF", host, port)
	soon(t, "the replica follows", func() bool {
		info, err := next.must(t, "INFO", "replication").ToString()
		return err == nil && strings.Contains(info, "master_link_status:up")
	})
	name := startProxy(t, old.addr)
	s := open(t, name.addr)
	enroll(t, s, "ann", "bob")
	crashed := crashAt(s, "kept", 1) // what has ended waits
	resign(t, s, match(t, s, "aa0000", "ann", "bob"), 3)
	soon(t, "filing is stopped", crashed)
	soon(t, "the replica has it", func() bool {
		n, err := next.must(t, "HLEN", "ended:{aa}").AsInt64()
		return err == nil && n == 3
	})
	host, port = next.hostPort()
	next.must(t, "REPLICAOF", "NO", "ONE")
	old.must(t, "REPLICAOF", host, port)
	name.lead(next.addr)
	s.Crash(func(string) error { return nil })
	soon(t, "the rounds are counted", func() bool {
		p, err := s.Player(t.Context(), "ann")
		return err == nil && p.Stats.Played == 3
	})
	storetest.WantFold(t, s)
}
