"""Events come late, twice, in any order, and in the middle of deployments that died: the newest upload decides."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from world import HELLO, World, one

Json = Any
LEASE = 200
"""Seconds after which a deployment that died no longer holds its lock; its message comes back much later."""
BACK = 3 * 3600


def at(name: str, minute: int) -> str:
    """HELLO, whose schedule fires at another minute."""
    return HELLO.format(name=name).replace("0 9 ? * MON *", f"{minute} 9 ? * MON *")


def bigger(name: str) -> str:
    """HELLO with another machine, another minute and one schedule more."""
    more = "  daily: {cron: '0 1 * * ? *', timezone: UTC}\n"
    return at(name, 30).replace("ml.t3.medium", "ml.t3.large") + more


def live(world: World, name: str) -> Json:
    schedules = {key: value["ScheduleExpression"] for key, value in world.schedules(name).items()}
    return world.pipeline(name), schedules


def events_of(world: World, name: str, *acts: str | None) -> list[str]:
    """What S3 says of uploads (texts) and removals (None) of one file, in their order; none is delivered."""
    world.pause("deploy-spec")
    messages = []
    for act in acts:
        world.remove(name) if act is None else world.upload(name, act)
        messages.append(one(world.take("deploy-spec")))
    world.pause("deploy-spec", paused=False)
    return messages


def kill_in_the_middle(world: World, name: str, text: str, operation: str = "UpdateSchedule") -> str:
    """Upload a file whose deployment dies after its first write of a kind, and live on until its lease is over; its
    version id."""
    match = {"caller": "buzzflow-research-deploy-spec", "service": "scheduler", "operation": operation}
    world.cloud.post("faults", [{"match": match, "do": "kill_after"}])
    version = world.upload(name, text)
    assert world.struck()
    world.cloud.post("faults", [])
    world.advance(LEASE)
    return version


@pytest.mark.parametrize("order", itertools.permutations(range(3)), ids=lambda order: "".join(map(str, order)))
def test_of_upload_removal_upload_in_any_order_the_last_upload_is_deployed(
    world: World, order: tuple[int, ...]
) -> None:
    name = "uru-" + "".join(map(str, order))
    world.upload_code({"hello/hello.py": b"print()\n"})
    messages = events_of(world, name, at(name, 1), None, at(name, 2))
    for index in order:
        world.send("deploy-spec", messages[index], messages[index])
    assert live(world, name)[1] == {"weekly": "cron(2 9 ? * MON *)"}
    assert world.deployment(name)["status"] == "ok"
    assert world.dead_letters("deploy-spec") == []


@pytest.mark.parametrize("order", itertools.permutations(range(3)), ids=lambda order: "".join(map(str, order)))
def test_of_upload_upload_removal_in_any_order_nothing_fires_at_the_end(world: World, order: tuple[int, ...]) -> None:
    name = "uur-" + "".join(map(str, order))
    world.upload_code({"hello/hello.py": b"print()\n"})
    messages = events_of(world, name, at(name, 1), at(name, 2), None)
    for index in order:
        world.send("deploy-spec", messages[index], messages[index])
    assert world.schedules(name) == {}
    assert world.deployment(name)["status"] == "removed"
    # and the file may come back
    world.upload(name, at(name, 3))
    assert live(world, name)[1] == {"weekly": "cron(3 9 ? * MON *)"}
    assert world.dead_letters("deploy-spec") == []


def test_a_first_deployment_that_died_and_whose_file_is_removed_leaves_nothing(world: World) -> None:
    world.upload_code({"hello/hello.py": b"print()\n"})
    kill_in_the_middle(world, "stillborn", at("stillborn", 1), "CreateSchedule")
    assert world.schedules("stillborn") != {}, "it died after this"
    world.remove("stillborn")
    world.advance(BACK)
    assert live(world, "stillborn") == (None, {})
    assert world.deployment("stillborn")["status"] == "removed"
    assert world.item("spec#specs/stillborn.pipeline.yaml", "journal") is None
    assert world.dead_letters("deploy-spec") == []
    world.upload("stillborn", at("stillborn", 2))
    assert live(world, "stillborn")[1] == {"weekly": "cron(2 9 ? * MON *)"}


def test_a_deployment_that_died_and_whose_file_is_removed_leaves_no_schedule(world: World) -> None:
    world.hello("half")
    kill_in_the_middle(world, "half", bigger("half"))
    world.remove("half")
    world.advance(BACK)
    assert world.schedules("half") == {}
    assert world.pipeline("half") is not None  # on_delete: keep
    assert world.deployment("half")["status"] == "removed"


@pytest.mark.parametrize(
    "bad", ["steps: [", "version: 1\nname: mended\nsteps: {}\n", ""], ids=["no YAML", "mistakes", "empty"]
)
def test_a_deployment_that_died_is_taken_back_when_the_next_file_is_broken(world: World, bad: str) -> None:
    name = f"mended-{len(bad)}"
    world.hello(name)
    before = live(world, name)
    kill_in_the_middle(world, name, bigger(name))
    assert live(world, name) != before
    world.upload(name, bad)
    record = world.deployment(name)
    assert record["status"] == "failed"
    assert live(world, name) == before, "what was deployed before is untouched, as its message says"
    world.advance(BACK)
    assert live(world, name) == before
    assert world.item(f"spec#specs/{name}.pipeline.yaml", "journal") is None
    assert world.dead_letters("deploy-spec") == []


def test_a_deployment_that_died_is_taken_back_when_its_version_is_gone(world: World) -> None:
    world.hello("vanishing")
    before = live(world, "vanishing")
    version = kill_in_the_middle(world, "vanishing", bigger("vanishing"))
    key = "specs/vanishing.pipeline.yaml"
    world.cloud.client("s3").delete_object(Bucket="specs-research", Key=key, VersionId=version)
    world.advance(BACK)
    assert live(world, "vanishing") == before
    assert world.item(f"spec#{key}", "journal") is None
    assert world.dead_letters("deploy-spec") == []


def test_a_deployment_that_died_is_overtaken_by_a_newer_upload(world: World) -> None:
    world.hello("overtaken")
    kill_in_the_middle(world, "overtaken", bigger("overtaken"))
    world.upload("overtaken", at("overtaken", 7))
    world.advance(BACK)
    assert live(world, "overtaken")[1] == {"weekly": "cron(7 9 ? * MON *)"}
    assert "ml.t3.medium" in json.dumps(world.pipeline("overtaken"))
    assert world.deployment("overtaken")["status"] == "ok"


def test_a_schedule_that_nobody_asked_for_goes_with_the_next_deployment(world: World) -> None:
    world.hello("orphaned")
    client = world.cloud.client("scheduler")
    weekly = world.schedules("orphaned")["weekly"]
    for name in ("orphaned.old", "orphaned-not.mine"):
        client.create_schedule(
            GroupName="buzzflow-research",
            Name=name,
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=weekly["Target"],
        )
    world.upload("orphaned", at("orphaned", 5))
    assert set(world.schedules("orphaned")) == {"weekly"}
    assert set(world.schedules("orphaned-not")) == {"mine"}, "another pipeline's, by its name"
    assert any("orphaned.old" in line for line in world.deployment("orphaned")["written"])


# The platform file


def put_platform(world: World, text: str | None) -> None:
    s3 = world.cloud.client("s3")
    if text is None:
        s3.delete_object(Bucket="specs-research", Key="platform.yaml")
    else:
        s3.put_object(Bucket="specs-research", Key="platform.yaml", Body=text.encode())
    world.cloud.settle()


@pytest.fixture
def platform(world: World) -> Any:
    """Only the test's own files are in the bucket, and no platform file is left behind."""
    s3 = world.cloud.client("s3")
    world.pause("deploy-spec")
    for entry in s3.list_objects_v2(Bucket="specs-research", Prefix="specs/").get("Contents", []):
        s3.delete_object(Bucket="specs-research", Key=entry["Key"])
    world.cloud.settle()
    world.take("deploy-spec")
    world.pause("deploy-spec", paused=False)
    yield put_platform
    world.cloud.post("copies", {"s3": 1})
    put_platform(world, None)
    world.advance(60)


