"""What a call needs: the IAM actions, the resources they are asked for, and the condition keys that go with them.

After the service authorization reference. One function per service; a service without one asks for "*".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote

from localcloud.interfaces import Gap
from localcloud.wire import Call

Params = dict[str, Any]


@dataclass
class Need:
    """One permission that a call needs."""

    action: str
    resource: str
    context: dict[str, str | list[str]] = field(default_factory=dict)


class Lookup(Protocol):
    """What must be looked up in the cloud to know what a call needs."""

    @property
    def region(self) -> str: ...

    @property
    def account(self) -> str: ...

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of a resource; none when it does not exist."""

    def secret_arn(self, name: str) -> str:
        """The ARN of a secret given by name or ARN."""


def needs(call: Call, look: Lookup) -> list[Need]:
    """All of these must be allowed, or the call is denied."""
    rule = _RULES.get(call.service, _anything)
    found = list(rule(call, look))
    for need in found:
        need.context |= _tag_context(call.params)
    return found


def _arn(look: Lookup, service: str, rest: str) -> str:
    return f"arn:aws:{service}:{look.region}:{look.account}:{rest}"


def _tag_context(params: Params) -> dict[str, str | list[str]]:
    tags = params.get("Tags") or params.get("tags") or []
    pairs = tags.items() if isinstance(tags, dict) else [(t.get("Key"), t.get("Value")) for t in tags]
    context: dict[str, str | list[str]] = {f"aws:RequestTag/{key}": str(value) for key, value in pairs}
    keys = [str(key) for key, _ in pairs] or list(params.get("TagKeys", []))
    if keys:
        context["aws:TagKeys"] = keys
    return context


def _resource_tags(look: Lookup, arn: str) -> dict[str, str | list[str]]:
    return {f"aws:ResourceTag/{key}": value for key, value in look.tags(arn).items()}


def _anything(call: Call, look: Lookup) -> Iterator[Need]:
    yield Need(f"{call.service}:{call.operation}", "*")


# Amazon S3

_S3_BUCKET = {
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
}
_S3_OBJECT = {
    "GetObject": "GetObject",
    "HeadObject": "GetObject",
    "GetObjectAttributes": "GetObject",
    "PutObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "AbortMultipartUpload": "AbortMultipartUpload",
    "ListParts": "ListMultipartUploadParts",
    "DeleteObject": "DeleteObject",
    "GetObjectTagging": "GetObjectTagging",
    "PutObjectTagging": "PutObjectTagging",
}


def _s3(call: Call, look: Lookup) -> Iterator[Need]:
    params, operation = call.params, call.operation
    bucket = f"arn:aws:s3:::{params.get('Bucket', '*')}"
    if operation in ("CopyObject", "UploadPartCopy"):
        source = _copy_source(params["CopySource"])
        yield Need("s3:GetObjectVersion" if "?versionId=" in params["CopySource"] else "s3:GetObject", source)
        yield Need("s3:PutObject", f"{bucket}/{params['Key']}")
    elif operation == "DeleteObjects":
        for item in params["Delete"].get("Objects", []):
            action = "s3:DeleteObjectVersion" if item.get("VersionId") else "s3:DeleteObject"
            yield Need(action, f"{bucket}/{item['Key']}")
    elif operation in _S3_OBJECT:
        action = _S3_OBJECT[operation]
        if params.get("VersionId") and action in ("GetObject", "DeleteObject", "GetObjectTagging"):
            action = action.replace("Object", "ObjectVersion", 1)
        yield Need(f"s3:{action}", f"{bucket}/{params['Key']}")
        if params.get("Tagging") and operation in ("PutObject", "CreateMultipartUpload"):
            yield Need("s3:PutObjectTagging", f"{bucket}/{params['Key']}")
    elif operation == "ListBuckets":
        yield Need("s3:ListAllMyBuckets", "*")
    else:
        context = {"s3:prefix": params["Prefix"]} if params.get("Prefix") else {}
        yield Need(f"s3:{_S3_BUCKET.get(operation, operation)}", bucket, context)


def _copy_source(source: str) -> str:
    return f"arn:aws:s3:::{unquote(source.split('?')[0]).lstrip('/')}"


# Amazon DynamoDB

_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


