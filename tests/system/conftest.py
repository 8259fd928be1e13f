"""The whole system: the packaged functions in the local cloud, driven from outside.

BUZZFLOW_FUNCTIONS=build/asan/functions runs other builds of the functions than those in dist/.

`world` is shared by the tests (each uses pipeline names of its own); `new_world` starts one for a test that must begin
with nothing or with other parameters. Each process of `pytest -n 2 --dist loadgroup` has a world of its own. A request
that no correct client makes, a gap of the cloud or a lost event fails the test that caused it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from world import ROOT, World

from localcloud.client import LocalCloudProcess

FUNCTIONS = {
    "DeploySpec": "deploy_spec",
    "PipelineState": "pipeline_state",
    "FailureLogs": "failure_logs",
    "Rerun": "rerun",
}
"""Logical id in the template -> folder below functions/."""
CRASHES = pytest.StashKey[list[tuple[str, ...]]]()
"""Rows of the table of test_crashes.py: flow, way, tier, calls, struck, not reached, failed."""
START = "2026-02-26T00:00:00Z"
ACCOUNT = "123456789012"


def parameters(environment: str, bucket: str, role: str, channel: str) -> dict[str, str]:
    return {
        "Environment": environment,
        "SpecBucketName": f"specs-{environment}",
        "DataBuckets": bucket,
        "PipelineRoleArns": f"arn:aws:iam::{ACCOUNT}:role/{role}",
        "DefaultSlackChannel": channel,
        "OperationsEmail": "ops@example.com",
    }


RESEARCH = parameters("research", "buzz-ml-dev", "ml-research", "#ml-research")
PRODUCTION = parameters("production", "buzz-ml-prod", "ml-production", "#ml-production")


def _code() -> list[str]:
    """What to run: the zips of dist/ as the template has it, or other builds."""
    other = os.environ.get("BUZZFLOW_FUNCTIONS")
    paths = {i: Path(other) / name if other else ROOT / "dist" / f"{name}.zip" for i, name in FUNCTIONS.items()}
    missing = [str(path) for path in paths.values() if not path.exists()]
    assert not missing, f"not there: {missing}; run scripts/package first"
    return [f"{logical}={path.resolve()}" for logical, path in paths.items()]


@contextlib.contextmanager
def start_world(production: bool = False, *options: str) -> Iterator[World]:
    subprocess.run([ROOT / "scripts" / "get-rie"], check=True)
    also = {"production": PRODUCTION} if production else {}
    template = ROOT / "template.yaml"
    options += tuple(part for option in _code() for part in ("--code", option))
    with LocalCloudProcess(template, RESEARCH, stack="research", also=also, start=START, options=options) as cloud:
        cloud.settle()  # the test events of S3
        yield World(cloud)


@pytest.fixture(scope="session")
def running_world() -> Iterator[World]:
    with start_world(production=True) as world:
        yield world


@pytest.fixture
def world(running_world: World) -> Iterator[World]:
    running_world.reset()
    yield running_world
    running_world.check()


@pytest.fixture
def new_world() -> Iterator[Callable[..., AbstractContextManager[World]]]:
    """Call it with `production=True` for both stacks; options of the command may follow."""
    worlds: list[World] = []

    @contextlib.contextmanager
    def start(*options: str, production: bool = False) -> Iterator[World]:
        with start_world(production, *options) as world:
            worlds.append(world)
            yield world
            world.check()

    yield start


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[None]:
    """A failed test shows what the functions said last."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    world = getattr(item, "funcargs", {}).get("world")
    if report.when == "call" and report.failed and world is not None:
        with contextlib.suppress(Exception):
            report.sections.append(("the functions' last lines", world.last_lines()))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CRASHES] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)  # of a process of pytest-xdist
    if output is not None:
        output["crashes"] = session.config.stash[CRASHES]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    rows = getattr(node, "workeroutput", {}).get("crashes", [])  # none of a process that died
    node.config.stash[CRASHES] += map(tuple, rows)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table of what was struck, in test_crashes.py."""
    rows = config.stash[CRASHES]
    if not rows:
        return
    terminalreporter.section("calls that were made to fail")
    form = "{:32} {:12} {:5} {:>6} {:>7} {:>12} {:>7}"
    terminalreporter.write_line(form.format("flow", "way", "tier", "calls", "struck", "not reached", "failed"))
    for row in sorted(rows):
        terminalreporter.write_line(form.format(*row))
