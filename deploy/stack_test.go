package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var stackRules = []rule{
	{"network", network}, {"edges", edges}, {"door", door}, {"https", https}, {"hardening", hardening}, {"settings", settings},
	{"one world", oneWorld}, {"rollback", rollback}, {"transit", transit}, {"no room thrown away", noEviction}, {"repository", repository},
	{"least privilege", leastPrivilege}, {"who may take a role", trust}, {"log", logs}, {"metrics", published}, {"alarms", alarms},
	{"stages", stages}, {"destroy", deletable},
}

// templates are all that there are.
var templates = []string{"stack.yaml", "pipeline.yaml", "github.yaml"}

func TestStack(t *testing.T) {
	t.Parallel()
	hold(t, "stack.yaml", stackRules, combinations(), brokenStacks)
}

func hardening(s stack, wrong func(string, ...any)) {
	if !s.running() {
		return
	}
	s.every("AWS::ECS::TaskDefinition", wrong, "true", "ContainerDefinitions", 0, "ReadonlyRootFilesystem")
	s.every("AWS::ECS::TaskDefinition", wrong, "65532:65532", "ContainerDefinitions", 0, "User")
	s.every("AWS::ECS::TaskDefinition", wrong, "[ALL]", "ContainerDefinitions", 0, "LinuxParameters", "Capabilities", "Drop")
	s.every("AWS::ECS::TaskDefinition", wrong, "/data", "ContainerDefinitions", 0, "MountPoints", 0, "ContainerPath")
	s.every("AWS::ECS::TaskDefinition", wrong, "ARM64", "RuntimePlatform", "CpuArchitecture")
	s.every("AWS::ECS::TaskDefinition", wrong, s.parameters["Image"], "ContainerDefinitions", 0, "Image")
	s.every("AWS::ECS::TaskDefinition", wrong, s.parameters["Memory"], "ContainerDefinitions", 0, "Memory") // Go keeps to what it sees
	s.every("AWS::ECS::TaskDefinition", wrong, "<nil>", "ContainerDefinitions", 0, "Privileged")
	s.every("AWS::ECS::Service", wrong, "<nil>", "EnableExecuteCommand")
	if n := len(list(s.resources["Task"].get("ContainerDefinitions"))); n != 1 {
		wrong("%d containers", n)
	}
}

// What the server is told: every variable is of a flag that docs/protocol.md has.
func settings(s stack, wrong func(string, ...any)) {
	if !s.running() {
		return
	}
	plain, secret := s.environment()
	if proxies := plain["TICTAC_TRUSTED_PROXIES"]; proxies != "<Vpc.CidrBlock>" {
		wrong("the trusted proxies are %v", proxies)
	}
	store, password := fmt.Sprint(plain["TICTAC_STORE"]), fmt.Sprint(secret["TICTAC_STORE_PASSWORD"])
	want := map[string][2]string{
		"none":          {"sqlite:/data/tictac.db", "<nil>"},
		"redis":         {"rediss://<Redis.PrimaryEndPoint.Address>:6379", "<StoreSecret>:password::"},
		"redis-durable": {"rediss://<DurableUser>@<Durable.ClusterEndpoint.Address>:6379", "<StoreSecret>:password::"},
	}[s.parameters["State"]]
	if store != want[0] || password != want[1] {
		wrong("%s: %s with %s", s.parameters["State"], store, password)
	}
	known := []string{"TICTAC_STORE_PASSWORD"}
	for _, flag := range flags {
		known = append(known, "TICTAC_"+strings.ToUpper(strings.ReplaceAll(flag, "-", "_")))
	}
	maps.Copy(plain, secret)
	for name := range plain {
		if !slices.Contains(known, name) {
			wrong("the server does not know %s", name)
		}
	}
}

// Two tasks without a store in common are two worlds.
func oneWorld(s stack, wrong func(string, ...any)) {
	scaling := len(s.of("AWS::ApplicationAutoScaling::ScalableTarget")) + len(s.of("AWS::ApplicationAutoScaling::ScalingPolicy"))
	if !s.running() {
		return
	}
	service := s.resources["Service"]
	percent := [2]int{number(service.get("DeploymentConfiguration", "MinimumHealthyPercent")), number(service.get("DeploymentConfiguration", "MaximumPercent"))}
	count := number(service.get("DesiredCount"))
	stopped := s.parameters["DesiredCount"] == "0"
	if stopped != (count == 0) {
		wrong("stopped: %v, and %d tasks", stopped, count)
	}
	if s.shared() {
		if percent != [2]int{100, 200} || scaling != 2 {
			wrong("with a store: %v percent, %d resources that scale", percent, scaling)
		}
		if target := s.resources["ScalingTarget"]; fmt.Sprint(stopped) != target.get("SuspendedState", "DynamicScalingOutSuspended") || stopped != (target.get("MinCapacity") == "0") {
			wrong("stopped: %v, but scaling is %v", stopped, target.Properties)
		}
	} else if percent != [2]int{0, 100} || scaling != 0 || count > 1 || service.get("AvailabilityZoneRebalancing") != "DISABLED" {
		wrong("without a store: %v percent, %d resources that scale, %d tasks", percent, scaling, count)
	}
}

func rollback(s stack, wrong func(string, ...any)) {
	if s.running() {
		s.every("AWS::ECS::Service", wrong, "map[Enable:true Rollback:true]", "DeploymentConfiguration", "DeploymentCircuitBreaker")
	}
}

