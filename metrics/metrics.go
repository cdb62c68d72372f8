// Package metrics counts, and writes what it has counted in Prometheus' text
// format, with what Go's runtime and the system know of the process.
package metrics

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Registry is a set of metrics. Its zero value is empty and ready. Names and help are the
// programmer's, so nobody checks them but the test that reads the page.
type Registry struct {
	mu       sync.Mutex
	families []family
}

// A family is a metric with all that is told of it.
type family struct {
	name, kind, help string
	samples          func() []sample
}

// A sample is one line: what follows the family's name, and a value.
type sample struct {
	suffix string
	value  float64
}

func (r *Registry) add(name, kind, help string, samples func() []sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.families = append(r.families, family{name, kind, help, samples})
}

// A Counter only grows.
type Counter struct{ n atomic.Uint64 }

// Counter adds a counter.
func (r *Registry) Counter(name, help string) *Counter {
	c := new(Counter)
	r.add(name, "counter", help, func() []sample { return []sample{{"", float64(c.Value())}} })
	return c
}

// Inc counts one more.
func (c *Counter) Inc() { c.n.Add(1) }

// Value is how many have been counted.
func (c *Counter) Value() uint64 { return c.n.Load() }

// Counters are counters that differ by the value of one label. A value that was never
// asked for is not told.
type Counters struct {
	label string
	mu    sync.Mutex
	of    map[string]*Counter
}

// Counters adds counters by label.
func (r *Registry) Counters(name, help, label string) *Counters {
	c := &Counters{label: label, of: map[string]*Counter{}}
	r.add(name, "counter", help, c.samples)
	return c
}

// With is the counter of a value.
func (c *Counters) With(value string) *Counter {
	c.mu.Lock()
	defer c.mu.Unlock()
	counter, ok := c.of[value]
	if !ok {
		counter = new(Counter)
		c.of[value] = counter
	}
	return counter
}

// Sum is how many have been counted, whatever the label.
func (c *Counters) Sum() (sum uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, counter := range c.of {
		sum += counter.Value()
	}
	return sum
}

func (c *Counters) samples() (all []sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for value, counter := range c.of {
		all = append(all, sample{labelled(c.label, value), float64(counter.Value())})
	}
	slices.SortFunc(all, func(a, b sample) int { return strings.Compare(a.suffix, b.suffix) })
	return all
}

// A Gauge goes up and down.
type Gauge struct{ n atomic.Int64 }

// Gauge adds a gauge.
func (r *Registry) Gauge(name, help string) *Gauge {
	g := new(Gauge)
	r.GaugeFunc(name, help, func() float64 { return float64(g.Value()) })
	return g
}

// GaugeFunc adds a gauge that is asked for whenever the metrics are read.
func (r *Registry) GaugeFunc(name, help string, value func() float64) {
	r.add(name, "gauge", help, func() []sample { return []sample{{"", value()}} })
}

// Add raises the gauge, or lowers it.
func (g *Gauge) Add(n int64) { g.n.Add(n) }

// Value is where the gauge stands.
func (g *Gauge) Value() int64 { return g.n.Load() }

// A Histogram counts durations by how long they are.
type Histogram struct {
	bounds []time.Duration // the upper ends of all buckets but the last, which has none
	counts []atomic.Uint64
	sum    atomic.Int64
}

// Histogram adds a histogram with buckets up to and including each of bounds, which rise.
func (r *Registry) Histogram(name, help string, bounds []time.Duration) *Histogram {
	h := &Histogram{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
	r.add(name, "histogram", help, h.samples)
	return h
}

// Observe counts one duration.
func (h *Histogram) Observe(d time.Duration) {
	bucket, _ := slices.BinarySearch(h.bounds, d)
	h.counts[bucket].Add(1)
	h.sum.Add(int64(d))
}

func (h *Histogram) samples() (all []sample) {
	total, sum := 0.0, time.Duration(h.sum.Load())
	for i := range h.counts {
		total += float64(h.counts[i].Load())
		bound := "+Inf"
		if i < len(h.bounds) {
			bound = number(h.bounds[i].Seconds())
		}
		all = append(all, sample{"_bucket" + labelled("le", bound), total})
	}
	return append(all, sample{"_sum", sum.Seconds()}, sample{"_count", total})
}

// ServeHTTP answers with all metrics, sorted by name.
func (r *Registry) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(r.text())
}

func (r *Registry) text() []byte {
	r.mu.Lock()
	all := slices.Clone(r.families)
	r.mu.Unlock()
	slices.SortFunc(all, func(a, b family) int { return strings.Compare(a.name, b.name) })
	var page bytes.Buffer
	for _, f := range all {
		samples := f.samples()
		if len(samples) == 0 {
			continue
		}
		page.WriteString("# HELP " + f.name + " " + f.help + "\n# TYPE " + f.name + " " + f.kind + "\n")
		for _, s := range samples {
			page.WriteString(f.name + s.suffix + " " + number(s.value) + "\n")
		}
	}
	return page.Bytes()
}

func labelled(label, value string) string {
	return "{" + label + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"}`
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
