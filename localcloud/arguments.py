"""A step's Arguments held against the API's request shapes, with expressions allowed wherever a scalar stands.

Arguments of a job step are the members of the matching `Create*` request (SageMaker AI developer guide,
build-and-manage-steps; the shapes come from botocore's model, which AWS publishes). Literals are checked as the service
checks them: kinds, required and unknown members, enums, lengths, ranges, patterns. With `with_expressions=False` a
request is checked whose expressions have been resolved, which is what the service does when it creates the job.

Instance types are held against the form only: the model's list ages, and the service knows more.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import botocore.session

from localcloud import expressions
from localcloud.interfaces import Json


@dataclass(frozen=True)
class Request:
    """The request that a step type's Arguments become."""

    operation: str
    name: str
    """The member that names what is created; the service fills it in."""
    describe: str
    """The shape in which a `Get` of the step's properties is looked up."""
    refused: tuple[str, ...] = ()
    """Members of the request that a pipeline refuses."""
    service: str = "sagemaker"


REQUESTS = {
    "Processing": Request("CreateProcessingJob", "ProcessingJobName", "DescribeProcessingJobResponse"),
    "Training": Request("CreateTrainingJob", "TrainingJobName", "DescribeTrainingJobResponse"),
    "Tuning": Request(
        "CreateHyperParameterTuningJob", "HyperParameterTuningJobName", "DescribeHyperParameterTuningJobResponse"
    ),
    "Transform": Request("CreateTransformJob", "TransformJobName", "DescribeTransformJobResponse"),
    "AutoML": Request(
        "CreateAutoMLJob",
        "AutoMLJobName",
        "DescribeAutoMLJobResponse",
        refused=("ModelDeployConfig", "GenerateCandidateDefinitionsOnly"),
    ),
    "Model": Request("CreateModel", "ModelName", "DescribeModelOutput"),
    "RegisterModel": Request(
        "CreateModelPackage",
        "ModelPackageName",
        "DescribeModelPackageOutput",
        refused=("ModelPackageName", "CertifyForMarketplace"),
    ),
    "EndpointConfig": Request(
        "CreateEndpointConfig",
        "EndpointConfigName",
        "DescribeEndpointConfigOutput",
        refused=("DataCaptureConfig", "ExplainerConfig"),
    ),
    "Endpoint": Request("CreateEndpoint", "EndpointName", "DescribeEndpointOutput", refused=("DeploymentConfig",)),
    "InferenceComponent": Request(
        "CreateInferenceComponent", "InferenceComponentName", "DescribeInferenceComponentOutput"
    ),
    "QualityCheck": Request("CreateProcessingJob", "ProcessingJobName", "DescribeProcessingJobResponse"),
    "ClarifyCheck": Request("CreateProcessingJob", "ProcessingJobName", "DescribeProcessingJobResponse"),
}

REFUSED_ANYWHERE = {"AdditionalModelDataSources"}
"""In the API model, and refused inside a pipeline (aws/sagemaker-python-sdk#4994)."""

TAKES_ANY = {"ResponseMIMETypes", "RealtimeInferenceInstanceTypes", "TransformInstanceTypes"}
"""Lists in which a definition may say "*"; the request that it becomes may be refused."""

_INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9\-]{1,32}\.[a-z0-9\-]{1,32}")


@functools.cache
def model(service: str = "sagemaker") -> Any:
    return botocore.session.get_session().get_service_model(service)


def shape_of(step_type: str) -> Any:
    request = REQUESTS[step_type]
    return model(request.service).operation_model(request.operation).input_shape


