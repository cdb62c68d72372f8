package redis

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"tictac/room"
)

// keepRounds is how long a filed round is kept.
const keepRounds = 90 * 24 * time.Hour

const (
	roundsKey = "rounds" // ids of filed rounds by when they finished
	fileEvery = time.Second
	// sweepEvery is how often all outboxes are looked into, for the rounds of
	// servers that died before they filed them.
	sweepEvery = time.Minute
)

func roundKey(id string) string { return "round:" + id }

// A filing moves ended rounds from the outboxes, where a commit puts them, to
// where they are kept. Doing it twice, or from two servers, is harmless.
type filing struct {
	client rueidis.Client
	stop   context.CancelFunc
	done   chan struct{}

	mu   sync.Mutex
	full map[string]bool // tags whose outbox we have put something into
}

func startFiling(client rueidis.Client) *filing {
	ctx, stop := context.WithCancel(context.Background())
	f := &filing{client: client, stop: stop, done: make(chan struct{}), full: map[string]bool{}}
	go f.run(ctx) // close waits for it
	return f
}

// close files what this server has put into outboxes and ends the filing.
func (f *filing) close() {
	f.stop()
	<-f.done
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	f.file(ctx, f.take())
}

// note says that an outbox has something in it.
func (f *filing) note(tag string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full[tag] = true
}

func (f *filing) take() (full []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for tag := range f.full {
		full = append(full, tag)
	}
	f.full = map[string]bool{}
	return full
}

func (f *filing) run(ctx context.Context) {
	defer close(f.done)
	ticker := time.NewTicker(fileEvery)
	defer ticker.Stop()
	f.file(ctx, tags)
	swept := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		full := f.take()
		if time.Since(swept) > sweepEvery {
			full, swept = tags, time.Now()
		}
		f.file(ctx, full)
	}
}

func (f *filing) file(ctx context.Context, full []string) {
	failed := 0
	var last error
	for _, tag := range full {
		if err := f.fileOne(ctx, tag); err != nil {
			f.note(tag)
			failed, last = failed+1, err
		}
	}
	if failed > 0 && ctx.Err() == nil {
		slog.Warn("ended rounds wait to be filed", "outboxes", failed, "err", last)
	}
}

// fileOne empties an outbox: a round leaves it only when it is kept.
func (f *filing) fileOne(ctx context.Context, tag string) error {
	records, err := f.client.Do(ctx, f.client.B().Hgetall().Key(boxKey(tag)).Build()).AsStrMap()
	if err != nil {
		return err
	}
	for id, record := range records {
		var r room.Record
		if err := json.Unmarshal([]byte(record), &r); err != nil {
			return fmt.Errorf("redis: an ended round: %w", err)
		}
		b := f.client.B()
		for _, answer := range f.client.DoMulti(ctx,
			b.Set().Key(roundKey(id)).Value(record).ExSeconds(int64(keepRounds.Seconds())).Build(),
			b.Zadd().Key(roundsKey).ScoreMember().ScoreMember(float64(r.Finished), id).Build(),
			b.Zremrangebyscore().Key(roundsKey).Min("-inf").Max(strconv.FormatInt(int64(r.Finished.Add(-keepRounds)), 10)).Build(),
		) {
			if err := answer.Error(); err != nil {
				return err
			}
		}
		if err := f.client.Do(ctx, b.Hdel().Key(boxKey(tag)).Field(id).Build()).Error(); err != nil {
			return err
		}
	}
	return nil
}

// Rounds calls each with every filed round, oldest first, those included that
// still lie in an outbox.
func (s *Store) Rounds(ctx context.Context, each func(room.Record) error) error {
	for _, tag := range tags {
		if err := s.filing.fileOne(ctx, tag); err != nil {
			return err
		}
	}
	ids, err := s.client.Do(ctx, s.client.B().Zrange().Key(roundsKey).Min("0").Max("-1").Build()).AsStrSlice()
	if err != nil {
		return err
	}
	for _, id := range ids {
		record, err := s.client.Do(ctx, s.client.B().Get().Key(roundKey(id)).Build()).AsBytes()
		if rueidis.IsRedisNil(err) {
			continue // its time was up
		}
		if err != nil {
			return err
		}
		var r room.Record
		if err := json.Unmarshal(record, &r); err != nil {
			return fmt.Errorf("redis: a filed round: %w", err)
		}
		if err := each(r); err != nil {
			return err
		}
	}
	return nil
}

// Log returns the events of the round that a room is playing, in order.
func (s *Store) Log(ctx context.Context, code string) (events []room.Event, err error) {
	items, err := s.client.Do(ctx, s.client.B().Lrange().Key(logKey(code)).Start(0).Stop(-1).Build()).AsStrSlice()
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		var e room.Event
		if err := json.Unmarshal([]byte(item), &e); err != nil {
			return nil, fmt.Errorf("redis: a logged event: %w", err)
		}
		events = append(events, e)
	}
	return events, nil
}
