"""The functions under AWS's own Runtime Interface Emulator: at once, killed, started again, late, large."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from test_bad_input import CHANGE, DUE, FAILED, FUNCTIONS, record
from world import HELLO, World, one

Json = Any
TEST_EVENT = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "specs-research"})
HARMLESS = {
    "deploy-spec": TEST_EVENT,
    "pipeline-state": CHANGE,
    "failure-logs": FAILED,
    "rerun": json.dumps(json.loads(DUE) | {"pipeline": "nobody"}),
}
"""Events that each function answers without doing anything."""


def invoke(world: World, function: str, payload: str | bytes) -> Json:
    client = world.cloud.client_with("lambda", world.cloud.keys())
    answer = client.invoke(FunctionName=f"buzzflow-research-{function}", Payload=payload)
    return answer.get("FunctionError"), json.load(answer["Payload"])


def processes(world: World, function: str) -> list[int]:
    row = one(f for f in world.cloud.get("functions") if f["name"] == f"buzzflow-research-{function}")
    return [int(pid) for pid in row["processes"]]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_invocations_at_once_each_get_their_own_answer(world: World, function: str) -> None:
    answers: list[Json] = [None] * 8
    wanted: list[Json] = []
    threads = []
    for number in range(8):
        bad = [f"bad {number} {i}" for i in range(number)]
        records = [record(world, function, 100 * number + i, body) for i, body in enumerate(bad)]
        payload = json.dumps({"Records": records}) if number else HARMLESS[function]
        wanted.append({"batchItemFailures": []} if number else {"status": "done"})

        def call(number: int = number, payload: str = payload) -> None:
            answers[number] = invoke(world, function, payload)

        threads.append(threading.Thread(target=call))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [(None, want) for want in wanted]
    bodies = sorted(letter["body"] for letter in world.dead_letters(function))
    assert bodies == sorted(f"bad {number} {i}" for number in range(8) for i in range(number))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_was_killed_between_invocations_starts_again(world: World, function: str) -> None:
    assert invoke(world, function, HARMLESS[function]) == (None, {"status": "done"})
    for _ in range(2):
        before = processes(world, function)
        assert before
        world.cloud.post("functions/kill", {"name": f"buzzflow-research-{function}"})
        answers = [invoke(world, function, HARMLESS[function]) for _ in range(3)]
        assert answers == [(None, {"status": "done"})] * 3
        assert processes(world, function) and not set(before) & set(processes(world, function))
    world.cloud.post("functions/restart", {"name": f"buzzflow-research-{function}"})
    assert invoke(world, function, HARMLESS[function]) == (None, {"status": "done"})


def test_a_function_that_is_killed_in_mid_work_again_and_again_ends_it_once(world: World) -> None:
    world.upload_code({"hello/hello.py": b"print()\n"})
    match = {"caller": "buzzflow-research-deploy-spec"}
    # each life of the process gets a few calls further than the one before
    faults = [{"match": match, "skip": skip, "do": "kill_after"} for skip in (3, 12, 30, 60)]
    world.cloud.post("faults", faults)
    world.upload("many-lives", HELLO.format(name="many-lives"))
    world.advance(4 * 3600)
    struck = [fault["hit"] for fault in world.cloud.get("faults")]
    assert sum(struck) >= 3
    world.cloud.post("faults", [])
    world.advance(4 * 3600)
    assert world.deployment("many-lives")["status"] == "ok"
    assert list(world.schedules("many-lives")) == ["weekly"]
    assert len([m for m in world.roots("`many-lives`") if "Deployed" in m["text"]]) == 1


def test_two_uploads_at_once_of_two_files_are_both_deployed(world: World) -> None:
    world.upload_code({"hello/hello.py": b"print()\n"})
    names = [f"at-once-{number}" for number in range(6)]
    for name in names:
        world.upload(name, HELLO.format(name=name), settle=False)
    world.cloud.settle()
    world.advance(600)
    assert [world.deployment(name)["status"] for name in names] == ["ok"] * len(names)
    assert all(list(world.schedules(name)) == ["weekly"] for name in names)


def test_two_runs_of_one_lane_at_once_obey_its_overlap(world: World) -> None:
    text = HELLO.format(name="race").replace("timezone: Asia/Seoul", "timezone: Asia/Seoul\n    overlap: skip")
    world.upload_code({"hello/hello.py": b"print()\n"})
    world.upload("race", text)
    due = json.loads(DUE) | {"pipeline": "race", "schedule": "weekly"}
    times = [f"2026-03-02T00:0{minute}:00Z" for minute in range(6)]
    world.pause("rerun")
    world.send("rerun", *(json.dumps(due | {"scheduled_time": time}) for time in times))
    world.pause("rerun", paused=False)
    world.cloud.settle()
    one(world.runs("race"))
    world.advance(600)
    one(world.runs("race"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_batch_of_megabytes_is_handled(world: World, function: str) -> None:
    bodies = [json.dumps({"kind": "nonsense", "pad": f"{number}" * 200_000}) for number in range(10)]
    records = [record(world, function, number, body) for number, body in enumerate(bodies)]
    assert invoke(world, function, json.dumps({"Records": records})) == (None, {"batchItemFailures": []})
    assert len(world.dead_letters(function)) == 10
    assert {letter["body"] for letter in world.dead_letters(function)} == set(bodies)
