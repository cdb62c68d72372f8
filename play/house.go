package play

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tictac/game"
	"tictac/room"
)

// Unavailable is the refusal of a command whose outcome is not known: the store
// failed or did not answer within StoreTimeout.
const Unavailable room.Refusal = "unavailable"

// StoreTimeout is how long a command waits for the store, queueing included.
const StoreTimeout = 2 * time.Second

// readyWithin is how long the store may be silent before Ready says no.
const readyWithin = 10 * time.Second

// A Meter is told what happens, for the metrics. Its methods must not block.
type Meter interface {
	// Committed is called once for each commit that this server knows to be its
	// own, with the time from the command's arrival until it was durable.
	Committed(events []room.Event, took time.Duration)
	Conflict()
	RolledBack() // the store has lost commits that it had acknowledged
	StoreFailed(op string)
	Panicked()
}

// Config is what a House needs.
type Config struct {
	Store  Store
	Server string           // this server's id, fresh at each start; default: its time and chance
	Rules  room.Rules       // for rooms opened here
	Now    func() time.Time // default: time.Now
	Log    *slog.Logger     // default: slog.Default()
	Meter  Meter            // default: none
}

// A House is all rooms as one server sees them. It keeps in memory only those
// in use here, and any number of Houses may serve the same room at once.
type House struct {
	cfg      Config
	busy     sync.WaitGroup // tables with something to do
	crew     crew           // works on those
	queue    Queue          // the store, if it is one;
	pump     *pump          // then this has commands decided, and the crew the rest to do
	asides   sync.WaitGroup // see aside
	patience patience
	tenure   atomic.Pointer[Tenure]
	renewed  atomic.Int64 // when Renew last succeeded, in Unix milliseconds of cfg.Now
	due      *alarm
	shared   bool // other servers use the store too
	lobby    Lobby

	stopping  atomic.Bool // set under mu
	keepSeats atomic.Bool

	mu     sync.Mutex // before any table's
	tables map[string]*table
}

// Open makes a House over a store that answers. Call Run to have deadlines
// kept, and Close in the end.
func Open(ctx context.Context, cfg Config) (*House, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Server == "" {
		cfg.Server = newServerID(cfg.Now())
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Meter == nil {
		cfg.Meter = noMeter{}
	}
	h := &House{cfg: cfg, tables: map[string]*table{}, due: newAlarm(), lobby: &Line{}}
	if audience, ok := cfg.Store.(Audience); ok {
		audience.Overhear(h.overhear, h.perceive)
		h.shared = true
	}
	if lobby, ok := cfg.Store.(Lobby); ok {
		h.lobby = lobby
	}
	if err := h.renew(ctx); err != nil {
		return nil, fmt.Errorf("play: the store is not usable: %w", err)
	}
	if queue, ok := cfg.Store.(Queue); ok {
		h.queue, h.pump = queue, startPump()
	}
	return h, nil
}

// KeepSeats says that the server is stopping: sockets that go from now on have
// not been left by their players, so their seats are not marked as away.
func (h *House) KeepSeats() { h.keepSeats.Store(true) }

// Close takes no further commands, waits for those under way (StoreTimeout at
// the most) and forgets all rooms. All sessions must be closed.
func (h *House) Close() {
	h.mu.Lock()
	h.stopping.Store(true)
	h.mu.Unlock()
	h.busy.Wait()
	h.crew.close()
	if h.pump != nil {
		h.pump.close()
	}
	h.asides.Wait()
}

// Ready reports whether the store has answered lately.
func (h *House) Ready() bool {
	return h.cfg.Now().Sub(time.UnixMilli(h.renewed.Load())) < readyWithin
}

// Server is this server's id.
func (h *House) Server() string { return h.cfg.Server }

// Rooms is the number of rooms that have a session here.
func (h *House) Rooms() int {
	n := 0
	for _, t := range h.inUse() {
		t.mu.Lock()
		if len(t.players)+len(t.watchers) > 0 {
			n++
		}
		t.mu.Unlock()
	}
	return n
}

// Tables is the number of rooms in memory, in use or not.
func (h *House) Tables() int { return len(h.inUse()) }

// codeTries is how many random codes Create tries before it gives up; with a
// million rooms open, 16 in a row are taken once in 10^19 times.
const codeTries = 16

// An Opening is the room that somebody wants.
type Opening struct {
	Name     string        // of the host; must be clean
	Who      string        // the host's public id, if any
	Turn     time.Duration // how long a player may think; 0: no clock
	Computer game.Level    // who plays against the host; empty: whoever joins
}

// Create opens a room and returns its code and the host's secret. The error is
// Unavailable if the store fails.
func (h *House) Create(ctx context.Context, o Opening) (code, secret string, err error) {
	secret = rand.Text()
	for range codeTries {
		code = randomCode()
		_, err = h.do(ctx, code, room.Create{
			Code: code, Key: KeyOf(secret), Name: o.Name, Who: o.Who, Rules: h.cfg.Rules, UpSince: h.tenure.Load().UpSince,
			Turn: o.Turn, Computer: o.Computer, RoundID: newRoundID(time.Now()),
		})
		if err != room.Exists {
			return code, secret, err
		}
	}
	return "", "", err
}

// Join takes the guest's seat of a room and returns its secret. The name must be
// clean; who is the player's public id, if any. The error is a room.Refusal. After
// Unavailable the seat may have been taken all the same; then nobody says hello on
// it, and its grace frees it.
func (h *House) Join(ctx context.Context, code, name, who string) (secret string, err error) {
	secret = rand.Text()
	_, err = h.do(ctx, code, room.Join{Key: KeyOf(secret), Name: name, Who: who, RoundID: newRoundID(time.Now())})
	return secret, err
}

// Look returns a room as the store has it now. The error is a room.Refusal.
func (h *House) Look(ctx context.Context, code string) (*View, error) {
	return h.do(ctx, code, room.Look{})
}

// do carries out one command of somebody who has no socket.
func (h *House) do(ctx context.Context, code string, cmd room.Command) (*View, error) {
	t, err := h.open(code)
	if err != nil {
		return nil, err
	}
	defer h.release(t)
	type outcome struct {
		view *View
		err  error
	}
	result := make(chan outcome, 1)
	t.submit(cmd, func(_ bool, err error) { result <- outcome{t.current(), err} })
	select {
	case r := <-result:
		return r.view, r.err
	case <-ctx.Done(): // the caller hung up; the command goes its way
		return nil, Unavailable
	}
}

// open finds or makes the table of a room and holds it until release.
func (h *House) open(code string) (*table, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping.Load() {
		return nil, Unavailable
	}
	t := h.tables[code]
	if t == nil {
		t = &table{house: h, code: code, known: nowhere}
		h.tables[code] = t
	}
	t.mu.Lock()
	t.refs++
	t.mu.Unlock()
	return t, nil
}

// watch has the store tell of the table's room from now on. Calls without a
// session do without.
func (h *House) watch(t *table) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.unwatch == nil {
		t.unwatch = h.cfg.Store.Watch(t.code, t.heard)
		t.forget() // it may have changed until now
	}
}

