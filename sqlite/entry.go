package sqlite

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"tictac/room"
)

// An entry is one commit of a room in the journal.
type entry struct {
	room   int64  // roomID
	rev    int64  // that the commit made
	prev   string // the commit that it follows: after a crash this tells whether the row has it already
	commit string
	events []byte // that made it, a line each
}

// append encodes the entry: numbers as varints, texts with their length before them.
func (e *entry) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(e.room))
	b = binary.AppendUvarint(b, uint64(e.rev))
	b = append(binary.AppendUvarint(b, uint64(len(e.prev))), e.prev...)
	b = append(binary.AppendUvarint(b, uint64(len(e.commit))), e.commit...)
	return append(binary.AppendUvarint(b, uint64(len(e.events))), e.events...)
}

var errEntry = errors.New("sqlite: the journal cannot be read")

// eachEntry calls yield with all entries of a row, in order.
func eachEntry(b []byte, yield func(entry) error) error {
	for len(b) > 0 {
		var e entry
		rest, ok := e.read(b)
		if !ok {
			return errEntry
		}
		if err := yield(e); err != nil {
			return err
		}
		b = rest
	}
	return nil
}

func (e *entry) read(b []byte) (rest []byte, ok bool) {
	for _, number := range []*int64{&e.room, &e.rev} {
		if b, ok = readNumber(b, number); !ok {
			return nil, false
		}
	}
	var prev, commit []byte
	for _, text := range []*[]byte{&prev, &commit, &e.events} {
		var n int64
		if b, ok = readNumber(b, &n); !ok || n < 0 || n > int64(len(b)) {
			return nil, false
		}
		*text, b = b[:n:n], b[n:]
	}
	e.prev, e.commit = string(prev), string(commit)
	return b, true
}

func readNumber(b []byte, n *int64) (rest []byte, ok bool) {
	u, size := binary.Uvarint(b)
	if size <= 0 {
		return nil, false
	}
	*n = int64(u)
	return b[size:], true
}

// appendEvents encodes events as they are logged: as JSON, a line each.
func appendEvents(b []byte, events []room.Event) []byte {
	for i := range events {
		b = append(events[i].Append(b), '\n')
	}
	return b
}

// readEvents is the reverse of appendEvents.
func readEvents(text []byte) (events []room.Event, err error) {
	for line := range bytes.Lines(text) {
		var e room.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("sqlite: a logged event: %w", err)
		}
		events = append(events, e)
	}
	return events, nil
}
