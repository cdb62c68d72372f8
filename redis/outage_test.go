package redis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/redis"
	"tictac/room"
)

// wantTimely checks that all calls of a store that cannot answer end with their
// context.
func wantTimely(t *testing.T, s *redis.Store, c play.Commit) {
	t.Helper()
	const patience = 300 * time.Millisecond
	var wg sync.WaitGroup
	for name, call := range map[string]func(context.Context) error{
		"commit": func(ctx context.Context) error { return s.Commit(ctx, c) },
		"load":   func(ctx context.Context) error { _, err := s.Load(ctx, c.State.Code); return err },
		"renew":  func(ctx context.Context) error { _, err := s.Renew(ctx, "a", room.At(noon)); return err },
		"due":    func(ctx context.Context) error { _, err := s.Due(ctx, room.At(noon), 10); return err },
	} {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			began := time.Now()
			err := call(ctx)
			if err == nil || errors.Is(err, play.ErrConflict) || errors.Is(err, play.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(began); took > patience+time.Second {
				t.Errorf("%s took %v", name, took)
			}
		})
	}
	wg.Wait()
}

// wantWell checks that a store soon works, and tells its watchers.
func wantWell(t *testing.T, s *redis.Store, ear *ear, code string) {
	t.Helper()
	host := room.Attach{Key: "host", Server: fmt.Sprint("after ", time.Now())}
	var rev int64
	soon(t, "a commit is made", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		snap, err := s.Load(ctx, code)
		if err != nil {
			return false
		}
		c := step(t, snap.State, host, noon)
		rev = c.State.Rev
		return s.Commit(ctx, c) == nil
	})
	soon(t, "the watcher hears of it, or that it has missed something", func() bool { return ear.rev() >= rev || ear.missed() > 1 })
	soon(t, "the watcher hears", func() bool {
		if ear.rev() >= rev {
			return true
		}
		snap, err := s.Load(t.Context(), code)
		if err == nil {
			c := step(t, snap.State, room.Attach{Key: "host", Server: fmt.Sprint("later ", time.Now())}, noon)
			_ = s.Commit(t.Context(), c)
		}
		return false
	})
}

// Redis hangs: calls end with their context, and all is well afterwards.
func TestHang(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := open(t, r.addr)
	state := begin(t, s, "aa0000", "a", "b")
	ear := listen(t, s, "aa0000")
	r.stop()
	wantTimely(t, s, step(t, state, room.Resign{Key: "host"}, noon))
	r.cont()
	wantWell(t, s, ear, "aa0000")
}

// Redis hangs for so long that connections are given up.
func TestLongHang(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := open(t, r.addr)
	state := begin(t, s, "aa0000", "a", "b")
	ear := listen(t, s, "aa0000")
	r.stop()
	time.Sleep(6 * time.Second)
	wantTimely(t, s, step(t, state, room.Resign{Key: "host"}, noon))
	r.cont()
	soon(t, "the watcher is told that it has missed something", func() bool { return ear.missed() > 1 })
	wantWell(t, s, ear, "aa0000")
}

// Redis is killed and comes back with what it had.
func TestRestart(t *testing.T) {
	t.Parallel()
	r := startServer(t, "--appendonly", "yes", "--appendfsync", "always")
	s := open(t, r.addr)
	state := begin(t, s, "aa0000", "a", "b")
	ear := listen(t, s, "aa0000")
	r.kill()
	wantTimely(t, s, step(t, state, room.Resign{Key: "host"}, noon))
	r.start(t)
	soon(t, "the watcher is told that it has missed something", func() bool { return ear.missed() > 1 })
	snap, err := s.Load(t.Context(), "aa0000")
	if err != nil || snap.Rev != state.Rev {
		t.Errorf("after a restart: revision %d, %v, want %d", snap.Rev, err, state.Rev)
	}
	wantWell(t, s, ear, "aa0000")
}

