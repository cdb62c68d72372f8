package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// core is the one that servers are pinned to; the load has the other.
const core = "0"

// A process is a server that is measured.
type process struct {
	cmd     *exec.Cmd
	addr    string // where players connect
	metrics string
}

// launch starts a program pinned to a core, in a cage if there is one, and waits
// until it listens.
func (b *bench) launch(in *cage, name string, args ...string) (*process, error) {
	line := append([]string{"taskset", "-c", core, filepath.Join(b.bin, name)}, args...)
	if in != nil { // a shell enters the cage and then becomes the program
		line = append([]string{"sh", "-c", in.enter() + ` && exec "$@"`, "sh"}, line...)
	}
	p := &process{cmd: exec.Command(line[0], line[1:]...)}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stderr)
	for p.addr == "" {
		if !lines.Scan() {
			return nil, errors.Join(fmt.Errorf("%s did not listen", name), p.cmd.Wait())
		}
		var said struct{ Msg, Addr string }
		if json.Unmarshal(lines.Bytes(), &said) != nil {
			return nil, errors.Join(fmt.Errorf("%s: %s", name, lines.Text()), p.stop())
		}
		switch said.Msg {
		case "metrics":
			p.metrics = said.Addr
		case "listening":
			p.addr = said.Addr
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stderr) }() // ends with the process
	return p, nil
}

// program starts the server with the limits off. The store is a new file unless
// args name one.
func (b *bench) program(in *cage, args ...string) (*process, error) {
	all := append([]string{
		"--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--store", "sqlite:" + filepath.Join(b.dir, strconv.FormatInt(time.Now().UnixNano(), 36)+".db"),
		"--join-limit", "0", "--message-limit", "0", "--max-sockets-per-address", "0", "--max-sockets", "19500",
	}, args...)
	return b.launch(in, "tictac", all...)
}

func (b *bench) relay(in *cage) (*process, error) { return b.launch(in, "relay") }

// stop ends the process and waits for it.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(30*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait()
	return nil
}

// cpu is what the process has used so far: proc(5), fields 14 and 15 of stat, in
// hundredths of a second.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// metric is a number that the server tells of itself.
func (p *process) metric(name string) (float64, error) {
	client := http.Client{Timeout: 10 * time.Second}
	res, err := client.Get("http://" + p.metrics + "/metrics")
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("there is no metric %s", name)
}
