"""Writes pipeline definitions made by the SageMaker Python SDK to tests/data/definitions/sdk-*.json.

They are what other people's tools send to the service, so `buzzflow check --definition` must pass them.
usage: python3 -m venv V && V/bin/pip install 'sagemaker<3' 'moto[s3]' && V/bin/python tools/sdk_definitions.py OUT_DIR
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.update(AWS_DEFAULT_REGION="us-west-2", AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")

import boto3
from moto import mock_aws

ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/image:1"


def pipelines() -> dict[str, Any]:
    from sagemaker.automl.automl import AutoML, AutoMLInput
    from sagemaker.clarify import BiasConfig, DataConfig
    from sagemaker.estimator import Estimator
    from sagemaker.inputs import TrainingInput, TransformInput
    from sagemaker.lambda_helper import Lambda
    from sagemaker.model import Model
    from sagemaker.model_metrics import MetricsSource, ModelMetrics
    from sagemaker.model_monitor import DatasetFormat
    from sagemaker.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
    from sagemaker.transformer import Transformer
    from sagemaker.tuner import CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter
    from sagemaker.workflow.automl_step import AutoMLStep
    from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
    from sagemaker.workflow.check_job_config import CheckJobConfig
    from sagemaker.workflow.clarify_check_step import ClarifyCheckStep, DataBiasCheckConfig
    from sagemaker.workflow.condition_step import ConditionStep
    from sagemaker.workflow.conditions import (
        ConditionGreaterThanOrEqualTo,
        ConditionIn,
        ConditionLessThanOrEqualTo,
        ConditionNot,
        ConditionOr,
    )
    from sagemaker.workflow.emr_step import EMRStep, EMRStepConfig
    from sagemaker.workflow.execution_variables import ExecutionVariables
    from sagemaker.workflow.fail_step import FailStep
    from sagemaker.workflow.functions import Join, JsonGet
    from sagemaker.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
    from sagemaker.workflow.model_step import ModelStep
    from sagemaker.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
    from sagemaker.workflow.pipeline import Pipeline
    from sagemaker.workflow.pipeline_context import PipelineSession
    from sagemaker.workflow.properties import PropertyFile
    from sagemaker.workflow.quality_check_step import DataQualityCheckConfig, QualityCheckStep
    from sagemaker.workflow.retry import (
        SageMakerJobExceptionTypeEnum,
        SageMakerJobStepRetryPolicy,
        StepExceptionTypeEnum,
        StepRetryPolicy,
    )
    from sagemaker.workflow.steps import CacheConfig, ProcessingStep, TrainingStep, TransformStep, TuningStep

    session = PipelineSession(boto_session=boto3.Session(region_name="us-west-2"), default_bucket="sdk-bucket")
    script = Path(tempfile.mkdtemp()) / "step.py"
    script.write_text("print('hello')\n")
    date = ParameterString("InputDate", default_value="2026-01-01")
    count = ParameterInteger("InstanceCount", default_value=1)
    threshold = ParameterFloat("Threshold", default_value=0.8)
    status = ParameterString(
        "ApprovalStatus", default_value="PendingManualApproval", enum_values=["Approved", "PendingManualApproval"]
    )

    processor = ScriptProcessor(
        image_uri=IMAGE,
        command=["python3"],
        instance_type="ml.m5.xlarge",
        instance_count=count,
        base_job_name="x",
        role=ROLE,
        sagemaker_session=session,
    )
    prepare = ProcessingStep(
        "Prepare",
        step_args=processor.run(
            code=str(script),
            arguments=["--date", date],
            inputs=[ProcessingInput(source="s3://data/raw", destination="/opt/ml/processing/input")],
            outputs=[
                ProcessingOutput(
                    output_name="train",
                    source="/opt/ml/processing/train",
                    destination=Join(on="/", values=["s3://data", ExecutionVariables.PIPELINE_EXECUTION_ID]),
                )
            ],
        ),
        cache_config=CacheConfig(enable_caching=True, expire_after="30d"),
        retry_policies=[
            StepRetryPolicy(exception_types=[StepExceptionTypeEnum.THROTTLING], max_attempts=5),
            SageMakerJobStepRetryPolicy(
                exception_types=[SageMakerJobExceptionTypeEnum.CAPACITY_ERROR], expire_after_mins=60
            ),
        ],
    )
    train_uri = prepare.properties.ProcessingOutputConfig.Outputs["train"].S3Output.S3Uri
    estimator = Estimator(
        image_uri=IMAGE,
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        output_path="s3://data/models",
        hyperparameters={"epochs": 3, "eta": 0.2},
        sagemaker_session=session,
        metric_definitions=[{"Name": "auc", "Regex": "auc: ([0-9.]+)"}],
        use_spot_instances=True,
        max_run=3600,
        max_wait=7200,
    )
    train = TrainingStep("Train", step_args=estimator.fit({"train": TrainingInput(train_uri, content_type="text/csv")}))
    tuner = HyperparameterTuner(
        estimator,
        "auc",
        {
            "eta": ContinuousParameter(0.1, 0.5),
            "depth": IntegerParameter(1, 9),
            "booster": CategoricalParameter(["gbtree", "dart"]),
        },
        metric_definitions=[{"Name": "auc", "Regex": "auc: ([0-9.]+)"}],
        max_jobs=4,
        max_parallel_jobs=2,
    )
    tune = TuningStep("Tune", step_args=tuner.fit({"train": TrainingInput(train_uri)}))
    report = PropertyFile("Evaluation", output_name="evaluation", path="evaluation.json")
    evaluate = ProcessingStep(
        "Evaluate",
        step_args=processor.run(
            code=str(script),
            inputs=[
                ProcessingInput(
                    source=train.properties.ModelArtifacts.S3ModelArtifacts, destination="/opt/ml/processing/model"
                ),
                ProcessingInput(
                    source=tuner and tune.get_top_model_s3_uri(top_k=0, s3_bucket="data", prefix="models"),
                    destination="/opt/ml/processing/top",
                ),
            ],
            outputs=[ProcessingOutput(output_name="evaluation", source="/opt/ml/processing/evaluation")],
        ),
        property_files=[report],
    )
    model = Model(
        image_uri=IMAGE,
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        role=ROLE,
        sagemaker_session=session,
    )
    create = ModelStep("Create", step_args=model.create(instance_type="ml.m5.large"))
    metrics = ModelMetrics(
        model_statistics=MetricsSource(s3_uri="s3://data/evaluation.json", content_type="application/json")
    )
    register = ModelStep(
        "Register",
        step_args=model.register(
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.t2.medium"],
            transform_instances=["ml.m5.xlarge"],
            model_package_group_name="group",
            approval_status=status,
            model_metrics=metrics,
        ),
    )
    transformer = Transformer(
        model_name=create.properties.ModelName,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        output_path="s3://data/out",
        sagemaker_session=session,
    )
    transform = TransformStep(
        "Score",
        step_args=transformer.transform(data="s3://data/batch", content_type="text/csv"),
        inputs=TransformInput(data="s3://data/batch"),
    )
    fail = FailStep("Reject", error_message=Join(on=" ", values=["AUC below", threshold]))
    gate = ConditionStep(
        "Gate",
        conditions=[
            ConditionGreaterThanOrEqualTo(
                left=JsonGet(step_name="Evaluate", property_file=report, json_path="metrics.auc.value"), right=threshold
            ),
            ConditionOr(
                conditions=[
                    ConditionNot(ConditionIn(value=date, in_values=["a", "b"])),
                    ConditionLessThanOrEqualTo(left=count, right=3),
                ]
            ),
        ],
        if_steps=[register, create, transform],
        else_steps=[fail],
    )
    helper = Lambda(function_arn="arn:aws:lambda:us-west-2:123456789012:function:f")
    call = LambdaStep(
        "Call",
        lambda_func=helper,
        inputs={"date": date, "n": 3},
        depends_on=["Evaluate"],
        outputs=[LambdaOutput("status", LambdaOutputTypeEnum.String)],
    )
    wait = CallbackStep(
        "Wait",
        sqs_queue_url="https://sqs.us-west-2.amazonaws.com/123456789012/q",
        inputs={"status": call.properties.Outputs["status"]},
        outputs=[CallbackOutput("answer", CallbackOutputTypeEnum.Integer)],
    )
    check_job = CheckJobConfig(
        role=ROLE, instance_count=1, instance_type="ml.c5.xlarge", volume_size_in_gb=120, sagemaker_session=session
    )
    quality = QualityCheckStep(
        "Quality",
        skip_check=False,
        register_new_baseline=False,
        check_job_config=check_job,
        model_package_group_name="group",
        quality_check_config=DataQualityCheckConfig(
            baseline_dataset=train_uri,
            dataset_format=DatasetFormat.csv(header=False),
            output_s3_uri="s3://data/quality",
        ),
    )
    bias = ClarifyCheckStep(
        "Bias",
        check_job_config=check_job,
        model_package_group_name="group",
        clarify_check_config=DataBiasCheckConfig(
            data_config=DataConfig(
                s3_data_input_path="s3://data/train",
                s3_output_path="s3://data/bias",
                label=0,
                dataset_type="text/csv",
                s3_analysis_config_output_path="s3://data/config",
            ),
            data_bias_config=BiasConfig(
                label_values_or_threshold=[1], facet_name=[2], facet_values_or_threshold=[[0.5]]
            ),
        ),
    )
    emr = EMRStep(
        "Spark",
        display_name="Spark",
        description="a step",
        cluster_id="j-1ABCDEFGHIJKL",
        step_config=EMRStepConfig(
            jar="command-runner.jar",
            args=["spark-submit", "s3://data/job.py"],
            main_class="com.example.Main",
            properties=[{"Key": "k", "Value": "v"}],
        ),
    )
    cluster = EMRStep(
        "SparkCluster",
        display_name=None,
        description="own cluster",
        cluster_id=None,
        step_config=EMRStepConfig(jar="s3://data/x.jar"),
        cluster_config={
            "Applications": [{"Name": "Spark"}],
            "ReleaseLabel": "emr-6.6.0",
            "ServiceRole": "EMR_DefaultRole",
            "JobFlowRole": "EMR_EC2_DefaultRole",
            "Instances": {
                "InstanceGroups": [{"InstanceRole": "MASTER", "InstanceCount": 1, "InstanceType": "m5.2xlarge"}]
            },
        },
    )
    automl = AutoML(
        role=ROLE,
        target_attribute_name="y",
        mode="ENSEMBLING",
        sagemaker_session=session,
        total_job_runtime_in_seconds=3600,
    )
    auto = AutoMLStep(
        "Auto",
        step_args=automl.fit(
            inputs=[AutoMLInput(inputs=train_uri, target_attribute_name="y", channel_type="training")]
        ),
    )
    best = ModelStep(
        "AutoBest",
        step_args=auto.get_best_auto_ml_model(role=ROLE, sagemaker_session=session).create(instance_type="ml.m5.large"),
    )
    parameters = [date, count, threshold, status]
    return {
        "sdk-train-register": Pipeline(
            "train-register",
            parameters=parameters,
            steps=[prepare, train, tune, evaluate, gate],
            sagemaker_session=session,
        ),
        "sdk-services": Pipeline(
            "services",
            parameters=parameters,
            steps=[prepare, train, tune, evaluate, call, wait, emr, cluster],
            sagemaker_session=session,
        ),
        "sdk-checks": Pipeline(
            "checks", parameters=parameters, steps=[prepare, quality, bias], sagemaker_session=session
        ),
        "sdk-deployment": deployment(session),
        "sdk-automl": Pipeline("automl", parameters=parameters, steps=[prepare, auto, best], sagemaker_session=session),
    }


def deployment(session: Any) -> Any:
    """EndpointConfig, Endpoint, InferenceComponent and Lineage."""
    from sagemaker.lineage.action import Action
    from sagemaker.lineage.artifact import Artifact
    from sagemaker.workflow.endpoint_step import EndpointConfigStep, EndpointStep
    from sagemaker.workflow.inference_component_step import InferenceComponentStep
    from sagemaker.workflow.lineage_step import LineageAssociation, LineageEntityReference, LineageStep
    from sagemaker.workflow.pipeline import Pipeline
    from sagemaker.workflow.steps import CacheConfig

    variant = {"VariantName": "A", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
    config = EndpointConfigStep(
        "Config",
        step_args=session.create_endpoint_config(name="config", production_variants=[variant], role=ROLE),
        cache_config=CacheConfig(enable_caching=True, expire_after="P30D"),
    )
    endpoint = EndpointStep(
        "Endpoint",
        step_args=session.create_endpoint(endpoint_name="endpoint", config_name=config.properties.EndpointConfigName),
    )
    component = InferenceComponentStep(
        "Component",
        step_args=session.create_inference_component(
            inference_component_name="component",
            endpoint_name=endpoint.properties.EndpointName,
            variant_name="A",
            specification={
                "ModelName": "model",
                "ComputeResourceRequirements": {"NumberOfCpuCoresRequired": 1.0, "MinMemoryRequiredInMb": 1024},
            },
            runtime_config={"CopyCount": 1},
        ),
    )
    lineage = LineageStep(
        "Record",
        actions=[
            Action.create(
                action_name="deploy",
                source_uri="s3://data/run",
                action_type="Deployment",
                status="Completed",
                sagemaker_session=session,
            )
        ],
        artifacts=[
            Artifact.create(
                artifact_name="model", source_uri="s3://data/m", artifact_type="Model", sagemaker_session=session
            )
        ],
        associations=[
            LineageAssociation(
                LineageEntityReference(name="model", type="Artifact"),
                LineageEntityReference(name="deploy", type="Action"),
                "ContributedTo",
            )
        ],
        depends_on=[component],
    )
    return Pipeline("deployment", steps=[config, endpoint, component, lineage], sagemaker_session=session)


def examples() -> dict[str, Any]:
    """The pipelines of sdk_examples_*.py."""
    from sagemaker.workflow.pipeline_context import PipelineSession

    files = Path(tempfile.mkdtemp())
    (files / "src").mkdir()
    (files / "sub").mkdir()
    notebook = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    texts = {"step.py": "print(1)", "init.sh": "true", "data.csv": "1,2", "x.flow": '{"metadata": {}, "nodes": []}'}
    texts |= {"src/train.py": "print(1)", "src/inference.py": "print(1)", "app.jar": "", "nb.ipynb": notebook}
    texts |= {"sub/nb.ipynb": notebook}
    for name, text in texts.items():
        (files / name).write_text(text + "\n")
    found = {}
    for module in ("jobs", "models", "monitors", "notebooks", "services"):
        for make in importlib.import_module(f"sdk_examples_{module}").EXAMPLES:
            session = PipelineSession(boto_session=boto3.Session(region_name="us-west-2"), default_bucket="sdk-bucket")
            found[f"sdk-{make.__name__.replace('_', '-')}"] = make(session, files)
    return found


def main() -> None:
    out = Path(sys.argv[1])
    with mock_aws():
        for bucket in ("sdk-bucket", "data"):
            boto3.client("s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
            )
        for name, pipeline in (pipelines() | examples()).items():
            try:
                text = pipeline.definition()
            except Exception as error:
                print(name, repr(error)[:300])
                continue
            for folder in (str(Path(__file__).parent), *re.findall(f"{tempfile.gettempdir()}/tmp[^/]+", text)):
                text = text.replace(folder, "/home/me")  # places on this machine are nobody's business
            (out / f"{name}.json").write_text(json.dumps(json.loads(text), indent=1) + "\n")
            print(name, len(text))


if __name__ == "__main__":
    main()
