package card

import (
	"fmt"
	"strings"
	"unicode"

	"tictac/game"
)

// Title is the card in one line of text, for the title of a preview.
func (c Card) Title() string {
	host, guest := isolate(c.name(c.HostMark)), isolate(c.name(c.HostMark.Other()))
	switch {
	case c.Stand == Nothing:
		return "Tic-tac-toe for two"
	case c.Stand == Invites:
		return c.Sentence()
	case c.Stand == Over && c.Winner != game.None:
		return fmt.Sprintf("%s won against %s", isolate(c.name(c.Winner)), isolate(c.name(c.Winner.Other())))
	case c.Stand == Over && c.Ended == "":
		return fmt.Sprintf("A draw between %s and %s", host, guest)
	case c.Stand == Over:
		return fmt.Sprintf("%s against %s", host, guest)
	case c.Host.Wins+c.Guest.Wins > 0:
		return fmt.Sprintf("%s %d : %d %s — %s to move", host, c.Host.Wins, c.Guest.Wins, guest, c.Board.Turn())
	}
	return fmt.Sprintf("%s against %s — %s to move", host, guest, c.Board.Turn())
}

// Sentence is how the game stands, as it is written in the picture.
func (c Card) Sentence() string {
	switch {
	case c.Stand == Nothing:
		return "Tic-tac-toe for two"
	case c.Stand == Invites && c.Host.Name == "":
		return "You are invited to tic-tac-toe"
	case c.Stand == Invites:
		return isolate(c.Host.Name) + " invites you to tic-tac-toe"
	case c.Stand == Playing:
		return isolate(c.name(c.Board.Turn())) + "’s turn"
	case c.Winner != game.None:
		return isolate(c.name(c.Winner)) + " won"
	case c.Ended == ByLeft:
		return isolate(c.name(c.By)) + " left the game"
	case c.Ended == CutOff:
		return "Nobody finished this game"
	}
	return "A draw"
}

// note is what there is to say besides, mostly nothing.
func (c Card) note() string {
	switch {
	case c.Stand == Nothing:
		return "Start a game, send the link, play at once."
	case c.Stand != Over || c.By == game.None:
	case c.Ended == ByResign:
		return c.name(c.By) + " resigned."
	case c.Ended == ByClock:
		return c.name(c.By) + " ran out of time."
	}
	return ""
}

// Alt is the picture in words, for those who do not see it.
func (c Card) Alt() string {
	var b strings.Builder
	b.WriteString("A tic-tac-toe board, row by row:")
	for i, m := range c.Board {
		if i > 0 && i%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(' ')
		if m == game.None {
			b.WriteString("–")
		} else {
			b.WriteString(m.String())
		}
	}
	return b.String() + ". " + c.Sentence() + "."
}

// name is what the player of a mark is called.
func (c Card) name(m game.Mark) string {
	p := c.player(m)
	switch {
	case p.Computer != "":
		return "Computer (" + string(p.Computer) + ")"
	case p.Name == "":
		return "Player " + m.String()
	}
	return p.Name
}

// isolate keeps a name that is written from the right from disturbing the words
// around it.
func isolate(name string) string {
	if !strings.ContainsFunc(name, fromRight) {
		return name
	}
	return "\u2068" + name + "\u2069"
}

func fromRight(r rune) bool {
	return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam,
		unicode.Samaritan, unicode.Mandaic, unicode.Hanifi_Rohingya)
}
