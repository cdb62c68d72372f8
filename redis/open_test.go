package redis_test

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"tictac/redis"
	"tictac/room"
)

// What is wrong with a Redis is said in one line, soon, and without a password.
func TestOpenErrors(t *testing.T) {
	t.Parallel()
	locked := startServer(t, "--requirepass", "right")
	old := startProxy(t, startRedis(t))
	old.rewrite = [2]string{"redis_version:7.", "redis_version:6."}
	mute, err := net.Listen("tcp", ownHost()+":0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mute.Close() })
	nobody := ownHost()
	for name, c := range map[string]struct{ url, want string }{
		"no URL":         {"localhost:6379", "redis://HOST"},
		"another scheme": {"http://localhost", "redis://HOST"},
		"no host":        {"redis://", "redis://HOST"},
		"bad escape":     {"redis://u:hush%zz@localhost", "redis://HOST"},
		"bad database":   {"redis://:hush@" + locked.addr + "/x", "database"},
		"no server":      {"redis://:hush@" + net.JoinHostPort(nobody, strconv.Itoa(freePort(t, nobody))), "refused"},
		"no answer":      {"redis://:hush@" + mute.Addr().String(), "cannot reach Redis"},
		"no password":    {"redis://" + locked.addr, "NOAUTH"},
		"wrong password": {"redis://:hush@" + locked.addr, "WRONGPASS"},
		"too old":        {"redis://" + old.addr, "7 or later"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			s, err := redis.Open(t.Context(), c.url, redis.Config{})
			if err == nil {
				s.Close()
				t.Fatal("it opens")
			}
			text := err.Error()
			t.Logf("%v: %s", time.Since(began).Round(time.Millisecond), text)
			if !strings.Contains(text, c.want) || strings.Contains(text, "\n") || strings.Contains(text, "hush") {
				t.Errorf("%q, want one line with %q", text, c.want)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("after %v", took)
			}
		})
	}
	if s, err := redis.Open(t.Context(), "redis://:right@"+locked.addr, redis.Config{}); err != nil {
		t.Error(err)
	} else {
		s.Close()
	}
}

// A room that a newer version has written is not touched, and those who watch
// it are told that there is something to know.
func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := open(t, r.addr)
	begin(t, s, "aa0000", "a", "b")
	ear := listen(t, s, "aa0000")
	r.must(t, "HSET", "room:{aa}:aa0000", "snapshot", `{"format":99}`)
	if _, err := s.Load(t.Context(), "aa0000"); !errors.Is(err, room.ErrFormat) {
		t.Errorf("load: %v, want ErrFormat", err)
	}
	before := ear.missed()
	r.must(t, "SPUBLISH", "room:{aa}:aa0000", `someid {"format":99}`)
	soon(t, "the watcher is told", func() bool { return ear.missed() > before })
	if ear.rev() != 0 {
		t.Errorf("the watcher heard of revision %d", ear.rev())
	}
}
