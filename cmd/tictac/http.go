package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"tictac/play"
)

// newHTTPServer has time limits for those who connect and then say nothing.
// Sockets are out of its hands and its limits once they are upgraded.
func newHTTPServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       2 * time.Minute, // more than load balancers keep a connection unused
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
}

// A frontDoor is an HTTP server that can close soon: browsers open connections
// on the chance that they will need them, and Shutdown waits for those.
type frontDoor struct {
	*http.Server
	unused sync.Map // of net.Conn: no request has come yet
}

func newFrontDoor(handler http.Handler) *frontDoor {
	d := &frontDoor{Server: newHTTPServer(handler)}
	d.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateNew {
			d.unused.Store(c, nil)
		} else {
			d.unused.Delete(c)
		}
	}
	return d
}

// shutdown takes no new connections and waits for the requests under way, of
// which none takes longer than its commit may.
func (d *frontDoor) shutdown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, play.StoreTimeout)
	defer cancel()
	d.unused.Range(func(c, _ any) bool {
		_ = c.(net.Conn).Close()
		return true
	})
	_ = d.Shutdown(ctx)
}
