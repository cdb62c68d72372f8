package storetest_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/storetest"
)

var rules = room.Rules{Grace: time.Hour, WaitingGrace: time.Hour, Idle: 10 * time.Hour}

// house opens a running House for one test.
func house(t testing.TB, store play.Store) *play.House {
	t.Helper()
	h, err := play.Open(t.Context(), play.Config{Store: store, Rules: rules, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = h.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		h.Close()
	})
	return h
}

// A table is a room with both players in it, over a store that can fail.
type table struct {
	store       *storetest.Faulty
	house       *play.House
	code        string
	host, guest *storetest.Player
}

func sit(t testing.TB, under play.Store, cells ...int) *table {
	t.Helper()
	tb := &table{store: storetest.NewFaulty(under)}
	tb.house = house(t, tb.store)
	var secret, guest string
	insist(t, func() (err error) {
		tb.code, secret, err = tb.house.Create(t.Context(), play.Opening{Name: "Ann"})
		return err
	})
	insist(t, func() (err error) { guest, err = tb.house.Join(t.Context(), tb.code, "Bob", ""); return err })
	tb.host, tb.guest = storetest.Sit(t, tb.house, tb.code, secret), storetest.Sit(t, tb.house, tb.code, guest)
	for ply, cell := range cells {
		p := []*storetest.Player{tb.host, tb.guest}[ply%2]
		insist(t, func() error { _, err := p.Move(cell, 1, ply); return err })
	}
	return tb
}

