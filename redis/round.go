package redis

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"github.com/redis/rueidis"

	"tictac/history"
	"tictac/room"
)

func roundKey(id string) string { return "round:" + id }

var (
	//go:embed lua/swap.lua
	swapSource string

	swapScript = rueidis.NewLuaScript(swapSource)
)

// A filed round is one of the log, with its number.
type filed struct {
	id   string
	seq  int64
	data string         // as it is stored; empty: its time is up
	r    *history.Round // what data says; nil with it
}

func (f *filed) decode() {
	f.r = nil
	if f.data == "" {
		return
	}
	var r history.Round
	if err := json.Unmarshal([]byte(f.data), &r); err != nil {
		slog.Error("a finished round cannot be read and is left out", "round", f.id, "err", err)
		return
	}
	r.Seq = f.seq
	f.r = &r
}

// load reads what is stored of some rounds.
func (s *Store) load(ctx context.Context, rounds []*filed) error {
	questions := make([]rueidis.Completed, len(rounds))
	for i, f := range rounds {
		questions[i] = s.client.B().Get().Key(roundKey(f.id)).Build()
	}
	for i, answer := range s.client.DoMulti(ctx, questions...) {
		data, err := answer.ToString()
		if err != nil && !rueidis.IsRedisNil(err) {
			return err
		}
		rounds[i].data = data
		rounds[i].decode()
	}
	return nil
}

// read is one round as it is stored, nil if it is not there.
func (s *Store) read(ctx context.Context, id string) (*history.Round, error) {
	f := &filed{id: id}
	err := s.load(ctx, []*filed{f})
	return f.r, err
}

// swap stores another version of a round, if nobody else has meanwhile.
func (s *Store) swap(ctx context.Context, f *filed, next history.Round) (done bool, err error) {
	data, err := json.Marshal(next)
	if err != nil {
		return false, err
	}
	n, err := swapScript.Exec(ctx, s.client, []string{roundKey(f.id)}, []string{f.data, string(data)}).AsInt64()
	if err != nil || n == 0 {
		return false, err
	}
	f.data = string(data)
	f.decode()
	return true, nil
}

// anonymous takes the names and ids of those who are no more there off rounds, as
// they are told. In the store it has been done, or will be.
func (s *Store) anonymous(ctx context.Context, rounds []room.Record) error {
	var ids []string
	for _, r := range rounds {
		ids = append(ids, r.HostID, r.GuestID)
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
	there, err := s.alive(ctx, ids)
	if err != nil {
		return err
	}
	for i, r := range rounds {
		for _, id := range []string{r.HostID, r.GuestID} {
			if id != "" && !there[id] {
				rounds[i] = history.Without(rounds[i], id)
			}
		}
	}
	return nil
}

// eachRound calls each with all rounds of the log that are kept, in its order,
// some at a time.
func (s *Store) eachRound(ctx context.Context, each func([]*filed) error) error {
	const some = 200
	for after := "-inf"; ; {
		ask := s.client.B().Zrangebyscore().Key(roundsKey).Min(after).Max("+inf").Withscores().Limit(0, some).Build()
		entries, err := s.client.Do(ctx, ask).AsZScores()
		if err != nil || len(entries) == 0 {
			return err
		}
		rounds := make([]*filed, len(entries))
		for i, e := range entries {
			rounds[i] = &filed{id: e.Member, seq: int64(e.Score)}
		}
		after = fmt.Sprint("(", rounds[len(rounds)-1].seq)
		if err := s.load(ctx, rounds); err != nil {
			return err
		}
		rounds = slices.DeleteFunc(rounds, func(f *filed) bool { return f.r == nil })
		if err := each(rounds); err != nil {
			return err
		}
	}
}

// Rounds calls each with every filed round, oldest first, those included that
// still lie in an outbox.
func (s *Store) Rounds(ctx context.Context, each func(room.Record) error) error {
	if err := s.filing.empty(ctx, tags); err != nil {
		return err
	}
	return s.eachRound(ctx, func(rounds []*filed) error {
		records := make([]room.Record, len(rounds))
		for i, f := range rounds {
			records[i] = f.r.Record
		}
		if err := s.anonymous(ctx, records); err != nil {
			return err
		}
		for _, r := range records {
			if err := each(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// Log returns the events of the round that a room is playing, in order.
func (s *Store) Log(ctx context.Context, code string) (events []room.Event, err error) {
	items, err := s.client.Do(ctx, s.client.B().Lrange().Key(logKey(code)).Start(0).Stop(-1).Build()).AsStrSlice()
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		var e room.Event
		if err := json.Unmarshal([]byte(item), &e); err != nil {
			return nil, fmt.Errorf("redis: a logged event: %w", err)
		}
		events = append(events, e)
	}
	return events, nil
}
