"""Pipelines that buzzflow has not deployed: watched with WatchUntagged only, and never those of another environment."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

from test_alerts import failing, lines, run_root
from world import World, one

ROLE = "arn:aws:iam::123456789012:role/ml-research"
NewWorld = Callable[..., AbstractContextManager[World]]


def fail_by_hand(world: World, name: str, environment: str = "") -> None:
    """Make a pipeline past buzzflow, perhaps with an environment's tag, and let a run of it fail."""
    world.hello(f"model-of-{name}")
    definition = json.dumps(world.pipeline(f"model-of-{name}"))
    tags = [{"Key": "team", "Value": "research"}]
    if environment:
        tags.append({"Key": "buzzflow:environment", "Value": environment})
    client = world.cloud.client("sagemaker")
    client.create_pipeline(
        PipelineName=name, PipelineDefinition=definition, RoleArn=ROLE, Tags=tags, ClientRequestToken=f"{name:x<32}"
    )
    world.scenario(name, failing())
    client.start_pipeline_execution(PipelineName=name, ClientRequestToken=f"{name:x<32}")
    world.advance(300)


def test_with_watch_untagged_a_run_of_somebody_elses_pipeline_is_shown_and_explained(new_world: NewWorld) -> None:
    with new_world("--parameter", "WatchUntagged=true") as world:
        fail_by_hand(world, "by-hand")
        root = run_root(world, "by-hand failed in greet")
        assert "KeyError: 'hello'" in lines(one(world.replies(root)))
        fail_by_hand(world, "of-production", "production")
        assert world.roots("of-production failed") == []
        assert world.dead_letters("pipeline-state") == world.dead_letters("failure-logs") == []


def test_without_watch_untagged_nothing_is_said_about_somebody_elses_pipeline(world: World) -> None:
    fail_by_hand(world, "not-mine")
    assert world.roots("not-mine failed") == world.roots("not-mine failed", "#ml-production") == []
    assert not [m for m in world.cloud.get("mail") if "not-mine failed" in json.dumps(m)]
    assert world.dead_letters("pipeline-state") == []
