package card

import (
	"image/png"
	"io"
	"strconv"

	"tictac/game"
)

// What lies where: the board on the left, as high as the sheet but for its
// margin, and on the right from top to bottom the sign of the site, how the
// game stands, and the players.
const (
	margin = (Height - board) / 2
	board  = 24 * unit
	cell   = board / 3
	left   = margin + board + 3*unit // of what stands beside the board
	right  = Width - margin
	column = right - left
	row    = 4 * unit // the height of a player's
)

// Draw writes the picture of a card, a PNG of Width by Height.
func Draw(w io.Writer, c Card) error {
	s := sheets.Get().(*sheet)
	defer sheets.Put(s)
	s.picture(c)
	// The best compression takes three times as long for a third less.
	encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: s}
	return encoder.Encode(w, s.img)
}

func (s *sheet) picture(c Card) {
	s.clear()
	if c.Stand == Nothing {
		c.Board = example
	}
	c.Host.Name, c.Guest.Name = s.writable(c.Host.Name), s.writable(c.Guest.Name)
	s.board(c)
	s.sign()
	if c.Stand == Nothing {
		s.stand(c, margin+board)
	} else {
		s.stand(c, margin+board-2*row)
		s.player(c, game.X, margin+board-2*row)
		s.player(c, game.O, margin+board-row)
	}
}

// example is the game on the start page, a draw, after its sixth move.
var example = game.Board{0: game.O, 2: game.X, 3: game.X, 4: game.X, 5: game.O, 6: game.O}

// board draws the board with its marks. Those that are not in the winning line
// fade.
func (s *sheet) board(c Card) {
	at := point{margin, margin}
	for _, l := range boardStrokes {
		s.draw(stroke, l, at, board/300., 2.6)
	}
	winner, won := c.Board.Winner()
	inLine := [game.Cells]bool{}
	for _, i := range won {
		inLine[i] = true
	}
	for i, m := range c.Board {
		if m != game.None {
			s.mark(inkOf(m, won != nil && !inLine[i]), m, hands[i], margin+i%3*cell, margin+i/3*cell, cell, 6.6)
		}
	}
	for _, l := range ways {
		if inLine[l[0]] && inLine[l[1]] && inLine[l[2]] {
			s.draw(inkOf(winner, false), across(l[0], l[2]), at, board/300., 5)
		}
	}
}

// mark draws a mark into a square of a size in pixels.
func (s *sheet) mark(with ink, m game.Mark, hand, x, y, size int, width float64) {
	for _, l := range markStrokes(m, hand) {
		s.draw(with, l, point{float64(x), float64(y)}, float64(size)/100, width)
	}
}

func inkOf(m game.Mark, pale bool) ink {
	switch {
	case m == game.X && pale:
		return paleX
	case m == game.X:
		return inkX
	case m == game.O && pale:
		return paleO
	case m == game.O:
		return inkO
	}
	return pencil
}

// sign is what stands at the top of every page.
func (s *sheet) sign() {
	const size = 2*unit + unit/2
	s.mark(inkX, game.X, 0, left-10, margin-5, size, 13)
	s.mark(inkO, game.O, 0, left-10+size-6, margin-5, size, 13)
	s.write(faint, face{bold, 32}, "Tic-tac-toe", left+2*size, margin+31)
}

// stand writes how the game stands into the room between the sign and bottom.
func (s *sheet) stand(c Card, bottom int) {
	const gap = unit / 2 // between sentence and note
	with := pencil
	switch {
	case c.Stand == Playing:
		with = inkOf(c.Board.Turn(), false)
	case c.Stand == Over:
		with = inkOf(c.Winner, false)
	}
	top := margin + 3*unit
	room := bottom - top - unit
	var small face
	var note []string
	if text := c.note(); text != "" {
		small, note = s.fit(bold, []int{36, 32}, text, column, room/3)
		room -= len(note)*small.lineHeight() + gap
	}
	large, lines := s.fit(bold, []int{96, 88, 80, 72, 64, 56, 48, 40}, c.Sentence(), column, room)
	y := top + (room-len(lines)*large.lineHeight())/2
	for _, l := range lines {
		y += large.lineHeight()
		s.write(with, large, l, left, y-large.size/4)
	}
	y += gap
	for _, l := range note {
		y += small.lineHeight()
		s.write(faint, small, l, left, y-small.size/4)
	}
}

// player writes who plays a mark, and how many rounds they have won.
func (s *sheet) player(c Card, m game.Mark, top int) {
	size := row * 3 / 4
	s.mark(inkOf(m, false), m, 0, left-size/5, top+row/8, size, 12)
	name, f, with := c.name(m), face{bold, 44}, inkOf(m, false)
	if c.Stand == Invites && m != c.HostMark {
		name, f, with = "you", face{bold, 44}, faint
	}
	room, base := column-size, top+row*2/3
	if c.Host.Wins+c.Guest.Wins > 0 {
		wins := strconv.Itoa(c.player(m).Wins)
		w := s.width(face{bold, 52}, wins).Ceil()
		s.write(inkOf(m, false), face{bold, 52}, wins, right-w, base+3)
		room -= w + unit
	}
	for f.size > 30 && s.width(f, name).Ceil() > room {
		f.size -= 2
	}
	s.write(with, f, s.elide(f, name, room), left+size-unit/2, base)
	under := line{{left, float64(top + row - 2)}, {right, float64(top + row - 2)}}
	if c.Stand == Playing && c.Board.Turn() == m {
		s.draw(with, under, point{}, 1, 6)
	} else {
		s.draw(faint, under, point{}, 1, 1)
	}
}
