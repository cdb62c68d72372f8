package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"tictac/e2e/client"
)

// TestClusterMatch has two hundred strangers ask for each other at the same
// instant on three servers: a hundred rooms of two, none alone, none twice.
func TestClusterMatch(t *testing.T) {
	t.Parallel()
	const strangers = 200
	c := startCluster(t, noLimits...)
	seats := make([]client.Seat, strangers)
	errs := make([]error, strangers)
	var all sync.WaitGroup
	ready := make(chan struct{})
	for i := range strangers {
		all.Go(func() {
			<-ready
			seats[i], errs[i] = client.Match(c.from(i)[0], "", fmt.Sprintf("P%d", i))
		})
	}
	close(ready)
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	rooms := map[string]map[string]int{}
	for _, s := range seats {
		if rooms[s.Code] == nil {
			rooms[s.Code] = map[string]int{}
		}
		rooms[s.Code][s.You]++
	}
	for code, seated := range rooms {
		if seated["host"] != 1 || seated["guest"] != 1 {
			t.Errorf("room %s seats %v", code, seated)
		}
		v, err := client.Look(c.addrs[0], code)
		if err != nil || v.Phase != "playing" || !v.Rated {
			t.Errorf("room %s is %+v, %v", code, v, err)
		}
	}
	if len(rooms) != strangers/2 {
		t.Errorf("%d rooms", len(rooms))
	}
}

// TestClusterHistory has two strangers meet on two servers, and looks on the third
// at what remains of their game.
func TestClusterHistory(t *testing.T) {
	t.Parallel()
	c := startCluster(t, noLimits...)
	ctx := patience(t, 60*time.Second)
	ann, err := client.Match(c.addrs[0], "", "Ann")
	if err != nil {
		t.Fatal(err)
	}
	bob, err := client.Match(c.addrs[1], "", "Bob")
	if err != nil {
		t.Fatal(err)
	}
	if ann.Code != bob.Code || bob.You != "guest" || ann.Player == "" || bob.Player == "" {
		t.Fatalf("%+v and %+v", ann, bob)
	}
	for _, s := range c.servers {
		s.keepSecret(ann.Secret, bob.Secret, ann.Player, bob.Player)
	}
	m := &match{game: client.NewGame()}
	m.host, m.guest = client.Roam(c.from(0), ann, m.game), client.Roam(c.from(1), bob, m.game)
	defer m.close()
	if err := m.bothOnline(ctx); err != nil {
		t.Fatal(err)
	}
	if err := m.play(ctx, 1, 0, lineWins, nil); err != nil {
		t.Fatal(err)
	}
	if v, err := m.guest.Await(ctx, isOver(1)); err != nil || v.RoundID == "" {
		t.Fatalf("%+v, %v", v, err)
	}
	var me struct {
		ID                string
		Played, Won, Lost int
		Rating            float64
	}
	for who, secret := range map[string]string{"Ann": ann.Player, "Bob": bob.Player} {
		eventually(t, patient, who+" has played once", func() error {
			if err := client.Ask(c.addrs[2], "/api/me", secret, &me); err != nil {
				return err
			}
			if me.Played != 1 || me.Won+me.Lost != 1 || me.Rating == 0 {
				return fmt.Errorf("%+v", me)
			}
			return nil
		})
		var games struct {
			Games []struct{ ID, Result, Replay string }
			Next  string
		}
		if err := client.Ask(c.addrs[2], "/api/players/"+me.ID+"/games", "", &games); err != nil || len(games.Games) != 1 {
			t.Fatalf("%s's games are %+v, %v", who, games, err)
		}
		if status, _, err := client.Get(c.addrs[2], games.Games[0].Replay); err != nil || status != http.StatusOK {
			t.Errorf("the replay: %d, %v", status, err)
		}
	}
}

// TestClusterComputer kills the server on which somebody plays the computer: it
// makes its move all the same.
func TestClusterComputer(t *testing.T) {
	t.Parallel()
	c := startCluster(t, noLimits...)
	ctx := patience(t, 60*time.Second)
	seat, err := client.Open(c.addrs[0], client.Opening{Name: "Ann", Opponent: "perfect"})
	if err != nil {
		t.Fatal(err)
	}
	ann := client.Roam(c.from(0), seat, client.NewGame())
	defer ann.Close()
	for ply := 0; ; ply += 2 {
		v, err := ann.Await(ctx, func(v client.View) bool { return v.Phase == "over" || v.Ply >= ply && ann.MyTurn(v) })
		if err != nil {
			t.Fatal(err)
		}
		if v.Phase == "over" {
			if v.Winner == "X" {
				t.Errorf("perfect has lost: %+v", v)
			}
			break
		}
		if err := ann.Move(ctx, firstFree(v.Board)); err != nil {
			t.Fatal(err)
		}
		if ply == 0 {
			c.servers[0].kill() // while it thinks
		}
	}
}

// firstFree is the best cell that is left to somebody who does not think: the
// centre, then the corners.
func firstFree(board string) int {
	for _, cell := range []int{4, 0, 8, 2, 6, 1, 7, 3, 5} {
		if board[cell] == '.' {
			return cell
		}
	}
	return -1
}

// TestClusterClock has the clock stand while the server of the player to move is
// gone, and no longer: who comes back has time, who does not loses.
func TestClusterClock(t *testing.T) {
	t.Parallel()
	c := startCluster(t, noLimits...)
	ctx := patience(t, 90*time.Second)
	const turn = 5 * time.Second
	host, err := client.Open(c.addrs[0], client.Opening{Name: "Ann", TurnSeconds: 5})
	if err != nil {
		t.Fatal(err)
	}
	guest, err := client.Join(c.addrs[1], host.Code, "Bob")
	if err != nil {
		t.Fatal(err)
	}
	m := &match{game: client.NewGame()}
	m.host, m.guest = client.Roam(c.addrs[:1], host, m.game), client.Roam(c.from(1), guest, m.game)
	defer m.close()
	if err := m.bothOnline(ctx); err != nil {
		t.Fatal(err)
	}
	if err := m.play(ctx, 1, 0, draws[:2], nil); err != nil { // now it is the host's turn
		t.Fatal(err)
	}
	v, err := m.guest.Await(ctx, func(v client.View) bool { return v.Ply == 2 })
	if err != nil || v.TurnMS == nil || *v.TurnMS > 5000 || v.TurnSeconds != 5 {
		t.Fatalf("%+v, %v", v, err)
	}
	began := time.Now()
	c.servers[0].signal(syscall.SIGKILL)
	time.Sleep(turn + 2*time.Second) // longer than the turn, shorter than the clock may stand
	if v, err = client.Look(c.addrs[1], host.Code); err != nil || v.Phase != "playing" {
		t.Fatalf("the clock did not stand for a dead server: %+v, %v", v, err)
	}
	back := client.Roam(c.addrs[2:], host, m.game) // the host's other device
	defer back.Close()
	if v, err = back.Await(ctx, func(v client.View) bool { return v.TurnMS != nil }); err != nil || *v.TurnMS > 5000 {
		t.Fatalf("who is back has more than a whole turn: %+v, %v", v, err)
	}
	if v, err = m.guest.Await(ctx, isOver(1)); err != nil || v.Ended != "clock" || v.Winner != "O" {
		t.Fatalf("%+v, %v", v, err)
	}
	if took := time.Since(began); took < turn+2*time.Second {
		t.Errorf("the clock was called after %v", took)
	}
}
