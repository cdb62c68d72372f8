package web

import (
	"context"
	"image/png"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tictac/card"
	"tictac/game"
	"tictac/room"
)

// wantPicture is the picture of a card.
func (w *world) wantPicture(path string, c card.Card, cache string) {
	w.t.Helper()
	r := w.do("GET", path, "")
	if p := w.server.gallery.find(c); r.StatusCode != 200 || p == nil || r.body != string(p.png) {
		w.t.Fatalf("%s: %d, %d bytes, not the picture of %+v", path, r.StatusCode, len(r.body), c)
	}
	wantHeader(w.t, r, "Content-Type", "image/png")
	wantHeader(w.t, r, "Content-Length", strconv.Itoa(len(r.body)))
	wantHeader(w.t, r, "Cache-Control", cache)
}

func TestGameCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.create("Ann")
	path := "/game/" + a.Code + "/card.png"
	c := card.Card{Stand: card.Invites, Host: card.Player{Name: "Ann"}, HostMark: game.X}
	w.wantPicture(path, c, "public, max-age=60")

	host, _ := w.enter(a)
	guest, _ := w.enter(w.join(a.Code, "Bob"))
	host.until(func(v roomView) bool { return v.Guest != nil })
	c.Stand, c.Guest = card.Playing, card.Player{Name: "Bob"}
	w.wantPicture(path, c, "public, max-age=60")
	for i, cell := range []int{0, 3, 1, 4, 2} {
		[]*client{host, guest}[i%2].move(cell)
		c.Board[cell] = []game.Mark{game.X, game.O}[i%2]
	}
	c.Stand, c.Winner, c.Host.Wins = card.Over, game.X, 1
	w.wantPicture("/game/"+strings.ToUpper(a.Code)+"/card.png?v=7", c, "public, max-age=60")

	host.say(`{"type":"rematch"}`)
	guest.say(`{"type":"rematch"}`)
	guest.until(func(v roomView) bool { return v.Round == 2 })
	c = card.Card{Stand: card.Playing, Host: card.Player{Name: "Ann", Wins: 1}, Guest: card.Player{Name: "Bob"}, HostMark: game.O}
	w.wantPicture(path, c, "public, max-age=60")
	host.say(`{"type":"resign"}`)
	host.until(func(v roomView) bool { return v.Phase == "over" && v.Ended == "resign" })
	c.Stand, c.Ended, c.Winner, c.By, c.Guest.Wins = card.Over, card.ByResign, game.X, game.O, 1
	w.wantPicture(path, c, "public, max-age=60")
	guest.say(`{"type":"leave"}`)
	host.until(func(v roomView) bool { return v.Phase == "waiting" })
	w.wantPicture(path, card.Card{Stand: card.Invites, Host: card.Player{Name: "Ann"}, HostMark: game.X}, "public, max-age=60")
	w.wantPicture("/card.png", card.Card{}, "public, max-age=86400")

	host.say(`{"type":"leave"}`)
	host.wantClosed(closeGone)
	for _, path := range []string{path, "/game/ffffff/card.png", "/game/nonsense/card.png"} {
		w.wantProblem(w.do("GET", path, ""), 404, "game_not_found")
	}
	w.wantProblem(w.do("GET", "/game/card.png/card.jpg", ""), 404, "not_found")
	w.wantProblem(w.do("POST", path, ""), 405, "method_not_allowed")
}

func TestReplayCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, func(s *settings) { s.JoinLimit, s.noKeeper = 60, true })
	w.server.unknown.perSecond = 0.001 // on a slow machine too
	id := w.playRound(w.visitor(), w.visitor())
	c := card.Card{
		Stand: card.Over, Host: card.Player{Name: "Ann"}, Guest: card.Player{Name: "Bob"}, HostMark: game.X, Winner: game.X,
		Board: game.Board{0: game.O, 1: game.O, 3: game.O, 4: game.X, 6: game.X, 7: game.X, 8: game.X},
	}
	path := "/replay/" + id + "/card.png"
	w.wantPicture(path, c, "public, max-age=86400")
	for i := range 20 {
		w.wantProblem(w.do("GET", "/replay/nothing"+strconv.Itoa(i)+"/card.png", "", from("192.0.2.1")...), 404, "not_found")
	}
	w.wantLimited(w.do("GET", path, "", from("192.0.2.1")...), 1000)
	w.wantProblem(w.do("GET", "/replay/"+strings.Repeat("a", 1000)+"/card.png", ""), 404, "not_found")
	w.wantProblem(w.do("GET", "/replay/%3Cb%3E/card.png", ""), 404, "not_found")
}

