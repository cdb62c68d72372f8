package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"tictac/load"
)

// createRoom opens a room that nobody enters.
func createRoom(addr string) error {
	res, err := http.Post("http://"+addr+"/api/games", "application/json", strings.NewReader(`{"name":"Ann"}`))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		return errors.New(res.Status)
	}
	return nil
}

// onRedis is what three servers on one Redis use for a move, all together, and
// one on SQLite, at the same rate. Redis and the load balancer are not counted.
func (b *bench) onRedis() error {
	const rate = 3000
	cfg := load.Config{Players: 1000, Duration: 10 * time.Second, Rate: rate}
	alone, err := b.onProgram(cfg)
	if err != nil {
		return err
	}
	redis, redisAddr, err := b.redis()
	if err != nil {
		return err
	}
	defer end(redis)
	var servers []*process
	defer func() {
		for _, p := range servers {
			_ = p.stop()
		}
	}()
	for range 3 {
		p, err := b.program(nil, "--store", "redis://"+redisAddr, "--trusted-proxies", "127.0.0.0/8")
		if err != nil {
			return err
		}
		servers = append(servers, p)
	}
	balancer, addr, err := b.balancer(servers)
	if err != nil {
		return err
	}
	defer end(balancer)
	cfg.Target = "http://" + addr
	three, err := b.play(cfg, servers...)
	if err != nil {
		return err
	}
	b.atMost("CPU per move of three servers on Redis, to one on SQLite", micros(three)/micros(alone), "", 2.5,
		"%.0f and %.0f µs at %d a second; p50 %.2f and %.2f ms", micros(three), micros(alone), rate, three.Latency.P50, alone.Latency.P50)
	return nil
}

// redis starts one that keeps every move, beside the load.
func (b *bench) redis() (*exec.Cmd, string, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, "", err
	}
	host, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command("redis-server", "--bind", host, "--port", port, "--dir", b.dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--logfile", filepath.Join(b.dir, "redis.log"))
	return cmd, addr, startAndAwait(cmd, addr)
}

// balancer starts a haproxy before the servers: round robin.
func (b *bench) balancer(servers []*process) (*exec.Cmd, string, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, "", err
	}
	var config strings.Builder
	fmt.Fprintf(&config, "defaults\n mode http\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n timeout tunnel 1h\n option forwardfor\n")
	fmt.Fprintf(&config, "frontend players\n bind %s\n default_backend servers\nbackend servers\n balance roundrobin\n", addr)
	for i, p := range servers {
		fmt.Fprintf(&config, " server s%d %s\n", i, p.addr)
	}
	file := filepath.Join(b.dir, "haproxy.cfg")
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		return nil, "", err
	}
	cmd := exec.Command("haproxy", "-db", "-f", file)
	return cmd, addr, startAndAwait(cmd, addr)
}

// freeAddr is an address that nobody has at the moment, nor will by chance.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.78.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func startAndAwait(cmd *exec.Cmd, addr string) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	for range 100 {
		if nc, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			return nc.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	end(cmd)
	return fmt.Errorf("%s does not listen", cmd.Path)
}

func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
