"""What a deployment writes: schedules in all their forms, large definitions, adopted pipelines, code."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from world import HELLO, World, one

Json = Any
HEAD = HELLO.split("schedules:\n")[0]


def deploy(world: World, name: str, text: str, code: dict[str, bytes] | None = None) -> Json:
    world.upload_code(code or {"hello/hello.py": b"print()\n"})
    world.upload(name, text)
    record = world.deployment(name)
    assert record["status"] == "ok", record["diagnostics"]
    return record


def scheduled(name: str, fields: str) -> str:
    return HEAD.format(name=name) + "schedules:\n  s:\n" + "".join(f"    {line}\n" for line in fields.split("; "))


def test_a_rate_keeps_its_start_over_deployments(world: World) -> None:
    deploy(world, "rated", scheduled("rated", "rate: 90m"))
    first = world.schedules("rated")["s"]
    assert first["ScheduleExpression"] == "rate(90 minutes)"
    world.advance(5000)
    deploy(world, "rated", scheduled("rated", "rate: 2h"))
    second = world.schedules("rated")["s"]
    assert second["ScheduleExpression"] == "rate(120 minutes)"
    assert second["StartDate"] == first["StartDate"]
    record = world.item("pipeline#rated", "record")
    assert record["schedules"]["s"]["start"] == first["StartDate"].strftime("%Y-%m-%dT%H:%M:%SZ")


def test_local_bounds_and_jitter_become_what_scheduler_takes(world: World) -> None:
    fields = (
        "cron: 0 9 * * ? *; timezone: Asia/Seoul; start: 2027-03-01T00:00:00; end: 2027-04-01T00:00:00; jitter: 15m"
    )
    deploy(world, "bounded", scheduled("bounded", fields))
    schedule = world.schedules("bounded")["s"]
    assert schedule["StartDate"].isoformat() == "2027-02-28T15:00:00+00:00"
    assert schedule["EndDate"].isoformat() == "2027-03-31T15:00:00+00:00"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    deploy(world, "bounded", scheduled("bounded", "cron: 0 9 * * ? *; timezone: Asia/Seoul"))
    schedule = world.schedules("bounded")["s"]
    assert "StartDate" not in schedule and "EndDate" not in schedule
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}


def test_at_and_disabled(world: World) -> None:
    deploy(world, "once", scheduled("once", "at: 2028-12-24T18:00:00; timezone: Europe/Berlin; enabled: false"))
    schedule = world.schedules("once")["s"]
    assert schedule["ScheduleExpression"] == "at(2028-12-24T18:00:00)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["State"] == "DISABLED"


def test_the_message_of_a_schedule_names_everything_that_rerun_needs(world: World) -> None:
    world.hello("telling")
    target = world.schedules("telling")["weekly"]["Target"]
    assert target["Arn"].endswith(":buzzflow-research-rerun")
    assert json.loads(target["Input"]) == {
        "kind": "schedule",
        "pipeline": "telling",
        "schedule": "weekly",
        "schedule_arn": "<aws.scheduler.schedule-arn>",
        "scheduled_time": "<aws.scheduler.scheduled-time>",
        "execution_id": "<aws.scheduler.execution-id>",
        "attempt": "<aws.scheduler.attempt-number>",
    }


def test_what_somebody_else_set_on_a_schedule_stays(world: World) -> None:
    world.hello("merged")
    client = world.cloud.client("scheduler")
    schedule = client.get_schedule(GroupName="buzzflow-research", Name="merged.weekly")
    for member in ("Arn", "CreationDate", "LastModificationDate", "ResponseMetadata"):
        schedule.pop(member)
    queue = "arn:aws:sqs:us-west-2:123456789012:buzzflow-research-rerun-dead"
    schedule["Target"]["DeadLetterConfig"] = {"Arn": queue}
    client.update_schedule(**schedule)
    world.upload("merged", HELLO.format(name="merged").replace("0 9 ?", "0 8 ?"))
    after = world.schedules("merged")["weekly"]
    assert after["ScheduleExpression"] == "cron(0 8 ? * MON *)"
    assert after["Target"]["DeadLetterConfig"] == {"Arn": queue}


def test_a_large_definition_goes_through_the_bucket(world: World) -> None:
    text = HEAD.format(name="large")
    step = text[text.index("  greet:") :]
    for number in range(40):
        text += step.replace("  greet:", f"  greet{number}:") + f"    description: {'d' * 3000}\n"
    record = deploy(world, "large", text)
    definition = world.cloud.client("sagemaker").describe_pipeline(PipelineName="large")["PipelineDefinition"]
    assert len(definition) > 100 * 1024
    digest = hashlib.sha256(definition.encode()).hexdigest()
    assert record["definition_sha256"] == digest
    kept = world.cloud.client("s3").get_object(Bucket="buzz-ml-dev", Key=f"definitions/{digest}.json")
    assert kept["Body"].read().decode() == definition
    world.upload("large", HELLO.format(name="large"))
    assert world.deployment("large")["status"] == "ok"
    assert list(world.schedules("large")) == ["weekly"]


def by_hand(world: World, name: str, tags: list[Json]) -> None:
    step = {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "by hand"}}
    world.cloud.client("sagemaker").create_pipeline(
        PipelineName=name,
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": [step]}),
        RoleArn="arn:aws:iam::123456789012:role/ml-research",
        ClientRequestToken="x" * 32,
        Tags=tags,
    )


def upload_adopting(world: World, name: str) -> Json:
    world.upload_code({"hello/hello.py": b"print()\n"})
    world.cloud.client("s3").put_object(
        Bucket="specs-research",
        Key=f"specs/{name}.pipeline.yaml",
        Body=HELLO.format(name=name).encode(),
        Metadata={"buzzflow-adopt": "true", "commit": "0123abc"},
    )
    world.cloud.settle()
    return world.deployment(name)


def test_a_pipeline_without_our_tag_is_taken_over_when_asked(world: World) -> None:
    by_hand(world, "adopted", [{"Key": "finance", "Value": "42"}])
    assert upload_adopting(world, "adopted")["status"] == "ok"
    definition = world.pipeline("adopted")
    assert definition["Steps"][0]["Name"] == "greet"
    arn = world.deployment("adopted")["arn"]
    tags = {t["Key"]: t["Value"] for t in world.cloud.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]}
    assert tags["finance"] == "42"  # not ours: it stays
    assert tags["buzzflow:environment"] == "research"
    assert tags["buzzflow:commit"] == "0123abc"


def test_a_pipeline_of_another_environment_is_never_written(world: World) -> None:
    by_hand(world, "elsewhere", [{"Key": "buzzflow:environment", "Value": "production"}])
    before = world.pipeline("elsewhere")
    world.upload("elsewhere", HELLO.format(name="elsewhere"))
    errors = [d for d in world.deployment("elsewhere")["diagnostics"] if d["severity"] == "error"]
    assert one(errors)["code"] == "deploy.other_environment"
    assert world.pipeline("elsewhere") == before
    # with --adopt it is the role's permission that says no, and the record says so
    record = upload_adopting(world, "elsewhere")
    assert record["status"] == "failed" and "not authorized" in record["error"]
    assert world.pipeline("elsewhere") == before


def test_code_is_copied_once_by_its_content(world: World) -> None:
    files = {"kode/hello.py": b"print(1)\n", "kode/lib/a b.py": b"# blank\n", "kode/__pycache__/x.pyc": b"\0"}
    text = HELLO.format(name="copied").replace("source: hello,", "source: kode,")
    record = deploy(world, "copied", text, files)
    assert "copied 2 code files" in record["written"]
    listing = ""
    for path in sorted(("hello.py", "lib/a b.py")):
        listing += f"{hashlib.sha256(files['kode/' + path]).hexdigest()}  {path}\n"
    address = hashlib.sha256(listing.encode()).hexdigest()
    s3 = world.cloud.client("s3")
    found = s3.list_objects_v2(Bucket="buzz-ml-dev", Prefix=f"code/{address}/")["Contents"]
    assert [o["Key"].split("/", 2)[2] for o in found] == ["hello.py", "lib/a b.py"]
    assert f"s3://buzz-ml-dev/code/{address}/" in json.dumps(world.pipeline("copied"))
    world.upload("copied-2", text.replace("name: copied", "name: copied-2"))
    assert not any("code file" in line for line in world.deployment("copied-2")["written"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("source: hello,", "source: ../../outside,"), "code.source_outside"),
        (("source: hello,", "source: nowhere,"), "code.source_missing"),
        (("hello.py}", "hallo.py}"), "code.entrypoint_missing"),
        (("bucket: buzz-ml-dev", "bucket: somebody-elses"), "storage.not_allowed"),
        (("role/ml-research", "role/admin"), "role.not_allowed"),
    ],
)
def test_what_a_stack_does_not_allow_or_find_is_said_before_anything_is_written(
    world: World, change: tuple[str, str], code: str
) -> None:
    name = "refused-" + code.replace(".", "-").replace("_", "-")
    world.upload_code({"hello/hello.py": b"print()\n"})
    world.upload(name, HELLO.format(name=name).replace(*change))
    record = world.deployment(name)
    assert record["status"] == "failed"
    assert code in [d["code"] for d in record["diagnostics"] if d["severity"] == "error"]
    assert world.pipeline(name) is None and world.schedules(name) == {}


def test_where_a_past_start_is_refused_the_series_goes_on_from_its_next_fire(world: World) -> None:
    deploy(world, "phased", scheduled("phased", "rate: 1h"))
    first = world.schedules("phased")["s"]["StartDate"]
    world.advance(5000)
    match = {"caller": "buzzflow-research-deploy-spec", "operation": "UpdateSchedule"}
    text = "The StartDate you specify cannot be earlier than 5 minutes ago."
    fault = {"match": match, "do": "error", "status": 400, "code": "ValidationException", "message": text}
    world.cloud.post("faults", [fault])
    deploy(world, "phased", scheduled("phased", "rate: 1h; jitter: 5m"))
    after = world.schedules("phased")["s"]
    assert (after["StartDate"] - first).total_seconds() == 7200
    assert after["FlexibleTimeWindow"]["Mode"] == "FLEXIBLE"
