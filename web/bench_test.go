package web

import (
	"testing"

	"tictac/game"
	"tictac/play"
	"tictac/room"
)

// BenchmarkDecodeMove is a client's move read.
func BenchmarkDecodeMove(b *testing.B) {
	text := []byte(`{"type":"move","cell":4,"round":1,"ply":2}`)
	b.ReportAllocs()
	for b.Loop() {
		if m := decode(text); m.err != "" {
			b.Fatal(m.err)
		}
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
