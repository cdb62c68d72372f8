package play

import "tictac/room"

// React shows a gesture to all who are in the room, the player too, on every
// server. It is not stored and may get lost. The error is a room.Refusal.
func (s *Session) React(emoji string) error {
	t := s.table
	t.mu.Lock()
	seat := t.known.SeatOf(s.key)
	t.mu.Unlock()
	if seat == room.Spectator {
		return room.NotSeated
	}
	t.reacted(seat, emoji)
	if store, ok := t.house.cfg.Store.(Audience); ok {
		store.React(t.code, t.house.cfg.Server, seat, emoji)
	}
	return nil
}

// reacted shows a gesture to those who are here.
func (t *table) reacted(by room.Seat, emoji string) {
	t.mu.Lock()
	players, watchers := t.players, t.watchers
	t.mu.Unlock()
	for _, sessions := range [...][]*Session{players, watchers} {
		for _, s := range sessions {
			s.watcher.Reacted(by, emoji)
		}
	}
}

// perceive is a gesture made on another server.
func (h *House) perceive(code, server string, by room.Seat, emoji string) {
	h.mu.Lock()
	t := h.tables[code]
	h.mu.Unlock()
	if t != nil && server != h.cfg.Server {
		t.reacted(by, emoji)
	}
}
