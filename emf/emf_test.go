package emf

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

var (
	ours   = origin{namespace: "Tictac", task: "m3x-ABC", version: "v1.2-3-gabc"}
	moment = time.UnixMilli(1_790_000_000_123)
	busy   = Figures{Players: 7, Rooms: 4, Moves: 3, StoreErrors: 2, Reconnects: 1, MoveTimes: []time.Duration{1_234_567, 89, 2 * time.Second}}
)

func schema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	text, err := os.ReadFile("testdata/emf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s := new(jsonschema.Schema)
	if err := json.Unmarshal(text, s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// wantValid checks a line against the schema, and what a schema cannot say: each
// metric is a member of the line, a number or up to 100 of them, and the line is
// one record of a log.
func wantValid(t *testing.T, line string) map[string]any {
	t.Helper()
	if strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "}\n") || !strings.HasPrefix(line, "{") || len(line) > 16<<10 {
		t.Errorf("%d bytes are not one line of a log: %q", len(line), line)
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(line), &members); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if err := schema(t).Validate(members); err != nil {
		t.Errorf("%s: %v", line, err)
	}
	var doc struct {
		AWS metadata `json:"_aws"`
	}
	_ = json.Unmarshal([]byte(line), &doc)
	for _, m := range doc.AWS.CloudWatchMetrics[0].Metrics {
		if !slices.Contains(Metrics, m) {
			t.Errorf("%v is not in the list of metrics: %s", m, line)
		}
		switch v := members[m.Name].(type) {
		case float64:
		case []any:
			if len(v) == 0 || len(v) > 100 {
				t.Errorf("%s has %d values: %s", m.Name, len(v), line)
			}
			for _, x := range v {
				if _, ok := x.(float64); !ok {
					t.Errorf("%s has the value %v: %s", m.Name, x, line)
				}
			}
		default:
			t.Errorf("%s is %v: %s", m.Name, v, line)
		}
	}
	return members
}

func TestLine(t *testing.T) {
	line := string(appendLine(nil, ours, moment, busy, false))
	wantValid(t, line)
	const want = `{"MoveTime":[1.235,0,2000],"Moves":3,"Players":7,"Reconnects":1,"Rooms":4,"StoreErrors":2,` +
		`"_aws":{"Timestamp":1790000000123,"CloudWatchMetrics":[{"Namespace":"Tictac","Dimensions":[[]],"Metrics":[` +
		`{"Name":"Players","Unit":"Count"},{"Name":"Rooms","Unit":"Count"},{"Name":"Moves","Unit":"Count"},` +
		`{"Name":"MoveTime","Unit":"Milliseconds"},{"Name":"StoreErrors","Unit":"Count"},{"Name":"Reconnects","Unit":"Count"}` +
		`]}]},"task":"m3x-ABC","version":"v1.2-3-gabc"}` + "\n"
	if line != want {
		t.Errorf("got  %s\nwant %s", line, want)
	}
}

// TestLineWithout has lines that lack metrics: what there is no figure for is not
// announced either.
func TestLineWithout(t *testing.T) {
	for _, c := range []struct {
		name    string
		figures Figures
		last    bool
		lacks   []string
	}{
		{"a quiet minute", Figures{}, false, []string{"MoveTime"}},
		{"the last", busy, true, []string{"Players", "Rooms"}},
		{"the last, quiet", Figures{}, true, []string{"MoveTime", "Players", "Rooms"}},
	} {
		line := string(appendLine(nil, ours, moment, c.figures, c.last))
		members := wantValid(t, line)
		for _, m := range Metrics {
			_, there := members[m.Name]
			announced := strings.Contains(line, `"Name":"`+m.Name+`"`)
			if lacks := slices.Contains(c.lacks, m.Name); there == lacks || announced == lacks {
				t.Errorf("%s: %s is there: %v, announced: %v: %s", c.name, m.Name, there, announced, line)
			}
		}
	}
}

// TestSchema: the schema refuses what the format does not allow, or it would prove
// nothing.
func TestSchema(t *testing.T) {
	good := string(appendLine(nil, ours, moment, busy, false))
	for _, change := range [][2]string{
		{`"_aws"`, `"aws"`},
		{`"Timestamp":1790000000123`, `"Timestamp":"2026-09-21"`},
		{`"Timestamp":1790000000123,`, ``},
		{`"Namespace":"Tictac",`, ``},
		{`"Namespace":"Tictac"`, `"Namespace":""`},
		{`"Dimensions":[[]],`, ``},
		{`"Dimensions":[[]]`, `"Dimensions":[]`},
		{`"Dimensions":[[]]`, `"Dimensions":["task"]`},
		{`"Dimensions":[[]]`, `"Dimensions":[[""]]`},
		{`"Dimensions"`, `"dimensions":[[]],"Dimensions"`},
		{`{"Name":"Players","Unit":"Count"}`, `{"Unit":"Count"}`},
		{`"Unit":"Milliseconds"`, `"Unit":"ms"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		var members map[string]any
		if err := json.Unmarshal([]byte(bad), &members); err != nil || bad == good {
			t.Fatalf("%v: %v", change, err)
		}
		if schema(t).Validate(members) == nil {
			t.Errorf("%s in place of %s is valid", change[1], change[0])
		}
	}
}

// TestMetricNames: every metric is published, under one name.
func TestMetricNames(t *testing.T) {
	members := wantValid(t, string(appendLine(nil, ours, moment, busy, false)))
	names := map[string]bool{"_aws": true, "task": true, "version": true}
	for _, m := range Metrics {
		names[m.Name] = true
	}
	if len(names) != len(Metrics)+3 || !maps.EqualFunc(names, members, func(bool, any) bool { return true }) {
		t.Errorf("the list is %v, a line has %v", names, slices.Sorted(maps.Keys(members)))
	}
}

func TestValidNamespace(t *testing.T) {
	for _, s := range []string{"Tictac", "tictac/prod", "A b#1:2_3.4-5", strings.Repeat("x", 255)} {
		if !ValidNamespace(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{"", " ", "Tictac ", "AWS/ECS", ":a", "a\nb", `a"b`, "ä", strings.Repeat("x", 256)} {
		if ValidNamespace(s) {
			t.Errorf("%q is taken", s)
		}
	}
}
