package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tictac/room"
)

// Metrics are the server's metrics for Prometheus. They are also the
// play.Meter of its House, which is made before the Server.
type Metrics struct {
	registry     *prometheus.Registry
	players      prometheus.Gauge
	spectators   prometheus.Gauge
	finished     *prometheus.CounterVec
	moves        prometheus.Counter
	refused      *prometheus.CounterVec
	moveSeconds  prometheus.Histogram
	conflicts    prometheus.Counter
	rollbacks    prometheus.Counter
	storeErrors  *prometheus.CounterVec
	socketsEnded *prometheus.CounterVec
	panics       prometheus.Counter
}

// NewMetrics makes metrics that nothing has been counted in.
func NewMetrics() *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	vector := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m := &Metrics{
		registry:     prometheus.NewRegistry(),
		players:      gauge("tictac_players", "Sockets of seated players on this server."),
		spectators:   gauge("tictac_spectators", "Sockets of spectators on this server."),
		finished:     vector("tictac_games_finished_total", "Rounds that a commit of this server ended.", "ended"),
		moves:        counter("tictac_moves_total", "Moves that this server committed."),
		refused:      vector("tictac_refused_total", "Commands refused.", "code"),
		conflicts:    counter("tictac_commit_conflicts_total", "Commits that found the room changed meanwhile."),
		rollbacks:    counter("tictac_store_rollbacks_total", "Rooms found older in the store than they had been: it lost commits."),
		storeErrors:  vector("tictac_store_errors_total", "Operations that the store failed.", "op"),
		socketsEnded: vector("tictac_sockets_closed_total", "Sockets closed, by close code.", "code"),
		panics:       counter("tictac_panics_total", "Panics caught; each is logged with its stack."),
		moveSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tictac_move_seconds", Help: "From a move's arrival until it is durable.",
			Buckets: prometheus.ExponentialBuckets(0.000125, 2, 15), // 125 µs to 2 s
		}),
	}
	m.registry.MustRegister(
		m.players, m.spectators, m.finished, m.moves, m.refused, m.moveSeconds, m.conflicts, m.rollbacks,
		m.storeErrors, m.socketsEnded, m.panics, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Handler serves the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// countRooms has rooms asked for their number whenever the metrics are read.
func (m *Metrics) countRooms(rooms func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: "tictac_rooms", Help: "Rooms with a socket on this server."},
		func() float64 { return float64(rooms()) },
	))
}

// Committed implements play.Meter.
func (m *Metrics) Committed(events []room.Event, took time.Duration) {
	for _, e := range events {
		switch e.Kind {
		case room.Moved:
			m.moves.Inc()
			m.moveSeconds.Observe(took.Seconds())
		case room.RoundEnded:
			m.finished.WithLabelValues(string(e.Ending)).Inc()
		}
	}
}

// Conflict implements play.Meter.
func (m *Metrics) Conflict() { m.conflicts.Inc() }

// RolledBack implements play.Meter.
func (m *Metrics) RolledBack() { m.rollbacks.Inc() }

// StoreFailed implements play.Meter.
func (m *Metrics) StoreFailed(op string) { m.storeErrors.WithLabelValues(op).Inc() }

// Panicked implements play.Meter.
func (m *Metrics) Panicked() { m.panics.Inc() }

func (m *Metrics) seated(seat room.Seat, n float64) {
	if seat == room.Spectator {
		m.spectators.Add(n)
	} else {
		m.players.Add(n)
	}
}

// socketClosed counts codes that clients make up as one, so that they cannot
// make metrics up.
func (m *Metrics) socketClosed(code int) {
	label := "other"
	if code < 1016 || code == closeGone || code == closeBadSeat {
		label = strconv.Itoa(code)
	}
	m.socketsEnded.WithLabelValues(label).Inc()
}
