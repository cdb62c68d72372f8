package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"tictac/e2e/client"
	"tictac/room"
)

// TestClusterTwoVersions has a room taken by a server of the next version, which
// writes a snapshot that this one does not know: its players are sent away, it
// never touches the room, and takes it again when it can read it.
func TestClusterTwoVersions(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	ctx := patience(t, 60*time.Second)
	p := newPair(t, ctx, r.url())
	db, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{r.addr}, DisableCache: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	code := p.host.Code
	key := "room:{" + code[:2] + "}:" + code
	before := stored(t, ctx, db, key)

	newer := strings.Replace(before["snapshot"], format(room.Format), format(room.Format+1), 1)
	if newer == before["snapshot"] {
		t.Fatalf("no format number in %s", newer)
	}
	newer = write(t, ctx, db, key, "newer", newer)
	for _, sock := range []*client.Socket{p.ann, p.bob} {
		sock.Within(patient)
		for err = nil; err == nil; {
			_, err = sock.Read()
		}
		var closed client.CloseError
		if !errors.As(err, &closed) || closed.Code != 1012 {
			t.Errorf("a room of the next version: the sockets: %v", err)
		}
	}
	again, err := client.Dial(ctx, p.server.addr, code)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Drop()
	again.Within(patient)
	var closed client.CloseError
	for err = again.Hello(p.host.Secret); err == nil; {
		_, err = again.Read()
	}
	if !errors.As(err, &closed) || closed.Code != 1013 {
		t.Errorf("a room of the next version: hello: %v", err)
	}
	time.Sleep(2 * time.Second) // it looks again and again
	if now := stored(t, ctx, db, key); now["snapshot"] != newer || now["commit"] != "newer" {
		t.Errorf("a room of the next version was written: %v", now)
	}

	write(t, ctx, db, key, "older", before["snapshot"])
	ann, bob := hello(t, ctx, p.server, p.host), hello(t, ctx, p.server, p.guest)
	move(t, ann, 8, 3)
	move(t, bob, 2, 4)
}

func format(n int) string { return fmt.Sprintf(`"format":%d,`, n) }

