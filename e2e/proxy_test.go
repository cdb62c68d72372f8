package e2e

import (
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tictac/e2e/client"
)

// A proxy is a haproxy before servers: round robin, no stickiness, as the load
// balancer of a cloud. It calls the servers s0, s1 and so on.
type proxy struct {
	t     *testing.T
	plain string // where players connect
	told  string // the same, where each connection says where it comes from: on one machine all would be trusted
	admin string // the socket for commands
}

const proxyConfig = `
global
  stats socket %s level admin
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  option forwardfor
  option redispatch 1
  retries 3
frontend players
  bind %s
  bind %s accept-proxy
  default_backend servers
backend servers
  balance roundrobin
  option httpchk GET /readyz
  default-server check inter 500ms fall 2 rise 1
`

// startProxy puts a haproxy before servers, which need not run yet, but one.
func startProxy(t *testing.T, addrs []string) *proxy {
	t.Helper()
	binary, dir, host := program(t, "haproxy"), t.TempDir(), ownHost()
	sockets, err := os.MkdirTemp("", "tictac-") // a socket's path is to be short
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, admin: filepath.Join(sockets, "admin")}
	p.plain, p.told = host+":"+freePort(t, host), host+":"+freePort(t, host)
	config := fmt.Sprintf(proxyConfig, p.admin, p.plain, p.told)
	for i, addr := range addrs {
		config += fmt.Sprintf("  server s%d %s\n", i, addr)
	}
	file := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(binary, "-db", "-f", file)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); os.RemoveAll(sockets) })
	eventually(t, patient, "haproxy answers", func() error {
		if err := p.ready(); err != nil {
			said, _ := os.ReadFile(log.Name())
			return fmt.Errorf("%w: %s", err, said)
		}
		return nil
	})
	return p
}

// ready asks a server, any of them, whether it is ready.
func (p *proxy) ready() error {
	if status, _, err := client.Get(p.plain, "/readyz"); err != nil || status != 200 {
		return fmt.Errorf("/readyz: %d, %v", status, err)
	}
	return nil
}

// command has haproxy do something, and returns what it says.
func (p *proxy) command(text string) string {
	p.t.Helper()
	nc, err := net.Dial("unix", p.admin)
	if err != nil {
		p.t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(patient))
	fmt.Fprintln(nc, text)
	said, err := io.ReadAll(nc)
	if err != nil {
		p.t.Fatalf("haproxy: %s: %v", text, err)
	}
	return string(said)
}

// wait waits until the i-th server has a status, UP for one.
func (p *proxy) wait(i int, status string) {
	p.t.Helper()
	name := fmt.Sprintf("s%d", i)
	eventually(p.t, patient, "haproxy has "+name+" "+status, func() error {
		stat, err := csv.NewReader(strings.NewReader(p.command("show stat"))).ReadAll()
		if err != nil {
			return err
		}
		for _, row := range stat {
			if row[0] == "servers" && row[1] == name && row[17] != status {
				return fmt.Errorf("it is %s", row[17])
			}
		}
		return nil
	})
}

// cut takes a server out and ends all its connections without a word.
func (p *proxy) cut(i int) {
	p.t.Helper()
	for _, command := range []string{"set server servers/s%d state maint", "shutdown sessions server servers/s%d"} {
		if said := p.command(fmt.Sprintf(command, i)); said != "\n" {
			p.t.Fatalf("haproxy: "+command+": %s", i, said)
		}
	}
}
