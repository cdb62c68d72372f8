// Package card draws what a link to a game looks like where it is pasted: the
// board, who plays, and how the game stands, as a PNG for link previews. It is
// pure: equal cards make equal pictures.
package card

import "tictac/game"

// A Player is one of the two who play.
type Player struct {
	Name     string // any text; empty: not known any more
	Wins     int
	Computer game.Level // what plays here, if no person
}

// A Stand is how far a game has come. The zero Stand is no game at all.
type Stand uint8

// The stands.
const (
	Nothing Stand = iota // the picture of the site itself
	Invites              // the host waits for somebody to play with
	Playing
	Over
)

// An Ending is why a game is over, if the board does not tell.
type Ending string

// The endings that a picture tells.
const (
	ByResign Ending = "resign"
	ByLeft   Ending = "left"
	ByClock  Ending = "clock"
	CutOff   Ending = "expired"
)

// A Card is what a picture shows. It is a value: cards can be compared and be
// keys of a map.
type Card struct {
	Stand       Stand
	Host, Guest Player
	HostMark    game.Mark
	Board       game.Board

	// While Over.
	Ended  Ending
	Winner game.Mark // None: nobody
	By     game.Mark // who resigned, left or was too slow
}

// player is who plays a mark.
func (c Card) player(m game.Mark) Player {
	if m == c.HostMark {
		return c.Host
	}
	return c.Guest
}
