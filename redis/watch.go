package redis

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"tictac/play"
	"tictac/room"
)

// A watch listens to the rooms that are in use here: one connection to each
// node of Redis, and a channel for each room. Whatever may have been missed (a
// connection was down, a slot moved) is told as a zero Snapshot.
type watch struct {
	client   rueidis.Client
	watchers play.Watchers
	stop     context.CancelFunc
	ctx      context.Context
	running  sync.WaitGroup
	overhear atomic.Pointer[func(code, server string, spectators int)]
	reacted  atomic.Pointer[func(code, server string, by room.Seat, emoji string)]

	mu    sync.Mutex
	slots map[string]string // the node that serves a tag; empty unless a cluster
	lines map[string]*line  // by node
	rooms map[string]int    // how often each is watched
}

// A line is the connection to one node.
type line struct {
	node  string
	wake  chan struct{} // rooms have come or gone
	mu    sync.Mutex
	wants map[string]bool // what is to be listened to
	fresh []string        // changes to wants that Redis has not been told of
	leave map[string]bool // what Redis was told to leave, and has not yet
}

func startWatch(client rueidis.Client) *watch {
	ctx, stop := context.WithCancel(context.Background())
	w := &watch{client: client, ctx: ctx, stop: stop, lines: map[string]*line{}, rooms: map[string]int{}}
	w.learnSlots()
	return w
}

func (w *watch) close() {
	w.stop()
	w.running.Wait()
}

// add is Store.Watch. It does not wait for Redis: what is missed until the
// subscription stands is told then.
func (w *watch) add(code string, tell func(play.Snapshot)) (stop func()) {
	unwatch := w.watchers.Add(code, tell)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rooms[code]++; w.rooms[code] == 1 {
		w.lineLocked(code).want(code, true)
	}
	return sync.OnceFunc(func() {
		unwatch()
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.rooms[code]--; w.rooms[code] == 0 {
			delete(w.rooms, code)
			w.lineLocked(code).want(code, false)
		}
	})
}

// lineLocked is the line to the node that serves a room.
func (w *watch) lineLocked(code string) *line {
	node := w.slots[tag(code)]
	l := w.lines[node]
	if l == nil {
		l = &line{node: node, wake: make(chan struct{}, 1), wants: map[string]bool{}}
		w.lines[node] = l
		w.running.Go(func() { w.run(l) })
	}
	return l
}

func (l *line) want(code string, listen bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if listen {
		l.wants[code] = true
	} else {
		delete(l.wants, code)
	}
	l.fresh = append(l.fresh, code)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// left takes note that Redis no longer tells of a room, and reports whether
// nobody asked it to: it does so when a slot moves to another node.
func (l *line) left(code string) (moved bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	asked := l.leave[code]
	delete(l.leave, code)
	return !asked && l.wants[code]
}

func (l *line) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.wants))
}

// changes takes what Redis has not been told of: for a new connection, all.
func (l *line) changes(all bool) (listen, leave []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if all {
		for code := range l.wants {
			listen = append(listen, code)
		}
		l.fresh, l.leave = nil, map[string]bool{}
		return listen, nil
	}
	seen := map[string]bool{}
	for _, code := range l.fresh {
		switch {
		case seen[code]:
		case l.wants[code]:
			listen = append(listen, code)
		default:
			leave = append(leave, code)
			l.leave[code] = true
		}
		seen[code] = true
	}
	l.fresh = nil
	return listen, leave
}

// run keeps a line connected until the watch ends, as long as there is anything
// to listen to: a node that has left the cluster is not called for ever.
func (w *watch) run(l *line) {
	for pause := time.Duration(0); ; pause = min(2*pause+50*time.Millisecond, time.Second) {
		for len(l.all()) == 0 {
			select {
			case <-w.ctx.Done():
				return
			case <-l.wake:
			}
		}
		select {
		case <-w.ctx.Done():
			return
		case <-time.After(rand.N(pause + 1)): // not all servers at once
		}
		began := time.Now()
		err := w.listen(l)
		if w.ctx.Err() != nil {
			return
		}
		slog.Warn("not listening to Redis", "node", l.node, "err", err)
		if time.Since(began) > 10*time.Second {
			pause = 0
		}
		w.learnSlots()
	}
}

// listen is one connection's life.
func (w *watch) listen(l *line) error {
	client := w.client
	if w.client.Mode() == rueidis.ClientModeCluster { // whose own connections take one slot each
		if client = w.client.Nodes()[l.node]; client == nil {
			return errors.New("there is no such node, or none yet")
		}
	}
	conn, release := client.Dedicate()
	defer release()
	moved := make(chan struct{}, 1)
	down := conn.SetPubSubHooks(rueidis.PubSubHooks{
		OnMessage: w.heard,
		OnSubscription: func(s rueidis.PubSubSubscription) {
			if s.Kind == "sunsubscribe" && l.left(codeOf(s.Channel)) {
				select {
				case moved <- struct{}{}:
				default:
				}
			}
		},
	})
	for all := true; ; all = false {
		if err := w.subscribe(conn, l, all); err != nil {
			return err
		}
		select {
		case <-w.ctx.Done():
			return w.ctx.Err()
		case err := <-down:
			return err
		case <-moved:
			return errors.New("a slot moved to another node")
		case <-l.wake:
		}
	}
}

// subscribe tells Redis what has changed in what is to be listened to.
func (w *watch) subscribe(conn rueidis.DedicatedClient, l *line, all bool) error {
	listen, leave := l.changes(all)
	for _, codes := range byTag(listen) {
		if err := conn.Do(w.ctx, conn.B().Ssubscribe().Channel(channels(codes)...).Build()).Error(); err != nil {
			return err
		}
		for _, code := range codes {
			w.watchers.Tell(code, play.Snapshot{})
		}
	}
	for _, codes := range byTag(leave) {
		if err := conn.Do(w.ctx, conn.B().Sunsubscribe().Channel(channels(codes)...).Build()).Error(); err != nil {
			return err
		}
	}
	return nil
}

// byTag parts codes so that each part lies in one slot.
func byTag(codes []string) map[string][]string {
	parts := map[string][]string{}
	for _, code := range codes {
		parts[tag(code)] = append(parts[tag(code)], code)
	}
	return parts
}

// A room's channel has the name of its key.
func channels(codes []string) []string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = roomKey(code)
	}
	return names
}

func codeOf(channel string) string { return channel[strings.LastIndexByte(channel, ':')+1:] }

// heard takes a message of commit.lua: the commit's id and the snapshot.
func (w *watch) heard(m rueidis.PubSubMessage) {
	code := codeOf(m.Channel)
	if note, ok := strings.CutPrefix(m.Message, audiencePrefix); ok {
		w.announced(code, note)
		return
	}
	if note, ok := strings.CutPrefix(m.Message, gesturePrefix); ok {
		w.gestured(code, note)
		return
	}
	id, data, _ := strings.Cut(m.Message, " ")
	state, err := room.Decode([]byte(data))
	if err != nil { // of a newer version: whoever wants to know asks, and is told why not
		w.watchers.Tell(code, play.Snapshot{})
		return
	}
	w.watchers.Tell(code, play.Snapshot{State: state, Commit: id})
}
