package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A cage is a cgroup (version 1) of the memory and cpu controllers.
type cage struct{ name string }

const cgroups = "/sys/fs/cgroup"

// errNoCage is that this machine or this user can make none.
var errNoCage = errors.New("it takes root and cgroup v1")

// newCage makes a cage with so much of a processor and so many bytes; 0 is no
// limit.
func newCage(name string, processors float64, bytes int64) (*cage, error) {
	c := &cage{fmt.Sprintf("tictac-bench-%d-%s", os.Getpid(), name)}
	for _, controller := range []string{"memory", "cpu"} {
		if err := os.Mkdir(c.path(controller, ""), 0o755); err != nil {
			return nil, errors.Join(errNoCage, err)
		}
	}
	var err error
	if bytes > 0 {
		err = write(c.path("memory", "memory.limit_in_bytes"), strconv.FormatInt(bytes, 10))
	}
	if processors > 0 {
		const period = 100_000
		err = errors.Join(err, write(c.path("cpu", "cpu.cfs_period_us"), strconv.Itoa(period)),
			write(c.path("cpu", "cpu.cfs_quota_us"), strconv.Itoa(int(processors*period))))
	}
	return c, err
}

func write(file, text string) error { return os.WriteFile(file, []byte(text), 0o644) }

func (c *cage) path(controller, file string) string {
	return filepath.Join(cgroups, controller, c.name, file)
}

// enter is what a shell runs to be in the cage.
func (c *cage) enter() string {
	return fmt.Sprintf("echo $$ > %s && echo $$ > %s", c.path("memory", "cgroup.procs"), c.path("cpu", "cgroup.procs"))
}

// memory is what those inside use, the kernel's share included, files that are
// only cached not.
func (c *cage) memory() (int64, error) {
	usage, err := os.ReadFile(c.path("memory", "memory.usage_in_bytes"))
	if err != nil {
		return 0, err
	}
	stat, err := os.ReadFile(c.path("memory", "memory.stat"))
	if err != nil {
		return 0, err
	}
	used, err := strconv.ParseInt(strings.TrimSpace(string(usage)), 10, 64)
	for line := range strings.Lines(string(stat)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "total_cache "); ok && err == nil {
			var cached int64
			cached, err = strconv.ParseInt(value, 10, 64)
			return used - cached, err
		}
	}
	return 0, errors.Join(err, errors.New("memory.stat has no total_cache"))
}

// remove needs everybody to have left.
func (c *cage) remove() {
	for _, controller := range []string{"memory", "cpu"} {
		for range 50 {
			if os.Remove(c.path(controller, "")) == nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// skipped says what cannot be measured here, and goes on.
func skipped(err error) error {
	if !errors.Is(err, errNoCage) {
		return err
	}
	fmt.Fprintln(os.Stderr, "not measured:", strings.ReplaceAll(err.Error(), "\n", ": "))
	return nil
}
