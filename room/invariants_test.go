package room

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"tictac/game"

	"pgregory.net/rapid"
)

// frozen is a state and what it was when we first saw it.
type frozen struct {
	state State
	data  []byte
}

func freeze(t *rapid.T, s State) frozen {
	data := Encode(s)
	return frozen{s, data}
}

// check tells whether the state is still what it was.
func (f frozen) check(t *rapid.T, when string) {
	if now := freeze(t, f.state).data; !bytes.Equal(now, f.data) {
		t.Fatalf("%s changed an old state\nfrom %s\nto   %s", when, f.data, now)
	}
}

// frozenRecord is the same for a finished round.
type frozenRecord struct {
	record Record
	data   []byte
}

// check is everything that must hold after a commit.
func (w *world) check(t *rapid.T, c Command, before State, events []Event) {
	s := w.state
	if s.Rev != before.Rev+1 || s.Round < before.Round {
		t.Errorf("%+v: from rev %d, round %d to rev %d, round %d", c, before.Rev, before.Round, s.Rev, s.Round)
	}
	if s.Wake > s.Due() {
		t.Errorf("%+v: the index says %d, but %d is due", c, s.Wake, s.Due())
	}
	for _, p := range []Player{s.Host, s.Guest} {
		if p.Away() != (p.Until != 0) {
			t.Errorf("%+v: a deadline is for who is away, and for them only: %+v", c, p)
		}
	}
	if late := s.TurnUntil.Sub(before.TurnUntil); before.TurnUntil > 0 && s.TurnUntil > 0 && before.Ply() == s.Ply() && before.Stood && late > 0 && !has(events, Resumed) && !has(events, RoundBegan) {
		t.Errorf("%+v: the clock stood twice in one turn, for %s more", c, late)
	}
	w.checkStored(t, events)
	checkSiblings(t, s)
	w.checkActor(t, c, before, events)
	w.checkRounds(t, before, events)
	checkDeadlines(t, c, before, s, events)
	checkView(t, s, At(w.now))
	checkExpireTwice(t, s, w)
}

// checkStored: what went through the store is the same state, as a snapshot
// and as a log.
func (w *world) checkStored(t *rapid.T, events []Event) {
	data, err := json.Marshal(events)
	if err != nil {
		t.Fatal(err)
	}
	var stored []Event
	if err := json.Unmarshal(data, &stored); err != nil {
		t.Fatal(err)
	}
	if w.replayed = Fold(w.replayed, stored); !reflect.DeepEqual(w.replayed, w.state) {
		t.Fatalf("the log gives\n%+v, not\n%+v", w.replayed, w.state)
	}
	if back, err := Decode(freeze(t, w.state).data); err != nil || !reflect.DeepEqual(back, w.state) {
		t.Fatalf("the snapshot gives\n%+v, %v, not\n%+v", back, err, w.state)
	}
}

// checkSiblings: two things that may come of one state have nothing in common.
func checkSiblings(t *rapid.T, s State) {
	sibling := func(cell int, server string) State {
		return Apply(Apply(s, Event{Kind: Moved, Cell: cell}), Event{Kind: Attached, Seat: Host, Server: server})
	}
	one, two := sibling(1, "one"), sibling(2, "two")
	if one.Moves[s.Ply()] == two.Moves[s.Ply()] || one.Host.Online[len(s.Host.Online)] == two.Host.Online[len(s.Host.Online)] {
		t.Errorf("%+v\nand\n%+v\nshare memory", one, two)
	}
}

// keyOf is the key that a command acts with, if it is a player's.
func keyOf(c Command) (key string, players bool) {
	switch c := c.(type) {
	case Attach:
		return c.Key, true
	case Detach:
		return c.Key, true
	case Move:
		return c.Key, true
	case Rematch:
		return c.Key, true
	case Resign:
		return c.Key, true
	case Leave:
		return c.Key, true
	}
	return "", false
}

