package metrics

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// ofRuntime are the metrics that are sums of what Go's runtime/metrics has. Their names and
// types are those of Prometheus' own collector of a Go program, which dashboards know.
var ofRuntime = []struct {
	name, kind, help string
	sum              []string
}{
	{"go_gc_gogc_percent", "gauge", "For which share of the live heap garbage is collected.", []string{"/gc/gogc:percent"}},
	{"go_gc_gomemlimit_bytes", "gauge", "The memory limit that Go keeps to.", []string{"/gc/gomemlimit:bytes"}},
	{"go_sched_gomaxprocs_threads", "gauge", "How many threads run Go code at once.", []string{"/sched/gomaxprocs:threads"}},
	{"go_memstats_alloc_bytes", "gauge", "Heap in use, with garbage not yet collected; as heap_alloc.", []string{"/memory/classes/heap/objects:bytes"}},
	{"go_memstats_alloc_bytes_total", "counter", "Heap ever allocated.", []string{"/gc/heap/allocs:bytes"}},
	{"go_memstats_buck_hash_sys_bytes", "gauge", "Tables of the profiler.", []string{"/memory/classes/profiling/buckets:bytes"}},
	{"go_memstats_frees_total", "counter", "Objects ever freed.", []string{"/gc/heap/frees:objects", "/gc/heap/tiny/allocs:objects"}},
	{"go_memstats_gc_sys_bytes", "gauge", "What the garbage collector keeps for itself.", []string{"/memory/classes/metadata/other:bytes"}},
	{"go_memstats_heap_alloc_bytes", "gauge", "Heap in use, with garbage not yet collected.", []string{"/memory/classes/heap/objects:bytes"}},
	{"go_memstats_heap_idle_bytes", "gauge", "Heap that nothing is in.", []string{"/memory/classes/heap/released:bytes", "/memory/classes/heap/free:bytes"}},
	{"go_memstats_heap_inuse_bytes", "gauge", "Heap that something is in.", []string{"/memory/classes/heap/objects:bytes", "/memory/classes/heap/unused:bytes"}},
	{"go_memstats_heap_objects", "gauge", "Objects on the heap.", []string{"/gc/heap/objects:objects"}},
	{"go_memstats_heap_released_bytes", "gauge", "Heap given back to the system.", []string{"/memory/classes/heap/released:bytes"}},
	{"go_memstats_heap_sys_bytes", "gauge", "Heap got from the system.", []string{
		"/memory/classes/heap/objects:bytes", "/memory/classes/heap/unused:bytes", "/memory/classes/heap/released:bytes", "/memory/classes/heap/free:bytes"}},
	{"go_memstats_mallocs_total", "counter", "Objects ever allocated.", []string{"/gc/heap/allocs:objects", "/gc/heap/tiny/allocs:objects"}},
	{"go_memstats_mcache_inuse_bytes", "gauge", "Caches of the allocator in use.", []string{"/memory/classes/metadata/mcache/inuse:bytes"}},
	{"go_memstats_mcache_sys_bytes", "gauge", "Caches of the allocator.", []string{"/memory/classes/metadata/mcache/inuse:bytes", "/memory/classes/metadata/mcache/free:bytes"}},
	{"go_memstats_mspan_inuse_bytes", "gauge", "Span structures in use.", []string{"/memory/classes/metadata/mspan/inuse:bytes"}},
	{"go_memstats_mspan_sys_bytes", "gauge", "Span structures.", []string{"/memory/classes/metadata/mspan/inuse:bytes", "/memory/classes/metadata/mspan/free:bytes"}},
	{"go_memstats_next_gc_bytes", "gauge", "The heap at which garbage will be collected.", []string{"/gc/heap/goal:bytes"}},
	{"go_memstats_other_sys_bytes", "gauge", "What else the runtime got from the system.", []string{"/memory/classes/other:bytes"}},
	{"go_memstats_stack_inuse_bytes", "gauge", "Stacks of goroutines.", []string{"/memory/classes/heap/stacks:bytes"}},
	{"go_memstats_stack_sys_bytes", "gauge", "Stacks of goroutines and threads.", []string{"/memory/classes/heap/stacks:bytes", "/memory/classes/os-stacks:bytes"}},
	{"go_memstats_sys_bytes", "gauge", "All that was got from the system.", []string{"/memory/classes/total:bytes"}},
}

// AddRuntime adds what Go's runtime knows of itself. Reading it stops nothing.
func (r *Registry) AddRuntime() {
	for _, m := range ofRuntime {
		r.add(m.name, m.kind, m.help, func() []sample { return []sample{{"", read(m.sum)}} })
	}
	r.GaugeFunc("go_goroutines", "Goroutines there are.", func() float64 { return float64(runtime.NumGoroutine()) })
	r.GaugeFunc("go_threads", "Threads that were started.", func() float64 {
		n, _ := runtime.ThreadCreateProfile(nil)
		return float64(n)
	})
	r.add("go_info", "gauge", "The version of Go.", func() []sample { return []sample{{labelled("version", runtime.Version()), 1}} })
	r.add("go_gc_duration_seconds", "summary", "How long garbage collections stopped everything.", gcPauses)
	r.GaugeFunc("go_memstats_last_gc_time_seconds", "When garbage was last collected.", func() float64 {
		var stats debug.GCStats
		debug.ReadGCStats(&stats)
		return float64(stats.LastGC.UnixNano()) / float64(time.Second)
	})
}

func read(names []string) (sum float64) {
	for _, name := range names {
		s := []metrics.Sample{{Name: name}}
		metrics.Read(s)
		if s[0].Value.Kind() == metrics.KindUint64 { // it is not if this Go does not know the name
			sum += float64(s[0].Value.Uint64())
		}
	}
	return sum
}

func gcPauses() (all []sample) {
	stats := debug.GCStats{PauseQuantiles: make([]time.Duration, 5)}
	debug.ReadGCStats(&stats)
	for i, pause := range stats.PauseQuantiles {
		all = append(all, sample{labelled("quantile", number(float64(i)/4)), pause.Seconds()})
	}
	return append(all, sample{"_sum", stats.PauseTotal.Seconds()}, sample{"_count", float64(stats.NumGC)})
}
