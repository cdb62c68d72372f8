package room

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tictac/game"
)

// full is a state in which every field says something. No room can be in it.
func full() State {
	return State{
		Code: "a1b2c3", Rev: 17, Phase: Playing,
		Round: 2, RoundID: "f00d", HostMark: game.O, Began: 1_700_000_000_000, Ended: ByResign, Winner: game.X,
		Moves: []Played{{Cell: 0, At: 1_700_000_001_000}, {Cell: 8, At: 1_700_000_002_000}},
		Host: Player{Key: "aa", Name: "Ann <&>", Wins: 1, Rematch: true,
			Online: []string{"srv-1", "srv-2"}, Until: 1_700_000_003_000},
		Guest: Player{Key: "bb", Name: "Łukasz 🏳️‍🌈", Wins: 2, Rematch: true,
			Online: []string{"srv-3"}, Until: 1_700_000_004_000},
		Draws:   3,
		Rules:   Rules{Grace: 2 * time.Minute, WaitingGrace: 10 * time.Minute, Idle: 2 * time.Hour},
		Touched: 1_700_000_005_000, UpSince: 1_700_000_006_000, Wake: 1_700_000_007_000,
		Reason: HostLeft,
	}
}

// fullest is full with the fields of format 2.
func fullest() State {
	s := full()
	s.Host.Who, s.Guest.Who, s.Host.Computer, s.Guest.Computer = "who1", "who2", game.Easy, game.Perfect
	s.Open, s.Turn, s.TurnUntil, s.Stood = true, 15*time.Second, 1_700_000_008_000, true
	return s
}

// A new field must be in full, or the golden file would not guard it.
func TestFullIsFull(t *testing.T) {
	var look func(path string, v reflect.Value)
	look = func(path string, v reflect.Value) {
		if v.IsZero() {
			t.Errorf("%s is zero", path)
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				look(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Slice:
			look(path+"[last]", v.Index(v.Len()-1))
		}
	}
	look("State", reflect.ValueOf(fullest()))
}

// Rooms that older servers have written, and that older servers will read
// during a deploy, are in this format. If this test fails then either undo
// what changed the format, or give the new one a new number, keep this file,
// and go on reading it: that is why -update does not write it.
func TestSnapshotGolden(t *testing.T) {
	for file, state := range map[string]State{"snapshot-1.json": full(), "snapshot-2.json": fullest()} {
		want, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, Encode(state), "", "  "); err != nil {
			t.Fatal(err)
		}
		if got.WriteByte('\n'); got.String() != string(want) {
			t.Errorf("the format of %s has changed to\n%s", file, got.String())
		}
		if s, err := Decode(want); err != nil || !reflect.DeepEqual(s, state) {
			t.Errorf("%s is read as %+v, %v", file, s, err)
		}
	}
}

// A room is written in the lowest format that can express it, so that a server of
// the version before may go on with it during a deploy.
func TestLowestFormat(t *testing.T) {
	for what, change := range map[string]func(*State){
		"an identity": func(s *State) { s.Host.Who = "who1" }, "the guest's": func(s *State) { s.Guest.Who = "who1" },
		"the computer": func(s *State) { s.Guest.Computer = game.Easy },
		"quick match":  func(s *State) { s.Open = true }, "a clock": func(s *State) { s.Turn = time.Minute },
	} {
		s := full()
		if s.format() != 1 {
			t.Fatalf("a plain room has format %d", s.format())
		}
		if change(&s); s.format() != 2 {
			t.Errorf("a room with %s has format %d", what, s.format())
		}
	}
}

func TestSnapshotRoundTrip(t *testing.T) {
	for _, s := range []State{{}, {Phase: Waiting, HostMark: game.X, Host: Player{Key: "aa"}}, full(), fullest()} {
		data := Encode(s)
		if back, err := Decode(data); err != nil || !reflect.DeepEqual(back, s) {
			t.Errorf("%+v\ncame back as %+v, %v", s, back, err)
		}
	}
}

// What is written by hand is what encoding/json would write.
func TestJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.Make[State]().Draw(t, "state")
		s.HostMark, s.Winner = anyMark(t), anyMark(t)
		wantJSON(t, snapshot{Format: s.format(), State: s}, Encode(s))
		e := rapid.Make[Event]().Draw(t, "event")
		e.Seat, e.Mark = Seat(rapid.IntRange(0, 2).Draw(t, "seat")), anyMark(t)
		wantJSON(t, e, e.Append(nil))
		r := rapid.Make[Record]().Draw(t, "record")
		r.HostMark, r.Winner, r.By = anyMark(t), anyMark(t), Seat(rapid.IntRange(0, 2).Draw(t, "by"))
		wantJSON(t, r, r.Append(nil))
	})
}

