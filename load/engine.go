package load

import (
	"time"

	"tictac/socket"
)

// maxMessage is more than a view ever has.
const maxMessage = 16 << 10

// newEngine is what reads and writes the sockets.
func newEngine(spin time.Duration) (socket.Engine, error) {
	return socket.Open(socket.Config{Client: true, MaxMessage: maxMessage, Spin: spin})
}
