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

const (
	// giveBackEvery is how often tendMemory looks for what can be given back.
	giveBackEvery = 30 * time.Second
	// smallGarbage is so many bytes that collecting them is not worth it yet: with
	// few players Go would by itself do it many times a second, which took a tenth
	// of the CPU. With twice as many, what stays after a rush of players lies so
	// scattered that it takes a third more memory.
	smallGarbage = 32 << 20
)

// tendMemory tunes, until ctx ends, how often garbage is collected (unless GOGC says
// it), and returns to the system what a rush of players has left behind: by itself
// Go would keep as much again as is in use, for the next one.
func tendMemory(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	tune := os.Getenv("GOGC") == ""
	for percent, gaveBack := 100, time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		used, unused := heap()
		if better := gcPercent(used); tune && better != percent {
			percent = better
			debug.SetGCPercent(percent) // which stops everything for a moment: so in large steps
		}
		if unused > used/16 && time.Since(gaveBack) >= giveBackEvery {
			gaveBack = time.Now()
			debug.FreeOSMemory()
		}
	}
}

// gcPercent is for which share of what is in use garbage is collected: Go's default,
// or as many times that as make small garbage.
func gcPercent(used uint64) int {
	percent := 800
	for percent > 100 && used*uint64(percent)/100 > smallGarbage {
		percent /= 2
	}
	return percent
}

// heap is how many bytes are in use, or were when garbage was last collected, and
// how many are not and could be the system's.
func heap() (used, unused uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(samples)
	live, objects := samples[0].Value.Uint64(), samples[1].Value.Uint64()
	return live, max(objects, live) - live + samples[2].Value.Uint64() + samples[3].Value.Uint64()
}