func anyMark(t *rapid.T) game.Mark {
	return rapid.SampledFrom([]game.Mark{game.None, game.X, game.O}).Draw(t, "mark")
}

func wantJSON(t *rapid.T, value any, got []byte) {
	want, err := json.Marshal(value)
	if err != nil || string(got) != string(want) {
		t.Fatalf("written %s\nwant    %s (%v)", got, want, err)
	}
}

func TestSnapshotRefused(t *testing.T) {
	for _, k := range []struct{ data, says string }{
		{``, "decode"},
		{`{"format":1,"code":"a1`, "decode"},
		{`{"format":1,"host_mark":"Z"}`, "no mark"},
		{`{"format":1,"rev":"17"}`, "decode"},
		{`null`, "format 0"},
		{`{"code":"a1b2c3","rev":1}`, "format 0"},
		{`{"format":3,"code":"a1b2c3","rev":1}`, "format 3"},
		{`{"format":-1}`, "format -1"},
	} {
		s, err := Decode([]byte(k.data))
		if err == nil || !strings.Contains(err.Error(), k.says) || !reflect.DeepEqual(s, State{}) {
			t.Errorf("%s: %+v, %v, want an error that says %q", k.data, s, err, k.says)
		}
	}
}

func TestSeatText(t *testing.T) {
	for _, seat := range []Seat{Spectator, Host, Guest} {
		text, _ := seat.MarshalText()
		back := Seat(9)
		if err := back.UnmarshalText(text); err != nil || back != seat {
			t.Errorf("%s came back as %d, %v", text, back, err)
		}
	}
	if err := new(Seat).UnmarshalText([]byte("king")); err == nil {
		t.Error("king was taken for a seat")
	}
	if Host.Other() != Guest || Guest.Other() != Host || Spectator.Other() != Spectator {
		t.Error("Other is wrong")
	}
}

func TestSpectatorHasNothing(t *testing.T) {
	s := full()
	if p := s.Player(Spectator); p.Taken() || p.Away() {
		t.Errorf("the spectator is %+v", p)
	}
	if m := s.MarkOf(Spectator); m != game.None {
		t.Errorf("the spectator is %s", m)
	}
}

func TestServers(t *testing.T) {
	s := State{Host: Player{Online: []string{"b", "c"}}, Guest: Player{Online: []string{"b", "a"}}}
	if got := s.Servers(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("Servers() = %v", got)
	}
	if s.Host.Online[0] != "b" || s.Guest.Online[0] != "b" {
		t.Error("Servers() has sorted the room")
	}
}

func TestInstant(t *testing.T) {
	moment := time.Date(2026, 5, 1, 12, 0, 0, 1_999_999, time.FixedZone("east", 3600))
	if got, want := At(moment).Time(), moment.Truncate(time.Millisecond); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("%v became %v", moment, got)
	}
}

// A command that Decide has not been taught is a mistake of ours: say so at once.
func TestUnknownCommand(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown command was let pass")
		}
	}()
	_, _ = Decide(full(), struct{ Command }{}, curtain)
}

// Finished rounds are read for as long as there is a history, and events when a
// server takes over an open round from an older one: the same care is due.
func TestLogGolden(t *testing.T) {
	s := full()
	for _, k := range []struct {
		value any
		want  string
	}{
		{
			Record{ID: s.RoundID, Code: s.Code, Round: 2, Host: "Ann", Guest: "Bob", HostMark: game.O, Began: 1, Finished: 2,
				Moves: s.Moves[:1], Ended: ByResign, Winner: game.X, By: Host},
			`{"id":"f00d","code":"a1b2c3","round":2,"host":"Ann","guest":"Bob","host_mark":"O","began":1,"finished":2,` +
				`"moves":[{"c":0,"t":1700000001000}],"ended":"resign","winner":"X","by":"host"}`,
		},
		{
			Event{Kind: Moved, At: 1, Seat: Guest, Cell: 8, Mark: game.X, Ending: ByLine, Reason: Idle, Round: 2, RoundID: "f00d",
				Code: "a1b2c3", Key: "aa", Name: "Ann", Server: "srv-1", Until: 3, UpSince: 4, Rules: &s.Rules},
			`{"e":"moved","t":1,"seat":"guest","cell":8,"mark":"X","ending":"line","reason":"expired","round":2,"round_id":"f00d",` +
				`"code":"a1b2c3","key":"aa","name":"Ann","server":"srv-1","until":3,"up_since":4,` +
				`"rules":{"grace":120000000000,"waiting":600000000000,"idle":7200000000000}}`,
		},
	} {
		if got, err := json.Marshal(k.value); err != nil || string(got) != k.want {
			t.Errorf("the format has changed to\n%s, %v, from\n%s", got, err, k.want)
		}
	}
}
