"""SageMaker's operations on pipelines and their executions, as the API model and the developer guide have them.

Pipelines stay in moto's backend, where tags and permissions find them; executions, steps and jobs live here, in memory,
and nothing expires. Every method takes the request's members and returns the answer's; sagemaker.py puts them in place.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sagemaker.exceptions import ResourceNotFound, ValidationError
from moto.sagemaker.models import FakePipeline

from localcloud import definition
from localcloud.activities import Activities
from localcloud.execution import Execution, Start, new_id
from localcloud.interfaces import Cloud, Gap, Json
from localcloud.jobs import moment
from localcloud.scenario import Scenario, ScenarioError

MOST_EXECUTIONS = 20
"""Concurrent executions of an account, unless the scenario's limits say otherwise (developer guide, quotas)."""
MOST_TAGS = 50
_INTEGER = re.compile(r"[+-]?\d+")
_FLOAT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")

Params = dict[str, Any]


class Conflict(ServiceException):
    code = "ConflictException"


class LimitExceeded(ServiceException):
    code = "ResourceLimitExceeded"


class SageMaker:
    """The state that moto does not have, and the operations."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.activities = Activities(cloud)
        self.executions: dict[str, Execution] = {}
        self._tokens: dict[tuple[str, str, str], tuple[Json, dict[str, Any]]] = {}
        self._counts: dict[str, int] = {}
        self._versions: dict[str, int] = {}

    # Helpers

    @property
    def pipelines(self) -> dict[str, FakePipeline]:
        found: dict[str, FakePipeline] = self.cloud.backend("sagemaker").pipelines
        return found

    def _pipeline(self, name: str) -> FakePipeline:
        """By name or ARN."""
        short = name.rsplit("/", 1)[-1]
        if short not in self.pipelines:
            arn = f"arn:aws:sagemaker:{self.cloud.region}:{self.cloud.account}:pipeline/{short}"
            raise ResourceNotFound(f"Pipeline '{arn}' does not exist.")
        return self.pipelines[short]

    def _execution(self, p: Params) -> Execution:
        arn = p.get("PipelineExecutionArn", "")
        if arn not in self.executions:
            raise ResourceNotFound(f"Pipeline execution with ARN {arn} does not exist.")
        return self.executions[arn]

    def _once(self, operation: str, subject: str, p: Params, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """A client token makes an operation happen once; used again for something else it is a conflict."""
        token = p.get("ClientRequestToken")
        if not token:
            raise ValidationError("Missing required parameter ClientRequestToken")
        key, body = (operation, subject, str(token)), {k: v for k, v in p.items() if k != "ClientRequestToken"}
        if key in self._tokens:
            before, answer = self._tokens[key]
            if before != body:
                self.cloud.violation(f"sagemaker:{operation}: a client token was used for two different requests", body)
                raise Conflict(f"ClientRequestToken {token} was used before with other parameters")
            return answer
        answer = do()
        self._tokens[key] = (body, answer)
        return answer

    def _definition(self, p: Params, name: str) -> str | None:
        """The definition's text, inline or from S3, checked. None: not given."""
        inline, place = p.get("PipelineDefinition"), p.get("PipelineDefinitionS3Location")
        if inline and place:
            raise ValidationError("Both Pipeline Definition and Pipeline Definition S3 Location shouldn't be present")
        if place:
            inline = self._from_s3(place)
        if inline is None:
            return None
        try:
            definition.read(inline, name)
        except definition.DefinitionError as error:
            self.cloud.violation(f"the definition of pipeline {name} is refused", error.problems[:20])
            raise ValidationError(str(error)) from None
        return str(inline)

    def _from_s3(self, place: dict[str, str]) -> str:
        backend = self.cloud.backend("s3")
        bucket = backend.buckets.get(place["Bucket"])
        found = backend.get_object(place["Bucket"], place["ObjectKey"], place.get("VersionId")) if bucket else None
        if found is None:
            raise ValidationError(f"Unable to read the pipeline definition s3://{place['Bucket']}/{place['ObjectKey']}")
        try:
            return bytes(found.value).decode()
        except UnicodeDecodeError:
            raise ValidationError("Unable to parse pipeline definition. It is not UTF-8") from None

    # Pipelines

    def create_pipeline(self, p: Params) -> dict[str, Any]:
        name = p["PipelineName"]

        def create() -> dict[str, Any]:
            if name in self.pipelines:
                raise ValidationError(
                    "Pipeline names must be unique within an AWS account and region. "
                    f"Pipeline with name ({name}) already exists."
                )
            text = self._definition(p, name)
            if text is None:
                raise ValidationError(
                    "Either Pipeline Definition or Pipeline Definition S3 location should be provided"
                )
            pipeline = FakePipeline(
                name,
                str(p.get("PipelineDisplayName") or name),
                text,
                p.get("PipelineDescription"),  # type: ignore[arg-type]
                p["RoleArn"],
                unique_tags(p.get("Tags", [])),
                self.cloud.account,
                self.cloud.region,
                p.get("ParallelismConfiguration"),  # type: ignore[arg-type]
            )
            pipeline.creation_time = pipeline.last_modified_time = moment(self.cloud.clock.now())
            self.pipelines[name] = pipeline
            self._versions[name] = 1
            return {"PipelineArn": pipeline.arn}

        return self._once("CreatePipeline", name, p, create)

    def update_pipeline(self, p: Params) -> dict[str, Any]:
        pipeline = self._pipeline(p["PipelineName"])
        text = self._definition(p, pipeline.pipeline_name)
        if text is not None:
            pipeline.pipeline_definition = text
        for member, attribute in (
            ("PipelineDisplayName", "pipeline_display_name"),
            ("PipelineDescription", "pipeline_description"),
            ("RoleArn", "role_arn"),
            ("ParallelismConfiguration", "parallelism_configuration"),
        ):
            if member in p:
                setattr(pipeline, attribute, p[member])
        pipeline.last_modified_time = moment(self.cloud.clock.now())
        self._versions[pipeline.pipeline_name] += 1
        return {"PipelineArn": pipeline.arn, "PipelineVersionId": self._versions[pipeline.pipeline_name]}

    def describe_pipeline(self, p: Params) -> dict[str, Any]:
        _unsupported(p, "PipelineVersionId", "PipelineVersionAlias")
        pipeline = self._pipeline(p["PipelineName"])
        answer = {
            "PipelineArn": pipeline.arn,
            "PipelineName": pipeline.pipeline_name,
            "PipelineDisplayName": pipeline.pipeline_display_name,
            "PipelineDefinition": pipeline.pipeline_definition,
            "PipelineDescription": pipeline.pipeline_description,
            "RoleArn": pipeline.role_arn,
            "PipelineStatus": "Active",
            "CreationTime": pipeline.creation_time,
            "LastModifiedTime": pipeline.last_modified_time,
            "LastRunTime": pipeline.last_execution_time,
            "ParallelismConfiguration": pipeline.parallelism_configuration,
        }
        return {k: v for k, v in answer.items() if v is not None}

    def delete_pipeline(self, p: Params) -> dict[str, Any]:
        def delete() -> dict[str, Any]:
            pipeline = self._pipeline(p["PipelineName"])
            running = [e for e in self._executions_of(pipeline) if e.status in ("Executing", "Stopping")]
            if running:
                raise Conflict(f"Pipeline {pipeline.arn} has an execution that is running: {running[0].start.arn}")
            del self.pipelines[pipeline.pipeline_name]
            for key in [k for k in self._tokens if k[0] == "CreatePipeline" and k[1] == pipeline.pipeline_name]:
                del self._tokens[key]
            return {"PipelineArn": pipeline.arn}

        return self._once("DeletePipeline", p["PipelineName"], p, delete)

    def list_pipelines(self, p: Params) -> dict[str, Any]:
        prefix = p.get("PipelineNamePrefix", "")
        rows = [x for x in self.pipelines.values() if x.pipeline_name.startswith(prefix)]
        rows = [x for x in rows if _within(x.creation_time.timestamp(), p)]
        by_name = p.get("SortBy") == "Name"
        rows.sort(key=lambda x: x.pipeline_name if by_name else x.creation_time.timestamp())
        answers = [
            {
                "PipelineArn": x.arn,
                "PipelineName": x.pipeline_name,
                "PipelineDisplayName": x.pipeline_display_name,
                "PipelineDescription": x.pipeline_description,
                "RoleArn": x.role_arn,
                "CreationTime": x.creation_time,
                "LastModifiedTime": x.last_modified_time,
                "LastExecutionTime": x.last_execution_time,
            }
            for x in _ordered(rows, p)
        ]
        trimmed = [{k: v for k, v in a.items() if v is not None} for a in answers]
        return _page(trimmed, p, "PipelineSummaries")

    # Executions

    def start_pipeline_execution(self, p: Params) -> dict[str, Any]:
        _unsupported(p, "SelectiveExecutionConfig", "PipelineVersionId", "PipelineVersionAlias", "RoleArn")
        pipeline = self._pipeline(p["PipelineName"])
        return self._once("StartPipelineExecution", pipeline.pipeline_name, p, lambda: self._start(pipeline, p))

    def _start(self, pipeline: FakePipeline, p: Params) -> dict[str, Any]:
        scenario = Scenario(self.cloud.scenario)
        try:
            scenario.check()
        except ScenarioError as error:
            raise Gap(f"the scenario: {error}") from error
        read = definition.read(pipeline.pipeline_definition, pipeline.pipeline_name)
        given = p.get("PipelineParameters", [])
        values = parameter_values(read, given)
        limit = scenario.limit("executions")
        running = [e for e in self.executions.values() if e.status in ("Executing", "Stopping")]
        if len(running) >= (MOST_EXECUTIONS if limit is None else limit):
            raise LimitExceeded(
                "The account-level service limit 'Maximum number of concurrent pipeline executions' is reached: "
                f"{len(running)} are running"
            )
        name, now = pipeline.pipeline_name, self.cloud.clock.now()
        arn = f"{pipeline.arn}/execution/{new_id()}"
        parallelism = p.get("ParallelismConfiguration") or pipeline.parallelism_configuration or {}
        start = Start(
            arn=arn,
            pipeline_arn=pipeline.arn,
            pipeline=name,
            definition=read,
            text=pipeline.pipeline_definition,
            parameters=values,
            given=given,
            index=self._counts.get(name, 0),
            display_name=p.get("PipelineExecutionDisplayName") or f"execution-{round(now * 1000)}",
            description=p.get("PipelineExecutionDescription"),
            parallelism=parallelism.get("MaxParallelExecutionSteps"),
            mlflow_experiment=p.get("MlflowExperimentName"),
        )
        self._counts[name] = start.index + 1
        pipeline.last_execution_time = moment(now)
        execution = self.executions[arn] = Execution(self.cloud, self.activities, start)
        execution.begin()
        return {"PipelineExecutionArn": arn}

    def _executions_of(self, pipeline: FakePipeline) -> list[Execution]:
        return [e for e in self.executions.values() if e.start.pipeline_arn == pipeline.arn]

    def describe_pipeline_execution(self, p: Params) -> dict[str, Any]:
        return self._execution(p).seen()[0]

    def list_pipeline_executions(self, p: Params) -> dict[str, Any]:
        pipeline = self._pipeline(p["PipelineName"])
        rows = [e for e in self._executions_of(pipeline) if _within(e.began, p)]
        by_arn = p.get("SortBy") == "PipelineExecutionArn"
        rows.sort(key=lambda e: e.start.arn if by_arn else e.began)
        return _page([_summary(e) for e in _ordered(rows, p)], p, "PipelineExecutionSummaries")

    def list_pipeline_execution_steps(self, p: Params) -> dict[str, Any]:
        rows = sorted(self._execution(p).seen()[1], key=lambda row: row["StartTime"])
        return _page(_ordered(rows, p), p, "PipelineExecutionSteps")

    def list_pipeline_parameters_for_execution(self, p: Params) -> dict[str, Any]:
        execution = self._execution(p)
        given = {g["Name"]: g["Value"] for g in execution.start.given}
        rows = []
        for name, value in execution.start.parameters.items():
            rows.append({"Name": name, "Value": given.get(name, _as_text(value))})
        return _page(rows, p, "PipelineParameters")

    def describe_pipeline_definition_for_execution(self, p: Params) -> dict[str, Any]:
        execution = self._execution(p)
        return {"PipelineDefinition": execution.start.text, "CreationTime": moment(execution.began)}

    def update_pipeline_execution(self, p: Params) -> dict[str, Any]:
        execution = self._execution(p)
        start = execution.start
        start.display_name = p.get("PipelineExecutionDisplayName", start.display_name)
        start.description = p.get("PipelineExecutionDescription", start.description)
        return {"PipelineExecutionArn": start.arn}

    def stop_pipeline_execution(self, p: Params) -> dict[str, Any]:
        execution = self._execution(p)

        def stop() -> dict[str, Any]:
            if execution.status != "Executing":
                raise ValidationError(f"Pipeline execution with status {execution.status} cannot be stopped")
            execution.stop()
            return {"PipelineExecutionArn": execution.start.arn}

        return self._once("StopPipelineExecution", execution.start.arn, p, stop)

    def retry_pipeline_execution(self, p: Params) -> dict[str, Any]:
        execution = self._execution(p)

        def retry() -> dict[str, Any]:
            if execution.status not in ("Failed", "Stopped"):
                raise ValidationError(f"Pipeline execution with status {execution.status} cannot be retried")
            if execution.failed_by_fail_step:
                raise ValidationError("A pipeline execution that was ended by a Fail step cannot be retried")
            execution.retry()
            return {"PipelineExecutionArn": execution.start.arn}

        return self._once("RetryPipelineExecution", execution.start.arn, p, retry)

    def send_pipeline_execution_step_success(self, p: Params) -> dict[str, Any]:
        outputs = {o["Name"]: o["Value"] for o in p.get("OutputParameters", [])}
        return self._answer(p["CallbackToken"], outputs, None)

    def send_pipeline_execution_step_failure(self, p: Params) -> dict[str, Any]:
        return self._answer(p["CallbackToken"], {}, p.get("FailureReason") or "The callback step failed")

    def _answer(self, token: str, outputs: dict[str, Json], failure: str | None) -> dict[str, Any]:
        arn = self.activities.answer_callback(token, outputs, failure)
        if arn is None:
            raise ResourceNotFound(f"Callback token {token} does not exist or its step has ended")
        return {"PipelineExecutionArn": arn}

    # Jobs and tags: ours first, then moto's

    def described_job(self, kind: str, name: str) -> dict[str, Any] | None:
        job = self.activities.jobs.get(name)
        if job is not None and job.kind.word == kind:
            return job.describe()
        if kind == "TrainingJob":
            children = (j.child(name) for j in self.activities.jobs.values() if j.type == "Tuning")
            return next((child for child in children if child is not None), None)
        return None

    def list_training_jobs_for_hyper_parameter_tuning_job(self, p: Params) -> dict[str, Any]:
        job = self.activities.jobs.get(p["HyperParameterTuningJobName"])
        if job is None or job.type != "Tuning":
            raise ResourceNotFound(f"Tuning job {p['HyperParameterTuningJobName']} does not exist")
        return _page(job.summaries(), p, "TrainingJobSummaries")

    def tagged(self, arn: str) -> FakePipeline | None:
        """The pipeline of an ARN; None for the ARN of something else."""
        kind, _, name = arn.split(":")[-1].partition("/")
        return self._pipeline(name) if kind == "pipeline" and "/" not in name else None


