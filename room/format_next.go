//go:build nextformat

package room

// Format is that of a version to come: a test has one run beside this one.
const Format = 3

func (s *State) format() int { return Format }
