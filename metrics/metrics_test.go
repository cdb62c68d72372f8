package metrics

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"math"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// parse reads a page by the format's own library, which refuses what is malformed.
func parse(t *testing.T, r *Registry) map[string]*dto.MetricFamily {
	t.Helper()
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	if kind := rec.Header().Get("Content-Type"); kind != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("the content type is %q", kind)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(rec.Body.Bytes()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, rec.Body)
	}
	return families
}

func TestPage(t *testing.T) {
	t.Parallel()
	var r Registry
	r.Counter("c_total", "Counts.").Inc()
	g := r.Gauge("g", "Goes.")
	g.Add(5)
	g.Add(-7)
	by := r.Counters("by_total", "By label.", "code")
	by.With("a").Inc()
	by.With("a").Inc()
	by.With("q\"\\\n").Inc()
	r.Counters("none_total", "Never.", "code")
	h := r.Histogram("h_seconds", "Durations.", []time.Duration{time.Millisecond, time.Second})
	for _, d := range []time.Duration{0, time.Millisecond, time.Millisecond + 1, time.Second, 2 * time.Second} {
		h.Observe(d)
	}
	r.GaugeFunc("f", "Asked.", func() float64 { return 2.5 })

	all := parse(t, &r)
	if len(all) != 5 || all["none_total"] != nil {
		t.Errorf("%d families, want 5: %v", len(all), all)
	}
	if v := all["c_total"].Metric[0].Counter.GetValue(); v != 1 || all["c_total"].GetHelp() != "Counts." {
		t.Errorf("c_total is %v, %q", v, all["c_total"].GetHelp())
	}
	if g, f := all["g"].Metric[0].Gauge.GetValue(), all["f"].Metric[0].Gauge.GetValue(); g != -2 || f != 2.5 {
		t.Errorf("g is %v, f is %v", g, f)
	}
	labels := map[string]float64{}
	for _, m := range all["by_total"].Metric {
		labels[m.Label[0].GetValue()] = m.Counter.GetValue()
	}
	if len(labels) != 2 || labels["a"] != 2 || labels["q\"\\\n"] != 1 || by.Sum() != 3 {
		t.Errorf("by_total is %v, in all %d", labels, by.Sum())
	}
	got := all["h_seconds"].Metric[0].Histogram
	var buckets []uint64
	for _, b := range got.Bucket {
		buckets = append(buckets, b.GetCumulativeCount())
	}
	if len(buckets) != 3 || buckets[0] != 2 || buckets[1] != 4 || buckets[2] != 5 || got.GetSampleCount() != 5 {
		t.Errorf("the buckets are %v, the count %d", buckets, got.GetSampleCount())
	}
	if math.Abs(got.GetSampleSum()-3.002) > 1e-6 || got.Bucket[0].GetUpperBound() != 0.001 {
		t.Errorf("the sum is %v, the first bound %v", got.GetSampleSum(), got.Bucket[0].GetUpperBound())
	}
}

// Whatever Prometheus' own collectors tell of a process is told here too, by the same name,
// with the same type, and about the same value. Some values move between the two readings.
func TestAsPrometheusTellsIt(t *testing.T) {
	var r Registry
	r.AddRuntime()
	r.AddProcess()
	theirs := prometheus.NewRegistry()
	theirs.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	runtime.GC()
	for used, ok := stat(11); ok && used < ticks/2; used, _ = stat(11) { // half a second of the CPU
		crc32.ChecksumIEEE(make([]byte, 1<<20))
	}
	var wrong []string
	for range 10 {
		want, err := theirs.Gather()
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS == "linux" && len(want) < 35 {
			t.Fatalf("only %d metrics to compare with", len(want))
		}
		if wrong = compare(parse(t, &r), want); len(wrong) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error(strings.Join(wrong, "\n"))
}

func compare(got map[string]*dto.MetricFamily, want []*dto.MetricFamily) (wrong []string) {
	for _, w := range want {
		g := got[w.GetName()]
		switch {
		case g == nil && (runtime.GOOS == "linux" || strings.HasPrefix(w.GetName(), "go_")):
			wrong = append(wrong, "there is no "+w.GetName())
		case g == nil: // what is asked of the system is asked of Linux only
		case g.GetType() != w.GetType():
			wrong = append(wrong, fmt.Sprintf("%s is a %s, want %s", w.GetName(), g.GetType(), w.GetType()))
		case !near(w.GetName(), value(g), value(w)):
			wrong = append(wrong, fmt.Sprintf("%s is %v, want about %v", w.GetName(), value(g), value(w)))
		case len(g.Metric[0].Label) != len(w.Metric[0].Label) || len(g.Metric[0].GetSummary().GetQuantile()) != len(w.Metric[0].GetSummary().GetQuantile()):
			wrong = append(wrong, fmt.Sprintf("%s is %v, want %v", w.GetName(), g.Metric[0], w.Metric[0]))
		}
	}
	return wrong
}

func value(f *dto.MetricFamily) float64 {
	switch m := f.Metric[0]; f.GetType() {
	case dto.MetricType_COUNTER:
		return m.Counter.GetValue()
	case dto.MetricType_SUMMARY:
		return m.Summary.GetSampleSum()
	default:
		return m.Gauge.GetValue()
	}
}

func near(name string, got, want float64) bool {
	switch {
	case strings.HasSuffix(name, "_time_seconds"):
		return math.Abs(got-want) < 2
	case strings.HasSuffix(name, "_seconds_total"):
		return math.Abs(got-want) < 0.3
	default:
		return math.Abs(got-want) < 20 || got > want/2 && got < want*2
	}
}
