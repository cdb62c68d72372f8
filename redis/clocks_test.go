package redis_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
)

// lie has a Redis give another time than it has, 28 hours earlier: by whatever
// a clock is set, it is more than a commit may be late.
func (p *proxy) lie() {
	days := time.Now().UnixMilli() / 1e8
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rewrite = [2]string{strconv.FormatInt(days, 10), strconv.FormatInt(days-1, 10)}
}

func (p *proxy) tellTheTruth() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rewrite = [2]string{}
}

// Redis' clock is set, or ours, or another node takes over: what a server took
// it for is wrong, and it goes on all the same, with the very next call.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	p := startProxy(t, startRedis(t))
	s := open(t, p.addr)
	timely := func(call func(context.Context) error) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), play.StoreTimeout)
		defer cancel()
		if err := call(ctx); err != nil {
			t.Error(err)
		}
	}
	renew := func(ctx context.Context) error {
		_, err := s.Renew(ctx, "a", room.At(time.Now()))
		return err
	}
	commit := func(code string) func(context.Context) error {
		return func(ctx context.Context) error {
			return s.Commit(ctx, step(t, room.State{}, create(code), noon))
		}
	}
	p.lie()
	timely(commit("aa0000"))
	timely(renew)
	p.tellTheTruth()
	timely(commit("aa0001")) // of a clock that has been heard
	timely(commit("bb0000")) // and of one that has not
	timely(renew)
	timely(renew)
	timely(commit("cc0000"))
}
