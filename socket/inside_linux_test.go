package socket

import (
	"net"
	"strings"
	"testing"

	"github.com/gobwas/ws"

	"golang.org/x/sys/unix"
)

// What the kernel noted of a descriptor before it was closed and given out again
// is not taken for news of the socket that has it now.
func TestReusedDescriptor(t *testing.T) {
	l := &loop{conns: map[int]*loopConn{}}
	now := &loopConn{fd: 7, generation: 2}
	l.conns[7] = now
	got := l.find([]unix.EpollEvent{
		{Fd: 7, Pad: 1, Events: unix.EPOLLHUP}, {Fd: 7, Pad: 2, Events: unix.EPOLLIN}, {Fd: 8, Pad: 1},
	}, nil)
	if len(got) != 1 || got[0] != (event{now, unix.EPOLLIN}) {
		t.Errorf("found %v, want only what is told of generation 2", got)
	}
	l.remove(&loopConn{fd: 7, generation: 1})
	if l.conns[7] != now {
		t.Error("the end of the old socket removed the new one")
	}
}

// An event may be in hand when its socket ends and the engine is closed.
func TestEventAfterClose(t *testing.T) {
	e, err := OpenLoops(Config{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	var c *loopConn
	gone := make(ended)
	e.Add(server, nil, func(k Conn) Handler { c = k.(*loopConn); return gone })
	c.mu.Lock()
	c.rest = []byte("not taken yet")
	c.mu.Unlock()
	client.Close()
	<-gone
	e.Close()
	c.ready(unix.EPOLLOUT|unix.EPOLLHUP, nil) // must not panic
}

// ended is a Handler that only waits for the end.
type ended chan int

func (ended) Message([]byte)           {}
func (ended) Chatter()                 {}
func (ended) Output(dst []byte) []byte { return dst }
func (e ended) Closed(code int)        { e <- code }

// A socket does not hold on to the buffer that a burst made it take.
func TestBufferAfterBurst(t *testing.T) {
	in := input{state: ws.StateServerSide}
	ping := string(ws.MustCompileFrame(ws.MaskFrame(ws.NewPingFrame(nil))))
	burst := []byte(strings.Repeat(ping, 2000))
	in.take(burst[:3], deaf{})
	in.take(burst[3:len(burst)-3], deaf{})
	if n := cap(in.pending); n > keepAtMost {
		t.Errorf("%d bytes are kept for 3", n)
	}
}

type deaf struct{}

func (deaf) accept(ws.Header, int) bool            { return true }
func (deaf) deliver([]byte)                        {}
func (deaf) chatter()                              {}
func (deaf) control(ws.OpCode, []byte) (bool, int) { return false, 0 }
func (deaf) protocolError()                        {}
