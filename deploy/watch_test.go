package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tictac/emf"
)

// metricNames are what the servers publish.
var metricNames = func() (names []string) {
	for _, m := range emf.Metrics {
		names = append(names, m.Name)
	}
	return names
}()

// ours are the names of the servers' metrics that scaling, alarms and dashboard
// read, with where.
func ours(s stack, namespace any, wrong func(string, ...any)) map[string][]string {
	used := map[string][]string{}
	use := func(space, name any, where string) {
		switch {
		case space == namespace:
			used[fmt.Sprint(name)] = append(used[fmt.Sprint(name)], where)
		case !strings.HasPrefix(fmt.Sprint(space), "AWS/"):
			wrong("%s reads %v of %v, and the servers write to %v", where, name, space, namespace)
		}
	}
	for _, r := range s.of("AWS::CloudWatch::Alarm") {
		use(r.get("Namespace"), r.get("MetricName"), r.Name)
	}
	for _, r := range s.of("AWS::ApplicationAutoScaling::ScalingPolicy") {
		m := r.get("TargetTrackingScalingPolicyConfiguration", "CustomizedMetricSpecification")
		use(get(m, "Namespace"), get(m, "MetricName"), r.Name)
		if get(m, "Dimensions") != nil || get(m, "MetricName") != "Players" || get(m, "Statistic") != "Average" {
			wrong("%s scales by %v", r.Name, m)
		}
	}
	for _, r := range s.of("AWS::CloudWatch::Dashboard") {
		var body struct {
			Widgets []struct{ Properties struct{ Metrics [][]any } }
		}
		if err := json.Unmarshal([]byte(r.get("DashboardBody").(string)), &body); err != nil {
			wrong("%s: %v", r.Name, err)
		}
		for _, w := range body.Widgets {
			for _, m := range w.Properties.Metrics {
				if _, is := m[0].(string); is { // or it is an expression
					use(m[0], m[1], r.Name)
				}
			}
		}
	}
	return used
}

// What is watched is what the servers publish, and nothing is published that
// nobody looks at.
func published(s stack, wrong func(string, ...any)) {
	if !s.running() {
		return
	}
	plain, _ := s.environment()
	if namespace, _ := plain["TICTAC_EMF"].(string); !emf.ValidNamespace(namespace) {
		wrong("%q is no namespace", namespace)
	}
	used := ours(s, plain["TICTAC_EMF"], wrong)
	s.every("AWS::CloudWatch::Dashboard", wrong, "tictac-eu-north-1", "DashboardName") // two regions would share one
	for name, where := range used {
		if !slices.Contains(metricNames, name) {
			wrong("%v read %s, which no server publishes", where, name)
		}
	}
	for _, name := range metricNames {
		if !slices.Contains(used[name], "Dashboard") {
			wrong("%s is not on the dashboard", name)
		}
	}
}

// Whoever gave an address is told of everything that the issue names; who gave
// none has no alarms to pay for.
func alarms(s stack, wrong func(string, ...any)) {
	got := map[string]string{}
	for _, r := range s.of("AWS::CloudWatch::Alarm") {
		got[fmt.Sprint(r.get("Namespace"), " ", r.get("MetricName"))] = r.Name
		if fmt.Sprint(r.get("AlarmActions"), r.get("OKActions")) != "[<Alarms>] [<Alarms>]" {
			wrong("%s tells nobody", r.Name)
		}
		if stopped := s.parameters["DesiredCount"] == "0"; r.Name == "BalancerErrors" && r.get("ActionsEnabled") != fmt.Sprint(!stopped) {
			wrong("%s, while stopped: %v, tells: %v", r.Name, stopped, r.get("ActionsEnabled"))
		}
		if r.get("TreatMissingData") != "notBreaching" {
			wrong("%s goes off when nobody plays", r.Name)
		}
	}
	if s.parameters["AlarmEmail"] == "" {
		if n := len(got) + len(s.of("AWS::SNS::Topic")) + len(s.of("AWS::Budgets::Budget")); n != 0 {
			wrong("%d alarms for nobody", n)
		}
		return
	}
	want := []string{
		"AWS/ApplicationELB HTTPCode_ELB_5XX_Count", "AWS/ApplicationELB HTTPCode_Target_5XX_Count", "AWS/ApplicationELB UnHealthyHostCount",
		"tictac/tictac MoveTime", "tictac/tictac StoreErrors",
	}
	if s.running() {
		want = append(want, "AWS/ECS MemoryUtilization")
	}
	switch s.parameters["State"] {
	case "redis":
		want = append(want, "AWS/ElastiCache DatabaseMemoryUsagePercentage")
	case "redis-durable":
		want = append(want, "AWS/MemoryDB DatabaseMemoryUsagePercentage")
	}
	slices.Sort(want)
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
		wrong("alarms on %q, not on %q", names, want)
	}
	if s.resources["SlowMoves"].get("ExtendedStatistic") != "p99" {
		wrong("it is not the p99 of a move that is watched")
	}
	if s.resources["Alarms"].get("Subscription", 0, "Endpoint") != "ann@example.org" {
		wrong("alarms go elsewhere")
	}
	for i := range 2 {
		s.every("AWS::Budgets::Budget", wrong, "ann@example.org", "NotificationsWithSubscribers", i, "Subscribers", 0, "Address")
	}
}
