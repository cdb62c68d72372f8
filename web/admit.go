package web

import "time"

// framesPerMessage is how many frames without a message a client may send for each
// message that it may: pings, pongs, and the parts of a message.
const framesPerMessage = 10

// Chatter implements socket.Handler. It takes work to answer a ping too.
func (c *conn) Chatter() {
	limit := framesPerMessage * c.server.cfg.MessageLimit
	if limit <= 0 {
		return
	}
	if _, ok := c.chatter.take(time.Now(), float64(limit), 2*limit); !ok {
		c.close(closePolicy, "too many frames")
	}
}

// admit applies the limit on messages before a message is read.
func (c *conn) admit(text []byte) (message, bool) {
	limit := c.server.cfg.MessageLimit
	if limit <= 0 {
		return decode(text), true
	}
	now := time.Now()
	if _, ok := c.rate.take(now, float64(limit), 2*limit); ok {
		return decode(text), true
	}
	if c.flooded(now) {
		c.close(closePolicy, "too many messages")
		return message{}, false
	}
	return message{err: tooFast}, true
}

// flooded notes that a message came too fast, and reports whether that goes on.
func (c *conn) flooded(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flood == nil {
		c.flood = new(flood)
	}
	return c.flood.add(now)
}
