package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// patience is how long something that should happen at once may take.
const patience = 10 * time.Second

// A client is a player's or spectator's end of a socket.
type client struct {
	t     *testing.T
	world *world
	nc    net.Conn
	r     io.Reader
}

// A playerView and a roomView are views as the protocol describes them: the
// tests decode strictly, so that a field too many is found.
type playerView struct {
	Name    string `json:"name"`
	Mark    string `json:"mark"`
	Online  bool   `json:"online"`
	Wins    int    `json:"wins"`
	Rematch bool   `json:"rematch"`
	BackIn  *int64 `json:"back_in_ms"`

	Computer string `json:"computer"`
}

type roomView struct {
	Type     string      `json:"type"`
	Code     string      `json:"code"`
	Rev      int64       `json:"rev"`
	Phase    string      `json:"phase"`
	Round    int         `json:"round"`
	Ply      int         `json:"ply"`
	Board    string      `json:"board"`
	Turn     string      `json:"turn"`
	Winner   string      `json:"winner"`
	Line     []int       `json:"line"`
	Ended    string      `json:"ended"`
	Host     playerView  `json:"host"`
	Guest    *playerView `json:"guest"`
	Draws    int         `json:"draws"`
	Watching int         `json:"watching"`

	TurnSeconds int    `json:"turn_seconds"`
	TurnMS      *int64 `json:"turn_ms"`
	Rated       bool   `json:"rated"`
	RoundID     string `json:"round_id"`
}

// tryDial opens a socket. header is pairs of names and values.
func (w *world) tryDial(code string, header ...string) (*client, error) {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	d := ws.Dialer{Header: ws.HandshakeHeaderHTTP(h)}
	nc, buffered, _, err := d.Dial(ctx, "ws"+strings.TrimPrefix(w.url, "http")+"/ws/"+url.PathEscape(code))
	if err != nil {
		return nil, err
	}
	c := &client{t: w.t, world: w, nc: nc, r: nc}
	if buffered != nil {
		c.r = buffered
	} else {
		c.r = bufio.NewReader(nc)
	}
	w.t.Cleanup(func() { nc.Close() })
	return c, nil
}

func (w *world) dial(code string, header ...string) *client {
	w.t.Helper()
	c, err := w.tryDial(code, header...)
	if err != nil {
		w.t.Fatalf("dial %s: %v", code, err)
	}
	return c
}

// enter dials and says hello with a seat, or as a spectator without one.
func (w *world) enter(s seated) (*client, roomView) {
	w.t.Helper()
	c := w.dial(s.Code)
	you := s.You
	if s.Seat == "" {
		c.say(`{"type":"hello"}`)
		you = "spectator"
	} else {
		c.say(`{"type":"hello","seat":"` + s.Seat + `"}`)
	}
	c.want(`{"type":"welcome","you":"` + you + `"}`)
	return c, c.view()
}

// watch is enter for a spectator.
func (w *world) watch(code string) *client {
	w.t.Helper()
	c, _ := w.enter(seated{Code: code})
	return c
}

// play opens a room and seats two players, who have both seen each other.
func (w *world) play() (host, guest *client, code string) {
	w.t.Helper()
	a := w.create("Ann")
	b := w.join(a.Code, "Bob")
	host, _ = w.enter(a)
	guest, _ = w.enter(b)
	host.until(func(v roomView) bool { return v.Guest.Online })
	return host, guest, a.Code
}

func (c *client) say(messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		c.frame(ws.OpText, m)
	}
}

func (c *client) frame(op ws.OpCode, payload string) {
	c.t.Helper()
	f := ws.MaskFrame(ws.NewFrame(op, true, []byte(payload)))
	_ = c.nc.SetWriteDeadline(time.Now().Add(patience))
	if err := ws.WriteFrame(c.nc, f); err != nil {
		c.t.Fatalf("client writes: %v", err)
	}
}

// read is the next frame that is no ping; those are answered.
func (c *client) read() (ws.Frame, error) {
	for {
		_ = c.nc.SetReadDeadline(time.Now().Add(patience))
		f, err := readFrame(c.r)
		if err != nil || f.Header.OpCode != ws.OpPing {
			return f, err
		}
		_ = ws.WriteFrame(c.nc, ws.MaskFrame(ws.NewPongFrame(f.Payload)))
	}
}

