package e2e

import (
	"bufio"
	"bytes"
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
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A server is a process of the program under test.
type server struct {
	t       *testing.T
	args    []string
	env     []string
	binary  string // if it is not the program under test
	cmd     *exec.Cmd
	addr    string // where players connect
	metrics string
	exited  chan struct{}
	stdout  bytes.Buffer // to be read when it has exited

	mu      sync.Mutex
	log     []string
	secrets []string // of seats: never to be logged
}

// hosts counts the loopback addresses given out. A server that will be started
// again has one of its own: a port of 127.0.0.1 could go to somebody else, or
// to a client that then connects to itself.
var hosts atomic.Int32

func ownHost() string { return fmt.Sprintf("127.77.0.%d", hosts.Add(1)) }

// noLimits are for tests in which everybody comes from one address in a hurry.
var noLimits = []string{"--join-limit", "0", "--message-limit", "0", "--max-sockets-per-address", "0"}

// slowly gives servers with many players more time to stop than a quiet machine
// needs: what has not ended within --drain is cut, and that is not what is tested.
func slowly() []string {
	if soak {
		return nil
	}
	return []string{"--drain", "60s"}
}

// newFile is the path of a database that does not exist yet.
func newFile(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "tictac.db") }

// start starts a server on a file and waits until it listens.
func start(t *testing.T, file string, args ...string) *server {
	t.Helper()
	return startOn(t, "sqlite:"+file, args...)
}

// startOn is start on any store.
func startOn(t *testing.T, store string, args ...string) *server {
	t.Helper()
	return startVersion(t, "", ownHost()+":0", store, args...)
}

// startVersion is startOn for a build of another version, or "", and at an address.
func startVersion(t *testing.T, binary, addr, store string, args ...string) *server {
	t.Helper()
	s := &server{t: t, binary: binary}
	s.args = append([]string{"--listen", addr, "--metrics", "127.0.0.1:0", "--store", store}, args...)
	s.launch()
	t.Cleanup(s.finish)
	return s
}

// startEnv is start with all settings in the environment.
func startEnv(t *testing.T, env ...string) *server {
	t.Helper()
	s := &server{t: t, env: env}
	s.launch()
	t.Cleanup(s.finish)
	return s
}

// again starts a server that has ended, on the same address and file.
func (s *server) again() {
	s.t.Helper()
	for i, a := range s.args {
		if a == "--listen" {
			s.args[i+1] = s.addr
		}
	}
	s.launch()
}

func command(args, env []string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "GORACE=halt_on_error=0 exitcode=66")
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

func (s *server) launch() {
	s.t.Helper()
	s.cmd = command(s.args, s.env)
	if s.binary != "" {
		s.cmd.Path = s.binary
	}
	s.cmd.Stdout = &s.stdout
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.exited = make(chan struct{})
	listening := make(chan struct{})
	go s.read(s.cmd, stderr, s.exited, sync.OnceFunc(func() { close(listening) }))
	select {
	case <-listening:
	case <-s.exited:
		s.t.Fatalf("the server ended at once:\n%s", s.logged())
	case <-time.After(30 * time.Second):
		s.t.Fatalf("the server does not listen:\n%s", s.logged())
	}
}

// read takes in the log until the process has ended.
func (s *server) read(cmd *exec.Cmd, stderr io.Reader, exited chan struct{}, listening func()) {
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		s.mu.Lock()
		s.log = append(s.log, lines.Text())
		s.mu.Unlock()
		var line struct{ Msg, Addr string }
		_ = json.Unmarshal(lines.Bytes(), &line)
		switch line.Msg {
		case "metrics":
			s.mu.Lock()
			s.metrics = line.Addr
			s.mu.Unlock()
		case "listening":
			s.addr = line.Addr
			listening()
		}
	}
	_ = cmd.Wait()
	close(exited)
}

func (s *server) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.log, "\n")
}

// keepSecret notes what must not be logged.
func (s *server) keepSecret(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets = append(s.secrets, secrets...)
}

// finish ends the server, and looks at what it has logged: JSON, no race, no
// panic, no seat.
func (s *server) finish() {
	select {
	case <-s.exited:
	default:
		s.kill()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, line := range s.log {
		if !json.Valid([]byte(line)) || strings.Contains(line, `"stack"`) {
			s.t.Errorf("the server's log has what it should not have:\n%s", strings.Join(s.log[i:min(i+60, len(s.log))], "\n"))
			return
		}
		for _, secret := range s.secrets {
			if strings.Contains(line, secret) {
				s.t.Errorf("the server's log has a seat: %s", line)
			}
		}
	}
}

// kill is kill -9.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.exited
}

// wait waits for the end and returns the exit code, -1 after a signal.
func (s *server) wait(d time.Duration) int {
	s.t.Helper()
	select {
	case <-s.exited:
	case <-time.After(d):
		s.t.Fatalf("the server has not ended within %v:\n%s", d, s.logged())
	}
	return s.cmd.ProcessState.ExitCode()
}

// signal sends a signal; the server must still be there.
func (s *server) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// impatient asks what is answered at once.
var impatient = http.Client{Timeout: patient}

// metric is the value of a metric, labels included in its name; 0 if it is not
// there.
func (s *server) metric(name string) float64 {
	s.t.Helper()
	s.mu.Lock()
	addr := s.metrics
	s.mu.Unlock()
	res, err := impatient.Get("http://" + addr + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			v, err := strconv.ParseFloat(rest, 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return v
		}
	}
	return 0
}

// run runs a command of the program to its end.
func run(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := command(args, env)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}
