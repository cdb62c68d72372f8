package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// wires are the open connections to Redis. The library keeps one as long as it
// is answered, also by a primary that has become a replica: then all of them are
// cut here, and made anew where the name leads by now.
type wires struct {
	mu   sync.Mutex
	open map[*wire]bool
	cut  time.Time // when they last were
}

// A wire is one of them.
type wire struct {
	net.Conn
	of *wires
}

// dial is the library's own, kept count of.
func (w *wires) dial(ctx context.Context, addr string, dialer *net.Dialer, config *tls.Config) (conn net.Conn, err error) {
	if config == nil {
		conn, err = dialer.DialContext(ctx, "tcp", addr)
	} else {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, "tcp", addr)
	}
	if err != nil {
		return nil, err
	}
	c := &wire{conn, w}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[c] = true
	return c, nil
}

// Close implements net.Conn.
func (c *wire) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// cutAll closes all connections, once a second at the most.
func (w *wires) cutAll() (done bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.cut) < time.Second {
		return false
	}
	w.cut = time.Now()
	for c := range w.open {
		_ = c.Conn.Close() // its reader notices, and closes c
	}
	return true
}

// mind looks at an answer. If it is that of a replica, or of a Redis that has
// just started and may become one, the primary is looked for. A cluster says by
// itself where it is.
func (s *Store) mind(err error) {
	var answer *rueidis.RedisError
	if !errors.As(err, &answer) || s.client.Mode() == rueidis.ClientModeCluster {
		return
	}
	kind, _, _ := strings.Cut(answer.Error(), " ")
	switch kind {
	case "READONLY", "MASTERDOWN", "LOADING":
		if s.wires.cutAll() {
			slog.Warn("this Redis takes no commits: connecting anew", "err", kind)
		}
	}
}
