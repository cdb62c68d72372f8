package client

import (
	"fmt"
	"maps"
	"sync"
)

// A Game is what must be true of a room, gathered from all who play and watch
// it: what one was shown, no other may be shown differently, and it never goes
// back. Rounds of the same two players only.
type Game struct {
	mu     sync.Mutex
	byRev  map[int64]View
	newest View
	acked  map[int]map[int]int // round, ply: the cell of a move whose mover saw it
	over   map[int]View        // round: how it ended
}

// NewGame is a room of which nothing is known yet.
func NewGame() *Game {
	return &Game{byRev: map[int64]View{}, acked: map[int]map[int]int{}, over: map[int]View{}}
}

// Fork is a game of which the same is known up to now. What a copy of a store
// goes on with is another room: it may give a revision to something else.
func (g *Game) Fork() *Game {
	g.mu.Lock()
	defer g.mu.Unlock()
	fork := &Game{byRev: maps.Clone(g.byRev), newest: g.newest, acked: map[int]map[int]int{}, over: maps.Clone(g.over)}
	for round, moves := range g.acked {
		fork.acked[round] = maps.Clone(moves)
	}
	return fork
}

// Saw checks a view against all that is known.
func (g *Game) Saw(v View) error {
	if err := v.check(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if old, ok := g.byRev[v.Rev]; ok && !same(old, v) {
		return fmt.Errorf("two rooms under one revision: %+v and %+v", old, v)
	}
	g.byRev[v.Rev] = v
	older, newer := v, g.newest
	if v.Rev > g.newest.Rev {
		older, newer, g.newest = g.newest, v, v
	}
	if err := follows(older, newer); err != nil {
		return err
	}
	for ply, cell := range g.acked[v.Round] {
		if v.Ply > ply && v.Phase != "waiting" && v.Board[cell] != "XO"[ply%2] {
			return fmt.Errorf("the acknowledged move %d (cell %d) is not in %+v", ply, cell, v)
		}
	}
	if v.Phase == "over" {
		g.over[v.Round] = v
	}
	return nil
}

// Acknowledged notes a move that its mover has seen in a view.
func (g *Game) Acknowledged(round, ply, cell int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.acked[round] == nil {
		g.acked[round] = map[int]int{}
	}
	g.acked[round][ply] = cell
}

// Acked is the cells of a round's acknowledged moves by ply.
func (g *Game) Acked(round int) map[int]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.acked[round])
}

// Over is how the rounds ended that did.
func (g *Game) Over() map[int]View {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.over)
}

func same(a, b View) bool {
	if a.Phase != b.Phase || a.Round != b.Round || a.Board != b.Board || a.Host.Wins != b.Host.Wins || a.Draws != b.Draws {
		return false
	}
	return a.Of("guest").Wins == b.Of("guest").Wins && a.Host.Online == b.Host.Online && a.Of("guest").Online == b.Of("guest").Online
}

// follows reports what of the older view the newer one has lost.
func follows(older, newer View) error {
	wrong := func(what string) error { return fmt.Errorf("%s: after %+v came %+v", what, older, newer) }
	switch {
	case older.Rev == 0 || older.Rev == newer.Rev:
		return nil
	case newer.Round < older.Round:
		return wrong("the round went back")
	case newer.Guest == nil || older.Guest == nil:
		return nil
	case newer.Round > older.Round:
		if (newer.Round-older.Round)%2 == 1 && newer.Host.Mark == older.Host.Mark {
			return wrong("marks did not change sides")
		}
		if newer.score() < older.score() {
			return wrong("the score went back")
		}
		return nil
	case newer.Ply < older.Ply:
		return wrong("moves were lost")
	case older.Phase == "over" && (newer.Phase != "over" || newer.Board != older.Board || newer.Winner != older.Winner || newer.score() != older.score()):
		return wrong("a finished round changed")
	case older.Phase == "playing" && newer.Phase == "over" && newer.score() != older.score()+1:
		return wrong("the score did not grow by one")
	}
	for i := range older.Board {
		if older.Board[i] != '.' && newer.Board[i] != older.Board[i] {
			return wrong("a cell changed")
		}
	}
	return nil
}

func (v View) score() int { return v.Host.Wins + v.Of("guest").Wins + v.Draws }
