package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"tictac/play"
	"tictac/room"
)

// The servers that use a store, and since when it has been in use, lie in one
// slot of their own.
const (
	leasesTag = "servers"
	leasesKey = "{servers}:leases"
	upKey     = "{servers}:up"
)

const (
	// silentTime is how long a server may be silent before it is held for dead:
	// with a renewal a second, and some seconds for thousands of rooms, its seats
	// are put right within 15 s of its death.
	silentTime = 9 * time.Second
	// leaseTime is how long a server must have held its own lease before it
	// judges others: they have had the time to renew theirs.
	leaseTime = 15 * time.Second
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
	next, err := s.renew(ctx, server, now)
	if err != nil {
		return play.Tenure{}, fmt.Errorf("redis: renew: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next.held = s.tenure.held
	if s.tenure.me == "" || now.Sub(s.tenure.renewed) > silentTime {
		next.held = now // nobody could tell us that they live until now
	}
	s.tenure = next
	return play.Tenure{UpSince: next.upSince, Dead: next.dead}, nil
}

// renew has the script carried out, again when it came too late by a clock that
// we knew wrong.
func (s *Store) renew(ctx context.Context, server string, now room.Instant) (tenure, error) {
	millis := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	args := []string{server, strconv.FormatInt(int64(now), 10), millis(play.OutageTime), millis(rememberTime)}
	for range 2 {
		args := append(args[:4:4], s.clocks.notAfter(ctx, leasesTag))
		asked := time.Now()
		answer, err := within(ctx, s, func() ([]string, error) {
			return renewScript.Exec(ctx, s.client, []string{leasesKey, upKey}, args).AsStrSlice()
		})
		if err != nil {
			return tenure{}, err
		}
		parts, err := numbers(answer)
		switch {
		case err != nil:
			return tenure{}, err
		case len(parts) == 1:
			s.clocks.correct(leasesTag, asked, parts[0])
			continue
		}
		s.clocks.learn(leasesTag, asked, parts[0])
		return tenure{me: server, upSince: parts[1], renewed: now, leases: leases(answer, parts)}, nil
	}
	return tenure{}, errors.New("it came too late")
}

// numbers are the instants in an answer of renew.lua: Redis' clock, then since
// when the store has been in use, then, at every other place, leases.
func numbers(answer []string) ([]room.Instant, error) {
	if len(answer) != 1 && len(answer)%2 != 0 || len(answer) == 0 {
		return nil, fmt.Errorf("an answer of %d parts", len(answer))
	}
	parts := make([]room.Instant, len(answer))
	for i, text := range answer {
		if i >= 2 && i%2 == 0 {
			continue // a server
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		parts[i] = room.Instant(n)
	}
	return parts, nil
}

func leases(answer []string, parts []room.Instant) map[string]room.Instant {
	all := map[string]room.Instant{}
	for i := 2; i < len(answer); i += 2 {
		all[answer[i]] = parts[i+1]
	}
	return all
}

// dead reports whether a server is gone. A tenure is a value: this is what was
// known at its Renew. Time in which nobody could renew is no silence.
func (t tenure) dead(server string) bool {
	if server == t.me || t.renewed.Sub(t.held) < leaseTime {
		return false
	}
	last, known := t.leases[server]
	if !known { // forgotten, unless it is younger than what we know
		return t.renewed.Sub(play.Born(server)) > leaseTime
	}
	return t.renewed.Sub(max(last, t.upSince)) > silentTime
}

// deadServers lists the dead servers that are still remembered.
func (t tenure) deadServers() (dead []string) {
	for server := range t.leases {
		if t.dead(server) {
			dead = append(dead, server)
		}
	}
	return dead
}

// round is all tags in an order that begins elsewhere on each server that lives:
// so they do not all put the same rooms of a dead one right.
func (t tenure) round() []string {
	living, before := 1, 0
	for server := range t.leases {
		if server == t.me || t.dead(server) {
			continue
		}
		living++
		if server < t.me {
			before++
		}
	}
	first := len(tags) * before / living
	return slices.Concat(tags[first:], tags[:first])
}
