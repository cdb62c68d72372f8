package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tictac/e2e/client"
	"tictac/redis"
	"tictac/room"
)

// A redisServer is a Redis of the test's own, which keeps what it acknowledged.
type redisServer struct {
	t      *testing.T
	addr   string
	args   []string
	cmd    *exec.Cmd
	exited chan struct{}
}

// program finds a program that a test needs. In CI it must be there.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatalf("%s is not installed", name)
	default:
		t.Skipf("%s is not installed: make tools", name)
	}
	return path
}

// freePort is a port of a host that nobody has at the moment.
func freePort(t *testing.T, host string) string {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	host, dir := ownHost(), t.TempDir()
	port := freePort(t, host)
	r := &redisServer{t: t, addr: host + ":" + port}
	r.args = []string{
		program(t, "redis-server"), "--bind", host, "--port", port, "--dir", dir, "--logfile", filepath.Join(dir, "log"),
		"--save", "", "--appendonly", "yes", "--appendfsync", "always",
	}
	r.launch()
	t.Cleanup(func() { r.kill() })
	return r
}

// launch starts Redis and waits until it answers.
func (r *redisServer) launch() {
	r.t.Helper()
	cmd, exited := exec.Command(r.args[0], r.args[1:]...), make(chan struct{})
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() { _ = cmd.Wait(); close(exited) }() // kill waits for it
	r.cmd, r.exited = cmd, exited
	eventually(r.t, patient, "redis-server answers", func() error {
		nc, err := net.DialTimeout("tcp", r.addr, time.Second)
		if err != nil {
			return err
		}
		defer nc.Close()
		_ = nc.SetDeadline(time.Now().Add(time.Second))
		answer := make([]byte, 5)
		if _, err := fmt.Fprint(nc, "PING\r\n"); err != nil {
			return err
		}
		if _, err := nc.Read(answer); err != nil || string(answer) != "+PONG" { // not while it loads
			return fmt.Errorf("%q, %v", answer, err)
		}
		return nil
	})
}

// kill is kill -9, which ends a stopped process too.
func (r *redisServer) kill() {
	_ = r.cmd.Process.Kill()
	<-r.exited
}

func (r *redisServer) signal(sig os.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(sig); err != nil {
		r.t.Fatal(err)
	}
}

func (r *redisServer) url() string { return "redis://" + r.addr }

