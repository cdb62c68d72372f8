package e2e

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"tictac/e2e/client"
)

// TestStop ends a server in mid-game, politely, and starts it again.
func TestStop(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(fmt.Sprint(sig), func(t *testing.T) {
			t.Parallel()
			const drain = 5 * time.Second
			file := newFile(t)
			s := start(t, file, append([]string{"--drain", drain.String()}, noLimits...)...)
			ctx := patience(t, 60*time.Second)
			var matches []*match
			for range 20 {
				m := newMatch(t, s)
				if err := m.play(ctx, 1, 0, draws[:4], nil); err != nil {
					t.Fatal(err)
				}
				matches = append(matches, m)
			}
			began := time.Now()
			s.signal(sig)
			if code := s.wait(2 * drain); code != 0 {
				t.Errorf("%v: exit code %d, not 0:\n%s", sig, code, s.logged())
			}
			within(t, fmt.Sprintf("%v, 20 games, to the end", sig), time.Since(began), 2*time.Second)
			s.again()
			for _, m := range matches {
				if err := m.play(ctx, 1, 4, draws[4:], nil); err != nil {
					t.Fatalf("%v: the game did not go on: %v", sig, err)
				}
				for _, p := range []*client.Player{m.host, m.guest} {
					if _, err := p.Await(ctx, isOver(1)); err != nil {
						t.Error(err)
					}
					if codes := p.Codes(); codes[1012] != 1 {
						t.Errorf("%v: %s of %s was closed with %v, not once with 1012", sig, p.Seat.You, p.Seat.Code, codes)
					}
				}
				m.close()
			}
			s.kill()
			found := filed(t, file)
			for _, m := range matches {
				m.checkFiled(t, found[m.host.Seat.Code])
			}
		})
	}
}

// TestStopTwice asks a second time while a socket that does not answer holds
// the first one up.
func TestStopTwice(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		s := start(t, newFile(t))
		host, err := client.Create(s.addr, "Ann")
		if err != nil {
			t.Fatal(err)
		}
		sock, err := client.Dial(patience(t, 10*time.Second), s.addr, host.Code)
		if err != nil {
			t.Fatal(err)
		}
		defer sock.Drop()
		if err := sock.Hello(host.Secret); err != nil {
			t.Fatal(err)
		}
		s.signal(sig)
		select {
		case <-s.exited:
			t.Fatalf("%v: the server did not wait for a socket's close handshake", sig)
		case <-time.After(700 * time.Millisecond):
		}
		began := time.Now()
		s.signal(sig)
		s.wait(10 * time.Second)
		within(t, fmt.Sprintf("the end after a second %v", sig), time.Since(began), 200*time.Millisecond)
	}
}

// TestStopBesideHalfOpen stops a server to which some are connected who say
// nothing, or half of what they want: players are told at once all the same.
func TestStopBesideHalfOpen(t *testing.T) {
	t.Parallel()
	const drain = 4 * time.Second
	s := start(t, newFile(t), append([]string{"--drain", drain.String()}, noLimits...)...)
	m := newMatch(t, s)
	for _, said := range []string{"", "GET / HTTP/1.1\r\nHost: x\r\n", "POST /api/games HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"} {
		nc, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		if _, err := nc.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(100 * time.Millisecond)
	began := time.Now()
	s.signal(syscall.SIGTERM)
	for _, p := range []*client.Player{m.host, m.guest} {
		if err := p.AwaitLost(patience(t, 10*time.Second)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > drain || p.Codes()[1012] != 1 {
			t.Errorf("SIGTERM beside half-open connections: closed after %v with %v, not at once with 1012", took, p.Codes())
		}
	}
	if code := s.wait(patient); code != 0 {
		t.Errorf("SIGTERM beside half-open connections: exit code %d:\n%s", code, s.logged())
	}
	within(t, "SIGTERM beside half-open connections, to the end, with --drain 4s", time.Since(began), drain)
}
