"""Mistakes that a definition of each SDK can hold, made one at a time and at every place where they are one: a member
that is needed is gone, a word is not one of the words, a text is too long, a name is there twice, steps wait for each
other, what is read does not exist."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_mutants import DEFINITIONS, NEWER, changed, found, general, is_function, own_names, places, step_of, survivors

Mistakes = Iterator[tuple[str, Any]]
MOST = 60

NEEDED = re.compile(
    r"^(Version|Steps|Parameters\[\]\.(Name|Type))$|"
    r"Steps\[\]\.(Name|Type|Arguments|FunctionArn|SqsQueueUrl|CheckType)$|"
    r"(IfSteps|ElseSteps|ForEachBody)\[\]\.(Name|Type|Arguments)$|"
    r"(PropertyFiles\[\]\.\w+|OutputParameters\[\]\.\w+|CacheConfig\.Enabled|RetryPolicies\[\]\.ExceptionType)$|"
    r"\.(PropertyFile|Path|On)$|Conditions\[\]\.(Type|LeftValue|RightValue|QueryValue|Values|Condition)$|"
    r"ClusterConfig\.(InstanceType|InstanceCount|VolumeSizeInGB)$|ProcessingResources(\.ClusterConfig)?$|"
    r"AppSpecification(\.ImageUri)?$|S3Input\.(S3Uri|S3DataType)$|S3Output\.(S3Uri|S3UploadMode)$|"
    r"(ProcessingInputs\[\]\.(InputName|S3Input|DatasetDefinition)|Outputs\[\]\.(OutputName|S3Output))$|"
    r"AlgorithmSpecification(\.(TrainingImage|TrainingInputMode))?$|MetricDefinitions\[\]\.(Name|Regex)$|"
    r"InputDataConfig\[\]\.(ChannelName|DataSource)$|S3DataSource\.(S3Uri|S3DataType)$|"
    r"ResourceConfig(\.(InstanceType|InstanceCount))?$|OutputDataConfig(\.S3OutputPath)?$|"
    r"Training.*RoleArn$|"
    r"HyperParameterTuningJobConfig(\.(Strategy|ResourceLimits|HyperParameterTuningJobObjective|ParameterRanges))?$|"
    r"ParameterRanges\[\]\.(Name|MinValue|MaxValue|Values)$|MaxParallelTrainingJobs$|"
    r"Transform(Input|Output|Resources)(\.(DataSource|S3OutputPath|InstanceType|InstanceCount))?$|"
    r"PrimaryContainer(\.Image)?$|InferenceSpecification\.Containers(\[\]\.Image)?$|"
    r"ModelMetrics\..*\.(ContentType|S3Uri)$|VpcConfig\.(Subnets|SecurityGroupIds)$|Tags\[\]\.(Key|Value)$|"
    r"StepConfig(\.HadoopJarStep(\.Jar)?)?$|ClusterConfig\.Instances$|MaxConcurrency$|IterableItems$|ForEachBody$|"
    r"Selector\.(Pick|Field)$|Trigger$|S3\[\]\.StepName$|JobConfig$"
)
"""Members that the service needs, wherever they stand in the data (developer guide; API reference)."""

NOT_NEEDED_ON = {"EMR": re.compile(r"Tags\[\]"), "AutoML": re.compile(r"DataSource$")}
"""Where a member of that name may be missing."""

WORDS = re.compile(
    r"(S3DataType|S3InputMode|S3DataDistributionType|S3CompressionType|S3UploadMode|TrainingInputMode|InputMode|"
    r"CompressionType|RecordWrapperType|Strategy|ScalingType|OutputType|CheckType|ModelApprovalStatus|"
    r"TrainingJobEarlyStoppingType|WarmStartType|SplitType|AssembleWith|BatchStrategy|JoinSource|OutputFormat|"
    r"OutputCompression|DataDistributionType|FileSystemType|FileSystemAccessMode|SkipModelValidation|InstanceRole|"
    r"Market|AssociationType|RoutingStrategy|Pick|Trigger|ExceptionType\[\]|Steps\[\]\.Type|Parameters\[\]\.Type)$"
)

LONG = re.compile(
    r"(Steps\[\]\.(Name|DisplayName|Description)|Parameters\[\]\.Name|DependsOn\[\]|ContainerEntrypoint\[\]|"
    r"ContainerArguments\[\]|ImageUri|TrainingImage|ChannelName|RoleArn|S3Uri|S3OutputPath|LocalPath|InstanceType|"
    r"MetricDefinitions\[\]\.(Name|Regex)|ModelPackageGroupName|Subnets\[\]|SecurityGroupIds\[\]|Tags\[\]\.(Key|Value)|"
    r"PropertyFiles\[\]\.FilePath|OutputParameters\[\]\.OutputName|FunctionArn|ErrorMessage)$"
)


def path_of(place: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def written(document: Any, names: re.Pattern[str]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Places of the service's own members whose general path is one of `names`."""
    for place, value in places(document):
        holder = place[:-1]
        if place and names.search(general(place)) and not own_names(document, holder):
            inside = any(is_function(found(document, place[:end])) for end in range(len(place)))
            if not inside or names is NEEDED:
                yield place, value


