package room

import (
	"testing"
	"time"
)

// midGame is a room in which X is to make the fifth move.
func midGame(b testing.TB) State {
	now := time.UnixMilli(1_700_000_000_000)
	var s State
	for _, c := range []Command{
		Create{Code: "a1b2c3", Key: "ann", Name: "Ann", Rules: Rules{Grace: time.Minute, WaitingGrace: time.Minute, Idle: time.Hour}},
		Attach{Key: "ann", Server: "server"},
		Join{Key: "bob", Name: "Bob", RoundID: "round"},
		Attach{Key: "bob", Server: "server"},
		Move{Key: "ann", Cell: 0, Round: 1, Ply: 0},
		Move{Key: "bob", Cell: 4, Round: 1, Ply: 1},
		Move{Key: "ann", Cell: 8, Round: 1, Ply: 2},
		Move{Key: "bob", Cell: 2, Round: 1, Ply: 3},
	} {
		events, err := Decide(s, c, now)
		if err != nil {
			b.Fatal(err)
		}
		s = Fold(s, events)
	}
	return s
}

// BenchmarkMove is a move decided and applied.
func BenchmarkMove(b *testing.B) {
	s, now := midGame(b), time.UnixMilli(1_700_000_001_000)
	b.ReportAllocs()
	for b.Loop() {
		events, err := Decide(s, Move{Key: "ann", Cell: 6, Round: 1, Ply: 4}, now)
		if err != nil {
			b.Fatal(err)
		}
		_ = Fold(s, events)
	}
}

// BenchmarkEncode is a room made the bytes that are stored.
func BenchmarkEncode(b *testing.B) {
	s := midGame(b)
	b.ReportAllocs()
	for b.Loop() {
		encoded = Encode(s)
	}
}

// BenchmarkDecode is the reverse.
func BenchmarkDecode(b *testing.B) {
	data := Encode(midGame(b))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecord is a finished round made the bytes that are filed.
func BenchmarkRecord(b *testing.B) {
	s := midGame(b)
	events, err := Decide(s, Resign{Key: "ann"}, time.UnixMilli(1_700_000_001_000))
	if err != nil {
		b.Fatal(err)
	}
	r, _ := Filed(s, events)
	scratch := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		_ = r.Append(scratch)
	}
}

// TestAllocations: a move is the garbage collector's main work, so it must stay little.
func TestAllocations(t *testing.T) {
	s, now := midGame(t), time.UnixMilli(1_700_000_001_000)
	var cmd Command = Move{Key: "ann", Cell: 6, Round: 1, Ply: 4}
	move := func() {
		events, err := Decide(s, cmd, now)
		if err != nil || len(Fold(s, events).Moves) != 5 {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, move); n > 2 { // events and moves
		t.Errorf("a move takes %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { encoded = Encode(s) }); n > 1 {
		t.Errorf("encoding takes %v allocations", n)
	}
}

var encoded []byte