// checkActor: nobody acts for another seat, and nobody but players acts at all.
func (w *world) checkActor(t *rapid.T, c Command, before State, events []Event) {
	key, players := keyOf(c)
	for _, e := range events {
		switch e.Kind {
		case Moved, RematchAsked, Attached:
			if _, expire := c.(Expire); expire && e.Kind == Moved && before.Player(e.Seat).Computer != "" {
				continue
			}
			if !players || e.Seat == Spectator || before.Player(e.Seat).Key != key {
				t.Errorf("%+v made %+v", c, e)
			}
		case Detached:
			if _, lost := c.(Lost); !lost && before.Player(e.Seat).Key != key {
				t.Errorf("%+v made %+v", c, e)
			}
		case RoundEnded, GuestLeft, RoomClosed:
			if _, expire := c.(Expire); !expire && (key == "" || key != before.Host.Key && key != before.Guest.Key) {
				t.Errorf("%+v made %+v", c, e)
			}
		}
	}
}

// checkRounds keeps our own count of moves, rounds and scores.
func (w *world) checkRounds(t *rapid.T, before State, events []Event) {
	s := w.state
	for _, e := range events {
		switch e.Kind {
		case RoundBegan:
			w.checkBegan(t, before, e)
			w.began[e.RoundID], w.table.marks = e.Round, nil
		case Moved:
			w.table.marks = append(w.table.marks, e.Seat)
		case RoundEnded:
			w.checkFiled(t, before, events)
			if e.Ending != ByLeft && e.Ending != Expired {
				w.table.ended++
			}
		}
	}
	if s.Guest.Key != w.table.guest {
		w.table.guest, w.table.ended = s.Guest.Key, 0
	}
	if score := s.Host.Wins + s.Guest.Wins + s.Draws; score != w.table.ended {
		t.Errorf("the score counts %d rounds, there were %d", score, w.table.ended)
	}
	running := len(w.began) - len(w.filed)
	if (s.Phase == Playing) != (running == 1) || running < 0 || running > 1 {
		t.Errorf("%s with %d rounds begun and %d filed", s.Phase, len(w.began), len(w.filed))
	}
	if s.Phase == Playing || s.Phase == Over {
		w.checkMarks(t)
	}
}

// checkBegan: with a new guest the host is X; else both have asked, and change
// sides.
func (w *world) checkBegan(t *rapid.T, before State, e Event) {
	host := game.X
	if before.Guest.Taken() {
		host = before.HostMark.Other()
		if before.Phase != Over || before.Host.Rematch == before.Guest.Rematch && before.Guest.Computer == "" {
			t.Errorf("a rematch that both did not ask for: %+v after %+v", e, before)
		}
	}
	if _, twice := w.began[e.RoundID]; twice || e.Round != before.Round+1 || e.Mark != host {
		t.Errorf("round %d began with %+v", before.Round, e)
	}
}

// checkMarks: X begins, and marks alternate.
func (w *world) checkMarks(t *rapid.T) {
	s := w.state
	if s.Ply() != len(w.table.marks) || s.Board().Ply() != s.Ply() {
		t.Errorf("ply %d, board %s, after %d moves", s.Ply(), s.Board(), len(w.table.marks))
	}
	for ply, seat := range w.table.marks {
		want := game.X
		if ply%2 == 1 {
			want = game.O
		}
		if s.MarkOf(seat) != want {
			t.Errorf("ply %d was made by %s, who is %s", ply, seat, s.MarkOf(seat))
		}
	}
}

// checkFiled: a round is filed once, and complete.
func (w *world) checkFiled(t *rapid.T, before State, events []Event) {
	record, ok := Filed(before, events)
	if _, twice := w.filed[record.ID]; !ok || twice {
		t.Fatalf("filed %v, twice %v: %+v", ok, twice, record)
	}
	if record.Round != w.began[record.ID] || len(record.Moves) != len(w.table.marks) || record.Guest == "" {
		t.Errorf("filed %+v after moves by %v", record, w.table.marks)
	}
	data, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	w.filed[record.ID] = frozenRecord{record, data}
}

func has(events []Event, kind Kind) bool {
	return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == kind })
}

