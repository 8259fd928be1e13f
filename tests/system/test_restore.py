"""A failure in the middle of a deployment that will not pass: what was there comes back, and the record says so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from world import HELLO, World, one

Json = Any


def refuse(world: World, service: str, operation: str, times: int | None = 1) -> None:
    """A service says no to an operation of deploy_spec, for good."""
    match = {"caller": "buzzflow-research-deploy-spec", "service": service, "operation": operation}
    fault = {"match": match, "do": "error", "status": 400, "code": "ValidationException", "message": "not like this"}
    world.cloud.post("faults", [{**fault, "times": times}])


def changed(name: str) -> str:
    text = HELLO.format(name=name).replace("0 9 ? * MON *", "30 9 ? * MON *")
    return text.replace("ml.t3.medium", "ml.t3.large").replace("project: demo", "project: demo\ntags: {team: ctr}")


def live(world: World, name: str) -> Json:
    """All that a deployment writes, but for the pipeline's version tags."""
    client = world.cloud.client("sagemaker")
    pipeline = client.describe_pipeline(PipelineName=name)
    tags = client.list_tags(ResourceArn=pipeline["PipelineArn"])["Tags"]
    schedules = world.schedules(name)
    for schedule in schedules.values():
        del schedule["LastModificationDate"]
    return pipeline["PipelineDefinition"], pipeline["RoleArn"], sorted(map(str, tags)), schedules


@pytest.mark.parametrize(
    ("service", "operation"),
    [("sagemaker", "AddTags"), ("sagemaker", "UpdatePipeline"), ("scheduler", "UpdateSchedule")],
)
def test_a_refused_write_brings_back_what_was_deployed(world: World, service: str, operation: str) -> None:
    name = f"back-{operation.lower()}"
    world.hello(name)
    before = live(world, name)
    refuse(world, service, operation)
    world.upload(name, changed(name))
    record = world.deployment(name)
    assert (record["status"], record["restored"]) == ("failed", True)
    assert "not like this" in record["error"]
    assert live(world, name) == before
    assert world.item(f"spec#specs/{name}.pipeline.yaml", "journal") is None
    assert any(f"`{name}`" in m["text"] and "not like this" in json.dumps(m) for m in world.messages())
    assert world.dead_letters("deploy-spec") == []


def test_a_new_pipeline_whose_schedule_is_refused_is_taken_away_again(world: World) -> None:
    refuse(world, "scheduler", "CreateSchedule")
    world.hello("never-was")
    record = world.deployment("never-was")
    assert (record["status"], record["restored"]) == ("failed", True)
    assert world.pipeline("never-was") is None
    assert world.schedules("never-was") == {}
    world.upload("never-was", HELLO.format(name="never-was"))
    assert world.deployment("never-was")["status"] == "ok"
    assert list(world.schedules("never-was")) == ["weekly"]


def test_what_could_not_be_restored_is_said_and_restored_by_the_next_failure(world: World) -> None:
    world.hello("twice")
    before = live(world, "twice")
    refuse(world, "scheduler", "UpdateSchedule")
    match = {"caller": "buzzflow-research-deploy-spec", "operation": "UpdatePipeline"}
    # the first update goes through, the one that takes it back does not
    second = {"match": match, "skip": 1, "do": "error", "status": 400, "code": "ValidationException"}
    world.cloud.post("faults/add", [second])
    world.upload("twice", changed("twice"))
    record = world.deployment("twice")
    assert (record["status"], record["restored"]) == ("failed", False)
    assert "could not be restored" in record["error"]
    refuse(world, "scheduler", "UpdateSchedule")
    world.upload("twice", changed("twice") + "# again\n")
    record = world.deployment("twice")
    assert (record["status"], record["restored"]) == ("failed", True)
    assert live(world, "twice") == before


@pytest.mark.parametrize("nth", range(1, 13))
def test_a_restoration_that_is_killed_is_finished_by_the_retry(world: World, nth: int) -> None:
    name = f"killed-{nth}"
    world.hello(name)
    before = live(world, name)
    refuse(world, "scheduler", "UpdateSchedule")
    world.pause("deploy-spec")
    world.upload(name, changed(name), settle=False)
    mark = world.mark()
    world.pause("deploy-spec", paused=False)
    world.cloud.settle()
    refused_at = world.calls("deploy-spec", mark).index("scheduler:UpdateSchedule") + 1
    assert live(world, name) == before

    refuse(world, "scheduler", "UpdateSchedule", times=None)
    kill = {"match": {"caller": "buzzflow-research-deploy-spec"}, "skip": refused_at + nth - 1, "do": "kill_after"}
    world.cloud.post("faults/add", [kill])
    world.upload(name, changed(name) + "# again\n")
    world.advance(3 * 3600)
    record = world.deployment(name)
    assert (record["status"], record["restored"]) == ("failed", True)
    assert live(world, name) == before


def test_a_pipeline_name_belongs_to_the_file_that_deployed_it(world: World) -> None:
    world.hello("mine")
    before = live(world, "mine")
    world.upload("thief", changed("mine"))
    record = world.deployment("thief")
    assert record["status"] == "failed"
    assert [d["code"] for d in record["diagnostics"] if d["severity"] == "error"] == ["deploy.name_taken"]
    assert live(world, "mine") == before
    world.remove("thief")
    assert live(world, "mine") == before


def wait_for_a_name(world: World, name: str) -> None:
    """<name>-2.pipeline.yaml wants the pipeline <name>, which <name>.pipeline.yaml has."""
    world.hello(name)
    world.upload(f"{name}-2", changed(name))
    record = world.deployment(f"{name}-2")
    assert (record["status"], record["waits_for"]) == ("failed", f"specs/{name}.pipeline.yaml")


