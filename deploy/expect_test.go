package deploy

import (
	"fmt"
	"strings"
	"testing"
)

// deployed is what was deployed, by the names AWS gave it.
type deployed struct {
	*user
	cloud                          *cloud
	cluster, service, log, scaling string
}

func findStack(u *user, c *cloud) deployed {
	u.t.Helper()
	s := deployed{user: u, cloud: c}
	outputs := c.ask(u.t, "Stacks[0].Outputs", "cloudformation", "describe_stacks", args{"StackName": u.stack}).([]any)
	for _, o := range outputs {
		o := o.(map[string]any)
		value := o["OutputValue"].(string)
		switch o["OutputKey"] {
		case "ClusterName":
			s.cluster = value
		case "ServiceName":
			s.service = value
		case "LogGroupName":
			s.log = value
		case "ScalingResourceId":
			s.scaling = value
		}
	}
	return s
}

func (s deployed) ask(query, service, call string, a args) any {
	s.t.Helper()
	return s.cloud.ask(s.t, query, service, call, a)
}

func (s deployed) expect(want, query, service, call string, a args) {
	s.t.Helper()
	s.cloud.expect(s.t, want, query, service, call, a)
}

// physical is AWS' name of a resource of the template.
func (s deployed) physical(resource string) string {
	s.t.Helper()
	return s.ask("StackResourceSummaries[?LogicalResourceId=='"+resource+"'].PhysicalResourceId | [0]",
		"cloudformation", "list_stack_resources", args{"StackName": s.stack}).(string)
}

// expectTasks looks at the service: which version, how many tasks.
func (s deployed) expectTasks(version string, count int) {
	s.t.Helper()
	digest := s.cloud.digest(s.stack + ":" + version)
	if digest == "" {
		s.t.Fatalf("no image %s was pushed", version)
	}
	got := s.ask("services[0].[desiredCount, taskDefinition]", "ecs", "describe_services", s.itself()).([]any)
	if got[0] != float64(count) {
		s.t.Errorf("%v tasks are wanted, not %d", got[0], count)
	}
	s.expect(fmt.Sprintf(`"123456789012.dkr.ecr.%s.amazonaws.com/%s@%s"`, region, s.stack, digest),
		"taskDefinition.containerDefinitions[0].image", "ecs", "describe_task_definition", args{"taskDefinition": got[1]})
}

// itself is how ECS is asked for the service.
func (s deployed) itself() args { return args{"cluster": s.cluster, "services": []string{s.service}} }

// expectTask looks at what a task is.
func (s deployed) expectTask() {
	s.t.Helper()
	task := args{"taskDefinition": s.stack}
	s.expect(`["256", "512", "awsvpc", "ARM64", "LINUX", ["FARGATE"]]`, `taskDefinition.[cpu, memory, networkMode,
		runtimePlatform.cpuArchitecture, runtimePlatform.operatingSystemFamily, requiresCompatibilities]`,
		"ecs", "describe_task_definition", task)
	s.expect(`["65532:65532", true, 60, ["ALL"], [3000], [["data", "/data"]], [["nofile", 65535]]]`,
		`taskDefinition.containerDefinitions[0].[user, readonlyRootFilesystem, stopTimeout, linuxParameters.capabilities.drop,
			portMappings[].containerPort, mountPoints[].[sourceVolume, containerPath], ulimits[].[name, softLimit]]`,
		"ecs", "describe_task_definition", task)
	s.expect(`[["TICTAC_EMF", "tictac/tictac"], ["TICTAC_STORE", "rediss://redis.internal:6379"], ["TICTAC_TRUSTED_PROXIES", "10.0.0.0/16"]]`,
		"sort_by(taskDefinition.containerDefinitions[0].environment, &name)[].[name, value]", "ecs", "describe_task_definition", task)
	s.expect(`["TICTAC_STORE_PASSWORD"]`, "taskDefinition.containerDefinitions[0].secrets[].name", "ecs", "describe_task_definition", task)
}

// expectNetwork looks at who may talk to whom. Rules for what goes out are not
// made by moto.
func (s deployed) expectNetwork() {
	s.t.Helper()
	balancer, server := s.physical("BalancerGroup"), s.physical("ServerGroup")
	comesIn := func(group, want string) {
		s.t.Helper()
		s.expect(want, `sort_by(SecurityGroups[0].IpPermissions, &FromPort)[].[IpProtocol, FromPort, ToPort,
			IpRanges[].CidrIp, UserIdGroupPairs[].GroupId]`, "ec2", "describe_security_groups", args{"GroupIds": []string{group}})
	}
	comesIn(balancer, `[["tcp", 80, 80, ["0.0.0.0/0"], []], ["tcp", 443, 443, ["0.0.0.0/0"], []]]`)
	comesIn(server, `[["tcp", 3000, 3000, [], ["`+balancer+`"]]]`)
	comesIn(s.physical("StoreGroup"), `[["tcp", 6379, 6379, [], ["`+server+`"]]]`)
	s.expect(`["`+balancer+`"]`, "LoadBalancers[0].SecurityGroups",
		"elbv2", "describe_load_balancers", args{"LoadBalancerArns": []string{s.physical("Balancer")}})
	s.expect(`["ENABLED", ["`+server+`"], 2]`,
		"services[0].networkConfiguration.awsvpcConfiguration.[assignPublicIp, securityGroups, length(subnets)]",
		"ecs", "describe_services", s.itself())
	s.expect(`["10.0.0.0/24", "10.0.1.0/24"]`, "sort(Subnets[].CidrBlock)",
		"ec2", "describe_subnets", args{"Filters": []args{{"Name": "vpc-id", "Values": []string{s.physical("Vpc")}}}})
}

