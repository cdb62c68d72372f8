package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"tictac/emf"
	"tictac/history"
	"tictac/play"
	"tictac/redis"
	"tictac/room"
	"tictac/sqlite"
	"tictac/web"
)

// A server is what serve was told by its flags.
type server struct {
	listen, store, metrics string
	emf                    namespace
	stdout                 io.Writer
	drain, history         time.Duration
	rules                  room.Rules
	limits                 web.Config
}

// serve runs a server until SIGTERM or SIGINT. A second one ends it at once.
func serve(args []string, stdout io.Writer) error {
	s, err := serverFlags(args, stdout)
	if err != nil {
		return err
	}
	limitMemory()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // back to the default, which is to die
	return s.run(ctx)
}

func serverFlags(args []string, stdout io.Writer) (server, error) {
	s := server{
		stdout: stdout,
		drain:  20 * time.Second, history: defaultHistory,
		rules:  room.Rules{Grace: 2 * time.Minute, WaitingGrace: 10 * time.Minute, Idle: 2 * time.Hour},
		limits: web.Config{JoinLimit: 60, MessageLimit: 10, MaxSockets: defaultMaxSockets(), MaxSocketsPerAddress: 500},
	}
	l, fs := &s.limits, newFlags("serve")
	fs.StringVar(&s.listen, "listen", defaultListen, "where players connect; port 0 picks a free one")
	fs.StringVar(&s.store, "store", defaultStore, "where rooms are kept: sqlite:PATH, or redis://HOST to share them with other servers, its password in "+storePassword)
	fs.StringVar(&s.metrics, "metrics", defaultMetrics, "where Prometheus reads /metrics; empty turns it off")
	fs.Var(&s.emf, "emf", "write metrics for CloudWatch to standard output once a minute, under this namespace")
	fs.Var(notNegative{&s.rules.Grace, false}, "grace", "how long a seat waits for a player who vanished in mid-game; 0s frees it at once")
	fs.Var(notNegative{&s.rules.WaitingGrace, false}, "waiting-grace", "the same for a host alone in a room")
	fs.Var(days{&s.history}, "history", "how long Redis keeps finished rounds, in days (90d) or as a duration; of each player the newest 1,000")
	fs.Var(notNegative{&s.rules.Idle, true}, "idle", "a room nobody has touched for this long is closed")
	fs.Var(notNegative{&s.drain, false}, "drain", "how long a stopping server takes, at most")
	fs.Var((*origins)(&l.Origins), "origins", "further web origins that may open a socket, scheme://host[:port], comma-separated")
	fs.Var(count{&l.JoinLimit, 0}, "join-limit", "rooms created or joined per minute and address; 0 turns the limit off")
	fs.Var(count{&l.MessageLimit, 0}, "message-limit", "messages per second and socket; 0 turns the limit off")
	fs.Var(count{&l.MaxSockets, 1}, "max-sockets", "how many sockets may be open; by default the limit on descriptors less 500")
	fs.Var(count{&l.MaxSocketsPerAddress, 0}, "max-sockets-per-address", "how many sockets an address may have open; 0 turns the limit off")
	fs.Var((*networks)(&l.TrustedProxies), "trusted-proxies", "networks (CIDR) whose X-Forwarded-For is believed, comma-separated")
	_, err := parse(fs, 0, args, stdout)
	return s, err
}

// run starts everything, in order, and stops it in the reverse order. What
// fails before players are let in is the user's to mend.
func (s server) run(ctx context.Context) error {
	store, err := openStore(ctx, s.store, s.history)
	if err != nil {
		return usage("--store: %w", err)
	}
	_, s.limits.Shared = store.(*redis.Store)
	metrics, counts := web.NewMetrics(), new(emf.Counts)
	if s.emf != "" {
		metrics.Tell(counts)
	}
	house, err := play.Open(ctx, play.Config{Store: store, Meter: metrics, Rules: s.rules})
	if err != nil {
		return usageError{errors.Join(fmt.Errorf("--store: %w", err), store.Close())}
	}
	listener, stopMetrics, err := s.open(metrics)
	if err != nil {
		return usageError{errors.Join(err, store.Close())}
	}
	s.limits.House, s.limits.History, s.limits.Metrics = house, store, metrics
	players, err := web.Open(s.limits)
	if err != nil {
		stopMetrics()
		return errors.Join(err, listener.Close(), store.Close())
	}
	front := newFrontDoor(players.Handler())

	failed := make(chan error, 1)
	running, stop := context.WithCancel(context.Background())
	publishing, lastLine := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { failed <- front.Serve(listener) })
	wg.Go(func() { _ = house.Run(running) })
	wg.Go(func() { _ = players.Run(running) })
	wg.Go(func() { tendMemory(running) })
	wg.Go(func() { s.publish(publishing, counts, house) })
	slog.Info("listening", "addr", listener.Addr().String(), "version", version)
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
	}

	slog.Info("stopping", "drain", s.drain.String())
	draining, cancel := context.WithTimeout(context.Background(), s.drain)
	defer cancel()
	players.Refuse() // first: no connection that is closed now becomes a socket
	shut := make(chan struct{})
	wg.Go(func() { front.shutdown(draining); close(shut) }) // no new connections; requests under way end
	players.Drain(draining)                                 // not ready; what was asked is answered; sockets get 1012
	<-shut
	_ = front.Close() // whatever did not end in time
	stop()            // deadlines are the next server's now
	house.Close()     // commits under way are made
	lastLine()        // with all that was counted
	stopMetrics()
	wg.Wait()
	err = errors.Join(err, store.Close())
	slog.Info("stopped")
	return err
}

