package socket

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// A poller waits for many descriptors in one goroutine: an epoll that Go's own
// poller waits for in turn, so that waiting costs no thread (a blocking
// epoll_wait was measured to take 60 % more CPU).
type poller struct {
	file   *os.File
	raw    syscall.RawConn
	closed atomic.Bool

	// Of the call of wait under way: kept here so that it allocates nothing.
	poll   func(fd uintptr) bool
	events []unix.EpollEvent
	n      int
	err    error
}

// Everything is told once, when it becomes so (EPOLLET): whoever is told reads
// or writes until there is no more, or calls again.
const interest = unix.EPOLLIN | unix.EPOLLPRI | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET

func openPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("socket: epoll: %w", err)
	}
	err = unix.SetNonblock(fd, true) // or os.NewFile would not have Go wait for it
	p := &poller{file: os.NewFile(uintptr(fd), "epoll")}
	if err == nil {
		p.raw, err = p.file.SyscallConn()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("socket: epoll: %w", err), p.close())
	}
	p.poll = func(fd uintptr) bool {
		p.n, p.err = unix.EpollWait(int(fd), p.events, 0)
		return p.n > 0 || p.err != nil && p.err != unix.EINTR
	}
	return p, nil
}

// add has wait tell of a descriptor, together with a generation: what is told
// of a descriptor that has been closed and given out again is so found out. A
// descriptor that is closed is forgotten by itself.
func (p *poller) add(fd int, generation int32) error {
	return p.control(unix.EPOLL_CTL_ADD, fd, generation)
}

// again has wait tell once more what is so already.
func (p *poller) again(fd int, generation int32) error {
	return p.control(unix.EPOLL_CTL_MOD, fd, generation)
}

func (p *poller) control(op, fd int, generation int32) error {
	event := unix.EpollEvent{Events: interest, Fd: int32(fd), Pad: generation}
	var err error
	if closed := p.raw.Control(func(epoll uintptr) { err = unix.EpollCtl(int(epoll), op, fd, &event) }); closed != nil {
		return closed
	}
	return err
}

// errClosed is what wait fails with once the poller is closed.
var errClosed = errors.New("socket: the poller is closed")

// wait fills events with what has happened, and returns how many there are: at
// least one.
func (p *poller) wait(events []unix.EpollEvent) (n int, err error) {
	p.events = events
	err = p.raw.Read(p.poll)
	switch {
	case p.closed.Load():
		return 0, errClosed
	case err != nil:
		return 0, err
	}
	return p.n, p.err
}

func (p *poller) close() error {
	p.closed.Store(true)
	return p.file.Close()
}
