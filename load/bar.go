package load

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Lines shows progress as a line every second.
func Lines(w io.Writer) func(Progress) {
	var last time.Time
	var phase string
	return func(p Progress) {
		for _, note := range p.Notes {
			fmt.Fprintln(w, note)
		}
		if p.Phase == phase && time.Since(last) < time.Second {
			return
		}
		last, phase = time.Now(), p.Phase
		fmt.Fprintf(w, "%s %s: %s\n", p.Phase, p.clock(), p.figures())
	}
}

// Bar shows progress on one line of a terminal of some width, in place.
func Bar(w io.Writer, width func() int) func(Progress) {
	return func(p Progress) {
		const clear = "\r\x1b[K"
		for _, note := range p.Notes {
			fmt.Fprintf(w, "%s%s\n", clear, note)
		}
		fmt.Fprint(w, clear, p.line(width()-1))
	}
}

// line is the bar and as many figures as there is room for.
func (p Progress) line(width int) string {
	const least, most = 10, 30
	head := fmt.Sprintf("%-10s ", p.Phase)
	tail := fmt.Sprintf(" %s  %s", p.clock(), p.figures())
	room := min(width-len(head)-len(tail), most)
	bar := ""
	if room >= least {
		full := int(p.done() * float64(room))
		bar = strings.Repeat("█", full) + strings.Repeat("░", room-full)
	}
	line := []rune(head + bar + tail)
	return string(line[:min(len(line), max(width, 0))])
}

// done is how much of the phase is over, from 0 to 1.
func (p Progress) done() float64 {
	part := 0.0
	switch {
	case p.Phase == "connecting":
		part = float64(p.Players) / float64(max(p.Wanted, 1))
	case p.Of > 0:
		part = float64(p.Elapsed) / float64(p.Of)
	}
	return min(max(part, 0), 1)
}

func (p Progress) clock() string {
	if p.Of == 0 || p.Phase == "ending" {
		return fmt.Sprintf("%.0f s", p.Elapsed.Seconds())
	}
	return fmt.Sprintf("%.0f/%.0f s", p.Elapsed.Seconds(), p.Of.Seconds())
}

func (p Progress) figures() string {
	s := fmt.Sprintf("%s/%s players", grouped(int64(p.Players)), grouped(int64(p.Wanted)))
	if p.Moves > 0 {
		s += fmt.Sprintf("  %s moves/s  p99 %s", grouped(int64(p.MovesPerSecond)), ms(p.P99))
	}
	s += fmt.Sprintf("  %s errors", grouped(p.Errors))
	if p.WrongBoards+p.LostMoves > 0 {
		s += fmt.Sprintf("  %d WRONG, %d LOST", p.WrongBoards, p.LostMoves)
	}
	return s
}
