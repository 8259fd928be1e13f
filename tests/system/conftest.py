"""The whole system: the packaged functions in the local cloud, driven from outside.

`world` is shared by the tests (each uses pipeline names of its own); `new_world` starts one for a test that must begin
with nothing. A request that no correct client makes, a gap of the cloud or a lost event fails the test that caused it.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from world import ROOT, World

from localcloud.client import LocalCloudProcess

FUNCTIONS = ("deploy_spec", "pipeline_state", "failure_logs", "rerun")
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


@contextlib.contextmanager
def _start(production: bool = False, *options: str) -> Iterator[World]:
    missing = [name for name in FUNCTIONS if not (ROOT / "dist" / f"{name}.zip").is_file()]
    assert not missing, f"dist/ has no {missing}: run scripts/package first"
    subprocess.run([ROOT / "scripts" / "get-rie"], check=True)
    also = {"production": PRODUCTION} if production else {}
    template = ROOT / "template.yaml"
    with LocalCloudProcess(template, RESEARCH, stack="research", also=also, start=START, options=options) as cloud:
        cloud.settle()  # the test events of S3
        yield World(cloud)


@pytest.fixture(scope="session")
def running_world() -> Iterator[World]:
    with _start(production=True) as world:
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
        with _start(production, *options) as world:
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
