package history

import (
	"context"

	"tictac/room"
)

// A Porter is an Archive that can be carried over into another one, of another
// engine too. No server must be running.
type Porter interface {
	Archive

	// Dump calls each with all that is to be kept: the finished rounds in the
	// order of the log, then the identities, then the open rooms. It stops at the
	// first error of each, and returns it.
	Dump(ctx context.Context, each func(Item) error) error

	// Put adds of these items, in their order, what is not there yet, and returns
	// how many that were. A round gets the next number of the log here, whatever
	// it had. An identity that is there may get further keys, and nothing else.
	// Totals are taken as they are: Rebuild makes them equal the log, afterwards.
	Put(ctx context.Context, items []Item) (added int, err error)
}

// An Item is one thing that an archive or its store keeps: one field is set.
type Item struct {
	Round   *Round
	Account *Account
	Room    *Room
}

// An Account is an identity with all that is kept of it.
type Account struct {
	ID       string
	Name     string
	Enrolled room.Instant
	Keys     []string // what opens it: hashes of secrets, sorted
	Totals            // of all its rounds
	Opening  Totals   // of those of its rounds that are not in the log, or Folded there
}

// A Room is an open room, with the log of the round that it is playing.
type Room struct {
	State  room.State
	Commit string // id of the commit that made it
	Log    []room.Event
}
