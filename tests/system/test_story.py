"""The real story: a daily CTR retraining in two environments, three nights, a change, and a broken file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from conftest import start_world
from test_alerts import lines
from test_deploy import writes
from world import EXAMPLES, World, one

pytestmark = pytest.mark.xdist_group("story")
Json = Any
SPEC = (EXAMPLES / "ctr-daily.pipeline.yaml").read_text()
BROKEN = (EXAMPLES / "demo" / "broken.pipeline.yaml").read_text()
SCENARIO = json.loads((EXAMPLES / "demo" / "scenario.json").read_text())
KEY = "specs/ctr-daily.pipeline.yaml"


@dataclass
class Told:
    """What the story left behind."""

    world: World
    rules: list[str] = field(default_factory=list)
    records: dict[str, Json] = field(default_factory=dict)
    definitions: dict[str, Json] = field(default_factory=dict)
    runs: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    """Of #ctr-alerts, after the three nights."""


def rules(world: World) -> list[str]:
    return sorted(rule["Name"] for rule in world.cloud.client("events").list_rules()["Rules"])


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    with start_world(production=True) as world:
        story = Told(world, rules=rules(world))
        world.cloud.post("scenario", SCENARIO)
        world.cloud.advance_to("2026-03-02T00:10:00Z")
        for environment, pipeline in (("research", "ctr-daily-research"), ("production", "ctr-daily")):
            world.upload_example("ctr-daily", environment)
            story.records[environment] = world.deployment("ctr-daily", environment)
            story.definitions[environment] = world.pipeline(pipeline)
        for day in ("02", "03", "04"):
            world.cloud.advance_to(f"2026-03-{day}T23:00:00Z")
            world.cloud.settle()
        story.runs = world.runs("ctr-daily")
        story.messages = world.messages("#ctr-alerts")
        yield story
        world.check()
        assert world.cloud.get("slack/refused") == []
        assert world.cloud.get("denials") == []
        for queue in world.cloud.get("queues"):
            assert queue["visible"] + queue["hidden"] + queue["delayed"] == 0, queue


@pytest.mark.parametrize(
    ("environment", "golden"),
    [("research", "ctr-daily.definition.json"), ("production", "ctr-daily.production.definition.json")],
)
def test_the_same_file_becomes_the_expected_definition_of_each_environment(
    told: Told, environment: str, golden: str
) -> None:
    assert told.records[environment]["status"] == "ok", told.records[environment]["diagnostics"]
    assert told.definitions[environment] == json.loads((EXAMPLES / golden).read_text())


def test_production_has_the_schedule_and_research_has_none(told: Told) -> None:
    assert told.world.schedules("ctr-daily-research") == {}
    schedule = one(told.world.schedules("ctr-daily", "production").values())
    assert (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]) == (
        "cron(0 5 * * ? *)",
        "Asia/Seoul",
    )


def test_the_trigger_is_checked_but_not_applied_and_the_record_says_so(told: Told) -> None:
    notes = [d for d in told.records["production"]["diagnostics"] if d["code"] == "deploy.trigger_not_applied"]
    note = one(notes)
    assert note["severity"] == "note" and "late-data" in note["message"]
    assert SPEC.splitlines()[note["line"] - 1].strip() == "late-data:"
    assert rules(told.world) == told.rules
    record = told.world.item("pipeline#ctr-daily", "record", "production")
    assert record["triggers"]["late-data"]["applied"] is False
    broken = SPEC.replace("event: s3.object_created", "event: s3.object_creatd")
    told.world.upload("ctr-daily", broken, "production")
    assert told.world.deployment("ctr-daily", "production")["status"] == "failed", "it is checked"
    told.world.upload("ctr-daily", SPEC, "production")
    assert told.world.deployment("ctr-daily", "production")["status"] == "ok"


def test_three_nights_three_runs_each_with_the_date_of_its_day(told: Told) -> None:
    assert [run["PipelineExecutionStatus"] for run in told.runs] == ["Succeeded", "Failed", "Failed"]
    dates = [told.world.parameters(run["PipelineExecutionArn"])["run_date"] for run in told.runs]
    # five in the morning of the 3rd in Seoul is the evening of the 2nd in UTC; yesterday is counted in Seoul
    assert dates == ["2026-03-02", "2026-03-03", "2026-03-04"]
    names = [run["PipelineExecutionDisplayName"] for run in told.runs]
    for name, date in zip(names, dates, strict=True):
        assert name.startswith("nightly-2026") and name.endswith("T050000")
        assert int(name[8:16]) == int(date.replace("-", "")) + 1
    packages = told.world.cloud.client("sagemaker").list_model_packages(ModelPackageGroupName="ctr-models")
    assert len(packages["ModelPackageSummaryList"]) == 1


def nights(told: Told) -> list[tuple[Json, list[Json]]]:
    """The message of each run of production with its answers, in the order of the nights."""
    arns = [run["PipelineExecutionArn"] for run in told.runs]
    roots = [m for m in told.messages if m.get("thread_ts", m["ts"]) == m["ts"]]
    found = []
    for arn in arns:
        root = one(m for m in roots if arn.rsplit("/", 1)[1] in json.dumps(m))
        found.append((root, [m for m in told.messages if m.get("thread_ts") == root["ts"] != m["ts"]]))
    return found


