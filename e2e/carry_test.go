package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tictac/e2e/client"
	"tictac/game"
	"tictac/history"
	"tictac/play"
	"tictac/room"
)

// runOn is run with something on standard input.
func runOn(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := command(args, nil)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	stop := time.AfterFunc(patient, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code tells
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// must runs a command that has to succeed, and returns what it writes.
func must(t *testing.T, stdin string, args ...string) (stdout string) {
	t.Helper()
	code, stdout, stderr := runOn(t, stdin, args...)
	if code != 0 {
		t.Fatalf("tictac %v: exit code %d, %s", args, code, stderr)
	}
	return stdout
}

// seq is the one thing that each store gives anew.
var seq = regexp.MustCompile(`"seq":\d+,?`)

// sorted is a dump without its order: players and rooms have none.
func sorted(dump string) string {
	lines := strings.Split(seq.ReplaceAllString(dump, ""), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// aPast is a dump with a player of some experience, part of which is no more in
// the log, and an opponent's last round, which is.
func aPast(t *testing.T, secret string) string {
	t.Helper()
	old := history.Totals{Stats: history.Stats{Played: 1200, Won: 700, Lost: 500, BestStreak: 9}, Rating: &history.Rating{Value: 1644.25, Deviation: 60.125, Volatility: 0.0599}}
	last := history.Round{
		Record: room.Record{
			ID: "oldest", Code: "000000", Round: 1, Host: "Ann", Guest: "Bob", HostID: "ann", GuestID: "bob", HostMark: game.X, Began: 1, Finished: 2,
			Moves: []room.Played{{Cell: 4, At: 1}, {Cell: 0, At: 2}}, Ended: room.ByLeft, By: room.Host, Rated: true,
		},
		Before: &[2]history.Rating{*old.Rating, history.Unrated}, Folded: []room.Seat{room.Host},
	}
	var text bytes.Buffer
	all := history.Amount{}
	for _, i := range []history.Item{
		{Round: &last},
		{Account: &history.Account{ID: "ann", Name: "Ann", Enrolled: 1, Keys: []string{play.KeyOf(secret)}, Totals: old, Opening: old}},
		{Account: &history.Account{ID: "bob", Name: "Bob", Enrolled: 1, Keys: []string{play.KeyOf(rand.Text())}, Totals: history.Totals{}.Count(last, room.Guest)}},
	} {
		if err := history.WriteItem(&text, i); err != nil {
			t.Fatal(err)
		}
		all = all.With(i)
	}
	if err := history.WriteEnd(&text, all); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// strangers seats two by quick match, one of whom has an identity.
func strangers(t *testing.T, s *server, secret string) *match {
	t.Helper()
	m := &match{game: client.NewGame()}
	host, err := client.Match(s.addr, secret, "Ann")
	if err != nil {
		t.Fatal(err)
	}
	m.host = client.Enter(s.addr, host, m.game)
	t.Cleanup(m.host.Close)
	if _, err := m.host.Await(patience(t, patient), online("host", true)); err != nil {
		t.Fatal(err)
	}
	guest, err := client.Match(s.addr, "", "Eve")
	if err != nil || guest.Code != host.Code {
		t.Fatalf("matched into %+v, %v, not into %s", guest, err, host.Code)
	}
	m.guest = client.Enter(s.addr, guest, m.game)
	t.Cleanup(m.guest.Close)
	return m
}

// moved is the same match on another server: the same seats, and what was shown
// must still be so.
func (m *match) moved(t *testing.T, s *server) *match {
	m.close()
	next := &match{game: m.game, host: client.Enter(s.addr, m.host.Seat, m.game), guest: client.Enter(s.addr, m.guest.Seat, m.game)}
	t.Cleanup(next.close)
	return next
}

// me is what a server says of who has a secret.
func me(t *testing.T, s *server, secret string) (p struct {
	ID     string
	Played int
	Won    int
	Best   int `json:"best_streak"`
	Rating float64
}) {
	t.Helper()
	if err := client.Ask(s.addr, "/api/me", secret, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCarriedAcross carries all there is from SQLite to Redis and back, in the
// middle of a game, which goes on by the same seats.
func TestCarriedAcross(t *testing.T) {
	t.Parallel()
	r, secret, ctx := startRedis(t), rand.Text(), patience(t, 3*patient)
	first, last := "sqlite:"+newFile(t), "sqlite:"+newFile(t)
	must(t, aPast(t, secret), "import", "--store", first)

	s := startOn(t, first, noLimits...)
	m := strangers(t, s, secret)
	insist := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	insist(m.play(ctx, 1, 0, lineWins, nil))
	insist(m.rematch(ctx, 2))
	insist(m.play(ctx, 2, 0, draws[:4], nil))
	s.kill()

	exported := must(t, "", "export", "--store", first)
	must(t, exported, "import", "--store", r.url())
	if again := must(t, "", "export", "--store", r.url()); sorted(again) != sorted(exported) {
		t.Errorf("what went into Redis as\n%s\ncame out as\n%s", exported, again)
	}

	s = startOn(t, r.url(), noLimits...)
	if p := me(t, s, secret); p.ID != "ann" || p.Played != 1201 || p.Won != 701 || p.Best != 9 || p.Rating <= 1644 {
		t.Errorf("on Redis she is %+v", p)
	}
	m = m.moved(t, s)
	insist(m.play(ctx, 2, 4, draws[4:], nil))
	insist(m.rematch(ctx, 3))
	insist(m.play(ctx, 3, 0, oWins[:3], nil))
	s.kill()

	exported = must(t, "", "export", "--store", r.url())
	must(t, exported, "import", "--store", last)
	if again := must(t, "", "export", "--store", last); sorted(again) != sorted(exported) {
		t.Errorf("what went into SQLite as\n%s\ncame out as\n%s", exported, again)
	}

	s = startOn(t, last, noLimits...)
	m = m.moved(t, s)
	insist(m.play(ctx, 3, 3, oWins[3:], nil))
	_, err := m.host.Await(ctx, isOver(3))
	insist(err)
	wantGames(ctx, t, s, secret, m)
	s.kill()
	wantRebuilt(t, last)
}

// wantGames checks that a player's three rounds of a match are there, newest first.
func wantGames(ctx context.Context, t *testing.T, s *server, secret string, m *match) {
	t.Helper()
	if p := me(t, s, secret); p.Played != 1203 {
		t.Errorf("at last she is %+v", p)
	}
	var page struct {
		Games []struct{ ID, Result, Ended string }
	}
	if err := client.Ask(s.addr, "/api/players/ann/games", "", &page); err != nil || len(page.Games) != 3 {
		t.Fatalf("her games are %+v, %v, want 3", page, err)
	}
	for i, ended := range []string{"line", "draw", "line"} {
		if g := page.Games[i]; g.Ended != ended {
			t.Errorf("her game %d is %+v, want one that ended by %s", i, g, ended)
		}
	}
	if over := m.game.Over(); len(over) != 3 {
		t.Errorf("%d rounds were seen to end, want 3", len(over))
	}
}

// wantRebuilt checks that what is counted of players is what the log makes of it.
func wantRebuilt(t *testing.T, store string) {
	t.Helper()
	if said := must(t, "", "stats", "--rebuild", "--store", store); !strings.HasPrefix(said, "statistics and ratings are what the log makes") {
		t.Errorf("%s: %s", store, said)
	}
}

// wantCounted is wantRebuilt where everybody has an identity: each round is counted
// for both its players.
func wantCounted(t *testing.T, store string) {
	t.Helper()
	wantRebuilt(t, store)
	rounds, played := 0, 0
	for line := range strings.Lines(must(t, "", "export", "--store", store)) {
		i, _, err := history.ReadLine([]byte(line))
		switch {
		case err != nil:
			t.Fatal(err)
		case i.Round != nil:
			rounds++
		case i.Account != nil:
			played += i.Account.Stats.Played - i.Account.Opening.Stats.Played
		}
	}
	if played != 2*rounds {
		t.Errorf("%s: %d rounds are in the log, and %d are counted, which should be twice as many", store, rounds, played)
	}
	t.Logf("%s: %d rounds in the log, each counted for both", store, rounds)
}

// TestCarryRefuses: what the user has to mend is told in one line, with exit code 2.
func TestCarryRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	none, some := "sqlite:"+dir+"/none.db", "sqlite:"+dir+"/some.db"
	must(t, aPast(t, rand.Text()), "import", "--store", some)
	held := newFile(t)
	start(t, held)
	for what, c := range map[string]struct {
		stdin string
		args  []string
		says  string
	}{
		"export of nothing":        {"", []string{"export", "--store", none}, "--store"},
		"statistics of nothing":    {"", []string{"stats", "--rebuild", "--store", none}, "--store"},
		"stats alone":              {"", []string{"stats", "--store", some}, "--rebuild"},
		"export of a store in use": {"", []string{"export", "--store", "sqlite:" + held}, "in use"},
		"import into one in use":   {"", []string{"import", "--store", "sqlite:" + held}, "in use"},
		"a store of no kind":       {"", []string{"export", "--store", "mysql://x"}, "--store"},
		"words":                    {"hello\n", []string{"import", "--store", some}, "line 1"},
		"a file that was cut off":  {`{"kind":"player","id":"new","name":"x","enrolled":1,"keys":["k"],"stats":{}}` + "\n", []string{"import", "--store", some}, "after line 1"},
		"an argument":              {"", []string{"export", "file"}, "arguments"},
	} {
		code, _, stderr := runOn(t, c.stdin, c.args...)
		said := ""
		for line := range strings.Lines(stderr) {
			if strings.HasPrefix(line, "tictac: ") {
				said += line
			}
		}
		if code != 2 || !strings.Contains(said, c.says) || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q, want 2 and one line with %q", what, code, stderr, c.says)
		}
	}
}
