//go:build !race

package e2e

// raced is whether the tests, and so the server under test, have the race
// detector.
const raced = false
