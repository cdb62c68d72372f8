package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"tictac/e2e/client"
)

// both does two things at the same instant, as nearly as it can be done.
func both(one, other func()) {
	var wg sync.WaitGroup
	ready := make(chan struct{})
	for _, do := range []func(){one, other} {
		wg.Go(func() { <-ready; do() })
	}
	close(ready)
	wg.Wait()
}

// TestClusterRaces has two servers told at the same instant what cannot both be.
func TestClusterRaces(t *testing.T) {
	t.Parallel()
	const rooms = 25
	c := startCluster(t, noLimits...)
	for _, race := range []struct {
		name string
		run  func(context.Context, *cluster) error
	}{
		{"two guests join", raceJoins},
		{"a move against a resign", raceResign},
		{"rematch pressed on both", raceRematch},
		{"the same move on two servers", raceSameMove},
		{"two different moves on two servers", raceTwoMoves},
		{"the host leaves while the guest's server looks", raceLeave},
	} {
		t.Run(race.name, func(t *testing.T) {
			ctx := patience(t, 30*time.Second)
			for range rooms {
				if err := race.run(ctx, c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	conflicts := 0.0
	for _, s := range c.servers {
		conflicts += s.metric("tictac_commit_conflicts_total")
	}
	if conflicts == 0 {
		t.Error("no commit met another: these were no races")
	}
	t.Logf("%v conflicts", conflicts)
}

func raceJoins(_ context.Context, c *cluster) error {
	host, err := client.Create(c.addrs[2], "Ann")
	if err != nil {
		return err
	}
	var errs [2]error
	join := func(i int) func() {
		return func() { _, errs[i] = client.Join(c.addrs[i], host.Code, "Bob") }
	}
	both(join(0), join(1))
	if errs[1] == nil {
		errs[0], errs[1] = errs[1], errs[0]
	}
	if errs[0] != nil || !isProblem(errs[1], "game_full") {
		return fmt.Errorf("joining was answered with %v and %v", errs[0], errs[1])
	}
	return nil
}

func raceResign(ctx context.Context, c *cluster) error {
	m := c.match(0)
	defer m.close()
	both(func() { m.host.Say(firstMove(4)) }, func() { m.guest.Say(map[string]string{"type": "resign"}) })
	v, err := m.host.Await(ctx, isOver(1))
	if err != nil {
		return err
	}
	w, err := m.guest.Await(ctx, isOver(1))
	if err != nil {
		return err
	}
	if v.Ended != "resign" || v.Winner != "X" || v.Ply > 1 || v.Board != w.Board {
		return fmt.Errorf("the host sees %+v, the guest %+v", v, w)
	}
	if v.Ply == 1 {
		return nil
	}
	if code, err := m.host.Refused(ctx); err != nil || code != "not_playing" {
		return fmt.Errorf("the move that came too late was refused with %q, %v", code, err)
	}
	return nil
}

func raceRematch(ctx context.Context, c *cluster) error {
	m := c.match(0)
	defer m.close()
	if err := m.play(ctx, 1, 0, lineWins, nil); err != nil {
		return err
	}
	for _, p := range []*client.Player{m.host, m.guest} {
		if _, err := p.Await(ctx, isOver(1)); err != nil {
			return err
		}
	}
	rematch := map[string]string{"type": "rematch"}
	both(func() { m.host.Say(rematch) }, func() { m.guest.Say(rematch) })
	return m.play(ctx, 2, 0, draws, nil)
}

// firstMove is the first move of a room, whatever its sender has seen since.
func firstMove(cell int) any {
	return map[string]any{"type": "move", "cell": cell, "round": 1, "ply": 0}
}

// twoDevices is a match whose host has another device, on the third server.
func twoDevices(ctx context.Context, c *cluster) (*match, *client.Player, error) {
	m := c.match(0)
	device := client.Roam([]string{c.addrs[2]}, m.host.Seat, m.game)
	_, err := device.Await(ctx, nil)
	return m, device, err
}

func raceSameMove(ctx context.Context, c *cluster) error {
	m, device, err := twoDevices(ctx, c)
	defer m.close()
	defer device.Close()
	if err != nil {
		return err
	}
	both(func() { m.host.Say(firstMove(4)) }, func() { device.Say(firstMove(4)) })
	for _, p := range []*client.Player{m.host, device} {
		v, err := p.Await(ctx, func(v client.View) bool { return v.Ply > 0 })
		if err != nil {
			return err
		}
		if v.Board != "....X...." {
			return fmt.Errorf("the same move twice led to %+v", v)
		}
	}
	if err := m.play(ctx, 1, 1, []int{0}, nil); err != nil {
		return err
	}
	soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	for _, p := range []*client.Player{m.host, device} {
		if code, err := p.Refused(soon); err == nil {
			return fmt.Errorf("the same move, sent to another server, was refused with %q", code)
		}
	}
	return nil
}

func raceTwoMoves(ctx context.Context, c *cluster) error {
	m, device, err := twoDevices(ctx, c)
	defer m.close()
	defer device.Close()
	if err != nil {
		return err
	}
	both(func() { m.host.Say(firstMove(4)) }, func() { device.Say(firstMove(0)) })
	v, err := m.guest.Await(ctx, func(v client.View) bool { return v.Ply > 0 })
	if err != nil {
		return err
	}
	loser := device
	if v.Board != "....X...." {
		loser = m.host
	}
	code, err := loser.Refused(ctx)
	if err != nil || code != "stale" || v.Ply != 1 {
		return fmt.Errorf("two moves: the second was refused with %q, %v; the room is %+v", code, err, v)
	}
	return nil
}

// raceLeave has the guest's server ask for the room at the moment in which it
// closes: the guest is to be told why it did, not to be sent elsewhere.
func raceLeave(ctx context.Context, c *cluster) error {
	m := c.match(0)
	defer m.close()
	both(func() { m.host.Say(leave) }, func() {
		for range 5 {
			_, _ = client.Look(c.addrs[1], m.host.Seat.Code)
		}
	})
	reason, err := m.guest.AwaitGone(ctx)
	if err != nil || reason != "host_left" || m.guest.Codes()[1012] > 0 {
		return fmt.Errorf("the guest was told %q (%v), and closed with %v", reason, err, m.guest.Codes())
	}
	return nil
}

// TestClusterTwoDevices holds a seat from two servers, which is online until
// both are gone.
func TestClusterTwoDevices(t *testing.T) {
	t.Parallel()
	c := startCluster(t, noLimits...)
	ctx := patience(t, 60*time.Second)
	for _, first := range []string{"the first", "the second"} {
		m, device, err := twoDevices(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		one, other := m.host, device
		if first == "the second" {
			one, other = other, one
		}
		one.Close()
		soon, cancel := context.WithTimeout(ctx, time.Second)
		if v, err := m.guest.Await(soon, online("host", false)); err == nil {
			t.Errorf("two devices: %s closed: the seat is away, with the other on it: %+v", first, v)
		}
		cancel()
		if err := other.Move(ctx, 4); err != nil {
			t.Errorf("two devices: %s closed: %v", first, err)
		}
		other.Close()
		if _, err := m.guest.Await(ctx, online("host", false)); err != nil {
			t.Errorf("two devices: both closed: %v", err)
		}
	}

	m, device, err := twoDevices(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	m.host.Close()
	c.servers[2].kill() // the other device's: nobody tells
	if _, err := m.guest.Await(patience(t, 30*time.Second), online("host", false)); err != nil {
		t.Errorf("two devices: one closed, the server of the other dead: %v", err)
	}
}
