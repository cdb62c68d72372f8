package deploy

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// cloud stands for AWS: moto, which keeps what it is told as AWS does and runs
// nothing, and a registry that takes images as ECR does.
type cloud struct {
	endpoint string // moto's address
	registry *httptest.Server

	mu     sync.Mutex
	pushed map[string]string // the digest of each "REPOSITORY:TAG"
	pushes int

	asking    sync.Mutex
	questions io.Writer // to testdata/ask.py
	answers   *bufio.Scanner
}

// digest is that of an image that was pushed.
func (c *cloud) digest(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pushed[name]
}

// newCloud starts it, or skips the test where a tool is missing.
func newCloud(t *testing.T) *cloud {
	t.Helper()
	needTools(t, "aws", "buildah", "make", "python3")
	c := &cloud{endpoint: startMoto(t), pushed: map[string]string{}}
	c.startAsking(t)
	c.registry = httptest.NewTLSServer(c.ecr(registry.New(registry.Logger(log.New(io.Discard, "", 0)))))
	t.Cleanup(c.registry.Close)
	return c
}

func needTools(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: %s is not installed", tool)
		}
	}
}

// processor is what an image that was pushed is for, as it says itself.
func (c *cloud) processor(t *testing.T, repository, tag string) string {
	t.Helper()
	var manifest struct{ Config struct{ Digest string } }
	c.pull(t, repository+"/manifests/"+tag, &manifest)
	var config struct{ Architecture string }
	c.pull(t, repository+"/blobs/"+manifest.Config.Digest, &config)
	return config.Architecture
}

func (c *cloud) pull(t *testing.T, path string, v any) {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, "/v2/"+path, nil)
	req.SetBasicAuth("AWS", password)
	w := httptest.NewRecorder()
	c.registry.Config.Handler.ServeHTTP(w, req)
	if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		t.Fatalf("%s: %v: %s", path, err, w.Body)
	}
}

// startMoto starts moto on a free port and waits until it listens.
func startMoto(t *testing.T) (endpoint string) {
	t.Helper()
	said, err := os.Create(filepath.Join(t.TempDir(), "moto.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "testdata/aws.py", "-H", "127.0.0.1", "-p", "0")
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		said.Close()
		if text, _ := os.ReadFile(said.Name()); t.Failed() {
			if i := bytes.LastIndex(text, []byte("Traceback")); i >= 0 {
				t.Logf("moto broke down:\n%s", text[i:min(i+6000, len(text))])
			}
		}
	})
	listens := regexp.MustCompile(`Running on (http://[0-9.]+:[0-9]+)\s`)
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		select {
		case <-ended:
			if text, _ := os.ReadFile(said.Name()); bytes.Contains(text, []byte("No module named 'moto'")) {
				t.Skip("skipped: python3 has no moto")
			}
			t.Fatal("moto ended at once")
		case <-time.After(50 * time.Millisecond):
		}
		text, _ := os.ReadFile(said.Name())
		if m := listens.FindSubmatch(text); m != nil {
			return string(m[1])
		}
	}
	t.Fatal("moto did not start within two minutes")
	return ""
}

// startAsking starts what answers ask.
func (c *cloud) startAsking(t *testing.T) {
	t.Helper()
	cmd := exec.Command("python3", "testdata/ask.py", c.endpoint, region)
	cmd.Stderr = os.Stderr
	questions, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		questions.Close()
		_ = cmd.Wait()
	})
	c.questions, c.answers = questions, bufio.NewScanner(answers)
	c.answers.Buffer(nil, 1<<20)
}

type args map[string]any

// ask asks AWS what it holds: a call by its name in Python, of its answer what
// the JMESPath query selects.
func (c *cloud) ask(t *testing.T, query, service, call string, arguments args) any {
	t.Helper()
	if arguments == nil {
		arguments = args{}
	}
	c.asking.Lock()
	defer c.asking.Unlock()
	if err := json.NewEncoder(c.questions).Encode([]any{service, call, arguments, query}); err != nil {
		t.Fatal(err)
	}
	var reply struct {
		Answer any
		Error  string
	}
	if !c.answers.Scan() {
		t.Fatalf("%s %s: no answer: %v", service, call, c.answers.Err())
	}
	if err := json.Unmarshal(c.answers.Bytes(), &reply); err != nil {
		t.Fatal(err)
	}
	if reply.Error != "" {
		t.Fatalf("%s %s %v: %s", service, call, arguments, reply.Error)
	}
	return reply.Answer
}

// expect compares what AWS holds with what it should: JSON, written as one likes.
func (c *cloud) expect(t *testing.T, want, query, service, call string, arguments args) {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(want), &v); err != nil {
		t.Fatalf("the test expects %s, which is no JSON: %v", want, err)
	}
	if got := c.ask(t, query, service, call, arguments); !reflect.DeepEqual(got, v) {
		said, _ := json.Marshal(got)
		t.Errorf("%s %s: %s\ngot  %s\nwant %s", service, call, query, said, want)
	}
}

// password is what moto answers to get-login-password.
const password = "123456789012-auth-token"

// ecr is a registry that wants ECR's password, and of which moto knows every
// image that was pushed.
func (c *cloud) ecr(images http.Handler) http.Handler {
	manifest := regexp.MustCompile(`^/v2/(.+)/manifests/([^:]+)$`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, given, _ := r.BasicAuth(); user != "AWS" || given != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="ecr"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		m := manifest.FindStringSubmatch(r.URL.Path)
		if m == nil || r.Method != http.MethodPut {
			images.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = c.put(m[1], m[2], r.Header.Get("Content-Type"), body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		images.ServeHTTP(w, r)
	})
}

// put has moto take an image's manifest, as ECR does when it is pushed.
func (c *cloud) put(repository, tag, kind string, manifest []byte) error {
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(manifest))
	body, err := json.Marshal(map[string]string{
		"repositoryName": repository, "imageTag": tag, "imageDigest": digest,
		"imageManifest": string(manifest), "imageManifestMediaType": kind,
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.PutImage")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/"+region+"/ecr/aws4_request, SignedHeaders=host, Signature=none")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if said, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		return fmt.Errorf("put-image: %s: %s", resp.Status, said)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pushed[repository+":"+tag] = digest
	c.pushes++
	return nil
}
