package redis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/redis/rueidis"

	"tictac/history"
	"tictac/room"
)

// Player implements history.Archive.
func (s *Store) Player(ctx context.Context, id string) (history.Player, error) {
	return within(ctx, s, func() (history.Player, error) {
		a, err := s.account(ctx, id)
		if err != nil {
			return history.Player{}, err
		}
		return a.player(), nil
	})
}

// account is one account, or ErrUnknown.
func (s *Store) account(ctx context.Context, id string) (*account, error) {
	accounts, err := s.accounts(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("redis: player: %w", err)
	}
	if a := accounts[id]; a != nil {
		return a, nil
	}
	return nil, history.ErrUnknown
}

// Round implements history.Archive.
func (s *Store) Round(ctx context.Context, id string) (room.Record, error) {
	return within(ctx, s, func() (room.Record, error) {
		r, err := s.read(ctx, id)
		if err != nil {
			return room.Record{}, fmt.Errorf("redis: round: %w", err)
		}
		if r == nil {
			return room.Record{}, history.ErrUnknown
		}
		told := []room.Record{r.Record}
		if err := s.anonymous(ctx, told); err != nil {
			return room.Record{}, fmt.Errorf("redis: round: %w", err)
		}
		return told[0], nil
	})
}

// Games implements history.Archive.
func (s *Store) Games(ctx context.Context, id string, limit int, before string) ([]history.Game, error) {
	return within(ctx, s, func() ([]history.Game, error) {
		if _, err := s.account(ctx, id); err != nil {
			return nil, err
		}
		from := "+inf"
		if before != "" {
			seq, err := s.place(ctx, id, before)
			if err != nil {
				return nil, err
			}
			from = "(" + seq
		}
		games, err := s.gamesFrom(ctx, id, min(limit, maxGames), from)
		if err != nil {
			return nil, fmt.Errorf("redis: games: %w", err)
		}
		return games, nil
	})
}

// place is the number of a round in a player's list, or ErrUnknown.
func (s *Store) place(ctx context.Context, id, round string) (seq string, err error) {
	number, err := s.client.Do(ctx, s.client.B().Zscore().Key(roundsKey).Member(round).Build()).AsFloat64()
	if rueidis.IsRedisNil(err) {
		return "", history.ErrUnknown
	}
	if err != nil {
		return "", fmt.Errorf("redis: games: %w", err)
	}
	seq = strconv.FormatFloat(number, 'f', 0, 64)
	own, err := decodeGames(s.client.Do(ctx, s.client.B().Zrangebyscore().Key(gamesKey(id)).Min(seq).Max(seq).Withscores().Build()))
	if err != nil {
		return "", fmt.Errorf("redis: games: %w", err)
	}
	if len(own) == 0 || own[0].round != round {
		return "", history.ErrUnknown
	}
	return seq, nil
}

// gamesFrom lists a player's rounds from a number down. Those whose time is up
// are still counted, and no more told.
func (s *Store) gamesFrom(ctx context.Context, id string, limit int, from string) (games []history.Game, err error) {
	for len(games) < limit {
		ask := s.client.B().Zrevrangebyscore().Key(gamesKey(id)).Max(from).Min("-inf").Withscores().Limit(0, int64(limit)).Build()
		listed, err := decodeGames(s.client.Do(ctx, ask))
		if err != nil || len(listed) == 0 {
			return games, err
		}
		from = fmt.Sprint("(", listed[len(listed)-1].seq)
		rounds := make([]*filed, len(listed))
		for i, g := range listed {
			rounds[i] = &filed{id: g.round, seq: g.seq}
		}
		if err := s.load(ctx, rounds); err != nil {
			return nil, err
		}
		var records []room.Record
		for _, f := range rounds {
			if f.r != nil {
				records = append(records, f.r.Record)
			}
		}
		if err := s.anonymous(ctx, records); err != nil {
			return nil, err
		}
		for _, r := range records {
			g := history.Game{Record: r, Seat: room.Host}
			if r.GuestID == id {
				g.Seat = room.Guest
			}
			games = append(games, g)
		}
	}
	return games[:limit], nil
}

// Leaders implements history.Archive. The index may be behind an account, or have
// one that has expired: what is found so is put right.
func (s *Store) Leaders(ctx context.Context, limit int) ([]history.Player, error) {
	return within(ctx, s, func() ([]history.Player, error) {
		var leaders []history.Player
		for from := 0; len(leaders) < limit; {
			to := from + limit - len(leaders) - 1
			ids, err := s.client.Do(ctx, s.client.B().Zrange().Key(leadersKey).Min(strconv.Itoa(from)).Max(strconv.Itoa(to)).Rev().Build()).AsStrSlice()
			if err != nil {
				return nil, fmt.Errorf("redis: leaders: %w", err)
			}
			if len(ids) == 0 {
				break
			}
			some, err := s.ranked(ctx, ids)
			if err != nil {
				return nil, fmt.Errorf("redis: leaders: %w", err)
			}
			leaders = append(leaders, some...)
			from += len(some) // the others are no more there
		}
		slices.SortStableFunc(leaders, func(a, b history.Player) int { return cmp.Compare(b.Rating.Value, a.Rating.Value) })
		return leaders, nil
	})
}

// ranked is those of some players in the index of leaders who belong there.
func (s *Store) ranked(ctx context.Context, ids []string) (players []history.Player, err error) {
	accounts, err := s.accounts(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		a := accounts[id]
		if a != nil && a.totals.Rating != nil && a.totals.Rating.Deviation <= history.LeaderDeviation {
			players = append(players, a.player())
			continue
		}
		if err := s.rankOne(ctx, cmp.Or(a, &account{id: id})); err != nil {
			return nil, err
		}
	}
	return players, nil
}
