//go:build unix

package e2e

import "syscall"

// keepBuffersSmall is for a socket that is not connected yet. Small segments
// keep the other end's buffer small as well: its size follows theirs.
func keepBuffersSmall(fd uintptr) {
	_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096)
	_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 536)
}
