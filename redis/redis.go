// Package redis is the engine for many servers: a play.Store on one Redis (7 or
// later, Valkey alike), alone, in a cluster, or under Sentinel. A commit is one
// script and one round trip. What it returns is as durable as that Redis is
// configured to be: docs/operations.md.
//
// The keys of a room carry the first two digits of its code as hash tag, so that
// they, and the indexes they are in, change in one script on a cluster too.
package redis

import (
	"context"
	crand "crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"tictac/play"
	"tictac/room"
)

// roomTTL is how long a room is kept that nobody touches and nobody closes: a
// stack that is stopped over a long weekend loses nothing.
const roomTTL = 7 * 24 * time.Hour

// The scripts. rueidis sends their SHA-1, and their text where Redis does not
// know it. The library never sends one again whose answer was lost: a commit
// that was made and then overtaken would come out as a conflict, and a conflict
// means that nothing was done.
var (
	//go:embed lua/commit.lua
	commitSource string
	//go:embed lua/renew.lua
	renewSource string
	//go:embed lua/prune.lua
	pruneSource string

	commitScript = rueidis.NewLuaScript(commitSource)
	renewScript  = rueidis.NewLuaScript(renewSource)
	pruneScript  = rueidis.NewLuaScript(pruneSource)
)

// A Config is what a Store is told besides where Redis is.
type Config struct {
	History time.Duration // how long finished rounds are kept; 0: 90 days
}

// A Store is a Redis in use.
type Store struct {
	client   rueidis.Client
	id       string // this Store's own
	history  time.Duration
	maxGames int // how many rounds of a player are kept
	watch    *watch
	filing   *filing

	wires  *wires
	clocks clocks
	calls  sync.WaitGroup                          // what within has under way
	crash  atomic.Pointer[func(step string) error] // of a test: see at

	mu     sync.Mutex
	tenure tenure
}

// Open connects to the Redis that a URL names: redis:// or rediss://, one host
// or several separated by commas, Sentinel by ?master_set=NAME. It fails if
// Redis does not answer or is too old.
func Open(ctx context.Context, name string, c Config) (*Store, error) {
	option, err := parse(name)
	if err != nil {
		return nil, err
	}
	lines := &wires{open: map[*wire]bool{}}
	option.DialCtxFn = lines.dial
	client, err := rueidis.NewClient(option)
	if err != nil {
		return nil, fmt.Errorf("cannot reach Redis: %w", err)
	}
	s := &Store{client: client, id: crand.Text(), history: c.History, maxGames: maxGames, wires: lines}
	if s.history == 0 {
		s.history = 90 * 24 * time.Hour
	}
	if err := s.checkVersion(ctx); err != nil {
		client.Close()
		return nil, err
	}
	s.watch = startWatch(client)
	s.filing = startFiling(s)
	return s, nil
}

// commandTimeout is how long an answer of Redis may take before the connection
// is held for dead. It is a little more than a command of a player may.
const commandTimeout = play.StoreTimeout + time.Second

func parse(name string) (rueidis.ClientOption, error) {
	u, err := url.Parse(name)
	if err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss" {
		return rueidis.ClientOption{}, errors.New("it is not redis://HOST[:PORT] or rediss://HOST[:PORT]")
	}
	hosts := strings.Split(u.Host, ",")
	for i, host := range hosts {
		if !strings.Contains(host, ":") {
			hosts[i] = host + ":6379"
		}
	}
	u.Host = hosts[0] // the library takes further ones as options
	option, err := rueidis.ParseURL(u.String())
	if err != nil {
		return option, err
	}
	option.InitAddress = hosts
	option.DisableCache = true
	// The library's own retries reuse a command that the writer of the dead
	// connection may still be reading (a data race in rueidis 1.0.79).
	option.DisableRetry = true
	option.ConnWriteTimeout = commandTimeout
	option.Dialer.Timeout = play.StoreTimeout
	option.ClientName = "tictac"
	return option, nil
}

func (s *Store) checkVersion(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*commandTimeout)
	defer cancel()
	info, err := s.client.Do(ctx, s.client.B().Info().Section("server").Build()).ToString()
	if err != nil {
		return fmt.Errorf("cannot reach Redis: %w", err)
	}
	_, version, _ := strings.Cut(info, "redis_version:")
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < 7 {
		return fmt.Errorf("this Redis is version %s, and 7 or later is needed", strings.TrimSpace(strings.SplitN(version, "\n", 2)[0]))
	}
	return nil
}

// Close ends this server's lease, so that others put its seats right at once,
// and the connections.
func (s *Store) Close() error {
	s.watch.close()
	s.filing.close()
	ctx, cancel := context.WithTimeout(context.Background(), play.StoreTimeout)
	defer cancel()
	s.mu.Lock()
	t := s.tenure
	s.mu.Unlock()
	defer s.calls.Wait()
	defer s.client.Close()
	if t.me == "" {
		return nil
	}
	over := float64(t.renewed.Add(-leaseTime - time.Second))
	return s.client.Do(ctx, s.client.B().Zadd().Key(leasesKey).ScoreMember().ScoreMember(over, t.me).Build()).Error()
}

// at is a step between two others, at which a test may have this server crash.
func (s *Store) at(step string) error {
	if crash := s.crash.Load(); crash != nil {
		return (*crash)(step)
	}
	return nil
}

