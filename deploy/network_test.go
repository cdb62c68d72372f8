package deploy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Two public subnets in two zones, and nothing that costs by the hour.
func network(s stack, wrong func(string, ...any)) {
	for _, kind := range []string{"AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::VPCEndpoint"} {
		for _, r := range s.of(kind) {
			wrong("%s is a %s", r.Name, kind)
		}
	}
	subnets, routed := s.of("AWS::EC2::Subnet"), map[any]bool{}
	vpc, err := netip.ParsePrefix(fmt.Sprint(s.resources["Vpc"].get("CidrBlock")))
	if len(subnets) != 2 || err != nil {
		wrong("%d subnets, %v", len(subnets), err)
		return
	}
	for _, r := range s.of("AWS::EC2::Route") {
		if r.get("DestinationCidrBlock") == "0.0.0.0/0" && r.get("GatewayId") == "<Internet>" {
			routed[r.get("RouteTableId")] = true
		}
	}
	if subnets[0].get("AvailabilityZone") == subnets[1].get("AvailabilityZone") {
		wrong("both subnets are in one zone")
	}
	for _, subnet := range subnets {
		block, err := netip.ParsePrefix(fmt.Sprint(subnet.get("CidrBlock")))
		if err != nil || !vpc.Overlaps(block) || block.Bits() <= vpc.Bits() {
			wrong("%s is not in the VPC: %v", subnet.Name, err)
		}
		if !slices.ContainsFunc(s.of("AWS::EC2::SubnetRouteTableAssociation"), func(a resource) bool {
			return a.get("SubnetId") == "<"+subnet.Name+">" && routed[a.get("RouteTableId")]
		}) {
			wrong("%s has no way to the internet", subnet.Name)
		}
	}
}

// World to load balancer, load balancer to servers, servers to the store, and
// servers to AWS. Both ends of an edge must be open; nothing else is.
func edges(s stack, wrong func(string, ...any)) {
	want := []string{
		"world to <BalancerGroup> on 80-80", "<BalancerGroup> out to <ServerGroup> on 3000-3000", "<BalancerGroup> to <ServerGroup> on 3000-3000",
		"<ServerGroup> out to world on 443-443",
	}
	if s.parameters["Domain"] != "" {
		want = append(want, "world to <BalancerGroup> on 443-443")
	}
	if s.shared() {
		want = append(want, "<ServerGroup> out to <StoreGroup> on 6379-6379", "<ServerGroup> to <StoreGroup> on 6379-6379", "<StoreGroup> out to nowhere")
	}
	var got []string
	end := func(edge any, group string) any {
		if other := get(edge, group); other != nil {
			return other
		}
		return strings.ReplaceAll(fmt.Sprint(get(edge, "CidrIp"), get(edge, "CidrIpv6")), "<nil>", "")
	}
	in := func(group any, e any) {
		got = append(got, fmt.Sprintf("%s to %s on %v-%v", end(e, "SourceSecurityGroupId"), group, get(e, "FromPort"), get(e, "ToPort")))
	}
	out := func(group any, e any) {
		got = append(got, fmt.Sprintf("%s out to %s on %v-%v", group, end(e, "DestinationSecurityGroupId"), get(e, "FromPort"), get(e, "ToPort")))
	}
	for _, r := range s.of("AWS::EC2::SecurityGroup") {
		if len(list(r.get("SecurityGroupEgress"))) == 0 {
			wrong("%s may go anywhere: that is what AWS takes no list for", r.Name)
		}
		for _, e := range list(r.get("SecurityGroupIngress")) {
			in("<"+r.Name+">", e)
		}
		for _, e := range list(r.get("SecurityGroupEgress")) {
			out("<"+r.Name+">", e)
		}
	}
	for _, r := range s.of("AWS::EC2::SecurityGroupIngress") {
		in(r.get("GroupId"), r.Properties)
	}
	for _, r := range s.of("AWS::EC2::SecurityGroupEgress") {
		out(r.get("GroupId"), r.Properties)
	}
	for i := range got {
		got[i] = strings.ReplaceAll(strings.ReplaceAll(got[i], "0.0.0.0/0", "world"), "127.0.0.1/32 on <nil>-<nil>", "nowhere")
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		wrong("%q, not %q", got, want)
	}
	uses := map[string]any{"Balancer": s.resources["Balancer"].get("SecurityGroups")}
	if s.running() {
		uses["Server"] = s.resources["Service"].get("NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups")
	}
	for _, store := range append(s.of("AWS::ElastiCache::ReplicationGroup"), s.of("AWS::MemoryDB::Cluster")...) {
		uses["Store"] = store.get("SecurityGroupIds")
	}
	for who, groups := range uses {
		if fmt.Sprint(groups) != "[<"+who+"Group>]" {
			wrong("%s is in the groups %v", who, groups)
		}
	}
}

