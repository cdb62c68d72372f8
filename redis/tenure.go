package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"tictac/play"
	"tictac/room"
)

// The servers that use a store, and since when it has been in use, lie in one
// slot of their own.
const (
	leasesKey = "{servers}:leases"
	upKey     = "{servers}:up"
)

const (
	// silentTime is how long a server may be silent before it is held for dead.
	// With a renewal a second its seats are put right within 15 s of its death.
	silentTime = 13 * time.Second
	// leaseTime is how long a server must have held its own lease before it
	// judges others: they have had the time to renew theirs.
	leaseTime = 15 * time.Second
	// gapTime is how long all servers must have been silent for the store to
	// have been out of use: more than a renewal that fails and the next.
	gapTime = 5 * time.Second
	// rememberTime is how long a dead server is remembered, so that its rooms
	// are found. It is forgotten sooner when it holds none.
	rememberTime = 24 * time.Hour
)

// A tenure is what this server knows of the others.
type tenure struct {
	me      string
	upSince room.Instant
	held    room.Instant            // since when our own lease has been held without a gap
	renewed room.Instant            // when it was last
	leases  map[string]room.Instant // when each server renewed
}

// Renew implements play.Store. The servers' clocks must agree to within a few
// seconds, as their players' deadlines need anyway.
func (s *Store) Renew(ctx context.Context, server string, now room.Instant) (play.Tenure, error) {
	millis := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	args := []string{server, strconv.FormatInt(int64(now), 10), millis(gapTime), millis(rememberTime), s.notAfter(ctx)}
	asked := time.Now()
	answer, err := renewScript.Exec(ctx, s.client, []string{leasesKey, upKey}, args).AsStrSlice()
	if err != nil {
		return play.Tenure{}, fmt.Errorf("redis: renew: %w", err)
	}
	upSince, clock, leases, err := parseLeases(answer)
	if err != nil {
		return play.Tenure{}, err
	}
	if took := time.Since(asked); took < maxClockError {
		s.ahead.Store(int64(clock.Time().Sub(asked.Add(took / 2))))
		s.aheadKnown.Store(true)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.tenure
	s.tenure = tenure{me: server, upSince: upSince, held: was.held, renewed: now, leases: leases}
	if was.me == "" || was.upSince != upSince || now.Sub(was.renewed) > silentTime {
		s.tenure.held = now // nobody could tell us that they live until now
	}
	return play.Tenure{UpSince: upSince, Dead: s.tenure.dead}, nil
}

// maxClockError is how far off Redis' clock may be taken: an answer that took
// longer does not tell.
const maxClockError = 500 * time.Millisecond

// notAfter is when, in milliseconds of Redis' clock, nobody waits for a commit
// any more. It is empty if that is not known.
func (s *Store) notAfter(ctx context.Context) string {
	deadline, ok := ctx.Deadline()
	if !ok || !s.aheadKnown.Load() {
		return ""
	}
	at := deadline.Add(time.Duration(s.ahead.Load()) + maxClockError)
	return strconv.FormatInt(at.UnixMilli(), 10)
}

func parseLeases(answer []string) (upSince, clock room.Instant, leases map[string]room.Instant, err error) {
	if len(answer) == 0 {
		return 0, 0, nil, errors.New("redis: renew: it came too late")
	}
	if len(answer)%2 != 0 {
		return 0, 0, nil, fmt.Errorf("redis: renew: an answer of %d parts", len(answer))
	}
	since, err1 := strconv.ParseFloat(answer[0], 64)
	at, err2 := strconv.ParseFloat(answer[1], 64)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, nil, fmt.Errorf("redis: renew: %w", err)
	}
	leases = map[string]room.Instant{}
	for i := 2; i < len(answer); i += 2 {
		last, err := strconv.ParseFloat(answer[i+1], 64)
		if err != nil {
			return 0, 0, nil, fmt.Errorf("redis: renew: %w", err)
		}
		leases[answer[i]] = room.Instant(last)
	}
	return room.Instant(since), room.Instant(at), leases, nil
}

// dead reports whether a server is gone. A tenure is a value: this is what was
// known at its Renew.
func (t tenure) dead(server string) bool {
	if server == t.me || t.renewed.Sub(t.held) < leaseTime {
		return false
	}
	at, known := t.leases[server]
	return !known || t.renewed.Sub(at) > silentTime
}

// deadServers lists the dead servers that are still remembered.
func (s *Store) deadServers() (dead []string) {
	s.mu.Lock()
	t := s.tenure
	s.mu.Unlock()
	for server := range t.leases {
		if t.dead(server) {
			dead = append(dead, server)
		}
	}
	return dead
}
