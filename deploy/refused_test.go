package deploy

import (
	"slices"
	"strings"
	"testing"
)

// TestRefused gives what would make a stack of no use.
func TestRefused(t *testing.T) {
	t.Parallel()
	tpl, err := parseTemplate(readTemplate(t, "stack.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		given map[string]string
		want  string
	}{
		{map[string]string{"State": "none", "MinTasks": "2"}, "exactly one task"},
		{map[string]string{"State": "redis", "MinTasks": "2"}, ""},
		{map[string]string{"Domain": "ttt.example.org"}, "needs HostedZoneId"},
		{map[string]string{"HostedZoneId": "Z1"}, "without Domain"},
	} {
		s, err := tpl.render(c.given)
		if err != nil {
			t.Error(err)
		}
		if refused := strings.Join(s.refused, "; "); c.want == "" && refused != "" || !strings.Contains(refused, c.want) {
			t.Errorf("%v: %q, not %q", c.given, refused, c.want)
		}
	}
	fargate := map[string]string{ // what AWS offers, in MB
		"256": "512 1024 2048", "512": "1024 2048 4096", "1024": "2048 4096 8192", "2048": "4096 8192",
	}
	sizes := func(name string) []any { return get(map[string]any(tpl), "Parameters", name, "AllowedValues").([]any) }
	for _, cpu := range sizes("Cpu") {
		for _, memory := range sizes("Memory") {
			s, err := tpl.render(map[string]string{"Cpu": cpu.(string), "Memory": memory.(string)})
			if err != nil {
				t.Error(err)
			}
			offered := slices.Contains(strings.Fields(fargate[cpu.(string)]), memory.(string))
			if offered != (len(s.refused) == 0) {
				t.Errorf("%v with %v MB: %q", cpu, memory, s.refused)
			}
		}
	}
	for _, share := range get(map[string]any(tpl), "Parameters", "SpotShare", "AllowedValues").([]any) {
		s, err := tpl.render(map[string]string{"SpotShare": share.(string), "Image": "x"})
		if err != nil {
			t.Error(err)
		}
		strategy := s.resources["Service"].get("CapacityProviderStrategy")
		demand, spot := number(get(strategy, 0, "Weight")), number(get(strategy, 1, "Weight"))
		if demand+spot == 0 || 100*spot/(demand+spot) != number(share) {
			t.Errorf("SpotShare=%v: weights %d and %d", share, demand, spot)
		}
	}
}
