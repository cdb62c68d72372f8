package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tictac/game"
	"tictac/history"
	"tictac/room"
	"tictac/sqlite"
	"tictac/storetest"
)

func database(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(filepath.Join(storetest.Dir(t), "tictac.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// content is something of everything: more rounds than are put at once.
func content() (items []history.Item) {
	totals := [2]history.Totals{}
	for i := range 2*putSome + 100 {
		r := history.Round{Seq: int64(i + 1), Record: room.Record{
			ID: fmt.Sprint("round ", i), Code: "aaaaaa", Round: i, Host: "Ann", Guest: "Bob", HostID: "ann", GuestID: "bob",
			HostMark: game.X, Began: 1, Finished: 2, Moves: []room.Played{{Cell: 4, At: 1}}, Ended: room.ByResign, Winner: game.X, By: room.Guest,
		}}
		items = append(items, history.Item{Round: &r})
		totals[0], totals[1] = totals[0].Count(r, room.Host), totals[1].Count(r, room.Guest)
	}
	items = append(items,
		history.Item{Account: &history.Account{ID: "ann", Name: "Ann", Enrolled: 1, Keys: []string{"k1", "k2"}, Totals: totals[0]}},
		history.Item{Account: &history.Account{ID: "bob", Name: "Bob", Enrolled: 1, Keys: []string{"k3"}, Totals: totals[1]}},
	)
	events, _ := room.Decide(room.State{}, room.Create{Code: "aaaaaa", Key: "k", Name: "Ann", Who: "ann", Rules: room.Rules{Idle: time.Hour}}, time.UnixMilli(5))
	return append(items, history.Item{Room: &history.Room{State: room.Fold(room.State{}, events), Commit: "c"}})
}

func exported(t *testing.T, s history.Porter) string {
	t.Helper()
	var text bytes.Buffer
	shown := 0
	all, err := exportItems(s, &text, func(history.Amount) { shown++ })
	if err != nil || shown != all.All() {
		t.Fatalf("exported %v, of which %d were told, %v", all, shown, err)
	}
	return text.String()
}

// imported reads a text into a store.
func imported(t *testing.T, s history.Porter, text string) (i importer, err error) {
	t.Helper()
	i = importer{to: s, show: func(history.Amount) {}}
	err = i.read(strings.NewReader(text))
	return i, err
}

// What is exported, imported and exported again is the same text.
func TestExportImport(t *testing.T) {
	from, to := database(t), database(t)
	if _, err := from.Put(t.Context(), content()); err != nil {
		t.Fatal(err)
	}
	text := exported(t, from)
	all := len(content())
	if i, err := imported(t, to, text); err != nil || i.added != all || i.all.All() != all {
		t.Errorf("imported %v, %d of them new, %v, want %d", i.all, i.added, err, all)
	}
	if n, err := to.Rebuild(t.Context()); n != 0 || err != nil {
		t.Errorf("rebuild: %d, %v", n, err)
	}
	if again := exported(t, to); again != text {
		t.Errorf("exported again it is another text, of %d bytes and not %d", len(again), len(text))
	}
	// Twice over, empty lines between: nothing is new.
	if i, err := imported(t, to, text+"\n\n"+text); err != nil || i.added != 0 || i.all.All() != 2*all {
		t.Errorf("the second time %d were new of %v, %v", i.added, i.all, err)
	}
}

// A line that is bad is told by its number, the user has to mend it, and what
// comes before it stays.
func TestImportRefuses(t *testing.T) {
	from := database(t)
	if _, err := from.Put(t.Context(), content()[2*putSome:]); err != nil {
		t.Fatal(err)
	}
	text := exported(t, from)
	lines := strings.SplitAfter(text, "\n")
	for name, c := range map[string]struct {
		text, says string
		added      int
	}{
		"a bad line":         {strings.Join(lines[:50], "") + "{\"kind\":\"round\"}\n" + text, "line 51: a round without an id", 50},
		"words":              {"hello\n" + text, "line 1: ", 0},
		"cut off at a line":  {strings.Join(lines[:70], ""), "after line 70 the end is missing", 70},
		"cut off in a line":  {text[:len(text)-10], "line 104: ", 103},
		"nothing":            {"", "after line 0 the end is missing", 0},
		"a lost line":        {strings.Join(append(lines[:3:3], lines[4:]...), ""), "line 103: 100 rounds, 2 players, 1 rooms should have come before it, and 99 rounds", 102},
		"more after the end": {text + lines[0], "after line 105 the end is missing", 103},
		"a line without end": {strings.Join(lines[:2], "") + strings.Repeat("x", longLine+1), "line 3 is longer", 2},
	} {
		to := database(t)
		i, err := imported(t, to, c.text)
		if err == nil || !errors.As(err, new(usageError)) || !strings.Contains(err.Error(), c.says) || strings.Contains(oneLine(err), "\n") {
			t.Errorf("%s: %v, want an error to mend that says %q", name, err, c.says)
		}
		if i.added != c.added {
			t.Errorf("%s: %d were added, want %d", name, i.added, c.added)
		}
	}
}

// A store that fails is not the fault of the line.
func TestImportFails(t *testing.T) {
	from := database(t)
	if _, err := from.Put(t.Context(), content()[:3]); err != nil {
		t.Fatal(err)
	}
	to, err := sqlite.Open(filepath.Join(storetest.Dir(t), "tictac.db"))
	if err != nil {
		t.Fatal(err)
	}
	to.Close()
	if _, err := imported(t, to, exported(t, from)); err == nil || errors.As(err, new(usageError)) {
		t.Errorf("into a store that is closed: %v", err)
	}
}

// Progress is one line on a terminal, and lines elsewhere, not too many.
func TestTally(t *testing.T) {
	for live, want := range map[bool]string{
		true:  "\r\x1b[Kexported 100 rounds, 0 players, 0 rooms\r\x1b[Kexported 300 rounds, 1 players, 2 rooms\n",
		false: "exported 100 rounds, 0 players, 0 rooms so far\nexported 300 rounds, 1 players, 2 rooms\n",
	} {
		var text bytes.Buffer
		show := tally{w: &text, live: live, done: "exported"}
		for n := range 301 {
			if n == 101 {
				show.next = time.Now().Add(time.Hour)
			}
			show.count(history.Amount{Rounds: n + 1})
		}
		show.end(history.Amount{Rounds: 300, Players: 1, Rooms: 2})
		if text.String() != want {
			t.Errorf("%q, want %q", text.String(), want)
		}
	}
}
