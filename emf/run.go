package emf

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Config is what Run needs.
type Config struct {
	Namespace string // of the metrics: see ValidNamespace
	Task      string // which server it is, and of which version: to search for,
	Version   string // not dimensions, each of which would be paid for as a metric

	Counts *Counts
	Rooms  func() int // with a socket on this server
	Out    io.Writer  // gets one Write a line
}

const (
	minute = time.Minute
	// Lines are written at half past each minute. So a minute of CloudWatch's has one
	// line of each server, whatever it adds up, and a player who goes from one server
	// to another is counted once.
	halfPast = minute / 2
	// A line soon after another, or after the start, is left for the next minute.
	soon = minute / 4
)

// Run writes a line a minute until ctx ends, and then the last. The error is Out's.
func Run(ctx context.Context, cfg Config) error {
	for {
		timer := time.NewTimer(untilNext(time.Now()))
		select {
		case <-timer.C:
			if err := cfg.write(false); err != nil {
				return err
			}
		case <-ctx.Done():
			timer.Stop()
			return cfg.write(true)
		}
	}
}

// untilNext is how long it is to the next line.
func untilNext(now time.Time) time.Duration {
	earliest := now.Add(soon)
	next := earliest.Truncate(minute).Add(halfPast)
	if next.Before(earliest) {
		next = next.Add(minute)
	}
	return next.Sub(now)
}

func (cfg Config) write(last bool) error {
	figures := cfg.Counts.take()
	figures.Rooms = cfg.Rooms()
	line := appendLine(nil, origin{cfg.Namespace, cfg.Task, cfg.Version}, time.Now(), figures, last)
	if _, err := cfg.Out.Write(line); err != nil {
		return fmt.Errorf("emf: %w", err)
	}
	return nil
}