// filed is all rounds that Redis keeps, by room and number.
func (r *redisServer) filed() map[string]map[int]room.Record {
	r.t.Helper()
	ctx := patience(r.t, patient)
	store, err := redis.Open(ctx, r.url(), redis.Config{})
	if err != nil {
		r.t.Fatal(err)
	}
	defer store.Close()
	rounds := map[string]map[int]room.Record{}
	err = store.Rounds(ctx, func(record room.Record) error {
		if rounds[record.Code] == nil {
			rounds[record.Code] = map[int]room.Record{}
		}
		if _, twice := rounds[record.Code][record.Round]; twice {
			return fmt.Errorf("round %d of %s is filed twice, as %s too", record.Round, record.Code, record.ID)
		}
		rounds[record.Code][record.Round] = record
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return rounds
}

// A cluster is three servers on one Redis.
type cluster struct {
	t       *testing.T
	redis   *redisServer
	servers [3]*server
	addrs   [3]string
}

func startCluster(t *testing.T, args ...string) *cluster {
	t.Helper()
	c := &cluster{t: t, redis: startRedis(t)}
	for i := range c.servers {
		s := startOn(t, c.redis.url(), args...)
		c.servers[i], c.addrs[i] = s, s.addr
	}
	return c
}

// from is the addresses of all servers, beginning with the i-th.
func (c *cluster) from(i int) (addrs []string) {
	for j := range c.addrs {
		addrs = append(addrs, c.addrs[(i+j)%len(c.addrs)])
	}
	return addrs
}

// seats opens a room on the i-th server and has it joined on the next.
func (c *cluster) seats(i int) (host, guest client.Seat, err error) {
	if host, err = client.Create(c.from(i)[0], "Ann"); err != nil {
		return host, guest, fmt.Errorf("create: %w", err)
	}
	if guest, err = client.Join(c.from(i + 1)[0], host.Code, "Bob"); err != nil {
		return host, guest, fmt.Errorf("join: %w", err)
	}
	for _, s := range c.servers {
		s.keepSecret(host.Secret, guest.Secret)
	}
	return host, guest, nil
}

// match seats two players on the i-th server and the next, who are online when
// it returns.
func (c *cluster) match(i int) *match {
	c.t.Helper()
	host, guest, err := c.seats(i)
	if err != nil {
		c.t.Fatal(err)
	}
	m := &match{game: client.NewGame()}
	m.host = client.Roam(c.from(i), host, m.game)
	m.guest = client.Roam(c.from(i+1), guest, m.game)
	c.t.Cleanup(m.close)
	if err := m.bothOnline(patience(c.t, patient)); err != nil {
		c.t.Fatal(err)
	}
	return m
}

// watch adds a spectator on the i-th server.
func (c *cluster) watch(m *match, i int) *client.Player {
	p := client.Roam(c.from(i), client.Seat{Code: m.host.Seat.Code, You: "spectator"}, m.game)
	c.t.Cleanup(p.Close)
	return p
}

// A load is games that go on, round after round, until it is stopped.
type load struct {
	t       *testing.T
	matches []*match
	moves   atomic.Int64

	stopping atomic.Bool
	playing  sync.WaitGroup
}

// manyGames is how many games a test plays at once.
const manyGames = 300

// play has games played, each on two of the servers, with pauses of up to pause
// between the moves, until they are stopped or the test ends.
func (c *cluster) play(ctx context.Context, games int, pause time.Duration) *load {
	c.t.Helper()
	var matches []*match
	for i := range games {
		matches = append(matches, c.match(i))
	}
	return playAll(ctx, c.t, matches, pause)
}

// playAll has matches played until they are stopped or the test ends.
func playAll(ctx context.Context, t *testing.T, matches []*match, pause time.Duration) *load {
	ctx, cancel := context.WithCancel(ctx)
	l := &load{t: t, matches: matches}
	for i, m := range matches {
		l.playing.Go(func() {
			if err := l.playOn(ctx, m, i, pause); err != nil {
				t.Errorf("room %s: %v", m.host.Seat.Code, err)
			}
		})
	}
	t.Cleanup(func() { cancel(); l.stop() })
	return l
}

func (l *load) playOn(ctx context.Context, m *match, n int, pause time.Duration) error {
	scripts := [][]int{lineWins, draws, oWins}
	for round := 1; ; round++ {
		err := m.play(ctx, round, 0, scripts[(n+round)%len(scripts)], func(time.Duration) {
			l.moves.Add(1)
			time.Sleep(rand.N(pause))
		})
		if err != nil {
			return err
		}
		for _, p := range []*client.Player{m.host, m.guest} {
			if _, err := p.Await(ctx, isOver(round)); err != nil {
				return err
			}
		}
		if l.stopping.Load() {
			return nil
		}
		if err := m.rematch(ctx, round+1); err != nil {
			return err
		}
	}
}

// more waits until every game has gone on by some moves, on average.
func (l *load) more(each int) {
	l.t.Helper()
	before := l.moves.Load()
	eventually(l.t, 40*time.Second, "games go on", func() error {
		if n := l.moves.Load() - before; n < int64(each*len(l.matches)) {
			return fmt.Errorf("%d moves", n)
		}
		return nil
	})
}

// stop lets each game end its round.
func (l *load) stop() {
	l.stopping.Store(true)
	l.playing.Wait()
}

// check is checkFiled, and that every round was counted for both players.
func (l *load) check(r *redisServer) {
	l.t.Helper()
	l.checkFiled(r)
	wantCounted(l.t, r.url())
}

// checkFiled stops the games and compares what was seen with what is filed: no
// game and no acknowledged move may be lost.
func (l *load) checkFiled(r *redisServer) {
	l.t.Helper()
	l.stop()
	if l.t.Failed() {
		return
	}
	found, resends, rounds := r.filed(), 0, 0
	for _, m := range l.matches {
		m.checkFiled(l.t, found[m.host.Seat.Code])
		resends += m.host.Resends() + m.guest.Resends()
		rounds += len(m.game.Over())
	}
	l.t.Logf("%d games, %d rounds, %d moves, %d of them sent again", len(l.matches), rounds, l.moves.Load(), resends)
}

// players are both players of all games.
func (l *load) players() (all []*client.Player) {
	for _, m := range l.matches {
		all = append(all, m.host, m.guest)
	}
	return all
}

// TestClusterAnyGone has host, guest and spectator on a server each, and each of
// the servers gone in the next second.
func TestClusterAnyGone(t *testing.T) {
	t.Parallel()
	c := startCluster(t, noLimits...)
	ctx := patience(t, 90*time.Second)
	for victim, s := range c.servers {
		for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
			what := fmt.Sprintf("%v of the server of the %s", sig, [...]string{"host", "guest", "spectator"}[victim])
			m := c.match(0)
			watcher := c.watch(m, 2)
			all := []*client.Player{m.host, m.guest, watcher}
			began := time.Now()
			for _, p := range all {
				if _, err := p.Await(patience(t, patient), func(v client.View) bool { return v.Watching == 1 }); err != nil {
					t.Fatalf("%s: watching: %v", what, err)
				}
			}
			within(t, "a spectator is counted on all servers", time.Since(began), 5*time.Second)
			if err := m.play(ctx, 1, 0, draws[:3], nil); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			s.signal(sig)
			if err := m.play(ctx, 1, 3, draws[3:], nil); err != nil {
				t.Fatalf("%s: the game did not go on: %v", what, err)
			}
			for _, p := range all {
				if _, err := p.Await(ctx, isOver(1)); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
			}
			if code := s.wait(patient); sig == syscall.SIGTERM && code != 0 {
				t.Errorf("%s: exit code %d", what, code)
			}
			s.again()
			if err := errors.Join(m.host.Err(), m.guest.Err(), watcher.Err()); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if victim == 2 && sig == syscall.SIGTERM { // the last: also that the dead do not count for long
				_, err := m.host.Await(patience(t, 25*time.Second), func(v client.View) bool { return v.Watching == 1 })
				if err != nil {
					t.Errorf("%s: watching: %v", what, err)
				}
			}
			m.close()
			watcher.Close()
		}
	}
}
