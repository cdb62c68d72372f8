package play

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"tictac/room"
)

// Match seats a player with the stranger who has waited longest, as the guest, or
// if nobody waits, in a new open room, as the host. The name must be clean; who is
// the player's public id, and nobody is matched with themselves. The error is
// Unavailable if the store fails: then a seat may have been taken all the same, and
// its grace frees it.
func (h *House) Match(ctx context.Context, name, who string) (code, secret string, seat room.Seat, err error) {
	ctx, cancel := context.WithTimeout(ctx, StoreTimeout)
	defer cancel()
	for wait := (Wait{Code: randomCode(), Who: who}); ; {
		code, err := h.lobby.Meet(ctx, wait, room.At(h.cfg.Now()))
		if err != nil {
			h.failed("meet", err)
			return "", "", room.Spectator, Unavailable
		}
		if code == "" {
			secret, err := h.await(ctx, wait, name)
			if err == room.Exists {
				wait.Code = randomCode()
				continue
			}
			return wait.Code, secret, room.Host, err
		}
		secret, err := h.joinMatched(ctx, code, name, who)
		switch err {
		case nil:
			return code, secret, room.Guest, nil
		case room.NotFound, room.Full, room.NotWaiting: // on to the next in line
		default:
			return "", "", room.Spectator, err
		}
	}
}

// await opens the room whose wait has just begun.
func (h *House) await(ctx context.Context, w Wait, name string) (secret string, err error) {
	secret = rand.Text()
	_, err = h.do(ctx, w.Code, room.Create{
		Code: w.Code, Key: KeyOf(secret), Name: name, Who: w.Who, Open: true,
		Rules: h.cfg.Rules, UpSince: h.tenure.Load().UpSince,
	})
	if err != nil {
		h.aside("quit", func(ctx context.Context) error { return h.lobby.Quit(ctx, w.Code) })
	}
	return secret, err
}

// Whoever was first in line may have got there a moment ago, before its room is
// made: so it is asked for again, for at most about a second.
const (
	askAgain = 20 * time.Millisecond
	asks     = 50
)

func (h *House) joinMatched(ctx context.Context, code, name, who string) (secret string, err error) {
	secret = rand.Text()
	for range asks {
		_, err = h.do(ctx, code, room.Join{Key: KeyOf(secret), Name: name, Who: who, RoundID: newRoundID(time.Now()), Matched: true})
		if err != room.NotFound {
			break
		}
		select {
		case <-ctx.Done():
			return "", Unavailable
		case <-time.After(askAgain):
		}
	}
	return secret, err
}

// runLobby says who waits, of those who have a socket here. So a wait is kept up
// by its player's being there, and one that was lost comes back.
func (h *House) runLobby(ctx context.Context) {
	ticker := time.NewTicker(StayEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, t := range h.inUse() {
			w, ok := t.waits()
			if !ok {
				continue
			}
			asking, cancel := context.WithTimeout(ctx, StoreTimeout)
			err := h.lobby.Stay(asking, w, room.At(h.cfg.Now()))
			cancel()
			if err != nil && ctx.Err() == nil {
				h.failed("stay", err)
				break // the others are said in StayEvery
			}
		}
	}
}

// waits reports whether the table is an open room whose host waits here.
func (t *table) waits() (Wait, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.known
	if !s.Open || s.Phase != room.Waiting || t.unsure {
		return Wait{}, false
	}
	for _, p := range t.players {
		if p.key == s.Host.Key {
			return Wait{Code: t.code, Who: s.Host.Who}, true
		}
	}
	return Wait{}, false
}

// lineUp has the line know at once what has become of an open room: who presses
// quick match next is not to wait beside somebody who waits. If that fails, a wait
// that is over ends by itself, and whoever is sent there until then is sent on.
func (t *table) lineUp(s *room.State) {
	h := t.house
	const firstHello = 2 // the revision it makes: whoever says it is in line since it has pressed
	switch {
	case !s.Open:
	case s.Gone():
		h.aside("quit", func(ctx context.Context) error { return h.lobby.Quit(ctx, t.code) })
	case s.Phase == room.Waiting && s.Rev > firstHello && slices.Contains(s.Host.Online, h.cfg.Server):
		w := Wait{Code: t.code, Who: s.Host.Who}
		h.aside("stay", func(ctx context.Context) error { return h.lobby.Stay(ctx, w, room.At(h.cfg.Now())) })
	}
}

// aside asks something of the lobby for which nobody waits.
func (h *House) aside(op string, do func(ctx context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping.Load() {
		return
	}
	h.asides.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), StoreTimeout)
		defer cancel()
		if err := do(ctx); err != nil {
			h.failed(op, err)
		}
	})
}
