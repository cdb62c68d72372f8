package load

import (
	"context"
	"strconv"
	"time"

	"tictac/game"
	"tictac/socket"
)

// How the pages keep a connection: see web/ui/js/socket.js.
const (
	firstRetry   = 400 * time.Millisecond
	slowestRetry = 5 * time.Second
	pingAfter    = 3 * time.Second  // of silence, while somebody plays
	idlePing     = 20 * time.Second // when nobody does
	busyFor      = 2 * time.Minute  // after a move
	answerWithin = 5 * time.Second
	dialWithin   = 8 * time.Second // from dialling to welcome
	sayAgain     = time.Second     // what was refused without saying no; up to twice that
)

// Close codes that a player acts on: see docs/protocol.md.
const (
	closeTryLater = 1013
	closeGone     = 4000
	closeBadSeat  = 4001
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

// hungUp is the end of the line; mostly the player is back soon.
func (p *player) hungUp(code int) {
	g := p.room.g
	p.line, p.say = nil, 0
	p.room.lastHeard = max(p.room.lastHeard, p.heard)
	if p.welcomed {
		g.connected.Add(-1)
	} else {
		g.unmet.Add(-1)
	}
	p.welcomed, p.looked, p.asked, p.again, p.rev = false, false, 0, 0, 0
	switch {
	case g.ending.Load() || p.ended:
		return
	case code == closeGone, code == closeBadSeat, code == 1003, code == 1007, code == 1008, code == 1009:
		g.fail("closed with " + strconv.Itoa(code))
		p.room.abandon("")
		return
	case code != 1001 && code != 1012 && code != closeTryLater:
		g.fail("closed with " + strconv.Itoa(code))
	}
	p.retry(code)
}

// retry sets the time of the next try to connect.
func (p *player) retry(code int) {
	wait := backoff(p.tries, code)
	p.tries++
	p.redial = p.room.g.now() + int64(wait)
	p.alarm.by(p.redial)
}

// backoff is how long to wait before a connection: anything up to a step that
// grows, so that those whom one server dropped do not return as one.
func backoff(tries, code int) time.Duration {
	step := float64(firstRetry)
	for range min(tries, 20) {
		step = min(step*1.5, float64(slowestRetry))
	}
	if code == closeTryLater {
		return firstRetry + time.Duration(10*jitter(time.Duration(step)))
	}
	return time.Duration(jitter(time.Duration(step)))
}

// ring is the alarm: it does what is due and returns when to ring next, and
// whether the line is to be woken.
func (p *player) ring(ctx context.Context, now int64) (next int64, wake *line) {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case p.ended || p.dialling:
		return never, nil
	case p.line == nil && p.redial == 0:
		return never, nil
	case p.line == nil:
		return p.ringLost(ctx, now), nil
	case !p.welcomed && now-p.dialled > int64(dialWithin), p.asked != 0 && now-p.asked > int64(answerWithin):
		r.g.fail("no answer in time")
		p.drop()
		return p.redial, nil
	case p.again != 0 && now >= p.again:
		p.sayWanted()
		wake = p.line
	case p.pings() && now-p.heard >= p.pause():
		p.utter(sayPing)
		wake = p.line
	}
	return p.nextAlarm(now), wake
}

// ringLost dials if it is time and a dialler is free.
func (p *player) ringLost(ctx context.Context, now int64) (next int64) {
	if now < p.redial {
		return p.redial
	}
	if !p.room.g.dialLater(ctx, p) {
		return now
	}
	p.dialling = true
	return never
}

func (p *player) pings() bool { return p.welcomed && p.asked == 0 && p.room.g.cfg.Mode != Idle }

// pause is the silence after which the player asks whether the line is alive.
func (p *player) pause() int64 {
	r := p.room
	if !r.match.now.ended && r.g.now()-r.movedAt < int64(busyFor) {
		return int64(pingAfter)
	}
	return int64(idlePing)
}

// nextAlarm is the next time at which ring may have something to do.
func (p *player) nextAlarm(now int64) int64 {
	next := int64(never)
	if !p.welcomed {
		next = p.dialled + int64(dialWithin)
	}
	if p.asked != 0 {
		next = min(next, p.asked+int64(answerWithin))
	}
	if p.again != 0 {
		next = min(next, p.again)
	}
	if p.pings() {
		next = min(next, p.heard+p.pause())
	} else if p.room.g.cfg.Mode != Idle {
		next = min(next, now+int64(pingAfter))
	}
	return max(next, now+1)
}

// drop gives up the line without waiting for it to end.
func (p *player) drop() {
	l := p.line
	p.hungUp(socket.Lost)
	if l != nil {
		l.sock.Drop()
	}
}
