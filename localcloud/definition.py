"""A strict reader of SageMaker pipeline definitions (schema version 2020-12-01).

`read(text, pipeline_name)` returns a Definition or raises DefinitionError with every problem found. What it enforces is
what the service enforces when a pipeline is created: the envelope of parameters and steps, the Arguments against the
API's request shapes (arguments.py), the form of expressions (expressions.py), and that everything named exists, without
cycles. Sources: SageMaker AI developer guide (pipelines), the API model in botocore, the published definition schema
where it agrees with those, and the SageMaker Python SDK's `workflow` package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localcloud import arguments, expressions, properties
from localcloud.interfaces import Json
from localcloud.steps import KINDS_OF_PARAMETER, NAME, Step, StepReader

VERSION = "2020-12-01"
MOST_CHARACTERS = 1_048_576
MOST_WITH_EXPERIMENT = 82
MOST_ENUM_VALUES = 16
MOST_PARAMETERS = 200
MOST_DEPTH = 128

_METADATA_KEY = re.compile(r"[A-Za-z0-9\-_]{1,128}")
_MLFLOW_ARN = re.compile(r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:mlflow-[a-z\-]+/.+")
NULL_ALLOWED = (".SuppliedBaselineConstraints", ".SuppliedBaselineStatistics", "].ModelPackageGroupName")
"""Members of check steps that AWS's own SDK writes as null when they are not set."""
NULL_FOR_NONE = ("PipelineExperimentConfig", "MlflowConfig")
"""Members at the top that it writes as null for none."""


