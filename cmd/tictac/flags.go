package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"tictac/emf"
)

// Defaults that several commands share.
const (
	defaultListen  = ":3000"
	defaultStore   = "sqlite:data/tictac.db"
	defaultMetrics = "127.0.0.1:9464"
	defaultHistory = 90 * 24 * time.Hour
)

func newFlags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are told once, by run
	return fs
}

// parse sets the flags, first from the environment (TICTAC_ and the flag in
// capitals, hyphens as underscores), then from args, and returns the arguments
// that are no flags: as many as the command takes. For --help it prints what
// there is and returns flag.ErrHelp.
func parse(fs *flag.FlagSet, takes int, args []string, stdout io.Writer) (rest []string, err error) {
	fs.VisitAll(func(f *flag.Flag) {
		name := envName(f.Name)
		if value, set := os.LookupEnv(name); set && err == nil {
			if e := f.Value.Set(value); e != nil {
				err = usage("%s=%q: %w", name, value, e)
			}
		}
	})
	for more := true; more && err == nil; more = fs.NArg() > 0 {
		err = fs.Parse(args)
		if fs.NArg() > 0 { // flags may follow an argument
			rest, args = append(rest, fs.Arg(0)), fs.Args()[1:]
		}
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		printHelp(fs, stdout)
		return nil, err
	case err != nil:
		return nil, usage("%s", strings.Replace(err.Error(), "flag -", "flag --", 1))
	case len(rest) != takes:
		return nil, usage("%d arguments where it takes %d: tictac %s", len(rest), takes, fs.Name())
	}
	return rest, nil
}

func envName(flag string) string {
	return "TICTAC_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func printHelp(fs *flag.FlagSet, w io.Writer) {
	fmt.Fprintf(w, "Usage: tictac %s [flags]\n\nCommands:\n", fs.Name())
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-12s %s\n", c.name, c.help)
	}
	fmt.Fprintf(w, "\nFlags of %s, each with its environment variable and default:\n", fs.Name())
	fs.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(w, "  --%s, %s (%s)\n        %s\n", f.Name, envName(f.Name), f.DefValue, f.Usage)
	})
}

// notNegative is a duration of zero or more; strictly makes zero an error too.
type notNegative struct {
	value    *time.Duration
	strictly bool
}

func (d notNegative) String() string {
	if d.value == nil {
		return ""
	}
	return d.value.String()
}

func (d notNegative) Set(s string) error {
	v, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return fmt.Errorf("a duration is a number with a unit, such as 90s or 2m")
	case v < 0:
		return fmt.Errorf("a duration must not be negative")
	case v == 0 && d.strictly:
		return fmt.Errorf("this duration must not be zero")
	}
	*d.value = v
	return nil
}

// days is a duration of a day or more, which may be given in days.
type days struct{ value *time.Duration }

func (d days) String() string {
	if d.value == nil {
		return ""
	}
	if *d.value%(24*time.Hour) == 0 {
		return fmt.Sprint(int(d.value.Hours()/24), "d")
	}
	return d.value.String()
}

func (d days) Set(s string) error {
	const day, most = 24 * time.Hour, 36500
	v, err := time.ParseDuration(s)
	if text, inDays := strings.CutSuffix(s, "d"); inDays {
		var n int
		err = count{&n, 0}.Set(text)
		v = time.Duration(min(n, most+1)) * day
	}
	switch {
	case err != nil:
		return fmt.Errorf("it takes days, such as 90d, or a duration, such as 2160h")
	case v < day || v > most*day:
		return fmt.Errorf("it must be at least 1d, and at most %dd", most)
	}
	*d.value = v
	return nil
}

// count is a number from least up.
type count struct {
	value *int
	least int
}

func (c count) String() string {
	if c.value == nil {
		return ""
	}
	return fmt.Sprint(*c.value)
}

func (c count) Set(s string) error {
	var n int
	if _, err := fmt.Sscanf(s+" ", "%d ", &n); err != nil || fmt.Sprint(n) != s || n < c.least {
		return fmt.Errorf("it takes a whole number from %d up", c.least)
	}
	*c.value = n
	return nil
}

// origins are scheme://host[:port], separated by commas.
type origins []string

func (o *origins) String() string { return strings.Join(*o, ",") }

func (o *origins) Set(s string) error {
	*o = nil
	for _, origin := range list(s) {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "" {
			return fmt.Errorf("%q is not scheme://host[:port]", origin)
		}
		*o = append(*o, strings.ToLower(u.Scheme+"://"+u.Host))
	}
	return nil
}

// networks are in CIDR notation, separated by commas.
type networks []netip.Prefix

func (n *networks) String() string {
	var all []string
	for _, p := range *n {
		all = append(all, p.String())
	}
	return strings.Join(all, ",")
}

func (n *networks) Set(s string) error {
	*n = nil
	for _, network := range list(s) {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return fmt.Errorf("%q is no network such as 10.0.0.0/8", network)
		}
		*n = append(*n, prefix.Masked())
	}
	return nil
}

// A namespace is one of CloudWatch's, for metrics; empty is none.
type namespace string

func (n *namespace) String() string { return string(*n) }

func (n *namespace) Set(s string) error {
	if s != "" && !emf.ValidNamespace(s) {
		return fmt.Errorf("%q is no namespace for metrics of one's own, such as Tictac", s)
	}
	*n = namespace(s)
	return nil
}

func list(s string) (items []string) {
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
