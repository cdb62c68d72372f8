package card

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"slices"
	"sync"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Width and Height are the size of a picture in pixels, that which previews of
// links are made for.
const (
	Width  = 1200
	Height = 630
)

// An ink is what is written with.
type ink uint8

// The inks: those of web/ui/app.src.css, light, and the ones of marks that are
// not in the winning line.
const (
	pencil ink = iota
	stroke
	faint
	inkX
	inkO
	paleX
	paleO
	inks
)

var colors = [inks]color.RGBA{
	pencil: {0x2b, 0x2a, 0x28, 255},
	stroke: {0x57, 0x54, 0x4e, 255},
	faint:  {0x60, 0x5d, 0x56, 255},
	inkX:   {0x22, 0x40, 0x8f, 255},
	inkO:   {0xb8, 0x39, 0x1a, 255},
	paleX:  mix(color.RGBA{0x22, 0x40, 0x8f, 255}, 35, 100),
	paleO:  mix(color.RGBA{0xb8, 0x39, 0x1a, 255}, 35, 100),
}

var (
	paper = color.RGBA{0xf7, 0xf4, 0xec, 255}
	rule  = color.RGBA{0xe3, 0xe4, 0xe2, 255}
)

// The colours of a picture are few, which makes it small: the paper, its rule,
// and for each ink so many levels of it, the last of which is the ink.
const (
	levels    = 8
	paperAt   = 0
	ruleAt    = 1
	firstInk  = 2
	unit      = 22 // a square of the paper in pixels; the board is 24 wide
	ruleStart = margin % unit
)

var palette = func() color.Palette {
	p := color.Palette{paper, rule}
	for _, c := range colors {
		for level := 1; level <= levels; level++ {
			p = append(p, mix(c, level, levels))
		}
	}
	return p
}()

// mix is so many parts of whole of an ink on paper.
func mix(c color.RGBA, parts, whole int) color.RGBA {
	blend := func(from, to uint8) uint8 {
		return uint8((int(from)*(whole-parts) + int(to)*parts + whole/2) / whole)
	}
	return color.RGBA{blend(paper.R, c.R), blend(paper.G, c.G), blend(paper.B, c.B), 255}
}

// A sheet is a picture that is being drawn, and what it takes.
type sheet struct {
	img     *image.Paletted
	z       vector.Rasterizer
	mask    []byte
	glyphs  sfnt.Buffer
	outline sfnt.Segments
	encoder *png.EncoderBuffer
}

// sheets are used again: one is 2.4 MB.
var sheets = sync.Pool{New: func() any {
	return &sheet{img: image.NewPaletted(image.Rect(0, 0, Width, Height), palette)}
}}

// Get and Put have the encoder keep its memory with the sheet.
func (s *sheet) Get() *png.EncoderBuffer  { return s.encoder }
func (s *sheet) Put(b *png.EncoderBuffer) { s.encoder = b }

// clear makes the sheet squared paper.
func (s *sheet) clear() {
	first, ruled := s.img.Pix[:Width], slices.Repeat([]byte{ruleAt}, Width)
	for x := range first {
		first[x] = paperAt
		if x%unit == ruleStart {
			first[x] = ruleAt
		}
	}
	for y := 1; y < Height; y++ {
		line := first
		if y%unit == ruleStart {
			line = ruled
		}
		copy(s.img.Pix[y*Width:], line)
	}
}

// fill writes a shape. Where inks meet, the one that covers more stays.
func (s *sheet) fill(with ink, shape sfnt.Segments) {
	b := shape.Bounds()
	r := image.Rect(b.Min.X.Floor(), b.Min.Y.Floor(), b.Max.X.Ceil(), b.Max.Y.Ceil())
	if r.Empty() || !r.In(s.img.Rect) { // nothing that is planned lies beside the sheet
		return
	}
	s.mask = slices.Grow(s.mask[:0], r.Dx()*r.Dy())[:r.Dx()*r.Dy()]
	mask := &image.Alpha{Pix: s.mask, Stride: r.Dx(), Rect: image.Rect(0, 0, r.Dx(), r.Dy())}
	s.rasterize(mask, shape, r.Min)
	base := byte(firstInk + int(with)*levels)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		line := s.img.Pix[y*Width+r.Min.X : y*Width+r.Max.X]
		for x, alpha := range s.mask[(y-r.Min.Y)*r.Dx():][:r.Dx()] {
			level := (int(alpha)*levels + 127) / 255
			if level > 0 && level >= levelOf(line[x]) {
				line[x] = base + byte(level) - 1
			}
		}
	}
}

// levelOf is how much of an ink a colour is, 0 if it is none.
func levelOf(index byte) int {
	if index < firstInk {
		return 0
	}
	return int(index-firstInk)%levels + 1
}

// rasterize makes the mask of a shape, whose left upper corner is at.
func (s *sheet) rasterize(mask *image.Alpha, shape sfnt.Segments, at image.Point) {
	s.z.Reset(mask.Rect.Dx(), mask.Rect.Dy())
	s.z.DrawOp = draw.Src
	xy := func(p fixed.Point26_6) (x, y float32) {
		return float32(p.X)/64 - float32(at.X), float32(p.Y)/64 - float32(at.Y)
	}
	for _, part := range shape {
		ax, ay := xy(part.Args[0])
		bx, by := xy(part.Args[1])
		cx, cy := xy(part.Args[2])
		switch part.Op {
		case sfnt.SegmentOpMoveTo:
			s.z.ClosePath()
			s.z.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			s.z.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			s.z.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			s.z.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	s.z.ClosePath()
	s.z.Draw(mask, mask.Rect, image.Opaque, image.Point{})
}
