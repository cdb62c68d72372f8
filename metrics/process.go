package metrics

import (
	"bytes"
	"math"
	"os"
	"strconv"
	"strings"
)

// AddProcess adds what the system knows of this process, under the names of Prometheus' own
// collector. All of it is read in Linux' /proc: elsewhere there is nothing of it.
func (r *Registry) AddProcess() {
	optional := func(name, kind, help string, value func() (float64, bool)) {
		r.add(name, kind, help, func() []sample {
			if v, ok := value(); ok {
				return []sample{{"", v}}
			}
			return nil
		})
	}
	optional("process_cpu_seconds_total", "counter", "CPU time of the process and of the system for it.", func() (float64, bool) {
		user, ok := stat(11)
		system, also := stat(12)
		return (user + system) / ticks, ok && also
	})
	optional("process_start_time_seconds", "gauge", "When the process began.", func() (float64, bool) {
		boot, ok := after("/proc/stat", "btime")
		ticked, also := stat(19)
		return boot + ticked/ticks, ok && also
	})
	optional("process_virtual_memory_bytes", "gauge", "Address space in use.", func() (float64, bool) { return stat(20) })
	optional("process_resident_memory_bytes", "gauge", "Memory in use.", func() (float64, bool) {
		pages, ok := stat(21)
		return pages * float64(os.Getpagesize()), ok
	})
	optional("process_virtual_memory_max_bytes", "gauge", "The limit on address space.", func() (float64, bool) {
		return after("/proc/self/limits", "Max address space")
	})
	optional("process_max_fds", "gauge", "The limit on open files and sockets.", func() (float64, bool) {
		return after("/proc/self/limits", "Max open files")
	})
	optional("process_open_fds", "gauge", "Open files and sockets.", openFiles)
	optional("process_network_receive_bytes_total", "counter", "Bytes that the network brought.", func() (float64, bool) { return octets("InOctets") })
	optional("process_network_transmit_bytes_total", "counter", "Bytes sent to the network.", func() (float64, bool) { return octets("OutOctets") })
}

// ticks is in how many parts Linux tells a second to programs, on every machine Go runs on.
const ticks = 100

// stat is a field of /proc/self/stat, counted from 0 after the command's name.
func stat(field int) (float64, bool) {
	text, _ := os.ReadFile("/proc/self/stat")
	_, text, _ = bytes.Cut(text, []byte(") "))
	fields := strings.Fields(string(text))
	if field >= len(fields) {
		return 0, false
	}
	v, err := strconv.ParseFloat(fields[field], 64)
	return v, err == nil
}

// after is the first number after a word at the start of a line.
func after(file, word string) (float64, bool) {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(line, word+" ")
		if fields := strings.Fields(rest); ok && len(fields) > 0 {
			if fields[0] == "unlimited" {
				return math.MaxUint64, true
			}
			v, err := strconv.ParseFloat(fields[0], 64)
			return v, err == nil
		}
	}
	return 0, false
}

func openFiles() (float64, bool) {
	dir, err := os.Open("/proc/self/fd")
	if err != nil {
		return 0, false
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	return float64(len(names)), err == nil
}

// octets is a number of /proc/self/net/netstat: a line of names, and below it one of numbers.
func octets(name string) (float64, bool) {
	text, _ := os.ReadFile("/proc/self/net/netstat")
	var names []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "IpExt:" {
			continue
		}
		for i, n := range names {
			if n == name && i < len(fields) {
				v, err := strconv.ParseFloat(fields[i], 64)
				return v, err == nil
			}
		}
		names = fields
	}
	return 0, false
}
