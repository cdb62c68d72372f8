package e2e

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tictac/e2e/client"
)

// TestStopAnswers stops the server while everybody moves as fast as they can:
// whoever's move was made must have seen it before the socket was closed with
// 1012, and what was seen must be there after the restart.
func TestStopAnswers(t *testing.T) {
	t.Parallel()
	const times, rooms = 3, 40
	s := start(t, newFile(t), noLimits...)
	checked, unheard := 0, 0
	for range times {
		var hurried [rooms][2]*hurrying // host, guest
		var wg sync.WaitGroup
		for i := range hurried {
			m := seatsFor(t, s)
			for j, seat := range m {
				hurried[i][j] = &hurrying{seat: seat, sock: sit(t, s, seat)}
			}
		}
		for _, pair := range hurried {
			for _, h := range pair {
				h.sock.Within(45 * time.Second)
				wg.Go(h.play)
			}
			_ = pair[0].sock.SendText(`{"type":"move","cell":0,"round":1,"ply":0}`)
		}
		time.Sleep(200 * time.Millisecond)
		s.signal(syscall.SIGTERM)
		wg.Wait()
		if code := s.wait(25 * time.Second); code != 0 {
			t.Errorf("SIGTERM with moves pending: exit code %d:\n%s", code, s.logged())
		}
		s.again()
		for _, pair := range hurried {
			now, err := client.Look(s.addr, pair[0].seat.Code)
			if err != nil {
				t.Fatalf("SIGTERM with moves pending: after the restart: %v", err)
			}
			for _, h := range pair {
				if !isClose(h.err, 1012) {
					t.Errorf("SIGTERM with moves pending: a socket ended with %v, not 1012", h.err)
				}
				if later(h.saw, now) {
					t.Errorf("SIGTERM with moves pending: %s saw %+v, after the restart the room is %+v", h.seat.You, h.saw, now)
				}
				moved := now.Ply > 0 && now.Of(h.seat.You).Mark == [...]string{"O", "X"}[now.Ply%2]
				if moved {
					checked++
				}
				if moved && later(now, h.saw) {
					unheard++
				}
			}
		}
	}
	t.Logf("SIGTERM with moves pending: %d last moves looked at", checked)
	if unheard > 0 {
		t.Errorf("SIGTERM with moves pending: %d of %d movers were closed with 1012 without the view of the move that they had made", unheard, checked)
	}
}

func seatsFor(t *testing.T, s *server) [2]client.Seat {
	t.Helper()
	host, err := client.Create(s.addr, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	guest, err := client.Join(s.addr, host.Code, "Bob")
	if err != nil {
		t.Fatal(err)
	}
	return [2]client.Seat{host, guest}
}

// later reports whether a shows more moves than b.
func later(a, b client.View) bool {
	return a.Round > b.Round || a.Round == b.Round && a.Ply > b.Ply
}

// A hurrying player answers each view with a move, or with wanting a rematch,
// until the socket ends.
type hurrying struct {
	seat client.Seat
	sock *client.Socket
	saw  client.View
	err  error
}

func (h *hurrying) play() {
	for h.err == nil {
		var m client.Message
		if m, h.err = h.sock.ReadType("view"); h.err != nil {
			return
		}
		h.saw = m.View
		switch v := m.View; {
		case v.Phase == "over":
			_ = h.sock.Send(map[string]string{"type": "rematch"})
		case v.Turn == v.Of(h.seat.You).Mark:
			_ = h.sock.Send(map[string]any{"type": "move", "cell": strings.IndexByte(v.Board, '.'), "round": v.Round, "ply": v.Ply})
		}
	}
}

// TestStopWhileDialling stops the server while sockets are being opened: one
// that was opened is closed with 1012 like all the others, at once.
func TestStopWhileDialling(t *testing.T) {
	t.Parallel()
	const times, dialling = 3, 30
	s := start(t, newFile(t), noLimits...)
	for range times {
		seat := seatsFor(t, s)[0]
		var opened atomic.Int32
		var wg sync.WaitGroup
		stopping := make(chan struct{})
		for range dialling {
			wg.Go(func() {
				for {
					sock, err := client.Dial(context.Background(), s.addr, seat.Code)
					if err != nil {
						select {
						case <-stopping:
							return
						default:
							t.Errorf("SIGTERM while dialling: before it: %v", err)
							return
						}
					}
					opened.Add(1)
					sock.Within(15 * time.Second)
					_ = sock.Hello("")
					select {
					case <-stopping: // and on with dialling until nobody listens
						wg.Go(func() {
							defer sock.Drop()
							if _, err := sock.ReadType("closed"); !isClose(err, 1012) {
								t.Errorf("SIGTERM while dialling: an open socket ended with %v, not 1012", err)
							}
						})
					default:
						sock.Drop()
					}
				}
			})
		}
		time.Sleep(100 * time.Millisecond)
		close(stopping)
		s.signal(syscall.SIGTERM)
		if code := s.wait(patient); code != 0 {
			t.Errorf("SIGTERM while dialling: exit code %d", code)
		}
		wg.Wait()
		t.Logf("SIGTERM while dialling: %d sockets were opened", opened.Load())
		s.again()
	}
}
