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

// given is what a page is given to show, read as a browser reads it: up to the
// next end of a script, whatever stands before it.
func given(t *testing.T, html string) (r report) {
	t.Helper()
	_, document, found := strings.Cut(html, `<script type="application/json" id="report">`)
	document, _, closed := strings.Cut(document, "</script>")
	if err := json.Unmarshal([]byte(document), &r); err != nil || !found || !closed {
		t.Fatalf("%v: %s", err, document)
	}
	return r
}

func TestReport(t *testing.T) {
	r := sample()
	r.WrongBoards, r.Wrong = 1, []string{"it is wrong: {\"board\":\"</script><script>alert(1)</script>\"}", "<!-- <script> & \u2028 {{.Report}}"}
	r.ErrorKinds["<img src=//x.test onerror=alert(1)>"] = 1
	html := page(t, r)
	got := given(t, html)
	equal(t, got.Wrong, r.Wrong)
	equal(t, got.Kinds, []string{"2 x closed with 1006", "1 x <img src=//x.test onerror=alert(1)>", "1 x no answer in time"})
	equal(t, got.Verdict, "The server broke its word: 1 wrong boards, 0 lost moves")
	equal(t, got.Failed, true)
	var titles []string
	for _, p := range got.Plots {
		titles = append(titles, p.Title)
		if len(p.Points) == 0 || len(p.Lines)+len(p.Bars) == 0 {
			t.Errorf("%s: nothing is drawn", p.Title)
		}
	}
	equal(t, titles, []string{"Latency over time", "Moves a second", "How latencies are spread"})
	equal(t, got.Shares[0], share{"X won", "x", "4", 40})
	equal(t, len(got.Seconds), 3)
	// What a server said is data: beside it the page is the same, whatever that was.
	frame := func(html string) string {
		before, rest, _ := strings.Cut(html, `id="report">`)
		_, after, _ := strings.Cut(rest, "</script>")
		return before + after
	}
	equal(t, frame(html), frame(page(t, Result{})))
}

// TestReportPage: the page needs nothing else, and takes no text for markup.
func TestReportPage(t *testing.T) {
	for _, unwanted := range []string{
		`(?i)\b(src|href|action)\s*[=:]|url\(|@import|import\(|fetch\(|XMLHttp|WebSocket|EventSource|Beacon`,
		`(?i)innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|DOMParser|eval\(|Function\(`,
	} {
		if found := regexp.MustCompile(unwanted).FindString(reportPage); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
	if n := strings.Count(reportPage, "{{"); n != 1 {
		t.Errorf("%d places to fill in", n)
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
	for name, k := range map[string]struct {
		r     Result
		plots int
	}{"nothing": {Result{}, 0}, "one second": {one, 3}, "idle": {idle, 1}, "ramp": {ramp, 4}, "no moves": {still, 1}} {
		html := page(t, k.r)
		if got := given(t, html); len(got.Plots) != k.plots || strings.Contains(html, "NaN") || strings.Contains(html, "Inf") || !strings.HasSuffix(html, "</html>\n") {
			t.Errorf("%s: %d plots: %s", name, len(got.Plots), html)
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
