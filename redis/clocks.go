package redis

import (
	"context"
	"strconv"
	"sync"
	"time"

	"tictac/room"
)

// clocks is by how much Redis' clock is ahead of ours. On a cluster each tag may
// lie on a node with a clock of its own; it is learned from every answer.
type clocks struct {
	mu    sync.Mutex
	ahead map[string]time.Duration // by tag
}

// maxClockError is how far off Redis' clock may be taken: an answer that took
// longer does not tell.
const maxClockError = 500 * time.Millisecond

// learn takes in what a node's clock said in answer to what was asked.
func (c *clocks) learn(tag string, asked time.Time, clock room.Instant) {
	if time.Since(asked) < maxClockError {
		c.correct(tag, asked, clock)
	}
}

// correct is learn where what we knew has proved wrong: our clock or the node's
// was set, or another node has taken over.
func (c *clocks) correct(tag string, asked time.Time, clock room.Instant) {
	middle := asked.Add(time.Since(asked) / 2)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ahead == nil {
		c.ahead = map[string]time.Duration{}
	}
	c.ahead[tag] = clock.Time().Sub(middle)
}

// notAfter is when, in milliseconds of the clock of a tag's node, nobody waits
// for a commit any more. As long as nothing was heard of that clock, it is taken
// for that of the leases. It is empty if that is not known either.
func (c *clocks) notAfter(ctx context.Context, tag string) string {
	c.mu.Lock()
	ahead, known := c.ahead[tag]
	if !known {
		ahead, known = c.ahead[leasesTag]
	}
	c.mu.Unlock()
	deadline, ok := ctx.Deadline()
	if !ok || !known {
		return ""
	}
	return strconv.FormatInt(deadline.Add(ahead+maxClockError).UnixMilli(), 10)
}
