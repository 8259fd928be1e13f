"""Writes pipeline definitions made by version 3 of the SageMaker Python SDK to tests/data/definitions/sdk3/*.json: step types
and run conditions that version 2 does not have.

usage: python3 -m venv V && V/bin/pip install sagemaker-mlops 'moto[s3]' && V/bin/python tools/sdk3_definitions.py OUT_DIR
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.update(AWS_DEFAULT_REGION="us-west-2", AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")

import boto3
from moto import mock_aws
from sagemaker.core.lambda_helper import Lambda
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.workflow.conditions import ConditionEquals, ConditionLessThanOrEqualTo
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.mlops.workflow.cleanup_step import CleanupStep, S3CleanupSource
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.emr_serverless_step import EMRServerlessJobConfig, EMRServerlessStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.for_each_step import CurrentItem, ForEachSelector, ForEachStep, IterationOutput
from sagemaker.mlops.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.retry import StepExceptionTypeEnum, StepRetryPolicy
from sagemaker.mlops.workflow.step_dependency import StepDependency, TriggerCondition
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep

ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/image:1"


def lam() -> Any:
    return Lambda(function_arn="arn:aws:lambda:us-west-2:123456789012:function:f")


def foreach(session: Any, files: Path) -> Any:
    items = ParameterString("Items", default_value='["a","b"]')
    item = CurrentItem()
    body = LambdaStep(
        "ProcessItem",
        lambda_func=lam(),
        inputs={"item": item, "name": item.name, "score": item["score"]},
        outputs=[LambdaOutput("Score", LambdaOutputTypeEnum.Float), LambdaOutput("Uri", LambdaOutputTypeEnum.String)],
    )
    each = ForEachStep(
        "Each",
        iterable_items=items,
        max_concurrency=5,
        for_each_body=[body],
        selector=ForEachSelector("MaxBy", IterationOutput(body).OutputParameters["Score"]),
    )
    each2 = ForEachStep(
        "Literal",
        iterable_items=["a", 1, items],
        max_concurrency=50,
        for_each_body=[
            CallbackStep(
                "Ask",
                sqs_queue_url="https://sqs.us-west-2.amazonaws.com/123456789012/q",
                inputs={"x": item},
                outputs=[CallbackOutput("y", CallbackOutputTypeEnum.String)],
            )
        ],
        depends_on=[each],
    )
    use = LambdaStep(
        "Use",
        lambda_func=lam(),
        inputs={
            "first": each.properties.IterationOutputs[0].ProcessItem.OutputParameters["Uri"],
            "best": each.properties.Selected.OutputParameters["Uri"],
            "n": each.properties.InputItemCount,
            "failed": each.properties.FailedStepCount,
        },
        outputs=[],
    )
    c = ConditionStep(
        "Any",
        conditions=[ConditionEquals(left=each.properties.Status, right="Succeeded")],
        if_steps=[use],
        else_steps=[FailStep("No", error_message=Join(on=" ", values=["failed", each.properties.FailedStepCount]))],
    )
    return Pipeline("foreach", parameters=[items], steps=[each, each2, c], sagemaker_session=session)


def triggers(session: Any, files: Path) -> Any:
    a = LambdaStep("Work", lambda_func=lam(), inputs={}, outputs=[])
    b = LambdaStep(
        "NotifyOnFailure",
        lambda_func=lam(),
        inputs={"x": "y"},
        outputs=[],
        depends_on=[StepDependency(a, TriggerCondition.FAILED)],
    )
    c = LambdaStep(
        "Always",
        lambda_func=lam(),
        inputs={},
        outputs=[],
        depends_on=[
            StepDependency(a, TriggerCondition.ANY),
            StepDependency("NotifyOnFailure", TriggerCondition.COMPLETED),
        ],
    )
    d = LambdaStep(
        "Stopped",
        lambda_func=lam(),
        inputs={},
        outputs=[],
        depends_on=[StepDependency(c, TriggerCondition.STOPPED), "Work"],
    )
    return Pipeline("triggers", steps=[a, b, c, d], sagemaker_session=session)


def serverless(session: Any, files: Path) -> Any:
    job = EMRServerlessJobConfig(
        job_driver={
            "sparkSubmit": {
                "entryPoint": "s3://data/x.py",
                "entryPointArguments": ["--input", "x"],
                "sparkSubmitParameters": "--conf spark.executor.cores=1",
            }
        },
        execution_role_arn=ROLE,
        configuration_overrides={
            "applicationConfiguration": [{"classification": "spark-defaults", "properties": {"a": "b"}}],
            "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "s3://data/logs"}},
        },
        execution_timeout_minutes=60,
        name="job",
        tags={"a": "b"},
    )
    a = EMRServerlessStep(
        "Existing",
        display_name="d",
        description="d",
        job_config=job,
        application_id="00fabc123def",
        cache_config=CacheConfig(enable_caching=True, expire_after="PT1H"),
        retry_policies=[StepRetryPolicy(exception_types=[StepExceptionTypeEnum.THROTTLING], max_attempts=3)],
    )
    b = EMRServerlessStep(
        "New",
        display_name="d",
        description="d",
        job_config=job,
        application_config={"name": "spark-app", "releaseLabel": "emr-6.15.0", "type": "SPARK"},
        depends_on=[a],
    )
    c = LambdaStep("Use", lambda_func=lam(), inputs={}, outputs=[], depends_on=[b])
    return Pipeline("serverless", steps=[a, b, c], sagemaker_session=session)


def processing(session: Any, files: Path) -> Any:
    sp = ScriptProcessor(
        image_uri=IMAGE,
        command=["python3"],
        instance_type="ml.m5.large",
        instance_count=1,
        role=ROLE,
        sagemaker_session=session,
    )
    rep = PropertyFile(name="R", output_name="evaluation", path="evaluation.json")
    a = ProcessingStep(
        "P",
        step_args=sp.run(
            code=f"{files}/step.py",
            inputs=[
                ProcessingInput(
                    input_name="in",
                    s3_input=ProcessingS3Input(
                        s3_uri="s3://data/x",
                        local_path="/opt/ml/processing/input",
                        s3_data_type="S3Prefix",
                        s3_input_mode="File",
                        s3_data_distribution_type="FullyReplicated",
                        s3_compression_type="None",
                    ),
                )
            ],
            outputs=[
                ProcessingOutput(
                    output_name="evaluation",
                    s3_output=ProcessingS3Output(
                        s3_uri="s3://data/out", local_path="/opt/ml/processing/evaluation", s3_upload_mode="EndOfJob"
                    ),
                )
            ],
        ),
        property_files=[rep],
    )
    c = ConditionStep(
        "C",
        conditions=[
            ConditionLessThanOrEqualTo(left=JsonGet(step_name="P", property_file=rep, json_path="a.b"), right=6.0)
        ],
        if_steps=[],
        else_steps=[FailStep("F", error_message="x")],
    )
    cl = CleanupStep(
        "Clean",
        s3_sources=[
            S3CleanupSource(
                a,
                s3_uris=[
                    "s3://data/out/a.csv",
                    Join(
                        on="/",
                        values=[a.properties.ProcessingOutputConfig.Outputs["evaluation"].S3Output.S3Uri, "b.csv"],
                    ),
                ],
            )
        ],
        depends_on=[StepDependency(a, TriggerCondition.ANY)],
    )
    return Pipeline("processing", steps=[a, c, cl], sagemaker_session=session)


def main() -> None:
    out = Path(sys.argv[1])
    files = Path(tempfile.mkdtemp())
    (files / "step.py").write_text("print(1)\n")
    with mock_aws():
        for bucket in ("sdk-bucket", "data"):
            boto3.client("s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
            )
        for make in (foreach, triggers, serverless, processing):
            session = PipelineSession(boto_session=boto3.Session(region_name="us-west-2"), default_bucket="sdk-bucket")
            text = make(session, files).definition()
            (out / f"{make.__name__}.json").write_text(json.dumps(json.loads(text), indent=1) + "\n")
            print(make.__name__, len(text))


if __name__ == "__main__":
    main()
