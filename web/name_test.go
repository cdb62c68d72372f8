package web

import (
	"encoding/json"
	"strings"
	"testing"
	"unsafe"
)

const family = "👨‍👩‍👧‍👦" // one character to a reader, 25 bytes

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, clean, problem string }{
		{"Ann", "Ann", ""},
		{"  Ann\t ", "Ann", ""},
		{"Ann  Lee", "Ann  Lee", ""},
		{"A\x00n\x1bn\x7f\u0085", "Ann", ""},
		{"A\nn\r\nn", "Ann", ""},
		{"Ann\u2028\u2029", "Ann", ""},
		{"\u202eAnn\u202c\u2066\u2069\u200e\u200f\u061c", "Ann", ""},
		{" \u202e Ann \u202c ", "Ann", ""},
		{`<b onclick="x()">`, `<b onclick="x()">`, ""},
		{`"\`, `"\`, ""},
		{"نور", "نور", ""},
		{"𝔄𝔫𝔫", "𝔄𝔫𝔫", ""},
		{strings.Repeat("x", 20), strings.Repeat("x", 20), ""},
		{" " + strings.Repeat("x", 20) + " ", strings.Repeat("x", 20), ""},
		{strings.Repeat("x", 21), "", "name_too_long"},
		{strings.Repeat("é", 20), strings.Repeat("é", 20), ""},
		{strings.Repeat("e\u0301", 20), strings.Repeat("e\u0301", 20), ""},
		{strings.Repeat("🇦🇶", 20), strings.Repeat("🇦🇶", 20), ""},
		{strings.Repeat("🇦🇶", 21), "", "name_too_long"},
		{strings.Repeat("👍🏽", 20), strings.Repeat("👍🏽", 20), ""},
		{strings.Repeat(family, 8), strings.Repeat(family, 8), ""},
		{strings.Repeat(family, 9), "", "name_too_long"},
		{"e" + strings.Repeat("\u0301", 99), "e" + strings.Repeat("\u0301", 99), ""}, // 199 bytes
		{"e" + strings.Repeat("\u0301", 100), "", "name_too_long"},                   // 201 bytes
		{strings.Repeat(" ", 500) + "Ann" + strings.Repeat(" ", 500), "Ann", ""},
		{"", "", "name_required"},
		{" \t\n", "", "name_required"},
		{"\x00\x01", "", "name_required"},
		{"\u200b\u200b", "", "name_required"},
		{"\u200d", "", "name_required"},
		{"\ufeff \u00ad", "", "name_required"},
		{"\u3164", "", "name_required"},
		{"\u2800\u115f\u1160\uffa0", "", "name_required"},
		{"\u00a0\u3000", "", "name_required"},
		{"\u0301", "", "name_required"},
		{"\U000e0041", "", "name_required"},
		{strings.Repeat("\u202e", 300), "", "name_required"},
	} {
		if clean, problem := cleanName(c.name); clean != c.clean || problem != c.problem {
			t.Errorf("%q is %q %s, want %q %s", c.name, clean, problem, c.clean, c.problem)
		}
	}
}

// What a code was cut from is not kept in memory for as long as the code.
func TestCodeIsCopied(t *testing.T) {
	line := "GET /ws/a1b2c3?" + strings.Repeat("x", 1000)
	typed := line[8:14]
	if code := cleanCode(typed); code != typed || unsafe.StringData(code) == unsafe.StringData(typed) {
		t.Errorf("%s is part of the line it came in", code)
	}
}

// A name comes out as it went in, over HTTP and the socket, whatever is in it.
func TestNameIsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{`<img src=x>`, `"quoted" \ back`, "O'Neill & Söhne", family + "👍🏽", "\u00ad𝔄\ufffd", "a\tb\u2028"} {
		body, _ := json.Marshal(map[string]string{"name": name})
		s := w.seat(w.do("POST", "/api/games", string(body)), 201)
		want, _ := cleanName(name)
		if v, err := parseView(w.do("GET", "/api/games/"+s.Code, "").body); err != nil || v.Host.Name != want {
			t.Errorf("%q became %q (%v)", name, v.Host.Name, err)
		}
		if _, v := w.enter(s); v.Host.Name != want {
			t.Errorf("%q became %q", name, v.Host.Name)
		}
	}
}
