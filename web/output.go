package web

import (
	"tictac/play"
	"tictac/room"
)

// Changed implements play.Watcher.
func (c *conn) Changed() {
	c.stirred.Store(true)
	c.mu.Lock()
	c.dirty = true
	c.mu.Unlock()
	c.sock.Wake()
}

// show sends the view even if it is the one that was sent last.
func (c *conn) show() {
	c.mu.Lock()
	c.dirty, c.sent = true, nil
	c.mu.Unlock()
	c.sock.Wake()
}

func (c *conn) refuse(code room.Refusal, to asked) {
	c.server.countRefusal(code)
	c.reply(func(out []byte) []byte { return appendRefused(out, code, to) })
}

// reply sends an answer, after the view if one was to be sent before it.
func (c *conn) reply(answer func(out []byte) []byte) {
	full := c.append(answer)
	c.sock.Wake()
	if full {
		c.close(closePolicy, "answers are not read")
	}
}

func (c *conn) append(answer func(out []byte) []byte) (full bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = answer(c.appendViewLocked(c.out))
	return len(c.out) > maxOutput
}

// Output implements socket.Handler.
func (c *conn) Output(dst []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	dst = append(dst, c.out...)
	c.out = nil // answers are rare: nothing is kept for the next
	return c.appendReactionsLocked(c.appendViewLocked(dst))
}

// appendViewLocked appends the newest view if it is news, or why there will be
// none any more. A view is encoded once for all who see the room.
func (c *conn) appendViewLocked(dst []byte) []byte {
	if !c.dirty || !c.seated || c.ended {
		return dst
	}
	c.dirty = false
	if c.session.Lost() {
		c.end(closeRestart, "this room goes on elsewhere")
		return dst
	}
	v := c.session.View()
	if v.State.Gone() && v.State.Reason == "" {
		return dst // why it closed is told next
	}
	if reason := c.over(v); reason != "" {
		c.end(closeGone, reason)
		return appendClosed(dst, reason)
	}
	if v == c.sent {
		return dst
	}
	c.sent = v
	return append(dst, v.Encoded(viewFrame)...)
}

// end closes the socket after what c.mu's holder is about to append: once woken,
// Output waits for the lock and takes it all.
func (c *conn) end(code int, reason string) {
	c.ended = true
	c.sock.Wake()
	c.sock.Close(code, reason)
}

// over is why a view is the last for this socket, or empty.
func (c *conn) over(v *play.View) string {
	switch {
	case v.State.Gone() && v.State.Reason == room.HostLeft && c.seat == room.Host:
		return "left"
	case v.State.Gone():
		return string(v.State.Reason)
	case !c.session.Holds(v):
		return "left"
	}
	return ""
}

// close ends the socket after what is still to be sent.
func (c *conn) close(code int, reason string) {
	c.append(func(out []byte) []byte { // after the view: a move that was made is told before the end
		c.ended = true
		return out
	})
	c.sock.Wake()
	c.sock.Close(code, reason)
}
