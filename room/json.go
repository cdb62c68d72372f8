package room

import (
	"encoding/json"
	"strconv"
	"strings"
)

// What is stored at every move is written by hand: encoding/json makes the same
// of it (TestJSON), in four times the time.

// An object is a JSON object that is being written. Its methods append a field; key
// is all that comes before the value. Fields that are empty are left out, as omitempty
// does, except by those methods that say always.
type object []byte

func (o object) key(key string) object { return append(o, key...) }

func (o object) alwaysString(key, value string) object {
	return appendString(append(o, key...), value)
}

func (o object) string(key, value string) object {
	if value == "" {
		return o
	}
	return appendString(append(o, key...), value)
}

func (o object) alwaysInt(key string, value int64) object {
	return strconv.AppendInt(append(o, key...), value, 10)
}

func (o object) int(key string, value int64) object {
	if value == 0 {
		return o
	}
	return strconv.AppendInt(append(o, key...), value, 10)
}

func (o object) bool(key string, value bool) object {
	if !value {
		return o
	}
	return append(append(o, key...), "true"...)
}

func (o object) end() []byte { return append(o, '}') }

// plain are the bytes that stay what they are in a JSON string.
var plain = func() (is [256]bool) {
	for c := ' '; c <= '~'; c++ {
		is[c] = !strings.ContainsRune(`"\<>&`, c)
	}
	return is
}()

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if !plain[s[i]] {
			text, _ := json.Marshal(s) // a string never fails
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendJSON appends the state with the number of its format.
func (s *State) appendJSON(b []byte) []byte {
	o := object(b).alwaysInt(`{"format":`, int64(s.format()))
	o = o.alwaysString(`,"code":`, s.Code).alwaysInt(`,"rev":`, s.Rev).alwaysString(`,"phase":`, string(s.Phase))
	o = o.alwaysInt(`,"round":`, int64(s.Round)).string(`,"round_id":`, s.RoundID).alwaysString(`,"host_mark":`, s.HostMark.String())
	if len(s.Moves) > 0 {
		o = appendMoves(o.key(`,"moves":`), s.Moves)
	}
	o = o.int(`,"began":`, int64(s.Began)).string(`,"ended":`, string(s.Ended)).string(`,"winner":`, s.Winner.String())
	o = s.Host.appendJSON(o.key(`,"host":`))
	o = s.Guest.appendJSON(o.key(`,"guest":`))
	o = o.int(`,"draws":`, int64(s.Draws)).bool(`,"open":`, s.Open)
	o = s.Rules.appendJSON(o.key(`,"rules":`))
	o = o.alwaysInt(`,"touched":`, int64(s.Touched)).int(`,"up_since":`, int64(s.UpSince)).alwaysInt(`,"wake":`, int64(s.Wake))
	o = o.int(`,"turn":`, int64(s.Turn)).int(`,"turn_until":`, int64(s.TurnUntil)).bool(`,"stood":`, s.Stood)
	return o.string(`,"reason":`, string(s.Reason)).end()
}

func appendMoves(b []byte, moves []Played) []byte {
	b = append(b, '[')
	for i, m := range moves {
		if i > 0 {
			b = append(b, ',')
		}
		b = object(b).alwaysInt(`{"c":`, int64(m.Cell)).alwaysInt(`,"t":`, int64(m.At)).end()
	}
	return append(b, ']')
}

func (p *Player) appendJSON(b []byte) []byte {
	o := object(b).alwaysString(`{"key":`, p.Key).alwaysString(`,"name":`, p.Name)
	o = o.string(`,"who":`, p.Who).string(`,"computer":`, string(p.Computer)).int(`,"wins":`, int64(p.Wins)).bool(`,"again":`, p.Rematch)
	if len(p.Online) > 0 {
		o = append(o.key(`,"online":`), '[')
		for i, server := range p.Online {
			if i > 0 {
				o = append(o, ',')
			}
			o = appendString(o, server)
		}
		o = append(o, ']')
	}
	return o.int(`,"until":`, int64(p.Until)).end()
}

func (r Rules) appendJSON(b []byte) []byte {
	o := object(b).alwaysInt(`{"grace":`, int64(r.Grace)).alwaysInt(`,"waiting":`, int64(r.WaitingGrace))
	return o.alwaysInt(`,"idle":`, int64(r.Idle)).end()
}

// Append appends the event as it is logged: as JSON.
func (e Event) Append(b []byte) []byte {
	o := object(b).alwaysString(`{"e":`, string(e.Kind)).alwaysInt(`,"t":`, int64(e.At))
	if e.Seat != Spectator {
		o = o.alwaysString(`,"seat":`, e.Seat.String())
	}
	o = o.int(`,"cell":`, int64(e.Cell)).string(`,"mark":`, e.Mark.String()).string(`,"ending":`, string(e.Ending))
	o = o.string(`,"reason":`, string(e.Reason)).int(`,"round":`, int64(e.Round)).string(`,"round_id":`, e.RoundID)
	o = o.string(`,"code":`, e.Code).string(`,"key":`, e.Key).string(`,"name":`, e.Name).string(`,"who":`, e.Who).string(`,"server":`, e.Server)
	o = o.int(`,"until":`, int64(e.Until)).int(`,"up_since":`, int64(e.UpSince))
	if e.Rules != nil {
		o = e.Rules.appendJSON(o.key(`,"rules":`))
	}
	return o.bool(`,"lost":`, e.Lost).string(`,"computer":`, string(e.Computer)).bool(`,"open":`, e.Open).int(`,"turn":`, int64(e.Turn)).end()
}
