// Command tictac is the game server, with what belongs to running it. It is the
// only place that knows which engines there are.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/term"

	"tictac/sqlite"
)

// Set by the build: see Makefile.
var (
	version = "dev"
	commit  = ""
)

// A command is one word of the command line. Its run adds its flags to a set,
// has them parsed, and does what it is for.
type command struct {
	name, help string
	run        func(args []string, stdout io.Writer) error
}

// commands are described for users in docs/protocol.md.
func commands() []command {
	return []command{
		{"serve", "run a server (the default)", serve},
		{"healthcheck", "exit with 0 if the server on this machine is alive", healthcheck},
		{"backup", "copy a live embedded store to a file: backup FILE", backup},
		{"export", "write all that a store keeps as JSON lines: export > FILE", export},
		{"import", "read into a store what export wrote: import < FILE", importAll},
		{"stats", "compute all statistics and ratings again from the log: stats --rebuild", stats},
		{"load", "play many games against a server and measure it: load --target http://HOST:PORT", runLoad},
		{"version", "print version, commit and Go version", printVersion},
	}
}

// exitUsage is the exit code of whatever the user has to mend before a start.
const exitUsage = 2

// A usageError is one that the user has to mend.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() {
	slog.SetDefault(newLogger(os.Stderr))
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run finds the command and carries it out. It returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	name := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	err := usage("there is no command %q: see tictac --help", name)
	for _, c := range commands() {
		if c.name == name {
			err = c.run(args, stdout)
		}
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, new(usageError)):
		fmt.Fprintln(stderr, "tictac:", oneLine(err))
		return exitUsage
	}
	fmt.Fprintln(stderr, "tictac:", oneLine(err))
	return 1
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// newLogger writes JSON, one object a line, or text for a person at a terminal.
func newLogger(f *os.File) *slog.Logger {
	if term.IsTerminal(int(f.Fd())) {
		return slog.New(slog.NewTextHandler(f, nil))
	}
	return slog.New(slog.NewJSONHandler(f, nil))
}

func printVersion(args []string, stdout io.Writer) error {
	if _, err := parse(newFlags("version"), 0, args, stdout); err != nil {
		return err
	}
	c := commit
	if info, ok := debug.ReadBuildInfo(); ok && c == "" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				c = s.Value
			}
		}
	}
	if c == "" {
		c = "unknown"
	}
	fmt.Fprintf(stdout, "tictac %s, commit %s, %s %s/%s\n", version, c, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

func backup(args []string, stdout io.Writer) error {
	fs := newFlags("backup FILE")
	store := fs.String("store", defaultStore, "the store to copy")
	file, err := parse(fs, 1, args, stdout)
	if err != nil {
		return err
	}
	path, err := sqlitePath(*store)
	if err != nil {
		return usage("--store: %w", err)
	}
	if err == nil {
		err = sqlite.Backup(path, file[0])
	}
	if err != nil {
		return usageError{err}
	}
	return nil
}

// healthcheckTimeout is short of what container platforms allow a check.
const healthcheckTimeout = 2 * time.Second

func healthcheck(args []string, stdout io.Writer) error {
	fs := newFlags("healthcheck")
	listen := fs.String("listen", defaultListen, "the address that the server listens on")
	if _, err := parse(fs, 0, args, stdout); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(*listen)
	if err != nil {
		return usage("--listen: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	client := http.Client{Timeout: healthcheckTimeout}
	res, err := client.Get("http://" + net.JoinHostPort(host, port) + "/healthz")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("/healthz answered %s", res.Status)
	}
	return nil
}
