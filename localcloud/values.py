"""Expressions evaluated in an execution: parameters, facts of the run, properties of steps, JSON files."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

from localcloud import expressions, properties
from localcloud.execution import StepFailure
from localcloud.interfaces import Json

if TYPE_CHECKING:
    from localcloud.execution import Execution, StepRun
    from localcloud.storage import Storage


class Values:
    """Evaluates what stands in an execution's definition. Raises StepFailure where the service would fail the step."""

    def __init__(self, execution: Execution, storage: Storage) -> None:
        self._execution, self._storage = execution, storage

    def of(self, value: Json, shape: Any = None) -> Json:
        """`value` with every expression replaced. With the shape of a request, a number out of a JSON file or out of
        an output parameter becomes text where text is required (those have no type at the service)."""
        kind = expressions.kind(value)
        if kind == expressions.GET:
            return self._fitting(self._get(value["Get"]), shape, value["Get"])
        if kind == expressions.JOIN:
            join = value[expressions.JOIN]
            return join["On"].join(text_of(self.of(v)) for v in join["Values"])
        if kind == expressions.JSON_GET:
            found = self._json_get(value[expressions.JSON_GET])
            return text_of(found) if _wants_text(shape) else found
        if isinstance(value, dict):
            return {k: self.of(v, _member(shape, k)) for k, v in value.items()}
        if isinstance(value, list):
            return [self.of(v, getattr(shape, "member", None)) for v in value]
        return value

    def _fitting(self, found: Json, shape: Any, name: str) -> Json:
        untyped = name.startswith("Steps.")
        return text_of(found) if untyped and _wants_text(shape) and not isinstance(found, (dict, list)) else found

    def _get(self, name: str) -> Json:
        start = self._execution.start
        space, _, rest = name.partition(".")
        if space == "Parameters":
            return start.parameters[rest]
        if space == "Execution":
            return self._fact(rest)
        if space == "PipelineExperimentConfig":
            return self.of(start.definition.body[space][rest])
        return self._property(name)

    def _fact(self, name: str) -> str:
        start, cloud = self._execution.start, self._execution.cloud
        facts = {
            "PipelineName": start.pipeline,
            "PipelineArn": start.pipeline_arn,
            "PipelineExecutionId": self._execution.id,
            "PipelineExecutionArn": start.arn,
            "StartDateTime": _instant(self._execution.began),
            "CurrentDateTime": _instant(cloud.clock.now()),
        }
        if name not in facts:
            raise StepFailure(f"ClientError: Execution.{name} is not available here")
        return facts[name]

    def _property(self, name: str) -> Json:
        ref = expressions.Reference(name, "")
        path = expressions.parts(ref.path)
        run = self._execution.steps.get(str(ref.step))
        if run is None or path is None:
            raise StepFailure(f"ClientError: Unable to resolve the property {name}")
        value: Any = run.properties
        before = ""
        for part in path:
            try:
                value = _item(value, part, before)
            except (KeyError, IndexError, TypeError):
                raise StepFailure(f"ClientError: Unable to resolve the property {name}") from None
            before = str(part)
        return value

    def _json_get(self, inner: dict[str, Json]) -> Json:
        if "S3Uri" in inner:
            uri = str(self.of(inner["S3Uri"]))
            document = self._parsed(self._storage.read(uri), uri)
        else:
            step, name = expressions.Reference(inner["PropertyFile"]["Get"], "").property_file or ("", "")
            document = self._property_file(step, name)
        try:
            found = expressions.look_up(document, inner["Path"])
        except KeyError as error:
            raise StepFailure(f"ClientError: Unable to evaluate Std:JsonGet: {error.args[0]}") from None
        if isinstance(found, (dict, list)):
            raise StepFailure(f"ClientError: Std:JsonGet cannot yield a list or an object: {inner['Path']}")
        return found

    def _property_file(self, step: str, name: str) -> Json:
        run = self._execution.steps.get(step)
        if run is None:
            raise StepFailure(f"ClientError: step {step} has not run")
        file = next(f for f in run.step.body["PropertyFiles"] if f["PropertyFileName"] == name)
        given = run.files.get(file["OutputName"], {})
        if file["FilePath"] in given:
            content = given[file["FilePath"]]
            return self._parsed(content.encode(), name) if isinstance(content, str) else content
        uri = output_uri(run, file["OutputName"])
        return self._parsed(self._storage.read(f"{uri.rstrip('/')}/{file['FilePath']}"), uri)

    def _parsed(self, data: bytes | None, where: str) -> Json:
        if data is None:
            raise StepFailure(f"ClientError: Unable to read the property file at {where}: it does not exist")
        try:
            return json.loads(data)
        except ValueError as error:
            raise StepFailure(f"ClientError: the property file at {where} is not JSON: {error}") from None

    # Conditions

    def holds(self, clause: dict[str, Json]) -> bool:
        kind = clause["Type"]
        if kind == "Not":
            return not self.holds(clause["Condition"])
        if kind == "Or":
            return any(self.holds(c) for c in clause["Conditions"])
        if kind == "In":
            return self.of(clause["QueryValue"]) in [self.of(v) for v in clause["Values"]]
        left, right = self.of(clause["LeftValue"]), self.of(clause["RightValue"])
        if not _comparable(left, right):
            raise StepFailure(f"ClientError: {kind} cannot compare {left!r} with {right!r}")
        return bool(_COMPARE[kind](left, right))


_COMPARE = {
    "Equals": lambda a, b: a == b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanOrEqualTo": lambda a, b: a >= b,
    "LessThan": lambda a, b: a < b,
    "LessThanOrEqualTo": lambda a, b: a <= b,
}


def output_uri(run: StepRun, output: str) -> str:
    """Where a Processing step writes an output; "" when it has none of that name."""
    outputs = run.properties.get("ProcessingOutputConfig", {}).get("Outputs", [])
    return next((str(o["S3Output"]["S3Uri"]) for o in outputs if o["OutputName"] == output and "S3Output" in o), "")


def text_of(value: Json) -> str:
    """A value as Std:Join writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def _comparable(left: Json, right: Json) -> bool:
    numbers = [isinstance(v, (int, float)) and not isinstance(v, bool) for v in (left, right)]
    return all(numbers) or type(left) is type(right)


def _wants_text(shape: Any) -> bool:
    return getattr(shape, "type_name", "") == "string"


def _member(shape: Any, name: str) -> Any:
    if getattr(shape, "type_name", "") == "map":
        return shape.value
    return getattr(shape, "members", {}).get(name)


def _item(value: Any, part: str | int, before: str) -> Any:
    if isinstance(part, str) and part.startswith("'"):
        if isinstance(value, list):
            key = properties.NAMED_LISTS[before]
            found: Any = next((item for item in value if item.get(key) == part[1:]), None)
            if found is None:
                raise KeyError(part)
            return found
        return value[part[1:]]
    return value[part]


def _instant(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
