package redis

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"tictac/history"
	"tictac/room"
)

const (
	// accountTTL is how long an identity is kept that nobody uses.
	accountTTL = 365 * 24 * time.Hour
	// unplayedTTL is the same for one that has no finished round yet. There is
	// nothing to lose, and whoever wants can make as many as the limits allow.
	unplayedTTL = roomTTL
	// maxGames is how many rounds of a player are kept.
	maxGames = 1000
)

// What is kept of a player lies in one slot.
func playerKey(id string) string { return "player:{" + id + "}" } // the account
func gamesKey(id string) string  { return "games:{" + id + "}" }  // its rounds by number
func keysKey(id string) string   { return "keys:{" + id + "}" }   // what opens it
func keyKey(key string) string   { return "key:" + key }          // whom a key opens

func accountKeys(id string) []string { return []string{playerKey(id), gamesKey(id), keysKey(id)} }

var (
	//go:embed lua/account.lua
	accountSource string

	accountScript = rueidis.NewLuaScript(accountSource)
)

// An account is a player as it is stored. Base is the number of the last of its
// rounds that is in the opening totals, last that of the last one counted. The
// version of an account is these two: nothing that is counted changes without.
type account struct {
	id         string
	name       string
	enrolled   room.Instant
	totals     history.Totals
	opening    history.Totals
	last, base int64
	games      int // how many rounds are listed
}

func (a *account) version() string { return fmt.Sprint(a.last, " ", a.base) }

// player is the account as everybody may see it.
func (a *account) player() history.Player {
	return history.Player{ID: a.id, Name: a.name, Stats: a.totals.Stats, Rating: a.totals.Rating}
}

// accounts reads the accounts of some players. Who is not there is left out.
func (s *Store) accounts(ctx context.Context, ids ...string) (map[string]*account, error) {
	var questions []rueidis.Completed
	for _, id := range ids {
		b := s.client.B()
		questions = append(questions,
			b.Hmget().Key(playerKey(id)).Field("name", "enrolled", "stats", "rating", "opening", "opening_rating", "last", "base").Build(),
			b.Zcard().Key(gamesKey(id)).Build())
	}
	all := map[string]*account{}
	answers := s.client.DoMulti(ctx, questions...)
	for i, id := range ids {
		fields, err := answers[2*i].AsStrSlice()
		if err != nil {
			return nil, err
		}
		if len(fields) != 8 || fields[6] == "" {
			continue
		}
		a := &account{id: id, name: fields[0]}
		games, err := answers[2*i+1].AsInt64()
		if err != nil {
			return nil, err
		}
		a.games = int(games)
		if err := a.decode(fields); err != nil {
			return nil, fmt.Errorf("the account %s: %w", id, err)
		}
		all[id] = a
	}
	return all, nil
}

func (a *account) decode(fields []string) (err error) {
	var enrolled int64
	for i, n := range map[int]*int64{1: &enrolled, 6: &a.last, 7: &a.base} {
		if *n, err = strconv.ParseInt(fields[i], 10, 64); err != nil {
			return err
		}
	}
	a.enrolled = room.Instant(enrolled)
	if a.totals, err = decodeTotals(fields[2], fields[3]); err != nil {
		return err
	}
	a.opening, err = decodeTotals(fields[4], fields[5])
	return err
}

// encode is all fields of an account. They are short, so that Redis keeps them
// in one piece.
func (a *account) encode() []string {
	return append(a.counted(), "name", a.name, "enrolled", strconv.FormatInt(int64(a.enrolled), 10))
}

// counted is the fields that change when something is counted.
func (a *account) counted() []string {
	return []string{
		"stats", encodeStats(a.totals.Stats), "rating", encodeRating(a.totals.Rating),
		"opening", encodeStats(a.opening.Stats), "opening_rating", encodeRating(a.opening.Rating),
		"last", strconv.FormatInt(a.last, 10), "base", strconv.FormatInt(a.base, 10),
	}
}

// encodeStats is a list of numbers, empty for none: what is new in a later
// version comes last, and is zero where an older one wrote.
func encodeStats(s history.Stats) string {
	if s == (history.Stats{}) {
		return ""
	}
	return fmt.Sprint(s.Played, s.Won, s.Lost, s.Drawn, s.Abandoned, s.Streak, s.BestStreak)
}

func decodeTotals(stats, rating string) (t history.Totals, err error) {
	fields := []*int{&t.Stats.Played, &t.Stats.Won, &t.Stats.Lost, &t.Stats.Drawn, &t.Stats.Abandoned, &t.Stats.Streak, &t.Stats.BestStreak}
	for i, text := range strings.Fields(stats) {
		if i < len(fields) {
			if *fields[i], err = strconv.Atoi(text); err != nil {
				return t, err
			}
		}
	}
	t.Rating, err = decodeRating(rating)
	return t, err
}

func encodeRating(r *history.Rating) string {
	if r == nil {
		return ""
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	return number(r.Value) + " " + number(r.Deviation) + " " + number(r.Volatility)
}

func decodeRating(text string) (*history.Rating, error) {
	if text == "" {
		return nil, nil
	}
	var r history.Rating
	_, err := fmt.Sscan(text, &r.Value, &r.Deviation, &r.Volatility)
	return &r, err
}

// A change is what happens to an account in one step.
type change struct {
	next *account
	game *game // a round that gets into its list, or nil
	trim bool  // rounds up to next.base leave it
	name bool  // name is set
}

// The outcomes of a change.
const (
	changed  = 1
	outdated = 0
	gone     = -1
)

// change makes next of an account, if it is still what it was.
func (s *Store) change(ctx context.Context, was *account, c change) (int64, error) {
	entry, seq, base := "", "", ""
	if c.game != nil {
		entry, seq = c.game.encode(), strconv.FormatInt(c.game.seq, 10)
	}
	if c.trim {
		base = strconv.FormatInt(c.next.base, 10)
	}
	args := append([]string{was.version(), seconds(accountTTL), entry, seq, base}, c.next.counted()...)
	if c.name {
		args = append(args, "name", c.next.name)
	}
	return accountScript.Exec(ctx, s.client, accountKeys(was.id), args).AsInt64()
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d.Seconds()), 10) }

// alive is which of some players there are.
func (s *Store) alive(ctx context.Context, ids []string) (map[string]bool, error) {
	gone, err := s.missing(ctx, ids, playerKey)
	there := map[string]bool{}
	for _, id := range ids {
		there[id] = !slices.Contains(gone, id)
	}
	return there, err
}
