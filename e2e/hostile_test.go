package e2e

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tictac/e2e/client"
)

// TestHostile attacks a server in every way there is while two people play a
// normal game there, who should not notice.
func TestHostile(t *testing.T) {
	measures(t)
	s := start(t, newFile(t))
	stop := playBeside(t, s)
	t.Run("attacks", func(t *testing.T) {
		for name, attack := range map[string]func(*testing.T, *server){
			"messages": badMessages, "frames": badFrames, "burst": burst, "no hello": noHello,
			"wrong seat": wrongSeat, "foreign origin": foreignOrigin, "half-open": halfOpen,
			"join flood": joinFlood, "unknown codes": unknownCodes, "spectator": spectatorActs,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				attack(t, s)
			})
		}
	})
	times := stop()
	durable := s.metric("tictac_move_seconds_count") - s.metric(`tictac_move_seconds_bucket{le="0.032"}`)
	t.Logf("hostile input: %d moves of a normal game beside it; %v took over 32 ms from the server's receiving it to the disk", len(times), durable)
	within(t, "hostile input: a move beside it, p50", percentile(times, 50), 50*time.Millisecond)
	within(t, "hostile input: a move beside it, p99", percentile(times, 99), 50*time.Millisecond)
	if n := s.metric("tictac_panics_total"); n != 0 {
		t.Errorf("hostile input: %v panics", n)
	}
}

// playBeside plays, at the pace of quick people, until stop, which returns how
// long each move took until its mover saw it.
func playBeside(t *testing.T, s *server) (stop func() []time.Duration) {
	t.Helper()
	m := newMatch(t, s)
	ctx := patience(t, 3*time.Minute)
	var times []time.Duration
	var err error
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		for round := 1; err == nil; round++ {
			if round > 1 {
				err = m.rematch(ctx, round)
			}
			for ply := 0; err == nil && ply < len(draws); ply++ {
				err = m.play(ctx, round, ply, draws[ply:ply+1], func(d time.Duration) { times = append(times, d) })
				select {
				case <-done:
					return
				case <-time.After(80 * time.Millisecond):
				}
			}
		}
	})
	return func() []time.Duration {
		close(done)
		wg.Wait()
		if err != nil {
			t.Errorf("hostile input: the normal game beside it: %v", err)
		}
		for _, p := range []*client.Player{m.host, m.guest} {
			if n := len(p.Codes()); n != 0 {
				t.Errorf("hostile input: the normal game's %s lost the connection: %v", p.Seat.You, p.Codes())
			}
		}
		return times
	}
}

// sit opens a socket in a seat and reads up to its first view.
func sit(t *testing.T, s *server, seat client.Seat) *client.Socket {
	t.Helper()
	sock, err := client.Dial(patience(t, patient), s.addr, seat.Code)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sock.Drop)
	sock.Within(patient)
	if err := sock.Hello(seat.Secret); err != nil {
		t.Fatal(err)
	}
	if _, err := sock.ReadType("view"); err != nil {
		t.Fatal(err)
	}
	return sock
}

// asked sends a text and returns the answer, views aside, in short: the code
// of a refusal, or how the socket was closed, or the type.
func asked(sock *client.Socket, text string) string {
	if err := sock.SendText(text); err != nil {
		return err.Error()
	}
	for {
		m, err := sock.Read()
		var closed client.CloseError
		switch {
		case errors.As(err, &closed):
			return fmt.Sprint(closed.Code)
		case err != nil:
			return err.Error()
		case m.Type == "refused":
			return fmt.Sprintf("%s re %s id %s", m.Code, m.Re, m.ID)
		case m.Type != "view":
			return m.Type
		}
	}
}

// TestCell99CannotBrickARoom is named for what the original does: a cell of 99
// panics its handler, and the room is dead for good.
func TestCell99CannotBrickARoom(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t))
	m := newMatch(t, s)
	host, guest := sit(t, s, m.host.Seat), sit(t, s, m.guest.Seat)
	for _, cell := range []string{"99", "-1", "9", "-99", "9223372036854775807", "99999999999999999999", "-99999999999999999999"} {
		for _, sock := range []*client.Socket{host, guest} {
			move := `{"type":"move","cell":` + cell + `,"id":7}`
			if got, want := asked(sock, move), "cell_out_of_range re move id 7"; got != want {
				t.Errorf("cell %s: %q, want %q", cell, got, want)
			}
		}
	}
	ctx := patience(t, patient)
	if err := m.play(ctx, 1, 0, lineWins, nil); err != nil {
		t.Errorf("cell 99 bricked the room: %v", err)
	}
	if err := m.rematch(ctx, 2); err != nil {
		t.Errorf("cell 99 bricked the room: %v", err)
	}
}

