package e2e

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tictac/e2e/client"
)

// What the image may weigh, in bytes: its files, and its layers as a registry keeps them.
const (
	unpackedBar = 15_000_000
	packedBar   = 7_000_000
)

// The user that the image runs as.
const nobody = 65532

// cage is the smallest task that AWS rents, and the strictest that may be asked of it. (Of
// processes there may be fewer than podman would have it: not every root may raise that.)
var cage = []string{
	"--read-only", "--memory", "512m", "--cpus", "0.25", "--cap-drop=all",
	"--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096",
}

// image is the name of the image that scripts/image-test has built.
func image(t *testing.T) string {
	t.Helper()
	name := os.Getenv("TICTAC_IMAGE")
	if name == "" {
		t.Skip("run by scripts/image-test, which builds the image")
	}
	return name
}

func tryPodman(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "podman", append([]string{"--runtime", "runc", "--cgroup-manager", "cgroupfs"}, args...)...)
	cmd.Env = append(os.Environ(), "DISABLE_HC_SYSTEMD=true") // health is asked for by the test
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		err = fmt.Errorf("podman %s: %w: %s", strings.Join(args, " "), err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

func podman(t *testing.T, args ...string) string {
	t.Helper()
	out, err := tryPodman(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestImageConfig holds the image to what is promised of it to those who run it.
func TestImageConfig(t *testing.T) {
	name := image(t)
	var all []struct {
		Architecture, Os, User string
		Config                 struct {
			Env, Entrypoint, Cmd  []string
			Volumes, ExposedPorts map[string]struct{}
			Labels                map[string]string
		}
		HealthCheck, Healthcheck struct{ Test []string }
	}
	if err := json.Unmarshal([]byte(podman(t, "image", "inspect", name, name+"-amd64", name+"-arm64")), &all); err != nil {
		t.Fatal(err)
	}
	commit := all[0].Config.Labels["org.opencontainers.image.revision"]
	for i, arch := range []string{runtime.GOARCH, "amd64", "arm64"} {
		got, c := all[i], all[i].Config
		if got.Os != "linux" || got.Architecture != arch || got.User != "65532:65532" {
			t.Errorf("%s: it is for %s/%s and runs as %q", arch, got.Os, got.Architecture, got.User)
		}
		_, volume := c.Volumes["/data"]
		_, port := c.ExposedPorts["3000/tcp"]
		if !volume || len(c.Volumes) != 1 || !port || len(c.ExposedPorts) != 1 {
			t.Errorf("%s: volumes %v, ports %v", arch, c.Volumes, c.ExposedPorts)
		}
		if !slices.Equal(c.Entrypoint, []string{"/tictac"}) || len(c.Cmd) != 0 || !slices.Contains(c.Env, "TICTAC_STORE=sqlite:/data/tictac.db") {
			t.Errorf("%s: it starts %q %q with %q", arch, c.Entrypoint, c.Cmd, c.Env)
		}
		if check := append(got.HealthCheck.Test, got.Healthcheck.Test...); !slices.Equal(check, []string{"CMD", "/tictac", "healthcheck"}) {
			t.Errorf("%s: its health is checked by %q", arch, check)
		}
		for label, want := range map[string]string{"title": "tictac", "licenses": "MIT", "version": "test", "revision": commit} {
			if v := c.Labels["org.opencontainers.image."+label]; v != want || want == "" {
				t.Errorf("%s: the label %s is %q, want %q", arch, label, v, want)
			}
		}
	}
	want := fmt.Sprintf("tictac test, commit %s, %s linux/%s", commit, runtime.Version(), runtime.GOARCH)
	args := append(append([]string{"run", "--rm", "--network", "none"}, cage...), name, "version")
	if got := podman(t, args...); got != want {
		t.Errorf("it calls itself %q, want %q", got, want)
	}
}

// TestImageContents unpacks the layers: what is in them, whose it is, and what it weighs.
func TestImageContents(t *testing.T) {
	name := image(t)
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		dir := filepath.Join(t.TempDir(), arch)
		podman(t, "save", "--quiet", "--format", "docker-dir", "--compress", "--output", dir, name+"-"+arch)
		files, packed := unpack(t, dir)
		names := slices.Sorted(maps.Keys(files))
		if want := []string{"data/", "etc/ssl/certs/ca-certificates.crt", "tictac"}; !slices.Equal(names, want) {
			t.Errorf("%s: it holds %q, want %q", arch, names, want)
			continue
		}
		if h := files["data/"].header; h.Uid != nobody || h.Gid != nobody || h.Mode&0o700 != 0o700 {
			t.Errorf("%s: /data is of %d:%d with mode %o", arch, h.Uid, h.Gid, h.Mode)
		}
		if h := files["tictac"].header; h.Uid != 0 || h.Mode&0o022 != 0 || h.Mode&0o555 != 0o555 {
			t.Errorf("%s: /tictac is of %d with mode %o", arch, h.Uid, h.Mode)
		}
		binary, err := elf.NewFile(strings.NewReader(files["tictac"].content))
		if err != nil {
			t.Fatal(err)
		}
		if libraries, err := binary.ImportedLibraries(); binary.Machine != machine || len(libraries) > 0 || err != nil {
			t.Errorf("%s: the binary is for %v and needs %q, %v", arch, binary.Machine, libraries, err)
		}
		if !strings.Contains(files["etc/ssl/certs/ca-certificates.crt"].content, "BEGIN CERTIFICATE") {
			t.Errorf("%s: there are no certificates", arch)
		}
		unpacked := 0
		for _, f := range files {
			unpacked += len(f.content)
		}
		t.Logf("measured: the image for %s: %.2f MB unpacked (bar %.0f), %.2f MB packed (bar %.0f)", arch,
			float64(unpacked)/1e6, unpackedBar/1e6, float64(packed)/1e6, packedBar/1e6)
		if unpacked > unpackedBar || packed > packedBar {
			t.Errorf("%s: it weighs %d bytes unpacked and %d packed", arch, unpacked, packed)
		}
	}
}

type packedFile struct {
	header  *tar.Header
	content string
}

// unpack reads a saved image: its files, and /data; other folders are left out.
func unpack(t *testing.T, dir string) (files map[string]packedFile, packed int64) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Layers []struct{ Digest, MediaType string }
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	files = map[string]packedFile{}
	for _, layer := range manifest.Layers {
		if !strings.HasSuffix(layer.MediaType, "gzip") {
			t.Fatalf("a layer is %s", layer.MediaType)
		}
		f, err := os.Open(filepath.Join(dir, strings.TrimPrefix(layer.Digest, "sha256:")))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil {
			packed += info.Size()
		}
		zip, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		for entries := tar.NewReader(zip); ; {
			h, err := entries.Next()
			if err == io.EOF {
				break
			}
			content, err2 := io.ReadAll(entries)
			if err = errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			if h.Typeflag != tar.TypeDir || h.Name == "data/" {
				files[h.Name] = packedFile{h, string(content)}
			}
		}
	}
	return files, packed
}

// TestImageAlone runs the image with nothing but its own settings and no network: it can
// be asked whether it is well, and stops when it is told to.
func TestImageAlone(t *testing.T) {
	c := runImage(t, "--network", "none")
	eventually(t, patient, "health", func() error {
		_, err := tryPodman("healthcheck", "run", c.id)
		return err
	})
	podman(t, "exec", c.id, "/tictac", "healthcheck")
	if _, err := tryPodman("exec", "--env", "TICTAC_LISTEN=:3999", c.id, "/tictac", "healthcheck"); err == nil {
		t.Error("it is well where nobody listens")
	}
	podman(t, "exec", c.id, "/tictac", "backup", "/data/copy.db")
	c.stop()
}

// TestImagePlay plays a game on the caged image, without a volume of one's own and with
// one. With one, the container is replaced in mid-game.
func TestImagePlay(t *testing.T) {
	image(t)
	for _, volume := range []string{"", "kept"} {
		t.Run("volume="+volume, func(t *testing.T) {
			host := ownHost()
			args := []string{"--network", "host", "--env", "TICTAC_LISTEN=" + host + ":3000", "--env", "TICTAC_METRICS=" + host + ":9464"}
			if volume != "" {
				args = append(args, "--volume", volume+":/data")
			}
			c := runImage(t, args...)
			s := &server{t: t, addr: host + ":3000", metrics: host + ":9464"}
			eventually(t, patient, "the first page", func() error { _, _, err := client.Get(s.addr, "/"); return err })
			c.checkCage(s)
			m, ctx := newMatch(t, s), patience(t, 2*time.Minute)
			ply := 0
			if volume != "" {
				if err := m.play(ctx, 1, 0, draws[:4], nil); err != nil {
					t.Fatal(err)
				}
				ply = 4
				c.stop()
				podman(t, "rm", c.id)
				c = runImage(t, args...)
			}
			if err := m.play(ctx, 1, ply, draws[ply:], nil); err != nil {
				t.Fatal(err)
			}
			for _, p := range []*client.Player{m.host, m.guest} {
				if _, err := p.Await(ctx, isOver(1)); err != nil {
					t.Error(err)
				}
			}
			c.stop()
			eventually(t, patient, "1012", func() error {
				if codes := m.host.Codes(); codes[1012] < 1 {
					return fmt.Errorf("closed with %v", codes)
				}
				return nil
			})
		})
	}
}

// A container runs the image.
type container struct {
	t  *testing.T
	id string
}

func runImage(t *testing.T, args ...string) *container {
	t.Helper()
	name := image(t)
	c := &container{t: t}
	c.id = podman(t, slices.Concat([]string{"run", "--detach"}, cage, args, []string{name})...)
	t.Cleanup(func() { _, _ = tryPodman("rm", "--force", "--volumes", c.id) })
	return c
}

// checkCage looks from outside at what runs: as nobody, without a right, within its memory.
func (c *container) checkCage(s *server) {
	c.t.Helper()
	status, err := os.ReadFile("/proc/" + podman(c.t, "inspect", "--format", "{{.State.Pid}}", c.id) + "/status")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, want := range []string{"Uid:\t65532\t65532\t65532\t65532\n", "Gid:\t65532\t65532\t65532\t65532\n", "CapEff:\t0000000000000000\n", "CapBnd:\t0000000000000000\n"} {
		if !strings.Contains(string(status), want) {
			c.t.Errorf("the process is not %q but\n%s", want, status)
		}
	}
	if limit := s.metric("go_gc_gomemlimit_bytes"); limit < 0.7*(512<<20) || limit > 0.9*(512<<20) {
		c.t.Errorf("Go keeps to %.0f bytes of memory, which is not about 80 %% of 512 MB", limit)
	}
}

// stop is what every platform does: SIGTERM, and SIGKILL if that does not help in time.
func (c *container) stop() {
	c.t.Helper()
	began := time.Now()
	podman(c.t, "stop", "--time", "60", c.id)
	within(c.t, "a container to the end", time.Since(began), 3*time.Second)
	if code, err := strconv.Atoi(podman(c.t, "inspect", "--format", "{{.State.ExitCode}}", c.id)); code != 0 || err != nil {
		c.t.Errorf("it ended with %d, %v", code, err)
	}
	logged, err := exec.Command("podman", "logs", c.id).CombinedOutput()
	if err != nil {
		c.t.Fatal(err)
	}
	for line := range strings.Lines(string(logged)) {
		if !json.Valid([]byte(line)) {
			c.t.Errorf("it logged %q", line)
		}
	}
	if !strings.Contains(string(logged), `"msg":"stopped"`) {
		c.t.Errorf("it did not stop in order:\n%s", logged)
	}
}
