package web

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"tictac/card"
	"tictac/game"
	"tictac/room"
)

// A picture takes 2 ms of a core. So that no move waits for pictures, one is
// drawn at a time, and only so many a second.
const (
	drawnPerSecond = 10 // in all
	drawnBurst     = 20
	cardsPerSecond = 2 // for an address
	cardsBurst     = 30
	drawPatience   = time.Second
	keptPictures   = 2 << 20 // bytes
)

// How long others may keep a picture. A round that is over changes only if one of
// its players is forgotten.
const (
	cacheGameCard   = "public, max-age=60"
	cacheReplayCard = "public, max-age=86400"
)

// errBusy is that too many pictures are wanted at once.
var errBusy = errors.New("web: too many pictures to draw")

// A picture is a card, drawn.
type picture struct {
	card card.Card
	png  []byte
	etag string
}

// A gallery draws pictures and keeps those that were asked for last.
type gallery struct {
	drawing  chan struct{}          // holds one while a picture is drawn
	patience time.Duration          // with which the others wait
	all      *limiter[netip.Prefix] // has but one bucket
	byAddr   *limiter[netip.Prefix]

	mu    sync.Mutex
	kept  map[card.Card]*list.Element
	order list.List // of *picture, the last asked for in front
	size  int
}

func newGallery() *gallery {
	return &gallery{
		drawing: make(chan struct{}, 1), patience: drawPatience, kept: map[card.Card]*list.Element{},
		all: newLimiter[netip.Prefix](drawnPerSecond, drawnBurst), byAddr: newLimiter[netip.Prefix](cardsPerSecond, cardsBurst),
	}
}

// picture is the picture of a card. The error is errBusy or errLimited, and then
// it says after what time to come again.
func (g *gallery) picture(ctx context.Context, c card.Card, addr netip.Prefix) (*picture, time.Duration, error) {
	if p := g.find(c); p != nil {
		return p, 0, nil
	}
	if wait, ok := g.byAddr.take(addr, time.Now()); !ok {
		return nil, wait, errLimited
	}
	ctx, cancel := context.WithTimeout(ctx, g.patience)
	defer cancel()
	select {
	case g.drawing <- struct{}{}:
		defer func() { <-g.drawing }()
	case <-ctx.Done():
		return nil, time.Second, errBusy
	}
	if p := g.find(c); p != nil { // somebody else wanted it too
		return p, 0, nil
	}
	if wait, ok := g.all.take(netip.Prefix{}, time.Now()); !ok {
		return nil, wait, errBusy
	}
	var b bytes.Buffer
	if err := card.Draw(&b, c); err != nil {
		return nil, 0, err
	}
	sum := sha256.Sum256(b.Bytes())
	p := &picture{c, bytes.Clone(b.Bytes()), `"` + hex.EncodeToString(sum[:8]) + `"`}
	g.keep(p)
	return p, 0, nil
}

// find returns a picture that is kept, or nil.
func (g *gallery) find(c card.Card) *picture {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := g.kept[c]
	if e == nil {
		return nil
	}
	g.order.MoveToFront(e)
	return e.Value.(*picture)
}

func (g *gallery) keep(p *picture) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kept[p.card] = g.order.PushFront(p)
	g.size += len(p.png)
	for g.size > keptPictures {
		last := g.order.Remove(g.order.Back()).(*picture)
		delete(g.kept, last.card)
		g.size -= len(last.png)
	}
}

func (s *Server) siteCard(w http.ResponseWriter, r *http.Request) {
	s.sendCard(w, r, card.Card{}, cacheReplayCard)
}

func (s *Server) gameCard(w http.ResponseWriter, r *http.Request) {
	var c card.Card
	err := s.find(w, r, func(code string) error {
		v, err := s.cfg.House.Look(r.Context(), code)
		if err == nil {
			c = cardOf(v.State.View(v.At))
		}
		return err
	})
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	s.sendCard(w, r, c, cacheGameCard)
}

func (s *Server) replayCard(w http.ResponseWriter, r *http.Request) {
	if !s.mayRead(w, r) {
		return
	}
	var c card.Card
	err := s.askArchive(w, r, func(ctx context.Context) error {
		rec, err := s.findRound(ctx, pathParam(r, "id"))
		c = cardOfRound(rec)
		return err
	})
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	s.sendCard(w, r, c, cacheReplayCard)
}

// sendCard draws no picture for a client that has it.
func (s *Server) sendCard(w http.ResponseWriter, r *http.Request, c card.Card, cache string) {
	p, wait, err := s.gallery.picture(r.Context(), c, s.address(r))
	if err != nil {
		retryAfter(w, wait)
		writeProblem(w, problemOf(err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", cache)
	h.Set("ETag", p.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.png))
}

// cardOf is the picture of a room.
func cardOf(v room.View) card.Card {
	c := card.Card{Host: card.Player{Name: v.Host.Name}, HostMark: v.Host.Mark}
	if v.Phase == room.Waiting {
		c.Stand, c.HostMark = card.Invites, game.X
		return c
	}
	c.Stand, c.Board, c.Host.Wins = card.Playing, v.Board, v.Host.Wins
	if v.Guest.Taken() {
		c.Guest = card.Player{Name: v.Guest.Name, Wins: v.Guest.Wins, Computer: v.Guest.Computer}
	}
	if v.Phase == room.Over {
		c.Stand, c.Winner, c.Ended = card.Over, v.Winner, endingOf(v.Ended)
		if c.Ended != "" {
			c.By = v.Winner.Other() // nobody else resigns, or is too slow
		}
	}
	return c
}

// endingOf is empty where the board shows why a round is over.
func endingOf(e room.Ending) card.Ending {
	if e == room.ByLine || e == room.ByDraw {
		return ""
	}
	return card.Ending(e)
}

// cardOfRound is the picture of a finished round.
func cardOfRound(r room.Record) card.Card {
	c := card.Card{
		Stand: card.Over, HostMark: r.HostMark, Board: room.BoardOf(r.Moves),
		Host: card.Player{Name: r.Host}, Guest: card.Player{Name: r.Guest, Computer: r.Computer},
		Winner: r.Winner, Ended: endingOf(r.Ended),
	}
	switch r.By {
	case room.Host:
		c.By = r.HostMark
	case room.Guest:
		c.By = r.HostMark.Other()
	}
	return c
}
