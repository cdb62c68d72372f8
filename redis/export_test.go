package redis

// StopFiling has ended rounds stay in their outboxes, as after a crash.
func (s *Store) StopFiling() {
	s.filing.stop()
	<-s.filing.done
}

// Remembered is what is kept in memory of rooms: how many are watched, and how
// many Redis is to tell of, or to leave off telling.
func (s *Store) Remembered() int {
	w := s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.watchers.Len() + len(w.rooms)
	for _, l := range w.lines {
		l.mu.Lock()
		n += len(l.wants) + len(l.fresh) + len(l.leave)
		l.mu.Unlock()
	}
	return n
}
