package load

import (
	"context"
	"strconv"
	"time"

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
