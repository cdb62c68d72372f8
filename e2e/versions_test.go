package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// nextVersion is a build of a version to come: it writes rooms in another format
// and has another style sheet.
func nextVersion(t *testing.T) string {
	t.Helper()
	path, err := buildNext()
	if err != nil {
		t.Fatalf("building the next version: %v", err)
	}
	return path
}

var buildNext = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(builds, "next")
	sheet, err := filepath.Abs("../web/ui/app.css")
	if err != nil {
		return "", err
	}
	css, err := os.ReadFile(sheet)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(builds, "app.css")
	overlay, _ := json.Marshal(map[string]any{"Replace": map[string]string{sheet: changed}})
	return path, errors.Join(
		os.WriteFile(changed, append(css, "/* of the next version */\n"...), 0o600),
		os.WriteFile(filepath.Join(builds, "overlay.json"), overlay, 0o600),
		build(path, "-tags", "nextformat", "-overlay", filepath.Join(builds, "overlay.json")),
	)
})

// previousVersion is a build of what is likely to be deployed at present: the newest
// tag before this commit, or else the commit before. A shallow clone has neither;
// then it is this version.
func previousVersion(t *testing.T) string {
	t.Helper()
	name := previousName()
	t.Logf("the old version is %s", name)
	if name == thisVersion {
		return binary
	}
	path, err := buildPrevious()
	if err != nil {
		t.Fatalf("building the version %s: %v", name, err)
	}
	return path
}

const thisVersion = "this one: no earlier commit is here (a shallow clone, or none)"

func previousName() string {
	for _, ask := range [][]string{{"describe", "--tags", "--abbrev=0", "HEAD~1"}, {"rev-parse", "--verify", "HEAD~1"}} {
		said, err := exec.Command("git", ask...).Output()
		if name := strings.TrimSpace(string(said)); err == nil && name != "" {
			return name
		}
	}
	return thisVersion
}

var buildPrevious = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(builds, "previous")
	source := path + "-source"
	if err := os.Mkdir(source, 0o700); err != nil {
		return "", err
	}
	for _, step := range [][]string{
		{"git", "-C", "..", "archive", "-o", source + ".tar", previousName()}, {"tar", "-xf", source + ".tar", "-C", source},
		{"go", "build", "-C", source, "-buildvcs=false", "-o", path, "./cmd/tictac"}, // its races are not this version's
	} {
		if said, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w: %s", step, err, said)
		}
	}
	return path, nil
})
