package web

import (
	"flag"
	"os"
	"testing"
)

// Most tests wait rather than work: more of them at once than there are
// processors spare everybody time.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "8")
	os.Exit(m.Run())
}

// slow leaves a test that waits for seconds to make test.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it waits for seconds")
	}
}
