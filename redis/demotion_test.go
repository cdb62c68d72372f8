package redis_test

import (
	"strings"
	"testing"
	"time"
)

// A failover in which the old primary lives on as a replica: the name leads
// elsewhere, and nothing is wrong with the connections that there are.
func TestDemotedPrimary(t *testing.T) {
	t.Parallel()
	old, next := startServer(t), startServer(t)
	host, port := old.hostPort()
	next.must(t, "REPLICAOF", host, port)
	soon(t, "the replica follows", func() bool {
		info, err := next.must(t, "INFO", "replication").ToString()
		return err == nil && strings.Contains(info, "master_link_status:up")
	})
	name := startProxy(t, old.addr)
	s := open(t, name.addr)
	state := begin(t, s, "aa0000", "a", "b")
	ear := listen(t, s, "aa0000")
	soon(t, "the replica has it", func() bool {
		rev, err := next.must(t, "HGET", "room:{aa}:aa0000", "rev").AsInt64()
		return err == nil && rev == state.Rev
	})

	host, port = next.hostPort()
	next.must(t, "REPLICAOF", "NO", "ONE")
	old.must(t, "REPLICAOF", host, port)
	name.lead(next.addr)
	began := time.Now()
	wantWell(t, s, ear, "aa0000")
	t.Logf("measured: a primary that was demoted: well after %v", time.Since(began).Round(time.Millisecond))
}
