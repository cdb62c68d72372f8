package deploy

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A rule says what is wrong with a stack, in any number of words.
type rule struct {
	name  string
	check func(s stack, wrong func(format string, args ...any))
}

// of are the resources of a type, by name.
func (s stack) of(kind string) (all []resource) {
	for _, r := range s.resources {
		if r.Type == kind {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b resource) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// get follows keys and indexes from a value down; nil if it ends before.
func get(v any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

func (r resource) get(path ...any) any { return get(r.Properties, path...) }

func list(v any) []any {
	if l, is := v.([]any); is {
		return l
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

// pairs makes a map of a list of {Key, Value} or {Name, Value}.
func pairs(v any) map[string]any {
	m := map[string]any{}
	for _, p := range list(v) {
		for _, key := range []string{"Key", "Name"} {
			if name, is := get(p, key).(string); is {
				m[name] = get(p, "Value")
			}
		}
	}
	return m
}

func number(v any) int {
	n, err := strconv.Atoi(fmt.Sprint(v))
	if err != nil {
		return -1
	}
	return n
}

// every wants the same of each of the resources of a type, of which there is
// one at least.
func (s stack) every(kind string, wrong func(string, ...any), want string, path ...any) {
	if len(s.of(kind)) == 0 {
		wrong("there is no %s", kind)
	}
	for _, r := range s.of(kind) {
		if got := fmt.Sprint(r.get(path...)); got != want {
			wrong("%s: %v is %s, not %s", r.Name, path, got, want)
		}
	}
}

func (s stack) running() bool { return s.parameters["Image"] != "" }

func (s stack) shared() bool { return s.parameters["State"] != "none" }

// environment is what the server is told, and by which secrets.
func (s stack) environment() (plain, secret map[string]any) {
	container := s.resources["Task"].get("ContainerDefinitions", 0)
	secret = map[string]any{}
	for _, x := range list(get(container, "Secrets")) {
		secret[get(x, "Name").(string)] = get(x, "ValueFrom")
	}
	return pairs(get(container, "Environment")), secret
}

// protocol is docs/protocol.md, which says what the server knows.
var protocol = func() string {
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		panic(err)
	}
	return string(page)
}()

// drain is how long a server takes to stop.
var drain = func() time.Duration {
	d, err := time.ParseDuration(regexp.MustCompile("`--drain` \\| `([^`]*)`").FindStringSubmatch(protocol)[1])
	if err != nil {
		panic(err)
	}
	return d
}()

// combinations are all that the rules are held against.
func combinations() (all []map[string]string) {
	for _, state := range []string{"none", "redis", "redis-durable"} {
		for bits := range 16 {
			p := map[string]string{"State": state}
			if bits&1 != 0 {
				p["Image"] = "registry/tictac@sha256:00"
			}
			if bits&2 != 0 {
				p["Domain"], p["HostedZoneId"] = "ttt.example.org", "Z1"
			}
			if bits&4 != 0 {
				p["AlarmEmail"] = "ann@example.org"
			}
			if bits&8 != 0 {
				p["DesiredCount"], p["Zones"] = "0", "eu-north-1b,eu-north-1c"
			}
			all = append(all, p)
		}
	}
	return all
}

// findings holds a template against rules, and says what it found by the name
// of the rule.
func findings(tpl template, rules []rule, all []map[string]string) map[string][]string {
	found := map[string][]string{}
	for _, parameters := range all {
		s, err := tpl.render(parameters)
		if err != nil {
			found[references] = append(found[references], err.Error())
			continue
		}
		for _, r := range rules {
			r.check(s, func(format string, args ...any) {
				text := fmt.Sprintf(format, args...)
				if !slices.Contains(found[r.name], text) {
					found[r.name] = append(found[r.name], text)
				}
			})
		}
	}
	return found
}

// references are checked by the rendering itself: whatever is named is there.
const references = "references"

// A breakage is a template broken on purpose: from became to.
type breakage struct{ rule, from, to string }

// hold holds a template to its rules, breaks it in every given way, and sees
// that the rule meant finds it.
func hold(t *testing.T, file string, rules []rule, all []map[string]string, broken []breakage) {
	text := readTemplate(t, file)
	check := func(text string) map[string][]string {
		tpl, err := parseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		return findings(tpl, rules, all)
	}
	for name, problems := range check(text) {
		t.Errorf("%s: %s:\n\t%s", file, name, strings.Join(problems, "\n\t"))
	}
	caught := map[string]int{}
	for _, b := range broken {
		if strings.Count(text, b.from) == 0 {
			t.Errorf("%s: %s: it has no %q to break", file, b.rule, b.from)
		} else if len(check(strings.Replace(text, b.from, b.to, 1))[b.rule]) == 0 {
			t.Errorf("%s: %s: does not find %q in the place of %q", file, b.rule, b.to, b.from)
		}
		caught[b.rule]++
	}
	for _, r := range append(rules, rule{name: references}) {
		if caught[r.name] == 0 {
			t.Errorf("%s: %s: nobody has seen it find anything", file, r.name)
		}
	}
}
