package storetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"tictac/play"
	"tictac/room"
)

// ErrFault is what a call fails with that Faulty has fail.
var ErrFault = errors.New("storetest: the store was told to fail")

// An Op is a call of a store that can fail.
type Op string

// The operations. A Tell that fails is a watcher that is not told.
const (
	OpLoad   Op = "load"
	OpCommit Op = "commit"
	OpDue    Op = "due"
	OpRenew  Op = "renew"
	OpTell   Op = "tell"
)

// A Fault is how a call fails. What is not a commit can but fail or hang.
type Fault int

// The faults.
const (
	None     Fault = iota
	NotMade        // it fails, and is not made
	Made           // it fails, and was made all the same
	Late           // it fails, and is made a moment later
	Hang           // it hangs until its context ends, and is not made
	HangMade       // it is made, and hangs until its context ends
)

// lateness is how much later a Late commit is made.
const lateness = 20 * time.Millisecond

// Faulty is a store that fails as it is told.
type Faulty struct {
	store play.Store
	late  sync.WaitGroup

	mu     sync.Mutex
	choose func(Op) Fault // nil: no faults
}

// NewFaulty is store without any faults so far.
func NewFaulty(store play.Store) *Faulty { return &Faulty{store: store} }

// Inject has choose asked at each call how it is to fail; one call at a time.
func (f *Faulty) Inject(choose func(Op) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.choose = choose
}

// Heal has the store work again.
func (f *Faulty) Heal() { f.Inject(nil) }

// Wait waits for Late commits.
func (f *Faulty) Wait() { f.late.Wait() }

// Next is a choice that has the next calls of one kind fail, a fault each.
func Next(op Op, faults ...Fault) func(Op) Fault {
	return func(o Op) Fault {
		if o != op || len(faults) == 0 {
			return None
		}
		fault := faults[0]
		faults = faults[1:]
		return fault
	}
}

// Both is a choice that asks each of some choices.
func Both(choices ...func(Op) Fault) func(Op) Fault {
	return func(o Op) (fault Fault) {
		for _, c := range choices {
			fault = max(fault, c(o))
		}
		return fault
	}
}

func (f *Faulty) fault(op Op) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.choose == nil {
		return None
	}
	return f.choose(op)
}

// fail is a fault of a call that changes nothing.
func (f *Faulty) fail(ctx context.Context, op Op) error {
	switch f.fault(op) {
	case None:
		return nil
	case Hang, HangMade:
		<-ctx.Done()
		return ctx.Err()
	}
	return ErrFault
}

// Commit implements play.Store.
func (f *Faulty) Commit(ctx context.Context, c play.Commit) error {
	switch f.fault(OpCommit) {
	case NotMade:
		return ErrFault
	case Made:
		return f.hide(f.store.Commit(ctx, c))
	case Late:
		f.late.Go(func() {
			time.Sleep(lateness)
			_ = f.store.Commit(context.Background(), c) // nobody is there to ask
		})
		return ErrFault
	case Hang:
		<-ctx.Done()
		return ctx.Err()
	case HangMade:
		if err := f.hide(f.store.Commit(ctx, c)); err != ErrFault {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}
	return f.store.Commit(ctx, c)
}

// hide turns success into a failure.
func (f *Faulty) hide(err error) error {
	if err == nil {
		return ErrFault
	}
	return err
}

// Load implements play.Store.
func (f *Faulty) Load(ctx context.Context, code string) (play.Snapshot, error) {
	if err := f.fail(ctx, OpLoad); err != nil {
		return play.Snapshot{}, err
	}
	return f.store.Load(ctx, code)
}

// Watch implements play.Store.
func (f *Faulty) Watch(code string, tell func(play.Snapshot)) (stop func()) {
	return f.store.Watch(code, func(s play.Snapshot) {
		if f.fault(OpTell) == None {
			tell(s)
		}
	})
}

// Due implements play.Store.
func (f *Faulty) Due(ctx context.Context, now room.Instant, limit int) ([]string, error) {
	if err := f.fail(ctx, OpDue); err != nil {
		return nil, err
	}
	return f.store.Due(ctx, now, limit)
}

// Renew implements play.Store.
func (f *Faulty) Renew(ctx context.Context, server string, now room.Instant) (play.Tenure, error) {
	if err := f.fail(ctx, OpRenew); err != nil {
		return play.Tenure{}, err
	}
	return f.store.Renew(ctx, server, now)
}

// Shared is a store of an engine for one server, used by several in a test:
// none of them is dead.
type Shared struct{ play.Store }

// Renew implements play.Store.
func (s Shared) Renew(ctx context.Context, server string, now room.Instant) (play.Tenure, error) {
	tenure, err := s.Store.Renew(ctx, server, now)
	tenure.Dead = func(string) bool { return false }
	return tenure, err
}

// A FaultyQueue is a Faulty store that is a play.Queue as well.
type FaultyQueue struct{ *Faulty }

// Submit implements play.Queue.
func (f FaultyQueue) Submit(ctx context.Context, c play.Commit, done func(error)) {
	f.late.Go(func() { done(f.Commit(ctx, c)) })
}

// AsQueue is f as a play.Queue, if the store under it is one.
func (f *Faulty) AsQueue() play.Store {
	if _, ok := f.store.(play.Queue); ok {
		return FaultyQueue{f}
	}
	return f
}
