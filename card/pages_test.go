package card

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// The pictures are drawn with the strokes and the colours of the pages.
func TestLikeThePages(t *testing.T) {
	script, err := os.ReadFile("../web/ui/js/board.js")
	if err != nil {
		t.Fatal(err)
	}
	var theirs []line
	for _, path := range regexp.MustCompile(`'(M[0-9CS ]+)'`).FindAllSubmatch(script, -1) {
		theirs = append(theirs, parse(string(path[1])))
	}
	ours := append([]line{}, boardStrokes...)
	for _, marks := range [][3][]line{crosses, noughts} {
		for _, hand := range marks {
			ours = append(ours, hand...)
		}
	}
	if len(theirs) < len(ours) || !reflect.DeepEqual(theirs[:len(ours)], ours) {
		t.Error("the strokes of web/ui/js/board.js are others")
	}
	if hands := strings.ReplaceAll(strings.Trim(fmt.Sprint(hands), "[]"), " ", ", "); !strings.Contains(string(script), "HANDS = ["+hands+"]") {
		t.Errorf("the hands of web/ui/js/board.js are not %s", hands)
	}

	style, err := os.ReadFile("../web/ui/app.src.css")
	if err != nil {
		t.Fatal(err)
	}
	light, _, _ := strings.Cut(string(style), "prefers-color-scheme: dark")
	for name, c := range map[string]any{
		"sheet": paper, "rule": rule, "pencil": colors[pencil], "stroke": colors[stroke], "faint": colors[faint], "x": colors[inkX], "o": colors[inkO],
	} {
		v := reflect.ValueOf(c)
		want := fmt.Sprintf("--color-%s: #%02x%02x%02x;", name, v.Field(0).Uint(), v.Field(1).Uint(), v.Field(2).Uint())
		if !strings.Contains(light, want) {
			t.Errorf("web/ui/app.src.css has no %s", want)
		}
	}
}

// A stroke lies where its path says: its ends, and nothing far from it.
func TestParse(t *testing.T) {
	o := parse("M53 20C33 19 20 32 20 50S33 80 51 80 80 67 80 49 68 20 46 21")
	if len(o) != 1+4*16 || o[0] != (point{53, 20}) || o[16] != (point{20, 50}) || o[len(o)-1] != (point{46, 21}) {
		t.Errorf("%d points from %v by %v to %v", len(o), o[0], o[16], o[len(o)-1])
	}
	for _, p := range o {
		if p.x < 15 || p.x > 85 || p.y < 15 || p.y > 85 {
			t.Errorf("%v is far off", p)
		}
	}
}
