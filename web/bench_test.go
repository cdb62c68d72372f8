package web

import (
	"math"
	"testing"

	"tictac/game"
	"tictac/play"
	"tictac/room"
)

// BenchmarkDecodeMove is a client's move read: as the pages write it, and as another
// client may.
func BenchmarkDecodeMove(b *testing.B) {
	for name, text := range map[string]string{
		"plain":  `{"type":"move","cell":4,"round":1,"ply":2}`,
		"spaced": `{"type": "move", "cell": 4, "round": 1, "ply": 2}`,
	} {
		b.Run(name, func(b *testing.B) {
			text := []byte(text)
			b.ReportAllocs()
			for b.Loop() {
				if m := decode(text); m.err != "" {
					b.Fatal(m.err)
				}
			}
		})
	}
}

// BenchmarkMessage is a message taken and answered, with no work for the room.
func BenchmarkMessage(b *testing.B) {
	for name, text := range map[string]string{
		"move":  `{"type":"move","cell":4,"round":1,"ply":2}`, // a spectator's, which is refused
		"ping":  `{"type":"ping","t":1764030000123}`,
		"chaff": `{"type":"dance"}`,
	} {
		b.Run(name, func(b *testing.B) {
			c := &conn{server: &Server{metrics: NewMetrics()}, sock: &deafSock{}, session: new(play.Session), helloed: true}
			c.server.cfg.MessageLimit = math.MaxInt32
			text, out := []byte(text), []byte(nil)
			b.ReportAllocs()
			for b.Loop() {
				c.Message(text)
				out = c.Output(out[:0])
			}
		})
	}
}

// BenchmarkEncodeView is a view written, once for all who see the room.
func BenchmarkEncodeView(b *testing.B) {
	v := &play.View{Watching: 2, State: &room.State{
		Code: "a1b2c3", Rev: 17, Phase: room.Playing, Round: 2, HostMark: game.O,
		Moves: []room.Played{{Cell: 0}, {Cell: 1}, {Cell: 3}},
		Host:  room.Player{Key: "ann", Name: "Ann", Wins: 1, Online: []string{"server"}},
		Guest: room.Player{Key: "bob", Name: "Bob", Online: []string{"server"}},
	}}
	b.ReportAllocs()
	for b.Loop() {
		_ = viewFrame(v)
	}
}
