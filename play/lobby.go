package play

import (
	"context"
	"time"

	"tictac/room"
)

// A Lobby is the line in which hosts of open rooms wait for strangers. It is
// kept in the store where servers share one, else in memory: what is lost of it
// comes back within StayEvery.
type Lobby interface {
	// Meet takes out of the line the room that has waited longest and whose host
	// is not w.Who, and returns its code; if there is none, w gets in line and the
	// code is empty. Whatever the number of servers, it is one step: no room is
	// given to two.
	Meet(ctx context.Context, w Wait, now room.Instant) (code string, err error)

	// Stay says that w still waits. It keeps its place, or gets in line if it has
	// none. A wait of which nothing was heard for WaitLasts is over.
	Stay(ctx context.Context, w Wait, now room.Instant) error

	// Quit takes a room out of the line, if it is there.
	Quit(ctx context.Context, code string) error
}

// A Wait is an open room that has no guest yet.
type Wait struct {
	Code string // of the room, which may be about to be made
	Who  string // the host's public id, empty without an identity
}

const (
	// StayEvery is how often a server says who waits.
	StayEvery = 5 * time.Second
	// WaitLasts is how long a wait counts without another word.
	WaitLasts = 12 * time.Second
)
