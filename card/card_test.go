package card

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tictac/game"
)

func boardOf(cells string) (b game.Board) {
	for i, c := range cells {
		if c != '.' {
			b[i] = game.Mark(c)
		}
	}
	return b
}

var (
	ann = Player{Name: "Ann", Wins: 2}
	bob = Player{Name: "Bob", Wins: 1}
)

// The states that a picture can show, and what the title of a preview says.
var samples = map[string]struct {
	card            Card
	title, sentence string
}{
	"site":    {Card{}, "Tic-tac-toe for two", "Tic-tac-toe for two"},
	"invites": {Card{Stand: Invites, Host: Player{Name: "Ann"}, HostMark: game.X}, "Ann invites you to tic-tac-toe", "Ann invites you to tic-tac-toe"},
	"begun": {Card{Stand: Playing, Host: Player{Name: "Ann"}, Guest: Player{Name: "Bob"}, HostMark: game.X},
		"Ann against Bob — X to move", "Ann’s turn"},
	"playing": {Card{Stand: Playing, Host: ann, Guest: bob, HostMark: game.O, Board: boardOf("O.XXX.O..")},
		"Ann 2 : 1 Bob — O to move", "Ann’s turn"},
	"won": {Card{Stand: Over, Host: ann, Guest: bob, HostMark: game.O, Board: boardOf("XOXXO.X.O"), Winner: game.X},
		"Bob won against Ann", "Bob won"},
	"won twice": {Card{Stand: Over, Host: ann, Guest: bob, HostMark: game.X, Board: boardOf("XXXXOOXOO"), Winner: game.X},
		"Ann won against Bob", "Ann won"},
	"diagonal": {Card{Stand: Over, Host: Player{Name: "Zoë Nguyễn-Łukasz"}, Guest: Player{Name: "Ξένια Иванова 🎉"}, HostMark: game.X,
		Board: boardOf("XXOXO.O.."), Winner: game.O}, "Ξένια Иванова 🎉 won against Zoë Nguyễn-Łukasz", "Ξένια Иванова 🎉 won"},
	"draw": {Card{Stand: Over, Host: ann, Guest: Player{Name: "Computer", Computer: game.Perfect}, HostMark: game.X, Board: boardOf("XOXXOOOXX")},
		"A draw between Ann and Computer (perfect)", "A draw"},
	"resigned": {Card{Stand: Over, Host: ann, Guest: Player{Name: "山田太郎"}, HostMark: game.X, Board: boardOf("XO......."),
		Ended: ByResign, Winner: game.O, By: game.X}, "山田太郎 won against Ann", "山田太郎 won"},
	"clock": {Card{Stand: Over, Host: Player{Name: "WWWWWWWWWWWWWWWWWWWW"}, Guest: Player{Name: "a b c d e f g h i j k"}, HostMark: game.X,
		Board: boardOf("X........"), Ended: ByClock, Winner: game.X, By: game.O},
		"WWWWWWWWWWWWWWWWWWWW won against a b c d e f g h i j k", "WWWWWWWWWWWWWWWWWWWW won"},
	"left": {Card{Stand: Over, Host: Player{Name: "Alexander the Great!"}, Guest: Player{Name: "דנה"}, HostMark: game.O, Board: boardOf("X........"),
		Ended: ByLeft, By: game.X}, "Alexander the Great! against \u2068דנה\u2069", "\u2068דנה\u2069 left the game"},
	"cut off": {Card{Stand: Over, HostMark: game.X, Board: boardOf("XO......."), Ended: CutOff},
		"Player X against Player O", "Nobody finished this game"},
	"invited by somebody": {Card{Stand: Invites, HostMark: game.X}, "You are invited to tic-tac-toe", "You are invited to tic-tac-toe"},
}

func picture(t testing.TB, c Card) ([]byte, *image.Paletted) {
	t.Helper()
	var b bytes.Buffer
	if err := Draw(&b, c); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), img.(*image.Paletted)
}

