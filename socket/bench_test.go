package socket_test

import (
	"io"
	"testing"

	"tictac/socket"
)

// BenchmarkRoundTrip is a message that comes and is answered with one of a view's
// size, the client's system calls included.
func BenchmarkRoundTrip(b *testing.B) {
	for name, open := range map[string]func(socket.Config) (socket.Engine, error){
		"goroutines":  func(c socket.Config) (socket.Engine, error) { return socket.NewGoroutines(c), nil },
		"the default": socket.Open,
	} {
		b.Run(name, func(b *testing.B) {
			e, err := open(socket.Config{})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(e.Close)
			client, server := tcp(b)
			e.Add(server, nil, func(c socket.Conn) socket.Handler {
				return &answerer{Conn: c, answer: socket.AppendText(nil, make([]byte, 330))}
			})
			move, view := text(`{"type":"move","cell":4,"round":1,"ply":2}`), make([]byte, 4+330)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.Write(move); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(client, view); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// An answerer says the same to whatever it is told.
type answerer struct {
	socket.Conn
	answer []byte
}

func (a *answerer) Message([]byte)           { a.Wake() }
func (a *answerer) Chatter()                 {}
func (a *answerer) Output(dst []byte) []byte { return append(dst, a.answer...) }
func (a *answerer) Closed(int)               {}