// Who has a picture is not sent it again.
func TestCardIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/game/" + w.create("Ann").Code + "/card.png"
	first := w.do("GET", path, "")
	tag := first.Header.Get("ETag")
	again := w.do("GET", path, "", "If-None-Match", tag)
	if tag == "" || again.StatusCode != 304 || again.body != "" {
		t.Errorf("%q: %d, %d bytes", tag, again.StatusCode, len(again.body))
	}
	wantHeader(t, again, "Cache-Control", "public, max-age=60")
	head := w.do("HEAD", path, "")
	if head.StatusCode != 200 || head.body != "" || head.Header.Get("Content-Length") != strconv.Itoa(len(first.body)) {
		t.Errorf("HEAD: %d %v", head.StatusCode, head.Header)
	}
	if other := w.do("GET", "/game/"+w.create("Bob").Code+"/card.png", "", "If-None-Match", tag); other.StatusCode != 200 {
		t.Errorf("another card has the same tag: %d", other.StatusCode)
	}
}

// Whoever asks for pictures of codes that do not exist is not answered at all,
// and nothing is drawn.
func TestCardsOfUnknownCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, func(s *settings) { s.JoinLimit, s.noKeeper = 60, true })
	w.server.unknown.perSecond = 0.001 // on a slow machine too
	path := "/game/" + w.create("Ann").Code + "/card.png"
	for i := range 20 {
		w.wantProblem(w.do("GET", "/game/00000"+strconv.FormatInt(int64(i%16), 16)+"/card.png", "", from("192.0.2.1")...), 404, "game_not_found")
	}
	w.wantLimited(w.do("GET", "/game/000000/card.png", "", from("192.0.2.1")...), 1000)
	w.wantLimited(w.do("GET", path, "", from("192.0.2.1")...), 1000)
	if p := w.server.gallery.find(card.Card{Stand: card.Invites, Host: card.Player{Name: "Ann"}, HostMark: game.X}); p != nil {
		t.Error("a picture was drawn")
	}
	if r := w.do("GET", path, "", from("192.0.2.2")...); r.StatusCode != 200 {
		t.Errorf("another address: %d", r.StatusCode)
	}
}

// Drawing is limited for an address and in all; what is drawn is not.
func TestDrawingIsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, func(s *settings) { s.noKeeper = true })
	g := w.server.gallery
	if g.byAddr.perSecond != 2 || g.byAddr.burst != 30 || g.all.perSecond != 10 || g.all.burst != 20 {
		t.Errorf("the rates are %v, %v", g.byAddr, g.all)
	}
	g.byAddr, g.all = newLimiter[netip.Prefix](0.001, 2), newLimiter[netip.Prefix](0.001, 3)
	card := func(name, addr string) reply {
		return w.do("GET", "/game/"+w.create(name).Code+"/card.png", "", from(addr)...)
	}
	for i, c := range []struct {
		name, addr string
		status     int
	}{
		{"Ann", "192.0.2.1", 200}, {"Bob", "192.0.2.1", 200},
		{"Cid", "192.0.2.1", 429},
		{"Ann", "192.0.2.1", 200}, // there is one like it
		{"Dan", "192.0.2.2", 200},
		{"Eve", "192.0.2.3", 503}, // three in all
		{"Dan", "192.0.2.3", 200},
	} {
		r := card(c.name, c.addr)
		if r.StatusCode != c.status {
			t.Errorf("%d, %s from %s: %d, want %d", i, c.name, c.addr, r.StatusCode, c.status)
		}
		if wait := r.Header.Get("Retry-After"); (wait == "") != (c.status == 200) {
			t.Errorf("%d, Retry-After: %q", i, wait)
		}
	}
}

// One picture is drawn at a time, and once for all who want it.
func TestCardsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.noKeeper = true })
	g := w.server.gallery
	g.all, g.patience = newLimiter[netip.Prefix](0.001, 1), time.Minute
	path := "/game/" + w.create("Ann").Code + "/card.png"
	g.drawing <- struct{}{} // all wait
	var wg sync.WaitGroup
	var mu sync.Mutex
	bodies := map[string]int{}
	for range 20 {
		wg.Go(func() {
			r := w.do("GET", path, "")
			mu.Lock()
			bodies[r.body]++
			mu.Unlock()
		})
	}
	soon(func() bool { g.byAddr.mu.Lock(); defer g.byAddr.mu.Unlock(); return len(g.byAddr.buckets) > 0 })
	<-g.drawing
	wg.Wait()
	for body, n := range bodies {
		if n != 20 || !strings.HasPrefix(body, "\x89PNG") {
			t.Errorf("%d got %.80q", n, body)
		}
	}
}

