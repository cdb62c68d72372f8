package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLoad: tictac load plays on a real server, finds nothing wrong, and says so
// in all the ways it has.
func TestLoad(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t), noLimits...)
	jsonFile, report := filepath.Join(t.TempDir(), "r.json"), filepath.Join(t.TempDir(), "r.html")
	code, stdout, stderr := run(t, []string{"TICTAC_PLAYERS=40"}, "load", "--target", "http://"+s.addr, "--duration", "2s", "--json", jsonFile, "--report", report)
	if code != 0 {
		t.Fatalf("exit code %d: %s\n%s", code, stderr, stdout)
	}
	for _, want := range []string{"40 of 40 connected", "moves", "games", "wrong boards   0\n", "lost moves     0\n", "reconnects", "p99.9", "bytes a move"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the table has no %q:\n%s", want, stdout)
		}
	}
	if !strings.Contains(stderr, "playing") || strings.Contains(stderr, "\x1b") {
		t.Errorf("progress: %q", stderr)
	}
	text, err := os.ReadFile(jsonFile)
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Moves, Games, Errors int
		Latency              struct{ P99 float64 }
	}
	if err := json.Unmarshal(text, &r); err != nil || r.Moves < 100 || r.Games < 5 || r.Errors > 0 || r.Latency.P99 <= 0 {
		t.Errorf("%v: %s", err, text)
	}
	html, err := os.ReadFile(report)
	if err != nil || !strings.Contains(string(html), "Latency over time") {
		t.Errorf("%v: %s", err, html)
	}
	if s.metric("tictac_moves_total") < float64(r.Moves) {
		t.Errorf("the server knows of %v moves, load of %d", s.metric("tictac_moves_total"), r.Moves)
	}
}

// TestLoadRefuses: what the user has to mend is told in one line.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	target := "http://127.0.0.1:1" // nobody listens there
	for name, k := range map[string]struct {
		args []string
		want string
	}{
		"nobody there":    {[]string{"--target", target}, "refused"},
		"no target":       {nil, "--target is missing"},
		"no address":      {[]string{"--target", "localhost"}, "http://host:port"},
		"an odd one":      {[]string{"--target", target, "--players", "3"}, "pairs"},
		"too many":        {[]string{"--target", target, "--players", "1000000000"}, "ulimit -n"},
		"a mode":          {[]string{"--target", target, "--mode", "fight"}, "play, idle or ramp"},
		"a rate":          {[]string{"--target", target, "--rate", "-1"}, "moves per second"},
		"a file":          {[]string{"--target", target, "--json", "/nowhere/at/all"}, "--json"},
		"a report's file": {[]string{"--target", target, "--report", "/nowhere/at/all"}, "--report"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := run(t, nil, append([]string{"load"}, k.args...)...)
			if code != 2 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, k.want) || stdout != "" {
				t.Errorf("exit code %d, %q, %q", code, stderr, stdout)
			}
		})
	}
}
