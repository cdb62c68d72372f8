// Package client is a careful player: it speaks docs/protocol.md over real
// sockets, comes back by itself as the pages do, and checks every view that it
// is sent against the game as it must be. End-to-end tests play with it.
package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

// A Message is anything that a server sends.
type Message struct {
	Type   string          `json:"type"`
	You    string          `json:"you"`    // welcome
	Code   string          `json:"code"`   // refused, view
	Re     string          `json:"re"`     // refused
	ID     json.RawMessage `json:"id"`     // refused
	Reason string          `json:"reason"` // closed
	T      json.RawMessage `json:"t"`      // pong
	By     string          `json:"by"`     // reacted
	Emoji  string          `json:"emoji"`  // reacted
	View   View            `json:"-"`
}

// A CloseError is the end of a socket by a close frame.
type CloseError struct {
	Code   int
	Reason string
}

// Error says code and reason.
func (e CloseError) Error() string { return fmt.Sprintf("closed with %d %q", e.Code, e.Reason) }

// A Socket is one WebSocket. Pings are answered while somebody is in Read.
type Socket struct {
	nc net.Conn
	br *bufio.Reader

	mu sync.Mutex // for writing
}

// Dial opens a socket to a room of the server at addr, "host:port".
func Dial(ctx context.Context, addr, code string) (*Socket, error) {
	return DialWith(ctx, ws.Dialer{}, addr, code)
}

// DialWith is Dial by one's own dialer: with another source, or with headers.
func DialWith(ctx context.Context, d ws.Dialer, addr, code string) (*Socket, error) {
	nc, br, _, err := d.Dial(ctx, "ws://"+addr+"/ws/"+code)
	if err != nil {
		return nil, err
	}
	_ = nc.SetDeadline(time.Time{})
	if br == nil {
		br = bufio.NewReader(nc)
	}
	return &Socket{nc: nc, br: br}, nil
}

// Origin is a dialer's header that names the page a socket is opened from.
func Origin(origin string) ws.Dialer {
	return ws.Dialer{Header: ws.HandshakeHeaderHTTP(http.Header{"Origin": {origin}})}
}

// Send sends v as JSON.
func (s *Socket) Send(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.SendFrame(ws.NewTextFrame(text))
}

// SendText sends a text frame of anything at all.
func (s *Socket) SendText(text string) error {
	return s.SendFrame(ws.NewTextFrame([]byte(text)))
}

// SendFrame masks a frame and sends it.
func (s *Socket) SendFrame(f ws.Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ws.WriteFrame(s.nc, ws.MaskFrame(f))
}

// SendBytes sends what need not be a frame.
func (s *Socket) SendBytes(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.nc.Write(b)
	return err
}

// Hello says hello with a seat's secret, or without one.
func (s *Socket) Hello(seat string) error {
	hello := map[string]string{"type": "hello"}
	if seat != "" {
		hello["seat"] = seat
	}
	return s.Send(hello)
}

// Read returns the next message. After a close frame, which it answers, the
// error is a CloseError.
func (s *Socket) Read() (m Message, err error) {
	for {
		h, payload, err := s.readFrame()
		if err != nil {
			return m, err
		}
		switch h.OpCode {
		case ws.OpPing:
			_ = s.SendFrame(ws.NewPongFrame(payload)) // a server that has closed since may have said why
		case ws.OpClose:
			code, reason := ws.ParseCloseFrameData(payload)
			_ = s.SendFrame(ws.NewCloseFrame(payload))
			return m, CloseError{int(code), reason}
		case ws.OpText:
			if err := json.Unmarshal(payload, &m); err != nil {
				return m, fmt.Errorf("%q: %w", payload, err)
			}
			if m.Type == "view" {
				err = decodeView(payload, &m.View)
			}
			return m, err
		}
	}
}

// maxFrame is more than a server has to say at once.
const maxFrame = 64 << 10

func (s *Socket) readFrame() (h ws.Header, payload []byte, err error) {
	if h, err = ws.ReadHeader(s.br); err != nil {
		return h, nil, err
	}
	if h.Masked || !h.Fin || h.Length > maxFrame {
		return h, nil, fmt.Errorf("a server sent the frame %+v", h)
	}
	payload = make([]byte, h.Length)
	_, err = io.ReadFull(s.br, payload)
	return h, payload, err
}

// ReadType reads until a message of a type comes, or the socket ends.
func (s *Socket) ReadType(kind string) (Message, error) {
	for {
		m, err := s.Read()
		if err != nil || m.Type == kind {
			return m, err
		}
	}
}

// Within is how long reads and writes may take from now on, all together.
func (s *Socket) Within(d time.Duration) { _ = s.nc.SetDeadline(time.Now().Add(d)) }

// Conn is the connection below.
func (s *Socket) Conn() net.Conn { return s.nc }

// Drop ends the connection without a word.
func (s *Socket) Drop() { _ = s.nc.Close() }

// Close closes the socket properly and waits a moment for the answer.
func (s *Socket) Close() {
	_ = s.SendFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusNormalClosure, "")))
	_ = s.nc.SetDeadline(time.Now().Add(2 * time.Second))
	_, _ = io.Copy(io.Discard, s.br)
	_ = s.nc.Close()
}
