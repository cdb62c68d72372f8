package redis

import (
	"context"
	"strconv"
	"strings"
)

// Announce implements play.Audience, on the room's channel.
func (s *Store) Announce(code, server string, spectators int) {
	s.watch.running.Go(func() {
		ctx, cancel := context.WithTimeout(s.watch.ctx, commandTimeout)
		defer cancel()
		note := audiencePrefix + server + " " + strconv.Itoa(spectators)
		_ = s.client.Do(ctx, s.client.B().Spublish().Channel(roomKey(code)).Message(note).Build()).Error() // or lost
	})
}

// Overhear implements play.Audience.
func (s *Store) Overhear(heard func(code, server string, spectators int)) {
	s.watch.overhear.Store(&heard)
}

// audiencePrefix tells an announcement from a commit, whose id has no such sign.
const audiencePrefix = "+ "

// announced takes an announcement.
func (w *watch) announced(code, note string) {
	server, count, _ := strings.Cut(note, " ")
	n, err := strconv.Atoi(count)
	if heard := w.overhear.Load(); heard != nil && err == nil {
		(*heard)(code, server, n)
	}
}
