package load

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// messages are the golden ones of the server, which the pages' tests read too.
func messages(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../web/testdata/messages/" + pattern)
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	texts := map[string][]byte{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(name)] = text
	}
	return texts
}

type jsonPlayer struct {
	Mark    string
	Wins    int
	Rematch bool
}

type jsonView struct {
	Type, Code, Phase, Board, Turn, Winner, Ended string
	Rev, Round, Ply, Draws                        int
	Line                                          []int
	Host, Guest                                   *jsonPlayer
}

// as is what was read, in the form that encoding/json gives.
func (m *message) as() jsonView {
	v := jsonView{
		Type: string(m.kind), Code: string(m.code), Phase: [...]string{"", "waiting", "playing", "over"}[m.phase], Board: m.board.String(),
		Turn: m.turn.String(), Winner: m.winner.String(), Ended: string(m.ended), Rev: m.rev, Round: m.round, Ply: m.ply, Draws: m.draws, Line: []int{},
	}
	for cell := range 9 {
		if m.line&(1<<cell) != 0 {
			v.Line = append(v.Line, cell)
		}
	}
	player := func(s seat) *jsonPlayer {
		return &jsonPlayer{m.players[s].mark.String(), m.players[s].wins, m.players[s].rematch}
	}
	v.Host, v.Guest = player(host), player(guest)
	if v.Guest.Mark == "" {
		v.Guest = nil
	}
	return v
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

func TestReadViews(t *testing.T) {
	for name, text := range messages(t, "view-*.json") {
		t.Run(name, func(t *testing.T) {
			var want jsonView
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			var m message
			if !m.read(text) {
				t.Fatalf("not read: %s", text)
			}
			equal(t, m.as(), want)
			var shuffled map[string]any // written in another order, with spaces
			_ = json.Unmarshal(text, &shuffled)
			again, _ := json.MarshalIndent(shuffled, " ", "\t")
			if !m.read(again) {
				t.Fatalf("not read: %s", again)
			}
			equal(t, m.as(), want)
		})
	}
}

func TestReadOthers(t *testing.T) {
	var m message
	for name, text := range messages(t, "[cprw][elo]*.json") {
		if strings.HasPrefix(name, "client-") {
			continue
		}
		if !m.read(text) {
			t.Errorf("%s was not read: %s", name, text)
		}
	}
	if !m.read([]byte(`{"type":"refused","code":"stale","re":"move","id":{"a":[1,"}"]}}`)) || string(m.code) != "stale" || string(m.re) != "move" {
		t.Errorf("a refusal was read as %+v", m)
	}
}

func TestReadNonsense(t *testing.T) {
	view := string(messages(t, "view-playing.json")["view-playing.json"])
	for _, text := range []string{
		"", "null", "[]", `{"type"`, `{"type":"view"}`, `{"type":"pong"} x`, `{"type":"po`, `{"type":"po\`, `{"a":}`, `{,}`,
		strings.Replace(view, `"ply":0`, `"ply":"0"`, 1),
		strings.Replace(view, `"ply":0`, `"ply":-1`, 1),
		strings.Replace(view, `"ply":0`, `"ply":0.5`, 1),
		strings.Replace(view, `"ply":0`, `"ply":99999999999999999999`, 1),
		strings.Replace(view, `.........`, `........`, 1),
		strings.Replace(view, `.........`, `....Y....`, 1),
		strings.Replace(view, `"line":[]`, `"line":[9]`, 1),
		strings.Replace(view, `"line":[]`, `"line":[1,1]`, 1),
		strings.Replace(view, `"playing"`, `"dreaming"`, 1),
		strings.Replace(view, `"rev"`, `"ver"`, 1),
		view[:len(view)-3],
	} {
		var m message
		if m.read([]byte(text)) {
			t.Errorf("was read: %s", text)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range messages(f, "*.json") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var m message
		if m.read(text) && json.Valid(text) && string(m.kind) == "view" {
			var keys map[string]any
			if json.Unmarshal(text, &keys) != nil {
				t.Errorf("read as a view, and is no object: %q", text)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	text := messages(b, "view-playing-moves.json")["view-playing-moves.json"]
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var m message
	for b.Loop() {
		if !m.read(text) {
			b.Fatal("not read")
		}
	}
}

func TestAppendMove(t *testing.T) {
	got := string(appendMove(nil, 8, 123, 7))
	if want := `{"type":"move","cell":8,"round":123,"ply":7}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !slices.Equal(relayed(nil, 10), []byte(`{"type":"move","cell":1,"round":2,"ply":1}`)) {
		t.Errorf("the relay's message is %s", relayed(nil, 10))
	}
}
