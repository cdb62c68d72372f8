package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// linters are programs that know what AWS takes, each with the command that has
// it look at templates and end with 0 if it finds nothing.
var linters = map[string]struct {
	there   func() bool
	missing string
	command []string
}{
	"cfn-lint": {
		func() bool { _, err := exec.LookPath("cfn-lint"); return err == nil },
		"cfn-lint is not on the path (pip install cfn-lint)",
		[]string{"cfn-lint", "--include-checks", "W", "--"},
	},
	"CDK": {
		func() bool { _, err := os.Stat("../node_modules/aws-cdk-lib"); return err == nil },
		"aws-cdk-lib is not installed (make tools)",
		[]string{"node", "synth.js"},
	},
}

// TestLint has the linters look at the templates, and at one that was broken in
// several ways, of which they must find each.
func TestLint(t *testing.T) {
	t.Parallel()
	broken := readTemplate(t, "stack.yaml")
	for _, b := range []struct{ from, to string }{
		{"CpuArchitecture: ARM64", "CpuArchitecture: ARM46"},
		{"Scheme: internet-facing", "Scheme: public"},
		{"ImageTagMutability: IMMUTABLE", "ImageTagMutability: IMMUTABEL"},
	} {
		if !strings.Contains(broken, b.from) {
			t.Fatalf("there is no %q to break", b.from)
		}
		broken = strings.Replace(broken, b.from, b.to, 1)
	}
	file := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, l := range linters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !l.there() {
				if name == "CDK" && os.Getenv("CI") != "" { // make tools installs it
					t.Fatal(l.missing)
				}
				t.Skipf("skipped: %s", l.missing)
			}
			look := func(files ...string) (string, error) {
				out, err := exec.Command(l.command[0], append(l.command[1:], files...)...).CombinedOutput()
				return string(out), err
			}
			if out, err := look(templates...); err != nil || strings.TrimSpace(out) != "" {
				t.Errorf("%v\n%s", err, out)
			}
			out, err := look(file)
			for _, finding := range []string{"ARM46", "public", "IMMUTABEL"} {
				if err == nil || !strings.Contains(out, finding) {
					t.Errorf("it does not find %s: %v\n%s", finding, err, out)
				}
			}
		})
	}
}

// TestTemplateSize: what is handed over without a bucket is not larger.
func TestTemplateSize(t *testing.T) {
	for _, name := range templates {
		if n := len(readTemplate(t, name)); n > 51200 {
			t.Errorf("%s has %d bytes", name, n)
		}
	}
}
