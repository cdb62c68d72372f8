package redis

// StopFiling has ended rounds stay in their outboxes, as after a crash.
func (s *Store) StopFiling() {
	s.filing.stop()
	<-s.filing.done
}