// insist does again what a slow machine made unavailable: many tests run here
// at once, and their preparations are not what they are about.
func insist(t testing.TB, do func() error) {
	t.Helper()
	err := do()
	for tries := 0; err == play.Unavailable && tries < 5; tries++ {
		err = do()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A kind of trouble: what the store does to the next commit, and to the looks
// that follow.
var troubles = map[string]func() func(storetest.Op) storetest.Fault{}

func init() {
	names := map[storetest.Fault]string{
		storetest.NotMade: "NotMade", storetest.Made: "Made", storetest.Late: "Late",
		storetest.Hang: "Hang", storetest.HangMade: "HangMade",
	}
	for fault, name := range names {
		troubles[name] = func() func(storetest.Op) storetest.Fault { return storetest.Next(storetest.OpCommit, fault) }
		troubles[name+"NoLoad"] = func() func(storetest.Op) storetest.Fault {
			return storetest.Both(storetest.Next(storetest.OpCommit, fault), storetest.Next(storetest.OpLoad, storetest.NotMade, storetest.NotMade))
		}
	}
	troubles["LoadsHang"] = func() func(storetest.Op) storetest.Fault {
		return storetest.Both(storetest.Next(storetest.OpCommit, storetest.NotMade), storetest.Next(storetest.OpLoad, storetest.Hang))
	}
}

// After each kind of fault a command is answered with success or unavailable;
// said again until it is answered, it has happened once; and both players see it.
func TestFaults(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	defer wg.Wait()
	for name, c := range map[string]struct {
		cells []int
		say   func(tb *table) (bool, error)
		is    func(s room.State) bool
		again room.Refusal // what a resend may be told when it had happened
	}{
		"move":    {nil, func(tb *table) (bool, error) { return tb.host.Move(4, 1, 0) }, func(s room.State) bool { return s.Ply() == 1 && s.Moves[0].Cell == 4 }, ""},
		"win":     {[]int{0, 3, 1, 4}, func(tb *table) (bool, error) { return tb.host.Move(2, 1, 4) }, func(s room.State) bool { return s.Ended == room.ByLine && s.Host.Wins == 1 && s.Ply() == 5 }, ""},
		"resign":  {[]int{0}, func(tb *table) (bool, error) { return tb.guest.Resign() }, func(s room.State) bool { return s.Ended == room.ByResign && s.Host.Wins == 1 }, room.NotPlaying},
		"rematch": {[]int{0, 3, 1, 4, 2}, func(tb *table) (bool, error) { return tb.guest.Rematch() }, func(s room.State) bool { return s.Phase == room.Over && s.Guest.Rematch && s.Host.Wins == 1 }, ""},
		"quit":    {nil, func(tb *table) (bool, error) { return tb.guest.Leave() }, func(s room.State) bool { return s.Phase == room.Waiting && s.Ended == room.ByLeft }, room.NotSeated},
		"close":   {nil, func(tb *table) (bool, error) { return tb.host.Leave() }, func(s room.State) bool { return s.Gone() }, room.NotFound},
	} {
		wg.Go(func() {
			each(t, name, func(t *testing.T, tb *table) {
				for tries := 0; ; tries++ {
					_, err := c.say(tb)
					switch {
					case err == nil, tries > 0 && err == c.again:
					case err != play.Unavailable:
						t.Fatalf("try %d: %v", tries, err)
					case tries > 5:
						t.Fatal("unavailable for good")
					default:
						time.Sleep(5 * time.Millisecond)
						continue
					}
					break
				}
				tb.host.Await(t, "the host sees it", c.is)
				tb.guest.Await(t, "the guest sees it", c.is)
				tb.store.Wait()
				tb.settled(t, c.is)
			}, c.cells...)
		})
	}
}

// What was answered with unavailable and never said again: players see by
// themselves what became of it.
func TestFaultsHealThemselves(t *testing.T) {
	t.Parallel()
	each(t, "", func(t *testing.T, tb *table) {
		_, err := tb.host.Move(4, 1, 0)
		if err != nil && err != play.Unavailable {
			t.Fatal(err)
		}
		tb.store.Wait()
		snap, loadErr := tb.store.Load(t.Context(), tb.code)
		for loadErr == storetest.ErrFault {
			snap, loadErr = tb.store.Load(t.Context(), tb.code)
		}
		if loadErr != nil || err == nil && snap.Ply() != 1 {
			t.Fatalf("the move was acknowledged, and the store has %d: %v", snap.Ply(), loadErr)
		}
		for _, p := range []*storetest.Player{tb.host, tb.guest} {
			p.Await(t, "the view is what the store has", func(s room.State) bool { return s.Ply() == snap.Ply() })
		}
		tb.settled(t, func(s room.State) bool { return s.Ply() == snap.Ply() })
	})
}

// Sockets that come and go while the store fails are put right without anybody
// saying anything.
func TestPresenceHealsItself(t *testing.T) {
	t.Parallel()
	each(t, "", func(t *testing.T, tb *table) {
		tb.guest.Close()
		tb.host.Await(t, "the guest is seen to be away", func(s room.State) bool { return s.Guest.Away() })
		tb.store.Wait()
		tb.settled(t, func(s room.State) bool { return s.Guest.Away() && !s.Host.Away() })
	})
}

// A hello over a failing store may be said again, and leaves nobody online who
// is not.
func TestHelloHealsItself(t *testing.T) {
	t.Parallel()
	each(t, "", func(t *testing.T, tb *table) {
		tb.store.Heal()
		tb.guest.Close()
		tb.host.Await(t, "the guest is away", func(s room.State) bool { return s.Guest.Away() })
		tb.store.Inject(troubles[t.Name()[len("TestHelloHealsItself/"):]]())
		p, seat, err := storetest.Enter(tb.house, tb.code, tb.guest.Secret)
		for tries := 0; err == play.Unavailable && tries < 5; tries++ {
			p, seat, err = storetest.Enter(tb.house, tb.code, tb.guest.Secret)
		}
		if err != nil || seat != room.Guest {
			t.Fatalf("hello: %v, %v", seat, err)
		}
		defer p.Close()
		tb.host.Await(t, "the guest is back", func(s room.State) bool { return !s.Guest.Away() })
		p.Close()
		tb.host.Await(t, "the guest is away again", func(s room.State) bool { return s.Guest.Away() })
	})
}

// settled checks what is durable, and that the table goes on.
func (tb *table) settled(t *testing.T, is func(room.State) bool) {
	t.Helper()
	tb.store.Heal()
	snap, err := tb.store.Load(t.Context(), tb.code)
	if err == play.ErrNotFound {
		snap.Phase = room.Closed
	} else if err != nil {
		t.Fatal(err)
	}
	if !is(snap.State) {
		t.Errorf("the store has %+v", snap.State)
	}
	insist(t, func() error {
		_, err := tb.house.Look(t.Context(), tb.code)
		if err == room.NotFound && snap.Gone() {
			return nil
		}
		return err
	})
}

// each runs a test under each trouble, all at once, since some of them wait.
func each(t *testing.T, name string, test func(t *testing.T, tb *table), cells ...int) {
	under := database(t)
	var wg sync.WaitGroup
	for trouble, inject := range troubles {
		wg.Go(func() {
			t.Run(fmt.Sprint(name, trouble), func(t *testing.T) {
				tb := sit(t, under, cells...)
				tb.store.Inject(inject())
				test(t, tb)
			})
		})
	}
	wg.Wait()
}

// A server that another takes for dead by mistake, and whose sockets that one has
// taken out of a room, puts them back by itself.
func TestTakenForDead(t *testing.T) {
	under := database(t)
	here, there := house(t, storetest.Shared{Store: under}), house(t, under) // for sqlite all others are dead
	code, secret, err := here.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	host := storetest.Sit(t, here, code, secret)
	if _, err := there.Join(t.Context(), code, "Bob", ""); err != nil { // comes with Lost{here}
		t.Fatal(err)
	}
	host.Await(t, "the guest is there", func(s room.State) bool { return s.Phase == room.Playing })
	for end := time.Now().Add(3 * time.Second); host.View().State.Host.Away(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the host, who has a socket here, is away for good")
		}
	}
}

// gated is a store whose loads, once read, can be held back.
type gated struct {
	play.Store
	hold chan chan struct{} // a load under way says so, and waits
}

func (g gated) Load(ctx context.Context, code string) (play.Snapshot, error) {
	snap, err := g.Store.Load(ctx, code)
	select {
	case gate := <-g.hold:
		gate <- struct{}{}
		<-gate
	default:
	}
	return snap, err
}

// A commit of another server that is heard of between the reading of a load and
// its return must not be forgotten: nobody tells of it again.
func TestHeardDuringALoad(t *testing.T) {
	under := storetest.Shared{Store: database(t)}
	one := gated{under, make(chan chan struct{}, 1)}
	here, there := house(t, one), house(t, under)
	code, secret, err := there.Create(t.Context(), play.Opening{Name: "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	guest, err := there.Join(t.Context(), code, "Bob", "")
	if err != nil {
		t.Fatal(err)
	}
	host, bob := storetest.Sit(t, there, code, secret), storetest.Sit(t, here, code, guest)
	bob.Await(t, "both are here", func(s room.State) bool { return !s.Host.Away() && !s.Guest.Away() })

	gate := make(chan struct{})
	one.hold <- gate
	go func() { _, _ = here.Look(context.Background(), code) }()
	<-gate // the old room has been read
	if _, err := host.Move(4, 1, 0); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // the other server hears of it meanwhile
	gate <- struct{}{}
	end := time.Now().Add(3 * time.Second)
	for bob.View().State.Ply() != 1 {
		if time.Now().After(end) {
			t.Fatal("the guest never sees the host's move")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
