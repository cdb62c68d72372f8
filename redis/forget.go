package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"

	"tictac/history"
)

// forgettingKey is who is being forgotten: a sorted set of ids by since when. A
// server that finds somebody here for longer goes on with it.
const forgettingKey = "forgetting"

// Forget implements history.Archive. From the moment at which the account is gone
// nobody is told the name any more; then it is taken off the player's rounds.
// Whoever counts a round meanwhile finds no account, and takes it off there.
func (s *Store) Forget(ctx context.Context, id string) error {
	_, err := within(ctx, s, func() (int, error) {
		there, err := s.alive(ctx, []string{id})
		if err != nil {
			return 0, fmt.Errorf("redis: forget: %w", err)
		}
		if !there[id] {
			return 0, history.ErrUnknown
		}
		b := s.client.B()
		for _, answer := range s.client.DoMulti(ctx,
			b.Zadd().Key(forgettingKey).ScoreMember().ScoreMember(float64(time.Now().UnixMilli()), id).Build(),
			b.Expire().Key(forgettingKey).Seconds(int64(accountTTL.Seconds())).Build(),
		) {
			if err := answer.Error(); err != nil {
				return 0, fmt.Errorf("redis: forget: %w", err)
			}
		}
		if err := s.at("to be forgotten"); err != nil {
			return 0, err
		}
		if err := s.erase(ctx, id); err != nil {
			return 0, fmt.Errorf("redis: forget: %w", err)
		}
		return 0, nil
	})
	return err
}

// erase takes all away that there is of a player. It may be done again.
func (s *Store) erase(ctx context.Context, id string) error {
	b := s.client.B()
	for _, answer := range s.client.DoMulti(ctx,
		b.Del().Key(playerKey(id)).Build(), // the first thing
		b.Zrem().Key(leadersKey).Member(id).Build(),
	) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	if err := s.at("erased"); err != nil {
		return err
	}
	keys, err := s.keys(ctx, id)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := s.client.Do(ctx, b.Del().Key(keyKey(key)).Build()).Error(); err != nil {
			return err
		}
	}
	games, err := s.list(ctx, id, 0)
	if err != nil {
		return err
	}
	rounds := make([]*filed, len(games))
	for i, g := range games {
		rounds[i] = &filed{id: g.round, seq: g.seq}
	}
	if err := s.unname(ctx, id, rounds); err != nil {
		return err
	}
	if err := s.client.Do(ctx, b.Del().Key(accountKeys(id)...).Build()).Error(); err != nil {
		return err
	}
	return s.client.Do(ctx, b.Zrem().Key(forgettingKey).Member(id).Build()).Error()
}

// unname takes a player's name off rounds, again those that others change meanwhile.
func (s *Store) unname(ctx context.Context, id string, rounds []*filed) error {
	for len(rounds) > 0 {
		if err := s.load(ctx, rounds); err != nil {
			return err
		}
		var again []*filed
		for _, f := range rounds {
			if f.r == nil || f.r.HostID != id && f.r.GuestID != id {
				continue
			}
			next := *f.r
			next.Record = history.Without(f.r.Record, id)
			done, err := s.swap(ctx, f, next)
			if err != nil {
				return err
			}
			if !done {
				again = append(again, f)
			}
		}
		rounds = again
	}
	return nil
}

// eraseLeft goes on with those who are being forgotten by a server that died.
func (s *Store) eraseLeft(ctx context.Context) error {
	until := fmt.Sprint(time.Now().Add(-sweepEvery / 2).UnixMilli())
	ids, err := s.client.Do(ctx, s.client.B().Zrangebyscore().Key(forgettingKey).Min("-inf").Max(until).Build()).AsStrSlice()
	if err != nil || rueidis.IsRedisNil(err) {
		return err
	}
	for _, id := range ids {
		if err := s.erase(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
