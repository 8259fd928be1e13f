"""The strict reader of pipeline definitions: AWS's own pass, and one broken member anywhere does not."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from localcloud import arguments, definition

DEFINITIONS = Path(__file__).parent.parent / "data" / "definitions"
REMOVE = object()
Members = list[str | int]


def load(name: str) -> Any:
    return json.loads((DEFINITIONS / name).read_text())


def with_change(document: Any, path: Members, value: Any) -> Any:
    changed = copy.deepcopy(document)
    at = changed
    for part in path[:-1]:
        at = at[part]
    if value is REMOVE:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return changed


def problems(document: Any, name: str = "demo") -> list[str]:
    return definition.problems(json.dumps(document), name)


@pytest.mark.parametrize("file", sorted(p.name for p in DEFINITIONS.glob("*.json")))
def test_published_and_expected_definitions_pass(file: str) -> None:
    assert definition.problems((DEFINITIONS / file).read_text(), "demo") == []


GREET: Members = ["Steps", 0]
ARGS: Members = [*GREET, "Arguments"]
INPUT: Members = [*ARGS, "ProcessingInputs", 0, "S3Input"]
CLUSTER: Members = [*ARGS, "ProcessingResources", "ClusterConfig"]

BROKEN_HELLO: list[tuple[Members, Any, str]] = [
    (["Version"], "2019-01-01", "Version"),
    (["Version"], REMOVE, "Version"),
    (["Extra"], 1, "Unknown property 'Extra'"),
    (["Steps"], [], "at least 1"),
    (["Steps"], {}, "Expecting start of Json Array"),
    (["Metadata", "a b"], "x", "Metadata"),
    (["Parameters", 0, "Type"], "Text", "one of String"),
    (["Parameters", 0, "Name"], "wh o", "pattern"),
    (["Parameters", 0, "DefaultValue"], 3, "a value of type String"),
    (["Parameters", 0, "EnumValues"], ["a"], "not one of the EnumValues"),
    (["Parameters", 0, "EnumValues"], ["world", *map(str, range(16))], "at most 16"),
    (["Parameters", 0, "DefaultValue"], None, "null"),
    (["PipelineExperimentConfig", "TrialName"], {"Get": "Steps.greet.ProcessingJobName"}, "only Execution"),
    (["PipelineExperimentConfig", "TrialName"], {"Get": "Execution.Today"}, "unknown execution variable"),
    (["PipelineExperimentConfig", "TrialName"], {"Get": "Parameters.day"}, "parameter 'day' does not exist"),
    (["PipelineExperimentConfig", "ExperimentName"], 7, "a text or a function is required"),
    (["MlflowConfig"], {"MlflowResourceArn": "arn:aws:sagemaker:us-west-2:1:x"}, "pattern"),
    ([*GREET, "Name"], "greet_me!", "pattern"),
    ([*GREET, "Name"], "x" * 65, "1 to 64"),
    ([*GREET, "Type"], "Process", "unknown step type"),
    ([*GREET, "Argument"], {}, "Unknown property 'Argument'"),
    ([*GREET, "DependsOn"], ["nobody"], "step 'nobody' does not exist"),
    ([*GREET, "DependsOn"], "greet", "Expecting start of Json Array"),
    ([*GREET, "DependsOn"], ["greet"], "wait for each other"),
    ([*GREET, "DisplayName"], "x" * 257, "DisplayName"),
    ([*GREET, "Description"], 7, "Description"),
    ([*GREET, "CacheConfig"], {"Enabled": "yes"}, "a boolean is required"),
    ([*GREET, "CacheConfig"], {"Enabled": True, "ExpireAfter": "soon"}, "not an ISO 8601 duration"),
    ([*GREET, "RetryPolicies"], [{"ExceptionType": "Step.THROTTLING"}], "Expecting start of Json Array"),
    ([*GREET, "RetryPolicies"], [{"ExceptionType": ["Step.UNKNOWN"]}], "not allowed on a Processing step"),
    (
        [*GREET, "RetryPolicies"],
        [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 2, "ExpireAfterMin": 5}],
        "exclude each other",
    ),
    ([*GREET, "RetryPolicies"], [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 21}], "from 1 to 20"),
    ([*GREET, "RetryPolicies"], [{"ExceptionType": ["Step.THROTTLING"]}] * 2, "more than one policy"),
    (
        [*GREET, "PropertyFiles"],
        [{"PropertyFileName": "m", "OutputName": "report", "FilePath": "m.json"}],
        "no output 'report'",
    ),
    ([*ARGS, "Colour"], "red", "Unknown Argument member 'Colour'"),
    ([*ARGS, "RoleArn"], REMOVE, "Missing required member 'RoleArn'"),
    ([*ARGS, "RoleArn"], "role", "RoleArn"),
    ([*ARGS, "RoleArn"], None, "null"),
    ([*CLUSTER, "VolumeSizeInGB"], REMOVE, "Missing required member 'VolumeSizeInGB'"),
    ([*CLUSTER, "VolumeSizeInGB"], "30", "a whole number is required"),
    ([*CLUSTER, "VolumeSizeInGB"], True, "a whole number is required"),
    ([*CLUSTER, "VolumeSizeInGB"], 0, "minimum limit"),
    ([*CLUSTER, "InstanceCount"], 101, "exceeds maximum limit (100)"),
    ([*CLUSTER, "InstanceType"], "m5.large", "not an instance type"),
    ([*CLUSTER, "InstanceType"], {"Get": "Parameters.nobody"}, "parameter 'nobody' does not exist"),
    ([*ARGS, "AppSpecification", "ContainerArguments"], {"Get": "Parameters.who"}, "Expecting start of Json Array"),
    ([*ARGS, "AppSpecification", "ContainerArguments", 0], 7, "a text is required"),
    ([*ARGS, "AppSpecification", "ContainerArguments", 0], "x" * 257, "exceeds maximum limit (256)"),
    ([*ARGS, "AppSpecification", "ContainerArguments"], [], "minimum limit (1)"),
    ([*ARGS, "AppSpecification"], {"Get": "Parameters.who"}, "Expecting start of Json Object"),
    ([*INPUT, "S3InputMode"], "Disk", "enum value set"),
    ([*INPUT, "S3Uri"], "/data", "regular expression"),
    ([*INPUT, "S3Uri"], {"Get": 3}, "a Get holds a text"),
    ([*INPUT, "S3Uri"], {"Get": "Steps.greet.ExitMessage"}, "wait for each other"),
    ([*INPUT, "S3Uri"], {"Get": "Execution.Date"}, "unknown execution variable"),
    ([*INPUT, "S3Uri"], {"Get": "Secrets.x"}, "is not a reference"),
    ([*INPUT, "S3Uri"], {"Std:Join": {"On": "/"}}, "exactly the members On and Values"),
    ([*INPUT, "S3Uri"], {"Std:Join": {"On": 1, "Values": ["a"]}}, "a text is required"),
    ([*INPUT, "S3Uri"], {"Std:Join": {"On": "", "Values": [["a"]]}}, "found a list"),
    ([*INPUT, "S3Uri"], {"Get": "Parameters.who", "x": 1}, "a text is required, found an object"),
    ([*ARGS, "Environment"], {"1A": "x"}, "regular expression"),
    ([*ARGS, "Environment"], {f"V{i}": "x" for i in range(101)}, "exceeds maximum limit (100)"),
    ([*ARGS, "Tags"], [{"key": "a", "value": "b"}], "Unknown Argument member 'key'"),
    ([*ARGS, "NetworkConfig"], {"VpcConfig": {"Subnets": ["s"]}}, "Missing required member 'SecurityGroupIds'"),
]


@pytest.mark.parametrize(("path", "value", "message"), BROKEN_HELLO)
def test_one_broken_member_is_refused(path: Members, value: Any, message: str) -> None:
    found = problems(with_change(load("hello.definition.json"), path, value))
    assert any(message in problem for problem in found), found


def step(document: Any, name: str) -> Any:
    top = {s["Name"]: s for s in document["Steps"]}
    if name in top:
        return top[name]
    branches = [
        s["Arguments"][b] for s in document["Steps"] if s["Type"] == "Condition" for b in ("IfSteps", "ElseSteps")
    ]
    return next(s for branch in branches for s in branch if s["Name"] == name)


BROKEN_CTR: list[tuple[str, Members, Any, str]] = [
    ("train", ["Arguments", "StoppingCondition"], REMOVE, "Missing required member 'StoppingCondition'"),
    ("train", ["Arguments", "InputDataConfig"], [], "minimum limit (1)"),
    ("train", ["Arguments", "HyperParameters", "eta"], 0.1, "a text is required"),
    ("train", ["Arguments", "EnableManagedSpotTraining"], True, "MaxWaitTimeInSeconds"),
    ("train", ["Arguments", "NetworkConfig"], {}, "Unknown Argument member 'NetworkConfig'"),
    ("train", ["PropertyFiles"], [], "Unknown property 'PropertyFiles'"),
    ("gate", ["Arguments", "Conditions", 0, "Type"], "NotEquals", "unknown condition"),
    ("gate", ["Arguments", "Conditions", 0, "RightValue"], REMOVE, "Missing required property 'RightValue'"),
    ("gate", ["Arguments", "Conditions", 0, "RightValue"], [1], "found a list"),
    ("gate", ["Arguments", "Conditions", 1, "Expression"], {}, "unknown property 'Expression'"),
    ("gate", ["Arguments", "Conditions"], [], "at least 1"),
    ("gate", ["DependsOn"], ["reject"], "no step may depend on the Fail step"),
    ("gate", ["DependsOn"], ["register"], "wait for each other"),
    ("gate", ["RetryPolicies"], [], "Unknown property 'RetryPolicies'"),
    ("register", ["Name"], "train", "Duplicate step name"),
    ("register", ["Arguments", "Tags"], [{"Key": "a", "Value": "b"}], "group's tags apply"),
    ("register", ["Arguments", "ModelPackageName"], "x", "Unknown Argument member 'ModelPackageName'"),
    ("announce", ["Arguments", "package"], {"Get": "Steps.register.Arn"}, "not a property of a RegisterModel step"),
    ("announce", ["Arguments", "package"], ["x"], "found a list"),
    ("announce", ["FunctionArn"], "announce", "regular expression"),
    ("announce", ["OutputParameters", 0, "OutputType"], "Text", "one of String"),
    ("announce", ["RetryPolicies"], [], "Unknown property 'RetryPolicies'"),
    ("reject", ["Arguments", "ErrorMessage"], 3, "a text, a Get or a Std:Join"),
    ("reject", ["Arguments", "ErrorMessage"], {"Get": "Steps.reject.Message"}, "has no properties"),
    (
        "reject",
        ["Arguments", "ErrorMessage"],
        {"Get": "Steps.query.ProcessingOutputConfig.Outputs['none'].S3Output.S3Uri"},
        "has no 'none'",
    ),
    ("reject", ["Arguments", "ErrorMessage"], {"Get": "Steps.announce.OutputParameters['no']"}, "no output parameter"),
    ("reject", ["Arguments", "ErrorMessage"], {"Get": "Steps.train.ModelArtifacts"}, "not a property"),
    ("reject", ["Arguments", "ErrorMessage"], {"Get": "Steps.train.FinalMetricDataList['x'].Value"}, "has no 'x'"),
    ("reject", ["Arguments", "ErrorMessage"], {"Get": "Steps.evaluate.PropertyFiles.metrics"}, "Std:JsonGet only"),
]


@pytest.mark.parametrize(("name", "path", "value", "message"), BROKEN_CTR)
def test_one_broken_member_of_a_large_pipeline_is_refused(name: str, path: Members, value: Any, message: str) -> None:
    document = load("ctr-daily.production.definition.json")
    target = step(document, name)
    changed = with_change(target, path, value)
    target.clear()
    target.update(changed)
    found = problems(document)
    assert any(message in problem for problem in found), found


@pytest.mark.parametrize(
    ("member", "value"), [("PipelineExperimentConfig", None), ("MlflowConfig", None), ("Metadata", {"team": ""})]
)
def test_what_the_sdk_writes_for_none_and_an_empty_note_pass(member: str, value: Any) -> None:
    assert problems(with_change(load("hello.definition.json"), [member], value)) == []


@pytest.mark.parametrize("member", ["Metadata", "Parameters", "Steps"])
def test_null_in_place_of_another_member_of_the_top_is_refused(member: str) -> None:
    assert f"{member}: null (leave the member out)" in problems(
        with_change(load("hello.definition.json"), [member], None)
    )


def test_a_trial_of_no_experiment_is_refused() -> None:
    names: Members = [*ARGS, "ExperimentConfig"]
    document = with_change(
        load("hello.definition.json"), names, {"TrialName": {"Get": "PipelineExperimentConfig.TrialName"}}
    )
    assert problems(document) == []
    found = problems(with_change(document, ["PipelineExperimentConfig"], None))
    assert "the definition has no PipelineExperimentConfig" in "".join(found)


@pytest.mark.parametrize(
    ("path", "good"),
    [
        ("BestCandidateProperties.ModelInsightsJsonReportPath", True),
        ("BestCandidateProperties.ExplainabilityJsonReportPath", True),
        ("BestCandidateProperties.ModelInsightsJsonReport", False),
        ("BestCandidateProperties", False),
        ("BestCandidateProperties[0]", False),
    ],
)
def test_an_automl_step_tells_where_the_reports_on_its_best_candidate_are(path: str, good: bool) -> None:
    document = load("sdk-automl.json")
    name = next(step["Name"] for step in document["Steps"] if step["Type"] == "AutoML")
    message = {"Get": f"Steps.{name}.{path}"}
    document["Steps"].append({"Name": "Tell", "Type": "Fail", "Arguments": {"ErrorMessage": message}})
    assert (problems(document) == []) is good


def test_a_json_get_of_an_unknown_property_file_or_a_bad_path_is_refused() -> None:
    document = load("ctr-daily.production.definition.json")
    left = step(document, "gate")["Arguments"]["Conditions"][0]["LeftValue"]["Std:JsonGet"]
    left["PropertyFile"] = {"Get": "Steps.evaluate.PropertyFiles.nobody"}
    left["Path"] = "a..b"
    found = " ".join(problems(document))
    assert "no property file 'nobody'" in found
    assert "is not a JSON path" in found


def test_an_experiment_limits_the_name_of_the_pipeline() -> None:
    document = load("hello.definition.json")
    assert problems(document, "p" * 82) == []
    assert "at most 82" in problems(document, "p" * 83)[0]
    del document["PipelineExperimentConfig"]
    assert problems(document, "p" * 83) == []


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "null", '{"Steps": NaN}', '{"Version": "2020-12-01", "Version": "2020-12-01", "Steps": []}'],
)
def test_text_that_is_no_definition_is_refused(text: str) -> None:
    assert definition.problems(text)


def test_deep_nesting_is_refused_without_a_crash() -> None:
    assert definition.problems('{"Steps":' + "[" * 100_000 + "]" * 100_000 + "}")
    assert definition.problems('{"Steps":' + "[" * 500 + "]" * 500 + "}")


def test_a_chain_of_1000_steps_is_read_and_its_cycle_is_found() -> None:
    first = load("hello.definition.json")["Steps"][0]
    steps = [{**first, "Name": f"s{i}", "DependsOn": [f"s{i - 1}"] if i else []} for i in range(1000)]
    document = {"Version": "2020-12-01", "Parameters": load("hello.definition.json")["Parameters"], "Steps": steps}
    assert problems(document) == []
    steps[0]["DependsOn"] = ["s999"]
    found = problems(document)
    assert len(found) == 1
    assert found[0].startswith("Steps: the steps wait for each other: s0 -> s999 -> s998")


def test_no_mutation_crashes_the_reader() -> None:
    """Any node replaced by anything: problems or none, never an exception."""
    rng = random.Random(7)
    values: list[Any] = [None, True, 0, -1, 1.5, "", "x", [], {}, [[]], [{}], {"Get": "Steps.x"}, {"a": None}]
    for file in ("ctr-daily.production.definition.json", "sdk-services.json", "sdk-checks.json"):
        document = load(file)
        paths = list(nodes(document))
        for path in rng.sample(paths, min(400, len(paths))):
            problems(with_change(document, path, copy.deepcopy(rng.choice(values))))


def nodes(value: Any, path: tuple[str | int, ...] = ()) -> Any:
    if path:
        yield list(path)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, inner in items:
        yield from nodes(inner, (*path, key))


def test_a_resolved_request_must_not_hold_expressions() -> None:
    request = load("hello.definition.json")["Steps"][0]["Arguments"]
    shape = arguments.shape_of("Processing")
    assert arguments.check(shape, {**request, "ProcessingJobName": "a"}, "x") == []
    found = arguments.check(shape, {**request, "ProcessingJobName": "a"}, "x", with_expressions=False)
    assert found == ["x.AppSpecification.ContainerArguments[1]: a text is required, found a function"]
