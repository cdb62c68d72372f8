// Package load plays many games at once against a server, as fast as it goes or
// at a rate, and finds out how fast the server is and whether it keeps its word:
// every view that arrives is checked against the game as it must be. It knows a
// server by docs/protocol.md only.
//
// A move costs little here, so that one core is enough to busy a server: it is
// read and written without allocations, and no goroutine belongs to a player.
package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Mode is what the players do.
type Mode string

// The modes.
const (
	Play Mode = "play" // games, one after the other
	Idle Mode = "idle" // nothing: they sit in their rooms
	Ramp Mode = "ramp" // more and more of them play, until it gets slow
)

// Config is what a run is told.
type Config struct {
	Target   string        // http://host:port or https://host:port
	Mode     Mode          // default: Play
	Players  int           // two to a room; default: 2000
	Duration time.Duration // of play, without connecting; default: 30 s
	Rate     float64       // moves per second of all together; 0: as fast as it goes
	Limit    time.Duration // of a ramp: the p99 that is too slow; default: 100 ms
	Connect  time.Duration // how long the players may take to come in; default: 2 min
	Seed     uint64        // of the games that are played; default: 1

	// Relay says that the target forwards every message to both members of a room,
	// /ws/{code}, and knows no games: a yardstick for servers that do.
	Relay bool

	// Progress is told several times a second how it goes. Default: nobody is.
	Progress func(Progress)
}

// Progress is how a run goes.
type Progress struct {
	Phase          string        // connecting, playing, ending
	Elapsed, Of    time.Duration // of the phase
	Players        int           // connected
	Wanted         int
	Moves          int64
	MovesPerSecond float64 // in the last second, as is P99
	P99            float64 // in milliseconds
	Errors         int64
	WrongBoards    int64
	LostMoves      int64
	Reconnects     int64
	Notes          []string // for the user, each told once
}

// A TargetError is that the target cannot be played on: it is no server, or it
// refuses.
type TargetError struct {
	Target string
	Err    error
}

// Error says what is wrong with which target.
func (e *TargetError) Error() string { return fmt.Sprintf("%s: %v", e.Target, e.Err) }

// Unwrap is what is wrong.
func (e *TargetError) Unwrap() error { return e.Err }

// Descriptors is how many files and sockets a run with so many players has open
// at most: whoever is just connecting may have two.
func Descriptors(players int) int { return players + 2*(diallers+openers) + 32 }

func (c Config) withDefaults() (Config, error) {
	if c.Mode == "" {
		c.Mode = Play
	}
	if c.Players == 0 {
		c.Players = 2000
	}
	setDefault(&c.Duration, 30*time.Second)
	setDefault(&c.Limit, 100*time.Millisecond)
	setDefault(&c.Connect, 2*time.Minute)
	if c.Seed == 0 {
		c.Seed = 1
	}
	switch {
	case c.Mode != Play && c.Mode != Idle && c.Mode != Ramp:
		return c, fmt.Errorf("load: there is no mode %q", c.Mode)
	case c.Players < 2 || c.Players%2 != 0:
		return c, errors.New("load: players come in pairs")
	case c.Rate < 0:
		return c, errors.New("load: a rate must not be negative")
	}
	return c, nil
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

func (c Config) paced() bool { return c.Rate > 0 }

// Run plays until the duration is over or ctx ends, whichever is first, and says
// what it has found. The error is that it could not begin: a *TargetError if that
// is the target's fault.
func Run(ctx context.Context, cfg Config) (Result, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Result{}, err
	}
	g, err := newGenerator(cfg)
	if err != nil {
		return Result{}, err
	}
	return g.run(ctx)
}
