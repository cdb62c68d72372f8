package game

import (
	"errors"
	"slices"
	"testing"
)

// census plays every game there is and counts how they end.
type census struct {
	games, x, o, draws int
	positions          map[Board]bool
}

func (c *census) explore(t *testing.T, b Board) {
	c.positions[b] = true
	if winner, line := b.Winner(); winner != None || b.Full() {
		c.games++
		switch winner {
		case X:
			c.x++
		case O:
			c.o++
		default:
			c.draws++
		}
		if winner != None && len(line) != 3 && len(line) != 5 {
			t.Fatalf("%v: a winning line of %d cells", b, len(line))
		}
		return
	}
	turn := b.Turn()
	for cell := range Cells {
		next, err := b.Play(cell, turn)
		if b[cell] != None {
			if !errors.Is(err, ErrTaken) || next != b {
				t.Fatalf("%v: cell %d is taken, Play gave %v, %v", b, cell, next, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%v: Play(%d) = %v", b, cell, err)
		}
		c.explore(t, next)
	}
}

// The totals are the well-known ones of the game's tree; see e.g. Henry
// Bottomley, "How many Tic-Tac-Toe games are possible?".
func TestEveryGame(t *testing.T) {
	c := census{positions: map[Board]bool{}}
	c.explore(t, Board{})
	for _, k := range []struct {
		what      string
		got, want int
	}{
		{"games", c.games, 255168},
		{"won by X", c.x, 131184},
		{"won by O", c.o, 77904},
		{"drawn", c.draws, 46080},
		{"positions", len(c.positions), 5478},
	} {
		if k.got != k.want {
			t.Errorf("%s: %d, want %d", k.what, k.got, k.want)
		}
	}
}

func parse(s string) (b Board) {
	for i, r := range []byte(s) {
		if r != '.' {
			b[i] = Mark(r)
		}
	}
	return b
}

func TestWinner(t *testing.T) {
	for _, k := range []struct {
		board  string
		winner Mark
		line   []int
	}{
		{".........", None, nil},
		{"XXXOO....", X, []int{0, 1, 2}},
		{"XX.OOOX..", O, []int{3, 4, 5}},
		{"XOO.XO..X", X, []int{0, 4, 8}},
		{"XXOXOXO..", O, []int{2, 4, 6}},
		{"XOXOXOOXO", None, nil},
		{"XXXXOOXOO", X, []int{0, 1, 2, 3, 6}},
		{"XOXOXOXOX", X, []int{0, 2, 4, 6, 8}},
	} {
		winner, line := parse(k.board).Winner()
		if winner != k.winner || !slices.Equal(line, k.line) {
			t.Errorf("%s: winner %q line %v, want %q %v", k.board, winner, line, k.winner, k.line)
		}
		if got := parse(k.board).String(); got != k.board {
			t.Errorf("String() = %q, want %q", got, k.board)
		}
	}
}

func TestPlayOffTheBoard(t *testing.T) {
	for _, cell := range []int{-1, 9, 99} {
		if next, err := (Board{}).Play(cell, X); !errors.Is(err, ErrOutOfRange) || next != (Board{}) {
			t.Errorf("Play(%d) = %v, %v", cell, next, err)
		}
	}
}

func TestMark(t *testing.T) {
	if X.Other() != O || O.Other() != X || None.Other() != None {
		t.Error("Other is wrong")
	}
	if X.String() != "X" || O.String() != "O" || None.String() != "" {
		t.Error("String is wrong")
	}
}

func TestMarkText(t *testing.T) {
	for _, m := range []Mark{None, X, O} {
		text, _ := m.MarshalText()
		var back Mark
		if err := back.UnmarshalText(text); err != nil || back != m {
			t.Errorf("%q came back as %q, %v", m, back, err)
		}
	}
	if err := new(Mark).UnmarshalText([]byte("Z")); err == nil {
		t.Error("Z was taken for a mark")
	}
}
