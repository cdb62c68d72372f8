package redis_test

import (
	"testing"
)

// A cluster that does not know by which name its nodes are reached gives none:
// they are where the one is that was asked.
func TestClusterWithoutHosts(t *testing.T) {
	t.Parallel()
	node := startNode(t, "--cluster-preferred-endpoint-type", "unknown-endpoint")
	node.must(t, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	meet(t, []*server{node})
	s := open(t, node.addr)
	state := begin(t, s, "aa0000", "a", "b")
	ear := listen(t, s, "aa0000")
	state = moves(t, s, state, 4)
	soon(t, "the watcher hears", func() bool { return ear.rev() == state.Rev })
}
