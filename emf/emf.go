// Package emf publishes a server's figures to Amazon CloudWatch: once a minute a
// line of JSON in the Embedded Metric Format, which CloudWatch Logs makes metrics
// of. It knows nothing of games.
package emf

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
)

// A Metric is a name that is published, with CloudWatch's name of its unit.
type Metric struct {
	Name string
	Unit string
}

// Metrics are all that there are, as docs/protocol.md describes them. Alarms,
// scaling and dashboards may name no others.
var Metrics = []Metric{
	{"Players", "Count"},
	{"Rooms", "Count"},
	{"Moves", "Count"},
	{"MoveTime", "Milliseconds"},
	{"StoreErrors", "Count"},
	{"Reconnects", "Count"},
}

// maxSamples is how many values of one metric a line may hold.
const maxSamples = 100

// Figures are what a line tells.
type Figures struct {
	Players, Rooms                 int // now; left out of a server's last line
	Moves, StoreErrors, Reconnects int // since the line before
	MoveTimes                      []time.Duration
}

// An origin is whose figures they are.
type origin struct{ namespace, task, version string }

// A directive has CloudWatch make metrics of members of the line.
type directive struct {
	Namespace  string
	Dimensions [1][0]string // one set, of none: a metric is one for all servers
	Metrics    []Metric
}

type metadata struct {
	Timestamp         int64
	CloudWatchMetrics [1]directive
}

// appendLine appends a line. The last one of a server tells no players and no
// rooms: it serves none, and a zero would count as a server without players.
func appendLine(dst []byte, from origin, at time.Time, f Figures, last bool) []byte {
	members := map[string]any{"Moves": f.Moves, "StoreErrors": f.StoreErrors, "Reconnects": f.Reconnects}
	if !last {
		members["Players"], members["Rooms"] = f.Players, f.Rooms
	}
	if len(f.MoveTimes) > 0 {
		members["MoveTime"] = milliseconds(f.MoveTimes)
	}
	there := slices.DeleteFunc(slices.Clone(Metrics), func(m Metric) bool { return members[m.Name] == nil })
	members["task"], members["version"] = from.task, from.version
	members["_aws"] = metadata{at.UnixMilli(), [1]directive{{Namespace: from.namespace, Metrics: there}}}
	line, _ := json.Marshal(members) // numbers and strings
	return append(append(dst, line...), '\n')
}

// milliseconds are times to the microsecond.
func milliseconds(times []time.Duration) []float64 {
	ms := make([]float64, len(times))
	for i, t := range times {
		ms[i] = math.Round(float64(t)/float64(time.Microsecond)) / 1000
	}
	return ms
}

// ValidNamespace reports whether CloudWatch takes a namespace for metrics of one's
// own.
func ValidNamespace(s string) bool {
	const punctuation = ".-_/#: "
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(punctuation, r) {
			return false
		}
	}
	return s != "" && len(s) <= 255 && s[0] != ':' && s == strings.TrimSpace(s) && !strings.HasPrefix(s, "AWS/")
}