def test_each_night_has_one_message_with_its_end(told: Told) -> None:
    texts = [root["text"] for root, _ in nights(told)]
    assert "ctr-daily succeeded" in texts[0]
    assert "ctr-daily failed in preprocess" in texts[1]
    assert "ctr-daily failed in preprocess" in texts[2]
    for root, _ in nights(told):
        assert root["edits"], "it was there from the start of the run, and was kept up to date"
        assert "nightly" in lines(root)


def test_the_first_night_needs_no_answer(told: Told) -> None:
    assert nights(told)[0][1] == []


def test_the_second_night_is_answered_with_the_cause_out_of_2000_lines_of_noise(told: Told) -> None:
    text = lines(one(nights(told)[1][1]))
    log = (EXAMPLES / "demo" / "preprocess.log").read_text().splitlines()
    assert "ParserError" in text and "Expected 5 fields in line 90212, saw 6" in text
    frame = one([line for line in log if "/opt/ml/processing/input/code/" in line and "preprocess.py" in line][-1:])
    line = frame.split("line ")[1].split(",")[0]
    assert "preprocess.py" in text and f"line {line}" in text, (frame, text)
    assert "algo-2" in text, "the instance that failed"
    assert text.count("90210 rows") <= 20, "the lines around it, not the noise"


def test_the_third_night_is_answered_without_a_log(told: Told) -> None:
    text = lines(one(nights(told)[2][1]))
    assert "ResourceLimitExceeded" in text and "Service Quotas" in text
    assert "Traceback" not in text


def test_research_said_nothing_of_productions_runs(told: Told) -> None:
    for message in told.world.messages("#ctr-research"):
        assert "Deployed" in message["text"], message["text"]


def changed(told: Told, text: str) -> list[str]:
    """Upload to production; what was written outside the ledger."""
    mark = told.world.mark()
    told.world.upload("ctr-daily", text, "production")
    assert told.world.deployment("ctr-daily", "production")["status"] == "ok"
    return writes(told.world.calls("deploy-spec", mark, "production"))


def test_of_a_change_only_the_change_is_written(told: Told) -> None:
    assert changed(told, SPEC + "# the same\n") == []
    assert changed(told, SPEC.replace("{min_auc: {default: 0.75}}", "{min_auc: {default: 0.8}}")) == [
        "sagemaker:UpdatePipeline"
    ]
    parameters = told.world.pipeline("ctr-daily")["Parameters"]
    assert one(p for p in parameters if p["Name"] == "min_auc")["DefaultValue"] == 0.8
    assert changed(told, SPEC) == ["sagemaker:UpdatePipeline"]
    assert changed(told, SPEC.replace("cron: 0 5 * * ? *", "cron: 30 5 * * ? *")) == ["scheduler:UpdateSchedule"]
    assert changed(told, SPEC) == ["scheduler:UpdateSchedule"]
    assert changed(told, SPEC.replace("overlap: skip", "overlap: queue_one")) == [], "the record alone knows it"
    assert changed(told, SPEC) == []
    assert told.world.pipeline("ctr-daily") == told.definitions["production"]


def test_of_changed_code_only_that_directory_is_copied(told: Told) -> None:
    path = "ctr-daily/evaluate/evaluate.py"
    before = (EXAMPLES / path).read_bytes()
    told.world.upload_code({path: before + b"\n# changed\n"}, "production")
    assert changed(told, SPEC + "# code\n") == ["s3:CopyObject", "sagemaker:UpdatePipeline"]
    told.world.upload_code({path: before}, "production")
    assert changed(told, SPEC) == ["sagemaker:UpdatePipeline"], "the old code is there still"
    assert told.world.pipeline("ctr-daily") == told.definitions["production"]


def test_a_broken_file_leaves_the_pipeline_untouched_and_tells_slack_every_mistake(told: Told) -> None:
    world = told.world
    sagemaker = world.cloud.client("sagemaker")
    before = sagemaker.describe_pipeline(PipelineName="ctr-daily")
    schedules = world.schedules("ctr-daily", "production")
    record = world.item("pipeline#ctr-daily", "record", "production")
    posted = len(world.messages("#ctr-alerts")) + len(world.messages("#ml-production"))
    mark = world.mark()
    world.upload("ctr-daily", BROKEN, "production")
    failed = world.deployment("ctr-daily", "production")
    errors = [d for d in failed["diagnostics"] if d["severity"] == "error"]
    assert failed["status"] == "failed" and len(errors) == 3
    after = sagemaker.describe_pipeline(PipelineName="ctr-daily")
    for member in ("PipelineDefinition", "LastModifiedTime", "RoleArn"):
        assert before[member] == after[member]
    assert world.schedules("ctr-daily", "production") == schedules
    assert world.item("pipeline#ctr-daily", "record", "production") == record
    assert writes(world.calls("deploy-spec", mark, "production")) == []
    new = (world.messages("#ctr-alerts") + world.messages("#ml-production"))[posted:] or []
    assert len(world.messages("#ctr-alerts")) + len(world.messages("#ml-production")) == posted + 1, new
    said = [m for m in world.messages("#ctr-alerts") + world.messages("#ml-production") if "Not deployed" in m["text"]]
    text = json.dumps(said[-1])
    for error in errors:
        assert error["code"] in text and f":{error['line']}:" in text
    world.upload("ctr-daily", SPEC, "production")
    assert world.deployment("ctr-daily", "production")["status"] == "ok"
