// Package play is the shell round package room: it loads rooms, decides their
// commands, commits what follows and tells whoever watches; it acts on
// deadlines, and keeps each room's record of who has a socket here. What it
// needs of a database is the Store port.
package play

import (
	"context"
	"errors"
	"time"

	"tictac/room"
)

// Errors of a Store. Any other error of Commit means that the outcome is not
// known: the commit may have been made, or may still be.
var (
	ErrNotFound = errors.New("play: there is no such room")
	ErrConflict = errors.New("play: the room has changed meanwhile")
)

// A Store keeps rooms. Its methods may be called from many goroutines, and give
// up when their context ends.
//
// Commits of one room are serialised by revision: of all that were decided on
// the same revision one succeeds and the others get ErrConflict. What Load
// returns after a Commit has returned nil is that commit or a later one, on
// every server that uses the store.
type Store interface {
	// Load returns the newest snapshot of a room, or ErrNotFound.
	Load(ctx context.Context, code string) (Snapshot, error)

	// Commit makes c, all of it or nothing: snapshot, log, filed round, index.
	// When it returns nil, c is durable. Then, not before, watchers are told.
	// ErrConflict means that nothing was done and that the store has another
	// revision than c was decided on.
	Commit(ctx context.Context, c Commit) error

	// Watch has tell called with every snapshot of a room committed after Watch
	// returned, by this server or another: soon, not always, and perhaps out of
	// order. A zero Snapshot tells that commits may have been missed: so an
	// engine that has to subscribe first tells one as soon as it hears. tell
	// must not block. A call under way when stop is called may end after it.
	Watch(code string, tell func(Snapshot)) (stop func())

	// Due lists at most limit rooms whose Wake is not after now, oldest first,
	// and after them at most limit in which a dead server has sockets, perhaps
	// again.
	Due(ctx context.Context, now room.Instant, limit int) ([]string, error)

	// Renew is called once a second by each server that uses the store. It
	// fails if the store could not take a commit now. A time in which none
	// succeeded counts as a gap when it is longer than OutageTime.
	Renew(ctx context.Context, server string, now room.Instant) (Tenure, error)
}

// A Queue is a Store that takes a commit now and tells later how it went: so no
// goroutine waits for each, and commands of a room that come together share one.
type Queue interface {
	// Submit is Commit, except that it does not wait: done is called once with the
	// error, from any goroutine, when Commit would return. It does not block.
	Submit(ctx context.Context, c Commit, done func(error))
}

// An Audience is a Store by which servers tell each other what goes on around the
// rooms: how many spectators they have, and the players' gestures. What is told
// may be lost, and is never waited for.
type Audience interface {
	// Announce tells the servers that watch a room how many spectators it has
	// on this one.
	Announce(code, server string, spectators int)

	// React tells the servers that watch a room of a gesture made on this one.
	React(code, server string, by room.Seat, emoji string)

	// Overhear has heard called with what servers announce, and reacted with
	// gestures, those of this one too, for the rooms that are watched. It is
	// called once, before all else.
	Overhear(heard func(code, server string, spectators int), reacted func(code, server string, by room.Seat, emoji string))
}

// A Snapshot is a room as the store has it, with the id of the commit that made
// it. After an unknown outcome the id tells whether a commit was one's own.
type Snapshot struct {
	room.State
	Commit string
}

// A Commit is one step of a room.
type Commit struct {
	ID     string       // random, 128 bits or more
	State  *room.State  // never changed: the step's result: Events folded onto revision State.Rev-1, where 0 is no room; if State.Gone, nothing of the room is kept but its filed rounds
	Events []room.Event // what happened: from it an engine may make State again
	Filed  *room.Record // the round that ended by this, if one did: its events leave the log

	// Reindex says that State.Wake is not what the index of due rooms has. A
	// move leaves the index alone, which is half the cost of a commit.
	Reindex bool
}

// A Tenure is what a store knows of its own use.
type Tenure struct {
	UpSince room.Instant             // since when it has been in use without a gap
	Dead    func(server string) bool // whether a server that once held sockets is gone
}

// OutageTime is how long the store must have been silent for that time not to
// count. A server that has not heard of the store for almost as long acts on no
// deadline before it has, so none is acted on that an outage puts off. A renewal
// that fails at once, or takes its time, is not an outage yet.
const OutageTime = 2500 * time.Millisecond
