package load

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A Result is what a run has found. Times are in milliseconds.
type Result struct {
	Target  string  `json:"target"`
	Mode    Mode    `json:"mode"`
	Players int     `json:"players"`   // as many as were asked for
	Most    int     `json:"connected"` // as many as were connected at once
	Rate    float64 `json:"rate"`      // moves per second that were asked for; 0: as fast as it goes
	Seconds float64 `json:"seconds"`   // how long they played

	Moves          int64   `json:"moves"` // seen by the opponent
	MovesPerSecond float64 `json:"moves_per_second"`
	Games          int64   `json:"games"`
	Endings        Endings `json:"endings"`

	Errors      int64            `json:"errors"`
	ErrorKinds  map[string]int64 `json:"error_kinds"`
	WrongBoards int64            `json:"wrong_boards"`
	Wrong       []string         `json:"wrong_examples"`
	LostMoves   int64            `json:"lost_moves"`
	Reconnects  int64            `json:"reconnects"`
	Resent      int64            `json:"resent"` // messages said again after a reconnect or a refusal

	Connect      Latency  `json:"connect"` // from dialling to welcome
	Latency      Latency  `json:"latency"` // from a move, when it was due, to the opponent's sight of it
	Distribution []Bucket `json:"distribution"`
	Series       []Second `json:"series"`

	ReceivedPerMove float64 `json:"received_bytes_per_move"` // frames, as WebSocket counts them
	SentPerMove     float64 `json:"sent_bytes_per_move"`

	Ramp    []Step  `json:"ramp,omitempty"`
	LimitMS float64 `json:"limit,omitempty"` // of p99, on a ramp
	Held    int     `json:"held,omitempty"`  // the most players of a ramp within its limit
}

// Failed reports whether the server broke a promise: it showed what cannot be,
// or lost what it had acknowledged.
func (r Result) Failed() bool { return r.WrongBoards > 0 || r.LostMoves > 0 }

// Endings are how games ended.
type Endings struct {
	X        int64 `json:"x"`
	O        int64 `json:"o"`
	Draws    int64 `json:"draws"`
	Resigned int64 `json:"resigned"`
}

func (e Endings) games() int64 { return e.X + e.O + e.Draws + e.Resigned }

// A Latency is a distribution in short, in milliseconds.
type Latency struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	Max   float64 `json:"max"`
}

// A Bucket counts the latencies up to To and over that of the bucket before.
type Bucket struct {
	To    float64 `json:"to"`
	Count int64   `json:"count"`
}

// A Second is what happened in one second of play.
type Second struct {
	At      float64 `json:"at"` // its end, in seconds since the beginning
	Moves   float64 `json:"moves_per_second"`
	P50     float64 `json:"p50"`
	P99     float64 `json:"p99"`
	Players int     `json:"players"` // connected
	Errors  int64   `json:"errors"`
}

// A Step is one level of a ramp.
type Step struct {
	Players int     `json:"players"`
	Moves   float64 `json:"moves_per_second"`
	P99     float64 `json:"p99"`
	Held    bool    `json:"held"`
}

func latency(h *hdrhistogram.Histogram) Latency {
	at := func(p float64) float64 { return millis(h.ValueAtPercentile(p)) }
	return Latency{h.TotalCount(), at(50), at(90), at(99), at(99.9), millis(h.Max())}
}

// millis makes microseconds milliseconds.
func millis(us int64) float64 { return float64(us) / 1000 }

// distribution counts latencies in buckets that grow by an eighth each.
func distribution(h *hdrhistogram.Histogram) (buckets []Bucket) {
	const growth = 1.125
	first := 0
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		i := int(math.Ceil(math.Log(float64(bar.To)) / math.Log(growth)))
		if buckets == nil {
			first = i
		}
		for len(buckets) <= i-first {
			to := math.Pow(growth, float64(first+len(buckets)))
			buckets = append(buckets, Bucket{To: to / 1000})
		}
		buckets[i-first].Count += bar.Count
	}
	return buckets
}

// seconds is a duration as JSON and charts have it.
func seconds(d time.Duration) float64 { return float64(d) / float64(time.Second) }