// checkDeadlines: the deadline of an absent player changes by nothing but an
// outage, which never makes it earlier; and no seat is freed before it.
func checkDeadlines(t *rapid.T, c Command, before, after State, events []Event) {
	resumed := has(events, Resumed)
	for _, seat := range []Seat{Host, Guest} {
		p, q := before.Player(seat), after.Player(seat)
		if p.Away() && q.Away() && p.Key == q.Key && p.Until != q.Until && (!resumed || q.Until < p.Until) {
			t.Errorf("%+v: the deadline of the %s went from %d to %d", c, seat, p.Until, q.Until)
		}
	}
	if _, expire := c.(Expire); !expire {
		return
	}
	at := events[0].At
	hostDue, guestDue := before.Host.Away() && before.Host.Until <= at, before.Guest.Away() && before.Guest.Until <= at
	idle := before.Touched.Add(before.Rules.Idle) <= at
	if after.Gone() && !hostDue && !idle || before.Guest.Taken() && !after.Guest.Taken() && !guestDue {
		t.Errorf("at %d time was up for nobody in %+v", at, before)
	}
	slow := slices.ContainsFunc(events, func(e Event) bool { return e.Ending == ByClock })
	if slow && before.Player(before.ToMove()).Computer == "" && (before.TurnUntil == 0 || before.TurnUntil > at) {
		t.Errorf("at %d the clock was called in %+v", at, before)
	}
}

// checkView: it agrees with the state and tells no secret.
func checkView(t *rapid.T, s State, now Instant) {
	v := s.View(now)
	text := fmt.Sprintf("%+v", v)
	for _, secret := range []string{"key-", "srv-", "who-"} {
		if strings.Contains(text, secret) {
			t.Errorf("the view tells a secret, %s: %s", secret, text)
		}
	}
	playing := s.Phase == Playing
	switch winner, line := v.Board.Winner(); {
	case v.Code != s.Code, v.Rev != s.Rev, v.Phase != s.Phase, v.Round != s.Round:
		t.Errorf("the view is of another room: %s of %+v", text, s)
	case v.Ply != v.Board.Ply(), playing && v.Turn != v.Board.Turn(), !playing && v.Turn != game.None:
		t.Errorf("ply and turn: %s", text)
	case (v.Ended == ByLine) != (winner != game.None), v.Ended == ByLine && v.Winner != winner, !slices.Equal(v.Line, line):
		t.Errorf("the line: %s", text)
	case v.Winner != game.None && v.Ended != ByLine && v.Ended != ByResign && v.Ended != ByClock, playing && v.Ended != "":
		t.Errorf("the end: %s", text)
	case s.Phase == Waiting && (v.Guest.Taken() || v.Ply != 0 || v.Host.Wins != 0 || v.Draws != 0 || v.Host.Rematch):
		t.Errorf("the table is not clear: %s", text)
	case s.Phase == Over && v.Ended == "", (playing || s.Phase == Over) && !v.Guest.Taken():
		t.Errorf("the phase: %s", text)
	case v.TurnLeft < 0, v.TurnLeft > 0 && (!playing || v.TurnTime == 0), (v.RoundID != "") != (s.Phase == Over):
		t.Errorf("the clock, the round: %s", text)
	case v.Guest.Taken() && v.Guest.Mark != v.Host.Mark.Other(), playing && (v.Host.Rematch || v.Guest.Rematch):
		t.Errorf("the players: %s", text)
	case v.Host.BackIn < 0, v.Host.Online && v.Host.BackIn != 0, v.Host.Online && (!v.Guest.Taken() || v.Guest.Online) && v.Changes != (v.TurnTime > 0 && playing):
		t.Errorf("presence: %s", text)
	}
}

// checkExpireTwice: who comes late with the same news changes nothing.
func checkExpireTwice(t *rapid.T, s State, w *world) {
	server := rapid.SampledFrom(append([]string{""}, serverNames...)).Draw(t, "server")
	events, err := Decide(s, Expire{Server: server}, w.now)
	if err != nil || len(events) == 0 {
		return
	}
	s = Fold(s, events)
	if events, err = Decide(s, Expire{Server: server}, w.now); events != nil || s.Gone() != (err == NotFound) {
		t.Errorf("a second expire: %+v, %v", events, err)
	}
}

// checkHistory: none of all the states and records there have been has changed
// since, and the whole log from the beginning gives the state.
func (w *world) checkHistory(t *rapid.T) {
	for _, f := range w.past {
		f.check(t, "something later")
	}
	for _, f := range w.filed {
		if now, _ := json.Marshal(f.record); !bytes.Equal(now, f.data) {
			t.Errorf("a filed round changed\nfrom %s\nto   %s", f.data, now)
		}
	}
	var s State
	for _, commit := range w.log {
		s = Fold(s, commit)
	}
	if !reflect.DeepEqual(s, w.state) {
		t.Errorf("the whole log gives\n%+v, not\n%+v", s, w.state)
	}
}
