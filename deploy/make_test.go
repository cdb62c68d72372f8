package deploy

import (
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// region is where the tests deploy to.
const region = "eu-west-1"

// user is somebody who types make, in an environment of their own.
type user struct {
	t     *testing.T
	stack string
	env   []string
}

// pythonTools is where the aws command is installed beside Python, past the
// stand-in of a version manager, which takes a quarter of the time; "" is no matter.
var pythonTools = sync.OnceValue(func() string {
	prefix, _ := exec.Command("python3", "-c", "import sys; print(sys.prefix, end='/bin')").Output()
	return string(prefix)
})

// newUser has dummy credentials, no configuration, and an image tool whose
// storage is in the test's folder.
func newUser(t *testing.T, stack, endpoint string) *user {
	t.Helper()
	dir := t.TempDir()
	u := &user{t: t, stack: stack}
	for _, v := range os.Environ() { // what `make test` and the developer have set is none of it
		name, _, _ := strings.Cut(v, "=")
		switch {
		case strings.HasPrefix(name, "AWS_"), strings.HasPrefix(name, "MAKE"), name == "MFLAGS", name == "VERSION", name == "EMAIL", name == "PATH":
		default:
			u.env = append(u.env, v)
		}
	}
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	u.set("PATH", pythonTools()+":"+os.Getenv("PATH"))
	u.set("HOME", dir)
	u.set("STACK", stack)
	u.set("REGION", region)
	u.set("AWS_ENDPOINT_URL", endpoint)
	u.set("AWS_EC2_METADATA_DISABLED", "true")
	u.set("AWS_ACCESS_KEY_ID", "test")
	u.set("AWS_SECRET_ACCESS_KEY", "test")
	u.set("IMAGE_TOOL", "buildah")
	u.set("IMAGE_FLAGS", "--isolation chroot --file "+write("Dockerfile", "FROM scratch\nARG VERSION\nLABEL version=$VERSION\n"))
	u.set("REGISTRY_AUTH_FILE", filepath.Join(dir, "auth.json"))
	u.set("STORAGE_DRIVER", "vfs")
	u.set("CONTAINERS_STORAGE_CONF", write("storage.conf",
		fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n", filepath.Join(dir, "images"), filepath.Join(dir, "run"))))
	return u
}

// pushesTo has images pushed to a registry of the test's, over TLS as always.
func (u *user) pushesTo(registry *httptest.Server) {
	u.t.Helper()
	file := filepath.Join(u.t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: registry.Certificate().Raw})
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		u.t.Fatal(err)
	}
	u.set("SSL_CERT_FILE", file)
	u.set("PUSH_TO", registry.Listener.Addr().String()+"/"+u.stack)
}

func (u *user) set(name, value string) { u.env = append(u.env, name+"="+value) }

func (u *user) unset(name string) {
	u.env = slices.DeleteFunc(u.env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}

// command is a command as the user would run it at the root of the project.
func (u *user) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = "..", u.env
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// make runs make and returns what it printed.
func (u *user) make(args ...string) (string, error) {
	start := time.Now()
	out, err := u.command("make", args...).CombinedOutput()
	u.t.Logf("make %s (%v)\n%s", strings.Join(args, " "), time.Since(start).Round(100*time.Millisecond), out)
	return string(out), err
}

// must fails the test if make does, or if its output lacks a text.
func (u *user) must(args []string, texts ...string) string {
	u.t.Helper()
	out, err := u.make(args...)
	if err != nil {
		u.t.Fatalf("make %s: %v", args[0], err)
	}
	for _, text := range texts {
		if !strings.Contains(out, text) {
			u.t.Errorf("make %s does not say %q", args[0], text)
		}
	}
	return out
}

// TestVariables: every parameter of the stack can be given to make deploy, but
// for those that it works out, and nothing else can.
func TestVariables(t *testing.T) {
	t.Parallel()
	template, err := parseTemplate(readTemplate(t, "stack.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("deploy")
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{"Image": true, "DesiredCount": true}
	for _, m := range regexp.MustCompile(`(?m)^take (\w+) (\w+)$`).FindAllStringSubmatch(string(script), -1) {
		taken[m[2]] = true
		if !regexp.MustCompile(`(?m)^#.*\b` + m[1] + `\b`).Match(script) {
			t.Errorf("the head of deploy/deploy does not tell of %s", m[1])
		}
	}
	parameters := get(map[string]any(template), "Parameters").(map[string]any)
	for name := range parameters {
		if !taken[name] {
			t.Errorf("make deploy takes no variable for the parameter %s", name)
		}
	}
	for name := range taken {
		if parameters[name] == nil {
			t.Errorf("make deploy sets %s, which the stack does not have", name)
		}
	}
}
