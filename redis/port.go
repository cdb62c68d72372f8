package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/rueidis"

	"tictac/history"
	"tictac/play"
	"tictac/room"
)

// Dump implements history.Porter. Rounds whose time is up are folded away first,
// so that what is told is of one piece.
func (s *Store) Dump(ctx context.Context, each func(history.Item) error) error {
	if err := s.settled(ctx); err != nil {
		return fmt.Errorf("redis: dump: %w", err)
	}
	ids, err := s.players(ctx)
	if err != nil {
		return fmt.Errorf("redis: dump: %w", err)
	}
	for _, id := range ids {
		if err := s.tidy(ctx, id); err != nil {
			return fmt.Errorf("redis: dump: %w", err)
		}
	}
	if err := s.dumpRounds(ctx, each); err != nil {
		return err
	}
	for some := range slices.Chunk(ids, 100) {
		if err := s.dumpAccounts(ctx, some, each); err != nil {
			return err
		}
	}
	return s.dumpRooms(ctx, each)
}

// tidy folds those rounds of a player away that are no more kept.
func (s *Store) tidy(ctx context.Context, id string) error {
	accounts, err := s.accounts(ctx, id)
	a := accounts[id]
	if err != nil || a == nil {
		return err
	}
	games, err := s.list(ctx, id, 0)
	if err != nil {
		return err
	}
	old, err := s.noMoreKept(ctx, games)
	if err != nil || old == 0 {
		return err
	}
	next := *a
	next.fold(games[:old])
	if outcome, err := s.change(ctx, a, change{next: &next, trim: true}); err != nil || outcome != changed {
		return err
	}
	return s.letGo(ctx, id, games[:old])
}

