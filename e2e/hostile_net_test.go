package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"tictac/e2e/client"
)

// A stranger is somebody at another address, with limits of their own.
type stranger struct {
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
	http http.Client
}

func newStranger(t *testing.T) *stranger {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ownHost())}, Timeout: patient}
	transport := &http.Transport{DialContext: d.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return &stranger{d.DialContext, http.Client{Transport: transport, Timeout: patient}}
}

// ask makes a request and returns the status, the code of a problem and how
// long the stranger is told to wait.
func (st *stranger) ask(t *testing.T, method, url string, header http.Header) (status int, code string, wait int) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(`{"name":"Eve"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	res, err := st.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	var p client.Problem
	_ = json.Unmarshal(body, &p)
	if after := res.Header.Get("Retry-After"); after != "" {
		if wait, err = strconv.Atoi(after); err != nil || wait < 1 {
			t.Errorf("Retry-After: %q", after)
		}
	}
	return res.StatusCode, p.Code, wait
}

// foreignOrigin comes from pages of other sites.
func foreignOrigin(t *testing.T, s *server) {
	st := newStranger(t)
	url := "http://" + s.addr + "/api/games"
	for origin, want := range map[string]int{
		"https://evil.example": 403, "null": 403, "http://" + s.addr + ".evil.example": 403, "": 403,
		"http://127.0.0.1:1": 403, "http://" + s.addr: 101, "https://" + s.addr: 101,
	} {
		header := http.Header{"Origin": {origin}}
		_, _, _, err := ws.Dialer{NetDial: st.dial, Header: ws.HandshakeHeaderHTTP(header)}.Dial(context.Background(), "ws://"+s.addr+"/ws/abcdef")
		if want == 403 && err != ws.StatusError(403) || want == 101 && err != nil {
			t.Errorf("origin %q: a socket got %v, not %d", origin, err, want)
		}
		status, code, _ := st.ask(t, "POST", url, header)
		if forbidden := status == 403 && code == "forbidden_origin"; forbidden != (want == 403) {
			t.Errorf("origin %q: creating a room got %d %s", origin, status, code)
		}
	}
}

// halfOpen connects and says nothing, or half of it.
func halfOpen(t *testing.T, s *server) {
	st := newStranger(t)
	began := time.Now()
	var conns []net.Conn
	for i := range 90 {
		nc, err := st.dial(context.Background(), "tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		said := [...]string{
			"",
			"GET /ws/abcdef HTTP/1.1\r\nHost: x\r\nUpgrade: webso",
			"POST /api/games HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{\"name\":",
		}[i%3]
		if _, err := nc.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, nc)
	}
	for _, nc := range conns {
		_ = nc.SetReadDeadline(began.Add(30 * time.Second))
		if _, err := io.Copy(io.Discard, nc); err != nil {
			t.Errorf("half-open: a connection was not closed within 30 s: %v", err)
		}
	}
	t.Logf("half-open: all closed by the server within %v", time.Since(began).Round(time.Second))
}

// joinFlood makes rooms as fast as it goes.
func joinFlood(t *testing.T, s *server) {
	st := newStranger(t)
	began := time.Now()
	made, limited := 0, 0
	for range 80 {
		switch status, code, wait := st.ask(t, "POST", "http://"+s.addr+"/api/games", nil); {
		case status == 201:
			made++
		case status == 429 && code == "too_many_requests" && wait >= 1 && wait <= 2:
			limited++
		default:
			t.Fatalf("join flood: %d %s, Retry-After %d", status, code, wait)
		}
	}
	allowed := 20 + int(time.Since(began)/time.Second) + 1 // 20 at once, then one a second
	if made < 20 || made > allowed || limited == 0 {
		t.Errorf("join flood: %d rooms made, at most %d expected", made, allowed)
	}
	if status, code, _ := newStranger(t).ask(t, "POST", "http://"+s.addr+"/api/games", nil); status != 201 {
		t.Errorf("join flood: another address gets %d %s", status, code)
	}
}

// unknownCodes guesses, by every way there is.
func unknownCodes(t *testing.T, s *server) {
	st := newStranger(t)
	seat, err := client.Create(s.addr, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	api, page := "http://"+s.addr+"/api/games/", "http://"+s.addr+"/game/"
	missed, limited := 0, 0
	for i := range 60 {
		guess := fmt.Sprintf("%s%06x", [...]string{api, page}[i%2], i)
		switch status, _, wait := st.ask(t, "GET", guess, nil); {
		case status == 404:
			missed++
		case status == 429 && (i%2 == 1 || wait >= 1):
			limited++
		default:
			t.Fatalf("unknown codes: %s got %d, Retry-After %d", guess, status, wait)
		}
	}
	allowed := 20 + int(time.Since(began)/(2*time.Second)) + 1
	if missed < 19 || missed > allowed || limited == 0 {
		t.Errorf("unknown codes: %d answered with 404, %d with 429; about %d and the rest expected", missed, limited, allowed)
	}
	spend := func() { // what has come back meanwhile, one every two seconds
		for status := 404; status == 404; {
			status, _, _ = st.ask(t, "GET", api+"eeeeee", nil)
		}
	}
	spend()
	if status, code, wait := st.ask(t, "GET", api+seat.Code, nil); status != 429 || code != "too_many_requests" || wait < 1 {
		t.Errorf("unknown codes: a code that exists tells who guesses too many: %d %s", status, code)
	}
	sock, err := client.DialWith(patience(t, patient), ws.Dialer{NetDial: st.dial}, s.addr, "ffffff")
	if err != nil {
		t.Fatal(err)
	}
	defer sock.Drop()
	sock.Within(patient)
	spend()
	_ = sock.Hello("")
	ends(t, "unknown codes: hello", sock, 1013)
	if status, code, _ := newStranger(t).ask(t, "GET", api+seat.Code, nil); status != 200 {
		t.Errorf("unknown codes: another address gets %d %s", status, code)
	}
}
