package main

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is how much of a container's memory Go may take before it collects
// garbage as hard as it can. The kernel's share of the sockets is in the rest.
const memoryShare = 0.8

// gcPercent has garbage collected a quarter as often as by default: under load that
// saves a tenth of the CPU. What it makes the heap grow to is given back (see
// giveMemoryBack), and it never grows beyond the limit.
const gcPercent = 400

// limitMemory keeps to the limit of the container, if there is one, unless
// GOMEMLIMIT and GOGC say otherwise.
func limitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	_, err := memlimit.Set(
		memlimit.WithRatio(memoryShare), memlimit.WithProvider(memlimit.FromCgroup), memlimit.WithLogger(slog.New(slog.DiscardHandler)),
	)
	if err != nil { // there are no cgroups here, or no limit
		slog.Debug("no memory limit", "err", err)
	}
}

// giveBackEvery is how often giveMemoryBack looks.
const giveBackEvery = time.Minute

// giveMemoryBack returns to the system, until ctx ends, what a rush of players has
// left behind: by itself Go would keep as much again as is in use, for the next one.
func giveMemoryBack(ctx context.Context) {
	ticker := time.NewTicker(giveBackEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if used, unused := heap(); unused > used/4 {
			debug.FreeOSMemory()
		}
	}
}

// heap is how many bytes are in use, or were when garbage was last collected, and
// how many are not and could be the system's.
func heap() (used, unused uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(samples)
	live, objects := samples[0].Value.Uint64(), samples[1].Value.Uint64()
	return live, max(objects, live) - live + samples[2].Value.Uint64() + samples[3].Value.Uint64()
}
