package deploy

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var pipelineRules = []rule{
	{"least privilege", leastPrivilege}, {"who may take a role", trust}, {"log", retention}, {"no token", noToken}, {"order", order},
	{"ARM", arm}, {"a commit under test", underTest}, {"a version, not a stack", versionOnly}, {"bucket", private}, {"the commands of the Makefile", commands},
	{"enough", mayDeploy},
}

func TestPipeline(t *testing.T) {
	t.Parallel()
	hold(t, "pipeline.yaml", pipelineRules, []map[string]string{{"Repository": "ann/tictac"}}, []breakage{
		{"references", "GroupName: !Ref Log", "GroupName: !Ref Logs"},

		{"least privilege", "Action: [codebuild:StartBuild, codebuild:BatchGetBuilds]", "Action: codebuild:*"},
		{"least privilege", "Resource: !Sub '${Artifacts.Arn}/*'", "Resource: '*'"},
		{"who may take a role", "Principal: {Service: codepipeline.amazonaws.com}", "Principal: {AWS: '*'}"},
		{"log", "      RetentionInDays: !Ref LogDays\n", ""},
		{"log", "CloudWatchLogs: {Status: ENABLED, GroupName: !Ref Log, StreamName: test}", "CloudWatchLogs: {Status: ENABLED}"},

		{"no token", "ProviderType: GitHub", "ProviderType: Bitbucket"},
		{"no token", "Owner: AWS, Provider: CodeStarSourceConnection", "Owner: ThirdParty, Provider: GitHub"},
		{"no token", "FullRepositoryId: !Ref Repository", "OAuthToken: '{{resolve:secretsmanager:github}}'"},

		{"order", "Configuration: {ProjectName: !Ref Test}", "Configuration: {ProjectName: !Ref Deploy}"},
		{"order", "Includes: [!Ref Branch]", "Includes: ['*']"},
		{"order", "PipelineType: V2", "PipelineType: V1"},

		{"ARM", "Type: ARM_CONTAINER", "Type: LINUX_CONTAINER"},
		{"ARM", "golang:1.26-trixie", "golang:1.25-trixie"},

		{"a commit under test", "                Action: s3:GetObject\n", "                Action: [s3:GetObject, ecr:PutImage]\n"},
		{"a commit under test", "ServiceRole: !GetAtt TestRole.Arn", "ServiceRole: !GetAtt DeployRole.Arn"},

		{"a version, not a stack", "Action: [ecs:RegisterTaskDefinition, ecs:TagResource]", "Action: [ecs:RegisterTaskDefinition, ecs:CreateService]"},
		{"a version, not a stack", "StringEquals: {'iam:PassedToService': ecs-tasks.amazonaws.com}", "StringEquals: {}"},
		{"a version, not a stack", "role/${StackName}-TaskRole-*", "role/*"},

		{"enough", "                  - ecr:DescribeImages\n", ""},
		{"enough", "cloudformation:DescribeStacks, cloudformation:UpdateStack", "cloudformation:DescribeStacks"},

		{"bucket", "BlockPublicPolicy: true", "BlockPublicPolicy: false"},
		{"bucket", "{Bool: {'aws:SecureTransport': 'false'}}", "{Bool: {'aws:SecureTransport': 'true'}}"},
		{"bucket", "ExpirationInDays: 7", "ExpirationInDays: 0"},

		{"the commands of the Makefile", "BuildSpec: deploy/buildspec-test.yml", "BuildSpec: deploy/buildspec.yml"},
		{"the commands of the Makefile", "[{Name: STACK, Value: !Ref StackName}]", "[]"},
	})
}

