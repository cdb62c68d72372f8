package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// managedPassword has what a URL must escape.
const managedPassword = "p@ss/w:rd %41"

// TestManagedStore plays on what clouds rent out: Redis by TLS only, with a
// password that is not in the URL; once alone, as ElastiCache is, and once as a
// cluster with a user who may do just what deploy/stack.yaml lets them, as
// MemoryDB is.
func TestManagedStore(t *testing.T) {
	t.Parallel()
	template, err := os.ReadFile("../deploy/stack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	access := regexp.MustCompile(`AccessString: (on .*)`).FindSubmatch(template)
	if access == nil {
		t.Fatal("deploy/stack.yaml has no AccessString")
	}
	for name, c := range map[string]struct {
		user string
		lock []string
	}{
		"alone":   {"", []string{"CONFIG", "SET", "requirepass", managedPassword}},
		"cluster": {"tictac@", append(strings.Fields("ACL SETUSER tictac "+string(access[1])), ">"+managedPassword)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, cert := ownHost(), t.TempDir()+"/cert.pem"
			addr := host + ":" + freePort(t, host)
			redis := startTLS(t, addr, cert, name == "cluster")
			redis(c.lock...)
			if c.user != "" {
				redis("ACL", "SETUSER", "default", "off")
			}
			var env []string
			for k, v := range map[string]string{
				"TICTAC_STORE": "rediss://" + c.user + addr, "TICTAC_STORE_PASSWORD": managedPassword, "SSL_CERT_FILE": cert,
				"TICTAC_LISTEN": ownHost() + ":0", "TICTAC_METRICS": "127.0.0.1:0",
			} {
				env = append(env, k+"="+v)
			}
			one := startEnv(t, env...)
			m := newMatch(t, one)
			if err := m.play(patience(t, 30*time.Second), 1, 0, draws, nil); err != nil {
				t.Error(err)
			}
			if n := one.metric("tictac_store_errors_total"); n != 0 {
				t.Errorf("%v errors of the store", n)
			}
			for _, s := range []string{managedPassword, "NOPERM"} {
				if strings.Contains(one.logged(), s) {
					t.Errorf("logged: %s", s)
				}
			}
		})
	}
}

// startTLS starts a Redis that speaks nothing but TLS, and returns what tells it
// something that must succeed. As a cluster it has all slots.
func startTLS(t *testing.T, addr, cert string, cluster bool) (tell func(args ...string)) {
	t.Helper()
	host, port, _ := net.SplitHostPort(addr)
	key := filepath.Dir(cert) + "/key.pem"
	certify(t, host, cert, key)
	args := []string{
		"--bind", host, "--port", "0", "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert,
		"--tls-auth-clients", "no", "--dir", filepath.Dir(cert), "--save", "",
	}
	if cluster {
		args = append(args, "--cluster-enabled", "yes", "--cluster-port", freePort(t, host), "--tls-cluster", "yes")
	}
	cmd := exec.Command(program(t, "redis-server"), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ask := func(args ...string) error {
		args = append([]string{"-h", host, "-p", port, "--tls", "--cacert", cert, "-e"}, args...)
		out, err := exec.Command(program(t, "redis-cli"), args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	tell = func(args ...string) {
		t.Helper()
		if err := ask(args...); err != nil {
			t.Fatal(args[:2], err)
		}
	}
	eventually(t, patient, "Redis answers by TLS", func() error { return ask("PING") })
	if cluster {
		tell("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
		eventually(t, patient, "the cluster stands", func() error { return ask("GET", "nothing") })
	}
	return tell
}

// certify writes a certificate for an address that vouches for itself, and its key.
func certify(t *testing.T, host, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plain := x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.ParseIP(host)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, &plain, &plain, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
