package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"tictac/socket"
)

// How many rooms are opened at once, and how many players connect again.
const (
	openers  = 32
	diallers = 64
)

// mostUnmet is how many players may be connected and not welcomed yet, before
// further ones have to wait: a server is not to be run over.
const mostUnmet = 512

// stalled is how long the players wait for others who do not come in.
const stalled = 10 * time.Second

// probe opens the first room and waits until both are there, so that a target
// that is none is found out at once.
func (g *generator) probe(ctx context.Context) error {
	g.opened = 1
	if err := g.rooms[0].open(ctx); err != nil {
		return err
	}
	if err := g.rooms[0].connect(ctx); err != nil {
		return err
	}
	until(dialWithin, func() bool { return g.complete.Load() > 0 || ctx.Err() != nil })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case g.complete.Load() == 0:
		return errors.New("it does not answer as a tictac server does")
	}
	return nil
}

// fill opens all rooms up to the n-th, and returns when everybody is in, or when
// that takes too long: then the rest come in while the others play.
func (g *generator) fill(ctx context.Context, n int) {
	next := make(chan pair, n)
	for ; g.opened < n; g.opened++ {
		next <- g.rooms[g.opened]
	}
	close(next)
	for range min(openers, n) {
		g.workers.Go(func() {
			for r := range next {
				g.openPatiently(ctx, r)
			}
		})
	}
	g.awaitRooms(ctx, n)
}

func (g *generator) awaitRooms(ctx context.Context, n int) {
	before, at := int64(0), time.Now()
	for end := at.Add(g.cfg.Connect); ctx.Err() == nil && time.Now().Before(end); {
		now := g.complete.Load()
		if int(now) >= n {
			return
		}
		if now > before {
			before, at = now, time.Now()
		}
		if time.Since(at) > stalled {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if ctx.Err() == nil {
		g.tell(fmt.Sprintf("only %d of %d rooms have both players: they begin without the others", g.complete.Load(), n))
	}
}

// openPatiently opens a room, however often that has to be tried.
func (g *generator) openPatiently(ctx context.Context, r pair) {
	for tries := 0; ctx.Err() == nil && !g.still.Load(); tries++ {
		for g.unmet.Load() > mostUnmet && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		err := r.open(ctx)
		if err == nil {
			err = r.connect(ctx)
			g.failUnless(ctx, "connecting: ", err)
			return
		}
		g.failUnless(ctx, "opening a room: ", err)
		wait(ctx, backoff(tries, closeTryLater))
	}
}

// failUnless counts an error, if there is one and it is not our own end.
func (g *generator) failUnless(ended context.Context, what string, err error) {
	if err != nil && ended.Err() == nil {
		g.fail(what + err.Error())
	}
}

// limited tells the user of the server's limits.
func (g *generator) limited(what string) {
	g.tell("the server limits " + what + " from one address: for a load test run it with --join-limit 0 --message-limit 0 --max-sockets-per-address 0")
}

// open creates the room and takes both seats.
func (r *room) open(ctx context.Context) error {
	created, err := r.g.post(ctx, "/api/games", "Ann")
	if err != nil {
		return err
	}
	joined, err := r.g.post(ctx, "/api/games/"+created.Code+"/join", "Bob")
	if err != nil {
		return err // the next try is in another room: this join may have taken the seat
	}
	r.mu.Lock()
	r.match = newMatch(created.Code)
	r.players[host].secret, r.players[guest].secret = created.Seat, joined.Seat
	r.players[host].dialling, r.players[guest].dialling = true, true
	r.mu.Unlock()
	return nil
}

// connect has both players connect. One who cannot at once comes in later, as
// after a connection that was lost.
func (r *room) connect(ctx context.Context) error {
	if err := r.g.connect(ctx, &r.players[host]); err != nil {
		r.players[guest].notConnected()
		return err
	}
	return r.g.connect(ctx, &r.players[guest])
}

// post asks for a seat until the server does not say that it was asked too often.
func (g *generator) post(ctx context.Context, path, name string) (ticket, error) {
	for {
		t, err := g.target.post(ctx, path, name)
		var no *refusal
		if !errors.As(err, &no) || no.status != http.StatusTooManyRequests {
			return t, err
		}
		g.limited("rooms")
		g.fail("too many requests")
		wait(ctx, max(no.retryAfter, time.Second)+time.Duration(jitter(time.Second)))
		if ctx.Err() != nil {
			return t, ctx.Err()
		}
	}
}

// dialLater has a player connect, unless all diallers are at work.
func (g *generator) dialLater(ctx context.Context, p *player) bool {
	select {
	case g.free <- struct{}{}:
	default:
		return false
	}
	g.workers.Go(func() {
		defer func() { <-g.free }()
		g.failUnless(ctx, "connecting: ", g.connect(ctx, p))
	})
	return true
}

// connect opens a player's line and says hello on it. After an error the player
// tries again by itself.
func (g *generator) connect(ctx context.Context, p *player) error {
	began := g.now()
	nc, early, err := g.target.dial(ctx, p.room.match.code)
	if err == nil {
		p.expectShown()
		if _, err = nc.Write(hello(p.secret)); err == nil {
			g.engine.Add(nc, early, func(c socket.Conn) socket.Handler { return p.connected(c, began) })
			return nil
		}
		_ = nc.Close()
	}
	var no *refusal
	if errors.As(err, &no) && no.code == "full" {
		g.limited("sockets")
	}
	p.notConnected()
	return err
}

func hello(secret string) []byte {
	return socket.AppendMasked(nil, []byte(`{"type":"hello","seat":`+strconv.Quote(secret)+`}`))
}

// expectShown has the player expect from its next line what was shown so far: it
// is in the answer to hello.
func (p *player) expectShown() {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.known = p.room.match.shown()
}

// connected gives a player a line.
func (p *player) connected(c socket.Conn, began int64) *line {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	l := &line{p, c}
	p.line, p.dialling = l, false
	p.say, p.asked = 0, 0 // the first view tells what is to be said
	p.dialled, p.heard = began, p.room.g.now()
	p.alarm.by(began + int64(dialWithin))
	p.room.g.unmet.Add(1)
	return l
}

func (p *player) notConnected() {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.dialling = false
	p.retry(socket.Lost)
}
