package load

import (
	"fmt"
	"math"
)

// overTime is a plot of the seconds, with the values of one column or more.
func overTime(series []Second, y scale, label func(float64) string) (plot, axes) {
	last := series[len(series)-1].At
	a := axes{scale{0, last, false}, y}
	p := plot{Y: y.ticks(label, a.py)}
	step := math.Max(1, math.Ceil(roundUp(last/6)))
	for v := 0.0; v <= last; v += step {
		p.X = append(p.X, tick{At: a.px(v), Label: shortSeconds(v)})
	}
	return p, a
}

// column draws one value of each second.
func (p *plot) column(a axes, series []Second, name, class string, value func(Second) float64) {
	p.Lines = append(p.Lines, curve{Name: name, Class: class, Path: a.path(1+len(series), func(i int) (x, y float64) {
		if i == 0 { // the first second begins at 0
			return 0, value(series[0])
		}
		return series[i-1].At, value(series[i-1])
	})})
}

func latencyPlot(series []Second) plot {
	least, most := math.Inf(1), 0.0
	var played []Second
	for _, s := range series {
		if s.Moves > 0 {
			played = append(played, s)
			least, most = math.Min(least, s.P50), math.Max(most, s.P99)
		}
	}
	if played == nil {
		return plot{Title: "Latency over time"}
	}
	p, a := overTime(played, logarithmic(least*0.8, most*1.1), shortMS)
	p.Title, p.Note = "Latency over time", "from a move to the opponent’s sight of it, each second"
	p.column(a, played, "p99", "o", func(s Second) float64 { return s.P99 })
	p.column(a, played, "p50", "x", func(s Second) float64 { return s.P50 })
	for _, s := range played {
		p.Points = append(p.Points, point{a.px(s.At), fmt.Sprintf("%.0f s: p50 %s, p99 %s", s.At, ms(s.P50), ms(s.P99))})
	}
	return p
}

func movesPlot(series []Second) plot {
	most := 0.0
	for _, s := range series {
		most = math.Max(most, s.Moves)
	}
	p, a := overTime(series, linear(most), shortCount)
	p.Title, p.Note = "Moves a second", "seen by the opponent"
	p.column(a, series, "moves/s", "x", func(s Second) float64 { return s.Moves })
	p.Lines[0].Fill = a.under(p.Lines[0].Path, 0, series[len(series)-1].At)
	for _, s := range series {
		p.Points = append(p.Points, point{a.px(s.At), fmt.Sprintf("%.0f s: %s moves/s, %s players", s.At, grouped(int64(s.Moves)), grouped(int64(s.Players)))})
	}
	return p
}

func playersPlot(series []Second) plot {
	most := 0
	for _, s := range series {
		most = max(most, s.Players)
	}
	p, a := overTime(series, linear(float64(most)), shortCount)
	p.Title, p.Note = "Players connected", "each second"
	p.column(a, series, "players", "x", func(s Second) float64 { return float64(s.Players) })
	for _, s := range series {
		p.Points = append(p.Points, point{a.px(s.At), fmt.Sprintf("%.0f s: %s players", s.At, grouped(int64(s.Players)))})
	}
	return p
}

// distributionPlot is a histogram over a logarithmic axis.
func distributionPlot(r Result) plot {
	buckets := r.Distribution
	const growth, gap = 1.125, 0.14
	least, most := buckets[0].To/growth, buckets[len(buckets)-1].To
	tallest := 0.0
	for _, b := range buckets {
		tallest = math.Max(tallest, float64(b.Count)/float64(r.Moves)*100)
	}
	a := axes{logarithmic(least, most), linear(tallest)}
	p := plot{
		Title: "How latencies are spread", Note: "share of all moves; each bar reaches an eighth further than the one before",
		X: a.x.ticks(shortMS, a.px), Y: a.y.ticks(func(v float64) string { return fmt.Sprintf("%g %%", v) }, a.py),
	}
	for i, t := range p.X {
		if v := math.Exp(t.At/100*math.Log(a.x.to/a.x.from)) * a.x.from; len(p.X) > 4 && !isPowerOfTen(v) {
			p.X[i].Class = "thin"
		}
	}
	sofar := int64(0)
	for _, b := range buckets {
		from, to, share := a.px(b.To/growth), a.px(b.To), float64(b.Count)/float64(r.Moves)*100
		sofar += b.Count
		if b.Count > 0 {
			p.Bars = append(p.Bars, bar{from + (to-from)*gap/2, a.py(share), (to - from) * (1 - gap), 100 - a.py(share)})
		}
		p.Points = append(p.Points, point{(from + to) / 2, fmt.Sprintf("up to %s: %.2f %%, together %.2f %%", ms(b.To), share, float64(sofar)/float64(r.Moves)*100)})
	}
	l := r.Latency
	for _, m := range []struct {
		name string
		v    float64
	}{{"p50", l.P50}, {"p90", l.P90}, {"p99", l.P99}, {"p99.9", l.P999}} {
		mark := tick{At: a.px(m.v), Label: m.name}
		if n := len(p.Marks); n > 0 && p.Marks[n-1].Class == "" && mark.At-p.Marks[n-1].At < 14 {
			mark.Class = "up" // its name would lie on the other
		}
		p.Marks = append(p.Marks, mark)
	}
	return p
}

func rampPlot(steps []Step, limit float64) plot {
	least, most := limit, limit
	for _, s := range steps {
		least, most = math.Min(least, s.P99), math.Max(most, s.P99)
	}
	last := float64(steps[len(steps)-1].Players)
	a := axes{scale{0, math.Max(last, 1), false}, logarithmic(math.Max(least, 0.01)*0.8, math.Max(most, 0.02)*1.1)}
	p := plot{Title: "Latency by number of players", Note: "p99 on each step", Y: a.y.ticks(shortMS, a.py)}
	p.Lines = []curve{{Name: "p99", Class: "o", Path: a.path(len(steps), func(i int) (x, y float64) { return float64(steps[i].Players), steps[i].P99 })}}
	step := math.Max(1, roundUp(last/6))
	for v := 0.0; v <= last; v += step {
		p.X = append(p.X, tick{At: a.px(v), Label: shortCount(v)})
	}
	for _, s := range steps {
		p.Points = append(p.Points, point{a.px(float64(s.Players)), fmt.Sprintf("%s players: p99 %s, %s moves/s", grouped(int64(s.Players)), ms(s.P99), grouped(int64(s.Moves)))})
	}
	p.Limits = []tick{{At: a.py(limit), Label: "limit " + ms(limit)}}
	return p
}
