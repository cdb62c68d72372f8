package main

import (
	"bytes"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestFlagTables: the tables of flags in docs/protocol.md and README.md have
// what the program takes, with its defaults, and nothing else.
func TestFlagTables(t *testing.T) {
	for head, commands := range map[string][]string{
		"docs/protocol.md: | flag of `serve` |":                     {"serve"},
		"docs/protocol.md: | flag of `export`, `import`, `stats` |": {"export", "import", "stats"},
		"docs/protocol.md: | flag of `load` |":                      {"load"},
		"README.md: | flag | default |":                             {"serve"},
	} {
		told, takes := flagTable(t, head), map[string]string{}
		for _, c := range commands {
			maps.Copy(takes, flagsByHelp(t, c))
		}
		for name, value := range takes {
			said, there := told[name]
			if !there {
				t.Errorf("%s lacks --%s", head, name)
			} else if said != "" && name != "max-sockets" && said != value { // max-sockets follows the machine
				t.Errorf("%s: --%s is %q there, and %q in the program", head, name, said, value)
			}
		}
		for name := range told {
			if _, there := takes[name]; !there {
				t.Errorf("%s tells of --%s, which %s does not take", head, name, commands)
			}
		}
	}
}

// TestCommandTable: docs/protocol.md has every command.
func TestCommandTable(t *testing.T) {
	page := page(t, "docs/protocol.md")
	for _, c := range commands() {
		if !regexp.MustCompile("(?m)^\\| .*`tictac " + c.name + "\\b").MatchString(page) {
			t.Errorf("docs/protocol.md does not tell of %q", c.name)
		}
	}
}

// flagTable is what a table has: "FILE: HEAD" to the next empty line. A default
// that is told in words is empty.
func flagTable(t *testing.T, head string) map[string]string {
	file, head, _ := strings.Cut(head, ": ")
	_, table, found := strings.Cut(page(t, file), "\n"+head)
	if !found {
		t.Fatalf("%s has no table %q", file, head)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	flags := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `--([a-z-]+)` \\| (?:`(.*?)`)?").FindAllStringSubmatch(table, -1) {
		flags[m[1]] = m[2]
	}
	return flags
}

// shorter writes a duration as people do: 2m, not 2m0s.
var shorter = strings.NewReplacer("h0m0s", "h", "m0s", "m")

// flagsByHelp is what a command tells of its flags and their defaults.
func flagsByHelp(t *testing.T, command string) map[string]string {
	var help, failure bytes.Buffer
	if code := run([]string{command, "--help"}, &help, &failure); code != 0 {
		t.Fatalf("%s --help exits with %d: %s", command, code, failure.String())
	}
	flags := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  --([a-z-]+), TICTAC_[A-Z_]+ \((.*)\)$`).FindAllStringSubmatch(help.String(), -1) {
		flags[m[1]] = shorter.Replace(m[2])
	}
	return flags
}

func page(t *testing.T, file string) string {
	text, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
