package sqlite_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/sqlite"
)

// opened is the commit that opens a room; next is what a command makes of one.
func opened(code string) play.Commit {
	return next(room.State{}, room.Create{
		Code: code, Key: "host", Name: "Ann", Rules: room.Rules{Grace: time.Hour, WaitingGrace: time.Hour, Idle: time.Hour},
	})
}

func next(s room.State, cmd room.Command) play.Commit {
	events, err := room.Decide(s, cmd, time.Now())
	if err != nil || len(events) == 0 {
		panic(fmt.Sprintf("%+v leads nowhere: %v", cmd, err))
	}
	c := play.Commit{ID: rand.Text(), State: new(room.Fold(s, events)), Events: events}
	c.Reindex = s.Wake != c.State.Wake || events[len(events)-1].Kind == room.Checked
	if record, ok := room.Filed(s, events); ok {
		c.Filed = &record
	}
	return c
}

// toggle is a commit that can be made over and over: the host comes and goes.
func toggle(s room.State) play.Commit {
	if s.Host.Away() {
		return next(s, room.Attach{Key: "host", Server: "one"})
	}
	return next(s, room.Detach{Key: "host", Server: "one"})
}

// write commits to a room of its own until stop, and returns the newest
// revision that was acknowledged by note.
func write(ctx context.Context, s *sqlite.Store, code string, note func(play.Commit)) error {
	c := opened(code)
	for {
		if err := s.Commit(context.Background(), c); err != nil {
			return err
		}
		note(c)
		if ctx.Err() != nil {
			return nil
		}
		c = toggle(*c.State)
	}
}

// copyFiles copies a database as a crash would leave it.
func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(from + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func path(t *testing.T) string { return filepath.Join(t.TempDir(), "tictac.db") }