func (s *Store) dumpRounds(ctx context.Context, each func(history.Item) error) error {
	return s.eachRound(ctx, func(rounds []*filed) error {
		accounts, err := s.accounts(ctx, playersOf(rounds)...)
		if err != nil {
			return err
		}
		for _, f := range rounds {
			r := settle(*f.r, accounts)
			r.Folded = nil
			for _, seat := range []room.Seat{room.Host, room.Guest} {
				a := accounts[r.Player(seat)]
				if a != nil && history.Counts(r.Record, seat) && (a.base >= f.seq || !f.r.CountsFor(seat)) {
					r.Folded = append(r.Folded, seat)
				}
			}
			if err := each(history.Item{Round: &r}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) dumpAccounts(ctx context.Context, ids []string, each func(history.Item) error) error {
	accounts, err := s.accounts(ctx, ids...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		a := accounts[id]
		if a == nil {
			continue
		}
		keys, err := s.keys(ctx, id)
		if err != nil {
			return err
		}
		slices.Sort(keys)
		told := history.Account{ID: id, Name: a.name, Enrolled: a.enrolled, Keys: keys, Totals: a.totals, Opening: a.opening}
		if err := each(history.Item{Account: &told}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) dumpRooms(ctx context.Context, each func(history.Item) error) error {
	keys, err := s.scan(ctx, "room:{*}:*")
	if err != nil {
		return err
	}
	for _, key := range keys {
		code := key[strings.LastIndex(key, ":")+1:]
		snap, err := s.Load(ctx, code)
		if errors.Is(err, play.ErrNotFound) {
			continue // it expired just now
		}
		if err != nil {
			return fmt.Errorf("room %s: %w", code, err)
		}
		log, err := s.Log(ctx, code)
		if err != nil {
			return err
		}
		if err := each(history.Item{Room: &history.Room{State: snap.State, Commit: snap.Commit, Log: log}}); err != nil {
			return err
		}
	}
	return nil
}

// Put implements history.Porter. Rounds are kept as long as those that ended now.
func (s *Store) Put(ctx context.Context, items []history.Item) (added int, err error) {
	if err := s.settled(ctx); err != nil {
		return 0, fmt.Errorf("redis: put: %w", err)
	}
	for len(items) > 0 {
		var rounds []*history.Round
		for len(items) > 0 && items[0].Round != nil {
			rounds, items = append(rounds, items[0].Round), items[1:]
		}
		n, err := s.putRounds(ctx, rounds)
		if err == nil && len(items) > 0 {
			var is bool
			if is, err = s.putOne(ctx, items[0]); is {
				n++
			}
			items = items[1:]
		}
		if added += n; err != nil {
			return added, fmt.Errorf("redis: put: %w", err)
		}
	}
	return added, nil
}

func (s *Store) putOne(ctx context.Context, i history.Item) (added bool, err error) {
	if i.Account != nil {
		return s.putAccount(ctx, *i.Account)
	}
	if i.Room != nil {
		return s.putRoom(ctx, *i.Room)
	}
	return false, errors.New("an item of nothing")
}

// putRounds adds rounds to the log and to their players' lists, also where the
// players are yet to come; they count as counted.
func (s *Store) putRounds(ctx context.Context, rounds []*history.Round) (added int, err error) {
	if len(rounds) == 0 {
		return 0, nil
	}
	ids, data, all := make([]string, len(rounds)), map[string]string{}, make([]*filed, len(rounds))
	for i, r := range rounds {
		text, err := json.Marshal(r)
		if err != nil {
			return 0, err
		}
		ids[i], data[r.ID] = r.ID, string(text)
	}
	if err := s.keep(ctx, ids, data); err != nil {
		return 0, err
	}
	numbers, err := s.number(ctx, ids, true)
	if err != nil {
		return 0, err
	}
	for i, n := range numbers {
		if n > 0 {
			added++
		}
		all[i] = &filed{id: ids[i], seq: max(n, -n)}
	}
	if err := s.load(ctx, all); err != nil { // as they were, if they were there
		return added, err
	}
	return added, s.listNew(ctx, all)
}

// listNew puts rounds into the lists of their players, as listAll does, and into
// those of players who are not there yet.
func (s *Store) listNew(ctx context.Context, rounds []*filed) error {
	accounts, err := s.accounts(ctx, playersOf(rounds)...)
	if err != nil {
		return err
	}
	for _, f := range rounds {
		for _, seat := range []room.Seat{room.Host, room.Guest} {
			if f.r == nil || !f.r.CountsFor(seat) {
				continue
			}
			id := f.r.Player(seat)
			if a := accounts[id]; a != nil && f.seq <= a.base {
				continue
			}
			if err := s.listOne(ctx, id, gameOf(f.seq, *f.r, seat)); err != nil {
				return err
			}
		}
	}
	return nil
}

// putAccount adds an identity, or further keys to one that is there.
func (s *Store) putAccount(ctx context.Context, a history.Account) (added bool, err error) {
	next := &account{id: a.ID, name: a.Name, enrolled: a.Enrolled, totals: a.Totals, opening: a.Opening}
	if next.last, next.base, err = s.putBetween(ctx, a.ID); err != nil {
		return false, err
	}
	if len(a.Keys) == 0 { // nobody can use it any more, but its name is on rounds
		made, err := s.noteKey(ctx, next, "", true)
		if added = made == 2; err != nil {
			return false, err
		}
	}
	for i, key := range a.Keys {
		made, err := s.noteKey(ctx, next, key, i == 0)
		if err == nil && made == 0 {
			_, err = s.noteKey(ctx, next, key, false)
		}
		if err != nil {
			return added, err
		}
		isNew, err := s.openBy(ctx, key, a.ID, accountTTL)
		if err != nil {
			return added, fmt.Errorf("the identity %s: %w", a.ID, err)
		}
		added = added || isNew || made == 2
	}
	if err := s.tidy(ctx, a.ID); err != nil {
		return added, err
	}
	accounts, err := s.accounts(ctx, a.ID)
	if err != nil || accounts[a.ID] == nil {
		return added, err
	}
	_, err = touchScript.Exec(ctx, s.client, accountKeys(a.ID), []string{seconds(accountTTL), seconds(unplayedTTL)}).AsInt64()
	return added, errors.Join(err, s.rankOne(ctx, accounts[a.ID]))
}

// putBetween is the versions of an account that comes after its rounds: all that
// are in its list are counted, and none that comes before is to be listed.
func (s *Store) putBetween(ctx context.Context, id string) (last, base int64, err error) {
	last, err = s.client.Do(ctx, s.client.B().Hget().Key(countKey).Field("seq").Build()).AsInt64()
	if err != nil && !rueidis.IsRedisNil(err) {
		return 0, 0, err
	}
	games, err := s.list(ctx, id, 1)
	if err != nil {
		return 0, 0, err
	}
	if base = last; len(games) > 0 {
		base = games[0].seq - 1
	}
	return last, base, nil
}

// putRoom adds an open room, unless there is one of its code.
func (s *Store) putRoom(ctx context.Context, r history.Room) (added bool, err error) {
	there, err := s.client.Do(ctx, s.client.B().Exists().Key(roomKey(r.State.Code)).Build()).AsInt64()
	if err != nil || there > 0 {
		return false, err
	}
	c := play.Commit{ID: r.Commit, State: &r.State, Events: r.Log, Reindex: true}
	args := commitArgs(c, "")
	args[0] = "0" // no room
	args[7] = strings.Join(append(r.State.Servers(), ""), " ")
	answer, err := s.commitWith(ctx, r.State.Code, args)
	return answer != 0, err
}
