"""The strict SageMaker: pipelines are checked, runs are executed, and answers are those of the API model.

Replaces methods of moto's SageMakerResponse (dispatch is by X-Amz-Target) by those of pipelines.SageMaker. SCENARIOS.md
tells how a scenario decides what happens to the steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.responses import SageMakerResponse

from localcloud.interfaces import Cloud, Json
from localcloud.pipelines import MOST_TAGS, Params, SageMaker, unique_tags

OPERATIONS = (
    "create_pipeline",
    "update_pipeline",
    "describe_pipeline",
    "delete_pipeline",
    "list_pipelines",
    "start_pipeline_execution",
    "describe_pipeline_execution",
    "list_pipeline_executions",
    "list_pipeline_execution_steps",
    "list_pipeline_parameters_for_execution",
    "describe_pipeline_definition_for_execution",
    "update_pipeline_execution",
    "stop_pipeline_execution",
    "retry_pipeline_execution",
    "send_pipeline_execution_step_success",
    "send_pipeline_execution_step_failure",
    "list_training_jobs_for_hyper_parameter_tuning_job",
)
ADDED = {
    "list_pipeline_execution_steps",
    "update_pipeline_execution",
    "stop_pipeline_execution",
    "retry_pipeline_execution",
    "send_pipeline_execution_step_success",
    "send_pipeline_execution_step_failure",
    "list_training_jobs_for_hyper_parameter_tuning_job",
}
"""Operations that moto does not have; every other one of OPERATIONS replaces a method that must exist."""
JOB_OPERATIONS = {
    "describe_processing_job": ("ProcessingJob", "ProcessingJobName"),
    "describe_training_job": ("TrainingJob", "TrainingJobName"),
    "describe_transform_job": ("TransformJob", "TransformJobName"),
    "describe_hyper_parameter_tuning_job": ("HyperParameterTuningJob", "HyperParameterTuningJobName"),
}
TAG_OPERATIONS = ("add_tags", "delete_tags", "list_tags")
_REPLACED = (*OPERATIONS, *JOB_OPERATIONS, *TAG_OPERATIONS)
_ORIGINAL = {name: getattr(SageMakerResponse, name) for name in _REPLACED if name not in ADDED}


def install(cloud: Cloud) -> SageMaker:
    """Make this cloud's SageMaker the strict one."""
    sagemaker = SageMaker(cloud)
    for name in OPERATIONS:
        _replace(name, getattr(sagemaker, name))
    for name, (kind, member) in JOB_OPERATIONS.items():
        _replace_describe(sagemaker, name, kind, member)
    for name in TAG_OPERATIONS:
        _replace_tags(sagemaker, name)
    cloud.publish("sagemaker/executions", lambda query: executions_shown(sagemaker))
    return sagemaker


def uninstall() -> None:
    """Give moto its own methods back."""
    for name in _REPLACED:
        if name in _ORIGINAL:
            setattr(SageMakerResponse, name, _ORIGINAL[name])
        else:
            delattr(SageMakerResponse, name)


def _replace(name: str, do: Callable[[Params], dict[str, Any]]) -> None:
    def method(self: SageMakerResponse) -> ActionResult:
        return ActionResult(do(self._get_params()))

    setattr(SageMakerResponse, name, method)


def _replace_describe(sagemaker: SageMaker, name: str, kind: str, member: str) -> None:
    def method(self: SageMakerResponse) -> Any:
        found = sagemaker.described_job(kind, self._get_params()[member])
        return _ORIGINAL[name](self) if found is None else ActionResult(found)

    setattr(SageMakerResponse, name, method)


def _replace_tags(sagemaker: SageMaker, name: str) -> None:
    def method(self: SageMakerResponse) -> Any:
        p = self._get_params()
        pipeline = sagemaker.tagged(p["ResourceArn"])
        if pipeline is None:
            return _ORIGINAL[name](self)
        if name == "add_tags":
            added = {t["Key"]: t for t in unique_tags(p["Tags"])}
            tags = [t for t in pipeline.tags if t["Key"] not in added] + list(added.values())
            if len(tags) > MOST_TAGS:
                raise ValidationError(f"{len(tags)} tags, at most {MOST_TAGS}")
            pipeline.tags = tags
            return ActionResult({"Tags": tags})
        if name == "delete_tags":
            pipeline.tags = [t for t in pipeline.tags if t["Key"] not in p["TagKeys"]]
            return ActionResult({})
        return ActionResult({"Tags": list(pipeline.tags)})

    setattr(SageMakerResponse, name, method)


def executions_shown(sagemaker: SageMaker) -> list[dict[str, Json]]:
    """Every execution with its steps, for the page and the terminal. Times are Unix seconds."""
    rows = []
    for execution in sagemaker.executions.values():
        start = execution.start
        rows.append(
            {
                "arn": start.arn,
                "pipeline": start.pipeline,
                "name": start.display_name,
                "status": execution.status,
                "reason": execution.reason,
                "began": execution.began,
                "ended": execution.ended,
                "retries": execution.retries,
                "parameters": start.parameters,
                "steps": {
                    name: {
                        "status": run.status,
                        "began": run.began,
                        "ended": run.ended,
                        "attempt": run.attempt,
                        "reason": run.reason,
                        "cached": run.cached_from is not None,
                        "branch": run.branch,
                        "job": run.job.name if run.job else None,
                    }
                    for name, run in execution.steps.items()
                },
            }
        )
    return rows
