package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tictac/play"
	"tictac/room"
	"tictac/sqlite"
)

// A world is a whole server on a store of its own, and all that was said there.
type world struct {
	t      *testing.T
	url    string
	server *Server
	house  *play.House
	store  *faultyStore // of rooms and of history
	log    *logBuffer
	front  *httptest.Server

	mu      sync.Mutex
	secrets []string
}

// Settings are what a test changes before its world begins.
type settings struct {
	Config
	rules    room.Rules
	observer Observer
	noKeeper bool // the test does what Server.Run does
}

// newWorld has no limits but those that a test sets. When the test ends, it
// looks whether any secret has got into the log.
func newWorld(t *testing.T, change ...func(*settings)) *world {
	t.Helper()
	s := settings{rules: room.Rules{Grace: time.Minute, WaitingGrace: time.Minute, Idle: time.Hour}}
	s.MaxSockets = 10_000
	for _, f := range change {
		f(&s)
	}
	w := &world{t: t, log: &logBuffer{}}
	s.Log = slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.Metrics = NewMetrics()
	if s.observer != nil {
		s.Metrics.Tell(s.observer)
	}
	engine, err := sqlite.Open(filepath.Join(folder(t), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	w.store = &faultyStore{Store: engine, Archive: engine}
	s.History = w.store
	w.house, err = play.Open(t.Context(), play.Config{Store: w.store, Rules: s.rules, Log: s.Log, Meter: s.Metrics})
	if err != nil {
		t.Fatal(err)
	}
	s.House = w.house
	if w.server, err = Open(s.Config); err != nil {
		t.Fatal(err)
	}
	w.front = httptest.NewServer(w.server.Handler())
	w.url = w.front.URL
	running, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.house.Run(running) })
	if !s.noKeeper {
		wg.Go(func() { _ = w.server.Run(running) })
	}
	t.Cleanup(func() {
		w.store.heal()
		ending, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		w.server.Drain(ending)
		w.front.Close()
		stop()
		w.house.Close()
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
		w.wantNoSecret("the log", w.log.String())
	})
	return w
}

// folder is in memory where that can be had: these tests are not about disks,
// and a busy one would have commits time out.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "tictac-web-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (w *world) wantNoSecret(what, text string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, secret := range w.secrets {
		if strings.Contains(text, secret) || strings.Contains(text, play.KeyOf(secret)) {
			w.t.Errorf("a secret is in %s: %s", what, text)
		}
	}
}

// keepSecret has a text looked for wherever it must not be.
func (w *world) keepSecret(secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets = append(w.secrets, secret)
}

// A reply is an answer over HTTP, read to its end.
type reply struct {
	*http.Response
	body string
}

// do makes a request; header is pairs of names and values.
func (w *world) do(method, path, body string, header ...string) reply {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	if method != http.MethodPost {
		w.wantNoSecret(path, string(all))
	}
	for _, c := range res.Cookies() {
		if c.Value != "" {
			w.keepSecret(c.Value)
			if strings.Contains(string(all), c.Value) {
				w.t.Errorf("%s %s: the cookie is in the body %s", method, path, all)
			}
		}
	}
	return reply{res, string(all)}
}

// create opens a room and join takes its second seat.
func (w *world) create(name string) seated {
	w.t.Helper()
	return w.seat(w.do("POST", "/api/games", `{"name":"`+name+`"}`), 201)
}

func (w *world) join(code, name string) seated {
	w.t.Helper()
	return w.seat(w.do("POST", "/api/games/"+code+"/join", `{"name":"`+name+`"}`), 200)
}

func (w *world) seat(r reply, status int) (s seated) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(r.body), &s); err != nil || r.StatusCode != status || s.Seat == "" {
		w.t.Fatalf("no seat: status %d %s", r.StatusCode, r.body)
	}
	w.keepSecret(s.Seat)
	return s
}

// wantProblem is how every error over HTTP looks.
func (w *world) wantProblem(r reply, status int, code string) {
	w.t.Helper()
	var p struct {
		Type, Title, Code string
		Status            int
	}
	dec := json.NewDecoder(strings.NewReader(r.body))
	dec.DisallowUnknownFields()
	err := dec.Decode(&p)
	contentType := r.Header.Get("Content-Type")
	if err != nil || r.StatusCode != status || p.Status != status || p.Code != code || p.Title == "" ||
		p.Type == "" || contentType != "application/problem+json" {
		w.t.Errorf("%s %s: status %d, %s %s, want %d %s", r.Request.Method, r.Request.URL.Path, r.StatusCode, contentType, r.body, status, code)
	}
}

// metric is the value of one line of the metrics, -1 if there is none.
func (w *world) metric(name string) float64 {
	w.t.Helper()
	for line := range strings.Lines(w.metrics()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			f, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				w.t.Fatal(err)
			}
			return f
		}
	}
	return -1
}

func (w *world) metrics() string {
	rec := httptest.NewRecorder()
	w.server.metrics.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	return rec.Body.String()
}

func (w *world) wantMetric(name string, want float64) {
	w.t.Helper()
	got := -1.0
	if !soon(func() bool { got = w.metric(name); return got == want }) {
		w.t.Errorf("%s is %v, want %v", name, got, want)
	}
}

// soon waits for what happens on other goroutines.
func soon(ok func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return false
}

// connOf is the server's end of the socket in a seat.
func (w *world) connOf(seat room.Seat) *conn {
	w.t.Helper()
	for _, c := range w.server.all() {
		c.mu.Lock()
		found := c.seated && c.seat == seat
		c.mu.Unlock()
		if found {
			return c
		}
	}
	w.t.Fatalf("nobody in seat %v", seat)
	return nil
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