def test_a_changed_platform_file_deploys_what_it_touches_and_leaves_broken_files_alone(
    world: World, platform: Any
) -> None:
    for name in ("plat-a", "plat-b"):
        world.hello(name)
    world.upload("plat-broken", HELLO.format(name="plat-broken").replace("steps:", "stepps:"))
    before = {name: world.deployment(name) for name in ("plat-a", "plat-b", "plat-broken")}
    platform(world, "tags: {team: one}\n")
    for name in ("plat-a", "plat-b"):
        record = world.deployment(name)
        assert record["status"] == "ok" and record["version"] == before[name]["version"] + 1
        assert record["platform_version_id"] not in ("", before[name]["platform_version_id"])
        assert {"Key": "team", "Value": "one"} in tags(world, record["arn"])
    assert world.deployment("plat-broken")["status"] == "failed"
    assert world.dead_letters("deploy-spec") == []


def test_a_broken_platform_file_changes_nothing_and_is_told(world: World, platform: Any) -> None:
    world.hello("plat-kept")
    before = live(world, "plat-kept")
    platform(world, "tags: {team: [\n")
    record = world.deployment("plat-kept")
    assert record["status"] == "failed"
    assert {d["file"] for d in record["diagnostics"] if d["severity"] == "error"} == {"platform.yaml"}
    assert live(world, "plat-kept") == before
    platform(world, "tags: {team: mended}\n")
    assert world.deployment("plat-kept")["status"] == "ok"
    assert {"Key": "team", "Value": "mended"} in tags(world, world.deployment("plat-kept")["arn"])


def test_a_platform_file_that_comes_twice_and_late_deploys_once(world: World, platform: Any) -> None:
    world.hello("plat-twice")
    world.cloud.post("copies", {"s3": 3})
    platform(world, "tags: {team: twice}\n")
    world.advance(3600)
    record = world.deployment("plat-twice")
    assert record["status"] == "ok" and record["version"] == 2


def tags(world: World, arn: str) -> list[Json]:
    return list(world.cloud.client("sagemaker").list_tags(ResourceArn=arn)["Tags"])
