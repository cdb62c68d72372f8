package room

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tictac/game"
)

var update = flag.Bool("update", false, "rewrite the expected outcomes in testdata/*.txt")

// TestScripts plays the scripts in testdata. In a script
//
//	== title            begins a new room, as a test of its own; rules and clock start afresh
//	# words             are for the reader
//	bob move 4 ply=1    is something to do, see stage.do
//		moved guest 4   what came of it: one indented line for each event, or the refusal
//
// Moments are written as @ and the time since the script's section began.
// After a deliberate change run go test ./room -update, and read the diff.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := playScript(t, string(data))
			if *update && !t.Failed() && got != string(data) {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// playScript runs the sections of a script and returns it as it should be.
func playScript(t *testing.T, script string) string {
	var out strings.Builder
	lines := strings.SplitAfter(script, "\n")
	for i := 0; i < len(lines); {
		title, isTitle := strings.CutPrefix(lines[i], "== ")
		if !isTitle {
			out.WriteString(lines[i])
			i++
			continue
		}
		end := i + 1
		for end < len(lines) && !strings.HasPrefix(lines[end], "== ") {
			end++
		}
		out.WriteString(lines[i])
		t.Run(strings.TrimSpace(title), func(t *testing.T) {
			out.WriteString(playSection(t, lines[i+1:end], i+2))
		})
		i = end
	}
	return out.String()
}

// playSection does each line of a section, the first of which has the given
// number in its file, and compares what comes of it with the indented lines.
func playSection(t *testing.T, lines []string, number int) string {
	var out strings.Builder
	s := newStage()
	for i := 0; i < len(lines); {
		line := strings.TrimSpace(lines[i])
		out.WriteString(lines[i])
		at := number + i
		i++
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var want string
		for ; i < len(lines) && strings.HasPrefix(lines[i], "\t"); i++ {
			want += lines[i]
		}
		said, err := s.do(line)
		if err != nil {
			t.Fatalf("line %d: %q: %v", at, line, err)
		}
		got := ""
		for _, l := range said {
			got += "\t" + l + "\n"
		}
		if got != want && !*update {
			t.Errorf("line %d: %s\ngot:\n%swant:\n%s", at, line, got, want)
		}
		out.WriteString(got)
	}
	return out.String()
}

// A stage is a room in a script, and its clock. A player's key is made of the
// name, so a script says who acts and not in which seat: somebody whose seat
// is gone, or who never had one, may be written like anybody else.
type stage struct {
	state  State
	rules  Rules
	now    time.Time
	rounds int // how many round ids have been handed out
}

var curtain = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func newStage() *stage {
	return &stage{now: curtain, rules: Rules{Grace: 2 * time.Minute, WaitingGrace: 10 * time.Minute, Idle: 2 * time.Hour}}
}

// do carries out one line and says what came of it.
//
//	+30s, -1s                             the clock moves
//	rules grace=2m waiting=10m idle=2h    for create and resume; what is not named stays
//	create ann                            join bob; both with who=id
//	create ann open, turn=15s, computer=easy; join bob matched
//	bob attach s1                         bob detach s1; nobody has an empty key
//	bob move 4 round=1 ply=1              bob rematch, bob resign, bob leave
//	play 4 0 8                            moves by whoever's turn it is
//	watch    look    lost s1              expire, expire indexed, expire on=s1; resume, resume since=30s
//	view                                  what all see
//	clock                                 the deadlines that the state holds
func (s *stage) do(line string) ([]string, error) {
	words, options, err := split(line)
	if err != nil {
		return nil, err
	}
	switch words[0] {
	case "rules":
		return nil, s.setRules(options)
	case "view":
		return showView(s.state.View(At(s.now))), nil
	case "clock":
		return []string{fmt.Sprintf("touched=%s due=%s wake=%s", moment(s.state.Touched), moment(s.state.Due()), moment(s.state.Wake)) + s.turn()}, nil
	case "play":
		return s.play(words[1:])
	}
	if strings.ContainsAny(line[:1], "+-") {
		d, err := time.ParseDuration(line)
		s.now = s.now.Add(d)
		return nil, err
	}
	c, err := s.command(words, options)
	if err != nil {
		return nil, err
	}
	return s.send(c), nil
}

// turn is what the clock says, if there is one.
func (s *stage) turn() string {
	if s.state.TurnUntil == 0 {
		return ""
	}
	return fmt.Sprintf(" turn=%s", moment(s.state.TurnUntil))
}

// send decides and commits one command as the shell would.
func (s *stage) send(c Command) []string {
	events, err := Decide(s.state, c, s.now)
	if err != nil {
		return []string{"refused " + err.Error()}
	}
	if len(events) == 0 {
		return []string{"nothing to do"}
	}
	var said []string
	for _, e := range events {
		said = append(said, showEvent(e))
	}
	if record, ok := Filed(s.state, events); ok {
		said = append(said, showRecord(record))
	}
	s.state = Fold(s.state, events)
	return said
}

// play makes moves by turns. It is for getting somewhere.
func (s *stage) play(cells []string) ([]string, error) {
	var said []string
	for _, word := range cells {
		cell, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		p := s.state.Host
		if s.state.MarkOf(Host) != markAt(s.state.Ply()) {
			p = s.state.Guest
		}
		said = append(said, s.send(Move{Key: p.Key, Cell: cell, Round: s.state.Round, Ply: s.state.Ply()})...)
	}
	return said, nil
}

func (s *stage) setRules(options map[string]string) error {
	for name, into := range map[string]*time.Duration{
		"grace": &s.rules.Grace, "waiting": &s.rules.WaitingGrace, "idle": &s.rules.Idle,
	} {
		text, ok := options[name]
		if !ok {
			continue
		}
		d, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		*into = d
	}
	return nil
}

// command makes the Command of a line. What names no command of the world is
// somebody who acts.
func (s *stage) command(words []string, options map[string]string) (Command, error) {
	words = append(slices.Clone(words), "", "", "")
	switch who, verb, what := "key-"+words[0], words[1], words[2]; words[0] {
	case "create":
		return s.create(verb, what == "open", options)
	case "join":
		return Join{Key: "key-" + verb, Name: verb, Who: options["who"], RoundID: s.nextRound(), Matched: what == "matched"}, nil
	case "watch":
		return Watch{}, nil
	case "look":
		return Look{}, nil
	case "expire":
		return Expire{Indexed: verb == "indexed", Server: options["on"]}, nil
	case "lost":
		return Lost{Server: verb}, nil
	case "resume":
		return s.resume(options)
	default:
		if words[0] == "nobody" {
			who = ""
		}
		return s.act(who, verb, what, options)
	}
}

func (s *stage) create(name string, open bool, options map[string]string) (c Command, err error) {
	var turn time.Duration
	if text, ok := options["turn"]; ok {
		turn, err = time.ParseDuration(text)
	}
	computer := game.Level(options["computer"])
	id := ""
	if computer != "" {
		id = s.nextRound()
	}
	return Create{
		Code: "a1b2c3", Key: "key-" + name, Name: name, Who: options["who"], Rules: s.rules,
		Open: open, Turn: turn, Computer: computer, RoundID: id,
	}, err
}

func (s *stage) resume(options map[string]string) (Command, error) {
	since := s.now
	if text, ok := options["since"]; ok {
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, err
		}
		since = curtain.Add(d)
	}
	return Resume{UpSince: At(since), Rules: s.rules}, nil
}