// Who waits too long for its turn is told to come again.
func TestGalleryIsBusy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/game/" + w.create("Ann").Code + "/card.png"
	w.server.gallery.drawing <- struct{}{}
	w.server.gallery.patience = 10 * time.Millisecond
	r := w.do("GET", path, "")
	w.wantProblem(r, 503, "unavailable")
	wantHeader(t, r, "Retry-After", "1")
	<-w.server.gallery.drawing
	w.server.gallery.patience = time.Minute
	if r := w.do("GET", path, ""); r.StatusCode != 200 {
		t.Errorf("afterwards: %d", r.StatusCode)
	}
}

// What is kept is bounded; what was asked for last stays.
func TestGalleryForgets(t *testing.T) {
	t.Parallel()
	g := newGallery()
	name := func(i int) card.Card { return card.Card{Host: card.Player{Name: strconv.Itoa(i)}} }
	const size = 30_000
	for i := range 200 {
		g.keep(&picture{card: name(i), png: make([]byte, size)})
		if g.find(name(0)) == nil {
			t.Fatalf("after %d the one that is always asked for is gone", i)
		}
	}
	n := keptPictures / size
	if len(g.kept) != n || g.order.Len() != n || g.size != n*size {
		t.Errorf("%d are kept, %d in order, %d bytes; want %d", len(g.kept), g.order.Len(), g.size, n)
	}
	if g.find(name(199)) == nil || g.find(name(198-n)) != nil {
		t.Error("the wrong ones are kept")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	g.drawing <- struct{}{}
	if _, _, err := g.picture(gone, name(1), netip.Prefix{}); err != errBusy {
		t.Errorf("a client that has gone: %v", err)
	}
}

func TestCardOfRound(t *testing.T) {
	t.Parallel()
	moves := func(cells ...int) (all []room.Played) {
		for _, c := range cells {
			all = append(all, room.Played{Cell: c})
		}
		return all
	}
	ann, bob := card.Player{Name: "Ann"}, card.Player{Name: "Bob"}
	for _, c := range []struct {
		record room.Record
		want   card.Card
	}{
		{room.Record{Host: "Ann", Guest: "Bob", HostMark: game.X, Moves: moves(0, 3, 1, 4, 2), Ended: room.ByLine, Winner: game.X},
			card.Card{Stand: card.Over, Host: ann, Guest: bob, HostMark: game.X, Winner: game.X,
				Board: game.Board{0: game.X, 1: game.X, 2: game.X, 3: game.O, 4: game.O}}},
		{room.Record{Host: "Ann", Guest: "Computer", Computer: game.Easy, HostMark: game.O, Moves: moves(4), Ended: room.ByClock, Winner: game.X, By: room.Host},
			card.Card{Stand: card.Over, Host: ann, Guest: card.Player{Name: "Computer", Computer: game.Easy}, HostMark: game.O,
				Board: game.Board{4: game.X}, Ended: card.ByClock, Winner: game.X, By: game.O}},
		{room.Record{Guest: "Bob", HostMark: game.O, Ended: room.ByLeft, By: room.Guest},
			card.Card{Stand: card.Over, Guest: bob, HostMark: game.O, Ended: card.ByLeft, By: game.X}},
		{room.Record{Host: "Ann", Guest: "Bob", HostMark: game.X, Ended: room.ByResign, Winner: game.O, By: room.Host},
			card.Card{Stand: card.Over, Host: ann, Guest: bob, HostMark: game.X, Ended: card.ByResign, Winner: game.O, By: game.X}},
		{room.Record{Host: "Ann", Guest: "Bob", HostMark: game.X, Ended: room.ByDraw, Moves: moves(0)},
			card.Card{Stand: card.Over, Host: ann, Guest: bob, HostMark: game.X, Board: game.Board{0: game.X}}},
		{room.Record{Host: "Ann", Guest: "Bob", HostMark: game.X, Ended: room.Expired},
			card.Card{Stand: card.Over, Host: ann, Guest: bob, HostMark: game.X, Ended: card.CutOff}},
	} {
		if got := cardOfRound(c.record); got != c.want {
			t.Errorf("%+v\nbecomes %+v\nwant    %+v", c.record, got, c.want)
		}
	}
}

// The picture that is sent is one that others can read.
func TestCardIsPNG(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.do("GET", "/card.png", "")
	img, err := png.Decode(strings.NewReader(r.body))
	if err != nil || img.Bounds().Dx() != card.Width || img.Bounds().Dy() != card.Height {
		t.Errorf("%v %v", img, err)
	}
}