def parameter_values(read: definition.Definition, given: list[dict[str, str]]) -> dict[str, Json]:
    """Every parameter's value by its type. Raises ValidationError as StartPipelineExecution does."""
    names = [g["Name"] for g in given]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ValidationError(f"Duplicate pipeline parameter names: {twice}")
    unknown = sorted(set(names) - set(read.parameters))
    if unknown:
        raise ValidationError(f"Unknown parameters {unknown}: the pipeline has {sorted(read.parameters)}")
    values: dict[str, Json] = {n: s["DefaultValue"] for n, s in read.parameters.items() if "DefaultValue" in s}
    for one in given:
        values[one["Name"]] = _parameter(read.parameters[one["Name"]], one["Value"])
    missing = sorted(set(read.parameters) - set(values))
    if missing:
        raise ValidationError(f"Parameters {missing} do not have default values and must be provided.")
    return {name: values[name] for name in read.parameters}


def _parameter(spec: dict[str, Json], text: str) -> Json:
    name, kind = spec["Name"], spec["Type"]
    if kind == "Integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "Float" and _FLOAT.fullmatch(text):
        return float(text)
    if kind == "Boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind != "String":
        raise ValidationError(f"Parameter {name}: '{text}' is not a value of type {kind}")
    if "EnumValues" in spec and text not in spec["EnumValues"]:
        raise ValidationError(f"Parameter {name}: '{text}' is not one of {spec['EnumValues']}")
    return text


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _summary(execution: Execution) -> dict[str, Any]:
    shown = execution.seen()[0]
    answer = {
        "PipelineExecutionArn": shown["PipelineExecutionArn"],
        "StartTime": shown["CreationTime"],
        "PipelineExecutionStatus": shown["PipelineExecutionStatus"],
        "PipelineExecutionDisplayName": shown["PipelineExecutionDisplayName"],
    }
    for member, name in (
        ("PipelineExecutionDescription", "PipelineExecutionDescription"),
        ("FailureReason", "PipelineExecutionFailureReason"),
    ):
        if member in shown:
            answer[name] = shown[member]
    return answer


