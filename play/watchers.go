package play

import (
	"slices"
	"sync"
)

// Watchers is who wants to hear of which room: the part of Watch that every
// engine needs. The zero Watchers is ready to use.
type Watchers struct {
	mu     sync.Mutex
	byRoom map[string][]*func(Snapshot)
}

// Add is Store.Watch.
func (w *Watchers) Add(code string, tell func(Snapshot)) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byRoom == nil {
		w.byRoom = map[string][]*func(Snapshot){}
	}
	w.byRoom[code] = append(slices.Clip(w.byRoom[code]), &tell)
	return func() { w.remove(code, &tell) }
}

func (w *Watchers) remove(code string, tell *func(Snapshot)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rest := slices.DeleteFunc(slices.Clone(w.byRoom[code]), func(f *func(Snapshot)) bool { return f == tell })
	if len(rest) == 0 {
		delete(w.byRoom, code)
	} else {
		w.byRoom[code] = rest
	}
}

// Tell hands a snapshot to those who watch its room. It holds no lock while it
// does.
func (w *Watchers) Tell(code string, snap Snapshot) {
	w.mu.Lock()
	tells := w.byRoom[code]
	w.mu.Unlock()
	for _, tell := range tells {
		(*tell)(snap)
	}
}

// Len is the number of rooms that are watched.
func (w *Watchers) Len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.byRoom)
}
