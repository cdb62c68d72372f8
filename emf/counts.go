package emf

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Counts are what a server has counted since it was last asked. The zero Counts
// is ready to use; it is told by any number of goroutines.
type Counts struct {
	mu         sync.Mutex // held for some ten nanoseconds: no move waits for a line
	players    int
	moves      int
	errors     int
	reconnects int
	times      [maxSamples]time.Duration // of moves: each move is here with the same chance
}

// Moved tells of a move and how long it took.
func (c *Counts) Moved(took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moves++
	if c.moves <= maxSamples {
		c.times[c.moves-1] = took
	} else if i := rand.IntN(c.moves); i < maxSamples {
		c.times[i] = took
	}
}

// Seated tells of players who came, or went.
func (c *Counts) Seated(change int) { c.add(&c.players, change) }

// Returned tells of a player who came back.
func (c *Counts) Returned() { c.add(&c.reconnects, 1) }

// StoreFailed tells of an operation that the store failed.
func (c *Counts) StoreFailed() { c.add(&c.errors, 1) }

func (c *Counts) add(to *int, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*to += n
}

// take returns what was counted and begins anew. How many rooms there are, it
// does not know.
func (c *Counts) take() Figures {
	c.mu.Lock()
	f := Figures{Players: c.players, Moves: c.moves, StoreErrors: c.errors, Reconnects: c.reconnects}
	times := c.times
	c.moves, c.errors, c.reconnects = 0, 0, 0
	c.mu.Unlock()
	f.MoveTimes = times[:min(f.Moves, maxSamples)]
	return f
}
