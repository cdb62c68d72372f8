package deploy

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestFailures looks at what each command says when it cannot go on: what is
// wrong, and what mends it. AWS is a few answers, those it gives in that case.
func TestFailures(t *testing.T) {
	t.Parallel()
	needTools(t, "aws", "make")
	for _, c := range []struct {
		name  string
		aws   answers
		make  string   // what is typed
		set   []string // in the environment, NAME=VALUE
		texts []string
	}{
		{"no aws command", nil, "deploy", []string{"PATH=" + without(t, "aws")}, []string{"the aws command is missing", "getting-started-install"}},
		{"no credentials", nil, "status", []string{"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="}, []string{"AWS does not let you see the stack", "Type aws configure"}},
		{"no permission", answers{"DescribeStacks": denied}, "status", nil, []string{"not authorized", "cloudformation:DescribeStacks"}},
		{"unknown state", nil, "deploy STATE=mysql", nil, []string{"STATE=mysql is unknown", "none, redis or redis-durable"}},
		{"a domain without its zone", answers{"ListHostedZones": zones}, "deploy DOMAIN=ttt.example.org", nil,
			[]string{"needs HOSTED_ZONE_ID", "example.org.", "ZONE1"}},
		{"a zone without a domain", nil, "deploy HOSTED_ZONE_ID=ZONE1", nil, []string{"needs DOMAIN"}},
		{"a domain in another zone", answers{"GetHostedZone": zone}, "deploy DOMAIN=ttt.example.com HOSTED_ZONE_ID=/hostedzone/ZONE1", nil,
			[]string{"ttt.example.com is not in the zone ZONE1, which is example.org.", "ends in example.org"}},
		{"a private zone", answers{"GetHostedZone": hidden}, "deploy DOMAIN=ttt.example.org HOSTED_ZONE_ID=ZONE1", nil, []string{"ZONE1 is private", "the public one"}},
		{"other zones", answers{"DescribeStacks": stackIn("UPDATE_COMPLETE")}, "deploy ZONES=eu-west-1b,eu-west-1c", nil, []string{"ZONES cannot be changed", "make destroy"}},
		{"a name that AWS will not take", nil, "deploy", []string{"STACK=tic--tac"}, []string{"STACK=tic--tac will not do"}},
		{"more tasks at least than at most", nil, "deploy MIN_TASKS=5", nil, []string{"MIN_TASKS=5 and MAX_TASKS=4 do not go together"}},
		{"two worlds", nil, "deploy STATE=none MIN_TASKS=2", nil, []string{"STATE=none has exactly one task", "Add MIN_TASKS=1"}},
		{"a number that is none", nil, "deploy MIN_TASKS=few", nil, []string{"MIN_TASKS=few"}},
		{"no tool for images", nil, "deploy", []string{"IMAGE_TOOL=false"}, []string{"docker"}},
		{"a stack that could not be made", answers{"DescribeStacks": stackIn("ROLLBACK_COMPLETE"), "DescribeStackEvents": events}, "deploy", nil,
			[]string{"(ROLLBACK_COMPLETE)", "failed: Certificate (AWS::CertificateManager::Certificate): no such domain", "make destroy, make deploy"}},
		{"a stack that could not be put back", answers{"DescribeStacks": stackIn("UPDATE_ROLLBACK_FAILED"), "DescribeStackEvents": events}, "stop", nil,
			[]string{"no such domain", "aws cloudformation continue-update-rollback --region eu-west-1 --stack-name tictac"}},
		{"a stack that is being changed", answers{"DescribeStacks": stackIn("UPDATE_IN_PROGRESS")}, "start", nil,
			[]string{"is being changed (UPDATE_IN_PROGRESS)", "make status"}},
		{"nothing to stop", nil, "stop", nil, []string{"there is nothing to stop", "make deploy"}},
		{"no logs", nil, "logs", nil, []string{"there are no logs", "make deploy"}},
		{"no time", nil, "logs SINCE=yesterday", nil, []string{"SINCE=yesterday is no time"}},
		{"a failed stack's status", answers{"DescribeStacks": stackIn("ROLLBACK_COMPLETE"), "DescribeStackEvents": events}, "status", nil,
			[]string{"stack      ROLLBACK_COMPLETE", "no such domain"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, "tictac", newAnswers(t, c.aws, nil))
			u.set("IMAGE_TOOL", "true") // nothing is to be built
			for _, v := range c.set {
				name, value, _ := strings.Cut(v, "=")
				u.unset(name)
				u.set(name, value)
			}
			out, err := u.make(strings.Fields(c.make)...)
			if strings.Contains(out, "an old story") || strings.Contains(out, "cancelled") {
				t.Error("it tells of failures that are not the reason")
			}
			if succeeds := strings.HasPrefix(c.make, "status") && c.aws != nil && c.aws["DescribeStacks"] != denied; (err == nil) != succeeds {
				t.Errorf("make %s: %v", c.make, err)
			}
			for _, text := range c.texts {
				if !strings.Contains(out, text) {
					t.Errorf("it does not say %q", text)
				}
			}
		})
	}
}

