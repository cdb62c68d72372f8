package socket_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tictac/socket"
)

// A recorder is a Handler that notes what it is told, answers what a test has
// it say, and sees to it that the engine keeps the promises of Handler.
type recorder struct {
	t        *testing.T
	conn     socket.Conn
	messages chan string
	closed   chan int
	message  func(text string)       // called by Message, if set
	output   func(dst []byte) []byte // instead of what say left, if set
	ended    func()                  // called by Closed, if set
	outputs  atomic.Int32            // calls of Output
	chatter  atomic.Int32            // calls of Chatter
	inside   atomic.Int32            // calls of Message and Closed under way
	over     atomic.Bool             // Closed was called

	mu  sync.Mutex
	out []string
}

func newRecorder(t *testing.T) *recorder {
	return &recorder{t: t, messages: make(chan string, 4096), closed: make(chan int, 2)}
}

func (r *recorder) open(c socket.Conn) socket.Handler {
	r.conn = c
	return r
}

func (r *recorder) Message(text []byte) {
	r.enter("Message")
	defer r.inside.Add(-1)
	if len(text) > socket.MaxMessage {
		r.t.Errorf("a message of %d bytes", len(text))
	}
	r.messages <- string(text)
	if r.message != nil {
		r.message(string(text))
	}
}

func (r *recorder) Output(dst []byte) []byte {
	r.outputs.Add(1)
	if r.output != nil {
		return r.output(dst)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.out {
		dst = socket.AppendText(dst, []byte(s))
	}
	r.out = nil
	return dst
}

func (r *recorder) Chatter() {
	r.enter("Chatter")
	defer r.inside.Add(-1)
	r.chatter.Add(1)
}

func (r *recorder) Closed(code int) {
	r.enter("Closed")
	defer r.inside.Add(-1)
	r.over.Store(true)
	r.closed <- code
	if r.ended != nil {
		r.ended()
	}
}

func (r *recorder) enter(method string) {
	if r.inside.Add(1) != 1 {
		r.t.Errorf("%s was called while another call was under way", method)
	}
	if r.over.Load() {
		r.t.Errorf("%s was called after Closed", method)
	}
}

func (r *recorder) say(s string) {
	r.mu.Lock()
	r.out = append(r.out, s)
	r.mu.Unlock()
	r.conn.Wake()
}

func answering(s string) func(*recorder) {
	return func(r *recorder) { r.message = func(string) { r.say(s) } }
}

func (r *recorder) wantMessage(want string) {
	r.t.Helper()
	select {
	case got := <-r.messages:
		if got != want {
			r.t.Fatalf("message %.80q, want %.80q", got, want)
		}
	case <-time.After(patience):
		r.t.Fatalf("no message, want %.80q", want)
	}
}

// wantClosed sees Closed called with one of the codes, and no message left.
func (r *recorder) wantClosed(codes ...int) {
	r.t.Helper()
	select {
	case got := <-r.closed:
		ok := false
		for _, code := range codes {
			ok = ok || got == code
		}
		if !ok {
			r.t.Errorf("Closed(%d), want %v", got, codes)
		}
	case <-time.After(patience):
		r.t.Fatalf("Closed was not called, want it with %v", codes)
	}
	if n := len(r.messages); n > 0 {
		r.t.Errorf("%d messages too many, the first %.80q", n, <-r.messages)
	}
}

// eventually waits for what happens on other goroutines.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not so: %s", what)
		}
	}
}
