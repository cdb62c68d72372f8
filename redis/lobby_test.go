package redis_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/storetest"
)

// lobbyOn is the line of quick match on one Redis or the nodes of a cluster.
func lobbyOn(nodes ...*server) storetest.LobbyEngine {
	return storetest.LobbyEngine{
		Open: func(t testing.TB, servers int) (lobbies []play.Lobby) {
			for _, n := range nodes {
				n.must(t, "FLUSHALL")
			}
			for i := range servers {
				lobbies = append(lobbies, open(t, nodes[i%len(nodes)].addr))
			}
			return lobbies
		},
		Pass: func(t testing.TB, d time.Duration) { setBack(t, nodes, d) },
	}
}

// setBack has all waits have been heard of longer ago.
func setBack(t testing.TB, nodes []*server, d time.Duration) {
	t.Helper()
	c := nodes[0].client(t)
	waits, err := c.Do(t.Context(), c.B().Hgetall().Key("{lobby}:waits").Build()).AsStrMap()
	if err != nil {
		t.Fatal(err)
	}
	for code, wait := range waits {
		var heard int64
		heardText, who, _ := strings.Cut(wait, " ")
		if _, err := fmt.Sscan(heardText, &heard); err != nil {
			t.Fatal(err)
		}
		wait = fmt.Sprint(heard-d.Milliseconds(), " ", who)
		if err := c.Do(t.Context(), c.B().Hset().Key("{lobby}:waits").FieldValue().FieldValue(code, wait).Build()).Error(); err != nil {
			t.Fatal(err)
		}
	}
}

// That these tests find what they are for was tried on 2026-11-24: meet.lua
// without "host ~= who" failed LongestFirst and NeverWithOneself, not taking out
// whom it returns all five, without its expiry WaitsEnd, with no care for a clock
// that was set back TestLobbyClockIsSetBack, for late calls TestMeetTooLate; and as
// two round trips, a read of the line and then a Quit, ManyAtOnce.
func TestLobby(t *testing.T) {
	t.Parallel()
	storetest.RunLobby(t, lobbyOn(startServer(t)))
}

func TestLobbyOnACluster(t *testing.T) {
	t.Parallel()
	storetest.RunLobby(t, lobbyOn(startCluster(t)...))
}

// Redis' clock is set back: a wait of whom nothing is heard ends all the same.
func TestLobbyClockIsSetBack(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := open(t, r.addr)
	for range 2 {
		now := room.At(time.Now())
		if err := s.Stay(t.Context(), play.Wait{Code: "000001", Who: "ann"}, now); err != nil {
			t.Fatal(err)
		}
		setBack(t, []*server{r}, -24*time.Hour)
		if code, err := s.Meet(t.Context(), play.Wait{Code: "000002", Who: "ann"}, now); err != nil || code != "" {
			t.Fatalf("ann meets %q, %v", code, err)
		}
		setBack(t, []*server{r}, play.WaitLasts+time.Second)
		if code, err := s.Meet(t.Context(), play.Wait{Code: "000003", Who: "bob"}, now); err != nil || code != "" {
			t.Fatalf("bob meets %q, %v, of whom nothing was heard", code, err)
		}
		if err := s.Quit(t.Context(), "000003"); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range keys(t, r) {
		if left := ttl(t, r, key); strings.HasPrefix(key, "{lobby}") && (left <= 0 || left > 10*play.WaitLasts) {
			t.Errorf("%s expires in %v", key, left)
		}
	}
}

// What a Redis that hung reads late is for nobody: neither is a room met by it,
// nor does somebody get in line.
func TestMeetTooLate(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := open(t, r.addr)
	now := room.At(time.Now())
	if err := s.Stay(t.Context(), play.Wait{Code: "000001", Who: "ann"}, now); err != nil { // and Redis' clock is heard
		t.Fatal(err)
	}
	r.stop()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if code, err := s.Meet(ctx, play.Wait{Code: "000002", Who: "bob"}, now); err == nil {
		t.Fatalf("a Redis that hangs has %q", code)
	}
	time.Sleep(1500 * time.Millisecond)
	r.cont()
	if code, err := s.Meet(t.Context(), play.Wait{Code: "000003", Who: "eve"}, now); err != nil || code != "000001" {
		t.Errorf("eve meets %q, %v, want the room of ann", code, err)
	}
}
