package web

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tictac/game"
	"tictac/play"
	"tictac/room"
)

var update = flag.Bool("update", false, "write testdata/messages anew")

// noon is when everything in the golden messages happens.
var noon = time.Date(2025, 3, 14, 12, 0, 0, 0, time.UTC)

// A script is a room, one command after the other.
type script struct {
	t     *testing.T
	state room.State
	now   time.Time
}

func newScript(t *testing.T) *script { return newScriptOf(t, room.Create{}) }

// newScriptOf is a room of another kind.
func newScriptOf(t *testing.T, c room.Create) *script {
	c.Code, c.Key, c.Name, c.RoundID = "a1b2c3", "ann", "Ann", "r"
	c.Rules = room.Rules{Grace: 2 * time.Minute, WaitingGrace: 10 * time.Minute, Idle: 2 * time.Hour}
	return (&script{t: t, now: noon}).do(c)
}

func (s *script) do(commands ...room.Command) *script {
	s.t.Helper()
	for _, c := range commands {
		events, err := room.Decide(s.state, c, s.now)
		if err != nil {
			s.t.Fatalf("%T: %v", c, err)
		}
		if len(events) > 0 {
			s.state = room.Fold(s.state, events)
		}
	}
	return s
}

func (s *script) host() *script { return s.do(room.Attach{Key: "ann", Server: "s1"}) }

func (s *script) both() *script {
	return s.host().do(room.Join{Key: "bob", Name: "Bob", RoundID: "r"}, room.Attach{Key: "bob", Server: "s1"})
}

// moves makes moves by turns; the host begins.
func (s *script) moves(cells ...int) *script {
	s.t.Helper()
	for i, cell := range cells {
		key := "ann"
		if (i%2 == 0) != (s.state.HostMark.String() == "X") {
			key = "bob"
		}
		s.do(room.Move{Key: key, Cell: cell, Round: -1, Ply: -1})
	}
	return s
}

func (s *script) wait(d time.Duration) *script {
	s.now = s.now.Add(d)
	return s
}

func (s *script) view(watching int) string {
	return string(viewJSON(&play.View{State: &s.state, Watching: watching, At: room.At(s.now)}))
}

// payload is the text in a frame that the server made.
func payload(frame []byte) string {
	n := 2
	if frame[1] == 126 {
		n = 4
	}
	return string(frame[n:])
}

func refused(code room.Refusal, said string) string {
	m := decode([]byte(said))
	return payload(appendRefused(nil, code, m.asked()))
}

// serverMessages is every message there is from the server. JavaScript's tests
// read the same files.
func serverMessages(t *testing.T) map[string]string {
	clock, open := room.Create{Turn: 15 * time.Second}, room.Create{Open: true, Who: "a234567890123456"}
	bob := room.Join{Key: "bob", Name: "Bob", Who: "b234567890123456", RoundID: "r", Matched: true}
	again := room.Rematch{Key: "ann", RoundID: "r2"}
	quotes := newScript(t).host()
	quotes.state.Host.Name = "\"<b>\" \\ 👨‍👩‍👧‍👦 é\x01"
	m := map[string]string{
		"welcome-host":      payload(appendWelcome(nil, room.Host)),
		"welcome-guest":     payload(appendWelcome(nil, room.Guest)),
		"welcome-spectator": payload(appendWelcome(nil, room.Spectator)),
		"pong":              payload(appendPong(nil, []byte("123"))),
		"pong-without-t":    payload(appendPong(nil, nil)),

		"reacted":       payload(appendReacted(nil, room.Host, "👏")),
		"reacted-guest": payload(appendReacted(nil, room.Guest, "🎉")),

		"closed-host-left": payload(appendClosed(nil, "host_left")),
		"closed-left":      payload(appendClosed(nil, "left")),
		"closed-expired":   payload(appendClosed(nil, "expired")),
		"closed-not-found": payload(appendClosed(nil, "not_found")),

		"refused-too-fast":          payload(appendRefused(nil, tooFast, asked{})),
		"refused-bad-message":       refused(badMessage, `{`),
		"refused-bad-cell":          refused(badMessage, `{"type":"move","cell":4.5,"id":"m1"}`),
		"refused-not-seated":        refused(room.NotSeated, `{"type":"move","cell":4}`),
		"refused-cell-out-of-range": refused(room.CellOutOfRange, `{"type":"move","cell":99}`),
		"refused-not-playing":       refused(room.NotPlaying, `{"type":"resign"}`),
		"refused-stale":             refused(room.Stale, `{"type":"move","cell":4,"round":1,"ply":2,"id":17}`),
		"refused-not-your-turn":     refused(room.NotYourTurn, `{"type":"move","cell":4}`),
		"refused-cell-taken":        refused(room.CellTaken, `{"type":"move","cell":4,"id":"a \"quoted\" \u00e9"}`),
		"refused-not-over":          refused(room.NotOver, `{"type":"rematch"}`),
		"refused-react-too-fast":    refused(tooFast, `{"type":"react","emoji":"👏","id":3}`),
		"refused-unavailable":       refused(play.Unavailable, `{"type":"move","cell":4}`),

		"view-waiting":              newScript(t).host().view(0),
		"view-waiting-away":         newScript(t).wait(time.Minute).view(0),
		"view-waiting-strange-name": quotes.view(0),
		"view-playing":              newScript(t).both().view(0),
		"view-playing-moves":        newScript(t).both().moves(0, 4, 8).view(2),
		"view-playing-away":         newScript(t).both().moves(4).do(room.Detach{Key: "bob", Server: "s1"}).wait(78_800 * time.Millisecond).view(1),
		"view-playing-both-away":    newScript(t).both().moves(4).do(room.Detach{Key: "bob", Server: "s1"}).wait(time.Second).do(room.Detach{Key: "ann", Server: "s1"}).wait(2 * time.Minute).view(0),
		"view-playing-second-round": newScript(t).both().moves(0, 3, 1, 4, 2).do(again, room.Rematch{Key: "bob", RoundID: "r2"}).moves(4).view(0),
		"view-over-line":            newScript(t).both().moves(0, 3, 1, 4, 2).view(0),
		"view-over-line-of-guest":   newScript(t).both().moves(0, 2, 1, 4, 8, 6).view(0),
		"view-over-two-lines":       newScript(t).both().moves(0, 1, 2, 3, 6, 5, 8, 7, 4).view(0),
		"view-over-draw":            newScript(t).both().moves(0, 1, 2, 4, 3, 5, 7, 6, 8).view(3),
		"view-over-resign":          newScript(t).both().moves(0, 1).do(room.Resign{Key: "ann"}).view(0),
		"view-over-rematch-asked":   newScript(t).both().moves(0, 3, 1, 4, 2).do(again).view(0),
		"view-over-away":            newScript(t).both().moves(0, 3, 1, 4, 2).do(room.Detach{Key: "ann", Server: "s1"}).wait(30 * time.Second).view(0),
		"view-waiting-after-left":   newScript(t).both().moves(0, 3, 1).do(room.Leave{Key: "bob"}).view(0),
		"view-playing-after-left":   newScript(t).both().moves(0, 3, 1).do(room.Leave{Key: "bob"}, room.Join{Key: "cy", Name: "Cy", RoundID: "r3"}, room.Attach{Key: "cy", Server: "s1"}).view(0),

		"view-waiting-clock":    newScriptOf(t, clock).host().view(0),
		"view-playing-clock":    newScriptOf(t, clock).both().wait(4_200 * time.Millisecond).view(0),
		"view-over-clock":       newScriptOf(t, clock).both().moves(4).wait(15 * time.Second).do(room.Expire{Server: "s1"}).view(0),
		"view-waiting-open":     newScriptOf(t, open).host().view(0),
		"view-playing-rated":    newScriptOf(t, open).host().do(bob, room.Attach{Key: "bob", Server: "s1"}).view(0),
		"view-over-rated":       newScriptOf(t, open).host().do(bob, room.Attach{Key: "bob", Server: "s1"}).moves(0, 3, 1, 4, 2).view(0),
		"view-playing-computer": newScriptOf(t, room.Create{Computer: game.Easy}).host().moves(4).view(0),
	}
	return m
}

