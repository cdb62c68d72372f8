package socket

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// readChunk is how much is read from one socket at once.
const readChunk = 16 << 10

// Loops is the Engine for Linux: per processor one goroutine that reads all its
// sockets and one that writes them. An idle socket has no goroutine, no stack and
// no buffer.
//
// A handler's Message and Closed run on the reading goroutine, so one that
// blocked would hold up all sockets of its loop.
type Loops struct {
	cfg     Config
	loops   []*loop
	others  *Goroutines // for connections that have no descriptor
	sockets sync.WaitGroup
	running sync.WaitGroup
	closing sync.Once
}

// OpenLoops starts the engine, which must be closed.
func OpenLoops(cfg Config) (*Loops, error) {
	e := &Loops{cfg: cfg.withDefaults(), others: NewGoroutines(cfg)}
	for range runtime.GOMAXPROCS(0) {
		poller, err := openPoller()
		if err != nil {
			e.Close()
			return nil, err
		}
		l := &loop{engine: e, poller: poller, conns: map[int]*loopConn{}, kick: make(chan struct{}, 1)}
		e.loops = append(e.loops, l)
		e.running.Go(l.read)
		e.running.Go(l.write)
	}
	return e, nil
}

// Add implements Engine. A connection that cannot be taken over is closed.
func (e *Loops) Add(nc net.Conn, early []byte, open func(Conn) Handler) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		e.others.Add(nc, early, open)
		return
	}
	fd, err := takeOver(sc, nc)
	e.sockets.Add(1)
	c := &loopConn{loop: e.loops[max(fd, 0)%len(e.loops)], fd: fd, fresh: true, in: input{state: e.cfg.state(), pending: slices.Clone(early)}}
	c.queued = true // until there is a handler to ask: others may use c as soon as open has it
	c.handler = open(c)
	c.begin()
	if err == nil {
		err = c.loop.add(c)
	}
	if err != nil { // out of memory, or of descriptors
		c.end(Lost, false)
	}
}

// takeOver makes the connection's socket ours alone. Go's own poller then knows
// nothing of it, and net's structures for it can go.
func takeOver(sc syscall.Conn, nc net.Conn) (fd int, err error) {
	defer nc.Close()
	raw, err := sc.SyscallConn()
	if err != nil {
		return -1, err
	}
	closed := raw.Control(func(old uintptr) { fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) })
	if err = errors.Join(closed, err); err != nil {
		return -1, fmt.Errorf("socket: take over: %w", err)
	}
	return fd, nil
}

// Wait implements Engine.
func (e *Loops) Wait() {
	e.sockets.Wait()
	e.others.Wait()
}

// Close implements Engine.
func (e *Loops) Close() {
	e.Wait()
	e.closing.Do(func() {
		for _, l := range e.loops {
			_ = l.poller.close() // ends read
			close(l.kick)        // ends write
		}
	})
	e.running.Wait()
}

// A loop is a share of the sockets and the two goroutines that serve them.
type loop struct {
	engine *Loops
	poller *poller

	mu         sync.Mutex
	conns      map[int]*loopConn // by descriptor
	generation int32

	dirtyMu sync.Mutex
	dirty   []*loopConn   // those with something to write
	kick    chan struct{} // dirty is not empty any more
}

// add has the socket's bytes read from now on.
func (l *loop) add(c *loopConn) error {
	l.mu.Lock()
	l.generation++
	c.generation = l.generation
	l.conns[c.fd] = c
	l.mu.Unlock()
	return l.poller.add(c.fd, c.generation) // tells at once that it can be written
}

func (l *loop) remove(c *loopConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns[c.fd] == c {
		delete(l.conns, c.fd)
	}
}

// An event is what has happened to a socket.
type event struct {
	conn  *loopConn
	flags uint32
}

// read serves all that comes in, until the poller is closed.
func (l *loop) read() {
	raw := make([]unix.EpollEvent, 256)
	buf := make([]byte, readChunk)
	var events []event
	for {
		n, err := l.poller.wait(raw)
		switch {
		case errors.Is(err, errClosed):
			return
		case err != nil: // never so far; better to be started anew than to be deaf
			panic(err)
		}
		events = l.find(raw[:n], events[:0])
		for i, e := range events {
			e.conn.ready(e.flags, buf)
			events[i].conn = nil
		}
	}
}

// find is the sockets that events are about. A descriptor may have been closed
// and given out again since the kernel noted the event: its generation tells.
func (l *loop) find(raw []unix.EpollEvent, events []event) []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range raw {
		if c := l.conns[int(e.Fd)]; c != nil && c.generation == e.Pad {
			events = append(events, event{c, e.Events})
		}
	}
	return events
}

// soil puts a socket down to be written to.
func (l *loop) soil(c *loopConn) {
	l.dirtyMu.Lock()
	l.dirty = append(l.dirty, c)
	first := len(l.dirty) == 1
	l.dirtyMu.Unlock()
	if first {
		select {
		case l.kick <- struct{}{}:
		default:
		}
	}
}

// write serves all that goes out, until the engine is closed.
func (l *loop) write() {
	var batch []*loopConn
	var buf []byte
	for range l.kick {
		l.dirtyMu.Lock()
		batch, l.dirty = l.dirty, batch[:0]
		l.dirtyMu.Unlock()
		for i, c := range batch {
			buf = c.flush(buf[:0])
			batch[i] = nil
		}
		if cap(buf) > 4*readChunk {
			buf = nil
		}
	}
}
