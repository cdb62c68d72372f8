package web

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:4000", nil, "192.0.2.1/32"},
		{"192.0.2.1:4000", []string{"198.51.100.7"}, "192.0.2.1/32"}, // nobody we trust says so
		{"10.0.0.1:4000", nil, "10.0.0.1/32"},
		{"10.0.0.1:4000", []string{""}, "10.0.0.1/32"},
		{"10.0.0.1:4000", []string{"198.51.100.7"}, "198.51.100.7/32"},
		{"10.0.0.1:4000", []string{"1.2.3.4, 198.51.100.7"}, "198.51.100.7/32"}, // the client wrote the first
		{"10.0.0.1:4000", []string{"1.2.3.4", "198.51.100.7"}, "198.51.100.7/32"},
		{"10.0.0.1:4000", []string{"1.2.3.4, 198.51.100.7, 10.2.2.2"}, "198.51.100.7/32"},
		{"10.0.0.1:4000", []string{"198.51.100.7,10.2.2.2", "10.3.3.3"}, "198.51.100.7/32"},
		{"10.0.0.1:4000", []string{"10.9.9.9, 10.2.2.2"}, "10.9.9.9/32"},
		{"10.0.0.1:4000", []string{"unknown"}, "10.0.0.1/32"},
		{"10.0.0.1:4000", []string{"198.51.100.7, garbage, 10.2.2.2"}, "10.2.2.2/32"},
		{"10.0.0.1:4000", []string{"198.51.100.7:51234"}, "198.51.100.7/32"},
		{"10.0.0.1:4000", []string{"[2001:db8:1:2:3::4]:51234"}, "2001:db8:1:2::/64"},
		{"10.0.0.1:4000", []string{"2001:db8:1:2:3::4"}, "2001:db8:1:2::/64"},
		{"10.0.0.1:4000", []string{"::ffff:198.51.100.7"}, "198.51.100.7/32"},
		{"[::ffff:10.0.0.1]:4000", []string{"198.51.100.7"}, "198.51.100.7/32"},
		{"[2001:db8:1:2:aaaa::1]:4000", nil, "2001:db8:1:2::/64"},
		{"[2001:db8:1:2:bbbb::9]:4000", nil, "2001:db8:1:2::/64"},
		{"[2001:db8:1:3::1]:4000", nil, "2001:db8:1:3::/64"},
		{"[::ffff:192.0.2.1]:4000", nil, "192.0.2.1/32"},
		{"[fe80::1%eth0]:4000", nil, "fe80::/64"},
		{"[fd00::1]:4000", []string{"198.51.100.7"}, "198.51.100.7/32"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := clientAddress(r, trusted).String(); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

func TestOriginRules(t *testing.T) {
	t.Parallel()
	allowed := []string{"https://friend.example", "http://localhost:5173"}
	for _, c := range []struct {
		host, origin string
		want         bool
	}{
		{"play.example", "https://play.example", true},
		{"play.example", "http://play.example", true},
		{"play.example", "https://PLAY.example", true},
		{"play.example:443", "https://play.example", true},
		{"play.example", "https://play.example:443", true},
		{"play.example:3000", "http://play.example:3000", true},
		{"192.168.1.5:3000", "http://192.168.1.5:3000", true},
		{"[::1]:3000", "http://[::1]:3000", true},
		{"play.example", "https://friend.example", true},
		{"play.example", "https://Friend.example", true},
		{"play.example", "http://localhost:5173", true},
		{"play.example", "http://friend.example", false},
		{"play.example", "https://friend.example:8443", false},
		{"play.example", "https://evil.example", false},
		{"play.example", "https://play.example.evil.example", false},
		{"play.example", "https://evil-play.example", false},
		{"play.example:3000", "http://play.example", false},
		{"play.example:3000", "http://play.example:3001", false},
		{"play.example", "null", false},
		{"play.example", "play.example", false},
		{"play.example", "https://", false},
		{"play.example", "://", false},
		{"play.example", "https://play.example@evil.example", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = c.host
		r.Header.Set("Origin", c.origin)
		if got := originAllowed(r, allowed); got != c.want {
			t.Errorf("host %s, origin %s: %v, want %v", c.host, c.origin, got, c.want)
		}
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { s.Origins = []string{"https://friend.example"} })
	s := w.create("Ann") // without any Origin, as programs do
	for _, origin := range []string{w.url, "https://friend.example"} {
		c := w.dial(s.Code, "Origin", origin)
		c.say(`{"type":"hello"}`)
		c.want(`{"type":"welcome","you":"spectator"}`)
		w.seat(w.do("POST", "/api/games", `{"name":"Ann"}`, "Origin", origin), 201)
	}
	const evil = "https://evil.example"
	w.wantProblem(w.do("POST", "/api/games", `{"name":"Ann"}`, "Origin", evil), 403, "forbidden_origin")
	w.wantProblem(w.do("POST", "/api/games/"+s.Code+"/join", `{"name":"Ann"}`, "Origin", evil), 403, "forbidden_origin")
	w.wantProblem(w.do("GET", "/ws/"+s.Code, "", append(upgradeHeaders(), "Origin", evil)...), 403, "forbidden_origin")
	if _, err := w.tryDial(s.Code, "Origin", evil); err == nil {
		t.Error("a foreign origin opened a socket")
	}
}

// upgradeHeaders are those of a WebSocket handshake, for the ones that fail.
func upgradeHeaders() []string {
	return []string{
		"Connection", "Upgrade", "Upgrade", "websocket",
		"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
	}
}
