"""Fail the Nth call: a flow is run once and its calls are counted, then it is run again for each call and each way in
which that call can fail. Whatever fails, the end is the same: deployed whole, started once, told once.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from world import World, one

WAYS = ("throttle", "error", "lost", "kill_before", "kill_after")
LONG_ENOUGH = 3 * 3600
"""Virtual seconds in which every message has come back after its visibility timeout, more than once."""


def matrix(world: World, function: str, way: str, flow: Callable[[str], None], holds: Callable[[str], None]) -> None:
    """Run `flow`, with a new name each time: without a fault, once that the function is warm, to count the calls that
    `function` makes in it; then once for each of them."""
    for round_name in ("warm", "counted"):
        mark = world.mark()
        name = f"{function}-{way.replace('_', '-')}-{round_name}"
        flow(name)
        world.advance(LONG_ENOUGH)
        holds(name)
    calls = world.calls(function, mark)
    failures = []
    for nth, call in enumerate(calls, start=1):
        name = f"{function}-{way.replace('_', '-')}-{nth}"
        world.fault(function, nth, way)
        flow(name)
        world.advance(LONG_ENOUGH)
        struck = world.struck()
        world.cloud.post("faults", [])
        try:
            holds(name)
            result = "ok" if struck else "not reached"
        except AssertionError as error:
            result = f"FAILED {error}".split("\n")[0]
            failures.append((nth, call, result))
        print(f"{way:12} {nth:3} {call:40} {result}")
    assert failures == []


@pytest.mark.parametrize("way", WAYS)
def test_a_deployment_survives_the_failure_of_each_of_its_calls(world: World, way: str) -> None:
    def flow(name: str) -> None:
        world.hello(name)

    def holds(name: str) -> None:
        record = world.deployment(name)
        assert record is not None, "no deployment record"
        assert record["status"] == "ok", record["diagnostics"]
        definition = world.pipeline(name)
        assert definition is not None and definition["Steps"][0]["Name"] == "greet"
        assert list(world.schedules(name)) == ["weekly"]
        one(m for m in world.roots(f"`{name}`") if "Deployed" in m["text"])

    matrix(world, "deploy-spec", way, flow, holds)
    assert world.dead_letters("deploy-spec") == []


@pytest.mark.parametrize("way", WAYS)
def test_a_due_run_is_started_once_whatever_call_fails(world: World, way: str) -> None:
    scheduled = world.cloud.now()
    week = datetime.datetime.fromisoformat(scheduled).astimezone(ZoneInfo("Asia/Seoul")).strftime("%G-W%V")
    message = {"kind": "schedule", "schedule": "weekly", "scheduled_time": scheduled, "attempt": "1"}

    def flow(name: str) -> None:
        world.hello(name)
        arn = f"arn:aws:scheduler:us-west-2:123456789012:schedule/buzzflow-research/{name}.weekly"
        body = json.dumps({**message, "pipeline": name, "schedule_arn": arn, "execution_id": "x" * 16})
        world.send("rerun", body, body)

    def holds(name: str) -> None:
        run = one(world.runs(name))
        assert world.parameters(run["PipelineExecutionArn"]) == {"who": f"week {week}"}

    matrix(world, "rerun", way, flow, holds)
    assert world.dead_letters("rerun") == []
