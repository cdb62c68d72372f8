package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"tictac/e2e/client"
)

const domain = "play.example.org"

// compose reads compose.yaml as docker compose does, and refuses what that would refuse.
func compose(env ...string) (*types.Project, error) {
	options, err := cli.NewProjectOptions([]string{"../compose.yaml"}, cli.WithEnv(env))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

func composed(t *testing.T) *types.Project {
	t.Helper()
	project, err := compose("TICTAC_DOMAIN=" + domain)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// TestComposeFile holds compose.yaml to what a machine in the open needs.
func TestComposeFile(t *testing.T) {
	t.Parallel()
	if _, err := compose(); err == nil || !strings.Contains(err.Error(), "TICTAC_DOMAIN") {
		t.Errorf("without TICTAC_DOMAIN: %v", err)
	}
	p := composed(t)
	if names := p.ServiceNames(); !slices.Equal(names, []string{"app", "proxy", "redis"}) {
		t.Fatalf("the services are %q", names)
	}
	for name, s := range p.Services {
		if s.Restart != "unless-stopped" || !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || s.Privileged ||
			!slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) || s.HealthCheck == nil || len(s.HealthCheck.Test) < 2 {
			t.Errorf("%s: restart %q, read-only %v, dropped %q, security %q, health %v", name, s.Restart, s.ReadOnly, s.CapDrop, s.SecurityOpt, s.HealthCheck)
		}
		if name != "proxy" && (len(s.Ports) > 0 || len(s.CapAdd) > 0) {
			t.Errorf("%s: ports %v, rights %q", name, s.Ports, s.CapAdd)
		}
	}
	app, proxy, redis := p.Services["app"], p.Services["proxy"], p.Services["redis"]
	for _, want := range []string{"--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction", "--maxmemory 256mb"} {
		if !strings.Contains(strings.Join(redis.Command, " ")+" ", want+" ") {
			t.Errorf("redis is started without %s", want)
		}
	}
	if on := redis.NetworksByPriority(); !slices.Equal(on, []string{"back"}) || !p.Networks["back"].Internal {
		t.Errorf("redis is on %q", on)
	}
	if on := proxy.NetworksByPriority(); !slices.Equal(on, []string{"front"}) {
		t.Errorf("the proxy is on %q", on)
	}
	trusted, address := setting(app, "TICTAC_TRUSTED_PROXIES"), proxy.Networks["front"].Ipv4Address
	if address == "" || trusted != address+"/32" {
		t.Errorf("the proxy is %s, and trusted is %s", address, trusted)
	}
	if store := setting(app, "TICTAC_STORE"); store != "redis://redis:6379" || app.DependsOn["redis"].Condition != types.ServiceConditionHealthy {
		t.Errorf("the store is %s, waited for as %+v", store, app.DependsOn["redis"])
	}
	if setting(proxy, "TICTAC_DOMAIN") != domain || time.Duration(*app.StopGracePeriod) < 10*time.Second {
		t.Errorf("the domain is %q, and stopping may take %v", setting(proxy, "TICTAC_DOMAIN"), app.StopGracePeriod)
	}
	for _, want := range []struct{ service, volume, target string }{
		{"redis", "rooms", "/data"}, {"proxy", "certificates", "/data"}, {"proxy", "", "/etc/caddy/Caddyfile"},
	} {
		if !slices.ContainsFunc(p.Services[want.service].Volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Target == want.target && (want.volume == "" && v.Type == "bind" && v.ReadOnly || v.Source == want.volume)
		}) {
			t.Errorf("%s has nothing at %s: %+v", want.service, want.target, p.Services[want.service].Volumes)
		}
	}
}

func setting(s types.ServiceConfig, name string) string {
	if value := s.Environment[name]; value != nil {
		return *value
	}
	return ""
}