// next is the next message.
func (c *client) next() string {
	c.t.Helper()
	f, err := c.read()
	if err != nil {
		c.t.Fatalf("client reads: %v", err)
	}
	if f.Header.OpCode == ws.OpClose {
		code, reason := ws.ParseCloseFrameData(f.Payload)
		c.t.Fatalf("the server closed with %d %s", code, reason)
	}
	c.world.wantNoSecret("a message", string(f.Payload))
	return string(f.Payload)
}

func (c *client) want(messages ...string) {
	c.t.Helper()
	for _, want := range messages {
		if got := c.next(); got != want {
			c.t.Fatalf("got %s\nwant %s", got, want)
		}
	}
}

// view is the next message, which must be a view.
func (c *client) view() (v roomView) {
	c.t.Helper()
	text := c.next()
	v, err := parseView(text)
	if err != nil {
		c.t.Fatalf("no view: %s: %v", text, err)
	}
	return v
}

func parseView(text string) (v roomView, err error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err = dec.Decode(&v); err == nil && v.Type != "view" {
		err = errors.New("type is not view")
	}
	return v, err
}

// until reads views up to one that is as wanted.
func (c *client) until(ok func(roomView) bool) roomView {
	c.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if v := c.view(); ok(v) {
			return v
		}
	}
	c.t.Fatal("the view that was waited for did not come")
	panic("unreachable")
}

// skipTo reads views up to a message that is none, which must be the wanted one.
func (c *client) skipTo(want string) {
	c.t.Helper()
	if got := c.skipViews(); got != want {
		c.t.Fatalf("got %s\nwant %s", got, want)
	}
}

func (c *client) skipViews() string {
	c.t.Helper()
	for {
		if text := c.next(); !strings.HasPrefix(text, `{"type":"view"`) {
			return text
		}
	}
}

// ask says something and returns the next message that is no view.
func (c *client) ask(message string) string {
	c.t.Helper()
	c.say(message)
	return c.skipViews()
}

// sync waits until the server has answered all that was said before.
func (c *client) sync() {
	c.t.Helper()
	const pong = `{"type":"pong","t":-1}`
	if got := c.ask(`{"type":"ping","t":-1}`); got != pong {
		c.t.Fatalf("got %s, want %s", got, pong)
	}
}

// move makes a move and sees it on the board.
func (c *client) move(cell int) roomView {
	c.t.Helper()
	c.say(`{"type":"move","cell":` + string(rune('0'+cell)) + `}`)
	return c.until(func(v roomView) bool { return v.Board[cell] != '.' })
}

// wantClosed reads messages up to the close frame, answers it, sees the
// connection end, and returns the messages.
func (c *client) wantClosed(want int) (messages []string) {
	c.t.Helper()
	for {
		f, err := c.read()
		if err != nil {
			c.t.Fatalf("client reads: %v, want close frame %d", err, want)
		}
		if f.Header.OpCode != ws.OpClose {
			messages = append(messages, string(f.Payload))
			continue
		}
		if code, reason := ws.ParseCloseFrameData(f.Payload); int(code) != want {
			c.t.Fatalf("closed with %d %s, want %d; before: %v", code, reason, want, messages)
		}
		_ = ws.WriteFrame(c.nc, ws.MaskFrame(ws.NewCloseFrame(f.Payload)))
		if _, err := c.read(); err == nil {
			c.t.Error("there is more after the close frame")
		}
		return messages
	}
}

// hangUp ends the connection without a word.
func (c *client) hangUp() { c.nc.Close() }

func textFrame(text string) []byte {
	return ws.MustCompileFrame(ws.MaskFrame(ws.NewTextFrame([]byte(text))))
}

// pingFrame is a ready frame, for floods.
var pingFrame = textFrame(`{"type":"ping","t":1}`)

// readFrame reads a frame of the server's, which is not to be large.
func readFrame(r io.Reader) (f ws.Frame, err error) {
	if f.Header, err = ws.ReadHeader(r); err != nil {
		return f, err
	}
	if f.Header.Length > 1<<16 {
		return f, fmt.Errorf("a frame of %d bytes", f.Header.Length)
	}
	f.Payload = make([]byte, f.Header.Length)
	_, err = io.ReadFull(r, f.Payload)
	return f, err
}
