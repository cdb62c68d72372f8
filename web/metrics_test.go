package web

import (
	"context"
	"strings"
	"testing"

	"tictac/play"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"tictac_rooms", "tictac_players", "tictac_spectators", "tictac_moves_total", "tictac_commit_conflicts_total", "tictac_move_seconds_count", "tictac_reconnects_total"} {
		w.wantMetric(name, 0)
	}
	host, guest, code := w.play()
	watcher := w.watch(code)
	w.watch(w.create("Cy").Code) // nobody has a seat here
	w.wantMetric("tictac_rooms", 2)
	w.wantMetric("tictac_players", 2)
	w.wantMetric("tictac_spectators", 2)
	w.do("GET", "/api/games/ffffff", "")
	w.wantMetric("tictac_rooms", 2)

	line(host, guest)
	w.wantMetric("tictac_moves_total", 5)
	w.wantMetric("tictac_move_seconds_count", 5)
	w.wantMetric(`tictac_games_finished_total{ended="line"}`, 1)
	if sum := w.metric("tictac_move_seconds_sum"); sum <= 0 || sum > 5*2 {
		t.Errorf("tictac_move_seconds_sum is %v", sum)
	}
	again(host, guest)
	host.say(`{"type":"resign"}`)
	w.wantMetric(`tictac_games_finished_total{ended="resign"}`, 1)
	again(guest, host)
	for i, cell := range []int{0, 1, 2, 4, 3, 5, 7, 6, 8} {
		[]*client{host, guest}[i%2].move(cell)
	}
	w.wantMetric(`tictac_games_finished_total{ended="draw"}`, 1)
	w.wantMetric("tictac_moves_total", 14)
	again(guest, host)
	guest.say(`{"type":"leave"}`)
	w.wantMetric(`tictac_games_finished_total{ended="left"}`, 1)
	guest.skipTo(`{"type":"closed","reason":"left"}`)
	guest.wantClosed(4000)
	w.wantMetric(`tictac_sockets_closed_total{code="4000"}`, 1)
	watcher.hangUp()
	w.wantMetric(`tictac_sockets_closed_total{code="1006"}`, 1)
	w.wantMetric("tictac_players", 1)
	w.wantMetric("tictac_spectators", 1)
}

// line is a round that X, who begins, wins.
func line(x, o *client) {
	for i, cell := range []int{0, 3, 1, 4, 2} {
		[]*client{x, o}[i%2].move(cell)
	}
}

// again is a rematch that both ask for.
func again(one, other *client) {
	one.say(`{"type":"rematch"}`)
	other.until(func(v roomView) bool { return v.Phase == "over" && (v.Host.Rematch || v.Guest.Rematch) })
	other.say(`{"type":"rematch"}`)
	for _, c := range []*client{one, other} {
		c.until(func(v roomView) bool { return v.Phase == "playing" && v.Ply == 0 })
	}
}

// A commit that finds the room changed is counted, and made after all.
func TestConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, guest, _ := w.play()
	left := 2
	w.store.onCommit(func(_ context.Context, c play.Commit) error {
		if moved(c) && left > 0 { // only the room's worker comes here
			left--
			return play.ErrConflict
		}
		return nil
	})
	host.move(4)
	guest.until(func(v roomView) bool { return v.Ply == 1 })
	w.wantMetric("tictac_commit_conflicts_total", 2)
	w.wantMetric("tictac_moves_total", 1)
}

func TestMetricNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do("GET", "/", "")
	all := w.metrics()
	for _, line := range []string{
		"# TYPE tictac_rooms gauge", "# TYPE tictac_players gauge", "# TYPE tictac_spectators gauge",
		"# TYPE tictac_moves_total counter", "# TYPE tictac_move_seconds histogram", "# TYPE tictac_commit_conflicts_total counter",
		"# TYPE go_goroutines gauge", "# TYPE go_memstats_alloc_bytes gauge", "# TYPE go_gc_duration_seconds summary", `go_info{version="go`,
	} {
		if !strings.Contains(all, line) {
			t.Errorf("the metrics have no %s", line)
		}
	}
	w.wantProblem(w.do("GET", "/metrics", ""), 404, "not_found") // never on the players' port
}