// expectDoors looks at the way in: name, load balancer, tasks.
func (s deployed) expectDoors(zone string) {
	s.t.Helper()
	balancer, targets := args{"LoadBalancerArn": s.physical("Balancer")}, s.physical("Targets")
	s.expect(`["120"]`, "Attributes[?Key=='idle_timeout.timeout_seconds'].Value", "elbv2", "describe_load_balancer_attributes", balancer)
	s.expect(`["30"]`, "Attributes[?Key=='deregistration_delay.timeout_seconds'].Value",
		"elbv2", "describe_target_group_attributes", args{"TargetGroupArn": targets})
	s.expect(`[3000, "HTTP", "ip", "/healthz"]`, "TargetGroups[0].[Port, Protocol, TargetType, HealthCheckPath]",
		"elbv2", "describe_target_groups", args{"TargetGroupArns": []string{targets}})
	s.expect(`[[80, "HTTP", "redirect", "443"], [443, "HTTPS", "forward", null]]`,
		"sort_by(Listeners, &Port)[].[Port, Protocol, DefaultActions[0].Type, DefaultActions[0].RedirectConfig.Port]",
		"elbv2", "describe_listeners", balancer)
	s.expect(`[["tictac", 3000, "`+targets+`"]]`, "services[0].loadBalancers[].[containerName, containerPort, targetGroupArn]",
		"ecs", "describe_services", s.itself())
	name := s.ask("LoadBalancers[0].DNSName", "elbv2", "describe_load_balancers", args{"LoadBalancerArns": []any{balancer["LoadBalancerArn"]}}).(string)
	s.expect(`[["ttt.example.org", "A", "`+name+`"]]`, "ResourceRecordSets[?AliasTarget].[Name, Type, AliasTarget.DNSName]",
		"route53", "list_resource_record_sets", args{"HostedZoneId": zone})
}

func (s deployed) expectRepository() {
	s.t.Helper()
	s.expect(`["IMMUTABLE", true]`, "repositories[0].[imageTagMutability, imageScanningConfiguration.scanOnPush]",
		"ecr", "describe_repositories", args{"repositoryNames": []string{s.stack}})
	policy := s.ask("lifecyclePolicyText", "ecr", "get_lifecycle_policy", args{"repositoryName": s.stack}).(string)
	if !strings.Contains(policy, `"expire"`) {
		s.t.Errorf("images are kept for ever: %s", policy)
	}
}

// expectScaling looks at how few and how many tasks scaling may make, and
// whether it may do anything.
func (s deployed) expectScaling(want string) {
	s.t.Helper()
	asked := args{"ServiceNamespace": "ecs", "ResourceIds": []string{s.scaling}}
	s.expect(want, `ScalableTargets[0].[MinCapacity, MaxCapacity, SuspendedState.DynamicScalingInSuspended,
		SuspendedState.DynamicScalingOutSuspended, SuspendedState.ScheduledScalingSuspended]`,
		"application-autoscaling", "describe_scalable_targets", asked)
}

// suspend stops or resumes scaling behind the commands' back.
func (s deployed) suspend(v bool) {
	s.t.Helper()
	s.ask("@", "application-autoscaling", "register_scalable_target", args{"ServiceNamespace": "ecs", "ResourceId": s.scaling,
		"ScalableDimension": "ecs:service:DesiredCount", "SuspendedState": args{"DynamicScalingInSuspended": v,
			"DynamicScalingOutSuspended": v, "ScheduledScalingSuspended": v}})
}

// expectStatus has a task looked at by the load balancer and an alarm raised.
func (s deployed) expectStatus(version string) {
	s.t.Helper()
	s.ask("@", "elbv2", "register_targets", args{"TargetGroupArn": s.physical("Targets"), "Targets": []args{{"Id": "10.0.0.7"}}})
	alarm := s.stack + "-SlowMoves-1"
	s.ask("@", "cloudwatch", "put_metric_alarm", args{"AlarmName": alarm, "Namespace": "tictac", "MetricName": "MoveTime", "Statistic": "Maximum",
		"Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"})
	s.ask("@", "cloudwatch", "set_alarm_state", args{"AlarmName": alarm, "StateValue": "ALARM", "StateReason": "too slow"})
	s.must([]string{"status"}, "UPDATE_COMPLETE", "https://ttt.example.org", "1 wanted, 1 running, 0 starting",
		version+", "+s.cloud.digest(s.stack+":"+version), "10.0.0.7\thealthy", alarm+"\ttoo slow")
}

// expectNothing asks for all that a stack makes, in the whole region.
func (c *cloud) expectNothing(t *testing.T) {
	t.Helper()
	for _, q := range []struct{ query, service, call string }{
		{"Stacks", "cloudformation", "describe_stacks"},
		{"clusterArns", "ecs", "list_clusters"},
		{"taskDefinitionArns", "ecs", "list_task_definitions"},
		{"repositories", "ecr", "describe_repositories"},
		{"LoadBalancers", "elbv2", "describe_load_balancers"},
		{"TargetGroups", "elbv2", "describe_target_groups"},
		{"Vpcs[?!IsDefault]", "ec2", "describe_vpcs"},
		{"InternetGateways", "ec2", "describe_internet_gateways"},
		{"SecurityGroups[?GroupName!='default']", "ec2", "describe_security_groups"},
		{"logGroups", "logs", "describe_log_groups"},
		{"CertificateSummaryList", "acm", "list_certificates"},
		{"Topics", "sns", "list_topics"},
		{"Roles", "iam", "list_roles"},
	} {
		c.expect(t, "[]", q.query, q.service, q.call, nil)
	}
	c.expect(t, "[]", "ScalableTargets", "application-autoscaling", "describe_scalable_targets", args{"ServiceNamespace": "ecs"})
}
