package redis_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"tictac/redis"
)

// A server is a Redis of the test's own.
type server struct {
	addr   string
	binary string
	args   []string
	cmd    *exec.Cmd
	exited chan struct{}
}

// hosts counts the loopback addresses given out. Each Redis has one of its own:
// a port of 127.0.0.1 could go to somebody else meanwhile, or to a client that
// then connects to itself.
var hosts atomic.Int32

func ownHost() string { return fmt.Sprintf("127.78.%d.%d", 1+os.Getpid()%250, hosts.Add(1)) }

// startRedis starts one and returns its address.
func startRedis(t testing.TB, args ...string) string {
	t.Helper()
	return startServer(t, args...).addr
}

// startServer starts one on a free port. It is stopped with the test.
func startServer(t testing.TB, args ...string) *server {
	t.Helper()
	return startOn(t, ownHost(), args...)
}

func startOn(t testing.TB, host string, args ...string) *server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is not installed")
		}
		t.Skip("redis-server is not installed: make tools")
	}
	dir := t.TempDir()
	port := strconv.Itoa(freePort(t, host))
	s := &server{addr: net.JoinHostPort(host, port), binary: binary}
	s.args = append([]string{
		"--port", port, "--bind", host, "--dir", dir,
		"--save", "", "--logfile", filepath.Join(dir, "log"),
	}, args...)
	s.start(t)
	t.Cleanup(s.kill)
	return s
}

// start starts it again, after kill.
func (s *server) start(t testing.TB) {
	t.Helper()
	cmd, exited := exec.Command(s.binary, s.args...), make(chan struct{})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait(); close(exited) }() // kill waits for it
	s.cmd, s.exited = cmd, exited
	soon(t, "redis-server answers", func() bool {
		select {
		case <-exited:
			t.Fatalf("redis-server has ended: %s %q", s.binary, s.args)
		default:
		}
		return s.answers()
	})
}

// answers reports whether Redis says what only Redis says.
func (s *server) answers() bool {
	c, err := net.DialTimeout("tcp", s.addr, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	answer := make([]byte, 7)
	if _, err := fmt.Fprint(c, "PING\r\n"); err != nil {
		return false
	}
	_, err = io.ReadFull(c, answer)
	return err == nil && (string(answer) == "+PONG\r\n" || string(answer) == "-NOAUTH")
}

func (s *server) hostPort() (host, port string) {
	host, port, _ = net.SplitHostPort(s.addr)
	return host, port
}

func (s *server) kill() { _ = s.cmd.Process.Kill(); <-s.exited }

func freePort(t testing.TB, host string) int {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// stop has Redis hang, and cont go on.
func (s *server) stop() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }
func (s *server) cont() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }

// client is a connection to Redis, or to its cluster, aside from any Store.
func (s *server) client(t testing.TB) rueidis.Client {
	t.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.addr}, DisableCache: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// redis asks Redis something, aside from any Store.
func (s *server) redis(t testing.TB, command ...string) rueidis.RedisResult {
	t.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.addr}, DisableCache: true, ForceSingleClient: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return c.Do(ctx, c.B().Arbitrary(command...).Build())
}

// must is redis where it has to succeed.
func (s *server) must(t testing.TB, command ...string) rueidis.RedisResult {
	t.Helper()
	answer := s.redis(t, command...)
	if err := answer.Error(); err != nil && !rueidis.IsRedisNil(err) {
		t.Fatalf("%s: %v", strings.Join(command, " "), err)
	}
	return answer
}

// startCluster starts three nodes that share the slots.
func startCluster(t testing.TB) (nodes []*server) {
	t.Helper()
	for i := range 3 {
		nodes = append(nodes, startNode(t))
		first, last := 16384*i/3, 16384*(i+1)/3-1
		nodes[i].must(t, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(first), strconv.Itoa(last))
		nodes[i].must(t, "CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
	}
	meet(t, nodes)
	return nodes
}

func startNode(t testing.TB, args ...string) *server {
	t.Helper()
	host := ownHost()
	return startOn(t, host, append([]string{
		"--cluster-announce-ip", host, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000",
		"--cluster-port", strconv.Itoa(freePort(t, host)),
	}, args...)...)
}

// meet has nodes find each other.
func meet(t testing.TB, nodes []*server) {
	t.Helper()
	port, err := nodes[0].must(t, "CONFIG", "GET", "cluster-port").AsStrMap()
	if err != nil {
		t.Fatal(err)
	}
	host, base := nodes[0].hostPort()
	for _, n := range nodes[1:] {
		n.must(t, "CLUSTER", "MEET", host, base, port["cluster-port"])
	}
	known := fmt.Sprint("cluster_known_nodes:", len(nodes))
	for _, n := range nodes {
		soon(t, "the cluster stands", func() bool {
			info, err := n.must(t, "CLUSTER", "INFO").ToString()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, known)
		})
	}
}

func open(t testing.TB, addr string) *redis.Store {
	t.Helper()
	s, err := redis.Open(t.Context(), "redis://"+addr, redis.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// soon waits until is holds.
func soon(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not soon", what)
		}
	}
}
