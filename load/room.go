package load

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"tictac/game"
)

// A room is two players and the game as it must be.
type room struct {
	g     *generator
	tally *tally

	mu        sync.Mutex
	match     match
	players   [2]player
	rand      *rand.Rand
	heard     message // reused
	complete  bool    // both have been here
	begun     bool    // they may play
	abandoned bool    // they do no more
	wrongs    int
	resignAt  int // the move in place of which somebody gives up, or -1
	lastHeard int64

	ready   *player // whose turn it is, who knows it, and who has not moved yet
	movedAt int64   // when the newest move was due, or made
	told    bool    // the opponent has seen the newest move
	pace    pace

	received, sent int64 // bytes
}

// mostWrongs is how many wrong boards make a room not worth playing in.
const mostWrongs = 3

func newRoom(g *generator, no int, tally *tally) *room {
	r := &room{g: g, tally: tally, told: true, rand: rand.New(rand.NewPCG(g.cfg.Seed, uint64(no)))}
	for s := range r.players {
		r.players[s] = player{room: r, seat: seat(s), alarm: &g.alarms[2*no+s]}
		r.players[s].alarm.set(never)
	}
	r.plan()
	return r
}

// plan decides how the next round goes: one of sixteen is given up.
func (r *room) plan() {
	r.resignAt = -1
	if r.rand.IntN(16) == 0 {
		r.resignAt = r.rand.IntN(game.Cells - 1)
	}
}

// begin lets the players move, if both are there.
func (r *room) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.complete && !r.begun {
		r.beginLocked()
	}
}

// arrived counts the room when both have seen a view for the first time.
func (r *room) arrived() {
	if r.complete || !r.players[host].looked || !r.players[guest].looked {
		return
	}
	r.complete = true
	r.g.complete.Add(1)
	if r.g.playing.Load() {
		r.beginLocked()
	}
}

// beginLocked lets the players move; whoever knew of its turn does.
func (r *room) beginLocked() {
	r.begun = true
	if p := r.ready; p != nil {
		r.turn(p)
		p.line.wake()
	}
}

// wanted is what a player said that a view does not show.
func (r *room) wanted(p *player, v *message) words {
	now := &r.match.now
	switch {
	case v.round != now.no:
		return 0
	case v.phase == over && now.asked[p.seat] && !v.players[p.seat].rematch:
		return sayRematch
	case v.phase == playing && now.resigned == p.mark():
		return sayResign
	case v.phase == playing && v.ply == now.n-1 && v.turn == p.mark():
		return sayMove
	}
	return 0
}

// seen acts on a correct view: it may tell a move, call for one, or end a round.
func (r *room) seen(p *player, v *message) {
	now := &r.match.now
	if v.round != now.no {
		return
	}
	if !r.told && v.ply == now.n && p.mark() == now.boards[now.n].Turn() {
		r.told = true
		r.tally.add(p.heard - r.movedAt)
	}
	switch {
	case v.phase == over && !now.asked[p.seat]:
		r.ended(p)
	case v.phase == playing && v.ply == now.n && v.turn == p.mark() && now.resigned == game.None:
		r.ready = p
		r.turn(p)
	}
}

// turn has a player move or give up, as soon as it may.
func (r *room) turn(p *player) {
	switch {
	case !r.begun || r.g.still.Load():
	case r.match.now.n == r.resignAt:
		r.ready = nil
		r.match.now.resigned = p.mark()
		p.propose(sayResign)
	case !r.g.cfg.paced():
		r.move(r.g.now())
	default:
		if at, owed := r.pace.take(); owed {
			r.move(at)
		}
	}
}

// move makes a move at random, which was due at some time, and returns the line
// that is to be woken.
func (r *room) move(due int64) *line {
	p := r.ready
	r.ready, r.movedAt, r.told = nil, due, false
	r.match.now.play(r.pick())
	p.propose(sayMove)
	return p.line
}

// propose says something for the first time.
func (p *player) propose(w words) {
	p.want |= w
	p.utter(w)
}

// pick is an empty cell.
func (r *room) pick() int {
	b := &r.match.now.boards[r.match.now.n]
	k := r.rand.IntN(game.Cells - r.match.now.n)
	for cell, m := range b {
		if m == game.None {
			if k == 0 {
				return cell
			}
			k--
		}
	}
	panic("load: a move on a full board")
}

// ended has a player ask for another round; the first to see the end counts it.
func (r *room) ended(p *player) {
	now := &r.match.now
	if !now.asked[p.seat.other()] && !now.asked[p.seat] {
		r.g.book.note(func(b *book) { b.count(now) })
	}
	if r.g.still.Load() {
		return
	}
	now.asked[p.seat] = true
	if now.asked[p.seat.other()] {
		r.plan()
	}
	p.propose(sayRematch)
}

// count notes how a round ended.
func (b *book) count(r *round) {
	switch {
	case r.resigned != game.None:
		b.endings.Resigned++
	case r.winner == game.X:
		b.endings.X++
	case r.winner == game.O:
		b.endings.O++
	default:
		b.endings.Draws++
	}
}

// due is the pacer: a move is to be made now, or as soon as it can be.
func (r *room) due(at int64) {
	r.mu.Lock()
	var wake *line
	if r.begun && !r.abandoned {
		r.pace.owe(at)
		if r.ready != nil && !r.g.still.Load() {
			at, _ := r.pace.take()
			wake = r.move(at)
		}
	}
	r.mu.Unlock()
	wake.wake()
}

func (l *line) wake() {
	if l != nil {
		l.sock.Wake()
	}
}

// lost counts lost moves, which nobody is to miss a second time.
func (r *room) lost(n int) {
	r.g.book.note(func(b *book) { b.lost += int64(n) })
	for s := range r.players {
		if p := &r.players[s]; p.known.after(r.match.shown()) {
			p.known = r.match.shown()
		}
	}
}

// misshown counts a wrong board.
func (r *room) misshown(what string, p *player, text []byte) {
	r.g.book.wrongBoard(fmt.Sprintf("%s, seen by %s: %s", what, p.seat, text))
	if r.wrongs++; r.wrongs >= mostWrongs {
		r.abandon("")
	}
}

// abandon ends the play in this room.
func (r *room) abandon(why string) {
	if r.abandoned {
		return
	}
	if why != "" {
		r.g.fail(why)
	}
	r.abandoned, r.ready = true, nil
	for s := range r.players {
		p := &r.players[s]
		p.ended = true
		if p.line != nil {
			p.drop()
		}
	}
}

// leave gives the room up, for both, at the end.
func (r *room) leave() {
	r.mu.Lock()
	p := &r.players[host]
	l := p.line
	p.ended, r.players[guest].ended = true, true
	p.say = sayLeave
	r.mu.Unlock()
	l.wake()
}

// hangUp ends both lines at once.
func (r *room) hangUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.players {
		if l := r.players[s].line; l != nil {
			l.sock.Drop()
		}
	}
}

// quiet reports whether no move is on its way.
func (r *room) quiet() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.told || r.abandoned || r.match.now.ended
}

// traffic is how many bytes were received and sent.
func (r *room) traffic() (received, sent int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.received, r.sent
}
