package web

import (
	"context"
	"slices"
	"sync"

	"tictac/history"
	"tictac/room"
)

// An archive in memory, for as long as no engine has one.
type fakeArchive struct {
	mu      sync.Mutex
	keys    map[string]string // to ids
	players map[string]*history.Player
	tokens  map[string]fakeToken
	rounds  []room.Record
}

type fakeToken struct {
	id    string
	until room.Instant
}

func newFakeArchive() *fakeArchive {
	return &fakeArchive{keys: map[string]string{}, players: map[string]*history.Player{}, tokens: map[string]fakeToken{}}
}

func (a *fakeArchive) file(r room.Record) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rounds = append(a.rounds, r)
	for _, seat := range []room.Seat{room.Host, room.Guest} {
		id := r.HostID
		if seat == room.Guest {
			id = r.GuestID
		}
		p := a.players[id]
		if p == nil || !history.Counts(r, seat) {
			continue
		}
		p.Stats = p.Stats.Count(r, seat)
		if r.Rated {
			p.Rating = &history.Rating{Value: 1543.4, Deviation: 86.6}
		}
	}
}

func (a *fakeArchive) Enroll(_ context.Context, id, key, name string, _ room.Instant) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys[key] = id
	a.players[id] = &history.Player{ID: id, Name: name}
	return nil
}

func (a *fakeArchive) Identify(_ context.Context, key string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id, ok := a.keys[key]
	if !ok {
		return "", history.ErrUnknown
	}
	return id, nil
}

func (a *fakeArchive) Player(_ context.Context, id string) (history.Player, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, ok := a.players[id]
	if !ok {
		return history.Player{}, history.ErrUnknown
	}
	return *p, nil
}

func (a *fakeArchive) Games(_ context.Context, id string, limit int, before string) (games []history.Game, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.players[id] == nil {
		return nil, history.ErrUnknown
	}
	found := before == ""
	for _, r := range slices.Backward(a.rounds) {
		for _, seat := range []room.Seat{room.Host, room.Guest} {
			mine := seat == room.Host && r.HostID == id || seat == room.Guest && r.GuestID == id
			switch {
			case !mine || !history.Counts(r, seat):
			case !found:
				found = r.ID == before
			case len(games) < limit:
				games = append(games, history.Game{Record: r, Seat: seat})
			}
		}
	}
	if !found {
		return nil, history.ErrUnknown
	}
	return games, nil
}

func (a *fakeArchive) Round(_ context.Context, id string) (room.Record, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.rounds {
		if r.ID == id {
			return r, nil
		}
	}
	return room.Record{}, history.ErrUnknown
}

func (a *fakeArchive) Leaders(_ context.Context, limit int) (all []history.Player, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.players {
		if p.Rating != nil && len(all) < limit {
			all = append(all, *p)
		}
	}
	return all, nil
}

func (a *fakeArchive) Offer(_ context.Context, token, id string, until room.Instant) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens[token] = fakeToken{id, until}
	return nil
}

func (a *fakeArchive) Redeem(_ context.Context, token, key string, now room.Instant) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t, ok := a.tokens[token]
	delete(a.tokens, token)
	if !ok || now >= t.until || a.players[t.id] == nil {
		return "", history.ErrUnknown
	}
	a.keys[key] = t.id
	return t.id, nil
}

func (a *fakeArchive) Forget(_ context.Context, id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.players[id] == nil {
		return history.ErrUnknown
	}
	delete(a.players, id)
	for key, of := range a.keys {
		if of == id {
			delete(a.keys, key)
		}
	}
	for i := range a.rounds {
		if r := &a.rounds[i]; r.HostID == id {
			r.HostID, r.Host = "", ""
		} else if r.GuestID == id {
			r.GuestID, r.Guest = "", ""
		}
	}
	return nil
}

func (a *fakeArchive) Rebuild(context.Context) (int, error) { return 0, nil }
