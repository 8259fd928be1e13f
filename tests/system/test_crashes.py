"""Fail the Nth call: a flow is run once and its calls are counted, then it is run again for each call and each way in
which that call can fail. Whatever fails, the end is the same: deployed whole, started once, told once.

The core tier strikes a call in one of the ways (all ways have their turn); the slow tier in all the others. A table
at the end of the run says what was struck.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from conftest import CRASHES
from test_alerts import failing, lines, run_root
from test_order import bigger
from world import World, one

WAYS = ("throttle", "error", "lost", "kill_before", "kill_after")
MANY = 40
LONG_ENOUGH = 3 * 3600
"""Virtual seconds in which every message has come back after its visibility timeout, more than once."""

tiers = pytest.mark.parametrize("tier", ["core", pytest.param("slow", marks=pytest.mark.slow)])
ways = pytest.mark.parametrize("way", WAYS)


@dataclass
class Matrix:
    """A flow of one function, and what has to hold at its end. Each time it has another name."""

    world: World
    function: str
    way: str
    tier: str
    table: list[tuple[str, ...]]
    flow: Callable[[str], None]
    holds: Callable[[str], None]
    prepare: Callable[[str], None] = lambda name: None
    failures: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, title: str) -> None:
        calls = self.calls()
        results = [self.strike(nth, call) for nth, call in enumerate(calls, start=1) if self.is_due(nth, len(calls))]
        struck = results.count("ok")
        unreached = results.count("not reached")
        self.table.append((title, self.way, self.tier, *map(str, (len(calls), struck, unreached, len(self.failures)))))
        assert self.failures == []
        assert struck > unreached, "the count of calls is not that of the flow"

    def is_due(self, nth: int, calls: int) -> bool:
        """Of many calls, the core tier strikes every second one only."""
        stride = len(WAYS) * (1 if calls <= MANY else 2)
        return (nth % stride == WAYS.index(self.way)) == (self.tier == "core")

    def calls(self) -> list[str]:
        """The calls of the function without a fault, once it is warm."""
        marks = []
        for number in ("warm", "counted"):
            self.live(number, lambda: marks.append(self.world.mark()))
            self.holds(self.name(number))
        return self.world.calls(self.function, marks[-1])

    def name(self, number: str) -> str:
        return f"{self.flow.__name__}-{self.tier[0]}-{self.way.replace('_', '-')}-{number}"

    def live(self, number: str, strike: Callable[[], None] = lambda: None) -> bool:
        """Prepare, strike, and live on; has the fault struck?"""
        name = self.name(number)
        self.prepare(name)
        strike()
        self.flow(name)
        self.world.advance(LONG_ENOUGH)
        struck = self.world.struck()
        self.world.cloud.post("faults", [])
        return struck

    def strike(self, nth: int, call: str) -> str:
        struck = self.live(str(nth), lambda: self.world.fault(self.function, nth, self.way))
        try:
            self.holds(self.name(str(nth)))
            result = "ok" if struck else "not reached"
        except AssertionError as error:
            result = f"FAILED {error}".split("\n")[0]
            self.failures.append((str(nth), call, result))
        print(f"{self.way:12} {nth:3} {call:40} {result}")
        self.world.forget()
        return result


@pytest.fixture
def table(request: pytest.FixtureRequest) -> list[tuple[str, ...]]:
    return request.config.stash[CRASHES]


def is_deployed(world: World, name: str, machine: str, schedules: set[str]) -> None:
    record = world.deployment(name)
    assert record is not None, "no deployment record"
    assert record["status"] == "ok", record["diagnostics"]
    assert machine in json.dumps(world.pipeline(name))
    assert set(world.schedules(name)) == schedules
    assert world.item(f"spec#specs/{name}.pipeline.yaml", "journal") is None, "the journal is left"
    assert world.dead_letters("deploy-spec") == []


@tiers
@ways
def test_a_deployment_survives_the_failure_of_each_of_its_calls(
    world: World, way: str, tier: str, table: list[tuple[str, ...]]
) -> None:
    def first(name: str) -> None:
        world.hello(name)

    def holds(name: str) -> None:
        is_deployed(world, name, "ml.t3.medium", {"weekly"})
        one(m for m in world.roots(f"`{name}`") if "Deployed" in m["text"])

    Matrix(world, "deploy-spec", way, tier, table, first, holds).run("a first deployment")


@tiers
@ways
def test_a_change_survives_the_failure_of_each_of_its_calls(
    world: World, way: str, tier: str, table: list[tuple[str, ...]]
) -> None:
    def change(name: str) -> None:
        world.upload(name, bigger(name))

    def holds(name: str) -> None:
        is_deployed(world, name, "ml.t3.large", {"weekly", "daily"})
        assert world.deployment(name)["version"] == 2, "written more than once"
        assert len([m for m in world.roots(f"`{name}`") if "Deployed" in m["text"]]) == 2

    Matrix(world, "deploy-spec", way, tier, table, change, holds, world.hello).run("a deployment of a change")


@tiers
@ways
def test_a_removal_survives_the_failure_of_each_of_its_calls(
    world: World, way: str, tier: str, table: list[tuple[str, ...]]
) -> None:
    def removal(name: str) -> None:
        world.remove(name)

    def holds(name: str) -> None:
        assert world.deployment(name)["status"] == "removed"
        assert world.schedules(name) == {} and world.pipeline(name) is not None
        assert world.dead_letters("deploy-spec") == []

    Matrix(world, "deploy-spec", way, tier, table, removal, holds, world.hello).run("a removal")


@tiers
@ways
def test_a_due_run_is_started_once_whatever_call_fails(
    world: World, way: str, tier: str, table: list[tuple[str, ...]]
) -> None:
    scheduled = world.cloud.now()
    week = datetime.datetime.fromisoformat(scheduled).astimezone(ZoneInfo("Asia/Seoul")).strftime("%G-W%V")
    message = {"kind": "schedule", "schedule": "weekly", "scheduled_time": scheduled, "attempt": "1"}

    def prepare(name: str) -> None:
        world.hello(name)
        world.forget()  # only the messages sent here are due

    def due(name: str) -> None:
        arn = f"arn:aws:scheduler:us-west-2:123456789012:schedule/buzzflow-research/{name}.weekly"
        body = json.dumps({**message, "pipeline": name, "schedule_arn": arn, "execution_id": "x" * 16})
        world.send("rerun", body, body)

    def holds(name: str) -> None:
        run = one(world.runs(name))
        assert world.parameters(run["PipelineExecutionArn"]) == {"who": f"week {week}"}
        queue = world.item(f"pipeline#{name}", "queue#weekly")
        assert (queue["active"], queue["waiting"]) == ([], []), "a slot is held for ever"
        assert world.dead_letters("rerun") == []

    Matrix(world, "rerun", way, tier, table, due, holds, prepare).run("a due run, its message twice")


@tiers
@ways
@pytest.mark.parametrize("function", ["pipeline-state", "failure-logs"])
def test_a_failure_is_told_once_with_its_cause_whatever_call_fails(
    world: World, function: str, way: str, tier: str, table: list[tuple[str, ...]]
) -> None:
    def prepare(name: str) -> None:
        world.hello(name)
        world.scenario(name, failing())
        world.forget()

    def flow(name: str) -> None:
        client = world.cloud.client("sagemaker")
        client.start_pipeline_execution(PipelineName=name, ClientRequestToken=f"{name:x<32}")

    def holds(name: str) -> None:
        root = run_root(world, name)
        assert "failed in greet" in root["text"], root["text"]
        assert "KeyError: 'hello'" in lines(one(world.replies(root)))
        assert world.dead_letters(function) == []

    flow.__name__ = function
    Matrix(world, function, way, tier, table, flow, holds, prepare).run(f"an alert, {function}")


SCOPELESS = {"scopes": ["chat:write", "chat:write.public", "files:write"]}
"""A bot that may write, and not read back what it wrote."""


@pytest.mark.parametrize("function", ["pipeline-state", "failure-logs", "deploy-spec"])
@pytest.mark.parametrize("way", ["lost", "kill_after", "kill_before", "throttle"])
def test_without_the_scope_to_read_back_a_second_post_is_allowed_where_a_post_was_in_doubt_and_none_is_lost(
    world: World, function: str, way: str
) -> None:
    name = f"scopeless-{function}-{way.replace('_', '-')}"
    world.cloud.post("slack/settings", SCOPELESS)
    world.scenario(name, failing())
    match = {"caller": f"buzzflow-research-{function}", "path": "chat.postMessage"}
    world.cloud.post("faults", [{"match": match, "do": way}])
    world.hello(name)
    world.forget()
    client = world.cloud.client("sagemaker")
    client.start_pipeline_execution(PipelineName=name, ClientRequestToken=f"{name:x<32}")
    world.advance(LONG_ENOUGH)
    assert world.struck()
    most = {"lost": 2, "kill_after": 2}.get(way, 1)
    posts = world.roots(name)
    deployed = [m for m in posts if "Deployed" in m["text"]]
    runs = [m for m in posts if "Deployed" not in m["text"]]
    answers = [answer for root in runs for answer in world.replies(root)]
    allowed = {"deploy-spec": deployed, "pipeline-state": runs, "failure-logs": answers}
    for poster, found in allowed.items():
        assert 1 <= len(found) <= (most if poster == function else 1), (poster, [m["text"] for m in found])
    assert any("failed in greet" in m["text"] for m in runs), "the message that is known is kept true"
    assert all("KeyError: 'hello'" in lines(answer) for answer in answers)
    assert world.dead_letters(function) == []
