package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"tictac/history"
)

// importAll reads what export wrote, from standard input, into a store.
func importAll(args []string, stdout io.Writer) error {
	var c storeCommand
	if _, err := parse(c.flags("import"), 0, args, stdout); err != nil {
		return err
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		return usage("import reads from standard input what export wrote: tictac import < FILE")
	}
	store, err := c.open(false)
	if err != nil {
		return err
	}
	defer store.Close()
	show := newTally(os.Stderr, "read")
	i := importer{to: store, show: show.count}
	err = i.read(os.Stdin)
	show.end(i.all)
	if differed, again := store.Rebuild(context.Background()); again != nil {
		err = errors.Join(err, again)
	} else {
		fmt.Fprintf(stdout, "%d of %d were new; %s\n", i.added, i.all.All(), rebuilt(differed))
	}
	return err
}

const (
	putSome  = 1000     // items at once
	longLine = 16 << 20 // nothing that export writes comes near
)

// An importer puts the lines of a dump into a store. Where one is bad it stops:
// what came before is kept, and a dump may be read again.
type importer struct {
	to   history.Porter
	show func(history.Amount)

	all     history.Amount // that was put
	added   int            // of them were not there yet
	waiting []history.Item // to be put
	line    int

	since history.Amount // read since the dump began; there may be several, one after the other
	ended bool           // and it has come to its end
}

func (i *importer) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 1<<16), longLine)
	for lines.Scan() {
		i.line++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if err := i.take(line); err != nil {
			return errors.Join(err, i.flush())
		}
	}
	err := lines.Err()
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		err = usage("line %d is longer than any line may be", i.line+1)
	case err == nil && !i.ended:
		err = usage("after line %d the end is missing: the file was cut off; what there is was imported", i.line)
	}
	return errors.Join(err, i.flush())
}

// take reads one line. What a store cannot do is its own error, what is wrong with
// the line one that the user has to mend.
func (i *importer) take(line []byte) error {
	item, end, err := history.ReadLine(line)
	if err != nil {
		return usage("line %d: %w; what comes before it was imported", i.line, err)
	}
	if i.ended = end != nil; i.ended {
		if *end != i.since {
			return usage("line %d: %v should have come before it, and %v did", i.line, *end, i.since)
		}
		i.since = history.Amount{}
		return nil
	}
	i.since = i.since.With(item)
	i.waiting = append(i.waiting, item)
	if len(i.waiting) < putSome {
		return nil
	}
	return i.flush()
}

func (i *importer) flush() error {
	if len(i.waiting) == 0 {
		return nil
	}
	added, err := i.to.Put(context.Background(), i.waiting)
	i.added += added
	if err != nil {
		return fmt.Errorf("up to line %d: %w", i.line, err)
	}
	for _, item := range i.waiting {
		i.all = i.all.With(item)
		i.show(i.all)
	}
	i.waiting = nil
	return nil
}
