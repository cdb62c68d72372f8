package web

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"tictac/game"
	"tictac/play"
	"tictac/room"
	"tictac/socket"
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
	seat             string
	hasSeat          bool
	emoji            string // one of emojis
	id, t            []byte // JSON, copied; empty if left out
	err              room.Refusal
}

// decode reads a message. One that breaks the protocol has err set, and as much
// of kind and id as could be read.
func decode(text []byte) message {
	m := message{cell: -1, round: -1, ply: -1}
	if !json.Valid(text) {
		m.err = badMessage
		return m
	}
	ok, hasCell := true, false
	isObject := eachField(text, func(key, value []byte) {
		fine := true
		switch string(key) {
		case "type":
			m.kind, fine = asKind(value)
		case "seat":
			m.seat, fine = asString(value)
			m.hasSeat = true
		case "emoji":
			m.emoji, fine = asEmoji(value)
		case "cell":
			m.cell, fine = asInteger(value)
			hasCell = true
		case "round":
			m.round, fine = asInteger(value)
			m.round = positive(m.round)
		case "ply":
			m.ply, fine = asInteger(value)
			m.ply = positive(m.ply)
		case "id":
			if fine = isString(value) || isNumber(value); fine {
				m.id = slices.Clone(value)
			}
		case "t":
			if fine = isNumber(value); fine {
				m.t = slices.Clone(value)
			}
		}
		ok = ok && fine
	})
	if !isObject || !ok || m.kind == "" || m.kind == "move" && !hasCell || m.kind == "react" && m.emoji == "" {
		m.err = badMessage
	}
	return m
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
	if !isNumber(value) || bytes.ContainsAny(value, ".eE") {
		return -1, false
	}
	n, err := strconv.Atoi(string(value))
	if err != nil {
		n = math.MaxInt
	}
	return n, true
}

// appendWelcome and the others like it append one text frame.
func appendWelcome(dst []byte, seat room.Seat) []byte {
	return socket.AppendText(dst, []byte(`{"type":"welcome","you":"`+seat.String()+`"}`))
}

func appendClosed(dst []byte, reason string) []byte {
	return socket.AppendText(dst, []byte(`{"type":"closed","reason":"`+reason+`"}`))
}

func appendPong(dst, t []byte) []byte {
	if len(t) == 0 {
		return socket.AppendText(dst, []byte(`{"type":"pong"}`))
	}
	return socket.AppendText(dst, slices.Concat([]byte(`{"type":"pong","t":`), t, []byte(`}`)))
}

func appendRefused(dst []byte, code room.Refusal, m message) []byte {
	text := append([]byte(`{"type":"refused","code":"`), code...)
	text = append(text, '"')
	if m.kind != "" {
		text = append(append(append(text, `,"re":"`...), m.kind...), '"')
	}
	if len(m.id) > 0 {
		text = append(append(text, `,"id":`...), m.id...)
	}
	return socket.AppendText(dst, append(text, '}'))
}

// viewFrame is a view as a frame, for all sockets that see the room.
func viewFrame(v *play.View) []byte {
	var scratch [768]byte
	text := appendView(scratch[:0], v)
	return socket.AppendText(make([]byte, 0, len(text)+socket.MaxHeader), text)
}

// viewJSON is a view as docs/protocol.md describes it.
func viewJSON(v *play.View) []byte { return appendView(nil, v) }

func appendView(b []byte, pv *play.View) []byte {
	v := pv.State.View(pv.At)
	b = append(append(b, `{"type":"view","code":"`...), v.Code...)
	b = strconv.AppendInt(append(b, `","rev":`...), v.Rev, 10)
	b = append(append(b, `,"phase":"`...), v.Phase...)
	b = strconv.AppendInt(append(b, `","round":`...), int64(v.Round), 10)
	b = strconv.AppendInt(append(b, `,"ply":`...), int64(v.Ply), 10)
	b = v.Board.Append(append(b, `,"board":"`...))
	b = appendMark(append(b, `","turn":`...), v.Turn)
	b = appendMark(append(b, `,"winner":`...), v.Winner)
	b = append(b, `,"line":[`...)
	for i, cell := range v.Line {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(cell), 10)
	}
	b = append(append(b, `],"ended":"`...), v.Ended...)
	b = appendPlayer(append(b, `","host":`...), v.Host)
	b = append(b, `,"guest":`...)
	if v.Guest == nil {
		b = append(b, `null`...)
	} else {
		b = appendPlayer(b, *v.Guest)
	}
	b = strconv.AppendInt(append(b, `,"draws":`...), int64(v.Draws), 10)
	b = strconv.AppendInt(append(b, `,"watching":`...), int64(pv.Watching), 10)
	return append(appendExtras(b, v), '}')
}

// appendExtras appends what most rooms have not.
func appendExtras(b []byte, v room.View) []byte {
	if v.TurnTime > 0 {
		b = strconv.AppendInt(append(b, `,"turn_seconds":`...), int64(v.TurnTime/time.Second), 10)
		if v.Phase == room.Playing {
			b = strconv.AppendInt(append(b, `,"turn_ms":`...), v.TurnLeft.Milliseconds(), 10)
		}
	}
	if v.Rated {
		b = append(b, `,"rated":true`...)
	}
	if v.RoundID != "" {
		b = appendString(append(b, `,"round_id":`...), v.RoundID)
	}
	return b
}

func appendPlayer(b []byte, p room.PlayerView) []byte {
	b = appendString(append(b, `{"name":`...), p.Name)
	b = appendMark(append(b, `,"mark":`...), p.Mark)
	b = strconv.AppendBool(append(b, `,"online":`...), p.Online)
	b = strconv.AppendInt(append(b, `,"wins":`...), int64(p.Wins), 10)
	b = strconv.AppendBool(append(b, `,"rematch":`...), p.Rematch)
	if !p.Online {
		b = strconv.AppendInt(append(b, `,"back_in_ms":`...), p.BackIn.Milliseconds(), 10)
	}
	if p.Computer != "" {
		b = appendString(append(b, `,"computer":`...), string(p.Computer))
	}
	return append(b, '}')
}

func appendMark(b []byte, m game.Mark) []byte {
	return append(append(append(b, '"'), m.String()...), '"')
}

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = append(b, `\u00`...)
			b = append(b, "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
