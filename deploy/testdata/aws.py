"""moto_server, with what it lacks for deploy/stack.yaml.

moto reads a CloudFormation template and makes what it knows. Left alone it reads
parts of ours wrongly, passes over others, and cannot take it down again. Each
piece below says what is missing. What is neither here nor in moto (the store,
alarms, roles, egress rules) is not made at all: that is checked on the template.
"""

import sys
import warnings

from moto.acm.models import acm_backends
from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.cloudformation import models, parsing, utils
from moto.core.common_models import CloudFormationModel
from moto.ec2.models.internet_gateways import InternetGateway
from moto.ec2.models.route_tables import RouteTable
from moto.ec2.models.subnets import SubnetRouteTableAssociation
from moto.ecr.models import Repository
from moto.ecs.models import Cluster, Service, TaskDefinition, ecs_backends
from moto.elbv2.models import FakeLoadBalancer, FakeTargetGroup, elbv2_backends
from moto.server import main
from moto.core.utils import pascal_to_camelcase, remap_nested_keys

warnings.simplefilter("ignore")


# The short form of a condition within a condition is read as another function.
def constructor(loader, tag, node, original=utils.yaml_tag_constructor):
    return {"Condition": node.value} if tag == "!Condition" else original(loader, tag, node)


models.yaml_tag_constructor = constructor


# Only what names a changed parameter itself is updated, not what depends on it
# by a condition or by another resource.
def references(template, original=parsing.get_references_from_template):
    kind = template.get("Type") if isinstance(template, dict) else None
    more = {"AWS::ECS::Service": ["Image", "Cpu", "Memory", "State"], "AWS::ApplicationAutoScaling::ScalableTarget": ["DesiredCount"]}
    return original(template) + more.get(kind, [])


parsing.get_references_from_template = references


# What cannot be updated, or whose condition does not hold, is lost for ever.
def update(logical_id, resource_json, resources_map, original=parsing.parse_and_update_resource, **where):
    resource = resources_map[logical_id]  # made now, if the condition has come true
    return resource and (original(logical_id, resource_json, resources_map, **where) or resource)


def item(self, key, original=parsing.ResourceMap.__getitem__):
    if key in self._resource_json_map and self._parsed_resources.get(key, key) is None:
        del self._parsed_resources[key]
    return original(self, key)


parsing.parse_and_update_resource = update
parsing.ResourceMap.__getitem__ = item


# Numbers are made of some parameters, so that they equal no text. To
# CloudFormation, and so to a condition, every parameter is a text.
def load_parameters(self, original=parsing.ResourceMap.load_parameters):
    original(self)
    texts = {name: str(value) if isinstance(value, int) else value for name, value in self.resolved_parameters.items()}
    self.resolved_parameters.update(texts)
    self._parsed_resources.update(texts)


parsing.ResourceMap.load_parameters = load_parameters


# The previous value of a parameter is known only if it was ever given.
def create_stack(self, *args, original=models.CloudFormationBackend.create_stack, **kwargs):
    stack = original(self, *args, **kwargs)
    stack.parameters = stack.resource_map.input_parameters = dict(stack.stack_parameters)
    return stack


models.CloudFormationBackend.create_stack = create_stack


# A task definition is made without most of what is in it.
def register(_class, _name, template, account_id, region_name, **_):
    given = remap_nested_keys(template["Properties"], pascal_to_camelcase)
    return ecs_backends[account_id][region_name].register_task_definition(
        given["family"],
        given["containerDefinitions"],
        volumes=given["volumes"],
        network_mode=given["networkMode"],
        requires_compatibilities=given["requiresCompatibilities"],
        cpu=given["cpu"],
        memory=given["memory"],
        task_role_arn=given["taskRoleArn"],
        execution_role_arn=given["executionRoleArn"],
        runtime_platform=given["runtimePlatform"],
    )


