package deploy

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A template is CloudFormation's, with its tags in their long form: !Ref x is
// {"Ref": x}. Every scalar is a string.
type template map[string]any

func readTemplate(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parseTemplate(text string) (template, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	return longForm(doc.Content[0]).(map[string]any), nil
}

func longForm(n *yaml.Node) any {
	var v any
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = longForm(n.Content[i+1])
		}
		v = m
	case yaml.SequenceNode:
		l := []any{}
		for _, c := range n.Content {
			l = append(l, longForm(c))
		}
		v = l
	default:
		v = n.Value
	}
	switch tag := strings.TrimPrefix(n.Tag, "!"); {
	case strings.HasPrefix(tag, "!") || tag == "" || strings.HasPrefix(tag, "tag:"):
		return v
	case tag == "Ref" || tag == "Condition":
		return map[string]any{tag: v}
	default:
		return map[string]any{"Fn::" + tag: v}
	}
}

// A stack is what a template makes of some parameters: the resources whose
// conditions hold. A reference to a resource is <Name>, to an attribute of it
// <Name.Attribute>.
type stack struct {
	parameters map[string]string
	resources  map[string]resource
	outputs    map[string]any
	refused    []string // what Rules have against the parameters
}

type resource struct {
	Name, Type string
	Policy     any // DeletionPolicy
	Metadata   any
	Properties map[string]any
}

// nothing is AWS::NoValue: what has it as its value is not there.
type nothing struct{}

// A renderer works out a template's functions. What is wrong ends it by a panic
// with a string, which render returns as an error.
type renderer struct {
	template   template
	parameters map[string]string
}

func (tpl template) render(given map[string]string) (s stack, err error) {
	r := renderer{tpl, map[string]string{
		"AWS::Region": "eu-north-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::StackName": "tictac",
	}}
	defer func() {
		if problem, is := recover().(string); is {
			err = fmt.Errorf("with %v: %s", given, problem)
		}
	}()
	for name, p := range tpl.section("Parameters") {
		if def, has := p.(map[string]any)["Default"]; has {
			r.parameters[name] = def.(string)
		}
	}
	for name := range given {
		if _, known := tpl.section("Parameters")[name]; !known {
			panic("there is no parameter " + name)
		}
	}
	maps.Copy(r.parameters, given)
	s = stack{r.parameters, map[string]resource{}, map[string]any{}, nil}
	for name := range tpl.section("Resources") {
		if body, there := r.there("Resources", name); there {
			properties, _ := r.value(body["Properties"]).(map[string]any)
			s.resources[name] = resource{name, body["Type"].(string), body["DeletionPolicy"], r.value(body["Metadata"]), properties}
		}
	}
	for name := range tpl.section("Outputs") {
		if body, there := r.there("Outputs", name); there {
			s.outputs[name] = r.value(body["Value"])
		}
	}
	for _, rule := range tpl.section("Rules") {
		s.refused = append(s.refused, r.objections(rule.(map[string]any))...)
	}
	return s, nil
}

func (tpl template) section(name string) map[string]any {
	section, _ := tpl[name].(map[string]any)
	return section
}

func (r renderer) there(section, name string) (body map[string]any, there bool) {
	body, known := r.template.section(section)[name].(map[string]any)
	if !known {
		return nil, false
	}
	condition, conditional := body["Condition"].(string)
	return body, !conditional || r.holds(condition)
}

func (r renderer) holds(condition string) bool {
	body, known := r.template.section("Conditions")[condition]
	if !known {
		panic("there is no condition " + condition)
	}
	return r.value(body).(bool)
}

func (r renderer) objections(rule map[string]any) (all []string) {
	if when, has := rule["RuleCondition"]; has && !r.value(when).(bool) {
		return nil
	}
	for _, a := range rule["Assertions"].([]any) {
		a := a.(map[string]any)
		if !r.value(a["Assert"]).(bool) {
			all = append(all, a["AssertDescription"].(string))
		}
	}
	return all
}

func (r renderer) value(v any) any {
	switch v := v.(type) {
	case []any:
		l := []any{}
		for _, item := range v {
			if item = r.value(item); item != (nothing{}) {
				l = append(l, item)
			}
		}
		return l
	case map[string]any:
		if len(v) == 1 {
			for name, arg := range v {
				if name == "Ref" || name == "Condition" && !isMap(arg) || strings.HasPrefix(name, "Fn::") {
					return r.function(name, arg)
				}
			}
		}
		m := map[string]any{}
		for key, item := range v {
			if item = r.value(item); item != (nothing{}) {
				m[key] = item
			}
		}
		return m
	}
	return v
}

func isMap(v any) bool { _, is := v.(map[string]any); return is }

func (r renderer) function(name string, arg any) any {
	args, _ := arg.([]any)
	text, _ := arg.(string)
	switch name {
	case "Ref":
		return r.reference(text)
	case "Fn::GetAtt":
		return r.reference(text)
	case "Fn::Sub":
		return r.substitute(arg)
	case "Condition":
		return r.holds(text)
	case "Fn::If":
		if r.holds(args[0].(string)) {
			return r.value(args[1])
		}
		return r.value(args[2])
	case "Fn::Equals":
		return r.value(args[0]) == r.value(args[1])
	case "Fn::Not":
		return !r.value(args[0]).(bool)
	case "Fn::And":
		return !slices.ContainsFunc(args, func(a any) bool { return !r.value(a).(bool) })
	case "Fn::Or":
		return slices.ContainsFunc(args, func(a any) bool { return r.value(a).(bool) })
	case "Fn::Contains":
		return slices.Contains(args[0].([]any), r.value(args[1]))
	case "Fn::Select":
		return r.value(args[1]).([]any)[number(args[0])]
	case "Fn::Split":
		parts := []any{}
		for _, part := range strings.Split(r.value(args[1]).(string), args[0].(string)) {
			parts = append(parts, part)
		}
		return parts
	case "Fn::GetAZs":
		return []any{"eu-north-1a", "eu-north-1b", "eu-north-1c"}
	case "Fn::FindInMap":
		row := r.template.section("Mappings")[r.value(args[0]).(string)].(map[string]any)[r.value(args[1]).(string)]
		if !isMap(row) {
			panic(fmt.Sprintf("%v is not in the map %v", args[1], args[0]))
		}
		return row.(map[string]any)[r.value(args[2]).(string)]
	}
	panic("the function " + name + " is not known here")
}

// reference is the value of a parameter, or <name> of a resource, with or
// without an attribute, which must be there under the same parameters.
func (r renderer) reference(name string) any {
	if name == "AWS::NoValue" {
		return nothing{}
	}
	if value, is := r.parameters[name]; is {
		return value
	}
	logical, _, _ := strings.Cut(name, ".")
	if _, there := r.there("Resources", logical); !there {
		panic("a reference to " + name + ", which is not there")
	}
	return "<" + name + ">"
}

var placeholder = regexp.MustCompile(`\$\{[^}!]+\}`)

func (r renderer) substitute(arg any) string {
	text, _ := arg.(string)
	local := map[string]any{}
	if args, is := arg.([]any); is {
		text, local = args[0].(string), args[1].(map[string]any)
	}
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		name := p[2 : len(p)-1]
		if v, is := local[name]; is {
			return fmt.Sprint(r.value(v))
		}
		return fmt.Sprint(r.reference(name))
	})
}
