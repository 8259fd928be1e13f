"""A schedule fires: the parameters are computed once, the run is started once, and overlap decides what waits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from world import HELLO, World, one

Json = Any
EXECUTION_CHANGE = "SageMaker Model Building Pipeline Execution Status Change"


def spec(name: str, who: str = "week ${date:isoweek}", **schedule: str) -> str:
    """HELLO with another schedule: members are added as they are given."""
    text = HELLO.format(name=name)
    head, _ = text.split("schedules:\n")
    fields = {"cron": "0/10 * * * ? *", "timezone": "Asia/Seoul", **schedule}
    lines = [f"    {key}: {value}" for key, value in fields.items()]
    return head + "schedules:\n  often:\n" + "\n".join(lines) + f'\n    parameters: {{who: "{who}"}}\n'


def deploy(world: World, name: str, text: str) -> None:
    world.upload_code({"hello/hello.py": b"print()\n"})
    world.upload(name, text)
    record = world.deployment(name)
    assert record["status"] == "ok", record["diagnostics"]


def message(name: str, time: str, schedule: str = "often") -> str:
    return json.dumps(
        {
            "kind": "schedule",
            "pipeline": name,
            "schedule": schedule,
            "schedule_arn": f"arn:aws:scheduler:us-west-2:123456789012:schedule/buzzflow-research/{name}.{schedule}",
            "scheduled_time": time,
            "execution_id": "d32c5kddcf5bb8c3",
            "attempt": "1",
        }
    )


def queue(world: World, name: str, schedule: str = "often") -> Json:
    return world.item(f"pipeline#{name}", f"queue#{schedule}")


def documents(world: World, name: str) -> list[Json]:
    """The run documents of a pipeline, in the order of their scheduled times."""
    found: list[Json] = []
    pages = world.cloud.client("dynamodb").get_paginator("scan").paginate(TableName="buzzflow-research")
    for page in pages:
        for item in page["Items"]:
            if item["pk"]["S"].startswith("run#"):
                document = json.loads(item["document"]["S"])
                if document["pipeline"] == name:
                    found.append(document)
    return sorted(found, key=lambda document: str(document["scheduled_time"]))


def long_runs(world: World, name: str, seconds: int) -> None:
    known = world.cloud.get("scenario")
    steps = {"steps": {"greet": {"after": seconds}}}
    world.cloud.post("scenario", known | {"pipelines": known.get("pipelines", {}) | {name: steps}})


def test_a_fire_starts_one_run_with_its_computed_parameter(world: World) -> None:
    world.hello("firing")
    time = world.fire("weekly", "firing")
    run = one(world.runs("firing"))
    # nine in the morning in Seoul is midnight UTC: the local date counts
    assert time.endswith("T00:00:00Z")
    assert run["PipelineExecutionDisplayName"] == "weekly-" + time[:10].replace("-", "") + "T090000"
    document = one(documents(world, "firing"))
    assert document["scheduled_time"] == time
    assert document["execution_arn"] == run["PipelineExecutionArn"]
    assert world.parameters(run["PipelineExecutionArn"]) == document["parameters"]
    assert document["parameters"]["who"].startswith("week 20")


def test_the_same_fire_twice_at_once_and_later_is_one_run(world: World) -> None:
    deploy(world, "doubled", spec("doubled", cron="0 0 1 1 ? 2190"))
    body = message("doubled", "2026-03-05T00:00:00Z")
    world.send("rerun", body, body, body)
    world.advance(3600)
    world.send("rerun", body)
    one(world.runs("doubled"))
    assert queue(world, "doubled")["started"] == 1


def test_parameters_are_those_of_the_first_time_though_the_file_changed(world: World) -> None:
    deploy(world, "replayed", spec("replayed", who="first ${date:%F}", cron="0 0 1 1 ? 2190"))
    match = {"caller": "buzzflow-research-rerun", "operation": "StartPipelineExecution"}
    world.cloud.post("faults", [{"match": match, "do": "error", "times": 3}])
    world.pause("rerun")
    world.send("rerun", message("replayed", "2026-03-05T00:00:00Z"))
    world.pause("rerun", paused=False)
    world.cloud.settle()
    assert world.runs("replayed") == []
    deploy(world, "replayed", spec("replayed", who="second ${date:%F}", cron="0 0 1 1 ? 2190"))
    world.cloud.post("faults", [])
    world.advance(3600)
    run = one(world.runs("replayed"))
    assert world.parameters(run["PipelineExecutionArn"]) == {"who": "first 2026-03-05"}


def test_skip_starts_nothing_while_a_run_is_active(world: World) -> None:
    deploy(world, "skipping", spec("skipping", cron="0 0 1 1 ? 2190", overlap="skip"))
    long_runs(world, "skipping", 4000)
    world.send("rerun", message("skipping", "2026-03-05T00:00:00Z"))
    world.send("rerun", message("skipping", "2026-03-05T00:10:00Z"))
    one(world.runs("skipping"))
    assert [d["status"] for d in documents(world, "skipping")] == ["started", "skipped"]
    world.advance(4100)
    world.send("rerun", message("skipping", "2026-03-05T02:00:00Z"))
    assert len(world.runs("skipping")) == 2


@pytest.mark.parametrize(
    ("overlap", "statuses", "started"),
    [
        ("queue_all", ["succeeded", "succeeded", "succeeded"], ["00:00", "00:10", "00:20"]),
        ("queue_one", ["succeeded", "skipped", "succeeded"], ["00:00", "00:20"]),
        ("cancel", ["stopped", "stopped", "succeeded"], ["00:00", "00:10", "00:20"]),
        ("allow", ["succeeded", "succeeded", "succeeded"], ["00:00", "00:10", "00:20"]),
        ("skip", ["succeeded", "skipped", "skipped"], ["00:00"]),
    ],
)
def test_overlap_decides_what_becomes_of_three_fires(
    world: World, overlap: str, statuses: list[str], started: list[str]
) -> None:
    name = f"overlap-{overlap.replace('_', '-')}"
    deploy(world, name, spec(name, who="${date.in:UTC,%H:%M}", cron="0 0 1 1 ? 2190", overlap=overlap))
    long_runs(world, name, 1000)
    for minute in ("00", "10", "20"):
        world.send("rerun", message(name, f"2026-03-05T00:{minute}:00Z"))
    world.advance(6000)
    assert [d["status"] for d in documents(world, name)] == statuses
    assert sorted(world.parameters(r["PipelineExecutionArn"])["who"] for r in world.runs(name)) == started
    left = queue(world, name)
    assert (left["active"], left["waiting"]) == ([], [])
    assert left["started"] == len(started)


def test_max_active_lets_so_many_run_side_by_side(world: World) -> None:
    deploy(world, "two-abreast", spec("two-abreast", cron="0 0 1 1 ? 2190", overlap="queue_all", max_active="2"))
    long_runs(world, "two-abreast", 1000)
    for minute in ("00", "10", "20"):
        world.send("rerun", message("two-abreast", f"2026-03-05T00:{minute}:00Z"))
    assert len(world.runs("two-abreast")) == 2
    world.advance(1100)
    assert len(world.runs("two-abreast")) == 3


def test_a_lost_end_event_holds_nobody_back(world: World) -> None:
    deploy(world, "lost-end", spec("lost-end", cron="0 0 1 1 ? 2190", overlap="skip"))
    known = world.cloud.get("scenario")
    world.cloud.post("scenario", known | {"events": {"lose": '"Succeeded".*lost-end|lost-end.*"Succeeded"'}})
    world.send("rerun", message("lost-end", "2026-03-05T00:00:00Z"))
    world.advance(600)
    assert [d["status"] for d in documents(world, "lost-end")] == ["started"]
    world.send("rerun", message("lost-end", "2026-03-05T01:00:00Z"))
    assert len(world.runs("lost-end")) == 2
    assert documents(world, "lost-end")[0]["status"] == "succeeded"


def test_a_success_moves_the_watermark_forward_and_a_failure_does_not(world: World) -> None:
    who = "${default:${last.success.interval_end},never}"
    deploy(world, "marked", spec("marked", who=who, cron="0 0 1 1 ? 2190", timezone="UTC"))
    greet = {"steps": {"greet": {"after": 60}}}
    failing = {"steps": {"greet": {"after": 60, "exit_code": 1}}}
    world.scenario("marked", greet, failing, greet, greet)
    for day in ("05", "06", "07"):
        world.send("rerun", message("marked", f"2026-03-{day}T00:00:00Z"))
        world.advance(600)
    world.send("rerun", message("marked", "2026-03-04T00:00:00Z"))  # a late, older fire
    world.advance(600)
    values = {d["scheduled_time"][8:10]: d["parameters"]["who"] for d in documents(world, "marked")}
    assert values == {
        "05": "never",
        "06": "2026-03-05T00:00:00Z",
        "07": "2026-03-05T00:00:00Z",
        "04": "2026-03-07T00:00:00Z",
    }
    mark = world.item("pipeline#marked", "watermark#often")["last_success"]
    assert mark["time"] == "2026-03-07T00:00:00Z"


def test_look_ups_are_made_once_and_recorded(world: World) -> None:
    s3, ssm = world.cloud.client("s3"), world.cloud.client("ssm")
    for day in ("01", "03", "02"):
        s3.put_object(Bucket="buzz-ml-dev", Key=f"in/dt=2026-03-{day}/_SUCCESS", Body=b"")
    ssm.put_parameter(Name="/team/region", Value="kr", Type="String")
    ssm.put_parameter(Name="/team/secret", Value="hush", Type="SecureString")
    who = "${ssm:/team/region} ${s3.latest:s3://buzz-ml-dev/in/,'dt=([0-9-]+)'}"
    deploy(world, "looking", spec("looking", who=who, cron="0 0 1 1 ? 2190"))
    world.send("rerun", message("looking", "2026-03-05T00:00:00Z"))
    document = one(documents(world, "looking"))
    assert document["parameters"] == {"who": "kr 2026-03-03"}
    assert document["lookups"]["ssm:/team/region"] == "kr"
    assert len(document["lookups"]) == 2


def test_a_secret_does_not_become_a_parameter(world: World) -> None:
    world.cloud.client("ssm").put_parameter(Name="/team/hidden", Value="hush", Type="SecureString")
    deploy(world, "secretive", spec("secretive", who="${ssm:/team/hidden}", cron="0 0 1 1 ? 2190"))
    before = len(world.dead_letters("rerun"))
    world.send("rerun", message("secretive", "2026-03-05T00:00:00Z"))
    assert world.runs("secretive") == []
    letter = one(world.dead_letters("rerun")[before:])
    assert "who" in letter["attributes"]["message"] and "SecureString" in letter["attributes"]["message"]
    assert "hush" not in json.dumps(letter)


def test_holidays_come_from_the_source_that_the_calendar_names(world: World) -> None:
    holidays = b"# Korea\n2026-03-02 Substitute holiday\n"
    world.cloud.client("s3").put_object(Bucket="buzz-ml-dev", Key="holidays.txt", Body=holidays)
    text = spec("holidays", who="${date:%F,-1b}", cron="0 0 1 1 ? 2190")
    deploy(world, "holidays", text + "calendar: {holidays: s3://buzz-ml-dev/holidays.txt}\n")
    world.send("rerun", message("holidays", "2026-03-03T03:00:00Z"))
    document = one(documents(world, "holidays"))
    assert document["parameters"] == {"who": "2026-02-27"}
    assert document["holidays"] == ["2026-03-02"]


def test_a_schedule_that_is_gone_or_disabled_starts_nothing(world: World) -> None:
    deploy(world, "leaving-run", spec("leaving-run", cron="0 0 1 1 ? 2190"))
    world.send("rerun", message("leaving-run", "2026-03-05T00:00:00Z", "unknown"))
    world.send("rerun", message("nobody", "2026-03-05T00:00:00Z"))
    world.upload("leaving-run", spec("leaving-run", cron="0 0 1 1 ? 2190", enabled="false"))
    world.send("rerun", message("leaving-run", "2026-03-05T00:00:00Z"))
    world.remove("leaving-run")
    world.send("rerun", message("leaving-run", "2026-03-05T01:00:00Z"))
    assert world.runs("leaving-run") == []


def test_a_pipeline_that_was_deleted_makes_a_dead_letter(world: World) -> None:
    deploy(world, "vanished", spec("vanished", cron="0 0 1 1 ? 2190"))
    world.cloud.client("sagemaker").delete_pipeline(PipelineName="vanished", ClientRequestToken="x" * 32)
    before = len(world.dead_letters("rerun"))
    body = message("vanished", "2026-03-05T00:00:00Z")
    world.send("rerun", body)
    letter = one(world.dead_letters("rerun")[before:])
    assert letter["body"] == body
    assert queue(world, "vanished")["active"] == []
    assert documents(world, "vanished")[0]["status"] == "resolved"  # the dead letter can be sent again


NOON = {"kind": "schedule", "pipeline": "p", "schedule": "s", "scheduled_time": "noon"}
NO_ARN = {"source": "aws.sagemaker", "detail-type": EXECUTION_CHANGE, "detail": {}}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("no JSON at all", "JSON"),
        (json.dumps({"kind": "schedule"}), "pipeline"),
        (json.dumps(NOON), "scheduled_time"),
        (message("p", "<aws.scheduler.scheduled-time>"), "template"),
        (json.dumps({"kind": "pipeline_failed"}), "pipeline_failed"),
        (json.dumps({"source": "aws.glue", "detail-type": "Glue Job State Change", "detail": {}}), "Glue"),
        (json.dumps(NO_ARN), "pipelineExecutionArn"),
    ],
)
def test_what_rerun_cannot_use_is_a_dead_letter_with_its_reason(world: World, body: str, word: str) -> None:
    before = len(world.dead_letters("rerun"))
    world.send("rerun", body)
    letter = one(world.dead_letters("rerun")[before:])
    assert letter["body"] == body
    assert word in letter["attributes"]["message"]


def test_an_execution_that_somebody_else_started_moves_nothing(world: World) -> None:
    world.hello("manual")
    client = world.cloud.client("sagemaker")
    client.start_pipeline_execution(PipelineName="manual", ClientRequestToken="y" * 32)
    world.advance(600)
    assert one(world.runs("manual"))["PipelineExecutionStatus"] == "Succeeded"
    assert world.item("pipeline#manual", "watermark#weekly") is None
    assert "manual" not in json.dumps(world.dead_letters("rerun"))


def test_a_waiting_run_that_is_refused_is_a_dead_letter_and_holds_nobody_back(world: World) -> None:
    deploy(world, "refused-later", spec("refused-later", cron="0 0 1 1 ? 2190", overlap="queue_all"))
    long_runs(world, "refused-later", 1000)
    before = len(world.dead_letters("rerun"))
    for minute in ("00", "10", "20"):
        world.send("rerun", message("refused-later", f"2026-03-05T00:{minute}:00Z"))
    match = {"caller": "buzzflow-research-rerun", "operation": "StartPipelineExecution"}
    refusal = {"match": match, "do": "error", "status": 400, "code": "ValidationException", "message": "not you"}
    world.cloud.post("faults", [refusal])
    world.advance(6000)
    assert [d["status"] for d in documents(world, "refused-later")] == ["succeeded", "resolved", "succeeded"]
    letter = one(world.dead_letters("rerun")[before:])
    assert "2026-03-05T00:10:00Z" in letter["attributes"]["message"] and "not you" in letter["attributes"]["message"]
