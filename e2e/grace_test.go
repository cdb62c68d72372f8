package e2e

import (
	"errors"
	"testing"
	"time"

	"tictac/e2e/client"
)

func isProblem(err error, code string) bool {
	var p client.Problem
	return errors.As(err, &p) && p.Code == code
}

func awaitGone(t *testing.T, what string, p *client.Player, want string) {
	t.Helper()
	if reason, err := p.AwaitGone(patience(t, patient)); err != nil || reason != want {
		t.Errorf("%s: the room closed with %q (%v), not %q", what, reason, err, want)
	}
}

func awaitNotFound(t *testing.T, what, addr, code string) {
	t.Helper()
	eventually(t, patient, what+": 404", func() error {
		if _, err := client.Look(addr, code); !isProblem(err, "game_not_found") {
			return errors.New("the room is still there")
		}
		return nil
	})
}

// TestHostVanishes closes the host's socket in mid-game.
func TestHostVanishes(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t), "--grace", "1s")
	m := newMatch(t, s)
	began := time.Now()
	m.host.Close()
	v, err := m.guest.Await(patience(t, patient), online("host", false))
	if err != nil {
		t.Fatal(err)
	}
	if left := *v.Host.BackInMS; left <= 0 || left > 1000 {
		t.Errorf("host vanishes: the countdown is %d ms, not within 1 s", left)
	}
	awaitGone(t, "host vanishes", m.guest, "host_left")
	if took := time.Since(began); took < time.Second {
		t.Errorf("host vanishes: the room closed after %v, before the grace was over", took)
	}
	awaitNotFound(t, "host vanishes", s.addr, m.host.Seat.Code)
	if n := s.metric(`tictac_games_finished_total{ended="left"}`); n != 1 {
		t.Errorf("host vanishes: %v games ended as left", n)
	}
}

// TestGuestVanishes closes the guest's socket in mid-game, after a won round.
func TestGuestVanishes(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t), append([]string{"--grace", "1s"}, noLimits...)...)
	m := newMatch(t, s)
	ctx := patience(t, patient)
	if err := errors.Join(m.play(ctx, 1, 0, lineWins, nil), m.rematch(ctx, 2), m.play(ctx, 2, 0, draws[:3], nil)); err != nil {
		t.Fatal(err)
	}
	old := m.guest.Seat
	m.guest.Close()
	v, err := m.host.Await(ctx, func(v client.View) bool { return v.Phase == "waiting" })
	if err != nil {
		t.Fatal(err)
	}
	if v.Ended != "left" || v.Round != 2 {
		t.Errorf("guest vanishes: the waiting view is %+v", v)
	}
	freed, err := client.Dial(ctx, s.addr, old.Code)
	if err != nil {
		t.Fatal(err)
	}
	defer freed.Drop()
	freed.Within(patient)
	_ = freed.Hello(old.Secret)
	if _, err := freed.Read(); !isClose(err, 4001) {
		t.Errorf("guest vanishes: hello with the freed seat: %v, not 4001", err)
	}
	seat, err := client.Join(s.addr, old.Code, "Cleo")
	if err != nil {
		t.Fatal(err)
	}
	m.guest = client.Enter(s.addr, seat, m.game)
	v, err = m.host.Await(ctx, func(v client.View) bool { return v.Of("guest").Online })
	if err != nil {
		t.Fatal(err)
	}
	if v.Round != 3 || v.Host.Mark != "X" || v.Guest.Name != "Cleo" || v.Host.Wins+v.Guest.Wins+v.Draws != 0 || v.Ended != "" {
		t.Errorf("guest vanishes: the next guest begins with %+v", v)
	}
	if err := m.play(ctx, 3, 0, oWins, nil); err != nil {
		t.Error(err)
	}
}

func isClose(err error, code int) bool {
	var c client.CloseError
	return errors.As(err, &c) && c.Code == code
}

// TestBothVanish leaves a room with nobody in it.
func TestBothVanish(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t), "--grace", "500ms")
	m := newMatch(t, s)
	m.close()
	awaitNotFound(t, "both vanish", s.addr, m.host.Seat.Code)
	if n := s.metric("tictac_rooms"); n != 0 {
		t.Errorf("both vanish: %v rooms are left", n)
	}
}