// release gives back what open took.
func (h *House) release(t *table) {
	t.mu.Lock()
	t.refs--
	last := t.refs == 0
	t.mu.Unlock()
	if last {
		h.collect(t)
	}
}

// collect forgets a table that nobody uses and that has nothing left to write.
func (h *House) collect(t *table) {
	if t.used() {
		return // whoever releases it looks again
	}
	h.mu.Lock()
	t.mu.Lock()
	idle := t.refs == 0 && !t.working && len(t.queue) == 0 && !t.unsure && h.tables[t.code] == t
	unwatch := t.unwatch
	if idle {
		delete(h.tables, t.code)
	}
	t.mu.Unlock()
	h.mu.Unlock()
	if !idle {
		return
	}
	h.due.clear(t)
	if unwatch != nil {
		unwatch()
	}
}

// newServerID has the moment of the start in it, so that others do not hold a
// server that they have not heard of yet for one that they have forgotten.
func newServerID(now time.Time) string {
	return strconv.FormatInt(now.UnixMilli(), 36) + "-" + rand.Text()[:16]
}

// Born is when a server took its id, if it is of newServerID's making, else 0.
func Born(server string) room.Instant {
	text, _, ok := strings.Cut(server, "-")
	at, err := strconv.ParseInt(text, 36, 64)
	if !ok || err != nil {
		return 0
	}
	return room.Instant(at)
}

// failed counts and logs an error of the store, which the client sees as
// Unavailable only. What nobody waits for any more has not failed.
func (h *House) failed(op string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	h.cfg.Meter.StoreFailed(op)
	h.cfg.Log.Error("the store failed", "op", op, "err", err)
}

// KeyOf is what a room keeps of a seat's secret: its SHA-256.
func KeyOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// randomCode is six hex digits. 16.7 million codes cannot be guessed at the
// rate at which web lets an address ask for ones that do not exist.
func randomCode() string {
	var b [3]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

type noMeter struct{}

func (noMeter) Committed([]room.Event, time.Duration) {}
func (noMeter) Conflict()                             {}
func (noMeter) RolledBack()                           {}
func (noMeter) StoreFailed(string)                    {}
func (noMeter) Panicked()                             {}
