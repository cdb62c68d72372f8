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

// Create opens a room.
func Create(addr, name string) (seat Seat, err error) {
	err = call(http.MethodPost, "http://"+addr+"/api/games", name, http.StatusCreated, &seat)
	return seat, err
}

// Join takes the guest's seat of a room.
func Join(addr, code, name string) (seat Seat, err error) {
	err = call(http.MethodPost, "http://"+addr+"/api/games/"+code+"/join", name, http.StatusOK, &seat)
	return seat, err
}

// Look asks for a room's view.
func Look(addr, code string) (v View, err error) {
	var raw json.RawMessage
	if err := call(http.MethodGet, "http://"+addr+"/api/games/"+code, "", http.StatusOK, &raw); err != nil {
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

// call makes a request; an answer other than want is a Problem.
func call(method, url, name string, want int, into any) error {
	var body io.Reader
	if method == http.MethodPost {
		text, _ := json.Marshal(map[string]string{"name": name})
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		return err
	}
	res, err := web.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == want {
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
