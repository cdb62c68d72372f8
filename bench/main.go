// Command bench measures the server against a plain relay (bench/relay), both on
// one core in the same run, and says whether the bars of docs/performance.md are
// met. It is started by make bench, on the other core; as root it measures memory
// and what a small container can do too (cgroup v1).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"
	"time"
)

// A row is one figure, with the bar that it has to meet.
type row struct {
	What   string  `json:"what"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Bar    string  `json:"bar"`
	Met    bool    `json:"met"`
	Detail string  `json:"detail"` // what it was computed from
}

// A bench is a run.
type bench struct {
	ctx  context.Context
	bin  string // the folder with the programs
	dir  string // for databases, in which nothing stays
	rows []row

	saturated float64 // moves per second of the program on a core
}

// A benchCase measures something.
type benchCase struct {
	name string
	run  func(*bench) error
}

var cases = []benchCase{
	{"saturated", (*bench).atSaturation},
	{"latency", (*bench).atHalfLoad},
	{"rooms", (*bench).withManyRooms},
	{"start", (*bench).startWithRooms},
	{"idle", (*bench).idlePlayers},
	{"cage", (*bench).inCage},
	{"redis", (*bench).onRedis},
}

func main() {
	b := &bench{}
	only := flag.String("only", "", "cases to run, comma-separated; default: all")
	file := flag.String("json", "", "a file for the figures as JSON")
	flag.StringVar(&b.bin, "bin", "bin", "the folder with tictac and relay")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b.ctx = ctx
	met, err := b.all(*only)
	if err == nil && *file != "" {
		text, _ := json.MarshalIndent(b.rows, "", "  ")
		err = os.WriteFile(*file, append(text, '\n'), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if !met {
		fmt.Fprintln(os.Stderr, "bench: a bar was not met")
		os.Exit(1)
	}
}

// all runs the cases and prints the figures.
func (b *bench) all(only string) (met bool, err error) {
	if b.dir, err = os.MkdirTemp("", "tictac-bench-"); err != nil {
		return false, err
	}
	defer os.RemoveAll(b.dir)
	for _, c := range cases {
		if only != "" && !strings.Contains(","+only+",", ","+c.name+",") {
			continue
		}
		began := time.Now()
		if err := c.run(b); err != nil {
			return false, fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %v\n", c.name, time.Since(began).Round(time.Second))
	}
	met = true
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tMEASURED\tBAR\t\tFROM")
	for _, r := range b.rows {
		met = met && r.Met
		fmt.Fprintf(w, "%s\t%.3g%s\t%s\t%s\t%s\n", r.What, r.Value, r.Unit, r.Bar, map[bool]string{true: "met", false: "NOT MET"}[r.Met], r.Detail)
	}
	return met, w.Flush()
}

// atMost and atLeast add a figure and its bar.

func (b *bench) atMost(what string, value float64, unit string, bar float64, detail string, args ...any) {
	b.rows = append(b.rows, row{what, value, unit, fmt.Sprintf("≤ %g%s", bar, unit), value <= bar, fmt.Sprintf(detail, args...)})
}

func (b *bench) atLeast(what string, value float64, unit string, bar float64, detail string, args ...any) {
	b.rows = append(b.rows, row{what, value, unit, fmt.Sprintf("≥ %g%s", bar, unit), value >= bar, fmt.Sprintf(detail, args...)})
}