// TestRollback has AWS take a new version back: it is told why, and there are as
// many tasks again as scaling had made.
func TestRollback(t *testing.T) {
	t.Parallel()
	needTools(t, "aws", "make")
	var asked requests
	u := newUser(t, "tictac", newAnswers(t, answers{
		"DescribeStacks":      stackIn("UPDATE_COMPLETE"),
		"UpdateStack":         `<UpdateStackResponse><UpdateStackResult><StackId>x</StackId></UpdateStackResult></UpdateStackResponse>`,
		"DescribeStackEvents": events,
		"DescribeImages":      `{"imageDetails": [{"imageDigest": "sha256:1"}]}`,
		"DescribeServices":    `{"services": [{"desiredCount": 3}]}`,
		"UpdateService":       `{"service": {"status": "ACTIVE"}}`,
	}, &asked))
	u.set("IMAGE_TOOL", "true")
	out, err := u.make("deploy")
	if err == nil {
		t.Error("it did not fail")
	}
	for _, text := range []string{
		"3. the game: sha256:1, tasks: 3", "failed: Certificate (AWS::CertificateManager::Certificate): no such domain",
		"the stack was not changed as it should be; it is UPDATE_ROLLBACK_COMPLETE", "make logs",
	} {
		if !strings.Contains(out, text) {
			t.Errorf("it does not say %q", text)
		}
	}
	if got := asked.parameter("DesiredCount"); got != "3" {
		t.Errorf("the number of tasks was changed to %q", got)
	}
	if !strings.Contains(asked.of("UpdateService"), `"desiredCount": 3`) {
		t.Errorf("the number of tasks was not put back: %s", asked.of("UpdateService"))
	}
}