func TestServerMessages(t *testing.T) {
	messages := serverMessages(t)
	for name, got := range messages {
		file := filepath.Join("testdata", "messages", name+".json")
		if *update {
			if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := readMessage(t, file); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s is no JSON: %s", name, got)
		}
		if strings.HasPrefix(name, "view") {
			if _, err := parseView(got); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	files, _ := filepath.Glob("testdata/messages/*.json")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if _, ok := messages[name]; !ok && !strings.HasPrefix(name, "client-") {
			t.Errorf("%s is no message of the server", file)
		}
	}
}

func readMessage(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(text), "\n")
}

// Every message that a client may send is understood; the same files are what
// JavaScript's tests expect the page to say.
func TestClientMessages(t *testing.T) {
	want := map[string]message{
		"client-hello":          {kind: "hello", cell: -1, round: -1, ply: -1, seat: "4QZ7RM2XKDY3H6N5TJVWBCEGFA", hasSeat: true},
		"client-hello-watch":    {kind: "hello", cell: -1, round: -1, ply: -1},
		"client-move":           {kind: "move", cell: 4, round: 1, ply: 2},
		"client-move-only":      {kind: "move", cell: 0, round: -1, ply: -1},
		"client-move-id":        {kind: "move", cell: 8, round: 3, ply: 0, id: []byte(`"m-17"`)},
		"client-rematch":        {kind: "rematch", cell: -1, round: -1, ply: -1},
		"client-resign":         {kind: "resign", cell: -1, round: -1, ply: -1},
		"client-leave":          {kind: "leave", cell: -1, round: -1, ply: -1},
		"client-react":          {kind: "react", cell: -1, round: -1, ply: -1, emoji: "👏"},
		"client-ping":           {kind: "ping", cell: -1, round: -1, ply: -1, t: []byte("123")},
		"client-ping-number-id": {kind: "ping", cell: -1, round: -1, ply: -1, id: []byte("7")},
	}
	files, _ := filepath.Glob("testdata/messages/client-*.json")
	if len(files) != len(want) {
		t.Errorf("%d files, want %d: %v", len(files), len(want), files)
	}
	for name, w := range want {
		got := decode([]byte(readMessage(t, filepath.Join("testdata", "messages", name+".json"))))
		if !sameMessage(got, w) {
			t.Errorf("%s: %+v, want %+v", name, got, w)
		}
	}
}

func sameMessage(a, b message) bool {
	return a.kind == b.kind && a.cell == b.cell && a.round == b.round && a.ply == b.ply && a.seat == b.seat &&
		a.hasSeat == b.hasSeat && a.emoji == b.emoji && a.err == b.err && slices.Equal(a.id, b.id) && slices.Equal(a.t, b.t)
}
