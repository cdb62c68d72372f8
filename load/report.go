package load

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// The page draws itself from one JSON document. A template would do that here
// too, but calls methods by name, which keeps the linker from leaving out any.
//
//go:embed report.html
var reportPage string

// A report is what the page shows, as text. An empty list is left out.
type report struct {
	Headline string     `json:"headline"`
	Subtitle string     `json:"subtitle"`
	Verdict  string     `json:"verdict"`
	Failed   bool       `json:"failed"`
	Made     string     `json:"made"`
	Groups   []group    `json:"groups"`
	Wrong    []string   `json:"wrong,omitempty"`
	Plots    []plot     `json:"plots,omitempty"`
	Shares   []share    `json:"shares,omitempty"`
	Kinds    []string   `json:"kinds,omitempty"` // of errors
	Steps    [][]string `json:"steps,omitempty"`
	Seconds  [][]string `json:"seconds,omitempty"`
}

// A group of figures stands at the top.
type group struct {
	Name    string   `json:"name"`
	Figures []figure `json:"figures"`
}

type figure struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Bad   bool   `json:"bad"`
}

// A share is a part of all games.
type share struct {
	Name    string  `json:"name"`
	Class   string  `json:"class"`
	Count   string  `json:"count"`
	Percent float64 `json:"percent"`
}

// Report writes the result as one web page, which needs no other file.
func (r Result) Report(w io.Writer) error {
	document, err := json.Marshal(report{ // with <, > and & escaped: nothing in it can end the script element
		Headline: r.headline(), Subtitle: r.subtitle(), Verdict: r.verdictText(), Failed: r.Failed(),
		Made: time.Now().Format("2 January 2006, 15:04"), Groups: r.groups(), Wrong: r.Wrong, Plots: r.plots(),
		Shares: r.Endings.shares(), Kinds: r.kinds(), Steps: r.stepRows(), Seconds: r.secondRows(),
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.Replace(reportPage, "{{.Report}}", string(document), 1))
	return err
}

func (r Result) plots() (all []plot) {
	if len(r.Ramp) > 0 {
		all = append(all, rampPlot(r.Ramp, r.LimitMS))
	}
	switch {
	case r.Moves > 0 && len(r.Series) > 0:
		return append(all, latencyPlot(r.Series), movesPlot(r.Series), distributionPlot(r))
	case len(r.Series) > 0:
		return append(all, playersPlot(r.Series))
	}
	return all
}

func (r Result) subtitle() string {
	return fmt.Sprintf("%s · %s for %.0f s%s · %s players", r.Target, r.Mode, r.Seconds, r.paceText(), grouped(int64(r.Most)))
}

func (r Result) groups() (all []group) {
	if l := r.Latency; r.Moves > 0 {
		all = append(all, group{"From a move to the opponent", []figure{
			{"p50", ms(l.P50), false}, {"p90", ms(l.P90), false}, {"p99", ms(l.P99), false}, {"p99.9", ms(l.P999), false}, {"slowest", ms(l.Max), false},
		}}, group{"Played", []figure{
			{"moves", grouped(r.Moves), false}, {"games", grouped(r.Games), false}, {"a second", grouped(int64(r.MovesPerSecond)), false},
			{"bytes a move, in", fmt.Sprintf("%.0f", r.ReceivedPerMove), false}, {"bytes a move, out", fmt.Sprintf("%.0f", r.SentPerMove), false},
		}})
	}
	return append(all, group{"Connections", []figure{
		{"players", grouped(int64(r.Most)), false}, {"to connect, p50", ms(r.Connect.P50), false}, {"to connect, p99", ms(r.Connect.P99), false},
		{"reconnects", grouped(r.Reconnects), false}, {"said again", grouped(r.Resent), false},
	}}, group{"Went wrong", []figure{
		{"wrong boards", grouped(r.WrongBoards), r.WrongBoards > 0}, {"lost moves", grouped(r.LostMoves), r.LostMoves > 0}, {"errors", grouped(r.Errors), r.Errors > 0},
	}})
}

func (r Result) stepRows() (rows [][]string) {
	for _, s := range r.Ramp {
		held := "yes"
		if !s.Held {
			held = "no"
		}
		rows = append(rows, []string{grouped(int64(s.Players)), grouped(int64(s.Moves)), ms(s.P99), held})
	}
	return rows
}

func (r Result) secondRows() (rows [][]string) {
	for _, s := range r.Series {
		rows = append(rows, []string{
			fmt.Sprintf("%.0f", s.At), grouped(int64(s.Moves)), ms(s.P50), ms(s.P99), grouped(int64(s.Players)), grouped(s.Errors),
		})
	}
	return rows
}

func (r Result) headline() string {
	switch r.Mode {
	case Idle:
		return grouped(int64(r.Most)) + " players sat still"
	case Ramp:
		return grouped(int64(r.Held)) + " players held"
	}
	return grouped(int64(r.MovesPerSecond)) + " moves a second"
}

func (r Result) verdictText() string {
	if !r.Failed() {
		return "Every view was right, and no acknowledged move was lost"
	}
	return fmt.Sprintf("The server broke its word: %s wrong boards, %s lost moves", grouped(r.WrongBoards), grouped(r.LostMoves))
}

func (e Endings) shares() (all []share) {
	total := float64(e.games())
	if total == 0 {
		return nil
	}
	add := func(name, class string, n int64) {
		all = append(all, share{name, class, grouped(n), float64(n) / total * 100})
	}
	add("X won", "x", e.X)
	add("O won", "o", e.O)
	add("drawn", "draw", e.Draws)
	add("given up", "resigned", e.Resigned)
	return all
}
