package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"tictac/history"
)

// A storeCommand is a command that works on a store which no server is using.
type storeCommand struct {
	store string
	keep  time.Duration // of finished rounds, on Redis
}

// flags are those of every such command; it may have others.
func (c *storeCommand) flags(name string) *flag.FlagSet {
	c.keep = defaultHistory
	fs := newFlags(name)
	fs.StringVar(&c.store, "store", defaultStore, "the store: sqlite:PATH, or redis://HOST; no server may be using it")
	fs.Var(days{&c.keep}, "history", "how long Redis keeps finished rounds: what the servers are told")
	return fs
}

// open opens the store. One that is to be read must be there: opening makes what
// is missing.
func (c *storeCommand) open(mustExist bool) (closingStore, error) {
	if path, err := sqlitePath(c.store); err == nil && mustExist {
		if _, err := os.Stat(path); err != nil {
			return nil, usage("--store: %w", err)
		}
	}
	store, err := openStore(context.Background(), c.store, c.keep)
	if err != nil {
		return nil, usage("--store: %w", err)
	}
	return store, nil
}

// stats computes what is counted of all players again.
func stats(args []string, stdout io.Writer) error {
	var c storeCommand
	fs := c.flags("stats")
	rebuild := fs.Bool("rebuild", false, "compute all statistics and ratings again from the log")
	if _, err := parse(fs, 0, args, stdout); err != nil {
		return err
	}
	if !*rebuild {
		return usage("stats does one thing: tictac stats --rebuild")
	}
	store, err := c.open(true)
	if err != nil {
		return err
	}
	defer store.Close()
	differed, err := store.Rebuild(context.Background())
	if err == nil {
		fmt.Fprintln(stdout, rebuilt(differed))
	}
	return err
}

func rebuilt(differed int) string {
	if differed == 0 {
		return "statistics and ratings are what the log makes of them"
	}
	return fmt.Sprintf("statistics of %d players were not what the log makes of them, and are now", differed)
}

// export writes all that a store keeps to standard output.
func export(args []string, stdout io.Writer) error {
	var c storeCommand
	if _, err := parse(c.flags("export"), 0, args, stdout); err != nil {
		return err
	}
	store, err := c.open(true)
	if err != nil {
		return err
	}
	defer store.Close()
	show := newTally(os.Stderr, "exported")
	all, err := exportItems(store, stdout, show.count)
	show.end(all)
	return err
}

func exportItems(from history.Porter, to io.Writer, show func(history.Amount)) (all history.Amount, err error) {
	w := bufio.NewWriterSize(to, 1<<16)
	err = from.Dump(context.Background(), func(i history.Item) error {
		all = all.With(i)
		show(all)
		return history.WriteItem(w, i)
	})
	if err == nil {
		err = history.WriteEnd(w, all)
	}
	if err == nil {
		err = w.Flush()
	}
	return all, err
}

// A tally shows how much has been carried: on a terminal in one line, several
// times a second, and elsewhere in a new line every few seconds.
type tally struct {
	w    io.Writer
	live bool
	done string // what is being done, when it is done
	next time.Time
}

func newTally(f *os.File, done string) *tally {
	return &tally{w: f, live: term.IsTerminal(int(f.Fd())), done: done, next: time.Now().Add(time.Second / 2)}
}

func (t *tally) count(a history.Amount) {
	if a.All()%100 != 0 || time.Now().Before(t.next) {
		return
	}
	if t.live {
		t.next = time.Now().Add(time.Second / 10)
		fmt.Fprintf(t.w, "\r\x1b[K%s %v", t.done, a)
		return
	}
	t.next = time.Now().Add(5 * time.Second)
	fmt.Fprintf(t.w, "%s %v so far\n", t.done, a)
}

func (t *tally) end(a history.Amount) {
	if t.live {
		fmt.Fprint(t.w, "\r\x1b[K")
	}
	fmt.Fprintf(t.w, "%s %v\n", t.done, a)
}
