package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"

	mark "tictac/game"
	"tictac/history"
	"tictac/room"
)

// A game is a round in the list of one of its players: as much of it as counts,
// since the round itself may be gone.
type game struct {
	seq   int64
	round string // its id
	result
	against *history.Rating // what the other one was rated before, if it was rated
}

// A result is how a round ended for a player.
type result byte

// The results. They are stored.
const (
	won      result = 'w'
	lost     result = 'l'
	drawn    result = 'd'
	left     result = 'a' // by the player
	leftBy   result = 'b' // by the other
	cutShort result = 'x' // by nobody
)

// gameOf is a round as the player of a seat lists it.
func gameOf(seq int64, r history.Round, seat room.Seat) *game {
	g := &game{seq: seq, round: r.ID}
	switch history.ResultFor(r.Record, seat) {
	case history.Won:
		g.result = won
	case history.Lost:
		g.result = lost
	case history.Drawn:
		g.result = drawn
	case history.Abandoned:
		g.result = map[room.Seat]result{seat: left, seat.Other(): leftBy, room.Spectator: cutShort}[r.By]
	}
	if r.Before != nil {
		before := r.Before[seat.Other()-room.Host]
		g.against = &before
	}
	return g
}

// seat is where the player of a game sits when it is counted once more.
const seat = room.Host

// count is the totals with one more game: what Totals.Count makes of the round.
func (g *game) count(t history.Totals) history.Totals {
	r := history.Round{Record: room.Record{HostID: "a", GuestID: "b", HostMark: mark.X, Ended: room.ByLeft}}
	switch g.result {
	case won:
		r.Ended, r.Winner = room.ByLine, r.HostMark
	case lost:
		r.Ended, r.Winner = room.ByLine, r.HostMark.Other()
	case drawn:
		r.Ended = room.ByDraw
	case left:
		r.By = seat
	case leftBy:
		r.By = seat.Other()
	}
	if g.against != nil {
		r.Before = &[2]history.Rating{{}, *g.against}
	}
	return t.Count(r, seat)
}

// encode is the game in its player's list, short for the same reason as accounts.
func (g *game) encode() string {
	text := string(rune(g.result))
	if g.against != nil {
		value, more, _ := strings.Cut(encodeRating(g.against), " ")
		deviation, _, _ := strings.Cut(more, " ")
		text += value + "/" + deviation
	}
	return text + " " + g.round
}

func decodeGame(entry rueidis.ZScore) (g *game, err error) {
	text, id, ok := strings.Cut(entry.Member, " ")
	if !ok || text == "" {
		return nil, fmt.Errorf("%q is no round of a player", entry.Member)
	}
	g = &game{seq: int64(entry.Score), round: id, result: result(text[0])}
	if value, deviation, rated := strings.Cut(text[1:], "/"); rated {
		g.against = &history.Rating{}
		if g.against.Value, err = strconv.ParseFloat(value, 64); err != nil {
			return nil, err
		}
		g.against.Deviation, err = strconv.ParseFloat(deviation, 64)
	}
	return g, err
}

func decodeGames(answer rueidis.RedisResult) ([]*game, error) {
	entries, err := answer.AsZScores()
	if err != nil {
		return nil, err
	}
	games := make([]*game, len(entries))
	for i, e := range entries {
		if games[i], err = decodeGame(e); err != nil {
			return nil, err
		}
	}
	return games, nil
}

// list is the first n games in a player's list, all with n 0.
func (s *Store) list(ctx context.Context, id string, n int) ([]*game, error) {
	ask := s.client.B().Zrange().Key(gamesKey(id)).Min("0").Max(fmt.Sprint(n - 1)).Withscores().Build()
	return decodeGames(s.client.Do(ctx, ask))
}

// fold moves games out of an account's list, its oldest, into its opening totals.
func (a *account) fold(games []*game) {
	for _, g := range games {
		a.opening, a.base = g.count(a.opening), g.seq
	}
}

// soonGone is how much longer a round is kept that neither player lists any more:
// as long as a server that died may have left it to be filed again.
const soonGone = 24 * time.Hour

// letGo has rounds that left a player's list go, unless the other one lists them.
func (s *Store) letGo(ctx context.Context, id string, games []*game) error {
	for _, g := range games {
		r, err := s.read(ctx, g.round)
		if err != nil {
			return err
		}
		if r == nil {
			continue
		}
		other := r.HostID
		if other == id {
			other = r.GuestID
		}
		accounts, err := s.accounts(ctx, other)
		if err != nil {
			return err
		}
		if a := accounts[other]; a != nil && a.base < g.seq {
			continue
		}
		end := s.client.B().Expire().Key(roundKey(g.round)).Seconds(int64(soonGone.Seconds())).Lt().Build()
		if err := s.client.Do(ctx, end).Error(); err != nil {
			return err
		}
	}
	return nil
}
