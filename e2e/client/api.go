package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A Seat is what a player gets for creating or joining a room.
type Seat struct {
	Code   string `json:"code"`
	Secret string `json:"seat"`
	You    string `json:"you"`

	Player string `json:"-"` // the secret of the identity that came with it, if one did
}

// A Problem is an answer of the API that is none of the good ones.
type Problem struct {
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Title      string `json:"title"`
	RetryAfter string `json:"-"`
}

// Error says status, code and title.
func (p Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Title) }

var web = http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}

// Forget closes the connections that are kept open between requests.
func Forget() { web.CloseIdleConnections() }

// An Opening is what a room is to be like. Only the name must be given.
type Opening struct {
	Name        string `json:"name"`
	Opponent    string `json:"opponent,omitempty"`
	TurnSeconds int    `json:"turn_seconds,omitempty"`
}

// Create opens a room.
func Create(addr, name string) (seat Seat, err error) { return Open(addr, Opening{Name: name}) }

// Open opens a room that is to be like something.
func Open(addr string, o Opening) (seat Seat, err error) {
	err = call(http.MethodPost, "http://"+addr+"/api/games", "", o, http.StatusCreated, &seat)
	return seat, err
}

// Join takes the guest's seat of a room.
func Join(addr, code, name string) (seat Seat, err error) {
	err = call(http.MethodPost, "http://"+addr+"/api/games/"+code+"/join", "", Opening{Name: name}, http.StatusOK, &seat)
	return seat, err
}

// Match asks for a stranger to play with; secret is the player's own, if any.
func Match(addr, secret, name string) (seat Seat, err error) {
	err = call(http.MethodPost, "http://"+addr+"/api/match", secret, Opening{Name: name}, 0, &seat)
	return seat, err
}

// Ask is GET with a player's own secret, or none.
func Ask(addr, path, secret string, into any) error {
	return call(http.MethodGet, "http://"+addr+path, secret, nil, http.StatusOK, into)
}

// Look asks for a room's view.
func Look(addr, code string) (v View, err error) {
	var raw json.RawMessage
	if err := Ask(addr, "/api/games/"+code, "", &raw); err != nil {
		return v, err
	}
	return v, decodeView(raw, &v)
}

// Get returns the status and the body of a page.
func Get(addr, path string) (status int, body string, err error) {
	res, err := web.Get("http://" + addr + path)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// call makes a request; an answer other than want, or 2xx if that is 0, is a
// Problem.
func call(method, url, secret string, body any, want int, into any) error {
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequest(method, url, &text)
	if err != nil {
		return err
	}
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	res, err := web.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == want || want == 0 && res.StatusCode/100 == 2 {
		if seat, ok := into.(*Seat); ok {
			for _, c := range res.Cookies() {
				seat.Player = c.Value
			}
		}
		return json.NewDecoder(res.Body).Decode(into)
	}
	p := Problem{RetryAfter: res.Header.Get("Retry-After")}
	if ct := res.Header.Get("Content-Type"); ct != "application/problem+json" {
		return fmt.Errorf("status %d with %q, which is no problem document", res.StatusCode, ct)
	}
	if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
		return err
	}
	if p.Status != res.StatusCode {
		return fmt.Errorf("status %d says it is %d", res.StatusCode, p.Status)
	}
	return p
}
