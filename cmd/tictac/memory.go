package main

import (
	"log/slog"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is how much of a container's memory Go may take before it collects
// garbage as hard as it can. The kernel's share of the sockets is in the rest.
const memoryShare = 0.8

// limitMemory keeps to the limit of the container, if there is one, unless
// GOMEMLIMIT says otherwise.
func limitMemory() {
	_, err := memlimit.Set(
		memlimit.WithRatio(memoryShare), memlimit.WithProvider(memlimit.FromCgroup), memlimit.WithLogger(slog.New(slog.DiscardHandler)),
	)
	if err != nil { // there are no cgroups here, or no limit
		slog.Debug("no memory limit", "err", err)
	}
}
