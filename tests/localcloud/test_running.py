"""The cloud as a whole: signatures, permissions, shapes, faults, time, schedules, stacks, control."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from echo_cloud import drain

from localcloud.client import ControlError, LocalCloudProcess
from localcloud.intrinsics import Evaluator, TemplateError

FAIL = json.dumps(
    {"Version": "2020-12-01", "Steps": [{"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}}]}
)
ROLE = "arn:aws:iam::123456789012:role/ml"


def code_of(call: Any) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Code"])


# Signatures


def with_keys(cloud: LocalCloudProcess, service: str, **changed: str) -> Any:
    return cloud.client_with(service, cloud.keys() | changed)


@pytest.mark.parametrize(
    ("service", "call", "expected"),
    [
        ("s3", lambda c: c.list_buckets(), "SignatureDoesNotMatch"),
        ("dynamodb", lambda c: c.list_tables(), "InvalidSignatureException"),
        ("sns", lambda c: c.list_topics(), "SignatureDoesNotMatch"),
        ("scheduler", lambda c: c.list_schedules(), "InvalidSignatureException"),
    ],
)
def test_a_wrong_secret_is_refused_in_the_words_of_the_protocol(
    cloud: LocalCloudProcess, service: str, call: Any, expected: str
) -> None:
    assert code_of(lambda: call(with_keys(cloud, service, secret_key="wrong"))) == expected


def test_an_unknown_key_a_wrong_region_and_a_wrong_token_are_refused(cloud: LocalCloudProcess) -> None:
    assert code_of(lambda: with_keys(cloud, "s3", access_key="AKIAUNKNOWN").list_buckets()) == "InvalidAccessKeyId"
    elsewhere = with_keys(cloud, "dynamodb", region="eu-west-1")
    assert code_of(elsewhere.list_tables) == "InvalidSignatureException"
    assert code_of(with_keys(cloud, "dynamodb", token="x").list_tables) == "UnrecognizedClientException"


def test_a_body_that_was_changed_on_its_way_is_refused(cloud: LocalCloudProcess) -> None:
    client = cloud.client_with("sqs", cloud.keys())

    def tamper(request: Any, **_: Any) -> None:
        request.body = request.body.replace(b"inbox-test", b"dead-test1")

    client.meta.events.register("before-send.sqs.*", tamper)
    assert code_of(lambda: client.get_queue_url(QueueName="inbox-test")) == "InvalidSignatureException"


def test_a_request_without_a_signature_is_refused(cloud: LocalCloudProcess) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(cloud.url + "/uploads-test")
    assert error.value.code == 403


# Permissions


@pytest.fixture
def reader(cloud: LocalCloudProcess) -> Any:
    role = cloud.facts["stacks"]["test"]["ReaderRole"]
    keys = cloud.post("assume", {"role": role})
    return lambda service: cloud.client_with(service, keys)


def test_a_role_may_do_what_its_policy_says_and_nothing_else(cloud: LocalCloudProcess, reader: Any) -> None:
    cloud.client("s3").put_object(Bucket="uploads-test", Key="in/r.bin", Body=b"x")
    s3 = reader("s3")
    assert s3.get_object(Bucket="uploads-test", Key="in/r.bin")["Body"].read() == b"x"
    assert code_of(lambda: s3.put_object(Bucket="uploads-test", Key="in/r.bin", Body=b"y")) == "AccessDenied"
    assert code_of(lambda: s3.get_object(Bucket="uploads-test", Key="out/r.bin")) == "AccessDenied"
    assert code_of(lambda: reader("sns").list_topics()) == "AuthorizationError"
    assert code_of(lambda: reader("sqs").list_queues()) == "AccessDeniedException"


def test_who_may_not_list_a_bucket_is_not_told_that_a_key_is_missing(cloud: LocalCloudProcess, reader: Any) -> None:
    key = {"Bucket": "uploads-test", "Key": "in/missing"}
    assert code_of(lambda: cloud.client("s3").get_object(**key)) == "NoSuchKey"
    assert code_of(lambda: reader("s3").get_object(**key)) == "AccessDenied"


def test_every_write_of_a_transaction_needs_its_own_permission(cloud: LocalCloudProcess, reader: Any) -> None:
    cloud.client("dynamodb").create_table(
        TableName="other",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    puts = [{"Put": {"TableName": name, "Item": {"pk": {"S": "1"}}}} for name in ("table-test", "other")]
    client = reader("dynamodb")
    client.transact_write_items(TransactItems=puts[:1])
    assert code_of(lambda: client.transact_write_items(TransactItems=puts)) == "AccessDeniedException"


def create(client: Any, name: str, team: str | None) -> Any:
    tags = {"Tags": [{"Key": "team", "Value": team}]} if team else {}
    return client.create_pipeline(
        PipelineName=name, PipelineDefinition=FAIL, RoleArn=ROLE, ClientRequestToken=name.ljust(32, "-"), **tags
    )


def test_request_tags_and_pass_role_are_conditions(cloud: LocalCloudProcess, reader: Any) -> None:
    client = reader("sagemaker")
    create(client, "red-one", "red")
    assert code_of(lambda: create(client, "blue-one", "blue")) == "AccessDeniedException"
    denied = cloud.get("denials")[-1]
    assert (denied["action"], denied["resource"].split(":")[-1]) == ("sagemaker:CreatePipeline", "pipeline/blue-one")


# Shapes and gaps


def test_a_request_that_breaks_the_api_model_is_refused_and_recorded(cloud: LocalCloudProcess, reader: Any) -> None:
    client = reader("sagemaker")

    def add_member(params: Any, **_: Any) -> None:
        body = json.loads(params["body"])
        params["body"] = json.dumps(body | {"Colour": "red", "PipelineName": "not a name"}).encode()

    client.meta.events.register("before-call.sagemaker.CreatePipeline", add_member)
    assert code_of(lambda: create(client, "shape", "red")) in ("ValidationException", "AccessDeniedException")
    details = [line for v in cloud.get("violations") for line in v["detail"]]
    assert any("unknown member 'Colour'" in line for line in details)
    assert any("PipelineName" in line and "does not match" in line for line in details)
    cloud.post("violations/clear")


def test_an_operation_that_is_not_there_is_a_loud_gap(cloud: LocalCloudProcess) -> None:
    with pytest.raises(ClientError) as error:
        cloud.client("sagemaker").list_inference_components()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "gap" in cloud.get("violations")[0]["what"]
    cloud.post("violations/clear")


def test_a_service_that_is_not_there_is_a_loud_gap(cloud: LocalCloudProcess) -> None:
    with pytest.raises(ClientError, match=r"LocalCloudGap|501"):
        cloud.client("glue").get_databases()
    cloud.post("violations/clear")


# Faults


def test_a_throttled_call_is_refused_before_anything_is_done(cloud: LocalCloudProcess) -> None:
    cloud.post("faults", [{"match": {"service": "s3", "operation": "PutObject"}, "do": "throttle", "skip": 1}])
    s3 = cloud.client("s3")
    s3.put_object(Bucket="uploads-test", Key="f/1", Body=b"1")
    assert code_of(lambda: s3.put_object(Bucket="uploads-test", Key="f/2", Body=b"2")) == "SlowDown"
    s3.put_object(Bucket="uploads-test", Key="f/3", Body=b"3")
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="uploads-test", Prefix="f/")["Contents"]] == ["f/1", "f/3"]
    (report,) = cloud.get("faults")
    assert (report["seen"], report["hit"]) == (3, 1)


def test_a_lost_answer_leaves_the_work_done(cloud: LocalCloudProcess) -> None:
    cloud.post("faults", [{"match": {"operation": "PutObject"}, "do": "lost"}])
    s3 = cloud.client("s3")
    with pytest.raises(Exception, match=r"Connection|closed|aborted"):
        s3.put_object(Bucket="uploads-test", Key="f/lost", Body=b"done")
    assert s3.get_object(Bucket="uploads-test", Key="f/lost")["Body"].read() == b"done"


def test_an_error_has_the_status_and_code_that_were_asked_for(cloud: LocalCloudProcess) -> None:
    fault = {"match": {"service": "dynamodb"}, "do": "error", "status": 503, "code": "Unavailable", "message": "no"}
    cloud.post("faults", [fault])
    with pytest.raises(ClientError) as error:
        cloud.client("dynamodb").list_tables()
    assert error.value.response["Error"]["Code"] == "Unavailable"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


@pytest.mark.parametrize("bad", [{"do": "explode"}, {"do": "lost", "mach": {}}, {"do": "lost", "match": {"verb": "x"}}])
def test_a_fault_that_is_not_understood_is_refused(cloud: LocalCloudProcess, bad: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        cloud.post("faults", [bad])


# Time and schedules


def schedule(cloud: LocalCloudProcess, name: str, expression: str, **more: Any) -> None:
    second = cloud.client("sqs").get_queue_attributes(
        QueueUrl=cloud.facts["stacks"]["test"]["Second"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    text = '{"at": "<aws.scheduler.scheduled-time>", "try": "<aws.scheduler.attempt-number>"}'
    cloud.client("scheduler").create_schedule(
        Name=name,
        GroupName="group-test",
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": second, "RoleArn": cloud.facts["stacks"]["test"]["SchedulerRole"], "Input": text},
        **more,
    )


def fires(cloud: LocalCloudProcess) -> list[str]:
    return sorted(json.loads(body)["at"] for body in drain(cloud, "second-test"))


def test_a_schedule_fires_in_its_zone_and_names_its_time(cloud: LocalCloudProcess) -> None:
    drain(cloud, "second-test")
    cloud.advance_to("2026-03-10T00:00:00Z")
    schedule(cloud, "daily", "cron(30 0 * * ? *)", ScheduleExpressionTimezone="Asia/Seoul")
    cloud.advance_to("2026-03-13T00:00:00Z")
    assert fires(cloud) == ["2026-03-10T15:30:00Z", "2026-03-11T15:30:00Z", "2026-03-12T15:30:00Z"]
    cloud.client("scheduler").delete_schedule(Name="daily", GroupName="group-test")
    cloud.advance(86400)
    assert fires(cloud) == []


def test_members_without_a_value_are_left_out_of_an_answer(cloud: LocalCloudProcess) -> None:
    schedule(cloud, "bare", "rate(1 day)", State="DISABLED")
    client, bodies = cloud.client_with("scheduler", cloud.keys()), []
    client.meta.events.register(
        "after-call.scheduler.*", lambda http_response, **_: bodies.append(http_response.content)
    )
    client.get_schedule(Name="bare", GroupName="group-test")
    assert b"null" not in bodies[0]
    client.delete_schedule(Name="bare", GroupName="group-test")


def test_a_disabled_schedule_is_silent_and_what_it_missed_is_gone(cloud: LocalCloudProcess) -> None:
    schedule(cloud, "hourly", "rate(1 hour)", State="DISABLED")
    cloud.advance(7000)
    assert fires(cloud) == []
    client = cloud.client("scheduler")
    known = client.get_schedule(Name="hourly", GroupName="group-test")
    keep = {n: known[n] for n in ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    client.update_schedule(**keep, State="ENABLED")
    cloud.advance(3601)
    assert len(fires(cloud)) == 1
    client.delete_schedule(Name="hourly", GroupName="group-test")


def test_a_one_time_schedule_can_delete_itself(cloud: LocalCloudProcess) -> None:
    start = cloud.now()
    cloud.advance(10)
    schedule(cloud, "once", f"at({start[:11]}23:59:59)", ActionAfterCompletion="DELETE")
    cloud.advance(2 * 86400)
    assert len(fires(cloud)) == 1
    names = [s["Name"] for s in cloud.client("scheduler").list_schedules(GroupName="group-test")["Schedules"]]
    assert "once" not in names


def test_a_fire_may_come_twice(cloud: LocalCloudProcess) -> None:
    cloud.post("copies", {"scheduler": 2})
    schedule(cloud, "twice", "rate(1 day)")
    cloud.settle()
    first, second = fires(cloud)
    assert first == second
    cloud.client("scheduler").delete_schedule(Name="twice", GroupName="group-test")


def test_what_scheduler_refuses_is_refused(cloud: LocalCloudProcess) -> None:
    assert code_of(lambda: schedule(cloud, "bad", "banana")) == "ValidationException"
    assert code_of(lambda: schedule(cloud, "bad", "rate(1 day)", ScheduleExpressionTimezone="Asia/Soul")) == (
        "ValidationException"
    )
    client = cloud.client("scheduler")
    request: dict[str, Any] = {
        "Name": "bad",
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": "arn:aws:sqs:us-west-2:123456789012:q",
            "RoleArn": cloud.facts["stacks"]["test"]["ReaderRole"],
        },
    }
    assert code_of(lambda: client.create_schedule(**request)) == "ValidationException"
    request["GroupName"] = "nowhere"
    assert code_of(lambda: client.create_schedule(**request)) == "ResourceNotFoundException"


def test_time_is_virtual_in_dates_of_answers_and_of_objects(cloud: LocalCloudProcess) -> None:
    now = cloud.now()
    answer = cloud.client("s3").put_object(Bucket="uploads-test", Key="t/1", Body=b"x")
    assert now[:4] == answer["ResponseMetadata"]["HTTPHeaders"]["date"].split()[3]
    listed = cloud.client("s3").list_objects_v2(Bucket="uploads-test", Prefix="t/")["Contents"][0]
    assert listed["LastModified"].strftime("%Y-%m-%dT%H:%M:%SZ") == now


def test_the_past_is_refused(cloud: LocalCloudProcess) -> None:
    with pytest.raises(ControlError, match="past"):
        cloud.advance_to("2020-01-01T00:00:00Z")


# What moto lacks


def test_items_expire(cloud: LocalCloudProcess) -> None:
    dynamodb, now = cloud.client("dynamodb"), int(cloud.get("clock")["now"])
    for key, expires in (("soon", now + 60), ("later", now + 7200), ("text", None)):
        item = {"pk": {"S": key}, "expires_at": {"N": str(expires)} if expires else {"S": "1"}}
        dynamodb.put_item(TableName="table-test", Item=item)
    cloud.advance(3600)
    left = {item["pk"]["S"] for item in dynamodb.scan(TableName="table-test")["Items"]}
    assert {"later", "text"} <= left and "soon" not in left


def test_a_transaction_is_idempotent_by_its_token(cloud: LocalCloudProcess) -> None:
    dynamodb = cloud.client("dynamodb")

    def add(amount: str) -> None:
        update = {
            "TableName": "table-test",
            "Key": {"pk": {"S": "counter"}},
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": amount}},
        }
        dynamodb.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken="token-1")

    add("1")
    add("1")
    item = dynamodb.get_item(TableName="table-test", Key={"pk": {"S": "counter"}})["Item"]
    assert item["n"] == {"N": "1"}
    assert code_of(lambda: add("2")) == "IdempotentParameterMismatchException"
    cloud.advance(601)
    add("2")
    assert dynamodb.get_item(TableName="table-test", Key={"pk": {"S": "counter"}})["Item"]["n"] == {"N": "3"}


def read_log(cloud: LocalCloudProcess, **first: Any) -> tuple[list[str], int]:
    """A whole stream, page by page, and the number of pages."""
    logs, pages = cloud.client("logs"), 0
    found: list[str] = []
    head = first.get("startFromHead", False)
    request: dict[str, Any] = {"logGroupName": "g", "logStreamName": "s", "startFromHead": head, "limit": 7}
    while True:
        page = logs.get_log_events(**request)
        token = page["nextForwardToken" if head else "nextBackwardToken"]
        lines = [e["message"] for e in page["events"]]
        found = found + lines if head else lines + found
        if request.get("nextToken") == token:
            return found, pages
        request["nextToken"], pages = token, pages + 1


def test_a_log_is_read_in_pages_some_of_them_empty(cloud: LocalCloudProcess) -> None:
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    now = int(cloud.get("clock")["now"] * 1000)
    lines = [f"line {n}" for n in range(20)]
    events = [{"timestamp": now + n, "message": line} for n, line in enumerate(lines)]
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)
    assert read_log(cloud, startFromHead=True) == (lines, 3)
    assert read_log(cloud) == (lines, 3)
    before = cloud.get("scenario")
    cloud.post("scenario", {"logs": {"empty_pages": 2}})
    assert read_log(cloud, startFromHead=True) == (lines, 7)
    assert read_log(cloud) == (lines, 7)
    cloud.post("scenario", before)
    assert code_of(lambda: logs.get_log_events(logGroupName="g", logStreamName="none")) == "ResourceNotFoundException"


def test_of_many_racing_conditional_writes_one_wins(cloud: LocalCloudProcess) -> None:
    clients = [cloud.client_with("dynamodb", cloud.keys()) for _ in range(8)]

    def claim(client: Any, key: str) -> bool:
        try:
            client.put_item(
                TableName="table-test", Item={"pk": {"S": key}}, ConditionExpression="attribute_not_exists(pk)"
            )
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(len(clients)) as pool:
        for round_number in range(20):
            key = f"race-{round_number}"
            assert sum(pool.map(claim, clients, [key] * len(clients))) == 1


# Stacks and control


def test_a_circular_template_is_refused() -> None:
    template = {
        "Resources": {"A": {"Type": "T", "Properties": {"x": {"Ref": "B"}}}, "B": {"Type": "T", "DependsOn": "A"}}
    }
    with pytest.raises(TemplateError, match="circular"):
        Evaluator(template, {}, lambda logical, properties: (logical, {})).ensure("A")


def test_an_unknown_parameter_property_or_type_is_refused(tmp_path: Path) -> None:
    def deploy(resources: str, *parameters: str) -> str:
        template = tmp_path / "t.yaml"
        template.write_text("Transform: AWS::Serverless-2016-10-31\nResources:\n" + resources)
        options = tuple(x for p in parameters for x in ("--parameter", p))
        with pytest.raises(RuntimeError) as error, LocalCloudProcess(template, options=options):
            pass
        return str(error.value)

    assert "no parameter ['X']" in deploy("  Q: {Type: AWS::SQS::Queue}\n", "X=1")
    assert "AWS::Glue::Job is not implemented" in deploy("  J: {Type: AWS::Glue::Job}\n")
    assert "Colour" in deploy("  Q: {Type: AWS::SQS::Queue, Properties: {Colour: red}}\n")


def test_the_wire_log_says_who_called_what(cloud: LocalCloudProcess) -> None:
    cloud.client("s3").list_buckets()
    last = cloud.get("wire", service="s3", limit=1)[0]
    assert (last["caller"], last["operation"], last["status"]) == ("user/admin", "ListBuckets", 200)
    assert cloud.get("calls")["user/admin"]["s3:ListBuckets"] >= 1


def test_the_control_api_lists_itself_and_refuses_what_it_does_not_know(cloud: LocalCloudProcess) -> None:
    with urllib.request.urlopen(cloud.url + "/_local/") as response:
        assert {"clock", "queues", "wire"} <= set(json.load(response)["read"])
    with pytest.raises(ControlError, match="nothing at"):
        cloud.get("nonsense")
    with pytest.raises(ControlError, match="unknown"):
        cloud.post("clock", {"jump": 1})


def test_boto3_of_the_user_finds_the_cloud_by_its_environment(
    cloud: LocalCloudProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    assert boto3.session.Session().client("sts").get_caller_identity()["Account"] == "123456789012"
