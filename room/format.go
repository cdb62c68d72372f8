//go:build !nextformat

package room

// Format is the number of the snapshot format that Encode writes. A server
// refuses to touch a room of a format it does not know: two versions may run
// side by side during a deploy, and the older one must not drop what the newer
// one has written.
const Format = 1