def reregister(_class, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    ecs_backends[account_id][region_name].deregister_task_definition(original_resource.arn)
    return register(_class, new_resource_name, cloudformation_json, account_id, region_name)


TaskDefinition.create_from_cloudformation_json = classmethod(register)
TaskDefinition.update_from_cloudformation_json = classmethod(reregister)


# A service is made without load balancer and network.
def create_service(_class, name, template, account_id, region_name, **_):
    given = remap_nested_keys(template["Properties"], pascal_to_camelcase)
    return ecs_backends[account_id][region_name].create_service(
        given["cluster"],
        name,
        int(given["desiredCount"]),
        task_definition_str=given["taskDefinition"],
        load_balancers=given["loadBalancers"],
        launch_type="FARGATE",
        network_configuration=given["networkConfiguration"],
    )


def update_service(_class, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    given = cloudformation_json["Properties"]
    return ecs_backends[account_id][region_name].update_service(
        {
            "cluster": given["Cluster"],
            "service": original_resource.name,
            "task_definition": given["TaskDefinition"],
            "desired_count": int(given["DesiredCount"]),
        }
    )


Service.create_from_cloudformation_json = classmethod(create_service)
Service.update_from_cloudformation_json = classmethod(update_service)


# Settings of load balancer, targets and repository are passed over, and some of
# what can be asked of them.
def settings(kind, apply):
    original = kind.create_from_cloudformation_json.__func__

    def create(cls, name, template, *args, **kwargs):
        made = original(cls, name, template, *args, **kwargs)
        apply(made, template["Properties"])
        return made

    kind.create_from_cloudformation_json = classmethod(create)


def balancer_attribute(self, name, original=FakeLoadBalancer.get_cfn_attribute):
    known = {"CanonicalHostedZoneID": "Z32O12XQLNTSW2", "LoadBalancerFullName": self.arn.partition("loadbalancer/")[2]}
    return known.get(name) or original(self, name)


def keep_policy(repository, given):
    repository.image_scanning_configuration = remap_nested_keys(given["ImageScanningConfiguration"], pascal_to_camelcase)
    repository.lifecycle_policy = given["LifecyclePolicy"]["LifecyclePolicyText"]


settings(FakeLoadBalancer, lambda made, given: made.attrs.update({a["Key"]: a["Value"] for a in given["LoadBalancerAttributes"]}))
settings(FakeTargetGroup, lambda made, given: made.attributes.update({a["Key"]: a["Value"] for a in given["TargetGroupAttributes"]}))
settings(Repository, keep_policy)
FakeLoadBalancer.get_cfn_attribute = balancer_attribute
FakeTargetGroup.get_cfn_attribute = lambda self, name: {"TargetGroupFullName": self.arn.rpartition(":")[2]}[name]

# Much is never deleted.
FakeTargetGroup.delete = lambda self, account, region: elbv2_backends[account][region].delete_target_group(self.arn)
Cluster.delete = lambda self, account, region: ecs_backends[account][region].clusters.pop(self.name)
Service.delete = lambda self, account, region: ecs_backends[account][region].services.pop(f"{self.cluster_name}:{self.name}")
TaskDefinition.delete = lambda self, account, region: ecs_backends[account][region].deregister_task_definition(self.arn)
InternetGateway.delete = lambda self, account, region: self.ec2_backend.internet_gateways.pop(self.id)
RouteTable.delete = lambda self, account, region: self.ec2_backend.delete_route_table(self.id)
SubnetRouteTableAssociation.delete = lambda self, account, region: None


# Kinds of resources are missing.
class Certificate(CloudFormationModel):
    """A certificate, which the listener for HTTPS wants to be there."""

    __module__ = "moto.tictac"  # moto wants a name with a dot

    def __init__(self, arn):
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_type():
        return "AWS::CertificateManager::Certificate"

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def create_from_cloudformation_json(cls, name, template, account_id, region_name, **_):
        domain = template["Properties"]["DomainName"]
        return cls(acm_backends[account_id][region_name].request_certificate(domain, None, [], []))

    def delete(self, account_id, region_name):
        acm_backends[account_id][region_name].delete_certificate(self.physical_resource_id)


class Redis(CloudFormationModel):
    """The store: a name to connect to."""

    __module__ = "moto.tictac"  # moto wants a name with a dot
    physical_resource_id = "redis"

    @staticmethod
    def cloudformation_type():
        return "AWS::ElastiCache::ReplicationGroup"

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def create_from_cloudformation_json(cls, name, template, account_id, region_name, **_):
        return cls()

    def get_cfn_attribute(self, name):
        return {"PrimaryEndPoint": "redis.internal"}[name.partition(".")[0]]

    def delete(self, account_id, region_name):
        pass


class ScalingTarget(CloudFormationModel):
    """What scaling may do to the service."""

    __module__ = "moto.tictac"  # moto wants a name with a dot

    def __init__(self, target):
        self.target = target
        self.physical_resource_id = target.resource_id

    @staticmethod
    def cloudformation_type():
        return "AWS::ApplicationAutoScaling::ScalableTarget"

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def create_from_cloudformation_json(cls, name, template, account_id, region_name, **_):
        given = template["Properties"]
        return cls(
            applicationautoscaling_backends[account_id][region_name].register_scalable_target(
                given["ServiceNamespace"],
                given["ResourceId"],
                given["ScalableDimension"],
                int(given["MinCapacity"]),
                int(given["MaxCapacity"]),
                "",
                given.get("SuspendedState"),
            )
        )

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    def delete(self, account_id, region_name):
        t = self.target
        applicationautoscaling_backends[account_id][region_name].deregister_scalable_target(
            t.service_namespace, t.resource_id, t.scalable_dimension
        )


if __name__ == "__main__":
    sys.exit(main())
