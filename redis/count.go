package redis

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"tictac/history"
	"tictac/room"
)

const (
	leadersKey = "leaders" // rated players by rating, those who are listed

	// workFor is how long a server that counts has the work before another one
	// takes it over.
	workFor = 2 * time.Second
	// countAtOnce is how many rounds it takes at a time.
	countAtOnce = 64
)

var (
	//go:embed lua/take.lua
	takeSource string

	takeScript = rueidis.NewLuaScript(takeSource)
)

// countAll counts the rounds of the log that are not counted yet, in its order,
// unless another server is at it.
func (s *Store) countAll(ctx context.Context) error {
	for through := int64(0); ; {
		rounds, err := s.take(ctx, through)
		if err != nil || len(rounds) == 0 {
			return err
		}
		if err := s.load(ctx, rounds); err != nil {
			return err
		}
		for rest := rounds; len(rest) > 0; {
			wave := strangers(rest)
			if err := s.countWave(ctx, wave); err != nil {
				return fmt.Errorf("count: %w", err)
			}
			rest = rest[len(wave):]
		}
		through = rounds[len(rounds)-1].seq
		if err := s.at("counted"); err != nil {
			return err
		}
	}
}

// allCounted reports whether every round of the log is counted.
func (s *Store) allCounted(ctx context.Context) (bool, error) {
	ask := s.client.B().Hmget().Key(countKey).Field("seq", "through").Build()
	numbers, err := s.client.Do(ctx, ask).AsStrSlice()
	return err == nil && len(numbers) == 2 && numbers[0] == numbers[1], err
}

// take says through which number rounds are counted, and asks for the next ones.
func (s *Store) take(ctx context.Context, through int64) (rounds []*filed, err error) {
	args := []string{s.id, strconv.FormatInt(workFor.Milliseconds(), 10), strconv.Itoa(countAtOnce), strconv.FormatInt(through, 10)}
	entries, err := takeScript.Exec(ctx, s.client, []string{roundsKey, countKey}, args).AsStrSlice()
	if err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(entries); i += 2 {
		seq, err := strconv.ParseInt(entries[i+1], 10, 64)
		if err != nil {
			return nil, err
		}
		rounds = append(rounds, &filed{id: entries[i], seq: seq})
	}
	return rounds, nil
}

// strangers is the first rounds of some that have no player in common: the order
// in which they are counted does not matter.
func strangers(rounds []*filed) []*filed {
	seen := map[string]bool{}
	for i, f := range rounds {
		if f.r == nil {
			continue
		}
		for _, id := range []string{f.r.HostID, f.r.GuestID} {
			if id != "" && seen[id] {
				return rounds[:i]
			}
		}
		seen[f.r.HostID], seen[f.r.GuestID] = true, true
	}
	return rounds
}

func (s *Store) countWave(ctx context.Context, wave []*filed) error {
	failed := make([]error, len(wave))
	var counting sync.WaitGroup
	for i, f := range wave {
		if f.r != nil && (f.r.HostID != "" || f.r.GuestID != "") {
			counting.Go(func() { failed[i] = s.countOne(ctx, f) })
		}
	}
	counting.Wait()
	return errors.Join(failed...)
}

// countOne counts a round for its players, for each once in effect: an account
// says through which number it has counted. What is rated is first noted in the
// round itself, so that it comes out the same however often it is begun.
func (s *Store) countOne(ctx context.Context, f *filed) error {
	for range 20 {
		if f.r == nil {
			return nil // its time was up meanwhile
		}
		accounts, err := s.accounts(ctx, playersOf([]*filed{f})...)
		if err != nil {
			return err
		}
		done := true
		if next := settle(*f.r, accounts); !reflect.DeepEqual(next, *f.r) {
			if done, err = s.swap(ctx, f, next); err != nil {
				return err
			}
		}
		if err := s.at("rated"); err != nil {
			return err
		}
		for _, seat := range []room.Seat{room.Host, room.Guest} {
			if a := accounts[f.r.Player(seat)]; done && a != nil && f.r.CountsFor(seat) {
				if done, err = s.countFor(ctx, a, f, seat); err != nil {
					return err
				}
			}
		}
		if done {
			return s.rank(ctx, f)
		}
		if err := s.load(ctx, []*filed{f}); err != nil {
			return err
		}
	}
	return fmt.Errorf("round %s is counted by others", f.id)
}

// settle is a round as it is to be counted: without those who are gone, and with
// what its players are rated before it.
func settle(r history.Round, accounts map[string]*account) history.Round {
	if r.Before == nil {
		totals := func(id string) *history.Totals {
			if a := accounts[id]; a != nil {
				return &a.totals
			}
			return nil
		}
		next := history.File(r.Record, totals(r.HostID), totals(r.GuestID))
		next.Seq, next.Folded = r.Seq, r.Folded
		return next
	}
	for _, id := range []string{r.HostID, r.GuestID} {
		if id != "" && accounts[id] == nil {
			r.Record = history.Without(r.Record, id)
		}
	}
	return r
}

// countFor counts a round for the player of a seat, unless that is done already.
// It is not done if the account has changed since it was read.
func (s *Store) countFor(ctx context.Context, a *account, f *filed, seat room.Seat) (done bool, err error) {
	if a.last >= f.seq {
		return true, nil
	}
	if a.totals.Stats == (history.Stats{}) {
		if err := s.keepKeys(ctx, a.id); err != nil {
			return false, err
		}
	}
	next := *a
	next.totals, next.last, next.name = a.totals.Count(*f.r, seat), f.seq, f.r.Host
	if seat == room.Guest {
		next.name = f.r.Guest
	}
	var old []*game
	if excess := a.games + 1 - s.maxGames; excess > 0 {
		if old, err = s.list(ctx, a.id, min(excess, countAtOnce)); err != nil {
			return false, err
		}
		next.fold(old)
	}
	outcome, err := s.change(ctx, a, change{next: &next, game: gameOf(f.seq, *f.r, seat), trim: len(old) > 0, name: true})
	if err != nil || outcome != changed {
		return false, err
	}
	if err := s.letGo(ctx, a.id, old); err != nil {
		return false, err
	}
	return true, s.at("counted for one")
}

// rank puts the players of a rated round where they belong among the leaders.
func (s *Store) rank(ctx context.Context, f *filed) error {
	if f.r.Before == nil {
		return nil
	}
	accounts, err := s.accounts(ctx, playersOf([]*filed{f})...)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := s.rankOne(ctx, a); err != nil {
			return err
		}
	}
	return s.at("ranked")
}

func (s *Store) rankOne(ctx context.Context, a *account) error {
	b := s.client.B()
	r := a.totals.Rating
	if r == nil || r.Deviation > history.LeaderDeviation {
		return s.client.Do(ctx, b.Zrem().Key(leadersKey).Member(a.id).Build()).Error()
	}
	for _, answer := range s.client.DoMulti(ctx,
		b.Zadd().Key(leadersKey).ScoreMember().ScoreMember(r.Value, a.id).Build(),
		b.Expire().Key(leadersKey).Seconds(int64(accountTTL.Seconds())).Build(),
	) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	return nil
}
