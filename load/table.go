package load

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// mostKinds is how many kinds of errors are shown.
const mostKinds = 8

// Table writes the result for a person.
func (r Result) Table(w io.Writer) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("target", "%s, %s, %.1f s%s", r.Target, r.Mode, r.Seconds, r.paceText())
	row("players", "%s of %s connected", grouped(int64(r.Most)), grouped(int64(r.Players)))
	if r.Mode != Idle {
		row("moves", "%s (%s/s)", grouped(r.Moves), grouped(int64(r.MovesPerSecond)))
		row("games", "%s (X won %s, O won %s, drawn %s, given up %s)", grouped(r.Games), grouped(r.Endings.X),
			grouped(r.Endings.O), grouped(r.Endings.Draws), grouped(r.Endings.Resigned))
	}
	row("errors", "%s", grouped(r.Errors))
	for _, kind := range r.kinds() {
		fmt.Fprintf(w, "  %s\n", kind)
	}
	row("wrong boards", "%s", grouped(r.WrongBoards))
	for _, example := range r.Wrong {
		fmt.Fprintf(w, "  %s\n", example)
	}
	row("lost moves", "%s", grouped(r.LostMoves))
	row("reconnects", "%s", grouped(r.Reconnects))
	row("connect", "p50 %s  p99 %s", ms(r.Connect.P50), ms(r.Connect.P99))
	if r.Mode != Idle {
		l := r.Latency
		row("latency", "p50 %s  p90 %s  p99 %s  p99.9 %s  max %s", ms(l.P50), ms(l.P90), ms(l.P99), ms(l.P999), ms(l.Max))
		row("bytes a move", "%.0f received, %.0f sent", r.ReceivedPerMove, r.SentPerMove)
	}
	r.rampTable(w)
}

func (r Result) paceText() string {
	if r.Rate > 0 {
		return fmt.Sprintf(", %s moves/s asked for", grouped(int64(r.Rate)))
	}
	return ""
}

// kinds are the errors, the most frequent first.
func (r Result) kinds() (lines []string) {
	kinds := make([]string, 0, len(r.ErrorKinds))
	for kind := range r.ErrorKinds {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		if d := r.ErrorKinds[b] - r.ErrorKinds[a]; d != 0 {
			return int(d)
		}
		return strings.Compare(a, b)
	})
	for _, kind := range kinds[:min(len(kinds), mostKinds)] {
		lines = append(lines, fmt.Sprintf("%s x %s", grouped(r.ErrorKinds[kind]), kind))
	}
	return lines
}

func (r Result) rampTable(w io.Writer) {
	if r.Mode != Ramp {
		return
	}
	fmt.Fprintf(w, "\n%10s %12s %12s\n", "players", "moves/s", "p99")
	for _, s := range r.Ramp {
		mark := ""
		if !s.Held {
			mark = "  over the limit"
		}
		fmt.Fprintf(w, "%10s %12s %12s%s\n", grouped(int64(s.Players)), grouped(int64(s.Moves)), ms(s.P99), mark)
	}
	fmt.Fprintf(w, "\nheld with %s players\n", grouped(int64(r.Held)))
}

// ms is a time in milliseconds with as many digits as mean something.
func ms(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%.2f s", v/1000)
	case v >= 100:
		return fmt.Sprintf("%.0f ms", v)
	case v >= 10:
		return fmt.Sprintf("%.1f ms", v)
	}
	return fmt.Sprintf("%.2f ms", v)
}

// grouped is a number with its thousands apart.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
