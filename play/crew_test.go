package play

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// A chore is a job that is a function.
type chore func()

func (c chore) work() { c() }

func (c *crew) idle() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waiting)
}

// at has n jobs done at the same time.
func (c *crew) at(n int) {
	begun, end := make(chan bool), make(chan bool)
	for range n {
		c.take(chore(func() {
			begun <- true
			<-end
		}))
	}
	for range n {
		<-begun
	}
	close(end)
	synctest.Wait()
}

func TestCrewWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c crew
		defer c.close()
		c.at(3)
		c.at(2)
		if n := c.idle(); n != 3 {
			t.Errorf("%d wait after three jobs and two, want the same 3", n)
		}
	})
}

func TestCrewDismisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c crew
		defer c.close()
		c.at(5)
		for i, step := range []struct{ jobs, left int }{
			{0, 5}, // they have just come
			{2, 2}, // three were not needed
			{1, 1},
			{3, 3}, // two more have come
			{3, 3},
			{0, 0},
			{0, 0},
		} {
			c.at(step.jobs)
			c.dismiss()
			synctest.Wait()
			if n := c.idle(); n != step.left {
				t.Fatalf("step %d: %d wait, want %d", i, n, step.left)
			}
		}
	})
}

// TestCrewCloses: synctest.Test fails if any goroutine is left.
func TestCrewCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c crew
		c.at(3)
		var done atomic.Bool
		end := make(chan bool)
		c.take(chore(func() {
			<-end
			done.Store(true)
		}))
		go func() {
			synctest.Wait() // close waits for the job
			close(end)
		}()
		c.close()
		if !done.Load() {
			t.Error("close has not waited for who was at work")
		}
		c.take(chore(func() {})) // a late one is done all the same, and nobody waits after it
		synctest.Wait()
		if n := c.idle(); n != 0 {
			t.Errorf("%d wait after close", n)
		}
	})
}

// TestCrewAtOnce has everything happen at the same time, for the race detector.
func TestCrewAtOnce(t *testing.T) {
	var c crew
	var done atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 500 {
				c.take(chore(func() { done.Add(1) }))
				if i%50 == 0 {
					c.dismiss()
				}
			}
		})
	}
	wg.Wait()
	c.close()
	if n := done.Load(); n != 8*500 {
		t.Errorf("%d jobs were done, want %d", n, 8*500)
	}
}
