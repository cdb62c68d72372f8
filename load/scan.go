package load

import (
	"bytes"

	"tictac/game"
)

// A phase is the field of a view.
type phase byte

const (
	unknown phase = iota
	waiting
	playing
	over
)

// A seat is an index into what there is twice in a room.
type seat int

const (
	host seat = iota
	guest
)

func (s seat) other() seat    { return 1 - s }
func (s seat) String() string { return [...]string{"host", "guest"}[s] }

// A seated is what a view says of one player.
type seated struct {
	mark    game.Mark
	wins    int
	rematch bool
}

// A message is anything that a server sends, read without allocating: its byte
// slices lie in the text. Only what is checked or acted on is kept.
type message struct {
	kind []byte
	code []byte // of a refusal, or the room's in a view
	re   []byte // refused
	you  []byte // welcome
	why  []byte // closed: the reason

	rev        int
	phase      phase
	round, ply int
	board      game.Board
	turn       game.Mark
	winner     game.Mark
	line       uint16 // one bit for each cell
	ended      []byte
	players    [2]seated
	draws      int
	seen       field // the fields of a view that were there
}

// A field is a set of a view's fields.
type field uint16

const (
	hasRev field = 1 << iota
	hasPhase
	hasRound
	hasPly
	hasBoard
	hasTurn
	hasWinner
	hasLine
	hasEnded
	hasHost
	hasGuest
	hasDraws
	wholeView field = 1<<iota - 1
)

// read takes in a text and reports whether it is what the protocol promises: an
// object, a view with all its fields. Unknown fields are skipped.
func (m *message) read(text []byte) bool {
	*m = message{}
	s := scanner{text: text}
	for more := s.open('{'); more; more = s.more('}') {
		m.field(&s, s.key())
	}
	return !s.bad && s.end() && (string(m.kind) != "view" || m.seen == wholeView)
}

func (m *message) field(s *scanner, key []byte) {
	switch string(key) {
	case "type":
		m.kind = s.string()
	case "code":
		m.code = s.string()
	case "re":
		m.re = s.string()
	case "you":
		m.you = s.string()
	case "reason":
		m.why = s.string()
	case "rev":
		m.rev, m.seen = s.int(), m.seen|hasRev
	case "phase":
		m.phase, m.seen = s.phase(), m.seen|hasPhase
	case "round":
		m.round, m.seen = s.int(), m.seen|hasRound
	case "ply":
		m.ply, m.seen = s.int(), m.seen|hasPly
	case "board":
		m.board, m.seen = s.board(), m.seen|hasBoard
	case "turn":
		m.turn, m.seen = s.mark(), m.seen|hasTurn
	case "winner":
		m.winner, m.seen = s.mark(), m.seen|hasWinner
	case "line":
		m.line, m.seen = s.cells(), m.seen|hasLine
	case "ended":
		m.ended, m.seen = s.string(), m.seen|hasEnded
	case "host":
		m.players[host], m.seen = s.seated(), m.seen|hasHost
	case "guest":
		m.players[guest], m.seen = s.seated(), m.seen|hasGuest
	case "draws":
		m.draws, m.seen = s.int(), m.seen|hasDraws
	default:
		s.skip()
	}
}

// A scanner walks over JSON. At what it does not expect it turns bad and stays
// so; then what it returns means nothing.
type scanner struct {
	text []byte
	i    int
	bad  bool
}

// peek is the next byte that is no space, or 0 at the end.
func (s *scanner) peek() byte {
	for ; s.i < len(s.text); s.i++ {
		switch c := s.text[s.i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) expect(c byte) {
	if s.peek() != c {
		s.bad = true
		return
	}
	s.i++
}

func (s *scanner) end() bool { return s.peek() == 0 && s.i == len(s.text) }

// open enters an object or array, and reports whether there is anything in it.
func (s *scanner) open(bracket byte) bool {
	s.expect(bracket)
	if c := s.peek(); c == bracket+2 { // in ASCII, the closing one
		s.i++
		return false
	}
	return !s.bad
}

// more reports whether another element follows, or leaves the object or array.
func (s *scanner) more(closing byte) bool {
	c := s.peek()
	s.i++
	s.bad = s.bad || c != ',' && c != closing
	return c == ',' && !s.bad
}

func (s *scanner) key() []byte {
	k := s.string()
	s.expect(':')
	return k
}

// string is what lies between two quotes, escapes left as they are.
func (s *scanner) string() []byte {
	s.expect('"')
	from := s.i
	for ; s.i < len(s.text); s.i++ {
		switch s.text[s.i] {
		case '\\':
			s.i++
		case '"':
			s.i++
			return s.text[from : s.i-1]
		}
	}
	s.bad = true
	return nil
}

// int is a number that is not negative and not absurd.
func (s *scanner) int() (n int) {
	s.peek()
	from := s.i
	for ; s.i < len(s.text) && '0' <= s.text[s.i] && s.text[s.i] <= '9'; s.i++ {
		n = n*10 + int(s.text[s.i]-'0')
	}
	if s.i == from || s.i > from+15 {
		s.bad = true
	}
	return n
}

func (s *scanner) bool() bool {
	yes := s.peek() == 't'
	s.skip()
	return yes
}

func (s *scanner) phase() phase {
	switch string(s.string()) {
	case "waiting":
		return waiting
	case "playing":
		return playing
	case "over":
		return over
	}
	s.bad = true
	return unknown
}

func (s *scanner) mark() game.Mark {
	switch string(s.string()) {
	case "":
		return game.None
	case "X":
		return game.X
	case "O":
		return game.O
	}
	s.bad = true
	return game.None
}

func (s *scanner) board() (b game.Board) {
	text := s.string()
	if len(text) != len(b) {
		s.bad = true
		return b
	}
	for i, c := range text {
		switch c {
		case 'X', 'O':
			b[i] = game.Mark(c)
		case '.':
		default:
			s.bad = true
		}
	}
	return b
}

func (s *scanner) cells() (set uint16) {
	for more := s.open('['); more; more = s.more(']') {
		cell := s.int()
		if cell >= game.Cells || set&(1<<cell) != 0 {
			s.bad = true
			return 0
		}
		set |= 1 << cell
	}
	return set
}

// seated reads a player; null, when there is none, is the zero seated.
func (s *scanner) seated() (p seated) {
	if s.peek() == 'n' {
		s.skip()
		return p
	}
	for more := s.open('{'); more; more = s.more('}') {
		switch string(s.key()) {
		case "mark":
			p.mark = s.mark()
		case "wins":
			p.wins = s.int()
		case "rematch":
			p.rematch = s.bool()
		default:
			s.skip()
		}
	}
	return p
}

// skip passes over a value of any kind.
func (s *scanner) skip() {
	switch s.peek() {
	case '"':
		s.string()
	case '{':
		for more := s.open('{'); more; more = s.more('}') {
			s.key()
			s.skip()
		}
	case '[':
		for more := s.open('['); more; more = s.more(']') {
			s.skip()
		}
	default:
		from := s.i
		for s.i < len(s.text) && bytes.IndexByte([]byte(",]} \t\r\n"), s.text[s.i]) < 0 {
			s.i++
		}
		s.bad = s.bad || s.i == from
	}
}