// open takes the ports: the players' and, if it is wanted, the metrics'.
func (s server) open(m *web.Metrics) (players net.Listener, stopMetrics func(), err error) {
	players, err = net.Listen("tcp", s.listen)
	if err != nil {
		return nil, nil, fmt.Errorf("--listen: %w", err)
	}
	stopMetrics, err = serveMetrics(s.metrics, m)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--metrics: %w", err), players.Close())
	}
	return players, stopMetrics, nil
}

// serveMetrics serves /metrics, and profiles, at an address, if there is one. If another server
// on this machine has the place that nobody asked for in particular, that is no
// reason not to play.
func serveMetrics(addr string, m *web.Metrics) (stop func(), err error) {
	if addr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil && addr == defaultMetrics {
		slog.Warn("no metrics: set --metrics to a free address", "err", err)
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index) // heap, allocs, mutex and the like
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	server := newHTTPServer(mux)
	done := make(chan struct{})
	go func() { // stop waits for it
		defer close(done)
		_ = server.Serve(listener)
	}()
	slog.Info("metrics", "addr", listener.Addr().String())
	return func() { _ = server.Close(); <-done }, nil
}

// A closingStore is an engine that is in use.
type closingStore interface {
	play.Store
	history.Porter
	io.Closer
}

// publish writes what was counted for CloudWatch, if that is wanted, until ctx
// ends. It goes to standard output, line by line, where no log is.
func (s server) publish(ctx context.Context, counts *emf.Counts, house *play.House) {
	if s.emf == "" {
		return
	}
	err := emf.Run(ctx, emf.Config{
		Namespace: string(s.emf), Task: house.Server(), Version: version,
		Counts: counts, Rooms: house.Rooms, Out: s.stdout,
	})
	if err != nil {
		slog.Error("no more metrics for CloudWatch", "err", err)
	}
}

// openStore opens the engine that a name asks for. Redis keeps finished rounds for
// so long.
func openStore(ctx context.Context, name string, history time.Duration) (closingStore, error) {
	if strings.HasPrefix(name, "redis://") || strings.HasPrefix(name, "rediss://") {
		store, err := redis.Open(ctx, withPassword(name, os.Getenv(storePassword)), redis.Config{History: history})
		if err != nil {
			return nil, err
		}
		if weakness := store.Weakness(ctx); weakness != "" {
			slog.Warn("this Redis keeps less than every move", "why", weakness)
		}
		return store, nil
	}
	path, err := sqlitePath(name)
	if err != nil {
		return nil, err
	}
	return sqlite.Open(path)
}

// storePassword is the variable with the password of a shared store. There is no
// flag for it: what a program was started with can be read by others.
const storePassword = "TICTAC_STORE_PASSWORD"

// withPassword adds a password to a store's URL that has none.
func withPassword(name, password string) string {
	u, err := url.Parse(name)
	if err != nil || password == "" {
		return name // what is wrong with it is told when it is opened
	}
	if _, has := u.User.Password(); !has {
		u.User = url.UserPassword(u.User.Username(), password)
	}
	return u.String()
}

// sqlitePath is the path in the name of an embedded store.
func sqlitePath(store string) (string, error) {
	path, ok := strings.CutPrefix(store, "sqlite:")
	if !ok || path == "" {
		return "", fmt.Errorf("%q is neither sqlite:PATH nor redis://HOST", store)
	}
	return path, nil
}

// defaultMaxSockets leaves descriptors for the store and for those who are
// turned away.
func defaultMaxSockets() int { return max(descriptors()-500, 50) }