func (s *stage) act(key, verb, what string, options map[string]string) (Command, error) {
	switch verb {
	case "attach":
		return Attach{Key: key, Server: what}, nil
	case "detach":
		return Detach{Key: key, Server: what}, nil
	case "rematch":
		return Rematch{Key: key, RoundID: s.nextRound()}, nil
	case "resign":
		return Resign{Key: key}, nil
	case "leave":
		return Leave{Key: key}, nil
	case "move":
		m := Move{Key: key, Round: -1, Ply: -1}
		for _, n := range []struct {
			text string
			into *int
		}{{what, &m.Cell}, {options["round"], &m.Round}, {options["ply"], &m.Ply}} {
			if n.text == "" {
				continue
			}
			var err error
			if *n.into, err = strconv.Atoi(n.text); err != nil {
				return nil, err
			}
		}
		return m, nil
	}
	return nil, fmt.Errorf("nobody knows how to %q", verb)
}

func (s *stage) nextRound() string {
	s.rounds++
	return fmt.Sprintf("id%d", s.rounds)
}

// split takes the name=value words out of a line.
func split(line string) (words []string, options map[string]string, err error) {
	options = map[string]string{}
	for _, w := range strings.Fields(line) {
		if name, value, ok := strings.Cut(w, "="); ok {
			options[name] = value
		} else {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return nil, nil, fmt.Errorf("who does what?")
	}
	return words, options, nil
}
