package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"tictac/room"
)

// A line of a dump is one item as a JSON object, of a kind. The last one is the
// end, with the numbers of what came before: without it a dump has been cut off.
const (
	roundLine  = "round"
	playerLine = "player"
	roomLine   = "room"
	endLine    = "end"
)

type (
	kindOf struct {
		Kind string `json:"kind"`
	}
	roundOf struct {
		kindOf
		Round
	}
	playerOf struct {
		kindOf
		ID       string       `json:"id"`
		Name     string       `json:"name"`
		Enrolled room.Instant `json:"enrolled"`
		Keys     []string     `json:"keys"`
		Totals
		Opening *Totals `json:"opening,omitempty"`
	}
	roomOf struct {
		kindOf
		Commit string          `json:"commit"`
		State  json.RawMessage `json:"state"` // room.Encode
		Log    []room.Event    `json:"log,omitempty"`
	}
	endOf struct {
		kindOf
		Amount
	}
)

// Amount is how much of each kind there is.
type Amount struct {
	Rounds  int `json:"rounds"`
	Players int `json:"players"`
	Rooms   int `json:"rooms"`
}

// With is the amount with one more item.
func (a Amount) With(i Item) Amount {
	switch {
	case i.Round != nil:
		a.Rounds++
	case i.Account != nil:
		a.Players++
	case i.Room != nil:
		a.Rooms++
	}
	return a
}

// All is the number of items.
func (a Amount) All() int { return a.Rounds + a.Players + a.Rooms }

// String is for people.
func (a Amount) String() string {
	return fmt.Sprintf("%d rounds, %d players, %d rooms", a.Rounds, a.Players, a.Rooms)
}

// WriteItem writes a line.
func WriteItem(w io.Writer, i Item) error {
	switch {
	case i.Round != nil:
		return writeLine(w, roundOf{kindOf{roundLine}, *i.Round})
	case i.Account != nil:
		a := *i.Account
		p := playerOf{kindOf: kindOf{playerLine}, ID: a.ID, Name: a.Name, Enrolled: a.Enrolled, Keys: a.Keys, Totals: a.Totals}
		if !a.Opening.Equal(Totals{}) {
			p.Opening = &a.Opening
		}
		return writeLine(w, p)
	}
	r := i.Room
	return writeLine(w, roomOf{kindOf{roomLine}, r.Commit, room.Encode(r.State), r.Log})
}

// WriteEnd writes the last line.
func WriteEnd(w io.Writer, all Amount) error { return writeLine(w, endOf{kindOf{endLine}, all}) }

func writeLine(w io.Writer, line any) error {
	data, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// ReadLine is the item of a line. The last line has none, but the amount that is
// to have come before it. Whatever else it is is refused, in words.
func ReadLine(line []byte) (Item, *Amount, error) {
	var kind kindOf
	if err := json.Unmarshal(line, &kind); err != nil {
		return Item{}, nil, fmt.Errorf("it is no JSON object: %w", err)
	}
	switch kind.Kind {
	case roundLine:
		var r roundOf
		err := errors.Join(strictly(line, &r), validRound(&r.Round))
		return Item{Round: &r.Round}, nil, err
	case playerLine:
		a, err := readPlayer(line)
		return Item{Account: a}, nil, err
	case roomLine:
		r, err := readRoom(line)
		return Item{Room: r}, nil, err
	case endLine:
		var e endOf
		return Item{}, &e.Amount, strictly(line, &e)
	}
	return Item{}, nil, fmt.Errorf("its kind is %q", kind.Kind)
}

// strictly refuses fields that are not known: they would be lost.
func strictly(line []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something follows the object")
	}
	return nil
}

func readPlayer(line []byte) (*Account, error) {
	var p playerOf
	if err := strictly(line, &p); err != nil {
		return nil, err
	}
	a := &Account{ID: p.ID, Name: p.Name, Enrolled: p.Enrolled, Keys: p.Keys, Totals: p.Totals}
	if p.Opening != nil {
		a.Opening = *p.Opening
	}
	switch {
	case a.ID == "":
		return nil, errors.New("a player without an id")
	case slices.Contains(a.Keys, ""):
		return nil, errors.New("a key that is empty")
	case !a.Totals.valid(), !a.Opening.valid():
		return nil, errors.New("totals that cannot be: tictac stats --rebuild on the store that it comes from may mend them")
	}
	return a, nil
}

func readRoom(line []byte) (*Room, error) {
	var r roomOf
	if err := strictly(line, &r); err != nil {
		return nil, err
	}
	state, err := room.Decode(r.State)
	switch {
	case err != nil:
		return nil, err
	case state.Code == "", state.Rev < 1, !state.Host.Taken(), !slices.Contains([]room.Phase{room.Waiting, room.Playing, room.Over}, state.Phase):
		return nil, errors.New("a room that cannot be")
	}
	return &Room{State: state, Commit: r.Commit, Log: r.Log}, validMoves(state.Moves)
}

var endings = []room.Ending{room.ByLine, room.ByDraw, room.ByResign, room.ByLeft, room.ByClock, room.Expired}

func validRound(r *Round) error {
	if r.Moves == nil {
		r.Moves = []room.Played{}
	}
	switch {
	case r.ID == "":
		return errors.New("a round without an id")
	case r.HostMark.String() == "":
		return errors.New("a round in which nobody has a mark")
	case !slices.Contains(endings, r.Ended):
		return fmt.Errorf("a round that ended by %q", r.Ended)
	case r.Computer != "" && !r.Computer.Known():
		return fmt.Errorf("a computer that plays %q", r.Computer)
	case r.Rated != (r.Before != nil):
		return errors.New("a rated round without ratings before it, or the reverse")
	case r.Before != nil && !(r.Before[0].valid() && r.Before[1].valid()):
		return errors.New("ratings that cannot be")
	}
	return validMoves(r.Moves)
}

func validMoves(moves []room.Played) error {
	var taken [9]bool
	for _, m := range moves {
		if m.Cell < 0 || m.Cell >= len(taken) || taken[m.Cell] {
			return fmt.Errorf("a move into cell %d that cannot be", m.Cell)
		}
		taken[m.Cell] = true
	}
	return nil
}

func (t Totals) valid() bool {
	s := t.Stats
	for _, n := range []int{s.Won, s.Lost, s.Drawn, s.Abandoned, s.Streak} {
		if n < 0 {
			return false
		}
	}
	return s.Played == s.Won+s.Lost+s.Drawn+s.Abandoned && s.Streak <= s.BestStreak && s.BestStreak <= s.Won && (t.Rating == nil || t.Rating.valid())
}

// valid keeps ratings within what one can get: with others the formulas may have
// no end.
func (r Rating) valid() bool {
	return r.Value > -5000 && r.Value < 8000 && r.Deviation > 0 && r.Deviation <= Unrated.Deviation && r.Volatility > 0 && r.Volatility < 1
}
