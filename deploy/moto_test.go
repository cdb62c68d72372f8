package deploy

import (
	"bufio"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestOnAWS runs the commands of the Makefile for real against what stands for
// AWS, and asks it after each what it holds.
func TestOnAWS(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	t.Run("stacks", func(t *testing.T) {
		t.Run("redis", func(t *testing.T) {
			t.Parallel()
			withRedis(t, c)
		})
		t.Run("none", func(t *testing.T) {
			t.Parallel()
			withoutStore(t, c)
		})
	})
	if !t.Failed() {
		c.expectNothing(t)
	}
}

// withRedis is the whole life of a game at its own domain.
func withRedis(t *testing.T, c *cloud) {
	u := newUser(t, "tictac", c.endpoint)
	u.pushesTo(c.registry)
	zone := c.ask(t, "HostedZone.Id", "route53", "create_hosted_zone", args{"Name": "example.org", "CallerReference": "1"}).(string)
	zone = strings.TrimPrefix(zone, "/hostedzone/")
	u.must([]string{"deploy", "VERSION=one", "DOMAIN=ttt.example.org", "HOSTED_ZONE_ID=" + zone, "EMAIL=a@example.org"},
		"stack tictac, region eu-west-1, account 123456789012", "Domain=ttt.example.org", "Version one runs: https://ttt.example.org")
	s := findStack(u, c)
	s.expectTasks("one", 1)
	s.expectTask()
	if p := c.processor(t, "tictac", "one"); p != "arm64" {
		t.Errorf("the image is for %s, the task for ARM", p)
	}
	s.expectNetwork()
	s.expectDoors(zone)
	s.expectRepository()
	s.expectScaling(`[1, 4, false, false, false]`)
	s.expectStatus("one")
	expectLogs(s)

	// A new version: what is not given is as it was, the tasks as scaled.
	s.ask("@", "ecs", "update_service", args{"cluster": s.cluster, "service": s.service, "desiredCount": 3})
	u.must([]string{"deploy", "VERSION=two"}, "Version two runs: https://ttt.example.org")
	s.expectTasks("two", 3)
	s.expectDoors(zone)
	pushes := c.pushes
	u.must([]string{"deploy", "VERSION=two"}, "is in the repository already", "The stack is as it should be.")
	if c.pushes != pushes {
		t.Error("an image that was there was pushed again")
	}

	u.must([]string{"stop"}, "Stopped.", "go on costing")
	s.expectTasks("two", 0)
	s.expectScaling(`[0, 4, true, true, true]`)
	s.suspend(false) // by somebody else
	u.must([]string{"stop"}, "It was stopped already.")
	s.expectScaling(`[0, 4, true, true, true]`)
	u.must([]string{"deploy", "VERSION=three", "MIN_TASKS=2"}, "stopped and stays so")
	s.expectTasks("three", 0)
	u.must([]string{"start"}, "It runs: https://ttt.example.org")
	s.expectTasks("three", 2)
	s.expectScaling(`[2, 4, false, false, false]`)
	s.suspend(true)
	u.must([]string{"start"}, "It was not stopped.")
	s.expectScaling(`[2, 4, false, false, false]`)

	if out, err := u.make("destroy"); err == nil || !strings.Contains(out, "nothing was done") {
		t.Error("destroyed without being sure")
	}
	s.expectTasks("three", 2)
	u.must([]string{"destroy", "YES=1"}, "Gone.", "The hosted zone "+zone+" stays")
	u.must([]string{"destroy", "YES=1"}, "There is no such stack")
	c.expect(t, `["NS", "SOA"]`, "sort(ResourceRecordSets[].Type)", "route53", "list_resource_record_sets", args{"HostedZoneId": zone})
}

// withoutStore is a game as in the original: one task, no domain.
func withoutStore(t *testing.T, c *cloud) {
	u := newUser(t, "plain", c.endpoint)
	u.pushesTo(c.registry)
	u.must([]string{"deploy", "VERSION=one", "STATE=none", "CPU=512", "MEMORY=1024"}, "Version one runs: http://plain-")
	s := findStack(u, c)
	s.expectTasks("one", 1)
	s.expect(`["512", "1024", "sqlite:/data/tictac.db"]`, "taskDefinition.[cpu, memory, containerDefinitions[0].environment[?name=='TICTAC_STORE'] | [0].value]",
		"ecs", "describe_task_definition", args{"taskDefinition": "plain"})
	s.expect(`[["HTTP", "forward"]]`, "Listeners[].[Protocol, DefaultActions[0].Type]",
		"elbv2", "describe_listeners", args{"LoadBalancerArn": s.physical("Balancer")})
	if s.scaling != "" {
		t.Errorf("without a store the tasks are scaled: %s", s.scaling)
	}
	u.must([]string{"stop"}, "State=none", "Stopped.")
	s.expectTasks("one", 0)
	u.must([]string{"start"}, "It runs: http://plain-")
	s.expectTasks("one", 1)

	// Another store means other rooms: it asks first.
	if out, err := u.make("deploy", "VERSION=one", "STATE=redis"); err == nil || !strings.Contains(out, "from none to redis") || !strings.Contains(out, "nothing was done") {
		t.Error("the store was changed without being sure")
	}
	u.must([]string{"destroy", "YES=1"}, "Gone.")
}

// expectLogs follows the log until it shows what a server wrote.
func expectLogs(s deployed) {
	s.t.Helper()
	stream := args{"logGroupName": s.log, "logStreamName": "server/tictac/1"}
	s.ask("@", "logs", "create_log_stream", stream)
	now := time.Now().UnixMilli()
	stream["logEvents"] = []args{{"timestamp": now - 1000, "message": `{"Players":1,"_aws":{}}`}, {"timestamp": now, "message": "listening"}}
	s.ask("@", "logs", "put_log_events", stream)
	cmd := s.command("make", "logs")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	end := time.AfterFunc(5*time.Minute, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer end.Stop()
	found := false
	for lines := bufio.NewScanner(out); !found && lines.Scan(); {
		found = strings.Contains(lines.Text(), "server/tictac/1\tlistening")
		if strings.Contains(lines.Text(), "_aws") {
			s.t.Error("make logs shows what is for CloudWatch")
		}
	}
	if !found {
		s.t.Error("make logs does not show what a server wrote")
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // as Ctrl-C, which is ignored by what a shell has put into the background
	_ = cmd.Wait()
}
