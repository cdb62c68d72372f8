package socket_test

import (
	"net"
	"testing"

	"tictac/socket"
)

// TestBothEnds has one engine be the server of another.
func TestBothEnds(t *testing.T) {
	for name, open := range map[string]func(socket.Config) (socket.Engine, error){
		"goroutines":  func(c socket.Config) (socket.Engine, error) { return socket.NewGoroutines(c), nil },
		"the default": socket.Open,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := open(socket.Config{})
			if err != nil {
				t.Fatal(err)
			}
			client, err := open(socket.Config{Client: true, MaxMessage: 5})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			t.Cleanup(client.Close)

			near, far := tcpPair(t)
			s, c := newRecorder(t), newRecorder(t)
			c.output = func(dst []byte) []byte { return socket.AppendMasked(dst, []byte("question")) }
			server.Add(near, nil, s.open)
			client.Add(far, nil, c.open)
			c.conn.Wake()
			s.wantMessage("question")
			s.say("ja")
			c.wantMessage("ja")
			s.conn.Ping()
			c.conn.Ping()
			eventually(t, "pings are answered", func() bool { return s.conn.Unanswered() == 0 && c.conn.Unanswered() == 0 })
			s.say("too long")
			c.wantClosed(socket.TooBig)
			s.wantClosed(socket.TooBig)
		})
	}
}

// A client is told the codes that only servers have to say.
func TestClientHears(t *testing.T) {
	client, err := socket.Open(socket.Config{Client: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	server := socket.NewGoroutines(socket.Config{})
	for _, code := range []int{1000, 1001, 1012, 1013, 4000} {
		near, far := tcpPair(t)
		s, c := newRecorder(t), newRecorder(t)
		server.Add(near, nil, s.open)
		client.Add(far, nil, c.open)
		s.conn.Close(code, "")
		c.wantClosed(code)
		s.wantClosed(code)
	}
}

// tcpPair is a connection by its two ends.
func tcpPair(t *testing.T) (server, client net.Conn) {
	p, server := pipe(t)
	return server, p.nc
}
