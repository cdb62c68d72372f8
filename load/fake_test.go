package load

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"tictac/game"
)

// A fake is a tiny server of the protocol, which does what a test wants: it may lie.
type fake struct {
	*httptest.Server
	lie   func(room *fakeRoom, v map[string]any)        // about a view, before it is sent
	moved func(room *fakeRoom)                          // after a move, with the room locked
	first func(w http.ResponseWriter, path string) bool // answers a request in place of the server

	made atomic.Int64 // moves

	mu    sync.Mutex
	rooms map[string]*fakeRoom
	conns sync.WaitGroup
}

type fakeRoom struct {
	mu    sync.Mutex
	code  string
	state *truth
	asked [2]bool
	conns map[net.Conn]seat
	moves int
}

func newFake(t *testing.T) *fake {
	f := &fake{rooms: map[string]*fakeRoom{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(func() {
		f.Close()
		f.conns.Wait()
	})
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.first != nil && f.first(w, r.URL.Path):
	case r.URL.Path == "/api/games":
		code := fmt.Sprintf("%06x", len(f.rooms))
		f.rooms[code] = &fakeRoom{code: code, state: newTruth(), conns: map[net.Conn]seat{}}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"code":%q,"seat":"host","you":"host"}`, code)
	case parts[0] == "api" && f.rooms[parts[2]] != nil:
		fmt.Fprintf(w, `{"code":%q,"seat":"guest","you":"guest"}`, parts[2])
	case parts[0] == "ws" && f.rooms[parts[1]] != nil:
		room := f.rooms[parts[1]]
		if nc, _, _, err := ws.UpgradeHTTP(r, w); err == nil {
			f.conns.Go(func() { f.talk(room, nc) })
		}
	default:
		http.NotFound(w, r)
	}
}

type fakeMessage struct {
	Type, Seat       string
	Cell, Round, Ply int
}

// talk serves one socket to its end.
func (f *fake) talk(r *fakeRoom, nc net.Conn) {
	defer nc.Close()
	defer r.forget(nc)
	for {
		text, err := wsutil.ReadClientText(nc)
		if err != nil {
			return
		}
		var m fakeMessage
		if err := json.Unmarshal(text, &m); err != nil {
			return
		}
		f.take(r, nc, m)
	}
}

func (r *fakeRoom) forget(nc net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, nc)
}

func (f *fake) take(r *fakeRoom, nc net.Conn, m fakeMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, st := r.conns[nc], r.state
	switch m.Type {
	case "hello":
		s = seat(strings.Index("hg", m.Seat[:1]))
		r.conns[nc] = s
		st.rev++
		_ = wsutil.WriteServerText(nc, fmt.Appendf(nil, `{"type":"welcome","you":%q}`, m.Seat))
	case "move":
		if m.Round != st.round || m.Ply != len(st.cells) || st.over {
			f.tell(r, nc)
			return
		}
		st.play(m.Cell)
		f.made.Add(1)
		if r.moves++; f.moved != nil {
			f.moved(r)
		}
	case "resign":
		st.resign(r.mark(s))
	case "rematch":
		if r.asked[s] = true; r.asked[host] && r.asked[guest] && st.over {
			st.rematch()
			r.asked = [2]bool{}
		}
	case "ping":
		_ = wsutil.WriteServerText(nc, []byte(`{"type":"pong"}`))
		return
	case "leave":
		r.shut(4000)
		return
	}
	for nc := range r.conns {
		f.tell(r, nc)
	}
}

func (r *fakeRoom) mark(s seat) game.Mark {
	if s == host {
		return r.state.hosts
	}
	return r.state.hosts.Other()
}

// shut closes all sockets of the room.
func (r *fakeRoom) shut(code int) {
	for nc := range r.conns {
		_ = ws.WriteFrame(nc, ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusCode(code), "")))
	}
}

// tell sends the view, written as encoding/json orders it.
func (f *fake) tell(r *fakeRoom, nc net.Conn) {
	m := r.state.view()
	v := m.as()
	player := func(s seat) map[string]any {
		return map[string]any{"name": "}\"", "mark": m.players[s].mark, "wins": m.players[s].wins, "online": true, "rematch": r.asked[s]}
	}
	view := map[string]any{
		"type": "view", "code": r.code, "rev": v.Rev, "phase": v.Phase, "round": v.Round, "ply": v.Ply, "board": v.Board, "turn": v.Turn,
		"winner": v.Winner, "line": v.Line, "ended": v.Ended, "draws": v.Draws, "watching": 0, "host": player(host), "guest": player(guest), "new": []any{nil, 1.5},
	}
	if f.lie != nil {
		f.lie(r, view)
	}
	text, _ := json.Marshal(view)
	_ = nc.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_ = wsutil.WriteServerText(nc, text)
}

func httpServer(t *testing.T, answer func(http.ResponseWriter)) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
	t.Cleanup(s.Close)
	return s.URL
}
