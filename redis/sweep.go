package redis

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"github.com/redis/rueidis"
)

// sweepAtOnce is how many entries of an index are looked at in one sweep.
const sweepAtOnce = 500

// sweep files what servers left that died, goes on with what they had begun, and
// takes out of indexes what has expired. Each server does it once a minute.
func (f *filing) sweep(ctx context.Context) {
	s := f.store
	expired, err := s.expiredRounds(ctx, f)
	if err == nil {
		err = f.empty(ctx, tags)
	}
	if err == nil {
		err = errors.Join(s.dropRounds(ctx, expired), s.dropLeaders(ctx, f), s.eraseLeft(ctx))
	}
	if err != nil && ctx.Err() == nil {
		s.mind(err)
		slog.Warn("a sweep through the history failed", "err", err)
	}
}

// expiredRounds is some ids in the log whose rounds are no more there; each time
// it looks further. They may be dropped if after that no outbox has them: then
// nobody files them again.
func (s *Store) expiredRounds(ctx context.Context, f *filing) (ids []string, err error) {
	ask := s.client.B().Zrange().Key(roundsKey).Min(strconv.Itoa(f.looked)).Max(strconv.Itoa(f.looked + sweepAtOnce - 1)).Build()
	all, err := s.client.Do(ctx, ask).AsStrSlice()
	if err != nil {
		return nil, err
	}
	if ids, err = s.missing(ctx, all, roundKey); err != nil {
		return nil, err
	}
	f.looked += len(all) - len(ids)
	if len(all) < sweepAtOnce {
		f.looked = 0
	}
	return ids, nil
}

// missing is those of some ids whose keys are not there.
func (s *Store) missing(ctx context.Context, all []string, key func(id string) string) (ids []string, err error) {
	questions := make([]rueidis.Completed, len(all))
	for i, id := range all {
		questions[i] = s.client.B().Exists().Key(key(id)).Build()
	}
	for i, answer := range s.client.DoMulti(ctx, questions...) {
		n, err := answer.AsInt64()
		if err != nil {
			return nil, err
		}
		if n == 0 {
			ids = append(ids, all[i])
		}
	}
	return ids, nil
}

func (s *Store) dropRounds(ctx context.Context, expired []string) error {
	ids, err := s.missing(ctx, expired, roundKey)
	if err != nil || len(ids) == 0 {
		return err
	}
	return s.client.Do(ctx, s.client.B().Zrem().Key(roundsKey).Member(ids...).Build()).Error()
}

// dropLeaders takes players out of the index of leaders who have expired.
func (s *Store) dropLeaders(ctx context.Context, f *filing) error {
	ask := s.client.B().Zscan().Key(leadersKey).Cursor(f.ranked).Count(sweepAtOnce).Build()
	entry, err := s.client.Do(ctx, ask).AsScanEntry()
	if err != nil {
		return err
	}
	f.ranked = entry.Cursor
	var listed []string
	for i := 0; i < len(entry.Elements); i += 2 { // a score follows each
		listed = append(listed, entry.Elements[i])
	}
	ids, err := s.missing(ctx, listed, playerKey)
	if err != nil || len(ids) == 0 {
		return err
	}
	return s.client.Do(ctx, s.client.B().Zrem().Key(leadersKey).Member(ids...).Build()).Error()
}
