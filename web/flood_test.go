package web

import (
	"testing"
	"testing/synctest"
	"time"

	"tictac/room"
)

// A deafSock is the socket of a conn whose limits are tested alone.
type deafSock struct{ closed int }

func (*deafSock) Wake()                      {}
func (*deafSock) Ping()                      {}
func (*deafSock) Unanswered() int            { return 0 }
func (s *deafSock) Close(code int, _ string) { s.closed = code }
func (*deafSock) Drop()                      {}

type step struct {
	pause time.Duration
	n     int
}

// admit has a new socket take n messages after each pause, and returns what it
// was closed with, and the refusals before that. The limit is one a second.
func admit(t *testing.T, steps ...step) (code, refused int) {
	synctest.Test(t, func(t *testing.T) {
		sock := &deafSock{}
		c := &conn{server: &Server{cfg: Config{MessageLimit: 1}}, sock: sock}
		for _, step := range steps {
			time.Sleep(step.pause)
			for range step.n {
				if m, ok := c.admit([]byte(`{}`)); ok && m.err == tooFast && sock.closed == 0 {
					refused++
				}
			}
		}
		code = sock.closed
	})
	return code, refused
}

// 100 refusals within 10 s are a flood, wherever the 10 s begin. Two messages
// are let through at once, and one more after each second.
func TestFloodWindow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		steps         []step
		code, refused int
	}{
		{"99 at once", []step{{0, 101}}, 0, 99},
		{"100 at once", []step{{0, 102}}, closePolicy, 99},
		{"99, and again later", []step{{0, 101}, {11 * time.Second, 101}}, 0, 198},
		{"1, then 60 and 60 within 2 s", []step{{0, 3}, {9 * time.Second, 62}, {2 * time.Second, 62}}, closePolicy, 100},
		{"50 and 50 in 9 s", []step{{0, 52}, {9 * time.Second, 52}}, closePolicy, 99},
	} {
		if code, refused := admit(t, c.steps...); code != c.code || refused != c.refused {
			t.Errorf("%s: closed with %d after %d refusals, want %d after %d", c.name, code, refused, c.code, c.refused)
		}
	}
}

// The limit is looked at first: what is no message at all is too fast as well.
func TestTooFastComesFirst(t *testing.T) {
	t.Parallel()
	c := &conn{server: &Server{cfg: Config{MessageLimit: 1}}}
	for i, want := range []room.Refusal{badMessage, badMessage, tooFast, tooFast} {
		if m, ok := c.admit([]byte(`{"id":1`)); !ok || m.err != want || m.kind != "" || m.id != nil {
			t.Errorf("message %d: %+v", i, m)
		}
	}
}
