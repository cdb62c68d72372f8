package redis

import "context"

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

// KeepGames has only so many rounds of a player be kept.
func (s *Store) KeepGames(n int) { s.maxGames = n }

// Crash has this server stop what it does with ended rounds, and with who is
// forgotten, at a step at which crash returns an error.
func (s *Store) Crash(crash func(step string) error) { s.crash.Store(&crash) }

// Sweep does what is done once a minute, after StopFiling.
func (s *Store) Sweep(ctx context.Context) {
	s.filing.sweep(ctx)
	s.filing.file(ctx, nil)
}
