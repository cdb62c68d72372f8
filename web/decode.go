package web

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"tictac/room"
)

// Refusals that are made before a room is asked.
const (
	tooFast    room.Refusal = "too_fast"
	badMessage room.Refusal = "bad_message"
)

// A message is what a client said. Number fields that were left out are -1.
type message struct {
	kind             string
	cell, round, ply int
	hasCell, hasSeat bool
	seat             string
	emoji            string // one of emojis
	id, t            []byte // JSON, copied; empty if left out
	err              room.Refusal
}

// An asked is what a refusal gives back of a message.
type asked struct {
	kind string
	id   []byte
}

func (m *message) asked() asked { return asked{m.kind, m.id} }

// decode reads a message. One that breaks the protocol has err set, and as much
// of kind and id as could be read.
func decode(text []byte) message {
	nothing := message{cell: -1, round: -1, ply: -1}
	m, ok := nothing, true
	field := func(key, value []byte) { ok = m.field(key, value) && ok }
	if !eachPlainField(text, field) {
		m, ok = nothing, true
		isObject := json.Valid(text) && eachField(text, field)
		ok = ok && isObject
	}
	if !ok || m.kind == "" || m.kind == "move" && !m.hasCell || m.kind == "react" && m.emoji == "" {
		m.err = badMessage
	}
	return m
}

// field takes a field, if it is one that messages have, and reports whether its
// value is of the right type.
func (m *message) field(key, value []byte) (ok bool) {
	switch string(key) {
	case "type":
		m.kind, ok = asKind(value)
	case "seat":
		m.seat, ok = asString(value)
		m.hasSeat = true
	case "emoji":
		m.emoji, ok = asEmoji(value)
	case "cell":
		m.cell, ok = asInteger(value)
		m.hasCell = true
	case "round":
		m.round, ok = asInteger(value)
		m.round = positive(m.round)
	case "ply":
		m.ply, ok = asInteger(value)
		m.ply = positive(m.ply)
	case "id":
		if ok = isString(value) || isNumber(value); ok {
			m.id = slices.Clone(value)
		}
	case "t":
		if ok = isNumber(value); ok {
			m.t = slices.Clone(value)
		}
	default:
		return true
	}
	return ok
}

// positive makes a negative number one that no round or ply ever has, since -1
// stands for one that was left out.
func positive(n int) int {
	if n < 0 {
		return math.MaxInt
	}
	return n
}

// kinds are the types of messages.
var kinds = [...]string{"move", "ping", "hello", "rematch", "resign", "leave", "react"}

// asKind reads the type of a message: empty if it is none that there is.
func asKind(value []byte) (kind string, ok bool) {
	text, ok := stringBytes(value)
	for _, k := range kinds {
		if ok && string(text) == k {
			return k, true
		}
	}
	return "", ok
}

// eachPlainField is eachField for an object as nearly all clients write it: no
// spaces, and only strings without escapes and whole numbers. It is false for any
// other text, be it JSON or not, and may have told some fields then.
func eachPlainField(text []byte, yield func(key, value []byte)) bool {
	if len(text) == 0 || text[0] != '{' {
		return false
	}
	for rest := text[1:]; ; rest = rest[1:] {
		n := plainLen(rest)
		if n == 0 || n == len(rest) || !isString(rest) || rest[n] != ':' {
			return false
		}
		key := rest[1 : n-1]
		rest = rest[n+1:]
		n = plainLen(rest)
		if n == 0 || n == len(rest) {
			return false
		}
		yield(key, rest[:n])
		if rest = rest[n:]; rest[0] != ',' {
			return string(rest) == "}"
		}
	}
}

// plainLen is the length of the string without escapes, or the digits of a whole
// number, that text begins with: 0 if it begins with anything else.
func plainLen(text []byte) (n int) {
	if len(text) > 0 && isString(text) {
		for n = 1; n < len(text) && text[n] >= ' ' && text[n] != '\\'; n++ {
			if text[n] == '"' {
				return n + 1
			}
		}
		return 0
	}
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	if n > 1 && text[0] == '0' {
		return 0
	}
	return n
}

// eachField calls yield with every field of a JSON object, which must be valid.
// It reports whether text is an object.
func eachField(text []byte, yield func(key, value []byte)) bool {
	text = bytes.TrimSpace(text)
	if text[0] != '{' {
		return false
	}
	for rest := skip(text[1:], " \t\r\n,"); rest[0] != '}'; rest = skip(rest, " \t\r\n,") {
		n := valueLen(rest)
		key, _ := stringBytes(rest[:n])
		rest = skip(rest[n:], " \t\r\n:")
		n = valueLen(rest)
		yield(key, rest[:n])
		rest = rest[n:]
	}
	return true
}

func skip(text []byte, chars string) []byte { return bytes.TrimLeft(text, chars) }

// valueLen is the length of the JSON value that text begins with.
func valueLen(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
			continue
		case c == '"':
			quoted = !quoted
		case quoted:
			continue
		case c == '{', c == '[':
			depth++
		case (c == '}' || c == ']') && depth == 0:
			return i // the end of what a number or a literal stands in
		case c == '}', c == ']':
			depth--
		case depth == 0 && bytes.IndexByte([]byte(" \t\r\n,:"), c) >= 0:
			return i
		default:
			continue
		}
		if depth == 0 && !quoted {
			return i + 1
		}
	}
	return len(text)
}

func isString(value []byte) bool { return value[0] == '"' }

func isNumber(value []byte) bool { return value[0] == '-' || '0' <= value[0] && value[0] <= '9' }

func asString(value []byte) (string, bool) {
	text, ok := stringBytes(value)
	return string(text), ok
}

// stringBytes is the text of a JSON string, in place where nothing is escaped.
func stringBytes(value []byte) (text []byte, ok bool) {
	if !isString(value) {
		return nil, false
	}
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return inner, true
	}
	var s string
	err := json.Unmarshal(value, &s)
	return []byte(s), err == nil
}

// asInteger reads an integer; one too large for an int becomes the largest.
func asInteger(value []byte) (int, bool) {
	if !isNumber(value) {
		return -1, false
	}
	n, err := strconv.Atoi(string(value))
	switch {
	case err == nil:
		return n, true
	case bytes.ContainsAny(value, ".eE"):
		return -1, false
	}
	return math.MaxInt, true
}