// The load balancer cuts no socket that lives, asks what it should, and lets go
// of a server only after that has let go of its players.
func door(s stack, wrong func(string, ...any)) {
	s.every("AWS::ElasticLoadBalancingV2::LoadBalancer", wrong, "internet-facing", "Scheme")
	for _, r := range s.of("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		attributes := pairs(r.get("LoadBalancerAttributes"))
		if idle := number(attributes["idle_timeout.timeout_seconds"]); idle != 120 { // pings come every 25 s
			wrong("an idle timeout of %d s", idle)
		}
		if attributes["routing.http.drop_invalid_header_fields.enabled"] != "true" {
			wrong("invalid headers are let through")
		}
	}
	s.every("AWS::ElasticLoadBalancingV2::TargetGroup", wrong, "3000", "Port")
	s.every("AWS::ElasticLoadBalancingV2::TargetGroup", wrong, "/healthz", "HealthCheckPath")
	s.every("AWS::ElasticLoadBalancingV2::TargetGroup", wrong, "ip", "TargetType")
	for _, r := range s.of("AWS::ElasticLoadBalancingV2::TargetGroup") {
		attributes := pairs(r.get("TargetGroupAttributes"))
		if delay := number(attributes["deregistration_delay.timeout_seconds"]); delay != 30 || delay <= int(drain.Seconds()) {
			wrong("a deregistration delay of %d s; stopping takes %v", delay, drain)
		}
		if attributes["load_balancing.algorithm.type"] != "least_outstanding_requests" {
			wrong("new players do not go to the emptiest server")
		}
	}
	if s.running() {
		if n := number(s.resources["Task"].get("ContainerDefinitions", 0, "StopTimeout")); n != 60 || n <= int(drain.Seconds()) {
			wrong("a stop timeout of %d s; stopping takes %v", n, drain)
		}
	}
}

// With a domain everything is HTTPS; without one there is nothing on 443.
func https(s stack, wrong func(string, ...any)) {
	listeners := map[int]resource{}
	for _, r := range s.of("AWS::ElasticLoadBalancingV2::Listener") {
		listeners[number(r.get("Port"))] = r
	}
	forwards := func(port int) bool {
		return fmt.Sprint(listeners[port].get("DefaultActions")) == "[map[TargetGroupArn:<Targets> Type:forward]]"
	}
	url := fmt.Sprint(s.outputs["Url"])
	if s.parameters["Domain"] == "" {
		if len(listeners) != 1 || !forwards(80) || url != "http://<Balancer.DNSName>" {
			wrong("without a domain: %d listeners, %s", len(listeners), url)
		}
		return
	}
	redirect := listeners[80].get("DefaultActions", 0)
	if get(redirect, "Type") != "redirect" || get(redirect, "RedirectConfig", "Protocol") != "HTTPS" || get(redirect, "RedirectConfig", "Port") != "443" {
		wrong("port 80 is not redirected: %v", redirect)
	}
	if get(listeners[80].Metadata, "after") != "<HttpsListener>" {
		wrong("port 80 is redirected before there is 443")
	}
	if !forwards(443) || listeners[443].get("Protocol") != "HTTPS" || listeners[443].get("Certificates", 0, "CertificateArn") != "<Certificate>" {
		wrong("port 443 does not lead to the servers")
	}
	if policy := fmt.Sprint(listeners[443].get("SslPolicy")); !strings.HasPrefix(policy, "ELBSecurityPolicy-TLS13-1-2-Res-") {
		wrong("the TLS policy is %s", policy)
	}
	certificate, record := s.resources["Certificate"], s.resources["DomainRecord"]
	if certificate.get("ValidationMethod") != "DNS" || certificate.get("DomainValidationOptions", 0, "HostedZoneId") != "Z1" ||
		certificate.get("DomainValidationOptions", 0, "DomainName") != certificate.get("DomainName") {
		wrong("the certificate is not proved by the zone")
	}
	if record.get("AliasTarget", "DNSName") != "<Balancer.DNSName>" || record.get("Name") != "ttt.example.org" || record.get("Type") != "A" {
		wrong("the name does not lead to the load balancer")
	}
	if url != "https://ttt.example.org" {
		wrong("the URL is %s", url)
	}
}
