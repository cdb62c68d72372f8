package load

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// relayServer forwards what either of two sockets to a path sends to both, as
// forward has it.
func relayServer(t *testing.T, forward func(text []byte) []byte) (url string) {
	var mu sync.Mutex
	rooms := map[string][]net.Conn{}
	var conns sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nc, _, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		rooms[r.URL.Path] = append(rooms[r.URL.Path], nc)
		conns.Go(func() {
			defer nc.Close()
			for text, err := wsutil.ReadClientText(nc); err == nil; text, err = wsutil.ReadClientText(nc) {
				mu.Lock()
				for _, member := range rooms[r.URL.Path] {
					_ = wsutil.WriteServerText(member, forward(text))
				}
				mu.Unlock()
			}
		})
	}))
	t.Cleanup(func() {
		s.Close()
		conns.Wait()
	})
	return s.URL
}

func TestRelay(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 200} {
		url := relayServer(t, func(text []byte) []byte { return text })
		r, err := Run(t.Context(), Config{Target: url, Relay: true, Players: 6, Duration: time.Second, Rate: rate})
		if err != nil || r.Failed() || r.Errors > 0 || r.Most != 6 || r.Moves < 10 || r.Latency.Count != r.Moves {
			t.Errorf("%v: %+v", err, r)
		}
		if most := int64(rate*r.Seconds) + 1; rate > 0 && r.Moves > most {
			t.Errorf("%d moves, where at most %d were due", r.Moves, most)
		}
	}
}

func TestRelayThatChangesMessages(t *testing.T) {
	t.Parallel()
	url := relayServer(t, func(text []byte) []byte { return bytes.Replace(text, []byte(`"ply":3`), []byte(`"ply":4`), 1) })
	r, err := Run(t.Context(), Config{Target: url, Relay: true, Players: 2, Duration: 300 * time.Millisecond})
	if err != nil || r.WrongBoards == 0 || r.Moves != 3 {
		t.Errorf("%v: %+v", err, r)
	}
}
