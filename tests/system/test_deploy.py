"""An upload is a deployment: what happens, in which order, and what never happens."""

from __future__ import annotations

import json
import random

import pytest
from world import EXAMPLES, HELLO, World, one

WRITES = ("Create", "Update", "Delete", "Copy", "Put", "AddTags")


def writes(calls: list[str]) -> list[str]:
    """The calls that change something outside the ledger, but for the tags that say which version is deployed."""
    outside = [call for call in calls if not call.startswith(("dynamodb:", "route:", "sqs:"))]
    changes = [call for call in outside if call.split(":")[1].startswith(WRITES)]
    return [call for call in changes if call != "sagemaker:AddTags"]


def test_the_hello_example_becomes_its_published_definition_and_its_schedule(world: World) -> None:
    told = len(world.roots("Deployed `hello`"))
    world.upload_example("hello")
    record = world.deployment("hello")
    assert record["status"] == "ok"
    assert world.pipeline("hello") == json.loads((EXAMPLES / "hello.definition.json").read_text())
    schedule = world.schedules("hello")["weekly"]
    assert schedule["ScheduleExpression"] == "cron(0 9 ? * MON *)"
    assert schedule["ScheduleExpressionTimezone"] == "Asia/Seoul"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    tags = world.cloud.client("sagemaker").list_tags(ResourceArn=record["arn"])["Tags"]
    assert {"Key": "buzzflow:environment", "Value": "research"} in tags
    assert "hello" in one(world.roots("Deployed `hello`")[told:])["text"]


def test_the_code_lies_where_the_definition_says(world: World) -> None:
    world.hello("code-there")
    definition = json.dumps(world.pipeline("code-there"))
    keys = [o["Key"] for o in world.cloud.client("s3").list_objects_v2(Bucket="buzz-ml-dev")["Contents"]]
    code = [key for key in keys if key.endswith("/hello.py")]
    assert any(f"s3://buzz-ml-dev/{key.rsplit('/', 1)[0]}" in definition for key in code)


def test_the_same_file_again_writes_nothing(world: World) -> None:
    world.hello("again")
    mark = world.mark()
    world.upload("again", HELLO.format(name="again"))
    assert world.deployment("again")["status"] == "ok"
    assert writes(world.calls("deploy-spec", mark)) == []


def test_only_what_changed_is_written(world: World) -> None:
    world.hello("changing")
    mark = world.mark()
    world.upload("changing", HELLO.format(name="changing").replace("0 9 ? * MON *", "30 9 ? * MON *"))
    assert writes(world.calls("deploy-spec", mark)) == ["scheduler:UpdateSchedule"]
    assert world.schedules("changing")["weekly"]["ScheduleExpression"] == "cron(30 9 ? * MON *)"
    mark = world.mark()
    world.upload("changing", HELLO.format(name="changing").replace("ml.t3.medium", "ml.t3.large"))
    # the schedule goes back to what it was, and the pipeline changes
    assert sorted(writes(world.calls("deploy-spec", mark))) == ["sagemaker:UpdatePipeline", "scheduler:UpdateSchedule"]
    assert "ml.t3.large" in json.dumps(world.pipeline("changing"))


def test_a_schedule_that_left_the_file_is_deleted(world: World) -> None:
    world.hello("fewer")
    text = HELLO.format(name="fewer")
    world.upload("fewer", text[: text.index("schedules:")])
    assert world.deployment("fewer")["status"] == "ok"
    assert world.schedules("fewer") == {}
    assert world.pipeline("fewer") is not None


def test_removing_the_file_removes_the_schedules_and_keeps_the_pipeline(world: World) -> None:
    world.hello("leaving")
    world.remove("leaving")
    assert world.schedules("leaving") == {}
    assert world.pipeline("leaving") is not None


def test_with_on_delete_remove_the_pipeline_goes_as_well(world: World) -> None:
    world.upload_code({"hello/hello.py": b"print()\n"})
    world.upload("going", HELLO.format(name="going") + "on_delete: remove\n")
    assert world.pipeline("going") is not None
    world.remove("going")
    assert world.pipeline("going") is None


BROKEN = HELLO.format(name="broken").replace("instance_type", "instnce_type").replace("Asia/Seoul", "Asia/Soul")


