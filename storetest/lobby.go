package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

// A LobbyEngine is a kind of play.Lobby to be tested.
type LobbyEngine struct {
	// Open opens an empty line as so many servers see it.
	Open func(t testing.TB, servers int) []play.Lobby

	// Pass has time go by where the line has a clock of its own; nil if it
	// believes what it is told.
	Pass func(t testing.TB, d time.Duration)
}

// RunLobby holds an engine to the comment of play.Lobby.
func RunLobby(t *testing.T, e LobbyEngine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, l *line)
	}{
		{"LongestFirst", testLongestFirst},
		{"NeverWithOneself", testNeverWithOneself},
		{"StayKeepsThePlace", testStayKeepsThePlace},
		{"WaitsEnd", testWaitsEnd},
		{"ManyAtOnce", testManyMeet},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.test(t, &line{t: t, engine: e, servers: e.Open(t, 3), now: room.At(time.Now())})
		})
	}
}

// A line is a lobby under test: one server after the other is asked.
type line struct {
	t       testing.TB
	engine  LobbyEngine
	servers []play.Lobby
	asked   int
	now     room.Instant
}

func (l *line) next() play.Lobby { l.asked++; return l.servers[l.asked%len(l.servers)] }

func (l *line) pass(d time.Duration) {
	l.now = l.now.Add(d)
	if l.engine.Pass != nil {
		l.engine.Pass(l.t, d)
	}
}

// meet asks for a stranger and wants a room, or none.
func (l *line) meet(code, who, want string) {
	l.t.Helper()
	got, err := l.next().Meet(l.t.Context(), play.Wait{Code: code, Who: who}, l.now)
	if err != nil || got != want {
		l.t.Fatalf("%q with %q meets %q, %v, want %q", who, code, got, err, want)
	}
}

func (l *line) stay(code, who string) {
	l.t.Helper()
	if err := l.next().Stay(l.t.Context(), play.Wait{Code: code, Who: who}, l.now); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) quit(code string) {
	l.t.Helper()
	if err := l.next().Quit(l.t.Context(), code); err != nil {
		l.t.Fatal(err)
	}
}

// Who has waited longest is met first, and once.
func testLongestFirst(t *testing.T, l *line) {
	l.quit("000000") // not there
	for _, code := range []string{"000001", "000002", "000003", "000004", "000005"} {
		l.stay(code, "host "+code)
	}
	l.quit("000003")
	l.meet("100001", "a", "000001")
	l.meet("100001", "b", "000002")
	l.meet("100001", "c", "000004")
	l.meet("100001", "d", "000005")
	l.meet("100001", "e", "")
	l.meet("100002", "e", "") // its own
	l.meet("100003", "f", "100001")
	l.meet("100003", "f", "100002")
	l.meet("100003", "f", "")
	l.quit("100003")
	l.meet("100004", "g", "")
}

// A player does not meet itself, but somebody without an identity meets anybody.
func testNeverWithOneself(t *testing.T, l *line) {
	l.meet("000001", "ann", "")
	l.meet("000002", "ann", "")
	l.meet("000002", "ann", "") // asked again: its answer was lost
	l.stay("000003", "bob")
	l.meet("000004", "ann", "000003")
	l.meet("000004", "", "000001")
	l.meet("000004", "", "000002")
	l.meet("000004", "", "")
	l.meet("000005", "", "000004")
	l.meet("000006", "", "")
	l.meet("000007", "ann", "000006")
}

// Who says that it still waits keeps its place; who was taken out gets in at the end.
func testStayKeepsThePlace(t *testing.T, l *line) {
	l.stay("000001", "ann")
	l.stay("000002", "bob")
	l.stay("000001", "ann")
	l.meet("000003", "eve", "000001")
	l.stay("000001", "ann")
	l.meet("000003", "eve", "000002")
	l.meet("000003", "eve", "000001")
	l.meet("000003", "eve", "")
}

// A wait of which nothing is heard is over.
func testWaitsEnd(t *testing.T, l *line) {
	l.stay("000001", "ann")
	l.stay("000002", "bob")
	l.pass(play.WaitLasts / 2)
	l.stay("000002", "bob")
	l.pass(play.WaitLasts/2 + time.Millisecond)
	l.meet("000003", "ann", "000002")
	l.meet("000003", "ann", "")
	l.stay("000001", "ann")
	l.pass(play.WaitLasts + time.Millisecond)
	l.meet("000004", "eve", "")
	l.stay("000001", "ann") // heard of again, behind eve
	l.meet("000005", "bob", "000004")
	l.meet("000005", "bob", "000001")
}

// Many ask at the same moment: they are pairs, and nobody is left over.
func testManyMeet(t *testing.T, l *line) {
	const callers = 200
	got := make([]string, callers)
	var begin, running sync.WaitGroup
	begin.Add(1)
	for i := range callers {
		running.Go(func() {
			begin.Wait()
			var err error
			w := play.Wait{Code: fmt.Sprintf("%06x", i), Who: fmt.Sprint("player ", i)}
			if got[i], err = l.servers[i%len(l.servers)].Meet(t.Context(), w, l.now); err != nil {
				t.Error(err)
			}
		})
	}
	begin.Done()
	running.Wait()
	hosts, met := 0, map[string]int{}
	for _, code := range got {
		if code == "" {
			hosts++
			continue
		}
		met[code]++
	}
	if hosts != callers/2 || len(met) != callers/2 {
		t.Errorf("of %d callers %d wait and %d rooms were met, want %d of each", callers, hosts, len(met), callers/2)
	}
	for code, n := range met {
		var host int
		if _, err := fmt.Sscanf(code, "%x", &host); err != nil || host >= callers || got[host] != "" || n != 1 {
			t.Errorf("room %s was given to %d, and its host met %q: %v", code, n, got[min(host, callers-1)], err)
		}
	}
	l.meet("ffffff", "late", "")
}
