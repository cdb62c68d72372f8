package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tictac/e2e/client"
)

// startReplica starts a Redis that follows the one at an address.
func startReplica(t *testing.T, of string) *redisServer {
	t.Helper()
	host, port, _ := net.SplitHostPort(of)
	r := startRedis(t)
	r.kill()
	own, ownPort, _ := net.SplitHostPort(r.addr)
	r.args = append(r.args, "--replicaof", host+" "+port, "--replica-announce-ip", own, "--replica-announce-port", ownPort)
	r.launch()
	eventually(t, patient, "the replica follows", func() error {
		answer, err := ask(r, "INFO replication")
		if err == nil && !strings.Contains(answer, "master_link_status:up") {
			err = errors.New("not in step yet")
		}
		return err
	})
	return r
}

// startSentinel starts a Sentinel that alone decides when a primary is down, and
// returns the URL by which servers find the primary.
func startSentinel(t *testing.T, primary *redisServer) (url string) {
	t.Helper()
	host, port, _ := net.SplitHostPort(primary.addr)
	own := ownHost()
	listen := freePort(t, own)
	config := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("port %s\nbind %s\nsentinel monitor games %s %s 1\n"+
		"sentinel down-after-milliseconds games 1500\nsentinel failover-timeout games 5000\n", listen, own, host, port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "redis-server"), config, "--sentinel")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	eventually(t, patient, "sentinel answers", func() error {
		nc, err := net.DialTimeout("tcp", own+":"+listen, time.Second)
		if err == nil {
			nc.Close()
		}
		return err
	})
	return "redis://" + own + ":" + listen + "?master_set=games"
}

// pair is a server on a store, and a room on it with two players online who
// have made two moves.
type pair struct {
	server      *server
	host, guest client.Seat
	ann, bob    *client.Socket
}