func stored(t *testing.T, ctx context.Context, db rueidis.Client, key string) map[string]string {
	t.Helper()
	fields, err := db.Do(ctx, db.B().Hgetall().Key(key).Build()).AsStrMap()
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

// write does what a commit does, as another version would, and returns the
// snapshot as it was stored. Without the next revision, a commit that this version
// happens to make at the same moment would undo it.
func write(t *testing.T, ctx context.Context, db rueidis.Client, key, id, snapshot string) string {
	t.Helper()
	rev, err := db.Do(ctx, db.B().Hincrby().Key(key).Field("rev").Increment(1).Build()).AsInt64()
	if err != nil {
		t.Fatal(err)
	}
	snapshot = regexp.MustCompile(`"rev":[0-9]+`).ReplaceAllString(snapshot, fmt.Sprintf(`"rev":%d`, rev))
	for _, answer := range db.DoMulti(ctx,
		db.B().Hset().Key(key).FieldValue().FieldValue("commit", id).FieldValue("snapshot", snapshot).Build(),
		db.B().Spublish().Channel(key).Message(id+" "+snapshot).Build(),
	) {
		if err := answer.Error(); err != nil {
			t.Fatal(err)
		}
	}
	return snapshot
}

// TestClusterNextVersion runs a server beside one of the next version, which
// writes another format. Rooms are carried over, each by the first of its players
// who comes to the new server: the old one sends the other player there, and
// never writes the room again. Rooms that nobody carries over stay as they are,
// until the old server stops.
func TestClusterNextVersion(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	ctx := patience(t, 90*time.Second)
	old := startOn(t, r.url(), noLimits...)
	next := startVersion(t, nextVersion(t), ownHost()+":0", r.url(), noLimits...)

	var matches []*match
	for range 12 {
		m, err := openMatch(old.addr)
		if err != nil {
			t.Fatal(err)
		}
		m.close()
		both := []string{old.addr, next.addr}
		m.host, m.guest = client.Roam(both, m.host.Seat, m.game), client.Roam(both, m.guest.Seat, m.game)
		t.Cleanup(m.close)
		if err := errors.Join(m.bothOnline(ctx), m.play(ctx, 1, 0, draws[:2], nil)); err != nil {
			t.Fatal(err)
		}
		matches = append(matches, m)
	}
	formats := listenForFormats(t, r, matches)
	carried, staying := matches[:8], matches[8:]
	for i, m := range carried {
		[]*client.Player{m.host, m.guest}[i%2].Drop()
	}
	for i, m := range carried {
		if err := errors.Join(m.bothOnline(ctx), m.play(ctx, 1, 2, draws[2:6], nil)); err != nil {
			t.Errorf("a room that is carried over: %v", err)
		}
		other := []*client.Player{m.guest, m.host}[i%2]
		if codes := other.Codes(); codes[1012] == 0 || codes[1006] > 0 || other.At() != next.addr {
			t.Errorf("who sat on the old server is on %s (the new one is %s), after %v", other.At(), next.addr, codes)
		}
	}
	for _, m := range staying {
		if err := m.play(ctx, 1, 2, draws[2:6], nil); err != nil {
			t.Errorf("a room that stays: %v", err)
		}
		if codes := m.host.Codes(); len(codes) > 0 || m.host.At() != old.addr {
			t.Errorf("a room that stays: its host is on %s, after %v", m.host.At(), codes)
		}
	}
	old.signal(syscall.SIGTERM)
	if code := old.wait(30 * time.Second); code != 0 {
		t.Errorf("the old server: exit code %d", code)
	}
	for _, m := range matches {
		if err := m.play(ctx, 1, 6, draws[6:], nil); err != nil {
			t.Errorf("on the new server alone: %v", err)
		}
		for _, p := range []*client.Player{m.host, m.guest} {
			if _, err := p.Await(ctx, isOver(1)); err != nil {
				t.Error(err)
			}
		}
		if err := m.rematch(ctx, 2); err != nil {
			t.Error(err)
		}
	}
	rounds := r.filed()
	for _, m := range matches {
		m.checkFiled(t, rounds[m.host.Seat.Code])
	}
	for code, seen := range formats() {
		if !slices.IsSorted(seen) || len(seen) == 0 || seen[len(seen)-1] != room.Format+1 {
			t.Errorf("room %s was written in the formats %v", code, seen)
		}
	}
}

// listenForFormats notes in which format each room is written, one time after
// the other.
func listenForFormats(t *testing.T, r *redisServer, matches []*match) func() map[string][]int {
	t.Helper()
	db, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{r.addr}, DisableCache: true})
	if err != nil {
		t.Fatal(err)
	}
	conn, release := db.Dedicate()
	t.Cleanup(func() { release(); db.Close() })
	var mu sync.Mutex
	seen := map[string][]int{}
	conn.SetPubSubHooks(rueidis.PubSubHooks{OnMessage: func(m rueidis.PubSubMessage) {
		_, data, _ := strings.Cut(m.Message, " ")
		var snap struct {
			Code   string
			Format int
		}
		if json.Unmarshal([]byte(data), &snap) == nil && snap.Format > 0 {
			mu.Lock()
			defer mu.Unlock()
			seen[snap.Code] = append(seen[snap.Code], snap.Format)
		}
	}})
	for _, m := range matches {
		code := m.host.Seat.Code
		mu.Lock()
		seen[code] = nil
		mu.Unlock()
		channel := "room:{" + code[:2] + "}:" + code
		if err := conn.Do(patience(t, patient), conn.B().Ssubscribe().Channel(channel).Build()).Error(); err != nil {
			t.Fatal(err)
		}
	}
	return func() map[string][]int {
		mu.Lock()
		defer mu.Unlock()
		return seen
	}
}
