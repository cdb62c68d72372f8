// Package history is what remains of rounds that are over: who played whom, what
// it made of their statistics and ratings, and who a player is, without an
// account. It is pure but for its port, the Archive, which both engines implement.
package history

import (
	"context"
	"errors"
	"time"

	"tictac/room"
)

// ErrUnknown is what an Archive answers where there is no such player, round,
// cursor or token, or none any more.
var ErrUnknown = errors.New("history: there is no such thing")

// A Player is an identity as everybody may see it.
type Player struct {
	ID     string  // random, at least 80 bits; never derived from a secret
	Name   string  // the one last played under
	Stats  Stats   // of all its rounds
	Rating *Rating // nil before its first rated round
}

// A Game is a finished round as one of its players sees it.
type Game struct {
	room.Record
	Seat room.Seat // whose view of it this is
}

// An Archive keeps identities, finished rounds, and what is counted of them. Its
// methods may be called from many goroutines, give up when their context ends,
// and, where they write, have made it durable when they return nil. On an error
// other than ErrUnknown the outcome is not known; doing it again is harmless.
//
// Rounds come in by play.Store.Commit, which files each exactly once in effect:
// what is counted of a round is counted once, however often a server died between
// its end and its counting, by File and Totals.Count. A round may be missing from
// what is told here for a second after its end.
type Archive interface {
	// Enroll makes a new identity, with its first key (play.KeyOf a secret). It
	// fails if that id has another key, or that key another identity.
	Enroll(ctx context.Context, id, key, name string, now room.Instant) error

	// Identify returns the id of the identity that a key opens, or ErrUnknown. It
	// is asked of everybody who begins or joins a game, and keeps an identity on
	// where those expire that nobody uses.
	Identify(ctx context.Context, key string) (id string, err error)

	// Player returns an identity, or ErrUnknown.
	Player(ctx context.Context, id string) (Player, error)

	// Games returns at most limit rounds of a player, newest first: the newest of
	// all, or those before the round that before names. ErrUnknown if there is no
	// such player, or that round is not one of its own.
	Games(ctx context.Context, id string, limit int, before string) ([]Game, error)

	// Round returns a finished round, or ErrUnknown.
	Round(ctx context.Context, id string) (room.Record, error)

	// Leaders returns at most limit players by rating, the best first: those whose
	// deviation is at most LeaderDeviation.
	Leaders(ctx context.Context, limit int) ([]Player, error)

	// Offer keeps the key of a token by which another device may take over an
	// identity, until a moment. ErrUnknown if there is no such identity.
	Offer(ctx context.Context, token, id string, until room.Instant) error

	// Redeem spends a token: key, which is new, opens its identity from now on,
	// whose id is returned. ErrUnknown if there is no such token, it is late or was
	// used: of two who redeem one token at once, one gets it. After another error it
	// may be spent for nothing.
	Redeem(ctx context.Context, token, key string, now room.Instant) (id string, err error)

	// Forget deletes an identity with its keys and statistics, and takes its name
	// and id off all its rounds, those too that end later in a room still open.
	// Its opponents keep what they have counted. ErrUnknown if there is none.
	Forget(ctx context.Context, id string) error

	// Rebuild computes all statistics and ratings again from the log, and the names
	// last played under, and says of how many players they differed. No server must
	// be running.
	Rebuild(ctx context.Context) (differed int, err error)
}

// HandoffTime is how long a token of Offer may be used.
const HandoffTime = 5 * time.Minute

// LeaderDeviation is the largest rating deviation with which a player is listed.
const LeaderDeviation = 110
