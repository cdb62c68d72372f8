package play

import "time"

const (
	// announceEvery is how often spectators are announced again, so that a
	// server that has just begun to watch a room soon knows of them.
	announceEvery = 4 * time.Second
	// audienceLasts is how long an announcement counts without another: a
	// server may have died.
	audienceLasts = 15 * time.Second
)

// An audience is the spectators of a room on another server.
type audience struct {
	n  int
	at time.Time
}

// announce tells other servers of our spectators, if there are any or were.
func (t *table) announce() {
	store, ok := t.house.cfg.Store.(Audience)
	if !ok {
		return
	}
	t.mu.Lock()
	n := len(t.watchers)
	due := n != t.announcedN || n > 0 && time.Since(t.announced) >= announceEvery
	if due {
		t.announced, t.announcedN = time.Now(), n
	}
	t.mu.Unlock()
	if due {
		store.Announce(t.code, t.house.cfg.Server, n)
	}
}

// overhear notes the spectators on another server. They are shown within a
// second, as our own are.
func (h *House) overhear(code, server string, spectators int) {
	h.mu.Lock()
	t := h.tables[code]
	h.mu.Unlock()
	if t == nil || server == h.cfg.Server {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.elsewhere == nil {
		t.elsewhere = map[string]audience{}
	}
	t.elsewhere[server] = audience{spectators, time.Now()}
}

// elsewhereLocked counts the spectators on other servers.
func (t *table) elsewhereLocked() (n int) {
	for server, a := range t.elsewhere {
		if time.Since(a.at) > audienceLasts || a.n == 0 {
			delete(t.elsewhere, server)
			continue
		}
		n += a.n
	}
	return n
}
