//go:build !unix

package e2e

func keepBuffersSmall(uintptr) {}
