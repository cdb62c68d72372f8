// Package game holds the rules of tic-tac-toe: a board, what a legal play is,
// and when a board is won or full. It knows no players, no rooms and no time.
package game

import (
	"errors"
	"fmt"
	"slices"
)

// Cells is the number of cells of a board; they are numbered 0 to 8 from the
// top left, row by row.
const Cells = 9

// A Mark is what is written in a cell. The zero Mark is an empty cell.
type Mark byte

// The two marks. X always moves first.
const (
	None Mark = 0
	X    Mark = 'X'
	O    Mark = 'O'
)

// String is "X", "O", or empty for None: the form used on the wire.
func (m Mark) String() string {
	switch m {
	case X:
		return "X"
	case O:
		return "O"
	}
	return ""
}

// MarshalText makes a mark its String in JSON.
func (m Mark) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText is the reverse of MarshalText.
func (m *Mark) UnmarshalText(text []byte) error {
	switch string(text) {
	case "":
		*m = None
	case "X", "O":
		*m = Mark(text[0])
	default:
		return fmt.Errorf("game: %q is no mark", text)
	}
	return nil
}

// Other is the mark of the opponent. The other of None is None.
func (m Mark) Other() Mark {
	switch m {
	case X:
		return O
	case O:
		return X
	}
	return None
}

// A Board is nine cells. The zero Board is empty, and boards are values: they
// can be compared and copied.
type Board [Cells]Mark

// Errors of Play.
var (
	ErrOutOfRange = errors.New("game: the cell is not on the board")
	ErrTaken      = errors.New("game: the cell is taken")
)

// Play returns the board with m written in cell. The board itself is unchanged.
// It does not ask whose turn it is or whether the game is over: see Turn, Over.
func (b Board) Play(cell int, m Mark) (Board, error) {
	if cell < 0 || cell >= Cells {
		return b, ErrOutOfRange
	}
	if b[cell] != None {
		return b, ErrTaken
	}
	b[cell] = m
	return b, nil
}

// Ply is the number of marks on the board, 0 to 9.
func (b Board) Ply() int {
	n := 0
	for _, m := range b {
		if m != None {
			n++
		}
	}
	return n
}

// Turn is the mark that moves next on a board reached by legal play.
func (b Board) Turn() Mark {
	if b.Ply()%2 == 0 {
		return X
	}
	return O
}

// Full reports whether no cell is empty.
func (b Board) Full() bool { return b.Ply() == Cells }

// Over reports whether nobody may play any more.
func (b Board) Over() bool {
	winner, _ := b.Winner()
	return winner != None || b.Full()
}

var lines = [...][3]int{
	{0, 1, 2}, {3, 4, 5}, {6, 7, 8},
	{0, 3, 6}, {1, 4, 7}, {2, 5, 8},
	{0, 4, 8}, {2, 4, 6},
}

// Winner returns the mark that has a line, and the cells of its lines in
// ascending order: three, or five when the last move closed two lines at once.
// Without a winner it returns None and nil.
func (b Board) Winner() (Mark, []int) {
	winner := None
	var cells []int
	for _, l := range lines {
		m := b[l[0]]
		if m == None || m != b[l[1]] || m != b[l[2]] {
			continue
		}
		winner = m
		for _, c := range l {
			if !slices.Contains(cells, c) {
				cells = append(cells, c)
			}
		}
	}
	slices.Sort(cells)
	return winner, cells
}

// String is the board as nine characters, '.' for an empty cell: "XO.X.....".
func (b Board) String() string { return string(b.Append(nil)) }

// Append appends the nine characters of String to dst.
func (b Board) Append(dst []byte) []byte {
	for _, m := range b {
		if m == None {
			m = '.'
		}
		dst = append(dst, byte(m))
	}
	return dst
}