// badMessages sends what the protocol does not have, each on a socket of its
// own, and then plays the game to its end in the same room.
func badMessages(t *testing.T, s *server) {
	m := newMatch(t, s)
	nested := func(n int) string { return repeat("[", n) + repeat("]", n) }
	for _, c := range []struct{ text, want string }{
		{`{"type":"move","cell":99,"id":"a"}`, `cell_out_of_range re move id "a"`},
		{`{"type":"move","cell":-1}`, "cell_out_of_range re move id "},
		{`{"type":"move","cell":4.5,"id":1}`, "bad_message re move id 1"},
		{`{"type":"move","cell":"4"}`, "bad_message re move id "},
		{`{"type":"move","cell":null}`, "bad_message re move id "},
		{`{"type":"move"}`, "bad_message re move id "},
		{`{"type":"move","cell":` + nested(400) + `}`, "bad_message re move id "},
		{`{"type":"ping","x":` + nested(450) + `}`, "pong"},
		{repeat(`{"a":`, 150) + "1" + repeat("}", 150), "bad_message re  id "},
		{repeat("[", 1024), "bad_message re  id "},
		{`{"type":"move","cell":4,"round":"1"}`, "bad_message re move id "},
		{`{"type":"move","cell":4,"ply":0.5}`, "bad_message re move id "},
		{`{"type":"move","cell":4,"id":{}}`, "bad_message re move id "},
		{`{"type":"move","cell":4,"round":2,"ply":0}`, "stale re move id "},
		{`{"type":"move","cell":4,"round":1,"ply":1}`, "stale re move id "},
		{`{"type":"rematch"}`, "not_over re rematch id "},
		{`{"type":"hello"}`, "bad_message re hello id "},
		{`{"type":"dance","id":3}`, "bad_message re  id 3"},
		{`{"type":7}`, "bad_message re  id "},
		{`[]`, "bad_message re  id "},
		{`null`, "bad_message re  id "},
		{`move 4`, "bad_message re  id "},
		{``, "bad_message re  id "},
		{`{"type":"move","cell":4} x`, "bad_message re  id "},
	} {
		if got := asked(sit(t, s, m.host.Seat), c.text); got != c.want {
			t.Errorf("messages: %.60s… got %q, want %q", c.text, got, c.want)
		}
	}
	guest := sit(t, s, m.guest.Seat)
	if got, want := asked(guest, `{"type":"move","cell":4}`), "not_your_turn re move id "; got != want {
		t.Errorf("messages: a move out of turn: %q, want %q", got, want)
	}
	ctx := patience(t, patient)
	if err := m.play(ctx, 1, 0, lineWins[:1], nil); err != nil {
		t.Fatal(err)
	}
	if got, want := asked(guest, `{"type":"move","cell":0}`), "cell_taken re move id "; got != want {
		t.Errorf("messages: a taken cell: %q, want %q", got, want)
	}
	if err := m.play(ctx, 1, 1, lineWins[1:], nil); err != nil {
		t.Errorf("messages: the room did not live on: %v", err)
	}
	if got, want := asked(guest, `{"type":"resign"}`), "not_playing re resign id "; got != want {
		t.Errorf("messages: resigning after the end: %q, want %q", got, want)
	}
}

func spectatorActs(t *testing.T, s *server) {
	m := newMatch(t, s)
	for _, kind := range []string{"move", "rematch", "resign", "leave"} {
		sock := sit(t, s, client.Seat{Code: m.host.Seat.Code})
		if got, want := asked(sock, `{"type":"`+kind+`","cell":4}`), "not_seated re "+kind+" id "; got != want {
			t.Errorf("spectator: %s got %q, want %q", kind, got, want)
		}
	}
	sock := sit(t, s, client.Seat{Code: m.host.Seat.Code})
	if got, want := asked(sock, `{"type":"move","cell":99}`), "not_seated re move id "; got != want {
		t.Errorf("spectator: cell 99 got %q, want %q", got, want)
	}
}

// TestInOrder sends everything at once; answers come in the order of questions.
func TestInOrder(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t))
	m := newMatch(t, s)
	sock := sit(t, s, m.host.Seat)
	for _, text := range []string{
		`{"type":"ping","t":1}`, `{"type":"move","cell":0,"round":1,"ply":0}`, `{"type":"ping","t":2}`,
		`{"type":"move","cell":99}`, `{"type":"move","cell":0,"round":1,"ply":0}`, `{"type":"resign"}`, `{"type":"ping","t":3}`,
	} {
		if err := sock.SendText(text); err != nil {
			t.Fatal(err)
		}
	}
	got, last := "", ""
	for !strings.HasSuffix(got, "pong3 ") {
		a, err := sock.Read()
		if err != nil {
			t.Fatalf("in order: after %q: %v", got, err)
		}
		word := a.Type + string(a.T) + a.Code
		if a.Type == "view" {
			word = fmt.Sprintf("%s:%d", a.View.Phase, a.View.Ply)
		}
		if word != last { // a view may come twice
			got += word + " "
		}
		last = word
	}
	got = strings.TrimPrefix(got, "playing:0 ") // the view as it was
	if want := "pong1 playing:1 pong2 refusedcell_out_of_range playing:1 over:1 pong3 "; got != want {
		t.Errorf("in order: %q, want %q", got, want)
	}
}
