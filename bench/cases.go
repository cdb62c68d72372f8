package main

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"tictac/load"
)

// rounds is how often program and relay take turns where they are compared.
const rounds = 3

// median is the middle one of what a figure was in each round.
func median(of []measured, figure func(measured) float64) float64 {
	var all []float64
	for _, m := range of {
		all = append(all, figure(m))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func perSecond(m measured) float64 { return m.perSecond }
func micros(m measured) float64    { return float64(m.cpuPerMove.Nanoseconds()) / 1e3 }
func p99(m measured) float64       { return m.Latency.P99 }

// turns measures the relay and the program by turns.
func (b *bench) turns(cfg load.Config) (relay, program []measured, err error) {
	for range rounds {
		r, err := b.onRelay(cfg)
		if err != nil {
			return nil, nil, fmt.Errorf("relay: %w", err)
		}
		p, err := b.onProgram(cfg)
		if err != nil {
			return nil, nil, fmt.Errorf("program: %w", err)
		}
		relay, program = append(relay, r), append(program, p)
	}
	return relay, program, nil
}

// atSaturation is as many moves as a core takes.
func (b *bench) atSaturation() error {
	relay, program, err := b.turns(load.Config{Players: 2000, Duration: 10 * time.Second})
	if err != nil {
		return err
	}
	b.saturated = median(program, perSecond)
	rate, cpu := median(relay, perSecond), median(relay, micros)
	b.atMost("CPU per move, saturated, to the relay's", median(program, micros)/cpu, "", 1.5, "%.1f and %.1f µs", median(program, micros), cpu)
	b.atLeast("moves per second on a core, to the relay's", b.saturated/rate, "", 0.65, "%.0f and %.0f a second", b.saturated, rate)
	b.atMost("allocations per move", median(program, func(m measured) float64 { return m.allocsPerMove }), "", 25, "the whole program")
	return nil
}

// saturation is what atSaturation found, or finds now.
func (b *bench) saturation() (float64, error) {
	if b.saturated > 0 {
		return b.saturated, nil
	}
	m, err := b.onProgram(load.Config{Players: 2000, Duration: 8 * time.Second})
	b.saturated = m.perSecond
	return b.saturated, err
}

// atHalfLoad is how long a move takes when a core has half of what it can do.
func (b *bench) atHalfLoad() error {
	most, err := b.saturation()
	if err != nil {
		return err
	}
	relay, program, err := b.turns(load.Config{Players: 2000, Duration: 10 * time.Second, Rate: most / 2})
	if err != nil {
		return err
	}
	r, p := median(relay, p99), median(program, p99)
	bar := max(2, (r+5)/r)
	b.atMost("p99 of a move at half load, to the relay's", p/r, "", bar, "%.2f and %.2f ms at %.0f a second (bar: 2, or 5 ms more)", p, r, most/2)
	return nil
}

// withManyRooms is what a move costs when most rooms have nothing to do with it.
func (b *bench) withManyRooms() error {
	most, err := b.saturation()
	if err != nil {
		return err
	}
	var few, many []measured
	for range rounds {
		f, err := b.onProgram(load.Config{Players: 200, Duration: 10 * time.Second, Rate: most / 2})
		if err != nil {
			return err
		}
		m, err := b.onProgram(load.Config{Players: 18_000, Duration: 10 * time.Second, Rate: most / 2, Connect: 4 * time.Minute})
		if err != nil {
			return err
		}
		few, many = append(few, f), append(many, m)
	}
	b.atMost("CPU per move with 9,000 rooms, to 100", median(many, micros)/median(few, micros), "", 1.15,
		"%.1f and %.1f µs at %.0f a second", median(many, micros), median(few, micros), most/2)
	return nil
}

// startWithRooms is how long players wait for a server that has many rooms.
func (b *bench) startWithRooms() error {
	const open = 10_000
	store := "sqlite:" + filepath.Join(b.dir, "start.db")
	p, err := b.program(nil, "--store", store)
	if err != nil {
		return err
	}
	_, err = load.Run(b.ctx, load.Config{Target: "http://" + p.addr, Mode: load.Idle, Players: 19_000, Duration: time.Second, Connect: 4 * time.Minute})
	for i := 9_500; i < open && err == nil; i++ {
		err = createRoom(p.addr)
	}
	if err := errors.Join(err, p.stop()); err != nil {
		return err
	}
	began := time.Now()
	if p, err = b.program(nil, "--store", store); err != nil {
		return err
	}
	defer func() { _ = p.stop() }()
	for {
		res, err := http.Get("http://" + p.addr + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(began) > 10*time.Second {
			return errors.New("it never gets ready")
		}
		time.Sleep(time.Millisecond)
	}
	b.atMost("start with 10,000 rooms until it is ready", time.Since(began).Seconds(), " s", 1, "from the start of the process")
	return nil
}

// idlePlayers is what players cost who sit there.
func (b *bench) idlePlayers() error {
	cage, err := newCage("idle", 0, 0)
	if err != nil {
		return skipped(err)
	}
	defer cage.remove()
	p, err := b.program(cage)
	if err != nil {
		return err
	}
	defer func() { _ = p.stop() }()
	time.Sleep(2 * time.Second)
	before, err := cage.memory()
	if err != nil {
		return err
	}
	const players = 19_000
	var after int64
	var used []sample
	cfg := load.Config{Target: "http://" + p.addr, Mode: load.Idle, Players: players, Duration: idleFor, Connect: 4 * time.Minute}
	cfg.Progress = func(now load.Progress) {
		if now.Phase != "playing" || now.Elapsed < idleFor-30*time.Second {
			return
		}
		s, failed := look(0, []*process{p})
		bytes, unread := cage.memory()
		if err = errors.Join(failed, unread); err == nil {
			after, used = bytes, append(used, s)
		}
	}
	r, failed := load.Run(b.ctx, cfg)
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	if r.Most < players || len(used) < 2 {
		return fmt.Errorf("%d of %d players were connected", r.Most, players)
	}
	first, last := used[0], used[len(used)-1]
	share := 100 * float64(last.cpu-first.cpu) / float64(last.at.Sub(first.at))
	b.atMost("memory per idle player", float64(after-before)/players/1024, " KB", 4, "%.1f MB with none, %.1f MB with %d, kernel included", mb(before), mb(after), players)
	b.atMost("CPU with 19,000 idle players", share, " %", 3, "of a core, over %.0f s", last.at.Sub(first.at).Seconds())
	return nil
}

// idleFor is longer than the two minutes for which a room is pinged often after
// the last move.
const idleFor = 190 * time.Second

func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// inCage is what the smallest task of AWS can do: a quarter of a processor and
// 512 MB.
func (b *bench) inCage() error {
	var moved, share [2]float64
	for i, start := range []func(*cage) (*process, error){b.relay, func(in *cage) (*process, error) { return b.program(in) }} {
		cage, err := newCage(fmt.Sprintf("cage%d", i), 0.25, 512<<20)
		if err != nil {
			return skipped(err)
		}
		defer cage.remove()
		m, err := b.on(start, cage, load.Config{Relay: i == 0, Players: 19_000, Duration: 30 * time.Second, Connect: 8 * time.Minute})
		if err != nil {
			return err
		}
		moved[i], share[i] = m.perSecond, 100*m.cpuShare
	}
	b.atLeast("in 0.25 CPU and 512 MB, 19,000 playing: moves to the relay's", moved[1]/moved[0], "", 0.6, "%.0f and %.0f a second, by %.0f and %.0f %% of a core", moved[1], moved[0], share[1], share[0])
	return nil
}
