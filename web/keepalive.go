package web

import (
	"time"

	"tictac/play"
	"tictac/room"
)

// tend is called by the server's keeper: it closes a socket that never said
// hello, pings it when it is time, and drops it when pings go unanswered.
func (c *conn) tend(now time.Time) {
	if now.Before(c.look) && !c.stirred.Swap(false) {
		return
	}
	c.mu.Lock()
	seated, ended, session, idle := c.seated, c.ended, c.session, c.session == nil
	c.mu.Unlock()
	switch {
	case ended:
		return
	case idle && !now.Before(c.look):
		c.close(closePolicy, "no hello")
		return
	}
	interval := pingIdle
	if seated && lively(session.View(), now) {
		interval = pingPlaying
	}
	due := c.pinged.Add(interval)
	switch {
	case now.Before(due):
		if seated {
			c.look = due
		}
		return
	case c.sock.Unanswered() >= maxUnanswered:
		c.sock.Drop()
		return
	case now.Sub(due) > keeperTick: // the interval has just become shorter
		due = now
	}
	c.pinged = due
	if seated {
		c.look = due.Add(pingPlaying) // nothing is due before
	}
	c.sock.Ping()
}

// lively reports whether a game is under way in which somebody moved lately.
func lively(v *play.View, now time.Time) bool {
	if v == nil || v.State.Phase != room.Playing {
		return false
	}
	last := v.State.Began
	if n := len(v.State.Moves); n > 0 {
		last = v.State.Moves[n-1].At
	}
	return now.Sub(last.Time()) < livelyFor
}
