package redis_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"tictac/room"
)

// A server dies that had sockets in thousands of rooms. Within 15 s none of them
// shows it any more, though each of the others takes on but so many a second.
func TestManyRoomsOfADeadServer(t *testing.T) {
	t.Parallel()
	const rooms, dead = 6000, "x"
	addr := startRedis(t)
	s := open(t, addr)
	look := admin(t, addr)
	renew := func() {
		if _, err := s.Renew(t.Context(), dead, room.At(time.Now())); err != nil {
			t.Error(err)
		}
	}
	renew()
	var wg sync.WaitGroup
	for part := range 20 {
		wg.Go(func() {
			for i := part; i < rooms; i += 20 {
				open := create(fmt.Sprintf("%06x", i*2713))
				open.UpSince = room.At(time.Now())
				do(t, s, room.State{}, time.Now(), open, room.Attach{Key: "host", Server: dead})
			}
		})
	}
	wg.Wait()
	for range 2 {
		house(t, addr, &clock{}, rules)
	}
	for range 17 { // until the two may judge
		renew()
		time.Sleep(time.Second)
	}
	if n := held(t, look); n != rooms {
		t.Fatalf("%d of %d rooms are held before anybody died", n, rooms)
	}
	renew()
	died := time.Now()
	soon(t, "no room shows it any more", func() bool {
		time.Sleep(100 * time.Millisecond)
		return held(t, look) == 0
	})
	took := time.Since(died)
	t.Logf("measured: %d rooms of a dead server were put right after %v (bar 15s)", rooms, took.Round(100*time.Millisecond))
	if os.Getenv("TICTAC_SOAK") == "1" && took > 15*time.Second {
		t.Errorf("after %v", took)
	}
}

// held is how many sockets of servers are in rooms.
func held(t *testing.T, c rueidis.Client) (n int64) {
	t.Helper()
	var questions []rueidis.Completed
	for i := range 256 {
		questions = append(questions, c.B().Zcard().Key(fmt.Sprintf("held:{%02x}", i)).Build())
	}
	for _, answer := range c.DoMulti(t.Context(), questions...) {
		some, err := answer.AsInt64()
		if err != nil {
			t.Fatal(err)
		}
		n += some
	}
	return n
}