def _unsupported(p: Params, *members: str) -> None:
    for member in members:
        if member in p:
            raise Gap(f"sagemaker: member {member}")


def _within(at: float, p: Params) -> bool:
    after, before = p.get("CreatedAfter"), p.get("CreatedBefore")
    return (after is None or at > _unix(after)) and (before is None or at < _unix(before))


def _unix(value: Any) -> float:
    return float(value.timestamp()) if hasattr(value, "timestamp") else float(value)


def _ordered(rows: list[Any], p: Params) -> list[Any]:
    """Newest first, unless asked otherwise."""
    return rows if p.get("SortOrder") == "Ascending" else rows[::-1]


def _page(rows: list[Any], p: Params, member: str) -> dict[str, Any]:
    size, at = int(p.get("MaxResults", 100)), 0
    token = p.get("NextToken")
    if token:
        try:
            at = int(json.loads(base64.urlsafe_b64decode(token))["at"])
        except (ValueError, KeyError, TypeError):
            raise ValidationError("Invalid pagination token") from None
    answer: dict[str, Any] = {member: rows[at : at + size]}
    if at + size < len(rows):
        answer["NextToken"] = base64.urlsafe_b64encode(json.dumps({"at": at + size}).encode()).decode()
    return answer


def unique_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    keys = [t["Key"] for t in tags]
    if len(set(keys)) != len(keys):
        raise ValidationError("Duplicate tag keys")
    return list(tags)
