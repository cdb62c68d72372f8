package card

import (
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// The letters: a Go font, which has those of Latin, Greek and Cyrillic. One weight
// is enough, and another 0.15 MB of the binary.
var bold = mustParse(gobold.TTF)

func mustParse(ttf []byte) *sfnt.Font {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		panic(err) // it is a part of the program
	}
	return f
}

const ellipsis = "…"

// writable is a name with the letters that there are. What is like one of them
// becomes that one (ễ, 𝓐, Ａ); other letters become an ellipsis, and pictures
// nothing. It is empty if no letter or digit is left.
func (s *sheet) writable(name string) string {
	var b strings.Builder
	lost := false
	for _, r := range norm.NFC.String(name) {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case s.has(r):
			b.WriteRune(r)
		default:
			lost = true
			s.substitute(&b, r)
		}
	}
	clean := strings.Join(strings.Fields(b.String()), " ")
	if lost && !strings.ContainsFunc(clean, isLetter) {
		return ""
	}
	return clean
}

// substitute writes what there is of a character that there is not.
func (s *sheet) substitute(b *strings.Builder, missing rune) {
	for _, r := range norm.NFKD.String(string(missing)) {
		switch {
		case s.has(r):
			b.WriteRune(r)
		case isLetter(r) && !strings.HasSuffix(strings.TrimRight(b.String(), " "), ellipsis):
			b.WriteString(ellipsis)
		}
	}
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// has reports whether there is a letter for a character, and one that shows.
func (s *sheet) has(r rune) bool {
	if !unicode.IsGraphic(r) || r == unicode.ReplacementChar {
		return false
	}
	i, err := bold.GlyphIndex(&s.glyphs, r)
	return err == nil && i != 0
}

// A face is a font in a size, in pixels.
type face struct {
	font *sfnt.Font
	size int
}

// width is how much room a text takes.
func (s *sheet) width(f face, text string) (w fixed.Int26_6) {
	for _, r := range text {
		w += s.advance(f, s.glyph(f, r))
	}
	return w
}

func (s *sheet) glyph(f face, r rune) sfnt.GlyphIndex {
	i, _ := f.font.GlyphIndex(&s.glyphs, r) // 0 on an error: the fonts are ours, and sound
	return i
}

func (s *sheet) advance(f face, i sfnt.GlyphIndex) fixed.Int26_6 {
	a, _ := f.font.GlyphAdvance(&s.glyphs, i, fixed.I(f.size), font.HintingNone)
	return a
}

// write writes a text whose base line begins at x, y.
func (s *sheet) write(with ink, f face, text string, x, y int) {
	s.outline = s.outline[:0]
	at := fixed.P(x, y)
	for _, r := range text {
		i := s.glyph(f, r)
		shape, _ := f.font.LoadGlyph(&s.glyphs, i, fixed.I(f.size), nil)
		for _, part := range shape {
			for n := range part.Args {
				part.Args[n] = part.Args[n].Add(at)
			}
			s.outline = append(s.outline, part)
		}
		at.X += s.advance(f, i)
	}
	s.fill(with, s.outline)
}

// elide cuts a text so that it is no wider than room.
func (s *sheet) elide(f face, text string, room int) string {
	if s.width(f, text) <= fixed.I(room) {
		return text
	}
	runes := []rune(text)
	for n := len(runes) - 1; n > 0; n-- {
		cut := strings.TrimRight(string(runes[:n]), " "+ellipsis) + ellipsis
		if s.width(f, cut) <= fixed.I(room) {
			return cut
		}
	}
	return ellipsis
}

// wrap breaks a text into lines no wider than room where it can be broken.
func (s *sheet) wrap(f face, text string, room int) (lines []string) {
	now := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(now + " " + word)
		if now != "" && s.width(f, longer) > fixed.I(room) {
			lines = append(lines, now)
			longer = word
		}
		now = longer
	}
	return append(lines, now)
}

// fit finds the largest of some sizes in which a text fits into a box, and its
// lines. In the smallest it is cut where it has to be.
func (s *sheet) fit(font *sfnt.Font, sizes []int, text string, width, height int) (f face, lines []string) {
	for _, size := range sizes {
		f = face{font, size}
		lines = s.wrap(f, text, width)
		fits := len(lines)*f.lineHeight() <= height
		for _, l := range lines {
			fits = fits && s.width(f, l) <= fixed.I(width)
		}
		if fits {
			return f, lines
		}
	}
	lines = lines[:min(len(lines), height/f.lineHeight())]
	for i, l := range lines {
		lines[i] = s.elide(f, l, width)
	}
	return f, lines
}

func (f face) lineHeight() int { return f.size * 23 / 20 }