def test_a_file_with_mistakes_changes_nothing_and_says_all_of_them_at_once(world: World) -> None:
    world.hello("broken")
    before, schedules = world.pipeline("broken"), world.schedules("broken")
    mark = world.mark()
    world.upload("broken", BROKEN)
    record = world.deployment("broken")
    assert record["status"] == "failed"
    errors = [d for d in record["diagnostics"] if d["severity"] == "error"]
    lines = BROKEN.splitlines()
    at = {lines[d["line"] - 1].strip().split(":")[0] for d in errors}
    assert {"compute", "timezone"} <= at
    assert all(d["column"] > 1 and d["message"] for d in errors)
    assert writes(world.calls("deploy-spec", mark)) == []
    assert (world.pipeline("broken"), world.schedules("broken")) == (before, schedules)
    assert any("broken" in json.dumps(m) and "Asia/Soul" in json.dumps(m) for m in world.messages())
    assert world.dead_letters("deploy-spec") == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("latin", "name: caf\xe9\n".encode("latin-1")),
        ("empty", b""),
        ("nul", b"version: 1\nname: a\x00b\n"),
        ("not-yaml", b"steps: [unclosed\n"),
        ("tabs", b"version: 1\n\tname: x\n"),
        ("list", b"- a\n- b\n"),
        (
            "bomb",
            b"a: &a [x, x]\n"
            + b"".join(b"%c: &%c [*%c, *%c, *%c]\n" % ((c, c) + (c - 1,) * 3) for c in range(98, 122)),
        ),
        ("deep", b"a: " + b"[" * 5000 + b"]" * 5000),
        ("image", bytes(range(256)) * 40),
    ],
)
def test_a_file_that_is_no_pipeline_gets_a_failed_record_and_the_next_file_is_deployed(
    world: World, name: str, body: bytes
) -> None:
    world.upload(f"bad-{name}", body)
    record = world.deployment(f"bad-{name}")
    assert record["status"] == "failed"
    assert [d for d in record["diagnostics"] if d["severity"] == "error"]
    assert world.dead_letters("deploy-spec") == []
    world.hello(f"after-{name}")
    assert world.deployment(f"after-{name}")["status"] == "ok"


def test_a_foreign_pipeline_of_the_same_name_is_never_overwritten(world: World) -> None:
    step = {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "by hand"}}
    definition = json.dumps({"Version": "2020-12-01", "Steps": [step]})
    world.cloud.client("sagemaker").create_pipeline(
        PipelineName="by-hand",
        PipelineDefinition=definition,
        RoleArn="arn:aws:iam::123456789012:role/ml-research",
        ClientRequestToken="x" * 32,
    )
    world.hello("by-hand")
    record = world.deployment("by-hand")
    assert record["status"] == "failed"
    assert [d["code"] for d in record["diagnostics"] if d["severity"] == "error"] == ["deploy.not_ours"]
    assert world.pipeline("by-hand") == json.loads(definition)
    assert world.schedules("by-hand") == {}


@pytest.mark.parametrize("seed", range(3))
def test_of_ten_uploads_in_shuffled_order_with_duplicates_the_newest_wins(world: World, seed: int) -> None:
    name = f"shuffled-{seed}"
    world.hello(name)
    world.pause("deploy-spec")
    for size in range(10):
        text = HELLO.format(name=name).replace("0 9 ? * MON *", f"{size} 9 ? * MON *")
        world.upload(name, text, settle=False)
    world.cloud.settle()
    messages = world.take("deploy-spec")
    assert len(messages) == 10
    order = messages * 2
    random.Random(seed).shuffle(order)
    world.pause("deploy-spec", paused=False)
    world.send("deploy-spec", *order)
    world.advance(3600)
    assert world.schedules(name)["weekly"]["ScheduleExpression"] == "cron(9 9 ? * MON *)"
    assert world.deployment(name)["status"] == "ok"


def test_an_older_event_after_a_newer_one_changes_nothing(world: World) -> None:
    world.hello("older")
    world.pause("deploy-spec")
    world.upload("older", HELLO.format(name="older").replace("0 9", "1 9"), settle=False)
    world.upload("older", HELLO.format(name="older").replace("0 9", "2 9"), settle=False)
    world.cloud.settle()
    old, new = sorted(world.take("deploy-spec"), key=lambda m: json.loads(m)["Records"][0]["s3"]["object"]["sequencer"])
    world.pause("deploy-spec", paused=False)
    world.send("deploy-spec", new)
    mark = world.mark()
    world.send("deploy-spec", old)
    assert writes(world.calls("deploy-spec", mark)) == []
    assert world.schedules("older")["weekly"]["ScheduleExpression"] == "cron(2 9 ? * MON *)"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("this is not JSON", "JSON"),
        ('{"neither": "fish", "nor": "fowl"}', ""),
        ("[]", ""),
        ('{"Records": [{"a": 1}]}', ""),
    ],
)
def test_a_message_that_is_no_event_is_a_dead_letter_with_its_reason_and_mail(
    world: World, body: str, word: str
) -> None:
    before = len(world.dead_letters("deploy-spec"))
    world.send("deploy-spec", body)
    letter = world.dead_letters("deploy-spec")[before:][0]
    assert letter["body"] == body
    assert word in letter["attributes"]["message"] and letter["attributes"]["function"]
    assert any("deploy-spec-dead" in mail["body"] for mail in world.cloud.get("mail"))
    world.hello("after-dead-letter")
    assert world.deployment("after-dead-letter")["status"] == "ok"
