package redis_test

import (
	"bytes"
	"net"
	"sync"
	"testing"
)

// A proxy stands between a Store and Redis and is the network's trouble.
type proxy struct {
	addr string

	mu      sync.Mutex
	to      string // where new connections go
	conns   []net.Conn
	refuse  bool              // new connections
	silent  map[net.Conn]bool // connections whose answers go nowhere
	rewrite [2]string         // in answers
}

func startProxy(t testing.TB, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", ownHost()+":0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String(), to: to, silent: map[net.Conn]bool{}}
	var running sync.WaitGroup
	t.Cleanup(func() { l.Close(); p.cut(true); running.Wait() })
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.serve(c, &running) })
		}
	})
	return p
}

func (p *proxy) serve(c net.Conn, running *sync.WaitGroup) {
	defer c.Close()
	p.mu.Lock()
	to := p.to
	p.mu.Unlock()
	r, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer r.Close()
	p.mu.Lock()
	if p.refuse {
		p.mu.Unlock()
		return
	}
	p.conns = append(p.conns, c, r)
	p.mu.Unlock()
	running.Go(func() { p.copy(r, c, r) })
	p.copy(c, r, r)
}

// copy passes on what comes from one side; redis is the one that can be silent.
func (p *proxy) copy(from, to, redis net.Conn) {
	defer to.Close()
	for buf := make([]byte, 1<<16); ; {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		p.mu.Lock()
		drop, rewrite, data := from == redis && p.silent[redis], p.rewrite, buf[:n]
		p.mu.Unlock()
		if rewrite[0] != "" && from == redis {
			data = bytes.ReplaceAll(data, []byte(rewrite[0]), []byte(rewrite[1]))
		}
		if drop {
			continue
		}
		if _, err := to.Write(data); err != nil {
			return
		}
	}
}

// cut closes all connections, and refuses new ones or not.
func (p *proxy) cut(refuse bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns, p.refuse = nil, refuse
}

// lead has new connections go elsewhere.
func (p *proxy) lead(to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = to
}

// hush loses all answers on the connections that there are. New ones are well.
func (p *proxy) hush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		p.silent[c] = true
	}
}
