package web

import (
	"strconv"
	"time"
	"unicode/utf8"

	"tictac/game"
	"tictac/play"
	"tictac/room"
	"tictac/socket"
)

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
	var space [64]byte
	text := append(append(space[:0], `{"type":"pong","t":`...), t...)
	return socket.AppendText(dst, append(text, '}'))
}

func appendRefused(dst []byte, code room.Refusal, to asked) []byte {
	var space [128]byte
	text := append(append(space[:0], `{"type":"refused","code":"`...), code...)
	text = append(text, '"')
	if to.kind != "" {
		text = append(append(append(text, `,"re":"`...), to.kind...), '"')
	}
	if len(to.id) > 0 {
		text = append(append(text, `,"id":`...), to.id...)
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
	if !v.Guest.Taken() {
		b = append(b, `null`...)
	} else {
		b = appendPlayer(b, v.Guest)
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
