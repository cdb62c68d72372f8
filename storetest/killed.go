package storetest

import (
	"bufio"
	"crypto/rand"
	"os"
	"os/exec"
	"testing"
	"time"

	"tictac/history"
	"tictac/room"
)

// Victims are the players of a test called TestKilled, whose processes are killed.
var Victims = []string{"ann", "bob", "eve", "dan"}

// RunAndKill has a process play for a time, and returns the rounds that it was
// told were durable: each is a line of its output. It runs TestKilled with env.
func RunAndKill(t testing.TB, env string, after time.Duration) (acked []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return nil
	}
	lines := bufio.NewScanner(out)
	var timer *time.Timer
	for lines.Scan() {
		if timer == nil { // it is in full swing
			timer = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		if id := lines.Text(); len(id) == 26 { // the last may be cut off
			acked = append(acked, id)
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("it ended by itself")
	}
	return acked
}

// FastPlay is the next command in a room where rounds end as fast as they can:
// they are resigned at once. The host's key is "host", the guest's "guest".
func FastPlay(s room.State, n int, guest string) room.Command {
	switch {
	case s.Phase == room.Waiting:
		return room.Join{Key: "guest", Name: guest, Who: guest, RoundID: rand.Text(), Matched: true}
	case s.Phase == room.Playing:
		return room.Resign{Key: []string{"host", "guest"}[(n+s.Round)%2]}
	case s.Host.Rematch:
		return room.Rematch{Key: "guest", RoundID: rand.Text()}
	}
	return room.Rematch{Key: "host", RoundID: rand.Text()}
}

// WantCounted checks that what was acknowledged is in the log, and that the log
// is what is counted. It returns how many rounds that are.
func WantCounted(t testing.TB, s interface {
	history.Archive
	Inspector
}, acked map[string]bool) (rounds int) {
	t.Helper()
	played, found := map[string]int{}, 0
	err := s.Rounds(t.Context(), func(r room.Record) error {
		rounds++
		played[r.HostID]++
		played[r.GuestID]++
		if acked[r.ID] {
			found++
		}
		return nil
	})
	if err != nil || found != len(acked) {
		t.Errorf("%d of %d acknowledged rounds are in the log, %v", found, len(acked), err)
	}
	for _, id := range Victims {
		if p, err := s.Player(t.Context(), id); err != nil || p.Stats.Played != played[id] {
			t.Errorf("%s: %d rounds in the log, %d in the statistics, %v", id, played[id], p.Stats.Played, err)
		}
	}
	return rounds
}
