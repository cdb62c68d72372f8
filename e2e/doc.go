// Package e2e holds the end-to-end tests: the real binary as a process, real
// sockets, a real disk. e2e/client is the player they play with.
package e2e
