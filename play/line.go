package play

import (
	"context"
	"slices"
	"sync"

	"tictac/room"
)

// A Line is a Lobby in memory, for one server. The zero Line is empty.
type Line struct {
	mu    sync.Mutex
	waits []place // in the order in which they came
}

type place struct {
	Wait
	heard room.Instant
}

// Meet implements Lobby.
func (l *Line) Meet(_ context.Context, w Wait, now room.Instant) (code string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire(now)
	for i, p := range l.waits {
		if p.Who == "" || p.Who != w.Who {
			l.waits = slices.Delete(l.waits, i, i+1)
			return p.Code, nil
		}
	}
	l.stay(w, now)
	return "", nil
}

// Stay implements Lobby.
func (l *Line) Stay(_ context.Context, w Wait, now room.Instant) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire(now)
	l.stay(w, now)
	return nil
}

// Quit implements Lobby.
func (l *Line) Quit(_ context.Context, code string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits = slices.DeleteFunc(l.waits, func(p place) bool { return p.Code == code })
	return nil
}

func (l *Line) stay(w Wait, now room.Instant) {
	i := slices.IndexFunc(l.waits, func(p place) bool { return p.Code == w.Code })
	if i < 0 {
		l.waits = append(l.waits, place{w, now})
		return
	}
	l.waits[i].heard = now
}

func (l *Line) expire(now room.Instant) {
	l.waits = slices.DeleteFunc(l.waits, func(p place) bool { return p.heard.Add(WaitLasts) <= now })
}