def step_type(document: Any, place: tuple[str | int, ...]) -> str:
    return str(step_of(document, place[:-1]).get("Type"))


def without_a_needed_member(document: Any) -> Mistakes:
    for place, _ in written(document, NEEDED):
        kind = step_type(document, place)
        if kind in NOT_NEEDED_ON and NOT_NEEDED_ON[kind].search(general(place)):
            continue
        less = copy.deepcopy(document)
        del found(less, place[:-1])[place[-1]]
        yield f"{path_of(place)} is gone", less


def with_another_word(document: Any) -> Mistakes:
    for place, value in written(document, WORDS):
        if isinstance(value, str):
            for other in (value.swapcase(), f"{value}s", "", "nothing"):
                yield f"{path_of(place)} is {other!r}", changed(document, place, other)


def with_a_long_text(document: Any) -> Mistakes:
    for place, value in written(document, LONG):
        open_tags = step_type(document, place) == "EMR" and "Tags[]" in general(place)
        if isinstance(value, str) and value and not open_tags:
            yield f"{path_of(place)} is long", changed(document, place, value + value[-1] * 5000)


def steps(document: Any) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    for place, value in places(document):
        if isinstance(value, dict) and {"Name", "Type", "Arguments"} <= value.keys():
            yield place, value


def that_wait_for_each_other(document: Any) -> Mistakes:
    """Every step that reads another one is awaited by it."""
    known = {step["Name"]: place for place, step in steps(document)}
    for place, step in steps(document):
        own = {k: v for k, v in step["Arguments"].items() if k not in ("IfSteps", "ElseSteps", "ForEachBody")}
        read = set(re.findall(r'"Steps\.([A-Za-z0-9_-]+)\.', json.dumps(own)))
        for name in sorted(read & known.keys()):
            if known[name][: len(place)] == place or place[: len(known[name])] == known[name]:
                continue  # a branch waits for its condition already
            target = found(document, known[name])
            yield (
                f"{name} waits for {step['Name']}",
                changed(document, (*known[name], "DependsOn"), [*target.get("DependsOn", []), step["Name"]]),
            )
        yield f"{step['Name']} waits for itself", changed(document, (*place, "DependsOn"), [step["Name"]])


def with_a_name_twice(document: Any) -> Mistakes:
    for place, step in steps(document):
        if isinstance(place[-1], int):
            twice = copy.deepcopy(document)
            found(twice, place[:-1]).append(copy.deepcopy(step))
            yield f"step {step['Name']} is there twice", twice
    for name in document.get("Parameters", []):
        yield (
            f"parameter {name['Name']} is there twice",
            changed(document, ("Parameters",), [*document["Parameters"], name]),
        )


def that_read_what_is_gone(document: Any) -> Mistakes:
    """A step, a parameter, an output or a property file has another name than the one that is read."""
    text = json.dumps(document)
    for place, value in places(document):
        if not place or not isinstance(value, str):
            continue
        path, step = general(place), step_of(document, place).get("Name")
        read = {
            r"Parameters\[\]\.Name$": f'"Parameters.{value}"',
            r"(Steps|Body)\[\]\.Name$": f'"Steps.{value}.',
            r"PropertyFileName$": f'"Steps.{step}.PropertyFiles.{value}"',
            r"Outputs\[\]\.OutputName$": f"Steps.{step}.ProcessingOutputConfig.Outputs['{value}']",
            r"OutputParameters\[\]\.OutputName$": f"Steps.{step}.OutputParameters['{value}']",
        }
        for pattern, reference in read.items():
            if re.search(pattern, path) and reference in text:
                yield f"{path_of(place)} has another name", changed(document, place, f"{value}2")


KINDS: list[Callable[[Any], Mistakes]] = [
    without_a_needed_member,
    with_another_word,
    with_a_long_text,
    that_wait_for_each_other,
    with_a_name_twice,
    that_read_what_is_gone,
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_definitions_are_refused(kind: Callable[[Any], Mistakes], tmp_path: Path) -> None:
    left = []
    made = 0
    for file in DEFINITIONS + NEWER:
        every = dict(kind(json.loads(file.read_text())))
        sample = random.Random(file.name).sample(sorted(every), min(MOST, len(every)))
        made += len(sample)
        folder = tmp_path / file.name
        folder.mkdir()
        left += [f"{file.name}: {what}" for what in survivors({what: every[what] for what in sample}, folder)]
    assert made > 50
    assert left == []
