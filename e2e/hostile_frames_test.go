package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"tictac/e2e/client"
)

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// ends reads until the socket is closed and checks the code.
func ends(t *testing.T, what string, sock *client.Socket, code int) {
	t.Helper()
	for {
		if _, err := sock.Read(); err != nil {
			if !isClose(err, code) {
				t.Errorf("%s: the socket ended with %v, not %d", what, err, code)
			}
			return
		}
	}
}

// badFrames sends frames that no client sends.
func badFrames(t *testing.T, s *server) {
	seat, err := client.Create(s.addr, "Eve")
	if err != nil {
		t.Fatal(err)
	}
	part := func(op ws.OpCode, fin bool, n int) ws.Frame { return ws.NewFrame(op, fin, []byte(repeat(" ", n))) }
	huge := ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Length: 1 << 40}
	for what, c := range map[string]struct {
		code   int
		frames []ws.Frame
	}{
		"a text too large":              {1009, []ws.Frame{part(ws.OpText, true, 1025)}},
		"fragments too large":           {1009, []ws.Frame{part(ws.OpText, false, 1000), part(ws.OpContinuation, true, 25)}},
		"a large text":                  {1009, []ws.Frame{part(ws.OpText, true, 1<<20)}},
		"binary":                        {1003, []ws.Frame{ws.NewBinaryFrame([]byte(`{"type":"ping"}`))}},
		"large binary":                  {1003, []ws.Frame{part(ws.OpBinary, true, 1<<16)}},
		"text that is not UTF-8":        {1007, []ws.Frame{ws.NewTextFrame([]byte("{\"type\":\"ping\",\"x\":\"\xff\xfe\"}"))}},
		"half a character, over frames": {1007, []ws.Frame{ws.NewFrame(ws.OpText, false, []byte("\"\xe2")), ws.NewFrame(ws.OpContinuation, true, []byte("\x82\""))}},
		"a text promised, of 1 TB":      {1009, nil},
	} {
		sock := sit(t, s, seat)
		for _, f := range c.frames {
			if err := sock.SendFrame(f); err != nil {
				t.Errorf("frames: %s: %v", what, err)
			}
		}
		if c.frames == nil {
			_ = ws.WriteHeader(sock.Conn(), huge)
		}
		ends(t, "frames: "+what, sock, c.code)
	}

	sock := sit(t, s, seat)
	for what, text := range map[string]string{
		"1024 bytes": `{"type":"ping","t":5` + repeat(" ", 1024-21) + `}`,
	} {
		if got := asked(sock, text); got != "pong" {
			t.Errorf("frames: a message of %s got %q", what, got)
		}
	}
	for _, b := range []string{`{"type":`, `"pi`, `ng"`, `}`} { // one message in four frames
		f := ws.NewFrame(ws.OpContinuation, b == "}", []byte(b))
		if b == `{"type":` {
			f.Header.OpCode = ws.OpText
		}
		_ = sock.SendFrame(f)
	}
	if _, err := sock.ReadType("pong"); err != nil {
		t.Errorf("frames: a message in four frames: %v", err)
	}
}

// burst sends 10,000 messages as fast as they go, again and again.
func burst(t *testing.T, s *server) {
	for range 6 {
		burstOnce(t, s)
		time.Sleep(2 * time.Second)
	}
}

func burstOnce(t *testing.T, s *server) {
	seat, err := client.Create(s.addr, "Eve")
	if err != nil {
		t.Fatal(err)
	}
	sock := sit(t, s, seat)
	var all []byte
	for range 10_000 {
		frame := ws.MaskFrame(ws.NewTextFrame([]byte(`{"type":"ping","t":1,"id":2}`)))
		all = append(all, ws.MustCompileFrame(frame)...)
	}
	go func() { _ = sock.SendBytes(all) }() // ends with the socket
	pongs, refused := 0, 0
	for {
		m, err := sock.Read()
		if err != nil {
			if !isClose(err, 1008) {
				t.Errorf("burst: the socket ended with %v, not 1008", err)
			}
			break
		}
		switch {
		case m.Type == "pong":
			pongs++
		case m.Type == "refused" && m.Code == "too_fast" && m.Re == "" && m.ID == nil:
			refused++
		case m.Type != "view":
			t.Fatalf("burst: %+v", m)
		}
	}
	t.Logf("burst: %d answered, %d refused", pongs, refused)
	if pongs < 19 || pongs > 40 || refused < 90 || refused > 100 {
		t.Errorf("burst: %d of 10,000 messages were answered and %d refused, not about 20 and 100", pongs, refused)
	}
}

// noHello opens sockets that say nothing, or the wrong thing first.
func noHello(t *testing.T, s *server) {
	seat, err := client.Create(s.addr, "Eve")
	if err != nil {
		t.Fatal(err)
	}
	open := func() *client.Socket {
		sock, err := client.Dial(patience(t, patient), s.addr, seat.Code)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(sock.Drop)
		sock.Within(patient)
		return sock
	}
	silent := open()
	began := time.Now()
	for _, first := range []string{`{"type":"move","cell":4}`, `{"type":"ping"}`, `hello`} {
		if got := asked(open(), first); got != "1008" {
			t.Errorf("no hello: %s first got %q, not 1008", first, got)
		}
	}
	ends(t, "no hello in 10 s", silent, 1008)
	if took := time.Since(began); took < 9*time.Second || took > 15*time.Second {
		t.Errorf("no hello: the socket was closed after %v, not 10 s", took)
	}
}

// wrongSeat says hello with what opens no seat, and where there is no room.
func wrongSeat(t *testing.T, s *server) {
	seat, err := client.Create(s.addr, "Eve")
	if err != nil {
		t.Fatal(err)
	}
	open := func(code string) *client.Socket {
		sock, err := client.Dial(patience(t, patient), s.addr, code)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(sock.Drop)
		sock.Within(patient)
		return sock
	}
	for _, secret := range []string{"x", `\u0000`, repeat("A", 900), "' OR 1=1 --", ""} {
		if got := asked(open(seat.Code), `{"type":"hello","seat":"`+secret+`"}`); got != "4001" {
			t.Errorf("wrong seat: %.20q got %q, not 4001", secret, got)
		}
	}
	if got := asked(open(seat.Code), `{"type":"hello","seat":7}`); got != "bad_message re hello id " && got != "1008" {
		t.Errorf("wrong seat: a number got %q", got)
	}
	for _, code := range []string{"zzzzzz", "0", "%00%00%00"} {
		sock := open(code)
		if got := asked(sock, `{"type":"hello"}`); got != "closed" {
			t.Errorf("no such room %q: %q, not closed", code, got)
		}
		ends(t, "no such room", sock, 4000)
	}
	sock := open(seat.Code) // the host is still welcome
	if got := asked(sock, `{"type":"hello","seat":"`+seat.Secret+`"}`); got != "welcome" {
		t.Errorf("wrong seat: and then the right one: %q", got)
	}
}
