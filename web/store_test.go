package web

import (
	"context"
	"errors"
	"sync"

	"tictac/history"
	"tictac/play"
	"tictac/room"
)

var errFire = errors.New("the disk is on fire")

// A faultyStore does what a test has it do before an operation: fail, wait, or
// panic.
type faultyStore struct {
	play.Store
	history.Archive

	mu   sync.Mutex
	load func(ctx context.Context, code string) error
	make func(ctx context.Context, c play.Commit) error
	read func(ctx context.Context, op string) error
}

func (f *faultyStore) onLoad(hook func(ctx context.Context, code string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.load = hook
}

func (f *faultyStore) onCommit(hook func(ctx context.Context, c play.Commit) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.make = hook
}

func (f *faultyStore) heal() {
	f.onLoad(nil)
	f.onCommit(nil)
	f.onHistory(nil)
}

func (f *faultyStore) hooks() (func(context.Context, string) error, func(context.Context, play.Commit) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.load, f.make
}

func (f *faultyStore) Load(ctx context.Context, code string) (play.Snapshot, error) {
	if hook, _ := f.hooks(); hook != nil {
		if err := hook(ctx, code); err != nil {
			return play.Snapshot{}, err
		}
	}
	return f.Store.Load(ctx, code)
}

func (f *faultyStore) Commit(ctx context.Context, c play.Commit) error {
	if _, hook := f.hooks(); hook != nil {
		if err := hook(ctx, c); err != nil {
			return err
		}
	}
	return f.Store.Commit(ctx, c)
}

// onHistory has the archive do something before it reads or writes.
func (f *faultyStore) onHistory(hook func(ctx context.Context, op string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read = hook
}

func (f *faultyStore) history(ctx context.Context, op string) error {
	f.mu.Lock()
	hook := f.read
	f.mu.Unlock()
	if hook == nil {
		return nil
	}
	return hook(ctx, op)
}

func (f *faultyStore) Enroll(ctx context.Context, id, key, name string, now room.Instant) error {
	if err := f.history(ctx, "enroll"); err != nil {
		return err
	}
	return f.Archive.Enroll(ctx, id, key, name, now)
}

func (f *faultyStore) Identify(ctx context.Context, key string) (string, error) {
	if err := f.history(ctx, "identify"); err != nil {
		return "", err
	}
	return f.Archive.Identify(ctx, key)
}

func (f *faultyStore) Round(ctx context.Context, id string) (room.Record, error) {
	if err := f.history(ctx, "round"); err != nil {
		return room.Record{}, err
	}
	return f.Archive.Round(ctx, id)
}

// moved reports whether a commit has a move in it.
func moved(c play.Commit) bool {
	for _, e := range c.Events {
		if e.Kind == room.Moved {
			return true
		}
	}
	return false
}

// slowMove holds a commit with a move back, once reached, until goOn is closed.
func slowMove(reached, goOn chan struct{}) func(context.Context, play.Commit) error {
	var once sync.Once
	return func(_ context.Context, c play.Commit) error {
		if moved(c) {
			once.Do(func() { close(reached) })
			<-goOn
		}
		return nil
	}
}
