package web

import (
	"context"
	"errors"
	"sync"

	"tictac/play"
	"tictac/room"
)

var errFire = errors.New("the disk is on fire")

// A faultyStore does what a test has it do before an operation: fail, wait, or
// panic.
type faultyStore struct {
	play.Store

	mu   sync.Mutex
	load func(ctx context.Context, code string) error
	make func(ctx context.Context, c play.Commit) error
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
