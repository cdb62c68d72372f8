package room

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrFormat is what Decode fails with for a format that is not known.
var ErrFormat = errors.New("room: the snapshot is of another version of this program")

type snapshot struct {
	Format int `json:"format"`
	State
}

// Encode is the state as it is stored: as JSON.
func Encode(s State) []byte { return s.appendJSON(make([]byte, 0, 768)) }

// Decode is the reverse of Encode. It fails for a format that is not known.
func Decode(data []byte) (State, error) {
	var snap snapshot
	if err := json.Unmarshal(data, &snap); err != nil {
		return State{}, fmt.Errorf("room: decode snapshot: %w", err)
	}
	if snap.Format < 1 || snap.Format > Format {
		return State{}, fmt.Errorf("%w: it has format %d, this one knows up to %d", ErrFormat, snap.Format, Format)
	}
	return snap.State, nil
}
