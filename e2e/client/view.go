package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A View is a room as the server tells it.
type View struct {
	Type     string      `json:"type"`
	Code     string      `json:"code"`
	Rev      int64       `json:"rev"`
	Phase    string      `json:"phase"`
	Round    int         `json:"round"`
	Ply      int         `json:"ply"`
	Board    string      `json:"board"`
	Turn     string      `json:"turn"`
	Winner   string      `json:"winner"`
	Line     []int       `json:"line"`
	Ended    string      `json:"ended"`
	Host     PlayerView  `json:"host"`
	Guest    *PlayerView `json:"guest"`
	Draws    int         `json:"draws"`
	Watching int         `json:"watching"`

	// Only where they say something.
	TurnSeconds int    `json:"turn_seconds"`
	TurnMS      *int   `json:"turn_ms"`
	Rated       bool   `json:"rated"`
	RoundID     string `json:"round_id"`
}

// A PlayerView is a player as the server tells it.
type PlayerView struct {
	Name     string `json:"name"`
	Mark     string `json:"mark"`
	Online   bool   `json:"online"`
	Wins     int    `json:"wins"`
	Rematch  bool   `json:"rematch"`
	BackInMS *int   `json:"back_in_ms"`
	Computer string `json:"computer"`
}

// Of is the player in a seat, "host" or "guest".
func (v View) Of(seat string) PlayerView {
	switch {
	case seat == "host":
		return v.Host
	case v.Guest != nil:
		return *v.Guest
	}
	return PlayerView{}
}

// decodeView reads a view strictly: fields that the protocol does not have, or
// that are missing, are errors.
func decodeView(text []byte, v *View) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("view %s: %w", text, err)
	}
	for _, field := range []string{"code", "rev", "phase", "round", "ply", "board", "turn", "winner", "line", "ended", "host", "guest", "draws", "watching"} {
		if !bytes.Contains(text, []byte(`"`+field+`":`)) {
			return fmt.Errorf("view %s has no %s", text, field)
		}
	}
	return nil
}

var lines = [...][3]int{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {0, 3, 6}, {1, 4, 7}, {2, 5, 8}, {0, 4, 8}, {2, 4, 6}}

// lineOf is the mark that has a line and the cells of its lines, ascending.
func lineOf(board string) (mark string, cells []int) {
	for _, l := range lines {
		if m := board[l[0]]; m != '.' && m == board[l[1]] && m == board[l[2]] {
			mark, cells = string(m), append(cells, l[:]...)
		}
	}
	slices.Sort(cells)
	return mark, slices.Compact(cells)
}

// check reports what is wrong with a view by itself.
func (v View) check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("impossible view %+v: %s", v, fmt.Sprintf(format, args...))
	}
	if len(v.Board) != 9 || strings.Trim(v.Board, "XO.") != "" {
		return wrong("no board")
	}
	x, o := strings.Count(v.Board, "X"), strings.Count(v.Board, "O")
	if x+o != v.Ply || x-o != v.Ply%2 {
		return wrong("%d X and %d O at ply %d", x, o, v.Ply)
	}
	winner, line := lineOf(v.Board)
	if v.Phase == "waiting" {
		if v.Guest != nil || v.Ply != 0 || v.Turn != "" || v.Winner != "" || len(v.Line) > 0 || v.Ended != "" && v.Ended != "left" || v.Host.Wins+v.Draws > 0 {
			return wrong("waiting, and not cleared")
		}
		return v.Host.check(v.Phase)
	}
	if v.Guest == nil {
		return wrong("no guest")
	}
	if marks := v.Host.Mark + v.Guest.Mark; marks != "XO" && marks != "OX" {
		return wrong("marks %q", marks)
	}
	want := View{Phase: "playing", Turn: [...]string{"X", "O"}[v.Ply%2]}
	switch {
	case winner != "":
		want = View{Phase: "over", Ended: "line", Winner: winner, Line: line}
	case v.Ply == 9:
		want = View{Phase: "over", Ended: "draw"}
	case v.Phase == "over" && (v.Ended == "resign" || v.Ended == "clock") && (v.Winner == "X" || v.Winner == "O"):
		want = View{Phase: "over", Ended: v.Ended, Winner: v.Winner}
	}
	if v.RoundID != "" && v.Phase != "over" || (v.TurnMS != nil) != (v.TurnSeconds > 0 && v.Phase == "playing") {
		return wrong("round_id %q, turn_ms %v", v.RoundID, v.TurnMS)
	}
	if v.Phase != want.Phase || v.Turn != want.Turn || v.Ended != want.Ended || v.Winner != want.Winner || !slices.Equal(v.Line, want.Line) {
		return wrong("want %s, turn %q, ended %q, winner %q, line %v", want.Phase, want.Turn, want.Ended, want.Winner, want.Line)
	}
	if err := v.Host.check(v.Phase); err != nil {
		return err
	}
	return v.Guest.check(v.Phase)
}

func (p PlayerView) check(phase string) error {
	if p.Online != (p.BackInMS == nil) {
		return fmt.Errorf("%s: online %v, back_in_ms %v", p.Name, p.Online, p.BackInMS)
	}
	if p.Rematch && phase == "playing" {
		return fmt.Errorf("%s wants a rematch while %s", p.Name, phase)
	}
	return nil
}
