package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tictac/e2e/client"
)

// TestClusterBehindProxy plays through a load balancer, with one of the servers
// killed.
func TestClusterBehindProxy(t *testing.T) {
	t.Parallel()
	c := startCluster(t, append([]string{"--trusted-proxies", "127.0.0.0/8"}, noLimits...)...)
	addr := startProxy(t, c.addrs[:]).plain
	ctx := patience(t, 60*time.Second)
	var matches []*match
	for range 6 { // so that each server has players
		m, err := openMatch(addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(m.close)
		if err := m.bothOnline(ctx); err != nil {
			t.Fatal(err)
		}
		if err := m.play(ctx, 1, 0, draws[:4], nil); err != nil {
			t.Fatal(err)
		}
		matches = append(matches, m)
	}
	c.servers[1].kill()
	lost := 0
	var away []time.Duration
	for _, m := range matches {
		if err := m.play(ctx, 1, 4, draws[4:], nil); err != nil {
			t.Errorf("behind haproxy: with a server killed: %v", err)
		}
		for _, p := range []*client.Player{m.host, m.guest} {
			if _, err := p.Await(ctx, isOver(1)); err != nil {
				t.Errorf("behind haproxy: with a server killed: %v", err)
			}
			lost += p.Codes()[1006]
			away = append(away, p.Absences()...)
		}
	}
	within(t, "behind haproxy: back in the game (longest)", percentile(away, 100), 5*time.Second)
	if lost == 0 {
		t.Error("behind haproxy: the server that was killed had no players")
	}
	found := c.redis.filed()
	for _, m := range matches {
		m.checkFiled(t, found[m.host.Seat.Code])
	}
}

// TestClusterLimitsBehindProxy has one client use up what it may, and say that
// it is somebody else; another one is not hurt.
func TestClusterLimitsBehindProxy(t *testing.T) {
	t.Parallel()
	c := startCluster(t, "--trusted-proxies", "127.0.0.0/8", "--join-limit", "6")
	addr := startProxy(t, c.addrs[:]).told
	const ann, bob = "192.0.2.1", "192.0.2.2"

	// 20 at once on each of three servers.
	made := 0
	for range 100 {
		if createFrom(t, addr, ann, "") == http.StatusCreated {
			made++
		}
	}
	if made < 60 || made > 70 {
		t.Errorf("behind haproxy: one client made %d rooms of 100, not 60 and a few", made)
	}
	forged := 0
	for i := range 60 {
		for _, says := range []string{fmt.Sprintf("198.51.100.%d", i), bob, fmt.Sprintf("198.51.100.%d, 127.0.0.1", i)} {
			if createFrom(t, addr, ann, says) == http.StatusCreated {
				forged++
			}
		}
	}
	if forged > 6 { // what is given back meanwhile
		t.Errorf("behind haproxy: a forged X-Forwarded-For made %d rooms", forged)
	}
	for i := range 60 {
		if status := createFrom(t, addr, bob, ""); status != http.StatusCreated {
			t.Fatalf("behind haproxy: another client's room %d: status %d", i, status)
		}
	}
}

// createFrom opens a room through a proxy that is told the address it comes
// from, with an X-Forwarded-For of the client's own making.
func createFrom(t *testing.T, proxy, from, says string) (status int) {
	t.Helper()
	dial := func(ctx context.Context, _, addr string) (net.Conn, error) {
		nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err != nil {
			return nil, err
		}
		_, err = fmt.Fprintf(nc, "PROXY TCP4 %s 127.0.0.1 40000 80\r\n", from)
		return nc, err
	}
	return createBy(t, dial, proxy, says)
}

// createBy is createFrom for those who connect in another way.
func createBy(t *testing.T, dial func(ctx context.Context, network, addr string) (net.Conn, error), proxy, says string) (status int) {
	t.Helper()
	web := http.Client{Timeout: patient, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	req, err := http.NewRequest(http.MethodPost, "http://"+proxy+"/api/games", strings.NewReader(`{"name":"Ann"}`))
	if err != nil {
		t.Fatal(err)
	}
	if says != "" {
		req.Header.Set("X-Forwarded-For", says)
	}
	res, err := web.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct{ Code string }
	_ = json.NewDecoder(res.Body).Decode(&answer)
	if res.StatusCode != http.StatusCreated && answer.Code != "too_many_requests" {
		t.Errorf("behind a proxy: status %d, code %q", res.StatusCode, answer.Code)
	}
	return res.StatusCode
}