// without is a PATH on which a tool is missing, of those the commands use.
func without(t *testing.T, missing string) string {
	t.Helper()
	dir := t.TempDir()
	for _, tool := range []string{"bash", "dirname", "git", "date", "awk", "sed", "cut", "grep", "aws"} {
		if path, err := exec.LookPath(tool); err == nil && tool != missing {
			if err := os.Symlink(path, filepath.Join(dir, tool)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// answers are what AWS says, by the call.
type answers map[string]string

const (
	denied = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>`
	absent = `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id tictac does not exist</Message></Error></ErrorResponse>`
	caller = `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	zones  = `<ListHostedZonesResponse><HostedZones><HostedZone><Id>/hostedzone/ZONE1</Id><Name>example.org.</Name><CallerReference>1</CallerReference></HostedZone></HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>`
	hidden = `<GetHostedZoneResponse><HostedZone><Id>/hostedzone/ZONE1</Id><Name>example.org.</Name><CallerReference>1</CallerReference><Config><PrivateZone>true</PrivateZone></Config></HostedZone></GetHostedZoneResponse>`
	zone   = `<GetHostedZoneResponse><HostedZone><Id>/hostedzone/ZONE1</Id><Name>example.org.</Name><CallerReference>1</CallerReference></HostedZone></GetHostedZoneResponse>`
	// The newest first. What failed before the last change is not told again.
	events = `<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>
		<member><ResourceType>AWS::CloudFormation::Stack</ResourceType><LogicalResourceId>tictac</LogicalResourceId><ResourceStatus>ROLLBACK_COMPLETE</ResourceStatus></member>
		<member><ResourceType>AWS::EC2::VPC</ResourceType><LogicalResourceId>Vpc</LogicalResourceId><ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceStatusReason>Resource creation cancelled</ResourceStatusReason></member>
		<member><ResourceType>AWS::CertificateManager::Certificate</ResourceType><LogicalResourceId>Certificate</LogicalResourceId><ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceStatusReason>no such domain</ResourceStatusReason></member>
		<member><ResourceType>AWS::CloudFormation::Stack</ResourceType><LogicalResourceId>tictac</LogicalResourceId><ResourceStatus>CREATE_IN_PROGRESS</ResourceStatus><ResourceStatusReason>User Initiated</ResourceStatusReason></member>
		<member><ResourceType>AWS::ECS::Service</ResourceType><LogicalResourceId>Service</LogicalResourceId><ResourceStatus>UPDATE_FAILED</ResourceStatus><ResourceStatusReason>an old story</ResourceStatusReason></member>
		</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>`
)

// stackIn is a stack with a service, in some state.
func stackIn(state string) string {
	list := func(kind string, pairs ...string) (xml string) {
		for _, p := range pairs {
			name, value, _ := strings.Cut(p, "=")
			xml += fmt.Sprintf("<member><%[1]sKey>%[2]s</%[1]sKey><%[1]sValue>%[3]s</%[1]sValue></member>", kind, name, value)
		}
		return xml
	}
	outputs := list("Output", "RepositoryUri=ecr/tictac", "RepositoryName=tictac", "ClusterName=c", "ServiceName=s")
	if strings.HasPrefix(state, "ROLLBACK") {
		outputs = "" // all was taken back
	}
	return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>tictac</StackName>
		<StackId>arn:aws:cloudformation:eu-west-1:123456789012:stack/tictac/1</StackId>
		<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>` + state + `</StackStatus>
		<Parameters>` + list("Parameter", "DesiredCount=1", "MinTasks=1", "MaxTasks=4", "State=redis") + `</Parameters>
		<Outputs>` + outputs + `</Outputs>
		</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
}

// requests are what AWS was asked, by the call.
type requests struct {
	mu     sync.Mutex
	bodies map[string]string
}

func (r *requests) of(call string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bodies[call]
}

// parameter is what the stack was to be updated to.
func (r *requests) parameter(name string) string {
	form, _ := url.ParseQuery(r.of("UpdateStack"))
	for n := 1; form.Has(fmt.Sprintf("Parameters.member.%d.ParameterKey", n)); n++ {
		if form.Get(fmt.Sprintf("Parameters.member.%d.ParameterKey", n)) == name {
			return form.Get(fmt.Sprintf("Parameters.member.%d.ParameterValue", n))
		}
	}
	return ""
}

// newAnswers is an AWS of a few answers. Once a stack was updated, the update
// has been rolled back.
func newAnswers(t *testing.T, a answers, asked *requests) (endpoint string) {
	t.Helper()
	if asked == nil {
		asked = new(requests)
	}
	asked.bodies = map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		call := callOf(r, string(body))
		asked.mu.Lock()
		asked.bodies[call] = string(body)
		_, updated := asked.bodies["UpdateStack"]
		asked.mu.Unlock()
		answer, known := a[call]
		switch {
		case call == "GetCallerIdentity":
			answer = caller
		case call == "DescribeStacks" && !known:
			answer = absent
		case call == "DescribeStacks" && updated:
			answer = stackIn("UPDATE_ROLLBACK_COMPLETE")
		case !known:
			t.Errorf("AWS is asked for %s", call)
		}
		if answer == absent || answer == denied {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// callOf is the name of what AWS is asked, which each protocol has elsewhere.
func callOf(r *http.Request, body string) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:]
	}
	if form, err := url.ParseQuery(body); err == nil && form.Has("Action") {
		return form.Get("Action")
	}
	if strings.HasSuffix(r.URL.Path, "/hostedzone") {
		return "ListHostedZones"
	}
	return "GetHostedZone"
}