// tag is the hash tag of a room's keys.
func tag(code string) string { return code[:min(2, len(code))] }

func roomKey(code string) string { return "room:{" + tag(code) + "}:" + code }
func logKey(code string) string  { return "log:{" + tag(code) + "}:" + code }
func dueKey(tag string) string   { return "due:{" + tag + "}" }
func heldKey(tag string) string  { return "held:{" + tag + "}" }

// boxKey is not "outbox", as it was before there was history: servers of that time
// may still run, would empty it, and count nothing.
func boxKey(tag string) string { return "ended:{" + tag + "}" }

// tags are all hash tags there are.
var tags = func() (all []string) {
	for i := range 256 {
		all = append(all, fmt.Sprintf("%02x", i))
	}
	return all
}()

// Load implements play.Store. It asks again when a connection is cut: whoever
// reads back what became of a commit is to be told.
func (s *Store) Load(ctx context.Context, code string) (play.Snapshot, error) {
	for pause := 10 * time.Millisecond; ; pause *= 2 {
		snap, err := s.loadOnce(ctx, code)
		if err == nil || errors.Is(err, play.ErrNotFound) || errors.Is(err, room.ErrFormat) || pause > time.Second {
			return snap, err
		}
		select {
		case <-ctx.Done():
			return snap, err
		case <-time.After(pause/2 + rand.N(pause)): // not all rooms at once
		}
	}
}

func (s *Store) loadOnce(ctx context.Context, code string) (snap play.Snapshot, err error) {
	fields, err := within(ctx, s, func() ([]rueidis.RedisMessage, error) {
		get := s.client.B().Hmget().Key(roomKey(code)).Field("commit", "snapshot").Build()
		return s.client.Do(ctx, get).ToArray()
	})
	if err != nil {
		return snap, fmt.Errorf("redis: load: %w", err)
	}
	if len(fields) != 2 || fields[0].IsNil() {
		return snap, play.ErrNotFound
	}
	if snap.Commit, err = fields[0].ToString(); err != nil {
		return snap, err
	}
	data, err := fields[1].AsBytes()
	if err != nil {
		return snap, err
	}
	snap.State, err = room.Decode(data)
	return snap, err
}

// within has a call end with its context. The library looks at the context too,
// but not while it waits for another call to make the connection anew.
func within[T any](ctx context.Context, s *Store, call func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	s.calls.Go(func() {
		value, err := call()
		s.mind(err)
		done <- result{value, err}
	})
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// Commit implements play.Store.
func (s *Store) Commit(ctx context.Context, c play.Commit) error {
	t := tag(c.State.Code)
	for range 2 { // again when it came too late by a clock that we knew wrong
		asked := time.Now()
		answer, err := s.commitOnce(ctx, c, s.clocks.notAfter(ctx, t))
		switch {
		case err != nil:
			return fmt.Errorf("redis: commit: %w", err)
		case answer == 0:
			return play.ErrConflict
		case answer > 0:
			s.clocks.learn(t, asked, room.Instant(answer))
			if c.Filed != nil {
				s.filing.note(t)
			}
			return nil
		}
		s.clocks.correct(t, asked, room.Instant(-answer))
	}
	return errors.New("redis: commit: it came too late and was not made")
}

// commitOnce has the script carried out, and returns its answer.
func (s *Store) commitOnce(ctx context.Context, c play.Commit, notAfter string) (int64, error) {
	return s.commitWith(ctx, c.State.Code, commitArgs(c, notAfter))
}

func (s *Store) commitWith(ctx context.Context, code string, args []string) (int64, error) {
	t := tag(code)
	keys := []string{roomKey(code), logKey(code), dueKey(t), heldKey(t), boxKey(t)}
	return within(ctx, s, func() (int64, error) {
		return commitScript.Exec(ctx, s.client, keys, args).AsInt64()
	})
}

// commitArgs are the arguments of commit.lua.
func commitArgs(c play.Commit, notAfter string) []string {
	s := c.State
	snapshot := room.Encode(*s)
	gone, wake, held, roundID, record := "", "", "-", "", ""
	if s.Gone() {
		gone, held = "1", ""
	}
	if c.Reindex || s.Rev == 1 {
		wake = strconv.FormatInt(int64(s.Wake), 10)
	}
	if !s.Gone() && changesPresence(c.Events) {
		held = strings.Join(append(s.Servers(), ""), " ")
	}
	if c.Filed != nil {
		roundID, record = c.Filed.ID, string(c.Filed.Append(nil))
	}
	args := []string{
		strconv.FormatInt(s.Rev-1, 10), strconv.FormatInt(s.Rev, 10), c.ID, s.Code, string(snapshot),
		gone, wake, held, roundID, record, strconv.Itoa(int(roomTTL.Seconds())), notAfter,
	}
	if s.Phase != room.Playing {
		return args
	}
	for _, e := range c.Events {
		args = append(args, string(e.Append(nil)))
	}
	return args
}

// changesPresence reports whether other servers may hold sockets of the room
// after these events than before.
func changesPresence(events []room.Event) bool {
	for _, e := range events {
		switch e.Kind {
		case room.Attached, room.Detached, room.GuestLeft:
			return true
		}
	}
	return false
}

// Watch implements play.Store.
func (s *Store) Watch(code string, tell func(play.Snapshot)) (stop func()) {
	return s.watch.add(code, tell)
}
