"""Least privilege, proved with the roles of the template: what each function may do, and what none of them may."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from world import ROOT, World

from localcloud.client import LocalCloudProcess

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}
ROLES = {
    "deploy_spec": "DeploySpecRole",
    "pipeline_state": "PipelineStateRole",
    "failure_logs": "FailureLogsRole",
    "rerun": "RerunRole",
}
ML_ROLE = "arn:aws:iam::123456789012:role/ml-research"
STEP = {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}}
DEFINITION = json.dumps({"Version": "2020-12-01", "Steps": [STEP]})
ARN = "arn:aws:{}:us-west-2:123456789012:{}"
RUN = ARN.format("sagemaker", "pipeline/ours/execution/abcdefghijkl")
FOREIGN_RUN = ARN.format("sagemaker", "pipeline/theirs/execution/abcdefghijkl")
Clients = Callable[[str], Any]


def tagged(environment: str) -> list[dict[str, str]]:
    return [{"Key": "buzzflow:environment", "Value": environment}]


def create(clients: Clients, name: str, environment: str | None, role: str = ML_ROLE) -> Any:
    tags = {"Tags": tagged(environment)} if environment else {}
    return clients("sagemaker").create_pipeline(
        PipelineName=name, PipelineDefinition=DEFINITION, RoleArn=role, ClientRequestToken=name.ljust(32, "-"), **tags
    )


def schedule(clients: Clients, group: str, role: str = "buzzflow-research-scheduler") -> Any:
    return clients("scheduler").create_schedule(
        Name="x.y",
        GroupName=group,
        ScheduleExpression="rate(1 day)",
        State="DISABLED",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": ARN.format("sqs", "buzzflow-research-rerun"),
            "RoleArn": f"arn:aws:iam::123456789012:role/{role}",
            "Input": "{}",
        },
    )


def put(clients: Clients, bucket: str, key: str) -> Any:
    return clients("s3").put_object(Bucket=bucket, Key=key, Body=b"x")


def get(clients: Clients, bucket: str, key: str) -> Any:
    return clients("s3").get_object(Bucket=bucket, Key=key)


def ledger(clients: Clients, environment: str) -> Any:
    item = {"pk": {"S": "test"}, "sk": {"S": "permissions"}}
    return clients("dynamodb").put_item(TableName=f"buzzflow-{environment}", Item=item)


def update(clients: Clients, name: str) -> Any:
    return clients("sagemaker").update_pipeline(PipelineName=name, PipelineDefinition=DEFINITION)


def retag(clients: Clients, name: str) -> Any:
    return clients("sagemaker").add_tags(
        ResourceArn=ARN.format("sagemaker", f"pipeline/{name}"), Tags=tagged("research")
    )


def start(clients: Clients, name: str) -> Any:
    return clients("sagemaker").start_pipeline_execution(PipelineName=name, ClientRequestToken="x" * 32)


def publish(clients: Clients, topic: str) -> Any:
    return clients("sns").publish(TopicArn=ARN.format("sns", topic), Message='{"kind": "test"}')


def secret(clients: Clients) -> Any:
    return clients("secretsmanager").get_secret_value(SecretId="buzzflow/slack")


def send(clients: Clients, queue: str) -> Any:
    sqs = clients("sqs")
    return sqs.send_message(QueueUrl=f"{sqs.meta.endpoint_url}/123456789012/{queue}", MessageBody="{}")


def log_events(clients: Clients, group: str) -> Any:
    return clients("logs").get_log_events(logGroupName=group, logStreamName="x")


CALLS: list[tuple[str, Callable[[Clients], Any], set[str]]] = [
    # what, the call, the functions that may
    ("read a spec", lambda c: get(c, "specs-research", "specs/none"), {"deploy_spec"}),
    ("write a spec", lambda c: put(c, "specs-research", "specs/x.txt"), set()),
    ("read another environment's spec", lambda c: get(c, "specs-production", "specs/none"), set()),
    ("keep code", lambda c: put(c, "buzz-ml-dev", "code/x"), {"deploy_spec"}),
    ("keep code elsewhere", lambda c: put(c, "buzz-ml-prod", "code/x"), set()),
    ("list data", lambda c: c("s3").list_objects_v2(Bucket="buzz-ml-dev"), {"deploy_spec", "rerun"}),
    ("write the ledger", lambda c: ledger(c, "research"), set(ROLES)),
    ("write another environment's ledger", lambda c: ledger(c, "production"), set()),
    ("create a tagged pipeline", lambda c: create(c, "theirs-new", "research"), {"deploy_spec"}),
    ("create an untagged pipeline", lambda c: create(c, "untagged", None), set()),
    ("create one for another environment", lambda c: create(c, "wrong", "production"), set()),
    ("pass another role", lambda c: create(c, "roles", "research", ML_ROLE.replace("research", "production")), set()),
    ("update an own pipeline", lambda c: update(c, "ours"), {"deploy_spec"}),
    ("update a foreign pipeline", lambda c: update(c, "theirs"), set()),
    ("take a foreign pipeline over by its tag", lambda c: retag(c, "theirs"), set()),
    ("describe a foreign pipeline", lambda c: c("sagemaker").describe_pipeline(PipelineName="theirs"), set(ROLES)),
    ("schedule in the own group", lambda c: schedule(c, "buzzflow-research"), {"deploy_spec"}),
    ("schedule in another group", lambda c: schedule(c, "buzzflow-production"), set()),
    ("give schedules another role", lambda c: schedule(c, "buzzflow-research", "ml-research"), set()),
    ("start an own pipeline", lambda c: start(c, "ours"), {"rerun"}),
    ("start a foreign pipeline", lambda c: start(c, "theirs"), set()),
    (
        "read a run",
        lambda c: c("sagemaker").describe_pipeline_execution(PipelineExecutionArn=RUN),
        {"pipeline_state", "failure_logs", "rerun"},
    ),
    (
        "stop a run",
        lambda c: c("sagemaker").stop_pipeline_execution(PipelineExecutionArn=RUN, ClientRequestToken="x" * 32),
        {"rerun"},
    ),
    ("tell failures", lambda c: publish(c, "buzzflow-research-failures"), {"pipeline_state"}),
    ("mail as operations", lambda c: publish(c, "buzzflow-research-operations"), set()),
    ("read the Slack token", secret, {"deploy_spec", "pipeline_state", "failure_logs"}),
    ("read a job's log", lambda c: log_events(c, "/aws/sagemaker/ProcessingJobs"), {"failure_logs"}),
    ("read another log", lambda c: log_events(c, "/somebody/else"), set()),
    ("read a parameter", lambda c: c("ssm").get_parameter(Name="/buzzflow/research"), {"rerun"}),
    ("send to rerun", lambda c: send(c, "buzzflow-research-rerun-dead"), {"rerun"}),
    ("assume a pipeline's role", lambda c: c("sts").assume_role(RoleArn=ML_ROLE, RoleSessionName="test"), set()),
    ("make a user", lambda c: c("iam").create_user(UserName="x"), set()),
]


@pytest.fixture(scope="module")
def pipelines(running_world: World) -> LocalCloudProcess:
    cloud = running_world.cloud
    for name, environment in (("ours", "research"), ("theirs", "production")):
        create(cloud.client, name, environment)
    return cloud


@pytest.mark.parametrize("function", ROLES)
@pytest.mark.parametrize(("what", "call", "may"), CALLS, ids=[what.replace(" ", "-") for what, _, _ in CALLS])
def test_a_function_may_do_exactly_what_its_work_needs(
    pipelines: LocalCloudProcess, what: str, call: Callable[[Clients], Any], may: set[str], function: str
) -> None:
    role = pipelines.get("stacks")["research"]["attributes"][ROLES[function]]["Arn"]
    keys = pipelines.post("assume", {"role": role})
    code = ""
    try:
        call(lambda service: pipelines.client_with(service, keys))
    except ClientError as error:
        code = error.response["Error"]["Code"]
    pipelines.settle()
    assert (code not in DENIED) == (function in may), f"{function}: {what}: {code or 'allowed'}"


def test_every_function_has_an_inbox_that_outlives_it(world: World) -> None:
    """Visibility of six timeouts, a dead-letter queue, 14 days, an alarm: the numbers of docs/operating.md."""
    stack = world.cloud.get("stacks")["research"]
    sqs, functions = world.cloud.client("sqs"), world.cloud.client("lambda")
    alarms = {alarm["queue"] for alarm in world.cloud.get("alarms")}
    for logical in ("DeploySpec", "PipelineState", "FailureLogs", "Rerun"):
        timeout = functions.get_function_configuration(FunctionName=stack["ids"][logical])["Timeout"]
        inbox = sqs.get_queue_attributes(QueueUrl=stack["ids"][f"{logical}Queue"], AttributeNames=["All"])["Attributes"]
        assert int(inbox["VisibilityTimeout"]) == 6 * timeout
        assert int(inbox["MessageRetentionPeriod"]) == 14 * 86400
        redrive = json.loads(inbox["RedrivePolicy"])
        assert redrive["maxReceiveCount"] == 1000
        assert redrive["deadLetterTargetArn"].split(":")[-1] in alarms


def test_the_template_names_no_account_and_no_region() -> None:
    text = (ROOT / "template.yaml").read_text()
    assert "123456789012" not in text and "us-west-2" not in text


def test_the_template_names_a_partition_only_where_it_cannot_be_a_function() -> None:
    """docs/operating.md says what to replace elsewhere than in the partition `aws`."""
    lines = (ROOT / "template.yaml").read_text().splitlines()
    named = [line for line in lines if "arn:aws:" in line]
    assert len(named) == 8
    assert all(
        "arn:aws:s3:::" in line and ("Fn::Join" in line or line.endswith('- - "arn:aws:s3:::"')) for line in named
    )
