package redis_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/redis"
	"tictac/room"
	"tictac/storetest"
)

// Games that end in every way, with players and spectators on three servers,
// leave nothing: no key of a room and no subscription in Redis, no table, watcher
// or subscription in a server.
func TestGamesLeaveNothing(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	var stores [3]*redis.Store
	var houses [3]*play.House
	short := rules
	short.Grace, short.WaitingGrace = time.Second, time.Second
	for i := range stores {
		stores[i] = open(t, r.addr)
		houses[i], _ = run(t, stores[i], &clock{}, short)
	}
	const games = 210
	var wg sync.WaitGroup
	for part := range 10 {
		wg.Go(func() {
			for i := part; i < games; i += 10 {
				if err := playAndEnd(t, i, houses[i%3], houses[(i+1)%3], houses[(i+2)%3]); err != nil {
					t.Errorf("game %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	for i := range stores {
		soon(t, "no table is left", func() bool { return houses[i].Tables() == 0 })
		soon(t, "no watcher and no subscription is left", func() bool { return stores[i].Remembered() == 0 })
	}
	soon(t, "Redis has no subscription", func() bool {
		channels, err := r.must(t, "PUBSUB", "SHARDCHANNELS").AsStrSlice()
		return err == nil && len(channels) == 0
	})
	soon(t, "Redis has no key of a room", func() bool {
		for _, key := range keys(t, r) {
			if strings.Contains(key, ":{") {
				return false
			}
		}
		return true
	})
}

// playAndEnd plays a game that ends in the i-th way.
func playAndEnd(t *testing.T, i int, one, two, three *play.House) error {
	code, secret, err := one.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		return err
	}
	guest, err := two.Join(t.Context(), code, "Bob", "")
	if err != nil {
		return err
	}
	ann, bob, eve := storetest.Sit(t, one, code, secret), storetest.Sit(t, two, code, guest), storetest.Sit(t, three, code, "")
	defer ann.Close()
	defer bob.Close()
	defer eve.Close()
	for ply, cell := range []int{0, 3, 1, 4, 2}[:i%6] {
		p := []*storetest.Player{ann, bob}[ply%2]
		if _, err := p.Move(cell, 1, ply); err != nil {
			return fmt.Errorf("move %d: %w", ply, err)
		}
	}
	switch i % 7 {
	case 0:
		_, err = bob.Leave()
	case 1:
		_, err = ann.Leave()
		eve.Await(t, "the room is seen to be closed", func(s room.State) bool { return s.Gone() })
	case 2:
		_, err = bob.Resign()
	case 3:
		bob.Close() // and his grace ends
		ann.Await(t, "the guest's seat is freed", func(s room.State) bool { return s.Phase == room.Waiting || s.Phase == room.Over })
	case 4:
		again := storetest.Sit(t, three, code, guest) // a second device on another server
		defer again.Close()
	}
	if refusal, ok := err.(room.Refusal); ok && refusal == room.NotPlaying {
		err = nil // it was won before
	}
	return err
}
