"""The expressions of a pipeline definition: `{"Get": ...}`, `{"Std:Join": ...}`, `{"Std:JsonGet": ...}`.

An object is an expression when it has exactly one member and that member has one of these names; any other object is
data. Sources: SageMaker AI developer guide (pipelines-build, pipelines-variables), SageMaker Python SDK
(`workflow/properties.py`, `functions.py`, `execution_variables.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localcloud.interfaces import Json

GET, JOIN, JSON_GET = "Get", "Std:Join", "Std:JsonGet"

EXECUTION_VARIABLES = {
    "StartDateTime",
    "CurrentDateTime",
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "TrainingJobName",
    "ProcessingJobName",
}
EXPERIMENT_NAMES = {"PipelineExperimentConfig.ExperimentName", "PipelineExperimentConfig.TrialName"}

_PART = re.compile(r"\.?([A-Za-z][A-Za-z0-9]*)|\[(\d{1,4})\]|\['([^'\]]*)'\]")
_STEP = re.compile(r"Steps\.([A-Za-z0-9\-_]{1,64})(?:\.|$)(.*)", re.S)
_FILE = re.compile(r"Steps\.([A-Za-z0-9\-_]{1,64})\.PropertyFiles\.([A-Za-z0-9\-_]{1,64})")
_JSON_PATH = re.compile(r"(?:\.?([A-Za-z_][A-Za-z0-9_\-]*))|\[(\d{1,6})\]|\['([^'\]]*)'\]|\[\"([^\"\]]*)\"\]")


def kind(value: Json) -> str | None:
    """Get, Std:Join or Std:JsonGet; None for anything that is not an expression."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    name = next(iter(value))
    return name if name in (GET, JOIN, JSON_GET) else None


@dataclass(frozen=True)
class Reference:
    """A `Get` read: what it names, and where in the definition it stands."""

    text: str
    where: str

    @property
    def space(self) -> str:
        """Parameters, Execution, Steps, PipelineExperimentConfig, or whatever stands before the first dot."""
        return self.text.partition(".")[0]

    @property
    def step(self) -> str | None:
        """The step a `Steps.` reference names; None for other references and for a text that names none."""
        match = _STEP.fullmatch(self.text)
        return match[1] if match else None

    @property
    def path(self) -> str:
        match = _STEP.fullmatch(self.text)
        return match[2] if match else self.text.partition(".")[2]

    @property
    def property_file(self) -> tuple[str, str] | None:
        """(step, file) when this names a property file."""
        match = _FILE.fullmatch(self.text)
        return (match[1], match[2]) if match else None


def parts(path: str) -> list[str | int] | None:
    """`A.B[0]['k'].C` as ["A", "B", 0, "'k'", "C"]; None when it is not such a path. A key in quotes keeps one quote
    in front, so that it is not taken for a member."""
    found: list[str | int] = []
    at = 0
    while at < len(path):
        match = _PART.match(path, at)
        if match is None or (at == 0 and match[1] is None) or (at == 0 and path.startswith(".")):
            return None
        if at > 0 and match[1] is not None and not match[0].startswith("."):
            return None
        if match[1] is not None:
            found.append(match[1])
        elif match[2] is not None:
            found.append(int(match[2]))
        else:
            found.append("'" + match[3])
        at = match.end()
    return found or None


def json_path(path: str) -> list[str | int] | None:
    """The path of a Std:JsonGet, `a.b[0]['c']` (with or without `$.`), as names and indices; None: not one."""
    rest = path[1:] if path.startswith("$[") else path.removeprefix("$.")
    found: list[str | int] = []
    at = 0
    while at < len(rest):
        match = _JSON_PATH.match(rest, at)
        if match is None or (at > 0 and match[1] is not None and rest[at] != "."):
            return None
        if at == 0 and rest.startswith("."):
            return None
        name = next((g for g in (match[1], match[3], match[4]) if g is not None), None)
        found.append(int(match[2]) if name is None else name)
        at = match.end()
    return found or None


def look_up(document: Json, path: str) -> Json:
    """The value at a Std:JsonGet's path. KeyError when it is not there."""
    names = json_path(path)
    if names is None:
        raise KeyError(f"{path!r} is not a path")
    for name in names:
        try:
            document = document[name]
        except (KeyError, IndexError, TypeError):
            raise KeyError(f"nothing at {path!r}") from None
    return document


def references(value: Json, where: str = "") -> Iterator[Reference]:
    """Every `Get` inside a value, however deep, those of Std:Join and Std:JsonGet included."""
    if kind(value) == GET and isinstance(value[GET], str):
        yield Reference(value[GET], where)
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from references(inner, f"{where}.{name}" if where else name)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from references(inner, f"{where}[{i}]")


def form_problems(value: dict[str, Any], where: str) -> Iterator[str]:
    """What is wrong with the form of an expression (not with what it names)."""
    name = kind(value)
    inner = value[name] if name else None
    if name == GET:
        if not isinstance(inner, str) or "." not in inner:
            yield f"{where}: a Get holds a text like 'Parameters.name', not {inner!r}"
    elif name == JOIN:
        yield from _join_problems(inner, where)
    elif name == JSON_GET:
        yield from _json_get_problems(inner, where)


def scalar_problems(value: Json, where: str) -> Iterator[str]:
    """A text, number, boolean or expression is wanted here."""
    if kind(value):
        yield from form_problems(value, where)
    elif value is None:
        yield f"{where}: null"
    elif isinstance(value, (dict, list)):
        found = "an object" if isinstance(value, dict) else "a list"
        yield f"{where}: Expecting a text, number, boolean or function, found {found}"


def _join_problems(inner: Json, where: str) -> Iterator[str]:
    if not isinstance(inner, dict) or set(inner) != {"On", "Values"}:
        yield f"{where}: Std:Join has exactly the members On and Values"
        return
    if not isinstance(inner["On"], str):
        yield f"{where}.On: a text is required"
    if not isinstance(inner["Values"], list):
        yield f"{where}.Values: Expecting start of Json Array"
        return
    for i, item in enumerate(inner["Values"]):
        yield from scalar_problems(item, f"{where}.Values[{i}]")


def _json_get_problems(inner: Json, where: str) -> Iterator[str]:
    if not isinstance(inner, dict) or set(inner) not in ({"PropertyFile", "Path"}, {"S3Uri", "Path"}):
        yield f"{where}: Std:JsonGet has exactly the members Path and one of PropertyFile, S3Uri"
        return
    if not isinstance(inner["Path"], str) or json_path(inner["Path"]) is None:
        yield f"{where}.Path: {inner['Path']!r} is not a JSON path"
    if "S3Uri" in inner:
        yield from scalar_problems(inner["S3Uri"], f"{where}.S3Uri")
        literal = inner["S3Uri"]
        if isinstance(literal, str) and not literal.startswith("s3://"):
            yield f"{where}.S3Uri: {literal!r} does not begin with s3://"
        return
    file = inner["PropertyFile"]
    if kind(file) != GET or Reference(str(file[GET]), where).property_file is None:
        yield f"{where}.PropertyFile: a Get of Steps.STEP.PropertyFiles.FILE is required"