// Every state has a picture of its own, of the right size and a small file. To
// look at them: TICTAC_PICTURES=folder go test ./card
func TestPictures(t *testing.T) {
	seen := map[string]string{}
	for name, sample := range samples {
		file, img := picture(t, sample.card)
		if img.Rect != image.Rect(0, 0, 1200, 630) || len(file) > 40_000 {
			t.Errorf("%s: %v, %d bytes", name, img.Rect, len(file))
		}
		if other, twice := seen[string(file)]; twice {
			t.Errorf("%s looks like %s", name, other)
		}
		seen[string(file)] = name
		if title := sample.card.Title(); title != sample.title {
			t.Errorf("%s: the title is %q", name, title)
		}
		if sentence := sample.card.Sentence(); sentence != sample.sentence {
			t.Errorf("%s: the sentence is %q", name, sentence)
		}
		if folder := os.Getenv("TICTAC_PICTURES"); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, name+".png"), file, 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAlt(t *testing.T) {
	want := "A tic-tac-toe board, row by row: O – X, X X –, O – –. Ann’s turn."
	if alt := samples["playing"].card.Alt(); alt != want {
		t.Errorf("%q, want %q", alt, want)
	}
}

// middle is the inks in the middle square, of a third of its width, of a cell:
// X has its crossing there, O has nothing, and a winning line goes through.
func middle(img *image.Paletted, i int) map[ink]bool {
	found := map[ink]bool{}
	x, y := margin+i%3*cell, margin+i/3*cell
	for dy := cell / 3; dy < cell*2/3; dy++ {
		for dx := cell / 3; dx < cell*2/3; dx++ {
			if with, full := inkAt(img, x+dx, y+dy); full {
				found[with] = true
			}
		}
	}
	return found
}

// inkAt is the ink of a pixel that is nothing but ink.
func inkAt(img *image.Paletted, x, y int) (with ink, full bool) {
	index := img.ColorIndexAt(x, y)
	return ink(index-firstInk) / levels, levelOf(index) == levels
}

func TestBoard(t *testing.T) {
	_, playing := picture(t, samples["playing"].card)
	_, won := picture(t, samples["won"].card)
	_, diagonal := picture(t, samples["diagonal"].card)
	for what, c := range map[string]struct {
		img  *image.Paletted
		cell int
		want []ink
	}{
		"an O":                 {playing, 0, nil},
		"an empty cell":        {playing, 1, nil},
		"an X":                 {playing, 2, []ink{inkX}},
		"a winning X":          {won, 3, []ink{inkX}},
		"an X that is no part": {won, 2, []ink{paleX}},
		"a line through an O":  {diagonal, 4, []ink{inkO}},
		"a loser's X":          {diagonal, 0, []ink{paleX}},
	} {
		found := middle(c.img, c.cell)
		if len(found) != len(c.want) || len(c.want) == 1 && !found[c.want[0]] {
			t.Errorf("%s: %v, want %v", what, found, c.want)
		}
	}
}

// The line under the player whose turn it is is thick.
func TestTurn(t *testing.T) {
	_, img := picture(t, samples["playing"].card) // it is O's
	thick := func(bottom int) bool {
		n := 0
		for y := bottom - 8; y < bottom+4; y++ {
			if with, full := inkAt(img, left+column/2, y); full && with == inkO {
				n++
			}
		}
		return n >= 4
	}
	if thick(margin+board-row) || !thick(margin+board) {
		t.Error("not the one line is thick")
	}
}

// Pictures may be drawn at the same time.
func TestTogether(t *testing.T) {
	var wg sync.WaitGroup
	for _, name := range []string{"playing", "diagonal", "clock"} {
		wg.Go(func() {
			var first []byte
			for range 2 {
				var b bytes.Buffer
				if err := Draw(&b, samples[name].card); err != nil || first != nil && !bytes.Equal(b.Bytes(), first) {
					t.Errorf("%s is different (%v)", name, err)
				}
				first = b.Bytes()
			}
		})
	}
	wg.Wait()
}

func BenchmarkDraw(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := Draw(new(bytes.Buffer), samples["won"].card); err != nil {
			b.Fatal(err)
		}
	}
}