def _dynamodb(call: Call, look: Lookup) -> Iterator[Need]:
    params, operation = call.params, call.operation
    if operation in ("TransactWriteItems", "TransactGetItems"):
        for item in params["TransactItems"]:
            (kind, inner), *_ = item.items()
            table = _arn(look, "dynamodb", f"table/{inner['TableName']}")
            yield Need(f"dynamodb:{_WRITES.get(kind, 'GetItem')}", table)
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table in params["RequestItems"]:
            yield Need(f"dynamodb:{operation}", _arn(look, "dynamodb", f"table/{table}"))
    elif "TableName" in params:
        table = params["TableName"].rsplit("/", 1)[-1]
        index = f"/index/{params['IndexName']}" if params.get("IndexName") else ""
        yield Need(f"dynamodb:{operation}", _arn(look, "dynamodb", f"table/{table}{index}"))
    else:
        yield Need(f"dynamodb:{operation}", params.get("ResourceArn", "*"))


# Amazon SageMaker

_SAGEMAKER_NAMES = {
    "ProcessingJobName": "processing-job",
    "TrainingJobName": "training-job",
    "TransformJobName": "transform-job",
    "HyperParameterTuningJobName": "hyper-parameter-tuning-job",
    "AutoMLJobName": "automl-job",
    "ModelName": "model",
    "ModelPackageGroupName": "model-package-group",
    "EndpointName": "endpoint",
}
_SAGEMAKER_LISTS = ("ListPipelines", "ListModelPackages", "ListModelPackageGroups", "ListTrainingJobs")


def _sagemaker(call: Call, look: Lookup) -> Iterator[Need]:
    params, operation = call.params, call.operation
    resource = _sagemaker_resource(call, look)
    context = {} if resource == "*" else _resource_tags(look, resource)
    yield Need(f"sagemaker:{operation}", resource, context)
    if params.get("Tags") and operation.startswith("Create"):
        yield Need("sagemaker:AddTags", resource, dict(context))


def _sagemaker_resource(call: Call, look: Lookup) -> str:
    params, operation = call.params, call.operation
    if "PipelineExecutionArn" in params:
        return str(params["PipelineExecutionArn"])
    if "ResourceArn" in params:
        return str(params["ResourceArn"])
    if "PipelineName" in params:
        name = params["PipelineName"]
        return str(name) if name.startswith("arn:") else _arn(look, "sagemaker", f"pipeline/{name}")
    if "ModelPackageName" in params:
        name = params["ModelPackageName"]
        return str(name) if name.startswith("arn:") else _arn(look, "sagemaker", f"model-package/{name}")
    if operation in _SAGEMAKER_LISTS:
        return "*"
    for member, kind in _SAGEMAKER_NAMES.items():
        if member in params:
            return _arn(look, "sagemaker", f"{kind}/{params[member]}")
    return "*"


# Others


def _logs(call: Call, look: Lookup) -> Iterator[Need]:
    params = call.params
    name = params.get("logGroupName") or ""
    identifier = str(params.get("logGroupIdentifier") or "")
    group = _arn(look, "logs", f"log-group:{name or identifier}")
    if identifier.startswith("arn:"):
        group = identifier.removesuffix(":*")
    if call.operation in ("GetLogEvents", "PutLogEvents"):
        yield Need(f"logs:{call.operation}", f"{group}:log-stream:{params.get('logStreamName', '')}")
    elif call.operation == "DescribeLogGroups":
        yield Need("logs:DescribeLogGroups", _arn(look, "logs", "log-group:*"))
    else:
        yield Need(f"logs:{call.operation}", f"{group}:*")


def _sqs(call: Call, look: Lookup) -> Iterator[Need]:
    name = str(call.params.get("QueueUrl") or call.params.get("QueueName", "*")).rsplit("/", 1)[-1]
    operation = call.operation.removesuffix("Batch")
    yield Need(f"sqs:{operation}", _arn(look, "sqs", name))


def _sns(call: Call, look: Lookup) -> Iterator[Need]:
    params = call.params
    if call.operation in ("Publish", "PublishBatch") and "TopicArn" not in params:
        raise Gap("sns:Publish to anything but a topic")
    resource = params.get("TopicArn") or params.get("SubscriptionArn") or params.get("ResourceArn")
    if call.operation == "CreateTopic":
        resource = _arn(look, "sns", params["Name"])
    yield Need(f"sns:{call.operation.removesuffix('Batch')}", resource or "*")


