package redis

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"tictac/history"
	"tictac/room"
)

// Rebuild implements history.Archive. First every round that is kept is seen to
// be in its players' lists, then each list is folded, from the opening totals on.
func (s *Store) Rebuild(ctx context.Context) (differed int, err error) {
	if err := s.settled(ctx); err != nil {
		return 0, fmt.Errorf("redis: rebuild: %w", err)
	}
	if err := s.eachRound(ctx, func(rounds []*filed) error { return s.listAll(ctx, rounds) }); err != nil {
		return 0, fmt.Errorf("redis: rebuild: %w", err)
	}
	ids, err := s.players(ctx)
	if err != nil {
		return 0, fmt.Errorf("redis: rebuild: %w", err)
	}
	for _, id := range ids {
		changed, err := s.refold(ctx, id)
		if err != nil {
			return differed, fmt.Errorf("redis: rebuild: %w", err)
		}
		if changed {
			differed++
		}
	}
	return differed, nil
}

// settled waits until every round that has ended is filed and counted.
func (s *Store) settled(ctx context.Context) error {
	for {
		if err := s.filing.empty(ctx, tags); err != nil {
			return err
		}
		if err := s.countAll(ctx); err != nil {
			return err
		}
		if done, err := s.allCounted(ctx); err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(fileAfter): // another server counts
		}
	}
}

// listAll puts rounds into their players' lists, where they are not. Counting
// does that by itself; but a failover may lose a list's last moment and not the
// round's.
func (s *Store) listAll(ctx context.Context, rounds []*filed) error {
	accounts, err := s.accounts(ctx, playersOf(rounds)...)
	if err != nil {
		return err
	}
	type listed struct {
		*game
		id string
	}
	var all []listed
	var questions []rueidis.Completed
	for _, f := range rounds {
		for _, seat := range []room.Seat{room.Host, room.Guest} {
			id := f.r.Player(seat)
			if a := accounts[id]; a != nil && f.r.CountsFor(seat) && a.base < f.seq {
				g := listed{gameOf(f.seq, *f.r, seat), id}
				all = append(all, g)
				questions = append(questions, s.client.B().Zscore().Key(gamesKey(id)).Member(g.encode()).Build())
			}
		}
	}
	for i, answer := range s.client.DoMulti(ctx, questions...) {
		seq, err := answer.AsFloat64()
		switch {
		case err != nil && !rueidis.IsRedisNil(err):
			return err
		case err == nil && int64(seq) == all[i].seq:
			continue
		}
		if err := s.listOne(ctx, all[i].id, all[i].game); err != nil {
			return err
		}
	}
	return nil
}

// listOne puts a round into a player's list, in the place of what has its number.
func (s *Store) listOne(ctx context.Context, id string, g *game) error {
	b, seq := s.client.B(), fmt.Sprint(g.seq)
	for _, answer := range s.client.DoMulti(ctx,
		b.Zremrangebyscore().Key(gamesKey(id)).Min(seq).Max(seq).Build(),
		b.Zadd().Key(gamesKey(id)).ScoreMember().ScoreMember(float64(g.seq), g.encode()).Build(),
		b.Expire().Key(gamesKey(id)).Seconds(int64(accountTTL.Seconds())).Build(),
	) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	return nil
}

// playersOf is the ids of all players of some rounds.
func playersOf(rounds []*filed) (ids []string) {
	for _, f := range rounds {
		if f.r != nil {
			ids = append(ids, f.r.HostID, f.r.GuestID)
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// refold folds a player's list anew, and reports whether the totals or the name differed.
func (s *Store) refold(ctx context.Context, id string) (differed bool, err error) {
	for {
		accounts, err := s.accounts(ctx, id)
		a := accounts[id]
		if err != nil || a == nil {
			return false, err // forgotten meanwhile
		}
		games, err := s.list(ctx, id, 0)
		if err != nil {
			return false, err
		}
		old, err := s.noMoreKept(ctx, games)
		if err != nil {
			return false, err
		}
		next := *a
		next.fold(games[:old])
		next.totals = next.opening
		for _, g := range games[old:] {
			next.totals = g.count(next.totals)
		}
		if len(games) > old {
			newest := games[len(games)-1]
			next.last = max(next.last, newest.seq)
			if next.name, err = s.playedAs(ctx, a, newest); err != nil {
				return false, err
			}
		}
		outcome, err := s.change(ctx, a, change{next: &next, trim: old > 0, name: true})
		if err != nil {
			return false, err
		}
		if outcome == outdated {
			continue
		}
		if err := s.letGo(ctx, id, games[:old]); err != nil {
			return false, err
		}
		return a.name != next.name || !a.totals.Equal(next.totals), s.rankOne(ctx, &next)
	}
}

// playedAs is the name under which a player played a game.
func (s *Store) playedAs(ctx context.Context, a *account, g *game) (string, error) {
	r, err := s.read(ctx, g.round)
	switch {
	case err != nil || r == nil:
		return a.name, err
	case r.HostID == a.id:
		return r.Host, nil
	}
	return r.Guest, nil
}

// noMoreKept is how many of a player's rounds, from the oldest on, leave its
// list: those beyond the newest that are kept, and up to the last one whose time
// is up.
func (s *Store) noMoreKept(ctx context.Context, games []*game) (n int, err error) {
	questions := make([]rueidis.Completed, len(games))
	for i, g := range games {
		questions[i] = s.client.B().Exists().Key(roundKey(g.round)).Build()
	}
	n = max(len(games)-s.maxGames, 0)
	for i, answer := range s.client.DoMulti(ctx, questions...) {
		there, err := answer.AsInt64()
		if err != nil {
			return 0, err
		}
		if there == 0 {
			n = max(n, i+1)
		}
	}
	return n, nil
}

// players is the ids of all identities.
func (s *Store) players(ctx context.Context) ([]string, error) {
	keys, err := s.scan(ctx, playerKey("*"))
	for i, key := range keys {
		keys[i] = strings.TrimSuffix(strings.TrimPrefix(key, "player:{"), "}")
	}
	return keys, err
}

// scan is all keys of a pattern, on all nodes, sorted.
func (s *Store) scan(ctx context.Context, pattern string) (keys []string, err error) {
	nodes := map[string]rueidis.Client{"": s.client}
	if s.client.Mode() == rueidis.ClientModeCluster {
		nodes = s.client.Nodes()
	}
	for _, node := range nodes {
		for cursor, more := uint64(0), true; more; more = cursor != 0 {
			entry, err := node.Do(ctx, node.B().Scan().Cursor(cursor).Match(pattern).Count(1000).Build()).AsScanEntry()
			if err != nil {
				return nil, err
			}
			keys, cursor = append(keys, entry.Elements...), entry.Cursor
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil // a key may be found twice
}

var _ history.Porter = (*Store)(nil)