// Connections that die without a word are noticed, and a watcher that was deaf
// meanwhile is told so.
func TestSilentConnections(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	p := startProxy(t, r.addr)
	far, near := open(t, p.addr), open(t, r.addr)
	state := begin(t, near, "aa0000", "a", "b")
	ear := listen(t, far, "aa0000")
	p.hush()
	moves(t, near, state, 4)
	soon(t, "the watcher is told that it has missed something", func() bool { return ear.missed() > 1 })
	wantWell(t, far, ear, "aa0000")
}

// A node of a cluster hands a room's slot to another: its watchers follow.
func TestSlotMoves(t *testing.T) {
	t.Parallel()
	nodes := startCluster(t)
	s := open(t, nodes[0].addr)
	begin(t, s, "aa0000", "a", "b")
	ear := listen(t, s, "aa0000")
	slot, err := nodes[0].must(t, "CLUSTER", "KEYSLOT", "{aa}").AsInt64()
	if err != nil {
		t.Fatal(err)
	}
	from := nodes[slot*3/16384]
	to := nodes[(slot*3/16384+1)%3]
	move(t, from, to, slot, nodes)
	soon(t, "the watcher is told that it has missed something", func() bool { return ear.missed() > 1 })
	wantWell(t, s, ear, "aa0000")
}

// move moves a slot with all its keys.
func move(t *testing.T, from, to *server, slot int64, nodes []*server) {
	t.Helper()
	id := func(s *server) string { return nodeID(t, s) }
	n := fmt.Sprint(slot)
	to.must(t, "CLUSTER", "SETSLOT", n, "IMPORTING", id(from))
	from.must(t, "CLUSTER", "SETSLOT", n, "MIGRATING", id(to))
	keys, err := from.must(t, "CLUSTER", "GETKEYSINSLOT", n, "100").AsStrSlice()
	if err != nil {
		t.Fatal(err)
	}
	host, port := to.hostPort()
	from.must(t, append([]string{"MIGRATE", host, port, "", "0", "5000", "KEYS"}, keys...)...)
	for _, s := range []*server{to, from} {
		s.must(t, "CLUSTER", "SETSLOT", n, "NODE", id(to))
	}
	for _, s := range nodes {
		_ = s.redis(t, "CLUSTER", "SETSLOT", n, "NODE", id(to)).Error()
	}
}

func nodeID(t *testing.T, s *server) string {
	t.Helper()
	id, err := s.must(t, "CLUSTER", "MYID").ToString()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A node of a cluster dies and its replica takes over: nothing is lost that the
// replica had, and watchers follow.
func TestFailover(t *testing.T) {
	t.Parallel()
	nodes := startCluster(t)
	const code = "aa0000"
	slot, err := nodes[0].must(t, "CLUSTER", "KEYSLOT", "{aa}").AsInt64()
	if err != nil {
		t.Fatal(err)
	}
	primary, other, replica := nodes[slot*3/16384], nodes[(slot*3/16384+1)%3], startNode(t)
	meet(t, append(nodes, replica))
	replica.must(t, "CLUSTER", "REPLICATE", nodeID(t, primary))
	s := open(t, other.addr)
	soon(t, "the replica follows", func() bool {
		info, err := replica.must(t, "INFO", "replication").ToString()
		return err == nil && strings.Contains(info, "master_link_status:up")
	})
	state := begin(t, s, code, "a", "b")
	ear := listen(t, s, code)
	soon(t, "the replica has it", func() bool {
		n, err := replica.must(t, "DBSIZE").AsInt64()
		return err == nil && n >= 4
	})
	primary.kill()
	soon(t, "the watcher is told that it has missed something", func() bool { return ear.missed() > 1 })
	if snap, err := s.Load(t.Context(), code); err != nil || snap.Rev != state.Rev {
		t.Errorf("after a failover: revision %d, %v, want %d", snap.Rev, err, state.Rev)
	}
	wantWell(t, s, ear, code)
}
