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
	for _, server := range s.c.servers {
		if s.Secret != "" {
			server.keepSecret(s.Secret)
		}
	}
}

// known is who a server says that somebody is.
type known struct {
	ID                string
	Name              string
	Played, Won, Lost int
	Rating            int
}

func (s *visitor) me(i int) (k known) {
	s.t.Helper()
	s.ask("GET", i, "/api/me", nil, &k, 200)
	return k
}

// Two strangers meet by quick match on two servers, play, and are known on a third
// by what they have played, on another device too.
func TestStrangersOnManyServers(t *testing.T) {
	t.Parallel()
	c := startCluster(t, "--join-limit", "0")
	ann, bob := &visitor{t: t, c: c}, &visitor{t: t, c: c}
	type name struct {
		Name string `json:"name"`
	}
	var host, guest client.Seat
	ann.ask("POST", 0, "/api/match", name{"Ann"}, &host, 201)
	bob.ask("POST", 1, "/api/match", name{"Bob"}, &guest, 200)
	if host.Code != guest.Code || host.You != "host" || guest.You != "guest" {
		t.Fatalf("seated as %+v and %+v", host, guest)
	}
	for _, s := range c.servers {
		s.keepSecret(host.Secret, guest.Secret)
	}
	ctx := patience(t, patient)
	m := &match{game: client.NewGame()}
	m.host, m.guest = client.Roam(c.from(0), host, m.game), client.Roam(c.from(1), guest, m.game)
	t.Cleanup(m.close)
	if err := m.bothOnline(ctx); err != nil {
		t.Fatal(err)
	}
	seeGesture(t, c, m)
	if err := m.play(ctx, 1, 0, []int{0, 3, 1, 4, 2}, nil); err != nil {
		t.Fatal(err)
	}

	eventually(t, patient, "the round is counted", func() error {
		a, b := ann.me(2), bob.me(0)
		if a.Played != 1 || a.Won != 1 || b.Played != 1 || b.Lost != 1 || a.Rating <= 1500 || b.Rating >= 1500 || b.Rating == 0 {
			return fmt.Errorf("%+v and %+v", a, b)
		}
		return nil
	})
	id := ann.me(1).ID
	var page struct {
		Games []struct {
			ID, Result string
			Rated      bool
			Opponent   known
		}
	}
	bob.ask("GET", 2, "/api/players/"+id+"/games", nil, &page, 200)
	if len(page.Games) != 1 || page.Games[0].Result != "won" || !page.Games[0].Rated || page.Games[0].Opponent.Name != "Bob" {
		t.Errorf("her games: %+v", page)
	}

	var offer struct {
		Token string `json:"token"`
	}
	ann.ask("POST", 0, "/api/me/handoff", nil, &offer, 201)
	phone, thief := &visitor{t: t, c: c}, &visitor{t: t, c: c}
	phone.ask("POST", 1, "/api/handoff", offer, nil, 200)
	thief.ask("POST", 2, "/api/handoff", offer, nil, 404)
	if got := phone.me(2); got.ID != id || phone.Secret == ann.Secret {
		t.Errorf("the other device is %+v", got)
	}
	phone.ask("DELETE", 0, "/api/me", nil, nil, 204)
	ann.ask("GET", 1, "/api/me", nil, nil, 401)
	bob.ask("GET", 2, "/api/players/"+id, nil, nil, 404)
}

// seeGesture has the host make one, which reaches a spectator on another server.
func seeGesture(t *testing.T, c *cluster, m *match) {
	t.Helper()
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