def _scheduler(call: Call, look: Lookup) -> Iterator[Need]:
    params, operation = call.params, call.operation
    if "ScheduleGroup" in operation and operation != "ListScheduleGroups":
        yield Need(f"scheduler:{operation}", _arn(look, "scheduler", f"schedule-group/{params['Name']}"))
    elif operation == "ListSchedules":
        yield Need("scheduler:ListSchedules", _arn(look, "scheduler", f"schedule/{params.get('GroupName', '*')}/*"))
    elif operation == "ListScheduleGroups":
        yield Need("scheduler:ListScheduleGroups", _arn(look, "scheduler", "schedule-group/*"))
    elif "ResourceArn" in params:
        yield Need(f"scheduler:{operation}", params["ResourceArn"])
    else:
        group = params.get("GroupName", "default")
        yield Need(f"scheduler:{operation}", _arn(look, "scheduler", f"schedule/{group}/{params['Name']}"))


def _events(call: Call, look: Lookup) -> Iterator[Need]:
    params = call.params
    if call.operation == "PutEvents":
        for entry in params["Entries"]:
            bus = str(entry.get("EventBusName") or "default").rsplit("/", 1)[-1]
            yield Need("events:PutEvents", _arn(look, "events", f"event-bus/{bus}"))
        return
    rule = params.get("Rule") or params.get("Name")
    resource = _arn(look, "events", f"rule/{rule}") if rule else "*"
    yield Need(f"events:{call.operation}", params.get("ResourceARN") or resource)


def _secretsmanager(call: Call, look: Lookup) -> Iterator[Need]:
    secret = call.params.get("SecretId")
    resource = look.secret_arn(secret) if secret else "*"
    yield Need(f"secretsmanager:{call.operation}", resource)


def _ssm(call: Call, look: Lookup) -> Iterator[Need]:
    params = call.params
    names = [params["Name"]] if "Name" in params else params.get("Names", [])
    if call.operation == "GetParametersByPath":
        names = [params["Path"]]
    for name in names:
        yield Need(f"ssm:{call.operation}", _arn(look, "ssm", f"parameter/{name.lstrip('/')}"))
    if not names:
        yield Need(f"ssm:{call.operation}", "*")


def _lambda(call: Call, look: Lookup) -> Iterator[Need]:
    action = {"Invoke": "InvokeFunction", "AddPermission": "AddPermission"}.get(call.operation, call.operation)
    name = str(call.params.get("FunctionName", "*")).rsplit(":function:", 1)[-1]
    yield Need(f"lambda:{action}", _arn(look, "lambda", f"function:{name}"))


def _sts(call: Call, look: Lookup) -> Iterator[Need]:
    if call.operation == "AssumeRole":
        yield Need("sts:AssumeRole", call.params["RoleArn"])
    elif call.operation != "GetCallerIdentity":
        yield Need(f"sts:{call.operation}", "*")


def _iam(call: Call, look: Lookup) -> Iterator[Need]:
    role = call.params.get("RoleName")
    yield Need(f"iam:{call.operation}", f"arn:aws:iam::{look.account}:role/{role}" if role else "*")


_RULES: dict[str, Callable[[Call, Lookup], Iterator[Need]]] = {
    "dynamodb": _dynamodb,
    "events": _events,
    "iam": _iam,
    "lambda": _lambda,
    "logs": _logs,
    "s3": _s3,
    "sagemaker": _sagemaker,
    "scheduler": _scheduler,
    "secretsmanager": _secretsmanager,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
    "sts": _sts,
}

PASSED_ROLES: dict[str, tuple[tuple[str, ...], str]] = {
    "sagemaker:CreatePipeline": (("RoleArn",), "sagemaker.amazonaws.com"),
    "sagemaker:UpdatePipeline": (("RoleArn",), "sagemaker.amazonaws.com"),
    "scheduler:CreateSchedule": (("Target", "RoleArn"), "scheduler.amazonaws.com"),
    "scheduler:UpdateSchedule": (("Target", "RoleArn"), "scheduler.amazonaws.com"),
    "lambda:CreateFunction": (("Role",), "lambda.amazonaws.com"),
}
"""Calls that hand a role to a service: where the role stands, and to whom it goes (iam:PassedToService)."""


def passed_role(call: Call) -> tuple[str, str] | None:
    """The role that a call passes on, and the service it is passed to."""
    spec = PASSED_ROLES.get(f"{call.service}:{call.operation}")
    if spec is None:
        return None
    path, service = spec
    value: Any = call.params
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return (value, service) if isinstance(value, str) else None
