package web

import "time"

// An Observer is told some of what Metrics count, for whoever publishes it in
// another way. Its methods must not block.
type Observer interface {
	// Seated tells that a player's socket was welcomed, or has ended (1, -1).
	Seated(change int)
	// Returned tells that a player was welcomed who had played in the room before:
	// see room.State.HasPlayed.
	Returned()
	// Moved tells of a move that was committed here, and how long it took from its
	// arrival.
	Moved(took time.Duration)
	// StoreFailed tells of an operation that the store failed.
	StoreFailed()
}

type noObserver struct{}

func (noObserver) Seated(int)          {}
func (noObserver) Returned()           {}
func (noObserver) Moved(time.Duration) {}
func (noObserver) StoreFailed()        {}
