package main

import (
	"testing"
	"time"
)

func TestDays(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1d": 24 * time.Hour, "90d": 2160 * time.Hour, "2160h": 2160 * time.Hour, "36500d": 36500 * 24 * time.Hour, "36h30m": 36*time.Hour + 30*time.Minute,
		"0d": 0, "23h": 0, "-3d": 0, "-90h": 0, "x": 0, "": 0, "d": 0, "1.5d": 0, "90": 0, "36501d": 0, "213504d": 0, "99999999999999999999d": 0, "2000000h": 0,
	} {
		var got time.Duration
		if err := (days{&got}).Set(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %v, %v, want %v", text, got, err, want)
		}
	}
	for v, want := range map[time.Duration]string{defaultHistory: "90d", 36 * time.Hour: "36h0m0s"} {
		if got := (days{&v}).String(); got != want {
			t.Errorf("%v is told as %q, want %q", v, got, want)
		}
	}
}
