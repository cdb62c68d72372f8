package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// binary is the program under test, built once, in the folder of all builds.
var binary, builds string

// TestMain has more tests run at once than there are cores: they mostly wait.
// With TICTAC_SOAK=1, those that measure run alone: see measures.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "test.parallel" })
	if !asked {
		_ = flag.Set("test.parallel", "10")
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	var err error
	if builds, err = os.MkdirTemp("", "tictac-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(builds)
	binary = filepath.Join(builds, "tictac")
	if err := build(binary); err != nil {
		fmt.Fprintln(os.Stderr, "building the server:", err)
		return 1
	}
	return m.Run()
}

// build builds the program.
func build(to string, flags ...string) error {
	args := append([]string{"build", "-o", to}, flags...)
	if raced {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "tictac/cmd/tictac")...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd.Run()
}

// soak is whether bars on times are asserted as they are: on a quiet machine,
// without the race detector. Else ten times as much is allowed.
var soak = os.Getenv("TICTAC_SOAK") == "1"

// measures is t.Parallel for a test that measures times.
func measures(t *testing.T) {
	if !soak {
		t.Parallel()
	}
}

// within fails the test if a measured time is over its bar, and prints it.
func within(t *testing.T, what string, got, bar time.Duration) {
	t.Helper()
	limit := bar
	if !soak {
		limit = 10 * bar
	}
	t.Logf("measured: %s: %v (bar %v, asserted here %v)", what, got.Round(10*time.Microsecond), bar, limit)
	if got > limit {
		t.Errorf("%s took %v, more than %v", what, got, limit)
	}
}

// percentile is the p-th of 100 parts of the times, which it sorts.
func percentile(times []time.Duration, p int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[min(len(times)*p/100, len(times)-1)]
}

// patience is a context for what a test waits for: ample, so that a busy
// machine fails nothing.
func patience(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits until check returns nil.
func eventually(t *testing.T, d time.Duration, what string, check func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		if err = check(); err == nil {
			return
		}
	}
	t.Fatalf("%s: not within %v: %v", what, d, err)
}

// patient is how long a process may take for what it does at once.
const patient = 20 * time.Second
