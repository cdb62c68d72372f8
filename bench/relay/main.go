// Command relay is what the server is measured against: it forwards each message
// to both members of its room. It has no rules, reads no JSON and stores nothing,
// so it costs what the machine, Go and package socket cost.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/gobwas/ws"

	"tictac/socket"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "where clients connect")
	flag.Parse()
	if err := run(*listen); err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
}

func run(listen string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	engine, err := socket.Open(socket.Config{})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	r := &relay{engine: engine, rooms: map[string]*room{}}
	routes := chi.NewRouter()
	routes.Get("/ws/{room}", r.upgrade)
	routes.Get("/readyz", func(http.ResponseWriter, *http.Request) {})
	front := http.Server{Handler: routes}
	served := make(chan error, 1)
	go func() { served <- front.Serve(l) }()
	fmt.Fprintf(os.Stderr, `{"msg":"listening","addr":%q}`+"\n", l.Addr())
	select {
	case err := <-served:
		return err
	case <-ctx.Done(): // its sockets end with the process
		return nil
	}
}

type relay struct {
	engine socket.Engine

	mu    sync.Mutex
	rooms map[string]*room
}

// A room is whoever opened the same path.
type room struct {
	mu      sync.Mutex
	members []*member
}

// A member is one socket, and what is to be sent to it.
type member struct {
	room *room
	conn socket.Conn

	mu  sync.Mutex
	out []byte
}

func (r *relay) upgrade(w http.ResponseWriter, req *http.Request) {
	nc, rw, _, err := ws.HTTPUpgrader{Timeout: 5 * time.Second}.Upgrade(req, w)
	if err != nil {
		return
	}
	early := make([]byte, rw.Reader.Buffered())
	_, _ = rw.Read(early) // they are in the buffer
	_ = nc.SetDeadline(time.Time{})
	m := &member{room: r.room(chi.URLParam(req, "room"))}
	r.engine.Add(nc, early, func(c socket.Conn) socket.Handler {
		m.conn = c
		m.room.mu.Lock()
		m.room.members = append(m.room.members, m)
		m.room.mu.Unlock()
		return m
	})
}

func (r *relay) room(name string) *room {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rooms[name] == nil {
		r.rooms[name] = &room{}
	}
	return r.rooms[name]
}

// Message implements socket.Handler.
func (m *member) Message(text []byte) {
	m.room.mu.Lock()
	all := m.room.members
	m.room.mu.Unlock()
	for _, to := range all {
		to.mu.Lock()
		to.out = socket.AppendText(to.out, text)
		to.mu.Unlock()
		to.conn.Wake()
	}
}

// Output implements socket.Handler.
func (m *member) Output(dst []byte) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	dst = append(dst, m.out...)
	m.out = m.out[:0]
	return dst
}

// Chatter implements socket.Handler.
func (*member) Chatter() {}

// Closed implements socket.Handler. Rooms stay: the relay lives for one run.
func (m *member) Closed(int) {}
