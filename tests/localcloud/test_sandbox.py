"""Processes: cold and warm, dying by themselves, killed at work and while idle, and the ports that they listen on."""

from __future__ import annotations

import contextlib
import json
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from echo_cloud import bodies, drain, send

from localcloud.client import LocalCloudProcess
from localcloud.sandbox import _reserved_port

SLACK_CALL = {"path": "^/slack/api/", "caller": "echo-test"}


def processes(cloud: LocalCloudProcess) -> list[int]:
    return [pid for f in cloud.get("functions") if f["name"] == "echo-test" for pid in f["processes"]]


def invoke(cloud: LocalCloudProcess, text: str) -> str:
    """What went wrong; empty when nothing did."""
    client = cloud.client_with("lambda", cloud.keys())
    answer = client.invoke(FunctionName="echo-test", Payload=json.dumps(text))
    return str(answer.get("FunctionError", ""))


def two_at_once(cloud: LocalCloudProcess) -> list[str]:
    """Two invocations that overlap, in two processes."""
    cloud.post("faults", [{"match": SLACK_CALL, "do": "delay", "seconds": 0.5, "times": 2}])
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda text: invoke(cloud, text), ["please call slack"] * 2))


def died(cloud: LocalCloudProcess) -> list[str]:
    """What the cloud says about functions that died by themselves; taken."""
    found = [v for v in cloud.get("violations") if v["what"] == "echo-test: died or ran out of time by itself"]
    cloud.post("violations/clear")
    return [v["detail"] for v in found]


def test_a_crash_fails_the_batch_is_loud_and_the_function_lives_on(cloud: LocalCloudProcess) -> None:
    send(cloud, "please crash")
    cloud.settle()
    assert len(died(cloud)) == 1
    send(cloud, "after the crash")
    cloud.settle()
    assert "after the crash" in bodies(cloud)
    cloud.advance(200)
    assert drain(cloud, "dead-test") == ["please crash"]
    assert len(died(cloud)) == 2


def test_a_crash_and_a_timeout_are_told_to_who_calls_and_are_loud(cloud: LocalCloudProcess) -> None:
    assert invoke(cloud, "please crash") == "Unhandled"
    assert "Runtime exited with error: exit status 3" in died(cloud)[0]
    assert invoke(cloud, "please hang") == "Unhandled"
    assert "Task timed out after 5.00 seconds" in died(cloud)[0]
    assert invoke(cloud, "all is well") == ""
    assert died(cloud) == []


def test_a_function_that_is_killed_while_idle_starts_anew_and_no_message_is_late(cloud: LocalCloudProcess) -> None:
    assert two_at_once(cloud) == ["", ""]
    before = processes(cloud)
    assert len(before) >= 2
    cloud.post("functions/kill", {"name": "echo-test"})
    assert processes(cloud) == []
    assert two_at_once(cloud) == ["", ""]
    send(cloud, *(f"after the kill {number}" for number in range(4)))
    cloud.settle()
    assert cloud.queue("inbox-test")["hidden"] == 0
    assert {f"after the kill {number}" for number in range(4)} <= set(bodies(cloud))
    assert not set(before) & set(processes(cloud))


@pytest.mark.parametrize("way", ["kill_before", "kill_after"])
def test_a_function_is_killed_at_a_call_of_its_own_that_carries_no_signature(
    cloud: LocalCloudProcess, way: str
) -> None:
    cloud.post("faults", [{"match": SLACK_CALL, "do": way}])
    urllib.request.urlopen(cloud.url + "/slack/api/api.test", data=b"").read()  # this call is somebody else's
    since = cloud.get("wire", limit=1)[-1]["n"]
    send(cloud, "please call slack")
    cloud.settle()
    assert cloud.get("faults")[0]["hit"] == 1
    assert cloud.queue("inbox-test")["hidden"] == 1
    cloud.advance(31)
    assert cloud.queue("inbox-test")["hidden"] == 0
    rows = [row for row in cloud.get("wire", since=since, service="route") if row["fault"] == way]
    assert [row["caller"] for row in rows] == ["echo-test"]


def test_a_kill_at_a_call_leaves_the_other_processes_of_the_function_alone(cloud: LocalCloudProcess) -> None:
    assert two_at_once(cloud) == ["", ""]
    before = processes(cloud)
    cloud.post("faults", [{"match": SLACK_CALL, "do": "kill_before"}])
    assert invoke(cloud, "please call slack") == "Unhandled"
    assert len(set(before) & set(processes(cloud))) == len(before) - 1
    assert two_at_once(cloud) == ["", ""]


def test_a_restart_is_a_cold_start_and_lets_what_runs_end_first(cloud: LocalCloudProcess) -> None:
    assert two_at_once(cloud) == ["", ""]
    before = processes(cloud)
    cloud.post("faults", [{"match": SLACK_CALL, "do": "delay", "seconds": 1}])
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(invoke, cloud, "please call slack")
        while not cloud.get("faults")[0]["hit"]:
            pass
        cloud.post("functions/restart", {"name": "echo-test"})
        assert running.result() == ""
    assert processes(cloud) == []
    assert invoke(cloud, "hello") == ""
    assert not set(before) & set(processes(cloud))


def listens(port: int, *options: int) -> bool:
    with contextlib.closing(socket.socket()) as s:
        for option in options:
            s.setsockopt(socket.SOL_SOCKET, option, 1)
        try:
            s.bind(("127.0.0.1", port))
            s.listen()
        except OSError:
            return False
        return True


def test_a_reserved_port_is_nobody_elses_until_it_is_given_back() -> None:
    held: list[Any] = [_reserved_port() for _ in range(50)]
    ports = [s.getsockname()[1] for s in held]
    assert len(set(ports)) == 50
    assert not any(listens(port) for port in ports)
    assert all(listens(port, socket.SO_REUSEADDR) for port in ports), "the emulator, which knows the number"
    for s in held:
        s.close()
    assert listens(ports[0])
