package room

import (
	"fmt"
	"strings"
	"time"

	"tictac/game"
)

// How scripts show moments, events, records and views: on a line each, and
// only what says something.

func moment(i Instant) string {
	if i == 0 {
		return "never"
	}
	return "@" + short(i.Sub(At(curtain)))
}

// short is d without zero units: 10m, not 10m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func showEvent(e Event) string {
	words := []string{string(e.Kind)}
	if e.Seat != Spectator && e.Kind != RoundEnded {
		words = append(words, e.Seat.String())
	}
	add := func(format string, value any) { words = append(words, fmt.Sprintf(format, value)) }
	switch e.Kind {
	case Moved:
		add("%d", e.Cell)
	case Attached, Detached:
		add("%s", e.Server)
		if e.Lost {
			add("%s", "lost")
		}
	case RoundBegan:
		add("%d", e.Round)
		add("host=%s", e.Mark)
	case RoundEnded:
		add("%s", e.Ending)
		if e.Mark != game.None {
			add("winner=%s", e.Mark)
		}
		if e.Seat != Spectator {
			add("by=%s", e.Seat)
		}
	case RoomClosed:
		add("%s", e.Reason)
	case Resumed:
		add("since=%s", moment(e.UpSince))
	}
	if e.Until != 0 {
		add("until=%s", moment(e.Until))
	}
	return strings.Join(words, " ")
}

func showRecord(r Record) string {
	var moves strings.Builder
	for _, m := range r.Moves {
		fmt.Fprint(&moves, m.Cell)
	}
	s := fmt.Sprintf("filed %s: round %d, %s %s against %s %s, moves %q, %s", r.ID, r.Round,
		r.Host, r.HostMark, r.Guest, r.HostMark.Other(), moves.String(), r.Ended)
	if r.Winner != game.None {
		s += ", winner " + r.Winner.String()
	}
	if r.By != Spectator {
		s += ", by " + r.By.String()
	}
	if r.HostID+r.GuestID != "" {
		s += fmt.Sprintf(", of %q and %q", r.HostID, r.GuestID)
	}
	if r.Computer != "" {
		s += ", computer " + string(r.Computer)
	}
	if r.Rated {
		s += ", rated"
	}
	return s + fmt.Sprintf(", %s to %s", moment(r.Began), moment(r.Finished))
}

func showView(v View) []string {
	table := fmt.Sprintf("%s rev=%d %s round=%d ply=%d %s", v.Code, v.Rev, v.Phase, v.Round, v.Ply, v.Board)
	if v.Turn != game.None {
		table += " turn=" + v.Turn.String()
	}
	if v.Winner != game.None {
		table += " winner=" + v.Winner.String()
	}
	if v.Ended != "" {
		table += " ended=" + string(v.Ended)
	}
	if v.Line != nil {
		table += fmt.Sprintf(" line=%v", v.Line)
	}
	if v.Draws > 0 {
		table += fmt.Sprintf(" draws=%d", v.Draws)
	}
	if v.Rated {
		table += " rated"
	}
	if v.TurnTime > 0 {
		table += fmt.Sprintf(" turn_left=%s/%s", short(v.TurnLeft), short(v.TurnTime))
	}
	if v.Changes {
		table += " changes"
	}
	lines := []string{table, "host  " + showPlayer(v.Host)}
	if v.Guest.Taken() {
		lines = append(lines, "guest "+showPlayer(v.Guest))
	}
	return lines
}

func showPlayer(p PlayerView) string {
	s := fmt.Sprintf("%s %s wins=%d", p.Name, p.Mark, p.Wins)
	if p.Online {
		s += " online"
	} else {
		s += " back_in=" + short(p.BackIn)
	}
	if p.Rematch {
		s += " rematch"
	}
	if p.Computer != "" {
		s += " computer=" + string(p.Computer)
	}
	return s
}
