package game

import (
	"slices"
	"testing"
)

// TestPerfect plays every game there is against a perfect computer, whatever it
// rolls, as X and as O: none is lost.
func TestPerfect(t *testing.T) {
	for _, computer := range []Mark{X, O} {
		games := map[Mark]int{}
		var play func(b Board)
		play = func(b Board) {
			if b.Over() {
				winner, _ := b.Winner()
				games[winner]++
				return
			}
			cells := b.empty()
			if b.Turn() == computer {
				cells = nil
				for roll := range uint64(Cells) {
					cells = append(cells, Perfect.Choose(b, roll))
				}
				slices.Sort(cells)
				cells = slices.Compact(cells)
			}
			for _, cell := range cells {
				next, err := b.Play(cell, b.Turn())
				if err != nil {
					t.Fatalf("%s: the computer plays %d: %v", b, cell, err)
				}
				play(next)
			}
		}
		play(Board{})
		if games[computer.Other()] > 0 || games[computer] == 0 || games[None] == 0 {
			t.Errorf("as %s: %v", computer, games)
		}
	}
}

// TestLevels has every level play a hundred thousand games against somebody who
// plays anywhere: they differ, and easy can be beaten by a child.
func TestLevels(t *testing.T) {
	lost := map[Level]float64{}
	for _, level := range []Level{Easy, Medium, Perfect} {
		const games = 20_000
		n := 0
		for seed := range uint64(games) {
			if winnerAgainst(t, level, seed) == X {
				n++
			}
		}
		lost[level] = float64(n) / games
	}
	t.Logf("lost as O against random play: %v", lost)
	if lost[Perfect] > 0 || lost[Medium] < 0.02 || lost[Medium] > 0.2 || lost[Easy] < 0.4 {
		t.Errorf("lost as O against random play: %v", lost)
	}
}

func winnerAgainst(t *testing.T, level Level, seed uint64) Mark {
	var b Board
	roll := seed*2 + 1
	for !b.Over() {
		roll = roll*6364136223846793005 + 1442695040888963407 // Knuth's MMIX
		empty := b.empty()
		cell := empty[(roll>>33)%uint64(len(empty))]
		if b.Turn() == O {
			cell = level.Choose(b, roll>>33)
		}
		var err error
		if b, err = b.Play(cell, b.Turn()); err != nil {
			t.Fatal(err)
		}
	}
	winner, _ := b.Winner()
	return winner
}

func TestBest(t *testing.T) {
	for _, k := range []struct {
		board string
		is    Outcome
		best  []int
	}{
		{".........", Draws, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}},
		{"X........", Draws, []int{4}},
		{"XX.OO....", Wins, []int{2}},
		{"X...O...X", Draws, []int{1, 3, 5, 7}},
		{"X.X.O....", Draws, []int{1}},
		{"X.X.....O", Loses, []int{1, 3, 4, 5, 6, 7}}, // O is lost whatever it plays
		{"XXXOO....", Loses, nil},
		{"XOXXOOOXX", Draws, nil},
	} {
		var b Board
		for cell, c := range k.board {
			if c != '.' {
				b[cell] = Mark(c)
			}
		}
		if b.Outcome() != k.is || !slices.Equal(b.Best(), k.best) {
			t.Errorf("%s: %d by %v, want %d by %v", b, b.Outcome(), b.Best(), k.is, k.best)
		}
	}
}
