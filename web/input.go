package web

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// Limits of a name: in user-perceived characters, and in bytes so that a
// character of endless combining marks is no way round the first.
const (
	maxNameLength = 20
	maxNameBytes  = 200
)

// cleanName is a name as it is kept, or the code of what is wrong with it.
func cleanName(name string) (clean string, problem string) {
	name = strings.TrimSpace(strings.Map(dropControl, name))
	switch {
	case !strings.ContainsFunc(name, visible):
		return "", "name_required"
	case len(name) > maxNameBytes, uniseg.GraphemeClusterCount(name) > maxNameLength:
		return "", "name_too_long"
	}
	return name, ""
}

// dropControl removes what is no text: control characters, line separators, and
// the characters that turn the direction of the text around them.
func dropControl(r rune) rune {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return -1
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f', r == '\u061c':
		return -1
	}
	return r
}

// visible reports whether a character shows: format characters, such as the
// zero-width space, do not, nor do the letters that are blank by definition.
func visible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800':
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r)
}

// cleanCode is the code that somebody typed, in any case and with spaces, or
// pasted as a whole link. It is empty if that is no code, and a copy if it is one:
// what it is cut from may be the whole first line of a request.
func cleanCode(input string) string {
	code := strings.ToLower(strings.Join(strings.Fields(input), ""))
	if _, after, found := strings.Cut(code, "/game/"); found {
		code, _, _ = strings.Cut(after, "?")
		code, _, _ = strings.Cut(code, "#")
		code = strings.TrimSuffix(code, "/")
	}
	if len(code) != 6 || strings.Trim(code, "0123456789abcdef") != "" {
		return ""
	}
	return strings.Clone(code)
}
