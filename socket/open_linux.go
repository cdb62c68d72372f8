//go:build !goroutines

package socket

// Open makes the best engine there is for this system: Loops. Built with the tag
// "goroutines" it is Goroutines, as on systems without epoll.
func Open(cfg Config) (Engine, error) { return OpenLoops(cfg) }