def is_taken_over(world: World, name: str) -> None:
    record = world.deployment(f"{name}-2")
    assert record["status"] == "ok", record
    assert "waits_for" not in record
    assert world.item(f"pipeline#{name}", "record")["source"]["key"] == f"specs/{name}-2.pipeline.yaml"
    assert world.item(f"pipeline#{name}", f"waiting#specs/{name}-2.pipeline.yaml") is None
    assert world.schedules(name)["weekly"]["ScheduleExpression"] == "cron(30 9 ? * MON *)"
    one(m for m in world.roots(f"{name}-2.pipeline.yaml") if "Not deployed" in m["text"])
    one(m for m in world.roots(f"{name}-2.pipeline.yaml") if "Deployed" in m["text"])
    assert world.dead_letters("deploy-spec") == []


def test_a_file_that_waits_for_a_name_is_deployed_when_the_other_one_is_removed(world: World) -> None:
    wait_for_a_name(world, "heir")
    world.hello("bystander")
    world.remove("bystander")
    assert world.deployment("heir-2")["status"] == "failed"
    world.remove("heir")
    is_taken_over(world, "heir")


def test_a_file_that_waits_for_a_name_is_deployed_when_the_other_one_takes_another_name(world: World) -> None:
    wait_for_a_name(world, "given-up")
    world.upload("given-up", HELLO.format(name="given-up-3"))
    is_taken_over(world, "given-up")
    assert list(world.schedules("given-up-3")) == ["weekly"]


def test_a_file_that_was_removed_while_it_waited_for_a_name_is_not_deployed(world: World) -> None:
    wait_for_a_name(world, "gone-too")
    world.remove("gone-too-2")
    world.remove("gone-too")
    assert world.deployment("gone-too-2")["status"] == "removed"
    assert world.schedules("gone-too") == {}


@pytest.mark.parametrize("way", ["kill_before", "kill_after", "lost", "throttle"])
@pytest.mark.parametrize("operation", ["SendMessage", "Query"])
def test_a_file_that_waits_for_a_name_is_not_forgotten_when_the_removal_dies(
    world: World, operation: str, way: str
) -> None:
    name = f"forgotten-{operation.lower()}-{way.replace('_', '-')}"
    wait_for_a_name(world, name)
    match = {"caller": "buzzflow-research-deploy-spec", "operation": operation}
    world.cloud.post("faults", [{"match": match, "do": way}])
    world.remove(name)
    world.advance(3600)
    assert world.struck()
    is_taken_over(world, name)


def test_a_renamed_file_keeps_its_pipeline_and_schedules(world: World) -> None:
    world.hello("renamed")
    world.pause("deploy-spec")
    world.cloud.client("s3").delete_object(Bucket="specs-research", Key="specs/renamed.pipeline.yaml")
    world.upload("renamed-2", HELLO.format(name="renamed"), settle=False)
    world.cloud.settle()
    removal, creation = sorted(world.take("deploy-spec"), key=lambda m: "ObjectCreated" in m)
    world.pause("deploy-spec", paused=False)
    world.send("deploy-spec", creation)  # the removal comes late
    world.send("deploy-spec", removal)
    assert world.deployment("renamed-2")["status"] == "ok"
    assert list(world.schedules("renamed")) == ["weekly"]


def test_a_changed_name_in_the_file_takes_the_old_schedules_away(world: World) -> None:
    world.hello("old-name")
    world.upload("old-name", HELLO.format(name="new-name"))
    assert world.deployment("old-name")["pipeline"] == "new-name"
    assert list(world.schedules("new-name")) == ["weekly"]
    assert world.schedules("old-name") == {}
    assert world.pipeline("old-name") is not None  # on_delete: keep


def test_deleting_an_old_version_of_a_file_is_no_removal(world: World) -> None:
    world.upload_code({"hello/hello.py": b"print()\n"})
    version = world.upload("versions", HELLO.format(name="versions"))
    world.upload("versions", changed("versions"))
    world.cloud.client("s3").delete_object(
        Bucket="specs-research", Key="specs/versions.pipeline.yaml", VersionId=version
    )
    world.cloud.settle()
    assert list(world.schedules("versions")) == ["weekly"]
    assert world.deployment("versions")["status"] == "ok"


def test_a_platform_file_deploys_every_pipeline_again(world: World) -> None:
    world.hello("on-platform")
    s3 = world.cloud.client("s3")
    s3.put_object(Bucket="specs-research", Key="platform.yaml", Body=b"tags: {team: platform}\n")
    world.cloud.settle()
    try:
        record = world.deployment("on-platform")
        arn = record["arn"]
        tags = world.cloud.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
        assert {"Key": "team", "Value": "platform"} in tags
        assert "team" in json.dumps(world.pipeline("on-platform"))
    finally:
        s3.delete_object(Bucket="specs-research", Key="platform.yaml")
        world.cloud.settle()
    tags = world.cloud.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
    assert "team" not in [tag["Key"] for tag in tags]
    assert "team" not in json.dumps(world.pipeline("on-platform"))


def test_a_change_by_hand_is_overwritten_and_said(world: World) -> None:
    world.hello("by-hand-2")
    client = world.cloud.client("sagemaker")
    definition = world.pipeline("by-hand-2")
    definition["Steps"][0]["DisplayName"] = "by hand"
    client.update_pipeline(PipelineName="by-hand-2", PipelineDefinition=json.dumps(definition))
    world.upload("by-hand-2", HELLO.format(name="by-hand-2") + "# again\n")
    record = world.deployment("by-hand-2")
    assert record["status"] == "ok"
    assert "deploy.drift" in [d["code"] for d in record["diagnostics"]]
    assert "by hand" not in json.dumps(world.pipeline("by-hand-2"))
