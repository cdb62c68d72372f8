package web

import "tictac/room"

// Reacted implements play.Watcher.
func (c *conn) Reacted(room.Seat, string) {}
