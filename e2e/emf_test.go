package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"tictac/emf"
)

// An emfLine is what a server tells CloudWatch.
type emfLine struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []emf.Metric
		}
	} `json:"_aws"`
	Players, Rooms                 *int
	Moves, StoreErrors, Reconnects int
	MoveTime                       []float64
	Task, Version                  string
}

// emfLines reads the standard output of a server that has ended: nothing but lines
// as the format's schema wants them.
func emfLines(t *testing.T, s *server) (lines []emfLine) {
	t.Helper()
	text, err := os.ReadFile("../emf/testdata/emf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema := new(jsonschema.Schema)
	if err := json.Unmarshal(text, schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(s.stdout.String()) {
		var members map[string]any
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if err := resolved.Validate(members); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		var l emfLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for _, m := range l.AWS.CloudWatchMetrics[0].Metrics {
			if members[m.Name] == nil || !slices.Contains(emf.Metrics, m) {
				t.Errorf("%v is not told, or is not in the list: %s", m, line)
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// TestEMF has a server tell CloudWatch of a game, and stop. The test does not wait
// for a full minute, which may come all the same: lines are added up.
func TestEMF(t *testing.T) {
	t.Parallel()
	began := time.Now()
	s := startEnv(t, "TICTAC_LISTEN="+ownHost()+":0", "TICTAC_METRICS=127.0.0.1:0", "TICTAC_STORE=sqlite:"+newFile(t), "TICTAC_EMF=Tictac/e2e")
	m, ctx := newMatch(t, s), patience(t, 30*time.Second)
	if err := m.play(ctx, 1, 0, draws[:4], nil); err != nil {
		t.Fatal(err)
	}
	m.guest.Drop()
	eventually(t, patient, "the guest is back", func() error {
		if n := len(m.guest.Absences()); n != 1 {
			return fmt.Errorf("absent %d times", n)
		}
		return nil
	})
	if err := m.play(ctx, 1, 4, draws[4:], nil); err != nil {
		t.Fatal(err)
	}
	s.signal(syscall.SIGTERM)
	if code := s.wait(patient); code != 0 {
		t.Errorf("exit code %d", code)
	}
	lines := emfLines(t, s)
	if len(lines) == 0 {
		t.Fatalf("no line for CloudWatch; the log:\n%s", s.logged())
	}
	var sum emfLine
	for i, l := range lines {
		if d := l.AWS.CloudWatchMetrics[0]; d.Namespace != "Tictac/e2e" || len(d.Dimensions) != 1 || len(d.Dimensions[0]) != 0 {
			t.Errorf("line %d is published as %+v", i, d)
		}
		if at := time.UnixMilli(l.AWS.Timestamp); at.Before(began.Add(-time.Second)) || at.After(time.Now().Add(time.Second)) {
			t.Errorf("line %d is of %v", i, at)
		}
		if last := i == len(lines)-1; (l.Players == nil) != last || (l.Rooms == nil) != last {
			t.Errorf("line %d of %d tells the players %v, the rooms %v", i+1, len(lines), l.Players, l.Rooms)
		}
		if l.Task == "" || l.Task != lines[0].Task || l.Version == "" {
			t.Errorf("line %d is of the task %q, version %q", i, l.Task, l.Version)
		}
		sum.Moves += l.Moves
		sum.Reconnects += l.Reconnects
		sum.StoreErrors += l.StoreErrors
		sum.MoveTime = append(sum.MoveTime, l.MoveTime...)
	}
	if sum.Moves != len(draws) || sum.Reconnects != 1 || sum.StoreErrors != 0 || len(sum.MoveTime) != len(draws) {
		t.Errorf("%d moves, 1 player back: told %+v", len(draws), sum)
	}
	if longest := slices.Max(sum.MoveTime); longest <= 0 || longest > 20_000 {
		t.Errorf("moves took %v ms", sum.MoveTime)
	}
	if strings.Contains(s.logged(), "CloudWatchMetrics") || !strings.HasSuffix(s.logged(), `"stopped"}`) {
		t.Errorf("the log has what it should not have, or no end:\n%s", s.logged())
	}
}

// TestNoEMF: nobody who has not asked for them gets lines, and a namespace that
// CloudWatch would not take is a bad flag.
func TestNoEMF(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t))
	s.signal(syscall.SIGTERM)
	if code := s.wait(patient); code != 0 || s.stdout.Len() > 0 {
		t.Errorf("without --emf: exit code %d, standard output %q", code, s.stdout.String())
	}
	for _, namespace := range []string{"AWS/ECS", "Tic*tac"} {
		refuses(t, "--emf "+namespace, []string{"emf", namespace}, "--emf", namespace, "--store", "sqlite:"+newFile(t))
	}
}
