package redis

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"tictac/room"
)

// The log of all finished rounds, and how far they are counted, lie in one slot.
const (
	roundsKey = "{rounds}:log"
	countKey  = "{rounds}:count"
)

const (
	// fileAfter is how long a round that has ended lies in its outbox: others are
	// filed with it.
	fileAfter = 20 * time.Millisecond
	// fileEvery is how often is tried again what failed, and counted what
	// another server has left.
	fileEvery = time.Second
	// fileAtOnce is how many rounds are filed in one go.
	fileAtOnce = 500
	// sweepEvery is how often all outboxes are looked into, for the rounds of
	// servers that died before they filed them.
	sweepEvery = time.Minute
	// counterTTL is longer than any account lasts: numbers are not given again
	// that an account has counted.
	counterTTL = 2 * accountTTL
)

var (
	//go:embed lua/file.lua
	fileSource string

	fileScript = rueidis.NewLuaScript(fileSource)
)

// A filing moves ended rounds from the outboxes, where a commit puts them, to
// where they are kept, and has them counted. Doing it twice, from two servers, or
// again after a crash between any two steps, is harmless.
type filing struct {
	store *Store
	stop  context.CancelFunc
	done  chan struct{}
	wake  chan struct{} // a round has ended

	looked int       // how far the log was swept
	ranked uint64    // and the leaders
	warned time.Time // when a failure was last logged

	mu   sync.Mutex
	full map[string]bool // tags whose outbox we have put something into
}

func startFiling(s *Store) *filing {
	ctx, stop := context.WithCancel(context.Background())
	f := &filing{store: s, stop: stop, done: make(chan struct{}), wake: make(chan struct{}, 1), full: map[string]bool{}}
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

// note says that a round has been put into an outbox.
func (f *filing) note(tag string) {
	f.again(tag)
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// again has an outbox looked into the next time.
func (f *filing) again(tag string) {
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
	f.sweep(ctx)
	swept := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
			select {
			case <-ctx.Done():
				return
			case <-time.After(fileAfter):
			}
		case <-ticker.C:
		}
		if time.Since(swept) > sweepEvery {
			f.sweep(ctx)
			swept = time.Now()
		}
		f.file(ctx, f.take())
	}
}

// file empties outboxes and counts what is not counted. What fails is tried again.
func (f *filing) file(ctx context.Context, full []string) {
	err := f.empty(ctx, full)
	if err != nil {
		for _, tag := range full {
			f.again(tag)
		}
	}
	done, err2 := f.store.allCounted(ctx)
	if err2 == nil && !done {
		err2 = f.store.countAll(ctx)
	}
	if err = errors.Join(err, err2); err == nil || ctx.Err() != nil {
		return
	}
	f.store.mind(err)
	if len(full) > 0 || time.Since(f.warned) > sweepEvery {
		f.warned = time.Now()
		slog.Warn("ended rounds wait to be filed or counted", "err", err)
	}
}

// An ended round lies in an outbox.
type ended struct {
	id, tag  string
	data     string
	finished room.Instant
}

// empty empties outboxes: all in one go, since there is not much in each.
func (f *filing) empty(ctx context.Context, tags []string) error {
	s := f.store
	answers := s.ask(ctx, tags, func(tag string) rueidis.Completed { return s.client.B().Hgetall().Key(boxKey(tag)).Build() })
	var all []ended
	for i, answer := range answers {
		records, err := answer.AsStrMap()
		if err != nil {
			return fmt.Errorf("redis: file: %w", err)
		}
		for id, data := range records {
			var r room.Record
			if err := json.Unmarshal([]byte(data), &r); err != nil {
				slog.Error("an ended round cannot be read and stays in its outbox", "round", id, "err", err)
				continue
			}
			all = append(all, ended{id, tags[i], data, r.Finished})
		}
	}
	slices.SortFunc(all, func(a, b ended) int { return cmp.Compare(a.finished, b.finished) })
	for some := range slices.Chunk(all, fileAtOnce) {
		if err := s.fileSome(ctx, some); err != nil {
			return fmt.Errorf("redis: file: %w", err)
		}
	}
	return nil
}

// fileSome files rounds: each leaves its outbox only when it is kept and in the log.
func (s *Store) fileSome(ctx context.Context, rounds []ended) error {
	ids, data, boxes := make([]string, len(rounds)), map[string]string{}, map[string][]string{}
	for i, r := range rounds {
		ids[i], data[r.id], boxes[r.tag] = r.id, r.data, append(boxes[r.tag], r.id)
	}
	fresh, err := s.unnumbered(ctx, ids)
	if err != nil {
		return err
	}
	if len(fresh) > 0 {
		if err := s.keep(ctx, fresh, data); err != nil {
			return err
		}
		if err := s.at("kept"); err != nil {
			return err
		}
		if _, err := s.number(ctx, fresh, false); err != nil {
			return err
		}
	}
	if err := s.at("numbered"); err != nil {
		return err
	}
	var out []rueidis.Completed
	for tag, ids := range boxes {
		out = append(out, s.client.B().Hdel().Key(boxKey(tag)).Field(ids...).Build())
	}
	for _, answer := range s.client.DoMulti(ctx, out...) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	return s.at("out of the box")
}

// unnumbered is those of some rounds that are not in the log: the others have been
// filed, and may have been counted, and their time may be up since.
func (s *Store) unnumbered(ctx context.Context, ids []string) (fresh []string, err error) {
	numbers, err := s.client.Do(ctx, s.client.B().Zmscore().Key(roundsKey).Member(ids...).Build()).ToArray()
	if err == nil && len(numbers) != len(ids) {
		err = errNumbers
	}
	if err != nil {
		return nil, err
	}
	for i, n := range numbers {
		if n.IsNil() {
			fresh = append(fresh, ids[i])
		}
	}
	return fresh, nil
}

// keep stores rounds, each once: what is there stays as it is.
func (s *Store) keep(ctx context.Context, ids []string, data map[string]string) error {
	sets := make([]rueidis.Completed, len(ids))
	for i, id := range ids {
		sets[i] = s.client.B().Set().Key(roundKey(id)).Value(data[id]).Nx().ExSeconds(int64(s.history.Seconds())).Build()
	}
	for _, answer := range s.client.DoMulti(ctx, sets...) {
		if err := answer.Error(); err != nil && !rueidis.IsRedisNil(err) {
			return err
		}
	}
	return nil
}

var errNumbers = errors.New("redis: not every round got an answer")

// number gives rounds their places in the log, and says which those are; those of
// rounds that had one are negated.
func (s *Store) number(ctx context.Context, ids []string, counted bool) ([]int64, error) {
	args := append([]string{seconds(s.history + sweepEvery), seconds(counterTTL), ""}, ids...)
	if counted {
		args[2] = "1"
	}
	numbers, err := fileScript.Exec(ctx, s.client, []string{roundsKey, countKey}, args).AsIntSlice()
	if err == nil && len(numbers) != len(ids) {
		err = errNumbers
	}
	return numbers, err
}
