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
