package client

import (
	"context"
	"fmt"
	"time"
)

// Await waits until the newest view is as wanted. A nil want waits for any.
func (p *Player) Await(ctx context.Context, want func(View) bool) (View, error) {
	return p.await(ctx, func() bool { return p.view.Rev > 0 && (want == nil || want(p.view)) })
}

// await waits until ready, which is called with p.mu held.
func (p *Player) await(ctx context.Context, ready func() bool) (View, error) {
	for {
		p.mu.Lock()
		ok, view, err, news := ready(), p.view, p.err, p.news
		p.mu.Unlock()
		if ok {
			return view, nil
		}
		if err != nil {
			return view, err
		}
		select {
		case <-news:
		case <-ctx.Done():
			return view, fmt.Errorf("%s of %s waited in vain: %w; newest view %+v", p.Seat.You, p.Seat.Code, ctx.Err(), view)
		}
	}
}

// AwaitGone waits until the room has closed for this player.
func (p *Player) AwaitGone(ctx context.Context) (reason string, err error) {
	_, err = p.await(ctx, func() bool { return p.err == ErrGone })
	return p.Gone(), err
}

// AwaitLost waits until there is no connection.
func (p *Player) AwaitLost(ctx context.Context) error {
	_, err := p.await(ctx, func() bool { return p.sock == nil })
	return err
}

// MyTurn reports whether this player may move in v.
func (p *Player) MyTurn(v View) bool {
	return v.Phase == "playing" && v.Turn == v.Of(p.Seat.You).Mark
}

// Move makes a move in the newest view and waits until a view acknowledges it,
// however often the connection breaks meanwhile. What is refused as
// unavailable or too fast is sent again.
func (p *Player) Move(ctx context.Context, cell int) error {
	var m pending
	p.change(func() {
		m = pending{p.view.Round, p.view.Ply, cell}
		p.pending, p.refused = &m, nil
	})
	p.sendIfOpen(m.message())
	for {
		_, err := p.await(ctx, func() bool { return p.pending == nil || p.refused != nil })
		if err != nil {
			return err
		}
		var refused *Message
		acked := false
		p.change(func() { refused, p.refused, acked = p.refused, nil, p.pending == nil })
		switch {
		case acked:
			return nil
		case refused.Code == "unavailable" || refused.Code == "too_fast":
			time.Sleep(100 * time.Millisecond)
			p.sendIfOpen(m.message())
		default:
			p.change(func() { p.pending = nil })
			return fmt.Errorf("move %+v was refused: %s", m, refused.Code)
		}
	}
}

// Try sends a move and does not wait.
func (p *Player) Try(cell int) {
	var m pending
	p.change(func() {
		m = pending{p.view.Round, p.view.Ply, cell}
		p.pending, p.refused = &m, nil
	})
	p.sendIfOpen(m.message())
}

// Say sends any message on the socket that is open, and reports whether one was.
func (p *Player) Say(message any) bool { return p.sendIfOpen(message) }

// Command sends a command without fields until a view is as wanted.
func (p *Player) Command(ctx context.Context, kind string, want func(View) bool) (View, error) {
	for {
		p.sendIfOpen(map[string]string{"type": kind})
		soon, cancel := context.WithTimeout(ctx, time.Second)
		v, err := p.Await(soon, want)
		cancel()
		if err == nil || ctx.Err() != nil || p.Err() != nil {
			return v, err
		}
	}
}

// Refused waits for a refusal and returns its code.
func (p *Player) Refused(ctx context.Context) (code string, err error) {
	_, err = p.await(ctx, func() bool {
		if p.refused == nil {
			return false
		}
		code, p.refused = p.refused.Code, nil
		return true
	})
	return code, err
}

func (p *Player) sendIfOpen(message any) bool {
	p.mu.Lock()
	sock, open := p.sock, p.welcomed
	p.mu.Unlock()
	return sock != nil && open && sock.Send(message) == nil
}