func newPair(t *testing.T, ctx context.Context, store string) *pair {
	t.Helper()
	s := startOn(t, store, noLimits...)
	host, err := client.Create(s.addr, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	guest, err := client.Join(s.addr, host.Code, "Bob")
	if err != nil {
		t.Fatal(err)
	}
	s.keepSecret(host.Secret, guest.Secret)
	p := &pair{server: s, host: host, guest: guest, ann: hello(t, ctx, s, host), bob: hello(t, ctx, s, guest)}
	move(t, p.ann, 0, 1)
	move(t, p.bob, 4, 2)
	time.Sleep(time.Second) // a replica follows
	return p
}

// TestClusterSentinel has Sentinel promote a replica that has everything.
func TestClusterSentinel(t *testing.T) {
	t.Parallel()
	primary := startRedis(t)
	startReplica(t, primary.addr)
	p := newPair(t, patience(t, 60*time.Second), startSentinel(t, primary))
	primary.kill()
	began := time.Now()
	move(t, p.ann, 8, 3)
	t.Logf("measured: a failover by Sentinel: a move after %v", time.Since(began).Round(10*time.Millisecond))
	move(t, p.bob, 2, 4)
}

// TestClusterFailover has a replica promoted that has not got the last move, as
// managed services do it: the name of the primary leads to the replica.
// Replication is asynchronous, so a failover may lose what was acknowledged. What
// Redis has then is the truth: players are closed with 1012, come back to an older
// board, and play on.
func TestClusterFailover(t *testing.T) {
	t.Parallel()
	primary := startRedis(t)
	replication, name := newWire(t, primary.addr), newWire(t, primary.addr)
	replica := startReplica(t, replication.addr)
	ctx := patience(t, 60*time.Second)
	p := newPair(t, ctx, "redis://"+name.addr)

	replication.hang.Store(true)
	move(t, p.ann, 8, 3)
	primary.kill()
	if answer, err := ask(replica, "REPLICAOF NO ONE"); err != nil || answer != "+OK\r\n" {
		t.Fatalf("promotion: %q, %v", answer, err)
	}
	name.mu.Lock()
	name.to = replica.addr
	name.mu.Unlock()
	name.reset()
	began := time.Now()

	for {
		p.ann.Within(time.Until(began.Add(40 * time.Second)))
		_, err := p.ann.Read()
		var closed client.CloseError
		if errors.As(err, &closed) && closed.Code == 1012 {
			break
		}
		if err != nil {
			t.Fatalf("the sockets of a room that was set back: %v", err)
		}
	}
	ann, bob := hello(t, ctx, p.server, p.host), hello(t, ctx, p.server, p.guest)
	t.Logf("measured: a failover: players are back after %v", time.Since(began).Round(10*time.Millisecond))
	move(t, ann, 2, 3) // another one than the move that was lost
	move(t, bob, 6, 4)
	if n := p.server.metric("tictac_store_rollbacks_total"); n != 1 {
		t.Errorf("%v rooms counted as set back", n)
	}
}

// TestClusterPlannedFailover has primary and replica change places, as managed
// services do it for maintenance: the old primary lives on as a replica, on which
// the open connections are well and no commit can be made.
func TestClusterPlannedFailover(t *testing.T) {
	t.Parallel()
	primary := startRedis(t)
	name := newWire(t, primary.addr)
	replica := startReplica(t, primary.addr)
	p := newPair(t, patience(t, 60*time.Second), "redis://"+name.addr)

	name.mu.Lock()
	name.to = replica.addr
	name.mu.Unlock()
	host, port, _ := net.SplitHostPort(replica.addr)
	for _, step := range []struct {
		at      *redisServer
		command string
	}{{replica, "REPLICAOF NO ONE"}, {primary, "REPLICAOF " + host + " " + port}} {
		if answer, err := ask(step.at, step.command); err != nil || answer != "+OK\r\n" {
			t.Fatalf("%s: %q, %v", step.command, answer, err)
		}
	}
	began := time.Now()
	move(t, p.ann, 8, 3)
	within(t, "a planned failover: a move", time.Since(began), 2500*time.Millisecond)
	move(t, p.bob, 2, 4)
	if n := p.server.metric("tictac_store_rollbacks_total"); n != 0 {
		t.Errorf("%v rooms counted as set back", n)
	}
}

// ask sends one command to a Redis and returns the beginning of its answer.
func ask(r *redisServer, command string) (string, error) {
	nc, err := net.DialTimeout("tcp", r.addr, time.Second)
	if err != nil {
		return "", err
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(time.Second))
	answer := make([]byte, 4096)
	n := 0
	if _, err = fmt.Fprint(nc, command+"\r\n"); err == nil {
		n, err = nc.Read(answer)
	}
	return string(answer[:n]), err
}

// hello opens a socket, again until the server takes it.
func hello(t *testing.T, ctx context.Context, s *server, seat client.Seat) (sock *client.Socket) {
	t.Helper()
	eventually(t, 40*time.Second, "hello", func() (err error) {
		if sock, err = client.Dial(ctx, s.addr, seat.Code); err != nil {
			return err
		}
		sock.Within(5 * time.Second)
		if err = sock.Hello(seat.Secret); err == nil {
			_, err = sock.ReadType("welcome")
		}
		if err != nil {
			sock.Drop()
		}
		return err
	})
	t.Cleanup(sock.Drop)
	return sock
}

// move makes a move and reads until it is on the board, as the given ply.
func move(t *testing.T, sock *client.Socket, cell, ply int) {
	t.Helper()
	sock.Within(2 * patient)
	for {
		if err := sock.Send(map[string]any{"type": "move", "cell": cell, "ply": ply - 1}); err != nil {
			t.Fatal(err)
		}
		for {
			m, err := sock.Read()
			if err != nil {
				t.Fatalf("move %d: %v", ply, err)
			}
			if m.Type == "refused" && m.Code == "unavailable" {
				break
			}
			if m.Type == "refused" {
				t.Fatalf("move %d was refused: %s", ply, m.Code)
			}
			if m.Type == "view" && m.View.Ply == ply {
				return
			}
		}
	}
}
