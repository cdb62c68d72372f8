package play

// Alarms is the number of rooms in the alarm's queue.
func (h *House) Alarms() int {
	h.due.mu.Lock()
	defer h.due.mu.Unlock()
	return len(h.due.queue)
}
