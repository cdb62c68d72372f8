package redis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/rueidis"

	"tictac/room"
)

// Due implements play.Store. The rooms that a dead server holds are due too:
// whoever looks at one takes the server out of its seats.
func (s *Store) Due(ctx context.Context, now room.Instant, limit int) ([]string, error) {
	s.mu.Lock()
	t := s.tenure
	s.mu.Unlock()
	return within(ctx, s, func() ([]string, error) {
		codes, err := s.dueBy(ctx, now, limit)
		if err != nil {
			return nil, err
		}
		held, err := s.heldByDead(ctx, t, limit)
		return append(codes, held...), err
	})
}

// dueBy lists rooms whose moment has come, oldest first.
func (s *Store) dueBy(ctx context.Context, now room.Instant, limit int) ([]string, error) {
	until := strconv.FormatInt(int64(now), 10)
	answers := s.ask(ctx, tags, func(tag string) rueidis.Completed {
		return s.client.B().Zrangebyscore().Key(dueKey(tag)).Min("-inf").Max(until).
			Withscores().Limit(0, int64(limit)).Build()
	})
	codes, err := oldestFirst(answers)
	if err != nil {
		return nil, err
	}
	return s.standing(ctx, codes[:min(len(codes), limit)], dueKey, "")
}

// heldByDead lists rooms in which dead servers have sockets.
func (s *Store) heldByDead(ctx context.Context, t tenure, limit int) (codes []string, err error) {
	dead := t.deadServers()
	if len(dead) == 0 {
		return nil, nil
	}
	round := t.round()
	for _, server := range dead {
		held, err := s.heldBy(ctx, server, round, limit-len(codes))
		if codes = append(codes, held...); err != nil || len(codes) >= limit {
			return codes, err
		}
	}
	return codes, nil
}

// heldBy lists rooms in which a dead server has a socket, in the order of their
// tags. When there are none, the server is forgotten.
func (s *Store) heldBy(ctx context.Context, server string, round []string, limit int) (codes []string, err error) {
	each := int64(1 + 4*limit/len(tags)) // a tag has about as many as another
	answers := s.ask(ctx, round, func(tag string) rueidis.Completed {
		return s.client.B().Zrangebylex().Key(heldKey(tag)).Min("["+server+" ").Max("("+server+"!").
			Limit(0, each).Build()
	})
	for _, answer := range answers {
		members, err := answer.AsStrSlice()
		if err != nil {
			return nil, fmt.Errorf("redis: rooms of a dead server: %w", err)
		}
		for _, member := range members {
			codes = append(codes, strings.TrimPrefix(member, server+" "))
		}
	}
	if len(codes) == 0 {
		return nil, s.client.Do(ctx, s.client.B().Zrem().Key(leasesKey).Member(server).Build()).Error()
	}
	return s.standing(ctx, codes[:min(len(codes), limit)], heldKey, server+" ")
}

// standing is those of some rooms from an index that are there. The others are
// taken out of it: they expired while no server was up to close them, and would
// be looked at in vain for ever.
func (s *Store) standing(ctx context.Context, codes []string, index func(tag string) string, prefix string) (there []string, err error) {
	if len(codes) == 0 {
		return nil, nil
	}
	questions := make([]rueidis.Completed, len(codes))
	for i, code := range codes {
		questions[i] = s.client.B().Exists().Key(roomKey(code)).Build()
	}
	for i, answer := range s.client.DoMulti(ctx, questions...) {
		code := codes[i]
		exists, err := answer.AsInt64()
		switch {
		case err != nil:
			return nil, fmt.Errorf("redis: due: %w", err)
		case exists == 1:
			there = append(there, code)
			continue
		}
		keys := []string{roomKey(code), index(tag(code))}
		if err := pruneScript.Exec(ctx, s.client, keys, []string{prefix + code}).Error(); err != nil {
			return nil, fmt.Errorf("redis: due: %w", err)
		}
	}
	return there, nil
}

// ask sends one question to each tag, all in one go.
func (s *Store) ask(ctx context.Context, tags []string, question func(tag string) rueidis.Completed) []rueidis.RedisResult {
	questions := make([]rueidis.Completed, 0, len(tags))
	for _, tag := range tags {
		questions = append(questions, question(tag))
	}
	return s.client.DoMulti(ctx, questions...)
}

// oldestFirst merges the answers of all tags by score.
func oldestFirst(answers []rueidis.RedisResult) ([]string, error) {
	var entries []rueidis.ZScore
	for _, answer := range answers {
		some, err := answer.AsZScores()
		if err != nil {
			return nil, fmt.Errorf("redis: due: %w", err)
		}
		entries = append(entries, some...)
	}
	slices.SortStableFunc(entries, func(a, b rueidis.ZScore) int { return cmp.Compare(a.Score, b.Score) })
	codes := make([]string, len(entries))
	for i, e := range entries {
		codes[i] = e.Member
	}
	return codes, nil
}