@dataclass
class _Walk:
    expressions: bool
    problems: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")

    def value(self, shape: Any, value: Json, where: str) -> None:
        if value is None:
            self.add(where, "null (leave the member out)")
        elif shape.type_name in _COMPOUND:
            self._compound(shape, value, where)
        elif isinstance(value, dict) and self.expressions and expressions.kind(value):
            self.problems += expressions.form_problems(value, where)
        else:
            self.problems += literal_problems(shape, value, where)

    def _compound(self, shape: Any, value: Json, where: str) -> None:
        wanted = list if shape.type_name == "list" else dict
        if not isinstance(value, wanted):
            self.add(where, f"Expecting start of Json {'Array' if wanted is list else 'Object'}, found {named(value)}")
            return
        if self.expressions and expressions.kind(value) and next(iter(value)) not in getattr(shape, "members", ()):
            self.add(where, "Expecting start of Json Object, found a function")
            return
        getattr(self, f"_{shape.type_name}")(shape, value, where)

    def _structure(self, shape: Any, value: dict[str, Json], where: str) -> None:
        for name in value:
            if name not in shape.members or name in REFUSED_ANYWHERE:
                self.add(where, f"Unknown Argument member '{name}'")
        for name in shape.required_members:
            if name not in value:
                self.add(where, f"Missing required member '{name}'")
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            self.add(where, f"exactly one of {', '.join(sorted(shape.members))} is required")
        for name, member in shape.members.items():
            if name in value:
                self.value(member, value[name], f"{where}.{name}")

    def _list(self, shape: Any, value: list[Json], where: str) -> None:
        self.problems += bounds_problems(shape, len(value), where, "members")
        for i, item in enumerate(value):
            if not (self.expressions and item == "*" and shape.name in TAKES_ANY):
                self.value(shape.member, item, f"{where}[{i}]")

    def _map(self, shape: Any, value: dict[str, Json], where: str) -> None:
        self.problems += bounds_problems(shape, len(value), where, "entries")
        for key, item in value.items():
            self.problems += literal_problems(shape.key, key, f"{where} key '{key}'")
            self.value(shape.value, item, f"{where}['{key}']")


_COMPOUND = ("structure", "list", "map")


def check(shape: Any, value: Json, where: str, with_expressions: bool = True) -> list[str]:
    """Everything in which `value` does not fit `shape`."""
    walk = _Walk(with_expressions)
    walk.value(shape, value, where)
    return walk.problems


