//go:build !linux || goroutines

package socket

// Open makes the best engine there is for this system: Goroutines.
func Open(cfg Config) (Engine, error) { return NewGoroutines(cfg), nil }
