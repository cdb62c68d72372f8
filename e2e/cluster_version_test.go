package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"tictac/e2e/client"
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

	newer := strings.Replace(before["snapshot"], `"format":1`, `"format":2`, 1)
	if newer == before["snapshot"] {
		t.Fatalf("no format number in %s", newer)
	}
	write(t, ctx, db, key, "newer", newer)
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

func stored(t *testing.T, ctx context.Context, db rueidis.Client, key string) map[string]string {
	t.Helper()
	fields, err := db.Do(ctx, db.B().Hgetall().Key(key).Build()).AsStrMap()
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

// write does what a commit does, as another version would.
func write(t *testing.T, ctx context.Context, db rueidis.Client, key, id, snapshot string) {
	t.Helper()
	for _, answer := range db.DoMulti(ctx,
		db.B().Hset().Key(key).FieldValue().FieldValue("commit", id).FieldValue("snapshot", snapshot).Build(),
		db.B().Spublish().Channel(key).Message(id+" "+snapshot).Build(),
	) {
		if err := answer.Error(); err != nil {
			t.Fatal(err)
		}
	}
}
