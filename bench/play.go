package main

import (
	"fmt"
	"time"

	"tictac/load"
)

// A sample is what had been done and used at a moment.
type sample struct {
	at     time.Time
	moves  int64
	cpu    time.Duration
	allocs float64
}

// A measured is a run of load, with what the servers used while it played:
// neither connecting nor ending is in it.
type measured struct {
	load.Result
	moves         int64
	perSecond     float64
	cpuPerMove    time.Duration
	cpuShare      float64 // of a core
	allocsPerMove float64 // of the first server, if it has metrics
}

// warmUp is for how long play has gone on before anything is counted.
const warmUp = 2 * time.Second

// play has load play on target and measures servers meanwhile.
func (b *bench) play(cfg load.Config, servers ...*process) (m measured, err error) {
	var first, last sample
	var counted [2]sample // with allocations: asking for these is work for the server
	cfg.Progress = func(p load.Progress) {
		if p.Phase != "playing" || p.Elapsed < warmUp {
			return
		}
		s, failed := look(p.Moves, servers)
		if first.at.IsZero() {
			first = s
			counted[0], failed = s.countAllocs(servers, failed)
		} else if counted[1].at.IsZero() && p.Elapsed > p.Of-time.Second {
			counted[1], failed = s.countAllocs(servers, failed)
		}
		if failed != nil {
			err = failed
		}
		last = s
	}
	if m.Result, err = load.Run(b.ctx, cfg); err != nil {
		return m, err
	}
	if m.Failed() {
		return m, fmt.Errorf("%d wrong boards, %d lost moves", m.WrongBoards, m.LostMoves)
	}
	if m.Most < cfg.Players {
		return m, fmt.Errorf("only %d of %d players were connected", m.Most, cfg.Players)
	}
	took := last.at.Sub(first.at)
	if took <= 0 {
		return m, fmt.Errorf("it took too short a time to be measured")
	}
	m.moves = last.moves - first.moves
	m.perSecond = float64(m.moves) / took.Seconds()
	m.cpuShare = float64(last.cpu-first.cpu) / float64(took)
	if m.moves > 0 {
		m.cpuPerMove = (last.cpu - first.cpu) / time.Duration(m.moves)
		m.allocsPerMove = (counted[1].allocs - counted[0].allocs) / float64(counted[1].moves-counted[0].moves)
	}
	return m, b.ctx.Err()
}

func look(moves int64, servers []*process) (s sample, err error) {
	s = sample{at: time.Now(), moves: moves}
	for _, p := range servers {
		cpu, failed := p.cpu()
		if failed != nil {
			err = failed
		}
		s.cpu += cpu
	}
	return s, err
}

// countAllocs adds what the first server, if it has metrics, has allocated.
func (s sample) countAllocs(servers []*process, err error) (sample, error) {
	if err == nil && len(servers) > 0 && servers[0].metrics != "" {
		s.allocs, err = servers[0].metric("go_memstats_mallocs_total")
	}
	return s, err
}

// on starts a server, has load play on it, and stops it.
func (b *bench) on(start func(in *cage) (*process, error), in *cage, cfg load.Config) (m measured, err error) {
	p, err := start(in)
	if err != nil {
		return m, err
	}
	defer func() { _ = p.stop() }()
	cfg.Target = "http://" + p.addr
	return b.play(cfg, p)
}

func (b *bench) onProgram(cfg load.Config) (measured, error) {
	return b.on(func(in *cage) (*process, error) { return b.program(in) }, nil, cfg)
}

func (b *bench) onRelay(cfg load.Config) (measured, error) {
	cfg.Relay = true
	return b.on(b.relay, nil, cfg)
}
