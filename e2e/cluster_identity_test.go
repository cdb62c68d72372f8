package e2e

import (
	"fmt"
	"testing"
	"time"

	"tictac/e2e/client"
)

// A visitor is somebody with a browser, who asks one server and then another.
type visitor struct {
	client.Browser
	t *testing.T
	c *cluster
}

// ask makes a request of the i-th server, which must answer with a status.
func (s *visitor) ask(method string, i int, path string, body, into any, want int) {
	s.t.Helper()
	status, err := s.Do(method, s.c.addrs[i], path, body, into)
	if status != want {
		s.t.Fatalf("%s %s: %d (%v), want %d", method, path, status, err, want)
	}
}

// TestClusterIdentity hands an identity on by servers other than the one that
// made it, and has it forgotten by another.
func TestClusterIdentity(t *testing.T) {
	t.Parallel()
	c := startCluster(t, noLimits...)
	ann, phone, thief := &visitor{t: t, c: c}, &visitor{t: t, c: c}, &visitor{t: t, c: c}
	type player struct{ ID, Name string }
	var me, got player
	var offer struct {
		Token string `json:"token"`
	}
	ann.ask("POST", 0, "/api/games", map[string]string{"name": "Ann"}, nil, 201)
	ann.ask("GET", 1, "/api/me", nil, &me, 200)
	ann.ask("POST", 1, "/api/me/handoff", nil, &offer, 201)
	phone.ask("POST", 2, "/api/handoff", offer, nil, 200)
	thief.ask("POST", 0, "/api/handoff", offer, nil, 404)
	phone.ask("GET", 0, "/api/me", nil, &got, 200)
	if me.Name != "Ann" || got != me || phone.Secret == ann.Secret {
		t.Errorf("she is %+v, and on another device %+v", me, got)
	}
	for _, s := range c.servers {
		s.keepSecret(ann.Secret, phone.Secret, offer.Token)
	}
	phone.ask("DELETE", 0, "/api/me", nil, nil, 204)
	ann.ask("GET", 1, "/api/me", nil, nil, 401)
	ann.ask("GET", 2, "/api/players/"+me.ID, nil, nil, 404)
}

// TestClusterGesture has a player make a gesture, which a spectator on another
// server sees.
func TestClusterGesture(t *testing.T) {
	t.Parallel()
	c := startCluster(t, noLimits...)
	m := c.match(0)
	sock, err := client.Dial(patience(t, patient), c.addrs[2], m.host.Seat.Code)
	if err != nil {
		t.Fatal(err)
	}
	defer sock.Close()
	sock.Within(patient)
	if err := sock.Hello(""); err != nil {
		t.Fatal(err)
	}
	if _, err := sock.ReadType("view"); err != nil {
		t.Fatal(err)
	}
	seen := make(chan error, 1)
	go func() { // ends with the socket at the latest
		got, err := sock.ReadType("reacted")
		if err == nil && (got.By != "host" || got.Emoji != "🎉") {
			err = fmt.Errorf("saw %+v", got)
		}
		seen <- err
	}()
	for { // it may be lost
		m.host.Say(map[string]string{"type": "react", "emoji": "🎉"})
		select {
		case err := <-seen:
			if err != nil {
				t.Fatal(err)
			}
			return
		case <-time.After(1500 * time.Millisecond):
		}
	}
}
