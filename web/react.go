package web

import (
	"slices"
	"time"

	"tictac/room"
	"tictac/socket"
)

// emojis are the gestures there are.
var emojis = [...]string{"👏", "👍", "😂", "😮", "😢", "😡", "🤔", "🎉"}

// asEmoji reads a gesture: empty if it is none that there is.
func asEmoji(value []byte) (emoji string, ok bool) {
	text, ok := stringBytes(value)
	for _, e := range emojis {
		if ok && string(text) == e {
			return e, true
		}
	}
	return "", ok
}

func appendReacted(dst []byte, by room.Seat, emoji string) []byte {
	return socket.AppendText(dst, []byte(`{"type":"reacted","by":"`+by.String()+`","emoji":"`+emoji+`"}`))
}

// react passes a player's gesture on.
func (c *conn) react(m *message) {
	now := time.Now()
	if c.seat == room.Spectator {
		c.refuse(room.NotSeated, m.asked())
		return
	}
	_, inTime := c.server.gestures.take(chair{c.code, c.seat}, now)
	switch {
	case inTime:
		if err := c.session.React(m.emoji); err != nil {
			c.refuse(err.(room.Refusal), m.asked())
		}
	case c.flooded(now):
		c.close(closePolicy, "too many messages")
	default:
		c.refuse(tooFast, m.asked())
	}
}

// Reacted implements play.Watcher. Of what was not sent yet, the newest of each
// seat is kept.
func (c *conn) Reacted(by room.Seat, emoji string) {
	i := slices.Index(emojis[:], emoji)
	if i < 0 || by == room.Spectator {
		return // of a newer version
	}
	c.mu.Lock()
	wanted := c.seated && !c.ended
	if wanted {
		c.reacted[by-room.Host] = uint8(i + 1)
	}
	c.mu.Unlock()
	if wanted {
		c.sock.Wake()
	}
}

func (c *conn) appendReactionsLocked(dst []byte) []byte {
	if c.ended {
		return dst
	}
	for i, n := range c.reacted {
		if n > 0 {
			dst = appendReacted(dst, room.Host+room.Seat(i), emojis[n-1])
		}
	}
	c.reacted = [2]uint8{}
	return dst
}

// gestureEvery is how often a player may make one.
const gestureEvery = time.Second

// A chair is a seat in a room.
type chair struct {
	code string
	seat room.Seat
}

// newGestures limits gestures: one at a time from each seat.
func newGestures() *limiter[chair] { return newLimiter[chair](1/gestureEvery.Seconds(), 1) }
