package load

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample is a result as a run of a few seconds gives it.
func sample() Result {
	h := newHistogram()
	r := Result{Target: "http://localhost:3000", Mode: Play, Players: 10, Most: 10, Seconds: 3, ErrorKinds: map[string]int64{"closed with 1006": 2, "no answer in time": 1}}
	for i := range int64(3000) {
		record(h, (i%500)*i*1000)
	}
	r.Moves, r.Latency, r.Distribution = h.TotalCount(), latency(h), distribution(h)
	for i := range 3 {
		r.Series = append(r.Series, Second{At: float64(i + 1), Moves: 1000, P50: 1, P99: float64(4 * (i + 1)), Players: 10})
	}
	r.Endings = Endings{X: 4, O: 3, Draws: 2, Resigned: 1}
	r.Games, r.Errors = r.Endings.games(), 3
	return r
}

func page(t *testing.T, r Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Report(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReport(t *testing.T) {
	r := sample()
	r.WrongBoards, r.Wrong = 1, []string{`it is wrong: {"board":"<script>alert(1)</script>"}`}
	html := page(t, r)
	for _, want := range []string{"Latency over time", "Moves a second", "How latencies are spread", "How the games ended", "2 x closed with 1006", "broke its word: 1 wrong boards"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(html, "<script>alert") {
		t.Error("what a server said became part of the page")
	}
	if found := regexp.MustCompile(`(?i)(src|href|action)\s*=|url\(|@import|fetch\(|NaN|Inf\b|ZgotmplZ`).FindString(html); found != "" {
		t.Errorf("the page has %q", found)
	}
	if n := strings.Count(html, `class="plot`); n != 3 {
		t.Errorf("%d charts", n)
	}
}

func TestReportsOfLittle(t *testing.T) {
	one := sample()
	one.Series = one.Series[:1]
	idle := Result{Mode: Idle, Series: []Second{{At: 1, Players: 4}}}
	ramp := sample()
	ramp.Mode, ramp.LimitMS, ramp.Held = Ramp, 100, 4
	ramp.Ramp = []Step{{Players: 4, P99: 3, Moves: 10, Held: true}, {Players: 8, P99: 300, Moves: 5}}
	still := Result{Mode: Play, Series: []Second{{At: 1}, {At: 2}}}
	for name, r := range map[string]Result{"nothing": {}, "one second": one, "idle": idle, "ramp": ramp, "no moves": still} {
		if html := page(t, r); strings.Contains(html, "NaN") || strings.Contains(html, "Inf") || !strings.Contains(html, "</html>") {
			t.Errorf("%s: %s", name, html)
		}
	}
}

func TestDistribution(t *testing.T) {
	h := newHistogram()
	var all []float64
	for i := range int64(10_000) {
		record(h, i*i*50)
		all = append(all, float64(i*i*50)/1e6)
	}
	buckets := distribution(h)
	sum := int64(0)
	for i, b := range buckets {
		sum += b.Count
		if i > 0 && b.To <= buckets[i-1].To {
			t.Fatalf("bucket %d ends at %v, the one before at %v", i, b.To, buckets[i-1].To)
		}
		under, _ := slices.BinarySearch(all, b.To)
		if diff := sum - int64(under); diff < -100 || diff > 100 {
			t.Errorf("up to %v ms there are %d, want %d", b.To, sum, under)
		}
	}
	if sum != 10_000 {
		t.Errorf("%d of 10,000 are in the buckets", sum)
	}
}

func TestTableAndJSON(t *testing.T) {
	r := sample()
	var b bytes.Buffer
	r.Table(&b)
	for _, want := range []string{"moves", "games", "errors", "wrong boards", "lost moves", "reconnects", "connect ", "latency ", "bytes a move", "p99.9"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	equal(t, back, r)
}

func TestProgress(t *testing.T) {
	p := Progress{Phase: "playing", Elapsed: 5 * time.Second, Of: 10 * time.Second, Players: 2000, Wanted: 2000, Moves: 5, MovesPerSecond: 12345, P99: 3.21}
	for _, width := range []int{0, 10, 60, 79, 200} {
		if n := len([]rune(p.line(width))); n > width {
			t.Errorf("%d characters where there are %d", n, width)
		}
	}
	line := p.line(130)
	for _, want := range []string{"playing", "███", "░░░", "5/10 s", "2,000/2,000 players", "12,345 moves/s", "p99 3.21 ms", "0 errors"} {
		if !strings.Contains(line, want) {
			t.Errorf("no %q in %q", want, line)
		}
	}
	var b bytes.Buffer
	show := Lines(&b)
	p.Notes = []string{"mind this"}
	show(p)
	p.Notes = nil
	show(p) // too soon for another line
	if got := strings.Count(b.String(), "\n"); got != 2 || !strings.HasPrefix(b.String(), "mind this\nplaying 5/10 s: ") {
		t.Errorf("%d lines: %q", got, b.String())
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q", n, got)
		}
	}
}
