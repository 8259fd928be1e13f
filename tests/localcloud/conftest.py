"""A running local cloud with the small stack of template.yaml, shared by the tests of this folder."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws
from sagemaker_world import World

from localcloud import sagemaker
from localcloud.client import LocalCloudProcess

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@pytest.fixture(scope="session")
def running_cloud() -> Iterator[LocalCloudProcess]:
    subprocess.run([ROOT / "scripts" / "get-rie"], check=True)
    with LocalCloudProcess(HERE / "template.yaml", stack="test", start="2026-03-01T00:00:00Z") as cloud:
        cloud.settle()
        yield cloud


@pytest.fixture
def cloud(running_cloud: LocalCloudProcess) -> Iterator[LocalCloudProcess]:
    """The cloud at rest, without faults; a violation that the test has not cleared fails it."""
    running_cloud.post("faults", [])
    running_cloud.post("copies", {"s3": 1, "sns": 1, "events": 1, "scheduler": 1})
    running_cloud.post("mappings", {"function": "echo-test", "enabled": True})
    running_cloud.settle()
    running_cloud.post("violations/clear")
    yield running_cloud
    violations = running_cloud.get("violations")
    running_cloud.post("violations/clear")
    assert violations == []


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        world = World()
        sagemaker.install(world)
        yield world
        sagemaker.uninstall()
