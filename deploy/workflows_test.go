package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// pinned is an action by its commit, with the version for people.
var pinned = regexp.MustCompile(`^\s*- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// TestActionsPinned: a tag may be moved by whoever has the action's repository, a commit not.
func TestActionsPinned(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatalf("the workflows are %q, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSuffix(line, "\n")
			if strings.Contains(line, "uses:") && !strings.Contains(line, "uses: ./") && !pinned.MatchString(line) {
				t.Errorf("%s: not by commit and version: %s", file, line)
			}
		}
	}
}

// A workflow is what of one is looked at here.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Needs       string
		If          string
		Permissions map[string]string
		Steps       []struct {
			Name, Run string
			Env       map[string]string
		}
	}
}

func readWorkflow(t *testing.T, name string) (w workflow) {
	t.Helper()
	text, err := os.ReadFile("../.github/workflows/" + name)
	if err == nil {
		err = yaml.Unmarshal(text, &w)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWorkflowRights: whoever's pull request runs may read the code, and nothing else; only
// a tag's deploy may ask AWS for a role, after the tests.
func TestWorkflowRights(t *testing.T) {
	t.Parallel()
	test, deploy := readWorkflow(t, "test.yml"), readWorkflow(t, "deploy.yml")
	for _, w := range []workflow{test, deploy} {
		if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
			t.Errorf("a workflow may %v", w.Permissions)
		}
		for name, job := range w.Jobs {
			for what, may := range job.Permissions {
				if may != "read" && (name != "deploy" || what != "id-token") {
					t.Errorf("%s may %s %s", name, may, what)
				}
			}
		}
	}
	if job := deploy.Jobs["deploy"]; job.Needs != "test" || !strings.Contains(job.If, "vars.AWS_ROLE_ARN") {
		t.Errorf("deploying needs %q, if %q", job.Needs, job.If)
	}
}

// TestWorkflowDeploys runs the step that deploys, with a make that only tells what it was
// given: variables that the repository does not have are not set, since make deploy takes
// an empty one for a wish to have nothing there.
func TestWorkflowDeploys(t *testing.T) {
	t.Parallel()
	steps := readWorkflow(t, "deploy.yml").Jobs["deploy"].Steps
	step := steps[len(steps)-1]
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "make"), []byte("#!/bin/sh\necho make \"$@\"\nenv\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-e", "-c", step.Run)
	cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH")}
	for name, value := range step.Env {
		if value != "${{ vars."+name+" }}" {
			t.Errorf("%s is %s", name, value)
		}
		cmd.Env = append(cmd.Env, name+"="+map[string]string{"STATE": "redis", "EMAIL": "a b@example.org"}[name])
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	told := "\n" + string(out)
	for _, want := range []string{"\nmake deploy\n", "\nSTATE=redis\n", "\nEMAIL=a b@example.org\n"} {
		if !strings.Contains(told, want) {
			t.Errorf("it was not told %q but %s", want, told)
		}
	}
	for name := range step.Env {
		if strings.Contains(told, "\n"+name+"=\n") {
			t.Errorf("%s is set, to nothing", name)
		}
	}
}
