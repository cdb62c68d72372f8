// Package web is the server that players talk to: HTTP, the WebSocket protocol,
// its limits, and the pages. It asks package play for rooms.
package web

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/gobwas/ws"

	"tictac/history"
	"tictac/play"
	"tictac/room"
	"tictac/socket"
)

// How sockets are kept alive; see docs/protocol.md. The keeper looks at every
// socket once a tick.
const (
	pingIdle      = 25 * time.Second
	pingPlaying   = 9600 * time.Millisecond // three of them, a tick and the page's own patience are less than 30 s
	livelyFor     = 2 * time.Minute
	maxUnanswered = 2
	keeperTick    = 250 * time.Millisecond
)

// Limits that are not for the operator to set: of those who guess codes.
const (
	joinBurst        = 20
	unknownBurst     = 20
	unknownPerSecond = 0.5
	readsBurst       = 50 // of history
	readsPerSecond   = 10
)

// Config is what a Server needs. The zero value of a limit means what
// docs/protocol.md says of 0.
type Config struct {
	House   *play.House
	History history.Archive // who the players are, and what they have played
	Metrics *Metrics
	Log     *slog.Logger // default: slog.Default()

	Origins              []string // further origins that may open a socket, lower case
	JoinLimit            int      // rooms created or joined per minute and address
	MessageLimit         int      // messages per second and socket
	MaxSockets           int
	MaxSocketsPerAddress int
	TrustedProxies       []netip.Prefix

	// Shared says that other servers serve the same rooms: a stopping server
	// then sends its players away one after the other, not all at once.
	Shared bool
}

// A Server serves players. Use its Handler, have Run run beside it, and Drain it
// in the end.
type Server struct {
	cfg      Config
	engine   socket.Engine
	metrics  *Metrics
	pages    *pages
	gallery  *gallery
	joins    *limiter[netip.Prefix]
	unknown  *limiter[netip.Prefix] // codes that do not exist
	reads    *limiter[netip.Prefix] // of history
	gestures *limiter[chair]
	open     tally // sockets
	draining atomic.Bool
	gate     sync.RWMutex // held to read while a socket is opened

	mu    sync.Mutex
	conns map[*conn]struct{}
}

// Open makes a server. It fails where the system gives it no means to wait for
// sockets.
func Open(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Server{
		cfg: cfg, metrics: cfg.Metrics, pages: newPages(), gallery: newGallery(), conns: map[*conn]struct{}{},
		joins:    newLimiter[netip.Prefix](float64(cfg.JoinLimit)/60, joinBurst),
		unknown:  newLimiter[netip.Prefix](unknownPerSecond, unknownBurst),
		reads:    newLimiter[netip.Prefix](readsPerSecond, readsBurst),
		gestures: newGestures(),
	}
	if cfg.JoinLimit <= 0 {
		s.joins.perSecond, s.unknown.perSecond, s.reads.perSecond = 0, 0, 0
	}
	var err error
	if s.engine, err = socket.Open(socket.Config{Panicked: s.panicked}); err != nil {
		return nil, err
	}
	s.metrics.countRooms(cfg.House.Rooms)
	return s, nil
}

// Handler routes everything on the players' port.
func (s *Server) Handler() http.Handler {
	r := chi.NewRouter()
	r.Use(s.catchPanic, securityHeaders, middleware.GetHead)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) { writeProblem(w, notFound) })
	r.MethodNotAllowed(s.methodNotAllowed(r))
	r.Post("/api/games", s.createGame)
	r.Post("/api/games/{code}/join", s.joinGame)
	r.Get("/api/games/{code}", s.lookAtGame)
	r.Get("/ws/{code}", s.upgrade)
	r.Get("/", s.startPage)
	r.Get("/game/{code}", s.gamePage)
	r.Get("/game/{code}/", s.gamePage)
	s.routeHistory(r)
	r.Get("/game/{code}/card.png", s.gameCard)
	r.Get("/replay/{id}/card.png", s.replayCard)
	r.Get("/card.png", s.siteCard)
	r.Get("/assets/{hash}/*", s.pages.asset)
	r.Get("/healthz", s.healthz)
	r.Get("/readyz", s.readyz)
	return r
}

