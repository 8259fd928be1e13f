"""The steps of a pipeline definition: the envelope that all share, and what each type has beside it.

`StepReader` collects problems and steps; definition.py reads the top of the document and ties the steps together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from localcloud import arguments, expressions, properties
from localcloud.interfaces import Json

NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_EXPIRE = re.compile(r"(?=.*[0-9])P?(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(\d+H)?(\d+S)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?", re.I)
_FUNCTION_ARN = re.compile(
    r"arn:aws[a-z\-]*:lambda:[a-z0-9\-]*:[0-9]{12}:function:[A-Za-z0-9\-_]{1,64}(:[A-Za-z0-9$\-_]+)?"
)
_QUEUE_URL = re.compile(r"https?://[^/\s]+/\S+")


KINDS_OF_PARAMETER = {"String": (str,), "Integer": (int,), "Float": (int, float), "Boolean": (bool,)}

JOBS = {"Processing", "Training", "Tuning", "AutoML", "Transform"}
CACHED = JOBS | {
    "ClarifyCheck",
    "QualityCheck",
    "EMR",
    "Lambda",
    "Callback",
    "EMRServerless",
    "EndpointConfig",
    "Endpoint",
}
RETRIED = JOBS | {"Model", "RegisterModel", "EMR", "EMRServerless", "EndpointConfig"}
STEP_ERRORS = {"Step.SERVICE_FAULT", "Step.THROTTLING"}
JOB_ERRORS = {"SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"}
INTERNAL_ERROR = "SageMaker.JOB_INTERNAL_ERROR"
EMR_ERROR = "Emr.RESOURCE_LIMIT"

TYPES = set(arguments.REQUESTS) | {
    "Condition",
    "Fail",
    "Lambda",
    "Callback",
    "EMR",
    "EMRServerless",
    "Lineage",
    "BedrockCustomModel",
    "BedrockCustomModelDeployment",
    "BedrockModelImport",
    "BedrockProvisionedModelThroughput",
}
_ENVELOPE = {"Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description"}
_CHECK_MEMBERS = {
    "CheckType",
    "ModelPackageGroupName",
    "SkipCheck",
    "RegisterNewBaseline",
    "FailOnViolation",
    "SuppliedBaselineConstraints",
}
_BESIDE: dict[str, set[str]] = {
    "Processing": {"PropertyFiles"},
    "Lambda": {"FunctionArn", "OutputParameters"},
    "Callback": {"SqsQueueUrl", "OutputParameters"},
    "QualityCheck": _CHECK_MEMBERS | {"SuppliedBaselineStatistics"},
    "ClarifyCheck": _CHECK_MEMBERS | {"ModelName"},
}
_CHECK_TYPES = {
    "QualityCheck": {"DATA_QUALITY", "MODEL_QUALITY"},
    "ClarifyCheck": {"DATA_BIAS", "MODEL_BIAS", "MODEL_EXPLAINABILITY"},
}
_COMPARISONS = {"Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"}


@dataclass
class Step:
    """A step, where it stands and what it waits for."""

    name: str
    type: str
    body: dict[str, Json]
    where: str
    parent: str | None = None
    """The Condition step in whose branch it stands."""
    branch: str = ""
    """IfSteps or ElseSteps, with a parent."""
    needs: set[str] = field(default_factory=set)
    """Steps it refers to or depends on (not the parent)."""

    @property
    def arguments(self) -> dict[str, Json]:
        found = self.body.get("Arguments")
        return found if isinstance(found, dict) else {}

    @property
    def own(self) -> dict[str, Json]:
        """The body without the steps of its branches."""
        if self.type != "Condition":
            return self.body
        kept = {k: v for k, v in self.arguments.items() if k not in ("IfSteps", "ElseSteps")}
        return {**self.body, "Arguments": kept}


class StepReader:
    """Reads steps; `found` grows by every problem, `steps` by every step that has a name and a type."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.steps: dict[str, Step] = {}

    def add(self, where: str, what: str) -> None:
        self.found.append(f"{where}: {what}" if where else what)

    def only(self, value: dict[str, Json], allowed: set[str], where: str) -> None:
        for name in value:
            if name not in allowed:
                self.add(where, f"Unknown property '{name}'")

    def text(self, value: Json, where: str, most: int, pattern: re.Pattern[str] | None = None, least: int = 1) -> None:
        if not isinstance(value, str) or not least <= len(value) <= most:
            self.add(where, f"a text of {least} to {most} characters is required, found {arguments.named(value)}")
        elif pattern is not None and not pattern.fullmatch(value):
            self.add(where, f"'{value}' must satisfy regular expression pattern: {pattern.pattern}")

    def array(self, value: Json, where: str, least: int = 0) -> list[Json]:
        if not isinstance(value, list):
            self.add(where, f"Expecting start of Json Array, found {arguments.named(value)}")
            return []
        if len(value) < least:
            self.add(where, f"at least {least} is required")
        return value

    def object(self, value: Json, where: str) -> dict[str, Json]:
        if not isinstance(value, dict) or expressions.kind(value):
            self.add(where, f"Expecting start of Json Object, found {arguments.named(value)}")
            return {}
        return value

    def scalar(self, value: Json, where: str) -> None:
        self.found += expressions.scalar_problems(value, where)

    def read_steps(self, value: Json, where: str, parent: str | None, branch: str) -> None:
        for i, item in enumerate(self.array(value, where, 1 if parent is None else 0)):
            self._step(self.object(item, f"{where}[{i}]"), f"{where}[{i}]", parent, branch)

    def _step(self, body: dict[str, Json], where: str, parent: str | None, branch: str) -> None:
        name, kind = body.get("Name"), body.get("Type")
        self.text(name, f"{where}.Name", 64, NAME)
        if not isinstance(kind, str) or kind not in TYPES:
            self.add(f"{where}.Type", f"unknown step type {kind!r}")
            return
        if not isinstance(name, str):
            return
        if name in self.steps:
            self.add(where, f"Duplicate step name '{name}': names are unique, branches included")
            return
        step = self.steps[name] = Step(name, kind, body, where, parent, branch)
        self._envelope(step)
        self._type(step)

    def _envelope(self, step: Step) -> None:
        body, where = step.body, step.where
        allowed = _ENVELOPE | _BESIDE.get(step.type, set())
        allowed |= {"CacheConfig"} if step.type in CACHED else set()
        allowed |= {"RetryPolicies"} if step.type in RETRIED else set()
        self.only(body, allowed, where)
        if "DisplayName" in body:
            self.text(body["DisplayName"], f"{where}.DisplayName", 256, least=0)
        if "Description" in body:
            self.text(body["Description"], f"{where}.Description", 3072, least=0)
        if "Arguments" not in body:
            self.add(where, "Missing required property 'Arguments'")
        if "Arguments" in body:
            self.object(body["Arguments"], f"{where}.Arguments")
        for i, name in enumerate(self.array(body.get("DependsOn", []), f"{where}.DependsOn")):
            self.text(name, f"{where}.DependsOn[{i}]", 64, NAME)
        if "CacheConfig" in allowed and "CacheConfig" in body:
            self._cache(self.object(body["CacheConfig"], f"{where}.CacheConfig"), f"{where}.CacheConfig")
        if "RetryPolicies" in allowed and "RetryPolicies" in body:
            self._retries(step)

    def _cache(self, config: dict[str, Json], where: str) -> None:
        self.only(config, {"Enabled", "ExpireAfter"}, where)
        if not isinstance(config.get("Enabled"), bool):
            self.add(f"{where}.Enabled", f"a boolean is required, found {arguments.named(config.get('Enabled'))}")
        after = config.get("ExpireAfter")
        if after is not None and not (isinstance(after, str) and len(after) > 1 and _EXPIRE.fullmatch(after)):
            self.add(f"{where}.ExpireAfter", f"{after!r} is not an ISO 8601 duration")

    def _retries(self, step: Step) -> None:
        used: set[str] = set()
        allowed = set(STEP_ERRORS)
        allowed |= JOB_ERRORS if step.type in JOBS else set()
        allowed |= {EMR_ERROR} if step.type == "EMR" else set()
        allowed |= {INTERNAL_ERROR} if step.type in ("Processing", "Training", "Transform") else set()
        for i, one in enumerate(self.array(step.body["RetryPolicies"], f"{step.where}.RetryPolicies")):
            where = f"{step.where}.RetryPolicies[{i}]"
            policy = self.object(one, where)
            self.only(
                policy, {"ExceptionType", "IntervalSeconds", "BackoffRate", "MaxAttempts", "ExpireAfterMin"}, where
            )
            for item in self.array(policy.get("ExceptionType"), f"{where}.ExceptionType", 1):
                name = str(item)
                if name not in allowed:
                    self.add(f"{where}.ExceptionType", f"{name!r} is not allowed on a {step.type} step")
                elif name in used:
                    self.add(f"{where}.ExceptionType", f"{name!r} stands in more than one policy of the step")
                used.add(name)
            for name, least, most in (
                ("IntervalSeconds", 0, 43200),
                ("MaxAttempts", 1, 20),
                ("ExpireAfterMin", 1, 14400),
            ):
                self._whole(policy.get(name), f"{where}.{name}", least, most)
            rate = policy.get("BackoffRate", 1.0)
            if isinstance(rate, bool) or not isinstance(rate, (int, float)) or rate < 0:
                self.add(f"{where}.BackoffRate", f"a number is required, found {rate!r}")
            if "MaxAttempts" in policy and "ExpireAfterMin" in policy:
                self.add(where, "MaxAttempts and ExpireAfterMin exclude each other")

    def _whole(self, value: Json, where: str, least: int, most: int) -> None:
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.add(where, f"a whole number from {least} to {most} is required, found {value!r}")

    def _type(self, step: Step) -> None:
        where = f"{step.where}.Arguments"
        if step.type in arguments.REQUESTS:
            self._request(step, where)
        elif step.type == "Condition":
            self._condition(step, where)
        elif step.type == "Fail":
            self._fail(step, where)
        elif step.type in ("Lambda", "Callback"):
            self._call(step, where)
        elif step.type == "EMR":
            self._emr(step, where)
        elif step.type == "EMRServerless":
            self.only(step.arguments, {"ExecutionRoleArn", "ApplicationId", "ApplicationConfig", "JobConfig"}, where)
        elif step.type == "Lineage":
            self._lineage(step, where)
        if step.type in _CHECK_TYPES:
            self._check(step)
        if step.type == "Processing" and "PropertyFiles" in step.body:
            self._property_files(step)

    def _request(self, step: Step, where: str) -> None:
        request = arguments.REQUESTS[step.type]
        shape = arguments.shape_of(step.type)
        missing = f"{where}: Missing required member '{request.name}'"
        found = [p for p in arguments.check(shape, step.arguments, where) if p != missing]
        self.found += found
        if not found:
            self.found += arguments.rule_problems(step.type, step.arguments, where)

    def _condition(self, step: Step, where: str) -> None:
        args = step.arguments
        self.only(args, {"Conditions", "IfSteps", "ElseSteps"}, where)
        for i, item in enumerate(self.array(args.get("Conditions"), f"{where}.Conditions", 1)):
            self._clause(item, f"{where}.Conditions[{i}]")
        for branch in ("IfSteps", "ElseSteps"):
            self.read_steps(args.get(branch, []), f"{where}.{branch}", step.name, branch)

    def _clause(self, value: Json, where: str) -> None:
        clause = self.object(value, where)
        kind = str(clause.get("Type"))
        if kind in _COMPARISONS:
            members = {"LeftValue", "RightValue"}
        elif kind in _CLAUSES:
            members = _CLAUSES[kind]
        else:
            self.add(f"{where}.Type", f"unknown condition {kind!r}")
            return
        for name in clause:
            if name not in members | {"Type"}:
                self.add(where, f"unknown property '{name}'")
        for name in sorted(members - set(clause)):
            self.add(where, f"Missing required property '{name}'")
        if kind == "Not" and "Condition" in clause:
            self._clause(clause["Condition"], f"{where}.Condition")
        for i, item in enumerate(self.array(clause.get("Conditions", []), f"{where}.Conditions", int(kind == "Or"))):
            self._clause(item, f"{where}.Conditions[{i}]")
        for i, item in enumerate(self.array(clause.get("Values", []), f"{where}.Values", int(kind == "In"))):
            self.scalar(item, f"{where}.Values[{i}]")
        for name in ("LeftValue", "RightValue", "QueryValue"):
            if name in clause:
                self.scalar(clause[name], f"{where}.{name}")

    def _fail(self, step: Step, where: str) -> None:
        self.only(step.arguments, {"ErrorMessage"}, where)
        message = step.arguments.get("ErrorMessage")
        if not isinstance(message, str) and expressions.kind(message) not in (expressions.GET, expressions.JOIN):
            self.add(f"{where}.ErrorMessage", "a text, a Get or a Std:Join is required")
        elif isinstance(message, dict):
            self.scalar(message, f"{where}.ErrorMessage")

    def _call(self, step: Step, where: str) -> None:
        """Lambda and Callback."""
        for name, value in step.arguments.items():
            self.scalar(value, f"{where}.{name}")
        target, pattern = ("FunctionArn", _FUNCTION_ARN) if step.type == "Lambda" else ("SqsQueueUrl", _QUEUE_URL)
        value = step.body.get(target)
        if expressions.kind(value):
            self.scalar(value, f"{step.where}.{target}")
        else:
            self.text(value, f"{step.where}.{target}", 2048, pattern)
        names: set[str] = set()
        for i, item in enumerate(self.array(step.body.get("OutputParameters", []), f"{step.where}.OutputParameters")):
            at = f"{step.where}.OutputParameters[{i}]"
            output = self.object(item, at)
            self.only(output, {"OutputName", "OutputType"}, at)
            self.text(output.get("OutputName"), f"{at}.OutputName", 256)
            if str(output.get("OutputType")) not in KINDS_OF_PARAMETER:
                kinds = ", ".join(KINDS_OF_PARAMETER)
                self.add(f"{at}.OutputType", f"one of {kinds} is required, found {output.get('OutputType')!r}")
            if str(output.get("OutputName")) in names:
                self.add(at, f"Duplicate output '{output.get('OutputName')}'")
            names.add(str(output.get("OutputName")))

    def _emr(self, step: Step, where: str) -> None:
        args = step.arguments
        self.only(args, {"ClusterId", "ClusterConfig", "ExecutionRoleArn", "StepConfig"}, where)
        if ("ClusterId" in args) == ("ClusterConfig" in args):
            self.add(where, "exactly one of ClusterId and ClusterConfig is required")
        if "ExecutionRoleArn" in args and "ClusterId" not in args:
            self.add(where, "ExecutionRoleArn is allowed with ClusterId only")
        if "ClusterId" in args:
            self.scalar(args["ClusterId"], f"{where}.ClusterId")
        config = self.object(args.get("StepConfig"), f"{where}.StepConfig")
        shape = arguments.model("emr").shape_for("HadoopJarStepConfig")
        self.only(config, {"HadoopJarStep"}, f"{where}.StepConfig")
        jar = config.get("HadoopJarStep")
        self.found += arguments.check(shape, jar, f"{where}.StepConfig.HadoopJarStep")
        if "ClusterConfig" in args:
            self._emr_cluster(args["ClusterConfig"], f"{where}.ClusterConfig")

    def _emr_cluster(self, value: Json, where: str) -> None:
        config = self.object(value, where)
        for name in ("Name", "Steps", "AutoTerminationPolicy"):
            if name in config:
                self.add(where, f"Unknown Argument member '{name}'")
        instances = config.get("Instances")
        if isinstance(instances, dict):
            for name in ("KeepJobFlowAliveWhenNoSteps", "TerminationProtected"):
                if name in instances:
                    self.add(f"{where}.Instances", f"Unknown Argument member '{name}'")
        shape = arguments.model("emr").operation_model("RunJobFlow").input_shape
        missing = f"{where}: Missing required member 'Name'"
        self.found += [p for p in arguments.check(shape, config, where) if p != missing]

    def _lineage(self, step: Step, where: str) -> None:
        kinds = {"Action": "Actions", "Artifact": "Artifacts", "Context": "Contexts"}
        self.only(step.arguments, {*kinds.values(), "Associations"}, where)
        for kind, created in kinds.items():
            shape = arguments.model().operation_model(f"Create{kind}").input_shape
            for i, item in enumerate(self.array(step.arguments.get(created, []), f"{where}.{created}")):
                self.found += arguments.check(shape, item, f"{where}.{created}[{i}]")
        for i, item in enumerate(self.array(step.arguments.get("Associations", []), f"{where}.Associations")):
            at = f"{where}.Associations[{i}]"
            association = self.object(item, at)
            self.only(association, {"Source", "Destination", "AssociationType"}, at)
            for end in ("Source", "Destination"):
                one = self.object(association.get(end), f"{at}.{end}")
                if set(one) not in ({"Arn"}, {"Name", "Type"}):
                    self.add(f"{at}.{end}", "either Arn, or Name and Type is required")
                elif "Name" in one:
                    of_kind = kinds.get(str(one["Type"]), "")
                    names = properties.names_in(step.arguments, (of_kind,), f"{one['Type']}Name")
                    if isinstance(one["Name"], str) and one["Name"] not in names:
                        self.add(f"{at}.{end}.Name", f"the step creates no {one['Type']} '{one['Name']}'")

    def _check(self, step: Step) -> None:
        kinds = _CHECK_TYPES[step.type]
        if str(step.body.get("CheckType")) not in kinds:
            kind = step.body.get("CheckType")
            self.add(f"{step.where}.CheckType", f"one of {', '.join(sorted(kinds))} is required, found {kind!r}")
        for name in _BESIDE[step.type] - {"CheckType"}:
            if step.body.get(name) is None:
                continue
            value, where = step.body[name], f"{step.where}.{name}"
            wanted = bool if name in ("SkipCheck", "RegisterNewBaseline", "FailOnViolation") else str
            if not expressions.kind(value) and not isinstance(value, wanted):
                self.add(where, f"a {'boolean' if wanted is bool else 'text'} is required")
            else:
                self.scalar(value, where)
        if step.type == "ClarifyCheck" and step.body.get("CheckType") != "DATA_BIAS" and "ModelName" not in step.body:
            self.add(step.where, "Missing required property 'ModelName'")

    def _property_files(self, step: Step) -> None:
        outputs = properties.names_in(step.arguments, ("ProcessingOutputConfig", "Outputs"), "OutputName")
        names: set[str] = set()
        for i, item in enumerate(self.array(step.body["PropertyFiles"], f"{step.where}.PropertyFiles")):
            where = f"{step.where}.PropertyFiles[{i}]"
            file = self.object(item, where)
            self.only(file, {"PropertyFileName", "OutputName", "FilePath"}, where)
            self.text(file.get("PropertyFileName"), f"{where}.PropertyFileName", 64, NAME)
            self.text(file.get("FilePath"), f"{where}.FilePath", 1024)
            if file.get("OutputName") not in outputs:
                self.add(f"{where}.OutputName", f"the step has no output {file.get('OutputName')!r}")
            if str(file.get("PropertyFileName")) in names:
                self.add(where, f"Duplicate property file '{file.get('PropertyFileName')}'")
            names.add(str(file.get("PropertyFileName")))


_CLAUSES = {"In": {"QueryValue", "Values"}, "Not": {"Condition"}, "Or": {"Conditions"}}
