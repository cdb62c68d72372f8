package redis

import (
	"context"
	"strconv"
	"strings"

	"tictac/room"
)

// Announce implements play.Audience, on the room's channel.
func (s *Store) Announce(code, server string, spectators int) {
	s.say(code, audiencePrefix+server+" "+strconv.Itoa(spectators))
}

// React implements play.Audience, on the room's channel.
func (s *Store) React(code, server string, by room.Seat, emoji string) {
	s.say(code, gesturePrefix+server+" "+by.String()+" "+emoji)
}

// say publishes a note on a room's channel, or loses it.
func (s *Store) say(code, note string) {
	s.watch.running.Go(func() {
		ctx, cancel := context.WithTimeout(s.watch.ctx, commandTimeout)
		defer cancel()
		_ = s.client.Do(ctx, s.client.B().Spublish().Channel(roomKey(code)).Message(note).Build()).Error()
	})
}

// Overhear implements play.Audience.
func (s *Store) Overhear(heard func(code, server string, spectators int), reacted func(code, server string, by room.Seat, emoji string)) {
	s.watch.overhear.Store(&heard)
	s.watch.reacted.Store(&reacted)
}

// These tell a note from a commit, whose id has no such signs.
const (
	audiencePrefix = "+ "
	gesturePrefix  = "! "
)

// gestured takes a gesture.
func (w *watch) gestured(code, note string) {
	server, rest, _ := strings.Cut(note, " ")
	seat, emoji, _ := strings.Cut(rest, " ")
	var by room.Seat
	if reacted := w.reacted.Load(); reacted != nil && by.UnmarshalText([]byte(seat)) == nil {
		(*reacted)(code, server, by, emoji)
	}
}

// announced takes an announcement.
func (w *watch) announced(code, note string) {
	server, count, _ := strings.Cut(note, " ")
	n, err := strconv.Atoi(count)
	if heard := w.overhear.Load(); heard != nil && err == nil {
		(*heard)(code, server, n)
	}
}