class DefinitionError(Exception):
    """A definition that the service would refuse; `problems` are all that were found."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Unable to parse pipeline definition. " + "; ".join(problems[:5]))
        self.problems = problems


@dataclass
class Definition:
    """A definition without problems."""

    body: dict[str, Json]
    parameters: dict[str, dict[str, Json]]
    steps: dict[str, Step]
    """All of them, those in branches included, in the order of the file."""


def problems(text: str, pipeline_name: str = "") -> list[str]:
    """Everything wrong with a definition; empty when the service would take it."""
    try:
        read(text, pipeline_name)
    except DefinitionError as error:
        return error.problems
    return []


def read(text: str, pipeline_name: str = "") -> Definition:
    """The definition in `text`. Raises DefinitionError."""
    body = _parse(text)
    reader = _Reader(body, pipeline_name)
    reader.read()
    if reader.found:
        raise DefinitionError(reader.found)
    return Definition(body, reader.parameters, reader.steps)


def _parse(text: str) -> dict[str, Json]:
    if not text or len(text) > MOST_CHARACTERS:
        raise DefinitionError([f"a definition has 1 to {MOST_CHARACTERS} characters, found {len(text)}"])
    try:
        body = json.loads(text, object_pairs_hook=_members, parse_constant=_constant)
    except RecursionError:
        raise DefinitionError(["nested too deeply"]) from None
    except ValueError as error:
        raise DefinitionError([str(error)]) from error
    if not isinstance(body, dict):
        raise DefinitionError([f"Expecting start of Json Object, found {arguments.named(body)}"])
    found = list(_nulls(body, "", 0))
    if found:
        raise DefinitionError(found)
    return body


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"member '{twice}' stands twice in one object")
    return members


def _constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON number")


def _nulls(value: Json, where: str, depth: int) -> Iterator[str]:
    if value is None:
        if where not in NULL_FOR_NONE and not where.endswith(NULL_ALLOWED):
            yield f"{where}: null (leave the member out)"
    elif depth > MOST_DEPTH:
        yield f"{where[:80]}: nested more than {MOST_DEPTH} deep"
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _nulls(inner, f"{where}.{name}" if where else name, depth + 1)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _nulls(inner, f"{where}[{i}]", depth + 1)


class _Reader(StepReader):
    def __init__(self, body: dict[str, Json], pipeline_name: str) -> None:
        super().__init__()
        self.body, self.pipeline_name = body, pipeline_name
        self.parameters: dict[str, dict[str, Json]] = {}

    # The top

    def read(self) -> None:
        known = {"Version", "Metadata", "Parameters", "PipelineExperimentConfig", "MlflowConfig", "Steps"}
        self.only(self.body, known, "")
        if self.body.get("Version") != VERSION:
            self.add("Version", f"'{VERSION}' is required, found {self.body.get('Version')!r}")
        self._metadata()
        self._experiment()
        self._mlflow()
        for i, item in enumerate(self.array(self.body.get("Parameters", []), "Parameters")):
            self._parameter(self.object(item, f"Parameters[{i}]"), f"Parameters[{i}]")
        if len(self.parameters) > MOST_PARAMETERS:
            self.add("Parameters", f"at most {MOST_PARAMETERS} are allowed, found {len(self.parameters)}")
        if "Steps" not in self.body:
            self.add("", "Missing required property 'Steps'")
        self.read_steps(self.body.get("Steps", []), "Steps", None, "")
        self._experiment_references()
        for step in self.steps.values():
            self._references(step)
        self._cycles()

    def _metadata(self) -> None:
        for key, value in self.object(self.body.get("Metadata", {}), "Metadata").items():
            self.text(key, f"Metadata key '{key}'", 128, _METADATA_KEY)
            self.text(value, f"Metadata.{key}", 1024, least=0)

    def _experiment(self) -> None:
        where = "PipelineExperimentConfig"
        if self.body.get(where) is None:
            return
        config = self.object(self.body[where], where)
        self.only(config, {"ExperimentName", "TrialName"}, where)
        for name, value in config.items():
            if not isinstance(value, str) and not expressions.kind(value):
                self.add(f"{where}.{name}", f"a text or a function is required, found {arguments.named(value)}")
            self.scalar(value, f"{where}.{name}")
        if len(self.pipeline_name) > MOST_WITH_EXPERIMENT:
            size = len(self.pipeline_name)
            limit = f"at most {MOST_WITH_EXPERIMENT} characters with PipelineExperimentConfig"
            self.add("PipelineName", f"{size} characters, {limit}")

    def _experiment_references(self) -> None:
        where = "PipelineExperimentConfig"
        for ref in expressions.references(self.body.get(where, {}), where):
            if ref.space in ("Execution", "Parameters"):
                problem = self._global_reference(ref)
            else:
                problem = f"only Execution and Parameters may be used here, found '{ref.text}'"
            if problem:
                self.add(ref.where, problem)

    def _mlflow(self) -> None:
        if self.body.get("MlflowConfig") is None:
            return
        config = self.object(self.body["MlflowConfig"], "MlflowConfig")
        self.only(config, {"MlflowResourceArn", "MlflowExperimentName"}, "MlflowConfig")
        if "MlflowResourceArn" not in config:
            self.add("MlflowConfig", "Missing required property 'MlflowResourceArn'")
        else:
            self.text(config["MlflowResourceArn"], "MlflowConfig.MlflowResourceArn", 2048, _MLFLOW_ARN)
        if "MlflowExperimentName" in config:
            self.text(config["MlflowExperimentName"], "MlflowConfig.MlflowExperimentName", 256)

    def _parameter(self, item: dict[str, Json], where: str) -> None:
        self.only(item, {"Name", "Type", "DefaultValue", "EnumValues"}, where)
        name, kind = item.get("Name"), str(item.get("Type"))
        self.text(name, f"{where}.Name", 64, NAME)
        if kind not in KINDS_OF_PARAMETER:
            self.add(f"{where}.Type", f"one of {', '.join(KINDS_OF_PARAMETER)} is required, found {kind!r}")
            return
        if isinstance(name, str):
            if name in self.parameters:
                self.add(where, f"Duplicate parameter name '{name}'")
            self.parameters[name] = item
        default = item.get("DefaultValue")
        if default is not None and not _is_kind(default, kind):
            self.add(f"{where}.DefaultValue", f"a value of type {kind} is required, found {arguments.named(default)}")
        if isinstance(default, str) and len(default) > 4096:
            self.add(f"{where}.DefaultValue", f"{len(default)} characters, at most 4096")
        if "EnumValues" in item:
            self._enum(item, kind, where)

    def _enum(self, item: dict[str, Json], kind: str, where: str) -> None:
        values = self.array(item["EnumValues"], f"{where}.EnumValues", 1)
        if kind != "String":
            self.add(f"{where}.EnumValues", f"only a String parameter has them, this one is {kind}")
        if len(values) > MOST_ENUM_VALUES:
            self.add(f"{where}.EnumValues", f"at most {MOST_ENUM_VALUES} values, found {len(values)}")
        for i, value in enumerate(values):
            self.text(value, f"{where}.EnumValues[{i}]", 4096)
        default = item.get("DefaultValue")
        if default is not None and default not in values:
            self.add(f"{where}.DefaultValue", f"{default!r} is not one of the EnumValues")

    # What is named must exist

    def _references(self, step: Step) -> None:
        for name in step.body.get("DependsOn", []) if isinstance(step.body.get("DependsOn", []), list) else []:
            if not isinstance(name, str) or name not in self.steps:
                self.add(f"{step.where}.DependsOn", f"step '{name}' does not exist")
            elif self.steps[name].type == "Fail":
                self.add(f"{step.where}.DependsOn", f"no step may depend on the Fail step '{name}'")
            else:
                step.needs.add(name)
        for ref in expressions.references(step.own, step.where):
            problem = self._reference(step, ref)
            if problem:
                self.add(ref.where, problem)

    def _global_reference(self, ref: expressions.Reference) -> str | None:
        name = ref.text.partition(".")[2]
        if ref.space == "Parameters":
            return None if name in self.parameters else f"parameter '{name}' does not exist"
        return None if name in expressions.EXECUTION_VARIABLES else f"unknown execution variable '{name}'"

    def _reference(self, step: Step, ref: expressions.Reference) -> str | None:
        if ref.space in ("Parameters", "Execution"):
            return self._global_reference(ref)
        if ref.text in expressions.EXPERIMENT_NAMES:
            known = self.body.get("PipelineExperimentConfig") is not None
            return None if known else "the definition has no PipelineExperimentConfig"
        if ref.step is None:
            return f"'{ref.text}' is not a reference"
        target = self.steps.get(ref.step)
        if target is None:
            return f"step '{ref.step}' does not exist"
        step.needs.add(target.name)
        return properties.problem(target, ref)

    def _cycles(self) -> None:
        """Take away what waits for nothing, again and again; what is left waits for itself. Without recursion: a
        chain may be as long as a definition."""
        waits = {name: self._before(step) for name, step in self.steps.items()}
        followers: dict[str, list[str]] = {name: [] for name in waits}
        for name, before in waits.items():
            for other in before:
                followers[other].append(name)
        left = {name: len(before) for name, before in waits.items()}
        free = [name for name, count in left.items() if count == 0]
        while free:
            name = free.pop()
            del left[name]
            for follower in followers[name]:
                left[follower] -= 1
                if left[follower] == 0:
                    free.append(follower)
        if left:
            self.add("Steps", f"the steps wait for each other: {' -> '.join(_cycle(waits, left))}")

    def _before(self, step: Step) -> set[str]:
        return step.needs | ({step.parent} if step.parent else set())


def _cycle(waits: dict[str, set[str]], left: dict[str, int]) -> list[str]:
    """One cycle among what is left: whoever is left waits for somebody who is left."""
    path = [min(left)]
    while True:
        following = min(name for name in waits[path[-1]] if name in left)
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)


def _is_kind(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "Boolean"
    return isinstance(value, KINDS_OF_PARAMETER[kind]) and kind != "Boolean"
