package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"tictac/metrics"
	"tictac/room"
)

// Metrics are the server's metrics for Prometheus. They are also the
// play.Meter of its House, which is made before the Server.
type Metrics struct {
	registry     metrics.Registry
	players      *metrics.Gauge
	spectators   *metrics.Gauge
	finished     *metrics.Counters
	moves        *metrics.Counter
	refused      *metrics.Counters
	moveSeconds  *metrics.Histogram
	conflicts    *metrics.Counter
	rollbacks    *metrics.Counter
	storeErrors  *metrics.Counters
	socketsEnded *metrics.Counters
	panics       *metrics.Counter
	reconnects   *metrics.Counter
	observer     Observer
}

// NewMetrics makes metrics that nothing has been counted in.
func NewMetrics() *Metrics {
	m := &Metrics{observer: noObserver{}}
	r := &m.registry
	m.players = r.Gauge("tictac_players", "Sockets of seated players on this server.")
	m.spectators = r.Gauge("tictac_spectators", "Sockets of spectators on this server.")
	m.finished = r.Counters("tictac_games_finished_total", "Rounds that a commit of this server ended.", "ended")
	m.moves = r.Counter("tictac_moves_total", "Moves that this server committed.")
	m.refused = r.Counters("tictac_refused_total", "Commands refused.", "code")
	m.conflicts = r.Counter("tictac_commit_conflicts_total", "Commits that found the room changed meanwhile.")
	m.rollbacks = r.Counter("tictac_store_rollbacks_total", "Rooms found older in the store than they had been: it lost commits.")
	m.storeErrors = r.Counters("tictac_store_errors_total", "Operations that the store failed.", "op")
	m.socketsEnded = r.Counters("tictac_sockets_closed_total", "Sockets closed, by close code.", "code")
	m.panics = r.Counter("tictac_panics_total", "Panics caught; each is logged with its stack.")
	m.reconnects = r.Counter("tictac_reconnects_total", "Players welcomed who had played in the room before.")
	bounds := []time.Duration{125 * time.Microsecond} // to 2 s
	for len(bounds) < 15 {
		bounds = append(bounds, 2*bounds[len(bounds)-1])
	}
	m.moveSeconds = r.Histogram("tictac_move_seconds", "From a move's arrival until it is durable.", bounds)
	r.AddRuntime()
	r.AddProcess()
	return m
}

// Handler serves the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return middleware.Compress(5, "text/plain")(&m.registry)
}

// Tell has an observer told from now on. It is called before there is anything to
// tell.
func (m *Metrics) Tell(o Observer) { m.observer = o }

// countRooms has rooms asked for their number whenever the metrics are read.
func (m *Metrics) countRooms(rooms func() int) {
	m.registry.GaugeFunc("tictac_rooms", "Rooms with a socket on this server.", func() float64 { return float64(rooms()) })
}

// Committed implements play.Meter.
func (m *Metrics) Committed(events []room.Event, took time.Duration) {
	for _, e := range events {
		switch e.Kind {
		case room.Moved:
			m.moves.Inc()
			m.moveSeconds.Observe(took)
			m.observer.Moved(took)
		case room.RoundEnded:
			m.finished.With(string(e.Ending)).Inc()
		}
	}
}

// Conflict implements play.Meter.
func (m *Metrics) Conflict() { m.conflicts.Inc() }

// RolledBack implements play.Meter.
func (m *Metrics) RolledBack() { m.rollbacks.Inc() }

// StoreFailed implements play.Meter.
func (m *Metrics) StoreFailed(op string) {
	m.storeErrors.With(op).Inc()
	m.observer.StoreFailed()
}

// Panicked implements play.Meter.
func (m *Metrics) Panicked() { m.panics.Inc() }

func (m *Metrics) seated(seat room.Seat, change int) {
	if seat == room.Spectator {
		m.spectators.Add(int64(change))
		return
	}
	m.players.Add(int64(change))
	m.observer.Seated(change)
}

// returned counts a player who was welcomed in a room where that player has played.
func (m *Metrics) returned() {
	m.reconnects.Inc()
	m.observer.Returned()
}

// socketClosed counts codes that clients make up as one, so that they cannot
// make metrics up.
func (m *Metrics) socketClosed(code int) {
	label := "other"
	if code < 1016 || code == closeGone || code == closeBadSeat {
		label = strconv.Itoa(code)
	}
	m.socketsEnded.With(label).Inc()
}