// Between server and store everything is encrypted, and proved by a password
// that is made by AWS and kept in one place.
func transit(s stack, wrong func(string, ...any)) {
	const password = "{{resolve:secretsmanager:<StoreSecret>:SecretString:password}}"
	switch s.parameters["State"] {
	case "redis":
		s.every("AWS::ElastiCache::ReplicationGroup", wrong, "true", "TransitEncryptionEnabled")
		s.every("AWS::ElastiCache::ReplicationGroup", wrong, "required", "TransitEncryptionMode")
		s.every("AWS::ElastiCache::ReplicationGroup", wrong, "true", "AtRestEncryptionEnabled")
		s.every("AWS::ElastiCache::ReplicationGroup", wrong, password, "AuthToken")
	case "redis-durable":
		s.every("AWS::MemoryDB::Cluster", wrong, "true", "TLSEnabled")
		s.every("AWS::MemoryDB::Cluster", wrong, "<DurableAcl>", "ACLName")
		s.every("AWS::MemoryDB::ACL", wrong, "[<DurableUser>]", "UserNames")
		s.every("AWS::MemoryDB::User", wrong, "map[Passwords:["+password+"] Type:password]", "AuthenticationMode")
	}
	for _, r := range s.of("AWS::SecretsManager::Secret") {
		if r.get("SecretString") != nil || number(r.get("GenerateSecretString", "PasswordLength")) < 32 {
			wrong("%s is not made by AWS", r.Name)
		}
	}
}

func noEviction(s stack, wrong func(string, ...any)) {
	switch s.parameters["State"] {
	case "redis":
		s.every("AWS::ElastiCache::ParameterGroup", wrong, "noeviction", "Properties", "maxmemory-policy")
		s.every("AWS::ElastiCache::ReplicationGroup", wrong, "<RedisParameters>", "CacheParameterGroupName")
	case "redis-durable":
		s.every("AWS::MemoryDB::ParameterGroup", wrong, "noeviction", "Parameters", "maxmemory-policy")
		s.every("AWS::MemoryDB::Cluster", wrong, "<DurableParameters>", "ParameterGroupName")
	}
}

func repository(s stack, wrong func(string, ...any)) {
	const kind = "AWS::ECR::Repository"
	s.every(kind, wrong, "IMMUTABLE", "ImageTagMutability")
	s.every(kind, wrong, "true", "ImageScanningConfiguration", "ScanOnPush")
	for _, r := range s.of(kind) {
		var policy struct {
			Rules []struct{ Action struct{ Type string } }
		}
		text, _ := r.get("LifecyclePolicy", "LifecyclePolicyText").(string)
		if err := json.Unmarshal([]byte(text), &policy); err != nil || len(policy.Rules) == 0 || policy.Rules[0].Action.Type != "expire" {
			wrong("%s: old images stay for ever: %v", r.Name, err)
		}
	}
}

func logs(s stack, wrong func(string, ...any)) {
	s.every("AWS::Logs::LogGroup", wrong, s.parameters["LogDays"], "RetentionInDays")
	if s.running() {
		s.every("AWS::ECS::TaskDefinition", wrong, "<Log>", "ContainerDefinitions", 0, "LogConfiguration", "Options", "awslogs-group")
		s.every("AWS::ECS::TaskDefinition", wrong, "non-blocking", "ContainerDefinitions", 0, "LogConfiguration", "Options", "mode")
	}
}

// Without an image there is no service; with one there are all outputs that the
// commands of the Makefile read.
func stages(s stack, wrong func(string, ...any)) {
	want := []string{"Url", "RepositoryUri", "RepositoryName", "ClusterName", "LogGroupName", "LoadBalancerDns"}
	if s.running() {
		want = append(want, "ServiceName", "DashboardUrl")
		if s.shared() {
			want = append(want, "ScalingResourceId")
		}
		if waits := s.resources["Service"].get("Tags", 1, "Value"); waits != map[bool]any{true: "<HttpsListener>", false: "<HttpListener>"}[s.parameters["Domain"] != ""] {
			wrong("the service does not wait for the listener of its targets: %v", waits)
		}
	}
	if got := slices.Sorted(maps.Keys(s.outputs)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		wrong("the outputs are %v", got)
	}
	if !s.running() && len(s.of("AWS::ECS::Service"))+len(s.of("AWS::ECS::TaskDefinition")) != 0 {
		wrong("there is a service without an image")
	}
	for _, refused := range s.refused {
		wrong("refused: %s", refused)
	}
}

// Nothing is in the way of make destroy, or stays and costs.
func deletable(s stack, wrong func(string, ...any)) {
	for _, r := range s.resources {
		switch r.Type {
		case "AWS::ECR::Repository", "AWS::Logs::LogGroup", "AWS::ElastiCache::ReplicationGroup", "AWS::MemoryDB::Cluster", "AWS::SecretsManager::Secret":
			if r.Policy != "Delete" {
				wrong("%s may stay", r.Name)
			}
		}
		if r.Policy != nil && r.Policy != "Delete" {
			wrong("%s stays: %v", r.Name, r.Policy)
		}
	}
	s.every("AWS::ECR::Repository", wrong, "true", "EmptyOnDelete")
	if pairs(s.resources["Balancer"].get("LoadBalancerAttributes"))["deletion_protection.enabled"] != "false" {
		wrong("the load balancer cannot be deleted")
	}
}

// flags of serve, by docs/protocol.md.
var flags = func() (names []string) {
	for _, m := range regexp.MustCompile("(?m)^\\| `--([a-z-]+)` \\|").FindAllStringSubmatch(protocol, -1) {
		names = append(names, m[1])
	}
	return names
}()