def named(value: Json) -> str:
    if expressions.kind(value):
        return "a function"
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def literal_problems(shape: Any, value: Json, where: str) -> Iterator[str]:
    """A scalar that is no expression."""
    kind = shape.type_name
    if kind in ("string", "blob"):
        yield from _string_problems(shape, value, where)
    elif kind in ("integer", "long"):
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{where}: a whole number is required, found {named(value)}"
        else:
            yield from bounds_problems(shape, value, where, "")
    elif kind in ("float", "double"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield f"{where}: a number is required, found {named(value)}"
        else:
            yield from bounds_problems(shape, value, where, "")
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{where}: a boolean is required, found {named(value)}"
    elif not isinstance(value, (str, int, float)) or isinstance(value, bool):
        yield f"{where}: a {kind} is required, found {named(value)}"


def _string_problems(shape: Any, value: Json, where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where}: a text is required, found {named(value)}"
        return
    yield from bounds_problems(shape, len(value), where, "characters")
    enum = shape.metadata.get("enum")
    if enum and shape.name.endswith("InstanceType") and value not in enum:
        if not _INSTANCE_TYPE.fullmatch(value):
            yield f"{where}: '{value}' is not an instance type"
    elif enum and value not in enum:
        yield f"{where}: Member must satisfy enum value set: [{', '.join(enum)}], found '{value[:80]}'"
    pattern = compiled(shape.metadata.get("pattern"))
    if pattern is not None and not pattern.fullmatch(value):
        found = f"'{value[:80]}'"
        yield f"{where}: Member must satisfy regular expression pattern: {shape.metadata['pattern']}, found {found}"


def bounds_problems(shape: Any, size: float, where: str, unit: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < float(least):
        yield f"{where}: {shape.name} ({size} {unit}".rstrip() + f") is less than minimum limit ({least})"
    if most is not None and size > float(most):
        yield f"{where}: {shape.name} ({size} {unit}".rstrip() + f") exceeds maximum limit ({most})"


_JAVA = ((r"\p{L}", r"\w"), (r"\p{M}", r"\w"), (r"\p{Z}", r"\s"), (r"\p{N}", r"\d"), (r"\p{Alnum}", "a-zA-Z0-9"))


@functools.cache
def compiled(pattern: str | None) -> re.Pattern[str] | None:
    """The model's patterns are Java's: classes of Unicode are translated; what Python cannot read is not checked."""
    if pattern is None:
        return None
    pattern = re.sub(r"\$\{\d+,\d+\}$", "", pattern)
    for java, python in _JAVA:
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        return None


# Rules that the shapes do not hold


def rule_problems(step_type: str, arguments: dict[str, Json], where: str) -> Iterator[str]:
    """What a step of this type refuses although each member fits its shape (developer guide; SageMaker Python SDK)."""
    request = REQUESTS[step_type]
    for name in request.refused:
        if name in arguments:
            yield f"{where}: Unknown Argument member '{name}'"
    rules = _RULES.get(step_type)
    if rules:
        yield from rules(arguments, where)


def _training(arguments: dict[str, Json], where: str) -> Iterator[str]:
    if "ServerlessJobConfig" not in arguments:
        for name in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition"):
            if name not in arguments:
                yield f"{where}: Missing required member '{name}'"
    stopping = arguments.get("StoppingCondition")
    if not isinstance(stopping, dict):
        return
    run, wait = stopping.get("MaxRuntimeInSeconds"), stopping.get("MaxWaitTimeInSeconds")
    spot = arguments.get("EnableManagedSpotTraining")
    if isinstance(run, int) and isinstance(wait, int) and wait < run:
        yield f"{where}.StoppingCondition: MaxWaitTimeInSeconds ({wait}) is less than MaxRuntimeInSeconds ({run})"
    if spot is True and wait is None:
        yield f"{where}.StoppingCondition: managed spot training requires MaxWaitTimeInSeconds"
    resources = arguments.get("ResourceConfig")
    if spot is True and isinstance(resources, dict) and resources.get("KeepAlivePeriodInSeconds"):
        yield f"{where}.ResourceConfig: KeepAlivePeriodInSeconds and managed spot training exclude each other"


def _tuning(arguments: dict[str, Json], where: str) -> Iterator[str]:
    one, many = arguments.get("TrainingJobDefinition"), arguments.get("TrainingJobDefinitions")
    if (one is None) == (many is None):
        yield f"{where}: exactly one of TrainingJobDefinition and TrainingJobDefinitions is required"
    limits = (arguments.get("HyperParameterTuningJobConfig") or {}).get("ResourceLimits")
    if isinstance(limits, dict) and "MaxParallelTrainingJobs" in limits and "MaxNumberOfTrainingJobs" in limits:
        parallel, total = limits["MaxParallelTrainingJobs"], limits["MaxNumberOfTrainingJobs"]
        if isinstance(parallel, int) and isinstance(total, int) and parallel > total:
            yield f"{where}: MaxParallelTrainingJobs ({parallel}) exceeds MaxNumberOfTrainingJobs ({total})"


def _automl(arguments: dict[str, Json], where: str) -> Iterator[str]:
    mode = (arguments.get("AutoMLJobConfig") or {}).get("Mode")
    if mode != "ENSEMBLING":
        yield f"{where}.AutoMLJobConfig.Mode: only ENSEMBLING is supported in a pipeline, found {mode!r}"


def _model(arguments: dict[str, Json], where: str) -> Iterator[str]:
    if ("PrimaryContainer" in arguments) == ("Containers" in arguments):
        yield f"{where}: exactly one of PrimaryContainer and Containers is required"


def _register(arguments: dict[str, Json], where: str) -> Iterator[str]:
    if "ModelPackageGroupName" in arguments and "Tags" in arguments:
        yield f"{where}: Tags cannot be supplied with ModelPackageGroupName; the group's tags apply"


_RULES = {"Training": _training, "Tuning": _tuning, "AutoML": _automl, "Model": _model, "RegisterModel": _register}
