package load

import "tictac/socket"

// maxMessage is more than a view ever has.
const maxMessage = 16 << 10

// newEngine is what reads and writes the sockets.
func newEngine() (socket.Engine, error) {
	return socket.Open(socket.Config{Client: true, MaxMessage: maxMessage})
}
