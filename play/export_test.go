package play

// Alarms is the number of rooms in the alarm's queue.
func (h *House) Alarms() int {
	h.due.mu.Lock()
	defer h.due.mu.Unlock()
	return len(h.due.queue)
}

// Waiting is the number of goroutines that wait for a room to work on.
func (h *House) Waiting() int { return h.crew.idle() }
