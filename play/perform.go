package play

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"tictac/room"
)

// perform carries out one task and answers it. A panic costs this one command.
func (t *table) perform(k task) {
	answered := false
	defer func() {
		if p := recover(); p != nil {
			t.panicked(p)
			if !answered {
				k.done(false, Unavailable)
			}
		}
	}()
	changed, err := t.carryOut(t.house.patienceFor(k), k)
	if err == Unavailable {
		t.setUnsure()
	}
	answered = true
	k.done(changed, err)
}

// carryOut decides and commits, again on a conflict. A refusal, or finding
// nothing to do, is told only when the store has confirmed the revision that it
// was decided on.
func (t *table) carryOut(ctx context.Context, k task) (changed bool, err error) {
	for {
		if _, ok := k.cmd.(room.Expire); ok && ctx.Err() != nil {
			return false, nil // the index will have it sent again
		}
		snap, asked, err := t.newest(ctx)
		if err != nil {
			return false, err
		}
		events, does, refusal := t.house.decide(&snap.State, k.cmd)
		if len(events) == 0 {
			if asked {
				return false, refusal
			}
			t.forget()
			continue
		}
		next := Snapshot{State: room.Fold(snap.State, events), Commit: rand.Text()}
		ours, err := t.outcome(ctx, &next, t.house.cfg.Store.Commit(ctx, newCommit(snap, &next, events)))
		switch {
		case err == nil:
			if ours {
				t.house.cfg.Meter.Committed(events, time.Since(k.since))
			}
			t.adopt(&next, snap.Rev)
			return does, refusal
		case errors.Is(err, ErrConflict):
			t.house.cfg.Meter.Conflict()
			t.forget()
		default:
			t.house.failed("commit", err)
			return false, Unavailable
		}
	}
}

// decide is room.Decide, after what the world has done to the room meanwhile. A
// refusal may come with events; does is whether any are the command's own.
func (h *House) decide(s *room.State, cmd room.Command) (events []room.Event, does bool, err error) {
	now := h.cfg.Now()
	events = h.meanwhile(s, now)
	if len(events) == 0 {
		events, err = room.Decide(*s, cmd, now)
		return events, len(events) > 0, err
	}
	own, err := room.Decide(after(*s, events), cmd, now)
	return append(events, own...), len(own) > 0, err
}

// after is a state with events applied to it that are not committed yet.
func after(s room.State, events []room.Event) room.State {
	for _, e := range events {
		s = room.Apply(s, e)
	}
	return s
}

// meanwhile is what the world has done to a room: servers that died and an outage
// of the store.
func (h *House) meanwhile(s *room.State, now time.Time) (events []room.Event) {
	tenure := h.tenure.Load()
	step := func(c room.Command) {
		more, _ := room.Decide(after(*s, events), c, now) // never refused in an open room
		events = append(events, more...)
	}
	for _, online := range [...][]string{s.Host.Online, s.Guest.Online} {
		for _, server := range online {
			if server != h.cfg.Server && h.inTouch() && tenure.Dead(server) {
				step(room.Lost{Server: server}) // of both seats: a second time it does nothing
			}
		}
	}
	if s.Phase != "" && s.UpSince < tenure.UpSince {
		step(room.Resume{UpSince: tenure.UpSince, Rules: h.cfg.Rules})
	}
	return events
}

// newCommit is the commit of one step.
func newCommit(prev, next *Snapshot, events []room.Event) Commit {
	c := Commit{ID: next.Commit, State: &next.State, Events: events}
	c.Reindex = prev.Wake != next.Wake || events[len(events)-1].Kind == room.Checked
	if record, ok := room.Filed(prev.State, events); ok {
		filed := record // on the heap only where there is one
		c.Filed = &filed
	}
	return c
}

// outcome is what became of a commit for which the store gave an error, or nil. If
// that leaves it open, it looks whether the commit was made after all. A room that
// is gone has been closed, by us or by another server: then ours is false.
func (t *table) outcome(ctx context.Context, next *Snapshot, err error) (ours bool, _ error) {
	if err == nil || errors.Is(err, ErrConflict) {
		return true, err
	}
	t.forget()
	found, failed := t.house.cfg.Store.Load(ctx, t.code)
	switch {
	case failed == nil && found.Commit == next.Commit:
		return true, nil
	case errors.Is(failed, ErrNotFound) && next.Gone():
		return false, nil
	}
	return false, err
}

// newest returns the newest snapshot: the cached one, or if there is none to
// rely on, the store's (asked is true). A room that is not there has Rev 0.
func (t *table) newest(ctx context.Context) (snap *Snapshot, asked bool, err error) {
	t.mu.Lock()
	snap, fresh := t.known, t.fresh
	t.mu.Unlock()
	if fresh {
		return snap, false, nil
	}
	found, err := t.house.cfg.Store.Load(ctx, t.code)
	switch {
	case errors.Is(err, ErrNotFound):
		t.adopt(closed(snap), snap.Rev)
		return nowhere, true, nil
	case errors.Is(err, room.ErrFormat):
		t.lose() // a newer version's: it is there that players are to go
		fallthrough
	case err != nil:
		t.house.failed("load", err)
		return snap, true, Unavailable
	}
	t.adopt(&found, snap.Rev)
	return &found, true, nil
}

// closed is what is known of a room that the store has no more, for as long as
// anybody is there to whom it may be told. By whom it was closed may be yet to be
// heard: see catchUp.
func closed(snap *Snapshot) *Snapshot {
	if snap.Rev == 0 || snap.Gone() {
		return snap
	}
	gone := *snap
	gone.Phase, gone.Reason = room.Closed, ""
	return &gone
}