// TestCompose runs what compose.yaml runs, as processes: Redis and the server with the same
// settings, but for addresses, and Caddy on the same Caddyfile.
func TestCompose(t *testing.T) {
	t.Parallel()
	p := composed(t)
	redis := composeRedis(t, p.Services["redis"].Command)
	env := []string{"TICTAC_LISTEN=" + ownHost() + ":0", "TICTAC_METRICS=127.0.0.1:0"}
	for name, value := range p.Services["app"].Environment {
		switch name {
		case "TICTAC_STORE":
			*value = redis.url()
		case "TICTAC_TRUSTED_PROXIES":
			*value = "127.0.0.1/32"
		}
		env = append(env, name+"="+*value)
	}
	s := startEnv(t, env...)
	if strings.Contains(s.logged(), "this Redis keeps less") {
		t.Errorf("the server is not content with its Redis:\n%s", s.logged())
	}
	plain, secure, trust := startCaddy(t, s.addr)

	m, ctx := newMatch(t, &server{t: t, addr: plain}), patience(t, 2*time.Minute)
	if err := m.play(ctx, 1, 0, draws[:4], nil); err != nil {
		t.Fatal(err)
	}
	s.signal(syscall.SIGTERM)
	if code := s.wait(patient); code != 0 {
		t.Errorf("the server ended with %d", code)
	}
	waited := make(chan error, 1)
	go func() { // asked for while nobody is there
		status, _, err := client.Get(plain, "/")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d", status)
		}
		waited <- err
	}()
	time.Sleep(time.Second)
	s.env = slices.DeleteFunc(s.env, func(e string) bool { return strings.HasPrefix(e, "TICTAC_LISTEN=") })
	s.env = append(s.env, "TICTAC_LISTEN="+s.addr)
	s.launch()
	if err := <-waited; err != nil {
		t.Errorf("a page asked for while the server was away: %v", err)
	}
	if err := m.play(ctx, 1, 4, draws[4:], nil); err != nil {
		t.Fatal(err)
	}

	browser := http.Client{Timeout: patient, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust, ServerName: "localhost"}}}
	res, err := browser.Get("https://" + secure + "/healthz")
	if err != nil {
		t.Fatalf("TLS: %v", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("TLS: status %d", res.StatusCode)
	}
	behindCaddy(t, plain)
}

// behindCaddy uses a limit up: who one is, is where one comes from, not what one says.
func behindCaddy(t *testing.T, addr string) {
	t.Helper()
	from := func(ip string) func(context.Context, string, string) (net.Conn, error) {
		return (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}).DialContext
	}
	refused := 0
	for i := range 40 {
		if createBy(t, from("127.0.1.1"), addr, fmt.Sprintf("203.0.113.%d", i)) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("40 rooms at once were let through for one address")
	}
	if status := createBy(t, from("127.0.1.2"), addr, "203.0.113.1"); status != http.StatusCreated {
		t.Errorf("another address got %d", status)
	}
}

func composeRedis(t *testing.T, command []string) *redisServer {
	t.Helper()
	host, dir := ownHost(), t.TempDir()
	port := freePort(t, host)
	r := &redisServer{t: t, addr: host + ":" + port}
	r.args = slices.Concat([]string{program(t, command[0])}, command[1:],
		[]string{"--bind", host, "--port", port, "--dir", dir, "--logfile", filepath.Join(dir, "log")})
	r.launch()
	t.Cleanup(r.kill)
	return r
}

// startCaddy has the Caddyfile served on two addresses: without TLS, for the players of these
// tests, and with a certificate of Caddy's own for localhost, which trust vouches for.
func startCaddy(t *testing.T, server string) (plain, secure string, trust *x509.CertPool) {
	t.Helper()
	binary, dir, host := program(t, "caddy"), t.TempDir(), ownHost()
	httpPort, httpsPort := freePort(t, host), freePort(t, host)
	caddyfile, err := filepath.Abs("../deploy/Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "Caddyfile")
	text := fmt.Sprintf("{\nadmin off\nhttp_port %s\nhttps_port %s\ndefault_bind %s\nskip_install_trust\nservers {\nprotocols h1 h2\n}\n}\nimport %s\n",
		httpPort, httpsPort, host, caddyfile)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(binary, "run", "--config", config, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir, "HOME="+dir,
		"TICTAC_DOMAIN=http://"+host+", https://localhost", "TICTAC_SERVER="+server)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	plain, secure, trust = host+":"+httpPort, host+":"+httpsPort, x509.NewCertPool()
	eventually(t, patient, "Caddy answers", func() error {
		status, _, err := client.Get(plain, "/readyz")
		root, err2 := os.ReadFile(filepath.Join(dir, "caddy/pki/authorities/local/root.crt"))
		if err != nil || err2 != nil || status != 200 || !trust.AppendCertsFromPEM(root) {
			said, _ := os.ReadFile(log.Name())
			return fmt.Errorf("%d, %v, %v: %s", status, err, err2, said)
		}
		return nil
	})
	return plain, secure, trust
}
