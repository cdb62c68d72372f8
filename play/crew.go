package play

import (
	"slices"
	"sync"
)

// A job is a table that has something to do.
type job interface{ work() }

// A crew is the goroutines that work on tables, one on each that has something to
// do. Whoever is done waits for another one: a new goroutine's stack would have to
// grow first to what a command takes, which costs more than to decide it. The zero
// crew is ready to use.
type crew struct {
	all sync.WaitGroup

	mu      sync.Mutex
	waiting []chan<- job // the last to come gets the next job
	unused  int          // so many, from the first on, have waited ever since dismiss was called
	closed  bool
}

// take has j worked on by one of the crew.
func (c *crew) take(j job) {
	c.mu.Lock()
	last := len(c.waiting) - 1
	if last < 0 {
		c.all.Add(1)
		c.mu.Unlock()
		go c.run(j)
		return
	}
	next := c.waiting[last]
	c.waiting = slices.Delete(c.waiting, last, last+1)
	c.unused = min(c.unused, last)
	c.mu.Unlock()
	next <- j
}

// run is one of the crew, who begins with j.
func (c *crew) run(j job) {
	defer c.all.Done()
	next := make(chan job, 1) // take waits for nobody
	for more := true; more; {
		j.work()
		if !c.wait(next) {
			return
		}
		j, more = <-next // closed when dismissed
	}
}

// wait has next told of the next job, unless the crew is closed.
func (c *crew) wait(next chan<- job) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.waiting = append(c.waiting, next)
	}
	return !c.closed
}

// dismiss ends those who have had nothing to do since it was last called.
func (c *crew) dismiss() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dismissLocked(c.unused)
}

func (c *crew) dismissLocked(n int) {
	for _, next := range c.waiting[:n] {
		close(next)
	}
	c.waiting = slices.Delete(c.waiting, 0, n)
	c.unused = len(c.waiting)
}

// close ends all, once they are done with what they are at.
func (c *crew) close() {
	c.mu.Lock()
	c.closed = true
	c.dismissLocked(len(c.waiting))
	c.mu.Unlock()
	c.all.Wait()
}
