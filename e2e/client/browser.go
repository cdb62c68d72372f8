package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// A Browser keeps the cookie by which it is known. To it, all servers are one
// site, as they are behind a balancer.
type Browser struct{ Secret string }

// Do makes a request of a page of the server's own; body is sent as JSON, and the
// answer read into into, unless they are nil. An answer of 400 or more is a
// Problem.
func (b *Browser) Do(method, addr, path string, body, into any) (status int, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequest(method, "http://"+addr+path, bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Origin", "http://"+addr)
	if b.Secret != "" {
		req.AddCookie(&http.Cookie{Name: "tictac_player", Value: b.Secret})
	}
	res, err := web.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Name == "tictac_player" {
			b.Secret = c.Value
		}
	}
	switch {
	case res.StatusCode >= http.StatusBadRequest:
		var p Problem
		if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
			return res.StatusCode, fmt.Errorf("status %d: %w", res.StatusCode, err)
		}
		return res.StatusCode, p
	case into == nil:
		return res.StatusCode, nil
	}
	return res.StatusCode, json.NewDecoder(res.Body).Decode(into)
}
