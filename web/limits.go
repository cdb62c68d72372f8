package web

import (
	"math"
	"net/netip"
	"sync"
	"time"
)

// A bucket is a token bucket: it holds up to a burst, fills at a steady rate,
// and each use takes one. The zero bucket is full.
type bucket struct {
	used float64 // tokens missing
	at   int64   // when used was true, Unix nanoseconds
}

// take uses a token. If there is none it returns how long until there is.
func (b *bucket) take(now time.Time, perSecond float64, burst int) (wait time.Duration, ok bool) {
	if wait = b.wait(now, perSecond, burst); wait > 0 {
		return wait, false
	}
	b.used++
	return 0, true
}

// wait is how long it takes until there is a token, 0 if there is one.
func (b *bucket) wait(now time.Time, perSecond float64, burst int) time.Duration {
	at := now.UnixNano()
	passed := max(0, at-b.at) // none, where the clock was set back
	b.used = max(0, b.used-float64(passed)/1e9*perSecond)
	b.at = at
	missing := b.used + 1 - float64(burst)
	if missing <= 0 {
		return 0
	}
	return time.Duration(math.Ceil(missing / perSecond * float64(time.Second)))
}

// A flood is when messages were over the limit lately.
type flood struct {
	times [floodLimit]time.Time // a ring
	next  int
}

// add notes one more and reports whether there have been floodLimit of them
// within floodWithin.
func (f *flood) add(now time.Time) bool {
	f.times[f.next%floodLimit] = now
	f.next++
	oldest := f.times[f.next%floodLimit]
	return now.Sub(oldest) < floodWithin
}

// A limiter has a bucket for each of those whom it limits: addresses, or seats. The
// zero rate limits nothing.
type limiter[K comparable] struct {
	perSecond float64
	burst     int

	mu      sync.Mutex
	buckets map[K]*bucket
}

func newLimiter[K comparable](perSecond float64, burst int) *limiter[K] {
	return &limiter[K]{perSecond: perSecond, burst: burst, buckets: map[K]*bucket{}}
}

// take uses a token of who asks.
func (l *limiter[K]) take(who K, now time.Time) (wait time.Duration, ok bool) {
	if l.perSecond == 0 {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bucket(who).take(now, l.perSecond, l.burst)
}

// owe uses a token also where there is none: of those who ask at the same
// moment more are answered than there are tokens, and that is to be waited for.
func (l *limiter[K]) owe(who K, now time.Time) {
	if l.perSecond == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(who)
	b.wait(now, l.perSecond, l.burst)
	b.used++
}

// wait is how long somebody has to wait for a token, 0 if there is one.
func (l *limiter[K]) wait(who K, now time.Time) time.Duration {
	if l.perSecond == 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[who]
	if !ok {
		return 0
	}
	return b.wait(now, l.perSecond, l.burst)
}

func (l *limiter[K]) bucket(who K) *bucket {
	b := l.buckets[who]
	if b == nil {
		b = &bucket{}
		l.buckets[who] = b
	}
	return b
}

// forget drops the buckets that are full again, so that the limiter holds only
// who was here lately.
func (l *limiter[K]) forget(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for who, b := range l.buckets {
		if b.wait(now, l.perSecond, l.burst); b.used < 1e-6 { // rounding leaves less
			delete(l.buckets, who)
		}
	}
}

// A tally counts what each address has open.
type tally struct {
	mu     sync.Mutex
	total  int
	byAddr map[netip.Prefix]int
}

// add counts one more, unless that would be more than either limit. A limit of
// 0 for an address is none.
func (t *tally) add(addr netip.Prefix, limit, perAddr int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.total >= limit || perAddr > 0 && t.byAddr[addr] >= perAddr {
		return false
	}
	if t.byAddr == nil {
		t.byAddr = map[netip.Prefix]int{}
	}
	t.total++
	t.byAddr[addr]++
	return true
}

func (t *tally) remove(addr netip.Prefix) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total--
	if t.byAddr[addr]--; t.byAddr[addr] == 0 {
		delete(t.byAddr, addr)
	}
}