// TestNoGrace frees seats at once, and yet lets players arrive.
func TestNoGrace(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t), "--grace", "0s", "--waiting-grace", "0s")
	host, err := client.Create(s.addr, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	v, err := client.Look(s.addr, host.Code)
	if err != nil {
		t.Fatalf("--grace 0s: a seat just handed out did not wait for its first hello: %v", err)
	}
	if left := *v.Host.BackInMS; left < 5_000 || left > 10_000 {
		t.Errorf("--grace 0s: a seat just handed out waits %d ms", left)
	}
	guest, err := client.Join(s.addr, host.Code, "Bob")
	if err != nil {
		t.Fatal(err)
	}
	game := client.NewGame()
	h, g := client.Enter(s.addr, host, game), client.Enter(s.addr, guest, game)
	defer h.Close()
	m := &match{game, h, g}
	if err := m.bothOnline(patience(t, patient)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	g.Close()
	if v, err = h.Await(patience(t, patient), func(v client.View) bool { return v.Phase == "waiting" }); err != nil || v.Ended != "left" {
		t.Errorf("--grace 0s: %+v, %v", v, err)
	}
	within(t, "--grace 0s: the guest's seat is freed", time.Since(began), 300*time.Millisecond)
	h.Close()
	awaitNotFound(t, "--waiting-grace 0s", s.addr, host.Code)
}

// TestWaitingGrace is a host who went to send the link.
func TestWaitingGrace(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t), "--grace", "100ms", "--waiting-grace", "3s")
	host, err := client.Create(s.addr, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	ctx := patience(t, patient)
	p := client.Enter(s.addr, host, client.NewGame())
	if _, err := p.Await(ctx, online("host", true)); err != nil {
		t.Fatal(err)
	}
	p.Close()
	time.Sleep(2 * time.Second)
	p = client.Enter(s.addr, host, client.NewGame())
	if _, err := p.Await(ctx, online("host", true)); err != nil {
		t.Errorf("--waiting-grace: after 2 s of 3: %v", err)
	}
	p.Close()
	time.Sleep(time.Second)
	if v, err := client.Look(s.addr, host.Code); err != nil || *v.Host.BackInMS > 2500 || *v.Host.BackInMS <= 0 {
		t.Errorf("--waiting-grace: a second after the host went: %+v, %v", v, err)
	}
	awaitNotFound(t, "--waiting-grace", s.addr, host.Code)
}

// TestIdle closes a room in which nothing happens, though sockets are open and
// say ping.
func TestIdle(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t), append([]string{"--idle", "2s"}, noLimits...)...)
	m := newMatch(t, s)
	watcher := client.Enter(s.addr, client.Seat{Code: m.host.Seat.Code, You: "spectator"}, m.game)
	defer watcher.Close()
	ctx := patience(t, patient)
	for i, cell := range draws[:4] { // each puts it off
		time.Sleep(time.Second)
		if err := m.play(ctx, 1, i, []int{cell}, nil); err != nil {
			t.Fatalf("--idle: the room closed while it was played in: %v", err)
		}
	}
	began := time.Now()
	stop := time.AfterFunc(time.Second, func() { m.host.Say(map[string]string{"type": "ping"}) })
	defer stop.Stop()
	for _, p := range []*client.Player{m.host, m.guest, watcher} {
		awaitGone(t, "--idle", p, "expired")
	}
	if took := time.Since(began); took < 1500*time.Millisecond || took > 10*time.Second {
		t.Errorf("--idle 2s: the room closed after %v", took)
	}
	awaitNotFound(t, "--idle", s.addr, m.host.Seat.Code)
}

// TestRestartGivesFullGrace has a player away while the server is down for
// longer than the grace.
func TestRestartGivesFullGrace(t *testing.T) {
	t.Parallel()
	s := start(t, newFile(t), append([]string{"--grace", "4s"}, noLimits...)...)
	m, gone := newMatch(t, s), newMatch(t, s)
	ctx := patience(t, 40*time.Second)
	if err := m.play(ctx, 1, 0, draws[:5], nil); err != nil {
		t.Fatal(err)
	}
	m.guest.Close()
	gone.guest.Close()
	if _, err := m.host.Await(ctx, online("guest", false)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2500 * time.Millisecond)
	s.kill()
	time.Sleep(2500 * time.Millisecond) // by the clock, the grace is over
	s.again()
	up := time.Now()
	time.Sleep(2 * time.Second)
	m.guest = client.Enter(s.addr, m.guest.Seat, m.game)
	if err := m.play(ctx, 1, 5, draws[5:], nil); err != nil {
		t.Errorf("restart: a guest who came back 2 s after it, of a grace of 4 s: %v", err)
	}
	if _, err := gone.host.Await(ctx, func(v client.View) bool { return v.Phase == "waiting" }); err != nil {
		t.Fatal(err)
	}
	t.Logf("restart: an absent guest's seat was freed after %v, with --grace 4s", time.Since(up).Round(100*time.Millisecond))
	if took := time.Since(up); took < 3500*time.Millisecond {
		t.Errorf("restart: an absent guest's seat was freed %v after it, not a full grace of 4 s", took)
	}
}
