"""CloudFormation's resource types, each made by its service's own API.

botocore refuses a member that an API does not have, and `Properties` refuses what nobody took, so no property of a
template is ever dropped unseen. What has no effect here is taken by name, with the reason beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localcloud.interfaces import Json
from localcloud.intrinsics import TemplateError

Made = tuple[str, dict[str, str]]
"""The physical id (what Ref gives) and the attributes (what GetAtt gives)."""


class Properties(dict[str, Any]):
    """The properties of a resource, evaluated. Whatever is left at the end is an error."""

    def __init__(self, values: Json, where: str) -> None:
        super().__init__(values)
        self.where = where

    def tags(self) -> list[dict[str, str]]:
        tags = self.pop("Tags", None) or []
        if isinstance(tags, dict):
            return [{"Key": key, "Value": str(value)} for key, value in tags.items()]
        return [{"Key": t["Key"], "Value": str(t["Value"])} for t in tags]

    def take(self, *names: str) -> dict[str, Any]:
        """Those of the named properties that are given, taken out."""
        return {name: self.pop(name) for name in names if name in self}

    def no_effect(self, *names: str) -> None:
        """Properties that change nothing in this cloud."""
        for name in names:
            self.pop(name, None)

    def done(self) -> None:
        if self:
            raise TemplateError(f"{self.where}: properties not implemented: {sorted(self)}")


class Maker:
    """What the makers of resources need: clients, the default name, and code of functions."""

    def __init__(self, cloud: Any, logical: str, default_name: str, code: dict[str, Path]) -> None:
        self.cloud, self.logical, self.default_name, self.code = cloud, logical, default_name, code

    def client(self, service: str) -> Any:
        return self.cloud.admin(service)

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.cloud.region}:{self.cloud.account}:{rest}"


def text(value: Any) -> str:
    """An attribute as the query-like APIs want it."""
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _document(policy: Json) -> str:
    return json.dumps({"Version": "2012-10-17", **policy})  # moto insists on Version, AWS does not


# S3

_DESTINATIONS = (
    ("QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"),
    ("TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"),
    ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
)


def _bucket(m: Maker, p: Properties) -> Made:
    s3, name = m.client("s3"), p.pop("BucketName", m.default_name.lower())
    where = {} if m.cloud.region == "us-east-1" else {"LocationConstraint": m.cloud.region}
    s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
    tags = p.tags()
    if tags:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    if versioning := p.pop("VersioningConfiguration", None):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if block := p.pop("PublicAccessBlockConfiguration", None):
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    if ownership := p.pop("OwnershipControls", None):
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=ownership)
    if encryption := p.pop("BucketEncryption", None):
        rules = [
            {"ApplyServerSideEncryptionByDefault": r["ServerSideEncryptionByDefault"]}
            for r in encryption["ServerSideEncryptionConfiguration"]
        ]
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    p.no_effect("LifecycleConfiguration")  # nothing expires here
    notifications = _notifications(p.pop("NotificationConfiguration", {}))
    if notifications:
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=notifications)
    p.done()
    attributes = {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{m.cloud.region}.amazonaws.com",
    }
    return name, attributes


def _notifications(config: Json) -> Json:
    out: dict[str, Any] = {}
    for cfn, api, source, target in _DESTINATIONS:
        for item in config.pop(cfn, []):
            entry: dict[str, Any] = {target: item.pop(source), "Events": [item.pop("Event")]}
            if "Filter" in item:
                entry["Filter"] = {"Key": {"FilterRules": item.pop("Filter")["S3Key"]["Rules"]}}
            if item:
                raise TemplateError(f"{cfn}: not implemented: {sorted(item)}")
            out.setdefault(api, []).append(entry)
    if config.pop("EventBridgeConfiguration", {}).get("EventBridgeEnabled"):
        out["EventBridgeConfiguration"] = {}
    if config:
        raise TemplateError(f"NotificationConfiguration: not implemented: {sorted(config)}")
    return out


def _bucket_policy(m: Maker, p: Properties) -> Made:
    bucket = p.pop("Bucket")
    m.client("s3").put_bucket_policy(Bucket=bucket, Policy=_document(p.pop("PolicyDocument")))
    p.done()
    return bucket, {}


# DynamoDB, SQS, SNS


def _table(m: Maker, p: Properties) -> Made:
    client, name = m.client("dynamodb"), p.pop("TableName", m.default_name)
    ttl, recovery = p.pop("TimeToLiveSpecification", None), p.pop("PointInTimeRecoverySpecification", None)
    encryption = p.pop("SSESpecification", None)
    if encryption is not None:
        p["SSESpecification"] = {"Enabled": encryption.pop("SSEEnabled"), **encryption}
    table = client.create_table(TableName=name, Tags=p.tags(), **p)["TableDescription"]
    if ttl:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    if recovery:
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    return name, {"Arn": table["TableArn"]}


def _queue(m: Maker, p: Properties) -> Made:
    name, tags = p.pop("QueueName", m.default_name), p.tags()
    attributes = {key: text(value) for key, value in p.items()}
    given = {"tags": {t["Key"]: t["Value"] for t in tags}} if tags else {}
    url = m.client("sqs").create_queue(QueueName=name, Attributes=attributes, **given)["QueueUrl"]
    return url, {"Arn": m.arn("sqs", name), "QueueName": name, "QueueUrl": url}


def _queue_policy(m: Maker, p: Properties) -> Made:
    policy = _document(p.pop("PolicyDocument"))
    for url in p.pop("Queues"):
        m.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    p.done()
    return m.default_name, {}


def _topic(m: Maker, p: Properties) -> Made:
    sns, name = m.client("sns"), p.pop("TopicName", m.default_name)
    subscriptions, tags = p.pop("Subscription", []), p.tags()
    given = {"Tags": tags} if tags else {}
    arn = sns.create_topic(Name=name, Attributes={k: text(v) for k, v in p.items()}, **given)["TopicArn"]
    for subscription in subscriptions:
        sns.subscribe(TopicArn=arn, **subscription)
    return arn, {"TopicName": name, "TopicArn": arn}


def _topic_policy(m: Maker, p: Properties) -> Made:
    policy = _document(p.pop("PolicyDocument"))
    for arn in p.pop("Topics"):
        m.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    p.done()
    return m.default_name, {}


def _subscription(m: Maker, p: Properties) -> Made:
    p.no_effect("Region")
    fixed = {name: p.pop(name) for name in ("TopicArn", "Protocol", "Endpoint")}
    attributes = {key: text(value) for key, value in p.items()}
    arn = m.client("sns").subscribe(**fixed, Attributes=attributes, ReturnSubscriptionArn=True)["SubscriptionArn"]
    return arn, {"Arn": arn}


# Lambda


def _function(m: Maker, p: Properties) -> Made:
    name = p.pop("FunctionName", m.default_name)
    tags = {t["Key"]: t["Value"] for t in p.tags()}
    p.pop("Code")  # the translator was given a stand-in; what runs is m.code
    settings = dict(p)
    p.no_effect("RecursiveLoop")
    reserved = p.pop("ReservedConcurrentExecutions", None)
    client = m.client("lambda")
    made = client.create_function(FunctionName=name, Code={"ZipFile": b"code is run from its package"}, Tags=tags, **p)
    if reserved is not None:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(reserved))
    m.cloud.functions.add(name, m.code[m.logical], settings)
    return name, {"Arn": made["FunctionArn"]}


def _permission(m: Maker, p: Properties) -> Made:
    m.client("lambda").add_permission(StatementId=m.default_name, **p)
    return m.default_name, {}


def _mapping(m: Maker, p: Properties) -> Made:
    p.tags()
    made = m.client("lambda").create_event_source_mapping(**p)
    with m.cloud.lock:
        model = m.cloud.backend("lambda").get_event_source_mapping(made["UUID"])
    m.cloud.mappings.add(model)
    return made["UUID"], {"Id": made["UUID"]}


def _invoke_config(m: Maker, p: Properties) -> Made:
    m.client("lambda").put_function_event_invoke_config(**p)
    m.cloud.functions.configure_async(p["FunctionName"].split(":")[-1], dict(p))
    return m.default_name, {}


def _url(m: Maker, p: Properties) -> Made:
    name = p.pop("TargetFunctionArn").rsplit(":function:", 1)[-1].split(":")[0]
    made = m.client("lambda").create_function_url_config(FunctionName=name, **p)
    return made["FunctionArn"], {"FunctionUrl": made["FunctionUrl"], "FunctionArn": made["FunctionArn"]}


# EventBridge


def _rule(m: Maker, p: Properties) -> Made:
    events, name, targets = m.client("events"), p.pop("Name", m.default_name), p.pop("Targets", [])
    if "EventPattern" in p:
        p["EventPattern"] = json.dumps(p["EventPattern"])
    arn = events.put_rule(Name=name, **p)["RuleArn"]
    answer = events.put_targets(Rule=name, Targets=targets) if targets else {}
    if answer.get("FailedEntryCount"):
        raise TemplateError(f"{p.where}: {answer['FailedEntries']}")
    return name, {"Arn": arn}


def _schedule_group(m: Maker, p: Properties) -> Made:
    name = p.pop("Name", m.default_name)
    tags = p.tags()
    given = {"Tags": tags} if tags else {}
    arn = m.client("scheduler").create_schedule_group(Name=name, **given)["ScheduleGroupArn"]
    p.done()
    return name, {"Arn": arn}


def _schedule(m: Maker, p: Properties) -> Made:
    name = p.pop("Name", m.default_name)
    return name, {"Arn": m.client("scheduler").create_schedule(Name=name, **p)["ScheduleArn"]}


# IAM and the rest


def _role(m: Maker, p: Properties) -> Made:
    iam, name = m.client("iam"), p.pop("RoleName", m.default_name)
    inline, managed = p.pop("Policies", []), p.pop("ManagedPolicyArns", [])
    trust = _document(p.pop("AssumeRolePolicyDocument"))
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=p.tags(), **p)["Role"]
    for policy in inline:
        document = _document(policy["PolicyDocument"])
        iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
    for arn in managed:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    return name, {"Arn": role["Arn"], "RoleId": role["RoleId"]}


def _managed_policy(m: Maker, p: Properties) -> Made:
    name, document = p.pop("ManagedPolicyName", m.default_name), _document(p.pop("PolicyDocument"))
    arn = m.client("iam").create_policy(PolicyName=name, PolicyDocument=document, **p)["Policy"]["Arn"]
    return arn, {"PolicyArn": arn}


def _secret(m: Maker, p: Properties) -> Made:
    arn = m.client("secretsmanager").create_secret(Name=p.pop("Name", m.default_name), Tags=p.tags(), **p)["ARN"]
    return arn, {"Id": arn}


def _parameter(m: Maker, p: Properties) -> Made:
    name = p.pop("Name", m.default_name)
    p.no_effect("Tags")
    kind, value = p["Type"], p["Value"]
    m.client("ssm").put_parameter(Name=name, **p)
    return name, {"Type": kind, "Value": value}


def _alarm(m: Maker, p: Properties) -> Made:
    name = p.pop("AlarmName", m.default_name)
    m.cloud.alarms.add(name, dict(p))
    p.tags()
    m.client("cloudwatch").put_metric_alarm(AlarmName=name, **p)
    return name, {"Arn": m.arn("cloudwatch", f"alarm:{name}")}


def _log_group(m: Maker, p: Properties) -> Made:
    logs, name, days = m.client("logs"), p.pop("LogGroupName", m.default_name), p.pop("RetentionInDays", None)
    logs.create_log_group(logGroupName=name)
    if days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(days))
    p.tags()
    p.done()
    return name, {"Arn": m.arn("logs", f"log-group:{name}:*")}


TYPES: dict[str, Callable[[Maker, Properties], Made]] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::DynamoDB::Table": _table,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::EventInvokeConfig": _invoke_config,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _permission,
    "AWS::Lambda::Url": _url,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::SSM::Parameter": _parameter,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Scheduler::ScheduleGroup": _schedule_group,
    "AWS::SecretsManager::Secret": _secret,
}
