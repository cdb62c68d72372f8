package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tictac/game"
)

// against plays on a fake until there was enough.
func against(t *testing.T, f *fake, change func(*Config), enough func() bool) Result {
	t.Helper()
	cfg := Config{Target: f.URL, Players: 8, Duration: 20 * time.Second}
	if change != nil {
		change(&cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var ended atomic.Bool
	var waiting sync.WaitGroup
	waiting.Go(func() {
		until(20*time.Second, func() bool { return ended.Load() || enough() })
		cancel()
	})
	r, err := Run(ctx, cfg)
	ended.Store(true)
	if waiting.Wait(); err != nil {
		t.Fatal(err)
	}
	return r
}

// moves is enough when so many were made on the fake.
func (f *fake) moves(n int64) func() bool {
	return func() bool { return f.made.Load() >= n }
}

// movesAfter is enough when so many were made after something.
func (f *fake) movesAfter(something *atomic.Bool, n int64) func() bool {
	var at int64
	return func() bool {
		if at == 0 && something.Load() {
			at = f.made.Load()
		}
		return at > 0 && f.made.Load() >= at+n
	}
}

func TestPlay(t *testing.T) {
	t.Parallel()
	var last Progress
	f := newFake(t)
	r := against(t, f, func(c *Config) { c.Progress = func(p Progress) { last = p } }, f.moves(200))
	if r.Failed() || r.Errors > 0 || r.Reconnects > 0 || r.Most != 8 {
		t.Errorf("%+v", r)
	}
	if r.Moves < 100 || r.Games < 5 || r.Games != r.Endings.games() {
		t.Errorf("%d moves, %+v", r.Moves, r.Endings)
	}
	l := r.Latency
	if l.Count != r.Moves || l.P50 <= 0 || l.P50 > l.P99 || l.P99 > l.Max || r.Connect.Count != 8 {
		t.Errorf("%+v, %+v", l, r.Connect)
	}
	sum := int64(0)
	for _, b := range r.Distribution {
		sum += b.Count
	}
	if sum != r.Moves {
		t.Errorf("the distribution has %d of %d moves", sum, r.Moves)
	}
	if r.SentPerMove < 45 || r.SentPerMove > 70 || r.ReceivedPerMove < 500 {
		t.Errorf("%.1f bytes sent a move, %.1f received", r.SentPerMove, r.ReceivedPerMove)
	}
	if last.Players == 0 && last.Phase != "ending" {
		t.Errorf("the last progress was %+v", last)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	r := against(t, f, func(c *Config) { c.Rate = 300 }, f.moves(150))
	if most := int64(300*r.Seconds) + 1; r.Failed() || r.Moves < 100 || r.Moves > most {
		t.Errorf("%d moves, where at most %d were due: %+v", r.Moves, most, r)
	}
}

func TestIdle(t *testing.T) {
	t.Parallel()
	var said atomic.Int64
	f := newFake(t)
	f.moved = func(*fakeRoom) { said.Add(1) }
	soon := time.Now().Add(500 * time.Millisecond)
	if r := against(t, f, func(c *Config) { c.Mode = Idle }, func() bool { return time.Now().After(soon) }); r.Moves+said.Load() > 0 || r.Errors > 0 || r.Failed() {
		t.Errorf("%d moves, %+v", said.Load(), r)
	}
}

func TestRamp(t *testing.T) {
	t.Parallel()
	ramp := func(limit time.Duration) Result {
		whole := func(c *Config) { c.Mode, c.Players, c.Limit, c.Duration = Ramp, 20, limit, 4*time.Second }
		return against(t, newFake(t), whole, func() bool { return false })
	}
	if r := ramp(10 * time.Second); r.Held != 20 || len(r.Ramp) != 10 || r.Ramp[0].Players != 2 {
		t.Errorf("held with %d: %+v", r.Held, r.Ramp)
	}
	if r := ramp(time.Nanosecond); r.Held != 0 || len(r.Ramp) != 2 {
		t.Errorf("held with %d: %+v", r.Held, r.Ramp)
	}
}

func TestWrongBoardIsFound(t *testing.T) {
	for name, lie := range map[string]func(v map[string]any){
		"a mark that nobody made": func(v map[string]any) { v["board"] = "XXXXXXXXX" },
		"another score":           func(v map[string]any) { v["draws"] = 7 },
		"an old revision":         func(v map[string]any) { v["rev"] = 1 },
		"no view at all":          func(v map[string]any) { delete(v, "phase") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			var told atomic.Bool
			f.lie = func(r *fakeRoom, v map[string]any) {
				if r.moves == 3 && told.CompareAndSwap(false, true) {
					lie(v)
				}
			}
			r := against(t, f, nil, f.movesAfter(&told, 20))
			if r.WrongBoards != 1 || len(r.Wrong) != 1 || !r.Failed() || r.LostMoves != 0 {
				t.Errorf("%d wrong boards, %d lost moves: %q", r.WrongBoards, r.LostMoves, r.Wrong)
			}
		})
	}
}

func TestLostMoveIsFound(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var lost atomic.Bool
	f.moved = func(r *fakeRoom) {
		if n := len(r.state.cells); r.moves > 5 && n > 2 && !r.state.over && lost.CompareAndSwap(false, true) {
			for nc := range r.conns {
				f.tell(r, nc) // acknowledged
			}
			r.state.cells = r.state.cells[:n-1] // and forgotten
			r.state.rev++
		}
	}
	r := against(t, f, nil, f.movesAfter(&lost, 20))
	if r.LostMoves != 1 || r.WrongBoards > 1 || !r.Failed() { // a view from before the loss may come late
		t.Errorf("%d lost moves, %d wrong boards: %q", r.LostMoves, r.WrongBoards, r.Wrong)
	}
}

// TestLostWithTheServer: it comes back as it was a move ago, under older revisions.
func TestLostWithTheServer(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var lost atomic.Bool
	f.moved = func(r *fakeRoom) {
		if n := len(r.state.cells); r.moves > 5 && n > 2 && !r.state.over && lost.CompareAndSwap(false, true) {
			for nc := range r.conns {
				f.tell(r, nc)
			}
			r.state.cells = r.state.cells[:n-1]
			r.state.rev -= 20
			r.shut(1011)
			clear(r.conns)
		}
	}
	r := against(t, f, func(c *Config) { c.Players = 2 }, f.movesAfter(&lost, 20))
	if r.LostMoves != 1 || r.WrongBoards != 0 || r.Reconnects != 2 {
		t.Errorf("%d lost moves, %d wrong boards, %d reconnects: %q", r.LostMoves, r.WrongBoards, r.Reconnects, r.Wrong)
	}
}

// TestReconnect: a restart in mid-game, with a move on its way that did not arrive.
func TestReconnect(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var cut atomic.Bool
	f.moved = func(r *fakeRoom) {
		if n := len(r.state.cells); r.moves > 5 && n > 1 && cut.CompareAndSwap(false, true) {
			r.state.cells = r.state.cells[:n-1] // nobody has seen it
			r.state.over = false
			r.state.rev--
			r.shut(1012)
			clear(r.conns)
		}
	}
	r := against(t, f, func(c *Config) { c.Players = 2 }, f.movesAfter(&cut, 20))
	if r.Failed() || r.Reconnects != 2 || r.Resent == 0 {
		t.Errorf("%+v", r)
	}
	if made := f.made.Load(); made < 26 {
		t.Errorf("only %d moves: the game did not go on", made)
	}
}

func TestLimited(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var refused atomic.Bool
	f.first = func(w http.ResponseWriter, path string) bool {
		if path != "/api/games" || !refused.CompareAndSwap(false, true) {
			return false
		}
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	var notes []string
	r := against(t, f, func(c *Config) { c.Progress = func(p Progress) { notes = append(notes, p.Notes...) } }, f.moves(20))
	if r.Most != 8 || r.ErrorKinds["too many requests"] != 1 {
		t.Errorf("%+v", r)
	}
	if told := strings.Join(notes, "\n"); !strings.Contains(told, "--join-limit 0 --message-limit 0 --max-sockets-per-address 0") {
		t.Errorf("told %q", told)
	}
}

func TestBadTargets(t *testing.T) {
	t.Parallel()
	notOurs := httpServer(t, func(w http.ResponseWriter) { fmt.Fprint(w, "<h1>hello</h1>") })
	elsewhere := httpServer(t, func(w http.ResponseWriter) {
		w.Header().Set("Location", newFake(t).URL+"/api/games")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	full := newFake(t)
	full.first = func(w http.ResponseWriter, path string) bool {
		if strings.HasPrefix(path, "/ws/") {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"code":"full"}`)
			return true
		}
		return false
	}
	for target, want := range map[string]string{
		"":                    "http://host:port",
		"localhost:3000":      "http://host:port",
		"ftp://localhost":     "http://host:port",
		"http://a:b@h":        "http://host:port",
		"http://h/game/1":     "http://host:port",
		"http://127.0.0.1:1":  "refused",
		"https://127.0.0.1:1": "refused",
		notOurs:               "as no tictac server does",
		elsewhere:             "307",
		full.URL:              "503 full",
	} {
		_, err := Run(context.Background(), Config{Target: target, Players: 2, Duration: time.Second})
		var bad *TargetError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want something of %q", target, err, want)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for _, cfg := range []Config{{Mode: "x"}, {Players: 3}, {Players: -2}, {Rate: -1}} {
		if _, err := Run(context.Background(), cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}

// TestEndsEarly: when its context ends, a run ends with what it has.
func TestEndsEarly(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	began := time.Now()
	r, err := Run(ctx, Config{Target: f.URL, Players: 4, Duration: time.Hour})
	if err != nil || r.Failed() || time.Since(began) > 15*time.Second {
		t.Errorf("%v, %d moves after %v", err, r.Moves, time.Since(began))
	}
}

// wired is a room whose players have welcomed lines to nowhere.
func wired(b testing.TB) *room {
	cfg, err := Config{Target: "http://127.0.0.1:1", Players: 2, Seed: 3}.withDefaults()
	if err != nil {
		b.Fatal(err)
	}
	g, err := newGenerator(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(g.engine.Close)
	r := g.rooms[0].(*room)
	r.match = newMatch("a1b2c3")
	for s := range r.players {
		r.players[s].connected(noConn{}, 0)
		r.players[s].line.Message([]byte(`{"type":"welcome","you":"` + seat(s).String() + `"}`))
	}
	g.playing.Store(true)
	return r
}

type noConn struct{}

func (noConn) Wake()             {}
func (noConn) Ping()             {}
func (noConn) Unanswered() int   { return 0 }
func (noConn) Close(int, string) {}
func (noConn) Drop()             {}

// BenchmarkMove is all that a move costs besides the system's work: both players
// read the view and check it, and one writes the next move.
func BenchmarkMove(b *testing.B) {
	views, _ := script(b, 4096)
	frames := make([]byte, 0, 256)
	b.ReportAllocs()
	var r *room
	for i := range b.N {
		if i%len(views) == 0 {
			b.StopTimer()
			r = wired(b)
			b.StartTimer()
		}
		frames = hearBoth(r, views[i%len(views)], frames)
	}
	if r.wrongs > 0 {
		b.Fatal(r.g.book.examples)
	}
}

func hearBoth(r *room, view, frames []byte) []byte {
	r.players[host].line.Message(view)
	r.players[guest].line.Message(view)
	frames = r.players[host].line.Output(frames[:0])
	return r.players[guest].line.Output(frames)
}

// script is what the server says in as many steps. The players decide the same
// in each room of the same seed.
func script(b testing.TB, n int) (views [][]byte, r *room) {
	r, s := wired(b), newTruth()
	for len(views) < n {
		views = append(views, render(s))
		hearBoth(r, views[len(views)-1], nil)
		now := &r.match.now
		switch {
		case s.over:
			s.rematch()
		case now.resigned != game.None:
			s.resign(now.resigned)
		default:
			s.play(now.cells[len(s.cells)])
		}
	}
	return views, r
}

// TestVariety: games end in every way there is, and are right in each.
func TestVariety(t *testing.T) {
	_, r := script(t, 2000)
	e := r.g.book.endings
	if e.X < 80 || e.O < 40 || e.Draws < 15 || e.Resigned < 5 || r.wrongs > 0 {
		t.Errorf("%+v, %q", e, r.g.book.examples)
	}
}

// render writes a view as the server does.
func render(s *truth) []byte {
	m := s.view()
	v := m.as()
	player := func(p *jsonPlayer) string {
		return fmt.Sprintf(`{"name":"Ann","mark":%q,"online":true,"wins":%d,"rematch":false}`, p.Mark, p.Wins)
	}
	line := strings.ReplaceAll(fmt.Sprint(v.Line), " ", ",")
	return fmt.Appendf(nil, `{"type":"view","code":"a1b2c3","rev":%d,"phase":%q,"round":%d,"ply":%d,"board":%q,"turn":%q,"winner":%q,"line":%s,"ended":%q,"host":%s,"guest":%s,"draws":%d,"watching":0}`,
		v.Rev, v.Phase, v.Round, v.Ply, v.Board, v.Turn, v.Winner, line, v.Ended, player(v.Host), player(v.Guest), v.Draws)
}

// TestMoveAllocatesNothing but what a game's end takes.
func TestMoveAllocatesNothing(t *testing.T) {
	views, _ := script(t, 1000)
	r, i := wired(t), 0
	frames := make([]byte, 0, 256)
	perView := testing.AllocsPerRun(len(views)-1, func() {
		frames = hearBoth(r, views[i], frames)
		i++
	})
	if perView > 0.5 {
		t.Errorf("%.2f allocations a move", perView)
	}
}
