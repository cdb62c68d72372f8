package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gobwas/ws"
)

// A target is the server, the only place that anything is sent to: no proxy is
// asked and no redirect followed.
type target struct {
	http, ws string // addresses, without a slash at the end
	client   *http.Client
}

func newTarget(address string) (*target, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "" {
		return nil, &TargetError{address, errors.New("a target is http://host:port or https://host:port")}
	}
	transport := &http.Transport{
		MaxIdleConnsPerHost: openers, MaxConnsPerHost: openers, IdleConnTimeout: time.Minute,
		DialContext: (&net.Dialer{Timeout: dialWithin}).DialContext, TLSHandshakeTimeout: dialWithin,
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t := &target{
		http: u.Scheme + "://" + u.Host, ws: "ws" + strings.TrimPrefix(u.Scheme, "http") + "://" + u.Host,
		client: &http.Client{Transport: transport, CheckRedirect: stay, Timeout: 15 * time.Second},
	}
	return t, nil
}

func (t *target) close() { t.client.CloseIdleConnections() }

// A refusal is an answer that is none of the good ones.
type refusal struct {
	status     int
	code       string
	retryAfter time.Duration
}

func (r *refusal) Error() string {
	if r.code == "" {
		return fmt.Sprintf("it answered %d %s, as no tictac server does", r.status, http.StatusText(r.status))
	}
	return fmt.Sprintf("it answered %d %s", r.status, r.code)
}

// A ticket is what a player gets for creating or joining a room.
type ticket struct {
	Code string `json:"code"`
	Seat string `json:"seat"`
}

// post creates or joins a room.
func (t *target) post(ctx context.Context, path, name string) (got ticket, err error) {
	body := strings.NewReader(`{"name":"` + name + `"}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.http+path, body)
	if err != nil {
		return got, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := t.client.Do(req)
	if err != nil {
		return got, plain(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxMessage))
	if err != nil {
		return got, err
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusCreated {
		return got, refused(res, text)
	}
	if json.Unmarshal(text, &got) != nil || got.Code == "" || got.Seat == "" {
		return got, &refusal{status: res.StatusCode}
	}
	return got, nil
}

// plain leaves of an error what a user can use.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err
}

func refused(res *http.Response, body []byte) *refusal {
	r := &refusal{status: res.StatusCode}
	var problem struct{ Code string }
	if json.Unmarshal(body, &problem) == nil {
		r.code = problem.Code
	}
	if after, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && after >= 0 {
		r.retryAfter = time.Duration(after) * time.Second
	}
	return r
}

// dial opens a WebSocket, and returns what was read of it too early.
func (t *target) dial(ctx context.Context, code string) (nc net.Conn, early []byte, err error) {
	var answer *refusal
	d := ws.Dialer{
		Timeout: dialWithin, ReadBufferSize: 1024, WriteBufferSize: 512,
		OnStatusError: func(_ int, _ []byte, raw io.Reader) { answer = readRefusal(raw) },
	}
	nc, br, _, err := d.Dial(ctx, t.ws+"/ws/"+code)
	switch {
	case answer != nil:
		return nil, nil, answer
	case err != nil:
		return nil, nil, err
	case br != nil:
		text, _ := br.Peek(br.Buffered())
		early = bytes.Clone(text)
		ws.PutReader(br)
	}
	return nc, early, nc.SetDeadline(time.Time{})
}

func readRefusal(raw io.Reader) *refusal {
	res, err := http.ReadResponse(bufio.NewReader(raw), nil)
	if err != nil {
		return nil
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxMessage))
	return refused(res, text)
}
