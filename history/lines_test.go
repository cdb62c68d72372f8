package history

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"tictac/game"
	"tictac/room"
)

func items() []Item {
	rated := ended(room.ByResign, game.X, room.Guest)
	rated.Rated, rated.Moves, rated.Host = true, []room.Played{{Cell: 8, At: 3}, {Cell: 0, At: 4}}, "Ann \u202f👩‍🚀 \"<b>"
	solo := ended(room.Expired, game.None, room.Spectator)
	solo.GuestID, solo.Computer, solo.Moves = "", game.Easy, []room.Played{}
	odd := Rating{1512.3456789, 1.0 / 3, 0.059999}
	now := time.UnixMilli(1790000000123)
	events, _ := room.Decide(room.State{}, room.Create{Code: "aaaaaa", Key: "k", Name: "Ann", Who: "ann", Rules: room.Rules{Idle: time.Hour}}, now)
	state := room.Fold(room.State{}, events)
	more, _ := room.Decide(state, room.Join{Key: "bob", Name: "Bob", RoundID: "r"}, now)
	return []Item{
		{Round: &Round{Record: rated, Seq: 7, Before: &[2]Rating{odd, Unrated}, Folded: []room.Seat{room.Guest}}},
		{Round: &Round{Record: solo, Seq: 8}},
		{Account: &Account{ID: "ann", Name: "Ann", Enrolled: 5, Keys: []string{"a", "b"}, Totals: Totals{Stats: Stats{Played: 1, Won: 1, Streak: 1, BestStreak: 1}, Rating: &odd}}},
		{Account: &Account{ID: "bob", Name: "", Enrolled: 5, Keys: []string{"c"}, Opening: Totals{Stats: Stats{Played: 2, Abandoned: 2}}}},
		{Room: &Room{State: state, Commit: "one"}},
		{Room: &Room{State: room.Fold(state, more), Commit: "two", Log: more}},
	}
}

// What is written is read again, to the last bit.
func TestLines(t *testing.T) {
	var text bytes.Buffer
	var all Amount
	for _, i := range items() {
		if err := WriteItem(&text, i); err != nil {
			t.Fatal(err)
		}
		all = all.With(i)
	}
	if err := WriteEnd(&text, all); err != nil {
		t.Fatal(err)
	}
	if all != (Amount{2, 2, 2}) || all.All() != 6 || all.String() != "2 rounds, 2 players, 2 rooms" {
		t.Errorf("there are %s", all)
	}
	lines := bytes.Split(bytes.TrimSpace(text.Bytes()), []byte("\n"))
	for n, want := range items() {
		got, end, err := ReadLine(lines[n])
		if err != nil || end != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nis %+v, %v, want %+v", lines[n], got, err, want)
		}
	}
	if _, end, err := ReadLine(lines[6]); err != nil || end == nil || *end != all {
		t.Errorf("%s\nis %+v, %v", lines[6], end, err)
	}
}

func TestBadLines(t *testing.T) {
	var text bytes.Buffer
	for _, i := range items() {
		if err := WriteItem(&text, i); err != nil {
			t.Fatal(err)
		}
	}
	good := strings.Split(text.String(), "\n")
	round, player, open := good[0], good[2], good[5]
	for name, line := range map[string]string{
		"nothing":               ``,
		"words":                 `hello`,
		"an array":              `[]`,
		"no kind":               `{}`,
		"another kind":          `{"kind":"song"}`,
		"cut off":               round[:len(round)-4],
		"two objects":           player + player,
		"an unknown field":      strings.Replace(player, `"name"`, `"colour":"red","name"`, 1),
		"no id":                 strings.Replace(round, `"id":"r"`, `"id":""`, 1),
		"an ending of its own":  strings.Replace(round, `"resign"`, `"tired"`, 1),
		"no mark":               strings.Replace(round, `"host_mark":"X"`, `"host_mark":""`, 1),
		"a seat of its own":     strings.Replace(round, `"by":"guest"`, `"by":"third"`, 1),
		"a cell out of range":   strings.Replace(round, `"c":8`, `"c":99`, 1),
		"a negative cell":       strings.Replace(round, `"c":8`, `"c":-1`, 1),
		"a cell taken":          strings.Replace(round, `"c":8`, `"c":0`, 1),
		"rated without ratings": strings.Replace(round, `"before"`, `"folded":[],"x"`, 1),
		"unrated with ratings":  strings.Replace(round, `"rated":true`, `"rated":false`, 1),
		"an endless rating":     strings.Replace(round, `"value":1500`, `"value":1e300`, 1),
		"no deviation":          strings.Replace(round, `"deviation":350`, `"deviation":0`, 1),
		"a computer of its own": strings.Replace(good[1], `"easy"`, `"hal"`, 1),
		"more than played":      strings.Replace(player, `"won":1`, `"won":2`, 1),
		"less than nothing":     strings.Replace(player, `"played":1,"won":1,"lost":0`, `"played":0,"won":1,"lost":-1`, 1),
		"a player without id":   strings.Replace(player, `"id":"ann"`, `"id":""`, 1),
		"an empty key":          strings.Replace(player, `"keys":["a"`, `"keys":[""`, 1),
		"a newer room":          strings.Replace(open, `"format":2`, `"format":99`, 1),
		"a room without host":   strings.Replace(open, `"key":"k"`, `"key":""`, 1),
		"a closed room":         strings.Replace(open, `"phase":"playing"`, `"phase":"closed"`, 1),
		"a room without a code": strings.Replace(open, `"code":"aaaaaa","rev"`, `"code":"","rev"`, 1),
		"an event of no shape":  strings.Replace(open, `"log":[{`, `"log":[7,{`, 1),
	} {
		if line == round || line == player || line == open || line == good[1] {
			t.Errorf("%s: the line is a good one, the test shows nothing", name)
		}
		if i, end, err := ReadLine([]byte(line)); err == nil {
			t.Errorf("%s: %s\nis taken for %+v, %v", name, line, i, end)
		}
	}
}

// Whatever is fed to it, it does not panic, and what it takes it writes again as
// something it takes.
func FuzzReadLine(f *testing.F) {
	var text bytes.Buffer
	for _, i := range items() {
		_ = WriteItem(&text, i)
	}
	_ = WriteEnd(&text, Amount{1, 2, 3})
	for line := range bytes.Lines(text.Bytes()) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		i, end, err := ReadLine(line)
		if err != nil || end != nil {
			return
		}
		var again bytes.Buffer
		if err := WriteItem(&again, i); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ReadLine(again.Bytes()); err != nil {
			t.Errorf("%s\nis written as %s\nwhich is refused: %v", line, again.Bytes(), err)
		}
	})
}
