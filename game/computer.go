package game

// A Level is how well the computer plays. The zero Level is no computer.
type Level string

// The levels. Perfect never loses. Medium takes a win, and prevents a loss, that
// is one move away, and otherwise plays anywhere. Easy plays anywhere.
const (
	Easy    Level = "easy"
	Medium  Level = "medium"
	Perfect Level = "perfect"
)

// Known reports whether there is such a level.
func (l Level) Known() bool { return l == Easy || l == Medium || l == Perfect }

// Choose is the cell that a computer of this level plays on a board that is not
// over. roll is a random number: it decides among cells that are as good to it.
func (l Level) Choose(b Board, roll uint64) int {
	cells := b.empty()
	switch l {
	case Perfect:
		cells = b.Best()
	case Medium:
		if urgent := b.urgent(); urgent != nil {
			cells = urgent
		}
	}
	return cells[roll%uint64(len(cells))]
}

// An Outcome is how a board ends if both play as well as can be, for whoever is
// to move.
type Outcome int8

// The outcomes: a larger one is better.
const (
	Loses Outcome = iota - 1
	Draws
	Wins
)

// Outcome is what perfect play makes of a board reached by legal play.
func (b Board) Outcome() Outcome { return outcomes[b.index()] }

// Best is the cells that keep the board's Outcome, ascending; none on a board
// that is over.
func (b Board) Best() (cells []int) {
	if b.Over() {
		return nil
	}
	for _, cell := range b.empty() {
		if next, _ := b.Play(cell, b.Turn()); -next.Outcome() == b.Outcome() {
			cells = append(cells, cell)
		}
	}
	return cells
}

func (b Board) empty() (cells []int) {
	for cell, m := range b {
		if m == None {
			cells = append(cells, cell)
		}
	}
	return cells
}

// urgent is the cells that win at once, or else those on which the opponent
// would.
func (b Board) urgent() []int {
	for _, m := range [...]Mark{b.Turn(), b.Turn().Other()} {
		var cells []int
		for _, cell := range b.empty() {
			next, _ := b.Play(cell, m)
			if winner, _ := next.Winner(); winner == m {
				cells = append(cells, cell)
			}
		}
		if cells != nil {
			return cells
		}
	}
	return nil
}

// outcomes holds the Outcome of every board there is, by its index: worked out
// once, at the start, in about a millisecond.
var outcomes = func() *[19683]Outcome { // 3 to the power of Cells
	var all [19683]Outcome
	var seen [19683]bool
	var solve func(b Board) Outcome
	solve = func(b Board) Outcome {
		i := b.index()
		if seen[i] {
			return all[i]
		}
		best := Loses
		if winner, _ := b.Winner(); winner == None {
			for cell, m := range b {
				if m == None {
					next, _ := b.Play(cell, b.Turn())
					best = max(best, -solve(next))
				}
			}
			if b.Full() {
				best = Draws
			}
		}
		all[i], seen[i] = best, true
		return best
	}
	solve(Board{})
	return &all
}()

// index is the board as a number to the base of 3.
func (b Board) index() (i int) {
	for _, m := range b {
		i *= 3
		switch m {
		case X:
			i++
		case O:
			i += 2
		}
	}
	return i
}
