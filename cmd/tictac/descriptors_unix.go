//go:build unix

package main

import "syscall"

// descriptors is how many files and sockets this process may have open. Go has
// raised the limit as far as it may before main.
func descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<20))
}