// TestGitHub: a tag of the repository may do what the pipeline may, and nobody else.
func TestGitHub(t *testing.T) {
	t.Parallel()
	pipeline, err := parseTemplate(readTemplate(t, "pipeline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	one, err := pipeline.render(map[string]string{"Repository": "ann/tictac"})
	if err != nil {
		t.Fatal(err)
	}
	rights := func(s stack, policy int) string { return fmt.Sprint(s.resources["DeployRole"].get("Policies", policy)) }
	rules := []rule{
		{"least privilege", leastPrivilege}, {"a version, not a stack", versionOnly}, {"a tag of the repository", byTag},
		{"as the pipeline", func(s stack, wrong func(string, ...any)) {
			if rights(s, 0) != rights(one, 1) || rights(s, 1) != rights(one, 2) || rights(s, 2) != "<nil>" {
				wrong("its rights are not those of the pipeline")
			}
		}},
	}
	given := []map[string]string{{"Repository": "ann/tictac"}, {"Repository": "ann/tictac", "ProviderArn": "arn:other", "OwnerId": "12", "RepositoryId": "345"}}
	hold(t, "github.yaml", rules, given, []breakage{
		{"references", "    Condition: MakesProvider\n", "    Condition: HasProvider\n"},
		{"least privilege", "Action: ecr:GetAuthorizationToken", "Action: ecr:*"},
		{"a version, not a stack", "cloudformation:UpdateStack", "cloudformation:DeleteStack"},
		{"a tag of the repository", "refs/tags/v*", "*"},
		{"a tag of the repository", "${Owner}@${OwnerId}", "${Owner}@*"},
		{"a tag of the repository", "      ClientIdList: [sts.amazonaws.com]", "      ClientIdList: []"},
		{"a tag of the repository", "              StringEquals: {'token.actions.githubusercontent.com:aud': sts.amazonaws.com}\n", ""},
		{"as the pipeline", "                  - ecr:PutImage\n", ""},
	})
}

func byTag(s stack, wrong func(string, ...any)) {
	const issuer = "token.actions.githubusercontent.com"
	for _, r := range s.of("AWS::IAM::Role") {
		st := r.get("AssumeRolePolicyDocument", "Statement", 0)
		tags := fmt.Sprintf("[repo:ann/tictac:ref:refs/tags/v* repo:ann@%s/tictac@%s:ref:refs/tags/v*]", s.parameters["OwnerId"], s.parameters["RepositoryId"])
		if get(st, "Condition", "StringEquals", issuer+":aud") != "sts.amazonaws.com" || fmt.Sprint(get(st, "Condition", "StringLike", issuer+":sub")) != tags {
			wrong("%s is for %v", r.Name, get(st, "Condition"))
		}
		want := s.parameters["ProviderArn"]
		if want == "" {
			want = "<Provider>"
			s.every("AWS::IAM::OIDCProvider", wrong, "[sts.amazonaws.com]", "ClientIdList")
		}
		if get(st, "Principal", "Federated") != want || len(list(r.get("AssumeRolePolicyDocument", "Statement"))) != 1 {
			wrong("%s is for %v", r.Name, get(st, "Principal"))
		}
	}
}

func retention(s stack, wrong func(string, ...any)) {
	s.every("AWS::Logs::LogGroup", wrong, s.parameters["LogDays"], "RetentionInDays")
	s.every("AWS::CodeBuild::Project", wrong, "<Log>", "LogsConfig", "CloudWatchLogs", "GroupName")
}

// GitHub is reached by a connection, and nothing is kept by which somebody else could.
func noToken(s stack, wrong func(string, ...any)) {
	s.every("AWS::CodeConnections::Connection", wrong, "GitHub", "ProviderType")
	source := s.resources["Pipeline"].get("Stages", 0, "Actions", 0)
	if get(source, "ActionTypeId", "Owner") != "AWS" || get(source, "ActionTypeId", "Provider") != "CodeStarSourceConnection" ||
		get(source, "Configuration", "ConnectionArn") != "<Connection>" || get(source, "Configuration", "FullRepositoryId") != s.parameters["Repository"] {
		wrong("the source is %v", source)
	}
	for _, r := range s.resources {
		if strings.Contains(fmt.Sprint(r.Properties), "{{resolve") {
			wrong("%s has a secret", r.Name)
		}
	}
}

// First the tests, then the deploy, of one branch only.
func order(s stack, wrong func(string, ...any)) {
	p := s.resources["Pipeline"]
	var projects []any
	for _, stage := range list(p.get("Stages")) {
		for _, a := range list(get(stage, "Actions")) {
			projects = append(projects, get(a, "Configuration", "ProjectName"))
		}
	}
	if fmt.Sprint(projects) != "[<nil> <Test> <Deploy>]" {
		wrong("it does %v", projects)
	}
	branches := p.get("Triggers", 0, "GitConfiguration", "Push", 0, "Branches", "Includes")
	if fmt.Sprint(branches) != "["+s.parameters["Branch"]+"]" || p.get("PipelineType") != "V2" {
		wrong("it is a %v for %v", p.get("PipelineType"), branches)
	}
}

// What is built where it runs needs no emulation, and the Go of go.mod.
func arm(s stack, wrong func(string, ...any)) {
	s.every("AWS::CodeBuild::Project", wrong, "ARM_CONTAINER", "Environment", "Type")
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		wrong("%v", err)
	}
	images := map[string]string{"Test": fmt.Sprint(s.resources["Test"].get("Environment", "Image"))}
	for _, file := range []string{"../Dockerfile", "buildspec-deploy.yml"} {
		text, err := os.ReadFile(file)
		images[file] = string(text)
		if err != nil {
			wrong("%v", err)
		}
	}
	for where, image := range images {
		m := golang.FindStringSubmatch(image)
		if m == nil || !strings.Contains(string(mod), "\ngo "+m[1]) {
			wrong("%s builds in %q", where, m)
		}
	}
}

var golang = regexp.MustCompile(`[./]library/golang:(\d+\.\d+)-`)

// The tests run what anybody wrote who got a commit into the branch.
func underTest(s stack, wrong func(string, ...any)) {
	for _, st := range s.statements(wrong) {
		for _, a := range st.actions {
			if st.where == "TestRole" && !slices.Contains([]any{"logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject", "codeconnections:UseConnection"}, a) {
				wrong("the tests may do %v", a)
			}
		}
	}
	if role := s.resources["Test"].get("ServiceRole"); role != "<TestRole.Arn>" {
		wrong("the tests are run by %v", role)
	}
}

// A commit can bring another image, and no more of a stack than that.
func versionOnly(s stack, wrong func(string, ...any)) {
	may := "ecr: logs: s3:GetObject codeconnections:UseConnection " +
		"cloudformation:DescribeStackEvents cloudformation:DescribeStacks cloudformation:UpdateStack ec2:DescribeAvailabilityZones route53:GetHostedZone ecs:RegisterTaskDefinition ecs:DeregisterTaskDefinition ecs:DescribeTaskDefinition ecs:DescribeServices ecs:DescribeServiceDeployments " +
		"ecs:UpdateService ecs:TagResource ecs:UntagResource ecs:ListTagsForResource iam:PassRole"
	for _, st := range s.statements(wrong) {
		for _, a := range st.actions {
			service, _, _ := strings.Cut(a.(string), ":")
			if st.where == "DeployRole" && !slices.Contains(strings.Fields(may), a.(string)) && !slices.Contains(strings.Fields(may), service+":") {
				wrong("deploying may do %v", a)
			}
			if a == "iam:PassRole" && (get(st.condition, "StringEquals", "iam:PassedToService") != "ecs-tasks.amazonaws.com" ||
				slices.ContainsFunc(st.resources, func(r any) bool { return !strings.Contains(r.(string), "role/tictac-") })) {
				wrong("deploying may pass on %v: %v", st.resources, st.condition)
			}
		}
	}
}

var awsCommand = regexp.MustCompile(`\baws ([a-z0-9-]+) ([a-z-]+)`)

// mayDeploy: whatever make deploy asks of AWS, its role may ask.
func mayDeploy(s stack, wrong func(string, ...any)) {
	script, err := os.ReadFile("deploy")
	if err != nil {
		wrong("%v", err)
	}
	needed := []string{"cloudformation:DescribeStacks", "cloudformation:UpdateStack", "cloudformation:DescribeStackEvents"} // in common.sh
	for _, m := range awsCommand.FindAllStringSubmatch(string(script), -1) {
		action := m[1] + ":"
		for word := range strings.SplitSeq(m[2], "-") {
			action += strings.ToUpper(word[:1]) + word[1:]
		}
		needed = append(needed, action)
	}
	var may []any
	for _, st := range s.statements(wrong) {
		if st.where == "DeployRole" {
			may = append(may, st.actions...)
		}
	}
	for _, action := range needed {
		switch action {
		case "route53:ListHostedZones": // to tell what was forgotten
		case "ecr:GetLoginPassword":
			action = "ecr:GetAuthorizationToken"
			fallthrough
		default:
			if !slices.Contains(may, any(action)) {
				wrong("make deploy needs %s", action)
			}
		}
	}
	if len(needed) < 6 {
		wrong("make deploy does hardly anything: %v", needed)
	}
}

func private(s stack, wrong func(string, ...any)) {
	for _, what := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		s.every("AWS::S3::Bucket", wrong, "true", "PublicAccessBlockConfiguration", what)
	}
	for _, r := range s.of("AWS::S3::Bucket") {
		if days := number(r.get("LifecycleConfiguration", "Rules", 0, "ExpirationInDays")); days < 1 || days > 30 {
			wrong("what is in %s stays for %d days", r.Name, days)
		}
	}
	deny := s.resources["ArtifactsByTls"].get("PolicyDocument", "Statement", 0)
	if get(deny, "Effect") != "Deny" || get(deny, "Condition", "Bool", "aws:SecureTransport") != "false" {
		wrong("the bucket is there without TLS too: %v", deny)
	}
}

// What the steps do can be done by hand: they type targets of the Makefile.
func commands(s stack, wrong func(string, ...any)) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		wrong("%v", err)
	}
	for name, want := range map[string]string{"Test": "test", "Deploy": "deploy"} {
		file := fmt.Sprint(s.resources[name].get("Source", "BuildSpec"))
		text, err := os.ReadFile("../" + file)
		if err != nil {
			wrong("%v", err)
			continue
		}
		var spec struct {
			Version string
			Phases  map[string]struct{ Commands []string }
		}
		if err := yaml.Unmarshal(text, &spec); err != nil || spec.Version != "0.2" {
			wrong("%s: version %s, %v", file, spec.Version, err)
		}
		build := strings.Fields(strings.Join(spec.Phases["build"].Commands, "\n"))
		if len(build) < 2 || build[0] != "make" || build[1] != want || !strings.Contains(string(makefile), "\n"+want+":") {
			wrong("%s does %q", file, build)
		}
	}
	if pairs(s.resources["Deploy"].get("Environment", "EnvironmentVariables"))["STACK"] != s.parameters["StackName"] {
		wrong("it deploys another stack")
	}
}
