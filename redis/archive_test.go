package redis_test

import (
	"testing"

	"tictac/storetest"
)

// archiveOn is an engine with its history over one Redis or the nodes of a cluster.
func archiveOn(nodes ...*server) storetest.ArchiveEngine {
	return storetest.ArchiveEngine{
		Open: func(t testing.TB) storetest.Historian {
			for _, n := range nodes {
				n.must(t, "FLUSHALL")
			}
			return open(t, nodes[0].addr)
		},
		Second: func(t testing.TB, _ storetest.Historian) storetest.Historian {
			return open(t, nodes[len(nodes)-1].addr)
		},
		Damage: func(t testing.TB, _ storetest.Historian, id string) {
			c := nodes[0].client(t)
			damage := c.B().Hset().Key("player:{"+id+"}").FieldValue().FieldValue("stats", "99 1 2 3 4 5 6").Build()
			if err := c.Do(t.Context(), damage).Error(); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func TestArchive(t *testing.T) {
	t.Parallel()
	storetest.RunArchive(t, archiveOn(startServer(t)))
}

func TestArchiveOnACluster(t *testing.T) {
	t.Parallel()
	storetest.RunArchive(t, archiveOn(startCluster(t)...))
}
