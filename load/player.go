package load

import (
	"strconv"
	"time"

	"tictac/game"
	"tictac/socket"
)

// What a player has to say, as a set.
type words uint8

const (
	sayMove words = 1 << iota
	sayResign
	sayRematch
	sayPing
	sayLeave
)

// A player is one seat of a room, with the socket that it has at the moment.
// All of it is guarded by the room's mutex but what is atomic.
type player struct {
	room   *room
	seat   seat
	secret string
	alarm  *alarm

	line     *line // nil: not connected
	dialling bool
	ended    bool // it does not come back
	met      bool // was welcomed at some time
	tries    int  // to connect since the last welcome
	redial   int64

	// Of the line.
	welcomed bool
	looked   bool  // at a view
	dialled  int64 // when
	heard    int64 // from the server
	asked    int64 // since when an answer is due, or 0
	rev      int
	known    shown

	say   words // to be sent
	want  words // what the newest view does not show yet: sent again after a reconnect
	again int64 // when what was refused is to be said again, or 0
}

// A line is one connection of a player, as its socket.Handler. A player has no
// ear for a line that it has given up.
type line struct {
	p    *player
	sock socket.Conn
}

// Message implements socket.Handler.
func (l *line) Message(text []byte) {
	r := l.p.room
	r.mu.Lock()
	wake := l.p.line == l && l.p.hear(text)
	r.mu.Unlock()
	if wake {
		l.sock.Wake()
	}
}

// Output implements socket.Handler.
func (l *line) Output(dst []byte) []byte {
	r := l.p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.p.line != l {
		return dst
	}
	n := len(dst)
	dst = l.p.speak(dst)
	r.sent += int64(len(dst) - n)
	return dst
}

// Chatter implements socket.Handler.
func (*line) Chatter() {}

// Closed implements socket.Handler.
func (l *line) Closed(code int) {
	r := l.p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.p.line == l {
		l.p.hungUp(code)
	}
}

// mark is what this player writes in the round that is being played.
func (p *player) mark() game.Mark { return p.room.match.now.marks[p.seat] }

// speak appends what the player has to say as frames.
func (p *player) speak(dst []byte) []byte {
	var space [80]byte
	text := space[:0]
	r := &p.room.match.now
	if p.say&sayMove != 0 && r.n > 0 && r.boards[r.n-1].Turn() == p.mark() {
		dst = socket.AppendMasked(dst, appendMove(text, r.cells[r.n-1], r.no, r.n-1))
	}
	if p.say&sayResign != 0 {
		dst = socket.AppendMasked(dst, append(text, `{"type":"resign"}`...))
	}
	if p.say&sayRematch != 0 {
		dst = socket.AppendMasked(dst, append(text, `{"type":"rematch"}`...))
	}
	if p.say&sayPing != 0 {
		t := strconv.AppendInt(append(text, `{"type":"ping","t":`...), p.room.g.now()/1e6, 10)
		dst = socket.AppendMasked(dst, append(t, '}'))
	}
	if p.say&sayLeave != 0 {
		dst = socket.AppendMasked(dst, append(text, `{"type":"leave"}`...))
	}
	p.say = 0
	return dst
}

func appendMove(dst []byte, cell, round, ply int) []byte {
	dst = append(append(dst, `{"type":"move","cell":`...), byte('0'+cell))
	dst = strconv.AppendInt(append(dst, `,"round":`...), int64(round), 10)
	return append(append(append(dst, `,"ply":`...), byte('0'+ply)), '}')
}

// utter notes something to say, to which an answer is due.
func (p *player) utter(w words) {
	p.say |= w
	if p.asked == 0 {
		p.asked = p.room.g.now()
	}
}

// hear takes in a message and reports whether there is something to say.
func (p *player) hear(text []byte) (speak bool) {
	g, r := p.room.g, p.room
	p.heard, p.asked = g.now(), 0
	r.received += int64(len(text) + headerSize(len(text)))
	m := &r.heard
	if !m.read(text) {
		r.misshown("it cannot be read", p, text)
		return false
	}
	switch string(m.kind) {
	case "view":
		p.look(m, text)
	case "welcome":
		p.welcome(m)
	case "refused":
		p.refused(m)
	case "closed":
		p.toldGone(string(m.why))
	}
	return p.say != 0
}

// headerSize is how many bytes precede the payload of a server's frame.
func headerSize(payload int) int {
	if payload < 126 {
		return 2
	}
	return 4
}

func (p *player) welcome(m *message) {
	g := p.room.g
	if string(m.you) != p.seat.String() || p.welcomed {
		p.room.misshown("welcome as another", p, m.you)
		return
	}
	again := p.met
	p.welcomed, p.met, p.tries = true, true, 0
	g.unmet.Add(-1)
	g.connected.Add(1)
	took := p.heard - p.dialled
	g.book.note(func(b *book) {
		record(b.connect, took)
		if again {
			b.reconnects++
		}
	})
}

// look checks a view and plays on.
func (p *player) look(m *message, text []byte) {
	r := p.room
	switch {
	case m.phase == waiting && string(m.ended) == "left" && m.players[guest].mark == game.None:
		r.abandon("a seat was given away")
		return
	case m.rev < p.rev:
		r.misshown("the revision went back", p, text)
		return
	}
	v := r.match.see(m, p.known)
	if v.lost > 0 {
		r.lost(v.lost)
	}
	if v.wrong != "" {
		r.misshown(v.wrong, p, text)
		return
	}
	p.rev, p.known = m.rev, shown{m.round, m.ply}
	p.want = r.wanted(p, m)
	if !p.looked {
		p.looked = true
		p.sayWanted()
		r.arrived()
	}
	r.seen(p, m)
}

// sayWanted says again what may have been lost.
func (p *player) sayWanted() {
	p.again = 0
	if p.want == 0 {
		return
	}
	p.utter(p.want)
	p.room.g.book.note(func(b *book) { b.resent++ })
}

// refused takes a refusal. Two of them do not say no: the same is said again a
// little later. Of what was said twice, one may come too late.
func (p *player) refused(m *message) {
	g := p.room.g
	switch string(m.code) {
	case "unavailable", "too_fast":
		p.again = p.heard + jitter(sayAgain) + int64(sayAgain)
		p.alarm.by(p.again)
	case "not_over", "not_playing":
		if string(m.re) != "move" {
			return
		}
	}
	if string(m.code) == "too_fast" {
		g.limited("messages")
	}
	g.fail("refused: " + string(m.code))
}

// toldGone is the server's word that there is no room any more.
func (p *player) toldGone(why string) {
	r := p.room
	if r.g.ending.Load() {
		return
	}
	// Nobody takes a seat from a player who was away for so short a time.
	const short = 30 * time.Second
	if why == "not_found" && p.heard-r.lastHeard < int64(short) && !r.match.now.ended {
		lost := int64(r.match.now.shown)
		r.g.book.note(func(b *book) { b.lost += lost })
	}
	r.abandon("the room has closed: " + why)
}
