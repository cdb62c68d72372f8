package load

import (
	"fmt"
	"math"
	"strings"
)

// A plot is a chart as the page draws it. All places are in percent of the
// plot's width and height, from the top left, so that it fits any screen.
type plot struct {
	Title  string  `json:"title"`
	Note   string  `json:"note"`
	Lines  []curve `json:"lines,omitempty"`
	Bars   []bar   `json:"bars,omitempty"`
	X      []tick  `json:"x,omitempty"`
	Y      []tick  `json:"y,omitempty"`
	Marks  []tick  `json:"marks,omitempty"`  // upright lines with a name
	Limits []tick  `json:"limits,omitempty"` // level ones
	Points []point `json:"points,omitempty"`
}

type curve struct {
	Name  string `json:"name"`
	Class string `json:"class"`
	Path  string `json:"path"`
	Fill  string `json:"fill,omitempty"`
}

type bar struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
	W float64 `json:"w"`
	H float64 `json:"h"`
}

type tick struct {
	At    float64 `json:"at"`
	Label string  `json:"label"`
	Class string  `json:"class,omitempty"`
}

// A point is what is told where the pointer is.
type point struct {
	At   float64 `json:"at"`
	Text string  `json:"text"`
}

// A scale puts values in their place, in percent.
type scale struct {
	from, to float64
	log      bool
}

func (s scale) at(v float64) float64 {
	from, to := s.from, s.to
	if s.log {
		from, to, v = math.Log(from), math.Log(to), math.Log(math.Max(v, s.from))
	}
	return (v - from) / (to - from) * 100
}

// linear begins at 0 and ends at a round number that holds the values.
func linear(most float64) scale { return scale{0, roundUp(math.Max(most, 1e-3)), false} }

// roundUp is the next number that is 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten.
func roundUp(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 1.5, 2, 3, 4, 5, 6, 8} {
		if v <= f*unit {
			return f * unit
		}
	}
	return 10 * unit
}

// logarithmic has steps of 1, 2 and 5 and holds the values with some room.
func logarithmic(least, most float64) scale {
	least, most = math.Max(least, 1e-3), math.Max(most, 2e-3)
	s := scale{math.Pow(10, math.Floor(math.Log10(least))), math.Pow(10, math.Ceil(math.Log10(most))), true}
	for _, step := range steps125(s) {
		if step <= least {
			s.from = step
		}
	}
	for _, step := range steps125(s) {
		if step >= most {
			s.to = step
			break
		}
	}
	if s.to <= s.from {
		s.to = s.from * 2
	}
	return s
}

func steps125(s scale) (steps []float64) {
	for unit := math.Pow(10, math.Floor(math.Log10(s.from)+1e-9)); unit <= s.to*1.0001; unit *= 10 {
		for _, f := range []float64{1, 2, 5} {
			if v := f * unit; v >= s.from*0.9999 && v <= s.to*1.0001 {
				steps = append(steps, v)
			}
		}
	}
	return steps
}

// ticks are round values of a scale, at most about six.
func (s scale) ticks(label func(float64) string, place func(float64) float64) (ticks []tick) {
	var values []float64
	if s.log {
		values = steps125(s)
		if len(values) > 8 { // powers of ten will do
			values = slicesOf(values, func(v float64) bool { return isPowerOfTen(v) })
		}
	} else {
		step := roundUp(s.to / 5)
		for v := 0.0; v <= s.to*1.0001; v += step {
			values = append(values, v)
		}
	}
	for _, v := range values {
		ticks = append(ticks, tick{At: place(v), Label: label(v)})
	}
	return ticks
}

func slicesOf(values []float64, keep func(float64) bool) (kept []float64) {
	for _, v := range values {
		if keep(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

func isPowerOfTen(v float64) bool {
	l := math.Log10(v)
	return math.Abs(l-math.Round(l)) < 1e-6
}

// An axis pair: x from the left, y from the bottom.
type axes struct{ x, y scale }

func (a axes) px(v float64) float64 { return a.x.at(v) }
func (a axes) py(v float64) float64 { return 100 - a.y.at(v) }

// path is a line through the values.
func (a axes) path(n int, value func(i int) (x, y float64)) string {
	var b strings.Builder
	for i := range n {
		x, y := value(i)
		fmt.Fprintf(&b, "%c%.2f %.2f", "LM"[min(1, max(0, 1-i))], a.px(x), a.py(y))
	}
	return b.String()
}

// under closes a line to an area above the x axis.
func (a axes) under(path string, first, last float64) string {
	return fmt.Sprintf("%sL%.2f 100L%.2f 100Z", path, a.px(last), a.px(first))
}

func shortMS(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%g s", v/1000)
	case v < 0.1:
		return fmt.Sprintf("%g µs", math.Round(v*1e6)/1000)
	}
	return fmt.Sprintf("%g ms", v)
}

func shortSeconds(v float64) string { return fmt.Sprintf("%g s", v) }

func shortCount(v float64) string {
	if v >= 10_000 {
		return fmt.Sprintf("%gk", v/1000)
	}
	return grouped(int64(v))
}
