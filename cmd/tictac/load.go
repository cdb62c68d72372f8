package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/term"

	"tictac/load"
)

// loadOptions are what load was told by its flags.
type loadOptions struct {
	cfg          load.Config
	json, report string
}

// runLoad plays many games against a server and says how fast it was. It ends
// early, with what it has found, on SIGTERM or SIGINT; a second one ends it at once.
func runLoad(args []string, stdout io.Writer) error {
	o, err := loadFlags(args, stdout)
	if err != nil {
		return err
	}
	jsonFile, err := create(o.json)
	if err != nil {
		return usage("--json: %w", err)
	}
	reportFile, err := create(o.report)
	if err != nil {
		return usage("--report: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // back to the default, which is to die
	var done func()
	o.cfg.Progress, done = progress(os.Stderr)
	result, err := load.Run(ctx, o.cfg)
	done()
	if err != nil {
		return loadError(err)
	}
	result.Table(stdout)
	err = errors.Join(write(jsonFile, func(w io.Writer) error { return writeJSON(w, result) }), write(reportFile, result.Report))
	if err == nil && result.Failed() {
		err = fmt.Errorf("%d wrong boards, %d lost moves", result.WrongBoards, result.LostMoves)
	}
	return err
}

// loadFlags reads the flags and checks what can be checked before a start.
func loadFlags(args []string, stdout io.Writer) (o loadOptions, err error) {
	c := &o.cfg
	*c = load.Config{Mode: load.Play, Players: 2000, Duration: 30 * time.Second, Limit: 100 * time.Millisecond}
	fs := newFlags("load")
	fs.StringVar(&c.Target, "target", "", "the server to play on: http://host:port or https://host:port; nothing else is connected to")
	fs.Var(count{&c.Players, 2}, "players", "how many players there are, two to a room; the most of a ramp")
	fs.Var(notNegative{&c.Duration, true}, "duration", "how long they play, once they are connected")
	fs.Var((*rate)(&c.Rate), "rate", "moves per second of all players together; 0: as fast as it goes")
	fs.Var((*mode)(&c.Mode), "mode", "play: games, one after the other; idle: they sit in their rooms; ramp: more and more play until --limit is passed")
	fs.Var(notNegative{&c.Limit, true}, "limit", "the latency, at p99, that ends a ramp")
	fs.StringVar(&o.json, "json", "", "a file for the result as JSON")
	fs.StringVar(&o.report, "report", "", "a file for the result as a web page with charts")
	if _, err := parse(fs, 0, args, stdout); err != nil {
		return o, err
	}
	if c.Target == "" {
		return o, usage("--target is missing: the server to play on, such as http://localhost:3000")
	}
	if c.Players%2 != 0 {
		return o, usage("--players %d: they come in pairs", c.Players)
	}
	if need, have := load.Descriptors(c.Players), descriptors(); need > have {
		return o, usage("--players %d takes %d open files and this process may have %d: raise the limit (ulimit -n %d) or take fewer players", c.Players, need, have, need)
	}
	return o, nil
}

// loadError makes an error that the user has to mend one of usage.
func loadError(err error) error {
	var target *load.TargetError
	if errors.As(err, &target) {
		return usage("--target %w", err)
	}
	return err
}

// progress shows on a terminal how it goes, in one line, and elsewhere in one a second.
func progress(f *os.File) (show func(load.Progress), done func()) {
	if !term.IsTerminal(int(f.Fd())) {
		return load.Lines(f), func() {}
	}
	width := func() int {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			return w
		}
		return 80
	}
	return load.Bar(f, width), func() { fmt.Fprint(f, "\r\x1b[K") }
}

// create opens a file that was asked for, so that what is wrong with it is told
// before anything is played.
func create(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	return os.Create(name)
}

func write(f *os.File, content func(io.Writer) error) error {
	if f == nil {
		return nil
	}
	return errors.Join(content(f), f.Close())
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// rate is a number of moves per second.
type rate float64

func (r *rate) String() string { return strconv.FormatFloat(float64(*r), 'f', -1, 64) }

func (r *rate) Set(s string) error {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return errors.New("it takes a number of moves per second, or 0")
	}
	*r = rate(v)
	return nil
}

// mode is one of load's.
type mode load.Mode

func (m *mode) String() string { return string(*m) }

func (m *mode) Set(s string) error {
	switch load.Mode(s) {
	case load.Play, load.Idle, load.Ramp:
		*m = mode(s)
		return nil
	}
	return errors.New("it is play, idle or ramp")
}
