package main

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"tictac/emf"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for _, p := range pairs {
			if value, is := strings.CutPrefix(p, name+"="); is {
				return value
			}
		}
		return ""
	}
}

// TestBill compares with sums that were done by hand.
func TestBill(t *testing.T) {
	prices := readPrices()
	const (
		task     = 730 * (0.25*0.03238 + 0.5*0.00356)
		always   = 730*0.0225 + 3*730*0.005 + 0.07*0.10     // load balancer, three addresses, images
		work     = 730 * 0.008 * 100 * 800 / 6 * 3600 / 1e9 // bytes of a hundred players
		redis    = 730*0.0128 + 0.40
		memoryDB = 730*0.0336 + 0.40
	)
	for _, c := range []struct {
		told string
		want float64
	}{
		{"", always + task + work + redis},
		{"STATE=none", always + task + work},
		{"STATE=none SPOT_SHARE=100", always + task*0.4 + work},
		{"STATE=redis-durable DOMAIN=x.example.org EMAIL=a@b.example", always + task + work + memoryDB + 0.50},
		{"SPOT_SHARE=50 MIN_TASKS=2", always + 730*0.005 + task + task*0.4 + work + redis},
		{"PLAYERS=0", always + task + redis},
		{"PLAYERS=9000", always + 2*730*0.005 + 3*task + 90*work + redis + (9000*800.0/6*3600*730/1e9-100)*0.09},
		{"PLAYERS=9000 STATE=none", always + task + 90*work + (9000*800.0/6*3600*730/1e9-100)*0.09},
		{"CPU=1024 MEMORY=2048 STORE_SIZE=large", always + 4*task + work + 730*0.1264 + 0.40},
	} {
		chosen, err := choose(env(strings.Fields(c.told)...))
		if err != nil {
			t.Fatal(err)
		}
		if got := draw(prices, chosen).total(); math.Abs(got-c.want) > 0.001 {
			t.Errorf("%s: %.3f, not %.3f", c.told, got, c.want)
		}
	}
	if got, want := original(prices).total(), 730*(0.25*0.04048+0.5*0.004445)+3*730*0.005+730*0.0225+0.50; math.Abs(got-want) > 0.001 {
		t.Errorf("the original: %.3f, not %.3f", got, want)
	}
}

// TestShow looks that the bill adds up as it is printed, and at what stands beside it.
func TestShow(t *testing.T) {
	var out strings.Builder
	c, err := choose(env("DOMAIN=ttt.example.org", "EMAIL=a@b.example"))
	if err != nil {
		t.Fatal(err)
	}
	show(&out, readPrices(), c)
	for _, want := range []string{"together                  45.12", "36.89", "about 40", "STATE=none                  35.37", "STATE=redis-durable"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestBadChoices(t *testing.T) {
	for _, told := range []string{"STATE=disk", "STORE_SIZE=huge", "SPOT_SHARE=101", "SPOT_SHARE=half", "SPOT_SHARE=33", "CPU=300", "MEMORY=8192", "CPU=2048 MEMORY=2048", "PLAYERS=-1", "MIN_TASKS=0", "PLAYERS_PER_TASK=0"} {
		if _, err := choose(env(strings.Fields(told)...)); err == nil || !strings.Contains(err.Error(), strings.Split(told, "=")[0]) {
			t.Errorf("%s: %v", told, err)
		}
	}
}

// TestPrices: each says where it is from, and each node of the template has one.
func TestPrices(t *testing.T) {
	prices := readPrices().Prices
	for name, p := range prices {
		if p.USD <= 0 || p.Date == "" || !strings.HasPrefix(p.Page, "https://aws.amazon.com/") {
			t.Errorf("%s: %+v", name, p)
		}
	}
	text, err := os.ReadFile("../stack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Mappings struct {
			Nodes map[string]map[string]string `yaml:"Nodes"`
		} `yaml:"Mappings"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	if len(template.Mappings.Nodes) != len(nodes) {
		t.Errorf("the template has nodes for %v", template.Mappings.Nodes)
	}
	for state, sizes := range template.Mappings.Nodes {
		for size, node := range sizes {
			if nodes[state][size] != node || prices[node].USD == 0 {
				t.Errorf("STATE=%s STORE_SIZE=%s is a %s, here %q", state, size, node, nodes[state][size])
			}
		}
	}
	if metrics != float64(len(emf.Metrics)) {
		t.Errorf("%v metrics, the servers publish %d", metrics, len(emf.Metrics))
	}
	// Each State has one alarm less than the template: that on the other's memory,
	// or both; and scaling has two of its own.
	alarms := float64(len(regexp.MustCompile(`Type: AWS::CloudWatch::Alarm`).FindAll(text, -1)))
	if got := alarmCount(choice{state: "redis"}); got != alarms-1+2 {
		t.Errorf("%v alarms with a store, the template has %v", got, alarms)
	}
	if got := alarmCount(choice{state: "none"}); got != alarms-2 {
		t.Errorf("%v alarms without a store, the template has %v", got, alarms)
	}
}

// TestDocs: what docs/deploy.md tells is what the program prints.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	prices := readPrices()
	want := []string{fmt.Sprintf("no scaling | $%.0f ", original(prices).total())}
	for _, state := range []string{"none", "redis", "redis-durable"} {
		var sums []any
		for _, spot := range []string{"0", "100"} {
			c, err := choose(env("STATE="+state, "SPOT_SHARE="+spot, "DOMAIN=ttt.example.org", "EMAIL=a@b.example"))
			if err != nil {
				t.Fatal(err)
			}
			sums = append(sums, draw(prices, c).total())
		}
		want = append(want, fmt.Sprintf("| `STATE=%s` | $%.0f | $%.0f |", append([]any{state}, sums...)...))
	}
	for _, line := range want {
		if !strings.Contains(string(page), line) {
			t.Errorf("docs/deploy.md has no %q", line)
		}
	}
}
