package e2e

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"tictac/e2e/client"
)

// TestEnvironment sets everything by environment variables, and sees that each
// is obeyed. The last folder of the store is not there and is made.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "data", "tictac.db")
	s := startEnv(t,
		"TICTAC_LISTEN="+ownHost()+":0", "TICTAC_METRICS=127.0.0.1:0", "TICTAC_STORE=sqlite:"+file,
		"TICTAC_GRACE=41s", "TICTAC_WAITING_GRACE=42s", "TICTAC_IDLE=3s", "TICTAC_DRAIN=1s",
		"TICTAC_ORIGINS=https://play.example.org,http://localhost:5000",
		"TICTAC_JOIN_LIMIT=1000", "TICTAC_MESSAGE_LIMIT=1", "TICTAC_MAX_SOCKETS=5", "TICTAC_MAX_SOCKETS_PER_ADDRESS=2",
		"TICTAC_TRUSTED_PROXIES=10.0.0.0/8,127.0.0.1/32",
	)
	if _, err := os.Stat(file); err != nil {
		t.Errorf("TICTAC_STORE: %v", err)
	}
	if s.metric("go_goroutines") == 0 {
		t.Error("TICTAC_METRICS: no metrics")
	}
	ctx := patience(t, 30*time.Second)
	host, err := client.Create(s.addr, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	open := func(header http.Header) (*client.Socket, error) {
		return client.DialWith(ctx, ws.Dialer{Header: ws.HandshakeHeaderHTTP(header)}, s.addr, host.Code)
	}

	first, err := open(http.Header{"Origin": {"https://play.example.org"}})
	if err != nil {
		t.Fatalf("TICTAC_ORIGINS: %v", err)
	}
	second, err := open(http.Header{"Origin": {"http://localhost:5000"}})
	if err != nil {
		t.Fatalf("TICTAC_ORIGINS: %v", err)
	}
	if _, err := open(nil); err != ws.StatusError(503) {
		t.Errorf("TICTAC_MAX_SOCKETS_PER_ADDRESS: the third socket of an address: %v, not 503", err)
	}
	for i, from := range []string{"192.0.2.1", "192.0.2.2, 10.1.2.3", "2001:db8::1"} {
		if _, err := open(http.Header{"X-Forwarded-For": {from}}); err != nil {
			t.Errorf("TICTAC_TRUSTED_PROXIES: socket %d, by a proxy: %v", i+3, err)
		}
	}
	if _, err := open(http.Header{"X-Forwarded-For": {"192.0.2.9"}}); err != ws.StatusError(503) {
		t.Errorf("TICTAC_MAX_SOCKETS: the sixth socket: %v, not 503", err)
	}

	first.Within(15 * time.Second)
	if err := first.Hello(host.Secret); err != nil {
		t.Fatal(err)
	}
	if _, err := first.ReadType("view"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_ = first.Send(map[string]string{"type": "ping"})
	}
	if m, err := first.ReadType("refused"); err != nil || m.Code != "too_fast" {
		t.Errorf("TICTAC_MESSAGE_LIMIT: four messages at once got %+v, %v", m, err)
	}
	if m, err := first.ReadType("closed"); err != nil || m.Reason != "expired" {
		t.Errorf("TICTAC_IDLE: %+v, %v, not closed as expired", m, err)
	}
	second.Drop()

	host, err = client.Create(s.addr, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := client.Look(s.addr, host.Code); err != nil || *v.Host.BackInMS <= 41_000 || *v.Host.BackInMS > 42_000 {
		t.Errorf("TICTAC_WAITING_GRACE: %+v, %v", v, err)
	}
	if _, err := client.Join(s.addr, host.Code, "Bob"); err != nil {
		t.Fatal(err)
	}
	if v, err := client.Look(s.addr, host.Code); err != nil || *v.Guest.BackInMS <= 40_000 || *v.Guest.BackInMS > 41_000 {
		t.Errorf("TICTAC_GRACE: %+v, %v", v, err)
	}
}

// TestJoinLimitByEnvironment is the one setting that TestEnvironment would get
// in its own way with; and a bad value in the environment is a bad flag.
func TestJoinLimitByEnvironment(t *testing.T) {
	t.Parallel()
	s := startEnv(t, "TICTAC_LISTEN="+ownHost()+":0", "TICTAC_METRICS=", "TICTAC_STORE=sqlite:"+newFile(t), "TICTAC_JOIN_LIMIT=0")
	for range 40 {
		if _, err := client.Create(s.addr, "Ann"); err != nil {
			t.Fatalf("TICTAC_JOIN_LIMIT=0: %v", err)
		}
	}
	if strings.Contains(s.logged(), `"metrics"`) {
		t.Error("TICTAC_METRICS=: there are metrics all the same")
	}
	code, _, stderr := run(t, []string{"TICTAC_WAITING_GRACE=soon"}, "--store", "sqlite:"+newFile(t))
	if code != 2 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("TICTAC_WAITING_GRACE=soon: exit code %d, %q", code, stderr)
	}
	u := url.URL{Scheme: "http", Host: s.addr, Path: "/api/games"}
	res, err := http.Post(u.String(), "application/json", strings.NewReader(`{"name":"Ann"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if location := res.Header.Get("Location"); !strings.HasPrefix(location, "/game/") || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("creating a room: Location %q, Cache-Control %q", location, res.Header.Get("Cache-Control"))
	}
}
