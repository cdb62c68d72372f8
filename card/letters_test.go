package card

import (
	"image"
	"testing"

	"pgregory.net/rapid"

	"tictac/game"
)

func TestWritable(t *testing.T) {
	s := sheets.New().(*sheet)
	for name, want := range map[string]string{
		"Ann":                          "Ann",
		" Zoe\u0308  ":                 "Zoë", // a letter and its dots
		"Nguyễn":                       "Nguyen",
		"Łukasz Ξένια Иван":            "Łukasz Ξένια Иван",
		"𝓐𝓷𝓷 Ａｎｎ":                      "Ann Ann",
		"Ann 🎉👩‍👩‍👧":                   "Ann",
		"👍🏽 Bob":                       "Bob",
		"1️⃣":                          "1",
		"Ann 王":                        "Ann …",
		"Ann 王 דנה 明":                  "Ann …",
		"王Ann":                         "…Ann",
		"山田太郎":                         "",
		"دانه":                         "",
		"🎉🎉":                           "",
		"🎉!":                           "",
		"♥":                            "♥",
		"a\u00adb\u200bc\u200d\uf800d": "abcd",
		"a\u0000\ufffd":                "a",
		"\xff":                         "",
		"":                             "",
		"<b>&amp;\"'":                  "<b>&amp;\"'",
		"a\u00a0\u3000b\tc":            "a b c",
	} {
		if got := s.writable(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func TestElide(t *testing.T) {
	s := sheets.New().(*sheet)
	f := face{bold, 44}
	for _, text := range []string{"WWWWWWWWWWWWWWWWWWWW", "Alexander the Great, King of Macedon", "… … … … … … … … … … … … … … … … … …"} {
		cut := s.elide(f, text, 300)
		if w := s.width(f, cut).Ceil(); w > 300 || w < 200 && text[0] != "…"[0] || cut == text {
			t.Errorf("%q becomes %q, %d wide", text, cut, w)
		}
	}
	if cut := s.elide(f, "Ann", 300); cut != "Ann" {
		t.Errorf("Ann becomes %q", cut)
	}
}

// Whatever the names, there is a picture, what is written stays in its column,
// and no character is written that the fonts have not.
func TestNames(t *testing.T) {
	s := sheets.New().(*sheet)
	names := rapid.OneOf(
		rapid.StringN(0, 40, 200),
		rapid.StringOfN(rapid.RuneFrom([]rune("Wi .-ÅЖΩ王دא🎉\u0301\u200d…")), 0, 40, 200),
		rapid.StringOfN(rapid.RuneFrom([]rune("WЖm ")), 12, 40, 200),
	)
	rapid.Check(t, func(r *rapid.T) {
		c := Card{
			Stand:    Stand(rapid.IntRange(0, int(Over)).Draw(r, "stand")),
			Host:     Player{Name: names.Draw(r, "host"), Wins: rapid.IntRange(0, 1e6).Draw(r, "wins")},
			Guest:    Player{Name: names.Draw(r, "guest")},
			HostMark: rapid.SampledFrom([]game.Mark{game.X, game.O}).Draw(r, "mark"),
			Ended:    rapid.SampledFrom([]Ending{"", ByResign, ByClock, ByLeft, CutOff}).Draw(r, "ended"),
		}
		if c.Stand == Over && c.Ended != CutOff && c.Ended != "" {
			c.By = game.X
			if c.Ended != ByLeft {
				c.Winner = game.O
			}
		}
		s.picture(c)
		for _, beside := range []image.Rectangle{
			image.Rect(margin+board, 0, left-10, Height), image.Rect(right+5, 0, Width, Height),
			image.Rect(0, 0, Width, margin-8), image.Rect(left, margin+board+4, Width, Height),
		} {
			if x, y, wet := anyInk(s.img, beside); wet {
				r.Fatalf("ink at %d, %d", x, y)
			}
		}
		for bottom := margin + board; c.Stand != Nothing && bottom > margin+board-2*row; bottom -= row { // what does not fit is not just left out
			if _, _, wet := anyInk(s.img, image.Rect(left+50, bottom-row+8, left+150, bottom-8)); !wet {
				r.Fatalf("no name above %d", bottom)
			}
		}
		for _, name := range []string{c.Host.Name, c.Guest.Name} {
			for _, letter := range s.writable(name) {
				if s.glyph(face{bold, 1}, letter) == 0 {
					r.Errorf("%U would be written", letter)
				}
			}
		}
	})
}

func anyInk(img *image.Paletted, in image.Rectangle) (x, y int, wet bool) {
	for y = in.Min.Y; y < in.Max.Y; y++ {
		for x = in.Min.X; x < in.Max.X; x++ {
			if img.ColorIndexAt(x, y) >= firstInk {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}
