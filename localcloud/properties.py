"""Properties of steps: which paths `Steps.STEP.PATH` exist, held against the shapes of the `Describe*` answers.

`[0]` takes an item of a list, `['key']` an entry of a map or the item of a list whose name is `key`. Source: SageMaker
Python SDK, `workflow/properties.py`, and the developer guide's table of step properties.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from localcloud import arguments, expressions
from localcloud.interfaces import Json

if TYPE_CHECKING:
    from localcloud.steps import Step

NAMED_LISTS = {
    "Outputs": "OutputName",
    "ProcessingInputs": "InputName",
    "InputDataConfig": "ChannelName",
    "FinalMetricDataList": "MetricName",
    "MetricDefinitions": "Name",
    "ProductionVariants": "VariantName",
}
"""Lists that are read by the name of an item -> the member that is its name."""

_BASELINES = {
    "CalculatedBaselineConstraints",
    "CalculatedBaselineStatistics",
    "BaselineUsedForDriftCheckConstraints",
    "BaselineUsedForDriftCheckStatistics",
}
PLAIN: dict[str, set[str]] = {
    "Condition": {"Outcome"},
    "QualityCheck": _BASELINES,
    "ClarifyCheck": {name for name in _BASELINES if name.endswith("Constraints")},
    "EMR": {"ClusterId"},
}
"""Types whose properties are no Describe answer."""
ANSWERS = {"EMR": ("emr", "Step"), "EMRServerless": ("emr-serverless", "GetJobRunResponse")}
"""Types that run on another service -> the shape of that service's answer."""
_AUTOML = "BestCandidateProperties"
_AUTOML_REPORTS = {"ModelInsightsJsonReportPath", "ExplainabilityJsonReportPath"}
"""Of an AutoML step, beside the Describe answer: where the reports on the best candidate are (SDK, `properties.py`)."""
_LINEAGE = {"ActionArns", "ArtifactArns", "ContextArns", "Associations"}
MOST_TUNING_JOBS = 50


def names_in(value: Json, path: tuple[str, ...], key: str) -> list[str]:
    """The literal names of a named list inside arguments; empty when it is not there."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, list):
        return []
    return [str(item[key]) for item in value if isinstance(item, dict) and isinstance(item.get(key), str)]


def problem(step: Step, ref: expressions.Reference) -> str | None:
    """Why a reference to this (existing) step names nothing; None when it does."""
    if step.type == "Fail":
        return f"the Fail step '{step.name}' has no properties"
    if ref.path.startswith("PropertyFiles."):
        return _property_file_problem(step, ref)
    path = expressions.parts(ref.path)
    if path is None:
        return f"'{ref.text}' is not a property of step '{step.name}'"
    if step.type in ("Lambda", "Callback"):
        return _output_problem(step, path, ref)
    if step.type == "Lineage":
        fits = len(path) == 2 and path[0] in _LINEAGE
        return None if fits else f"'{ref.path}' is not a property of a Lineage step"
    if step.type == "AutoML" and path[0] == _AUTOML:
        fits = len(path) == 2 and path[1] in _AUTOML_REPORTS
        return None if fits else f"'{ref.path}' is not a property of an AutoML step"
    plain = PLAIN.get(step.type)
    if plain is not None and len(path) == 1 and path[0] in plain:
        return None
    if step.type in ANSWERS:
        service, shape = ANSWERS[step.type]
        known = _exists(arguments.model(service).shape_for(shape), path)
        return None if known else f"'{ref.path}' is not a property of a {step.type} step"
    request = arguments.REQUESTS.get(step.type)
    if request is None:
        known = step.type.startswith("Bedrock") and all(isinstance(p, str) for p in path)
        return None if known else f"'{ref.path}' is not a property of a {step.type} step"
    if step.type == "Tuning" and path[0] == "TrainingJobSummaries":
        return _summary_problem(path, ref)
    if step.type in PLAIN:
        return f"'{ref.path}' is not a property of a {step.type} step"
    if _exists(arguments.model(request.service).shape_for(request.describe), path):
        return _named_item_problem(step, path)
    return f"'{ref.path}' is not a property of a {step.type} step"


def _property_file_problem(step: Step, ref: expressions.Reference) -> str | None:
    named = ref.property_file
    files = names_in(step.body, ("PropertyFiles",), "PropertyFileName")
    if named and named[1] in files and ref.where.endswith(".PropertyFile"):
        return None
    if named and named[1] in files:
        return "a property file is read by Std:JsonGet only"
    return f"step '{step.name}' has no property file '{ref.path.partition('.')[2]}'"


def _output_problem(step: Step, path: list[str | int], ref: expressions.Reference) -> str | None:
    if len(path) != 2 or path[0] != "OutputParameters" or not str(path[1]).startswith("'"):
        return f"'{ref.path}' is not a property of a {step.type} step (OutputParameters['name'] is)"
    name = str(path[1])[1:]
    if name not in names_in(step.body, ("OutputParameters",), "OutputName"):
        return f"step '{step.name}' has no output parameter '{name}'"
    return None


def _summary_problem(path: list[str | int], ref: expressions.Reference) -> str | None:
    shape = arguments.model().shape_for("HyperParameterTrainingJobSummary")
    within = len(path) > 2 and isinstance(path[1], int) and path[1] < MOST_TUNING_JOBS
    if within and _exists(shape, path[2:]):
        return None
    return f"'{ref.path}' is not a property of a Tuning step (items 0 to {MOST_TUNING_JOBS - 1})"


def _exists(shape: Any, path: list[str | int]) -> bool:
    previous = ""
    for part in path:
        if isinstance(part, int):
            if shape.type_name != "list":
                return False
            shape = shape.member
        elif part.startswith("'"):
            if shape.type_name == "map":
                shape = shape.value
            elif shape.type_name == "list" and previous in NAMED_LISTS:
                shape = shape.member
            else:
                return False
        elif shape.type_name == "structure" and part in shape.members:
            shape, previous = shape.members[part], part
        else:
            return False
    return shape.type_name not in ("structure", "list", "map")


def _named_item_problem(step: Step, path: list[str | int]) -> str | None:
    """A named item must be one that the step itself declares."""
    declared = {
        ("Processing", "Outputs"): (("ProcessingOutputConfig", "Outputs"), "OutputName"),
        ("Processing", "ProcessingInputs"): (("ProcessingInputs",), "InputName"),
        ("Training", "InputDataConfig"): (("InputDataConfig",), "ChannelName"),
        ("Training", "FinalMetricDataList"): (("AlgorithmSpecification", "MetricDefinitions"), "Name"),
    }
    for before, part in itertools.pairwise(path):
        at = declared.get((step.type, str(before)))
        if at is None or not isinstance(part, str) or not part.startswith("'"):
            continue
        names = names_in(step.arguments, *at)
        built_in = step.type == "Training" and before == "FinalMetricDataList" and not names
        if part[1:] not in names and not built_in:
            return f"step '{step.name}' has no '{part[1:]}' in {before}"
    return None
