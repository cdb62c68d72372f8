package socket

import (
	"testing"

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
