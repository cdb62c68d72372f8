package card

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"tictac/game"
)

// A point is a place in a drawing.
type point struct{ x, y float64 }

func (p point) add(q point, times float64) point { return point{p.x + q.x*times, p.y + q.y*times} }

// A line is what a pen has gone along, as points close to each other.
type line []point

// The strokes are those of web/ui/js/board.js: the lines of a board of 300 by
// 300, and the marks in a cell of 100 by 100, each in three hands.
var (
	boardStrokes = lines(
		"M101 5C98 70 103 180 99 295",
		"M200 6C203 96 197 205 201 294",
		"M6 99C90 102 190 97 295 101",
		"M5 201C80 198 215 203 294 199",
	)
	crosses = [3][]line{
		lines("M24 23C41 40 60 58 77 78", "M76 22C60 41 42 58 23 77"),
		lines("M22 26C43 42 58 61 78 75", "M78 24C59 40 40 62 25 78"),
		lines("M26 22C40 42 61 57 75 79", "M74 24C61 43 39 58 22 75"),
	}
	noughts = [3][]line{
		lines("M53 20C33 19 20 32 20 50S33 80 51 80 80 67 80 49 68 20 46 21"),
		lines("M47 20C29 22 19 35 20 52S36 81 53 79 81 64 79 46 64 18 43 22"),
		lines("M56 21C37 17 21 29 20 47S31 81 49 80 79 70 80 51 70 22 49 20"),
	}
	hands = [game.Cells]int{0, 1, 2, 2, 0, 1, 1, 2, 0}
)

// ways are the lines that win, from one far cell to the other.
var ways = [...][3]int{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {0, 3, 6}, {1, 4, 7}, {2, 5, 8}, {0, 4, 8}, {2, 4, 6}}

// markStrokes are the strokes of a mark in one of three hands.
func markStrokes(m game.Mark, hand int) []line {
	if m == game.X {
		return crosses[hand]
	}
	return noughts[hand]
}

func lines(paths ...string) (all []line) {
	for _, path := range paths {
		all = append(all, parse(path))
	}
	return all
}

// parse follows an SVG path of a start (M), a curve (C), and curves that go on
// smoothly (S).
func parse(path string) line {
	start, rest, _ := strings.Cut(path[1:], "C")
	curve, smooth, _ := strings.Cut(rest, "S")
	at := points(start)
	at = append(at, points(curve)...)
	drawn := bend(line{at[0]}, at[1], at[2], at[3])
	control, from := at[2], at[3]
	for next := points(smooth); len(next) > 0; next = next[2:] {
		drawn = bend(drawn, from.add(from, 1).add(control, -1), next[0], next[1])
		control, from = next[0], next[1]
	}
	return drawn
}

func points(numbers string) (all []point) {
	fields := strings.Fields(numbers)
	for i := 0; i+1 < len(fields); i += 2 {
		x, _ := strconv.ParseFloat(fields[i], 64)
		y, _ := strconv.ParseFloat(fields[i+1], 64)
		all = append(all, point{x, y})
	}
	return all
}

// bend goes on from the end of a line along a cubic curve.
func bend(l line, b, c, d point) line {
	const steps = 16
	a := l[len(l)-1]
	for i := 1; i <= steps; i++ {
		t := float64(i) / steps
		u := 1 - t
		p := point{}.add(a, u*u*u).add(b, 3*u*u*t).add(c, 3*u*t*t).add(d, t*t*t)
		l = append(l, p)
	}
	return l
}

// across is a line through two far cells of a board of 300 by 300, a little
// beyond both, and not quite straight.
func across(from, to int) line {
	middle := func(cell int) point { return point{float64(cell%3)*100 + 50, float64(cell/3)*100 + 50} }
	a, b := middle(from), middle(to)
	d := b.add(a, -1)
	a, b = a.add(d, -0.19), b.add(d, 0.19)
	m := a.add(b.add(a, -1), 0.5).add(point{d.y, -d.x}, 0.019)
	return bend(line{a}, a.add(m.add(a, -1), 2./3), b.add(m.add(b, -1), 2./3), b)
}

// draw writes a line with a round pen. Its points are moved to at after they
// were scaled, and so is the pen's width.
func (s *sheet) draw(with ink, l line, at point, scale, width float64) {
	half := width * scale / 2
	place := make(line, len(l))
	for i, p := range l {
		place[i] = at.add(p, scale)
	}
	s.outline = s.outline[:0]
	s.side(place, half, 1)
	s.cap(place[len(place)-1], heading(place, len(place)-1), half)
	s.side(place, half, -1)
	s.cap(place[0], heading(place, 0)+math.Pi, half)
	s.fill(with, s.outline)
}

// heading is the direction of a line at one of its points.
func heading(l line, i int) float64 {
	d := l[min(i+1, len(l)-1)].add(l[max(i-1, 0)], -1)
	return math.Atan2(d.y, d.x)
}

// side adds one side of a line to the outline: there (1) or back (-1).
func (s *sheet) side(l line, half float64, way int) {
	for n := range l {
		i := n
		if way < 0 {
			i = len(l) - 1 - n
		}
		s.to(around(l[i], heading(l, i)-float64(way)*math.Pi/2, half))
	}
}

// cap adds half a circle to the outline.
func (s *sheet) cap(at point, heading, half float64) {
	const steps = 12
	for i := 1; i < steps; i++ {
		s.to(around(at, heading+math.Pi*(float64(i)/steps-0.5), half))
	}
}

func around(p point, angle, radius float64) point {
	return point{p.x + math.Cos(angle)*radius, p.y + math.Sin(angle)*radius}
}

// to goes on with the outline.
func (s *sheet) to(p point) {
	op := sfnt.SegmentOpLineTo
	if len(s.outline) == 0 {
		op = sfnt.SegmentOpMoveTo
	}
	at := fixed.Point26_6{X: fixed.Int26_6(math.Round(p.x * 64)), Y: fixed.Int26_6(math.Round(p.y * 64))}
	s.outline = append(s.outline, sfnt.Segment{Op: op, Args: [3]fixed.Point26_6{at}})
}