func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() || !s.cfg.House.Ready() {
		writeProblem(w, unavailable)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

// upgrade makes a request a socket. Whether there is such a room is told after
// hello, since a browser cannot read a failed upgrade.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	addr := s.address(r)
	switch {
	case !originAllowed(r, s.cfg.Origins):
		writeProblem(w, forbiddenOrigin)
		return
	case !isUpgrade(r): // asked here, since the upgrader takes the connection first
		writeProblem(w, badRequest)
		return
	case s.draining.Load():
		writeProblem(w, unavailable)
		return
	case !s.open.add(addr, s.cfg.MaxSockets, s.cfg.MaxSocketsPerAddress):
		w.Header().Set("Retry-After", "5")
		writeProblem(w, full)
		return
	}
	nc, rw, _, err := ws.HTTPUpgrader{Timeout: 5 * time.Second}.Upgrade(r, w)
	if err != nil { // the upgrader has answered
		if nc != nil {
			_ = nc.Close()
		}
		s.open.remove(addr)
		return
	}
	early := make([]byte, rw.Reader.Buffered())
	_, _ = rw.Read(early) // they are in the buffer
	_ = nc.SetDeadline(time.Time{})
	now := time.Now()
	c := &conn{server: s, code: cleanCode(pathParam(r, "code")), addr: addr, look: now.Add(helloWithin)}
	c.pinged = now.Add(-rand.N(pingIdle / 2)) // so that not all are pinged at once
	s.engine.Add(nc, early, func(sock socket.Conn) socket.Handler {
		c.sock = sock
		s.mu.Lock()
		s.conns[c] = struct{}{}
		s.mu.Unlock()
		return c
	})
}

// isUpgrade reports whether a request is a WebSocket handshake (RFC 6455,
// section 4.2.1).
func isUpgrade(r *http.Request) bool {
	return r.ProtoAtLeast(1, 1) && hasToken(r.Header, "Connection", "upgrade") &&
		hasToken(r.Header, "Upgrade", "websocket") &&
		r.Header.Get("Sec-WebSocket-Version") == "13" && len(r.Header.Get("Sec-WebSocket-Key")) == 24
}

// hasToken reports whether a header that is a list has a token in it.
func hasToken(h http.Header, name, token string) bool {
	for item := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(item), token) {
			return true
		}
	}
	return false
}

// remove forgets a socket that has closed.
func (s *Server) remove(c *conn, code int) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.open.remove(c.addr)
	s.metrics.socketClosed(code)
}

func (s *Server) all() []*conn { return s.appendAll(nil) }

func (s *Server) appendAll(all []*conn) []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all = slices.Grow(all, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

// Run tends the sockets until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	ticker := time.NewTicker(keeperTick)
	defer ticker.Stop()
	var all []*conn // used again, or it would be most of the garbage of an idle server
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			all = s.appendAll(all[:0])
			for i, c := range all {
				c.tend(now)
				all[i] = nil
			}
			s.joins.forget(now)
			s.unknown.forget(now)
			s.reads.forget(now)
			s.gestures.forget(now)
			s.gallery.byAddr.forget(now)
		}
	}
}

// Refuse makes the server not ready: it takes no new sockets, and whoever loses
// a socket from now on keeps the seat.
func (s *Server) Refuse() {
	s.gate.Lock() // a socket that is being opened is open after this
	defer s.gate.Unlock()
	s.draining.Store(true)
	s.cfg.House.KeepSeats()
}

// Drain stops serving sockets: it refuses, answers what has been asked, closes
// all with 1012 and returns when they are gone, or drops them when ctx ends.
func (s *Server) Drain(ctx context.Context) {
	s.Refuse()
	all := s.all()
	pause := s.pace(ctx, len(all))
	if pause == 0 { // all at once: nobody asks anything new meanwhile
		for _, c := range all {
			c.leave()
		}
	}
	for _, c := range all {
		c.leave()
		c.settle(ctx)
		c.close(closeRestart, "the server is stopping")
		if ctx.Err() == nil {
			time.Sleep(pause)
		}
	}
	gone := make(chan struct{})
	go func() { // ends when the sockets do: they are dropped below
		s.engine.Close()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		for _, c := range s.all() {
			c.sock.Drop()
		}
		<-gone
	}
}

// slowestPace is how many sockets a second are sent elsewhere, at least.
const slowestPace = 200

// pace is how long to wait between two sockets, so that the servers that go on
// are not met by all players at once, and all are gone in half the time there is.
func (s *Server) pace(ctx context.Context, sockets int) time.Duration {
	if !s.cfg.Shared || sockets == 0 {
		return 0
	}
	pause := time.Second / slowestPace
	if deadline, ok := ctx.Deadline(); ok {
		pause = min(pause, time.Until(deadline)/2/time.Duration(sockets))
	}
	return pause
}

// address is who a request comes from, for the limits.
func (s *Server) address(r *http.Request) netip.Prefix {
	return clientAddress(r, s.cfg.TrustedProxies)
}

func (s *Server) countRefusal(code room.Refusal) {
	s.metrics.refused.With(string(code)).Inc()
}

func (s *Server) panicked(value any, stack []byte) {
	s.metrics.Panicked()
	s.cfg.Log.Error("panic", "panic", value, "stack", string(stack))
}
