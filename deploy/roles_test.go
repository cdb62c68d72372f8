package deploy

import (
	"fmt"
	"slices"
	"strings"
)

// A statement is one of a policy, and whose.
type statement struct {
	where              string
	actions, resources []any
	condition          any
}

// statements are all that roles may do.
func (s stack) statements(wrong func(string, ...any)) (all []statement) {
	add := func(where string, document any) {
		for _, st := range list(get(document, "Statement")) {
			if get(st, "Effect") != "Allow" || get(st, "NotAction") != nil || get(st, "NotResource") != nil {
				wrong("%s: %v is not a plain allowance", where, st)
			}
			all = append(all, statement{where, list(get(st, "Action")), list(get(st, "Resource")), get(st, "Condition")})
		}
	}
	for _, r := range s.of("AWS::IAM::Role") {
		if r.get("ManagedPolicyArns") != nil {
			wrong("%s has policies of AWS, which are wider than what is needed", r.Name)
		}
		for _, p := range list(r.get("Policies")) {
			add(r.Name, get(p, "PolicyDocument"))
		}
	}
	for _, kind := range []string{"AWS::IAM::RolePolicy", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"} {
		for _, r := range s.of(kind) {
			add(fmt.Sprint(r.get("RoleName"), r.get("Roles")), r.get("PolicyDocument"))
		}
	}
	return all
}

// Actions that AWS takes no resource for.
var ofTheAccount = []string{"ecr:GetAuthorizationToken", "ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition", "ec2:DescribeAvailabilityZones"}

// leastPrivilege wants every action by its name, on what it is for.
func leastPrivilege(s stack, wrong func(string, ...any)) {
	for _, st := range s.statements(wrong) {
		for _, a := range st.actions {
			if strings.Contains(fmt.Sprint(a), "*") {
				wrong("%s may do %v", st.where, a)
			}
		}
		for _, r := range st.resources {
			if r == "*" && slices.ContainsFunc(st.actions, func(a any) bool { return !slices.Contains(ofTheAccount, fmt.Sprint(a)) }) {
				wrong("%s may do %v to anything", st.where, st.actions)
			}
		}
		if len(st.resources) == 0 || strings.Contains(st.where, "TaskRole") {
			wrong("%s may do %v to %v", st.where, st.actions, st.resources)
		}
	}
}

// A role is taken by one service of AWS, on behalf of this account.
func trust(s stack, wrong func(string, ...any)) {
	for _, r := range s.of("AWS::IAM::Role") {
		for _, st := range list(r.get("AssumeRolePolicyDocument", "Statement")) {
			if service, is := get(st, "Principal", "Service").(string); !is || !strings.HasSuffix(service, ".amazonaws.com") {
				wrong("%s is for %v", r.Name, get(st, "Principal"))
			}
			if get(st, "Condition", "StringEquals", "aws:SourceAccount") != "123456789012" {
				wrong("%s is for other accounts too", r.Name)
			}
		}
	}
}
