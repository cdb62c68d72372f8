//go:build !nextformat

package room

// Format is the number of the newest snapshot format that is known. A server
// refuses to touch a room of a format it does not know: two versions may run
// side by side during a deploy, and the older one must not drop what the newer
// one has written.
const Format = 2

// format is the lowest that can express the state. Format 2 has players with
// identities, the computer, the clock, and rooms of quick match.
func (s *State) format() int {
	if s.Host.Who+s.Guest.Who != "" || s.Guest.Computer != "" || s.Open || s.Turn > 0 {
		return 2
	}
	return 1
}
