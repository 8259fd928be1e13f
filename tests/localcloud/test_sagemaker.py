"""Pipelines and their starts, through boto3: what is accepted, and what is refused."""

from __future__ import annotations

import json

import pytest
from moto.sagemaker.responses import SageMakerResponse
from sagemaker_world import (
    DEFINITIONS,
    ROLE,
    TYPES,
    World,
    client,
    create,
    document,
    processing,
    refused,
    start,
)

from localcloud import sagemaker

# Pipelines


def test_every_replaced_method_exists_in_moto() -> None:
    replaced = set(sagemaker.OPERATIONS) - sagemaker.ADDED
    for name in replaced | set(sagemaker.JOB_OPERATIONS) | set(sagemaker.TAG_OPERATIONS):
        assert hasattr(SageMakerResponse, name), name


def test_a_pipeline_is_created_described_updated_and_deleted(world: World) -> None:
    arn = create((DEFINITIONS / "hello.definition.json").read_text(), Tags=[{"Key": "a", "Value": "1"}])
    assert arn == "arn:aws:sagemaker:us-west-2:123456789012:pipeline/demo"
    sm = client()
    assert json.loads(sm.describe_pipeline(PipelineName="demo")["PipelineDefinition"])["Steps"][0]["Name"] == "greet"
    assert sm.describe_pipeline(PipelineName=arn)["PipelineStatus"] == "Active"
    changed = sm.update_pipeline(PipelineName="demo", PipelineDefinition=json.dumps(document(processing("b"))))
    assert changed["PipelineVersionId"] == 2
    sm.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    assert sm.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}]
    sm.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert sm.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "3"}]
    sm.delete_pipeline(PipelineName="demo", ClientRequestToken="t" * 32)
    assert "does not exist" in refused("ResourceNotFound", sm.describe_pipeline, PipelineName="demo")


def test_a_broken_definition_is_refused_and_recorded(world: World) -> None:
    body = document(processing("a", arguments={"Colour": "red"}))
    message = refused("ValidationException", create, body)
    assert "Unable to parse pipeline definition. " in message
    assert "Unknown Argument member 'Colour'" in message
    assert world.violations
    create(document(processing("a")))
    text = json.dumps(body)
    refused("ValidationException", client().update_pipeline, PipelineName="demo", PipelineDefinition=text)


def test_a_name_is_taken_once_and_a_token_repeats_the_answer(world: World) -> None:
    sm, body = client(), json.dumps(document(processing("a")))
    request = {"PipelineName": "demo", "PipelineDefinition": body, "RoleArn": ROLE, "ClientRequestToken": "t" * 32}
    first = sm.create_pipeline(**request)["PipelineArn"]
    assert sm.create_pipeline(**request)["PipelineArn"] == first
    assert "already exists" in refused("ValidationException", create, document(processing("a")))


def test_a_definition_is_read_from_s3(world: World) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="specs", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket="specs", Key="d.json", Body=json.dumps(document(processing("a"))))
    place = {"Bucket": "specs", "ObjectKey": "d.json"}
    sm, more = client(), {"RoleArn": ROLE, "ClientRequestToken": "t" * 32}
    sm.create_pipeline(PipelineName="demo", PipelineDefinitionS3Location=place, **more)
    assert '"a"' in sm.describe_pipeline(PipelineName="demo")["PipelineDefinition"]
    missing = {"Bucket": "specs", "ObjectKey": "none.json"}
    refused("ValidationException", sm.create_pipeline, PipelineName="x", PipelineDefinitionS3Location=missing, **more)


def test_pipelines_are_listed_by_prefix_with_pages(world: World) -> None:
    for name in ("a-1", "a-2", "a-3", "b-a-1"):
        create(document(processing("s")), name)
        world.clock.advance(1)
    sm = client()
    pages = sm.get_paginator("list_pipelines").paginate(
        PipelineNamePrefix="a-", SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    assert [[p["PipelineName"] for p in page["PipelineSummaries"]] for page in pages] == [["a-1", "a-2"], ["a-3"]]
    newest = sm.list_pipelines(MaxResults=1)["PipelineSummaries"]
    assert newest[0]["PipelineName"] == "b-a-1"
    refused("ValidationException", sm.list_pipelines, NextToken="nonsense")


# Starting


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Parameters ['day']"),
        ({"day": "x", "nobody": "1"}, "Unknown parameters ['nobody']"),
        ({"day": "x", "n": "1.5"}, "not a value of type Integer"),
        ({"day": "x", "auc": "high"}, "not a value of type Float"),
        ({"day": "x", "on": "1"}, "not a value of type Boolean"),
        ({"day": "x", "size": "l"}, "not one of ['s', 'm']"),
    ],
)
def test_wrong_parameters_are_refused(world: World, given: dict[str, str], message: str) -> None:
    create(document(processing("a"), parameters=TYPES))
    assert message in refused("ValidationException", start, **given)


def test_parameters_are_kept_with_their_defaults(world: World) -> None:
    create(document(processing("a"), parameters=TYPES))
    arn = start(day="2026-03-01", n="007", on="False")
    listed = client().list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)["PipelineParameters"]
    assert {p["Name"]: p["Value"] for p in listed} == {
        "day": "2026-03-01",
        "size": "s",
        "n": "007",
        "auc": "0.5",
        "on": "False",
    }


def test_a_token_starts_one_execution_and_is_refused_for_another(world: World) -> None:
    create(document(processing("a"), parameters=TYPES))
    first = start(token="t" * 32, day="1")
    assert start(token="t" * 32, day="1") == first
    assert start(token="u" * 32, day="1") != first
    refused("ConflictException", start, token="t" * 32, day="2")
    assert len(client().list_pipeline_executions(PipelineName="demo")["PipelineExecutionSummaries"]) == 2


def test_an_account_runs_so_many_executions_at_once(world: World) -> None:
    create(document(processing("a")))
    world.scenario = {"limits": {"executions": 2}}
    start()
    start()
    assert "concurrent" in refused("ResourceLimitExceeded", start)
    world.clock.advance(100)
    start()


def test_a_scenario_with_an_unknown_member_is_refused(world: World) -> None:
    create(document(processing("a")))
    world.scenario = {"pipelines": {"demo": {"steps": {"a": {"fial": "x"}}}}}
    with pytest.raises(Exception, match="fial"):
        start()
