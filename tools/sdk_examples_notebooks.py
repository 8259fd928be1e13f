"""Pipelines of AWS's own example notebooks, step for step, for sdk_definitions.py.

Each function names the notebook it follows: what it builds is kept as it is there, with its peculiarities
(empty texts as defaults, parameters without one, output names with dots, a step in a branch read from outside).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sagemaker import PipelineModel
from sagemaker.estimator import Estimator
from sagemaker.inputs import CreateModelInput, TrainingInput
from sagemaker.lambda_helper import Lambda
from sagemaker.model import Model
from sagemaker.model_metrics import MetricsSource, ModelMetrics
from sagemaker.processing import FeatureStoreOutput, FrameworkProcessor, ProcessingInput, ProcessingOutput
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.sklearn.model import SKLearnModel
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, WarmStartConfig, WarmStartTypes
from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo, ConditionLessThanOrEqualTo
from sagemaker.workflow.emr_step import EMRStep, EMRStepConfig
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.lambda_step import LambdaStep
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_experiment_config import PipelineExperimentConfig
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.step_collections import RegisterModel
from sagemaker.workflow.steps import (
    CacheConfig,
    CreateModelStep,
    ProcessingStep,
    TrainingStep,
    TuningStep,
)
from sagemaker.wrangler.processing import DataWranglerProcessor
from sdk_abalone import IMAGE, JSON, ROLE, channels, evaluation, output, prepare, sklearn, xgboost


def serial_registration(session: Any, files: Path) -> Any:
    """train register and deploy a pipeline model: a PipelineModel of a literal artifact and a trained one."""
    epochs = ParameterString(name="TrainingEpochs", default_value="3")
    threshold = ParameterFloat(name="AccuracyMseThreshold", default_value=0.75)
    process = prepare(session, files, "s3://data/raw")
    train = TrainingStep("TrainTensorflowModel", step_args=xgboost(session, "ml.m5.xlarge").fit(channels(process)))
    artifacts = train.properties.ModelArtifacts.S3ModelArtifacts
    report = PropertyFile(name="EvaluationReport", output_name="evaluation", path="evaluation.json")
    evaluate = evaluation(session, files, artifacts, output(process, "test"), report)
    first = process.arguments["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    scaler = SKLearnModel(
        model_data=f"{first}/model.tar.gz",
        role=ROLE,
        sagemaker_session=session,
        entry_point=f"{files}/step.py",
        framework_version="1.0-1",
    )
    trained = Model(image_uri=IMAGE, model_data=artifacts, sagemaker_session=session, role=ROLE)
    written = evaluate.arguments["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    register = RegisterModel(
        name="PipelineModel",
        model=PipelineModel(models=[scaler, trained], role=ROLE, sagemaker_session=session),
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large", "ml.m5.xlarge"],
        transform_instances=["ml.m5.xlarge"],
        model_package_group_name="PipelineModelPackageGroup",
        model_metrics=ModelMetrics(
            model_statistics=MetricsSource(s3_uri=f"{written}/evaluation.json", content_type=JSON)
        ),
        approval_status="PendingManualApproval",
    )
    gate = ConditionStep(
        name="MSE-Lower-Than-Threshold-Condition",
        conditions=[
            ConditionLessThanOrEqualTo(
                left=JsonGet(step_name=evaluate.name, property_file=report, json_path="regression_metrics.mse.value"),
                right=threshold,
            )
        ],
        if_steps=[register],
        else_steps=[],
    )
    steps = [process, train, evaluate, gate]
    return Pipeline("serial-registration", parameters=[epochs, threshold], steps=steps, sagemaker_session=session)


def forecast(session: Any, files: Path) -> Any:
    """sm_pipeline_with_amazon_forecast: hyperparameters of another step's outputs, a trial's name joined."""
    horizon = ParameterString(name="ForecastHorizon", default_value="24")
    highest = ParameterString(name="MaxScore", default_value="0.4")
    metric = ParameterString(name="EvaluationMetric", default_value="WAPE")
    unused = ParameterString(name="ModelOutput", default_value="s3://sdk-bucket/model")
    processor = sklearn(session)
    first = ProcessingStep(
        "ForecastPreProcess",
        step_args=processor.run(
            code=f"{files}/step.py",
            arguments=["--forecast_horizon", horizon],
            outputs=[
                ProcessingOutput(output_name="target", source="/opt/ml/processing/target"),
                ProcessingOutput(output_name="related", source="/opt/ml/processing/related"),
            ],
        ),
    )
    estimator = SKLearn(
        entry_point=f"{files}/src/train.py",
        role=ROLE,
        image_uri=IMAGE,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
        base_job_name="forecast-train",
        hyperparameters={
            "forecast_horizon": horizon,
            "dataset_frequency": "H",
            "timestamp_format": "yyyy-MM-dd hh:mm:ss",
            "s3_directory_target": output(first, "target"),
            "s3_directory_related": output(first, "related"),
            "role_arn": ROLE,
        },
        enable_sagemaker_metrics=True,
        metric_definitions=[{"Name": name, "Regex": f"{name}=(.*?);"} for name in ("WAPE", "RMSE")],
    )
    train = TrainingStep("ForecastTrainAndEvaluate", step_args=estimator.fit())
    last = ProcessingStep(
        "ForecastCondtionalDelete",
        step_args=processor.run(
            code=f"{files}/step.py",
            inputs=[
                ProcessingInput(
                    source=train.properties.ModelArtifacts.S3ModelArtifacts, destination="/opt/ml/processing/model"
                )
            ],
            arguments=["--metric", metric, "--maximum-score", highest, "--region", "us-west-2"],
        ),
    )
    return Pipeline(
        "ForecastPipeline",
        parameters=[horizon, unused, metric, highest],
        steps=[first, train, last],
        pipeline_experiment_config=PipelineExperimentConfig(
            ExecutionVariables.PIPELINE_NAME,
            Join(on="-", values=["ForecastTrial", ExecutionVariables.PIPELINE_EXECUTION_ID]),
        ),
        sagemaker_session=session,
    )


def comprehend(session: Any, files: Path) -> Any:
    """sm_pipeline_with_comprehend: a function outside the condition takes the output of a step in its branch."""
    unused = ParameterString(name="RoleArn", default_value=ROLE)
    model = ParameterString(name="ModelOutput", default_value="s3://sdk-bucket/model")
    processor = sklearn(session)
    process = prepare(session, files, "s3://data/raw")
    report = PropertyFile(name="ComprehendEvaluationReport", output_name="evaluation", path="evaluation.json")
    train = ProcessingStep(
        "ComprehendTrainAndEval",
        step_args=processor.run(
            code=f"{files}/step.py",
            arguments=[
                *("--train-input-file", output(process, "train")),
                *("--train-output-path", model),
                *("--iam-role-arn", ROLE),
            ],
            outputs=[
                ProcessingOutput(output_name="evaluation", source="/opt/ml/processing/evaluation"),
                ProcessingOutput(output_name="arn", source="/opt/ml/processing/arn"),
            ],
        ),
        property_files=[report],
    )
    deploy = ProcessingStep(
        "ComprehendDeploy",
        step_args=processor.run(
            code=f"{files}/step.py",
            arguments=["--arn-path", output(train, "arn")],
            outputs=[ProcessingOutput(output_name="endpoint_arn", source="/opt/ml/processing/endpoint_arn")],
        ),
    )
    gate = ConditionStep(
        "ComprehendAccuracyCondition",
        conditions=[
            ConditionGreaterThanOrEqualTo(
                left=JsonGet(step_name="ComprehendTrainAndEval", property_file=report, json_path="Accuracy"), right=0.65
            )
        ],
        if_steps=[deploy],
        else_steps=[],
    )
    call = LambdaStep(
        "LambdaStep",
        lambda_func=Lambda("arn:aws:lambda:us-west-2:123456789012:function:sagemaker-lambda-step-endpoint-test"),
        inputs={
            "endpoint_arn_path": output(deploy, "endpoint_arn"),
            "text": "M\u00e5neskin\u2019s song won.",
        },
    )
    steps = [process, train, gate, call]
    return Pipeline("ComprehendPipeline", parameters=[unused, model], steps=steps, sagemaker_session=session)


def lifecycle(session: Any, files: Path) -> Any:
    """sagemaker-pipelines-emr-step-with-cluster-lifecycle-management: a cluster of the step's own, no actions."""
    data = ParameterString(name="InputDataUrl", default_value="s3://samples/abalone.csv")
    emr = EMRStep(
        name="EMRStep",
        cluster_id=None,
        step_config=EMRStepConfig(
            jar="command-runner.jar",
            args=[
                *("spark-submit", "--deploy-mode", "cluster", "s3://sdk-bucket/app/preprocess.py"),
                *("--input", data, "--output", "s3://sdk-bucket/prep"),
            ],
        ),
        display_name="Preprocess",
        description="preprocess data for XGBoost",
        cluster_config={
            "Applications": [{"Name": "Spark"}],
            "Instances": {
                "InstanceGroups": [
                    {"InstanceRole": "MASTER", "InstanceCount": 1, "InstanceType": "m5.2xlarge"},
                    {"InstanceRole": "CORE", "InstanceCount": 2, "InstanceType": "m5.2xlarge"},
                ]
            },
            "BootstrapActions": [],
            "ReleaseLabel": "emr-6.6.0",
            "JobFlowRole": "arn:aws:iam::123456789012:instance-profile/EMR_EC2_DefaultRole",
            "ServiceRole": "arn:aws:iam::123456789012:role/EMR_DefaultRole_V2",
        },
    )
    train = TrainingStep(
        name="TrainAbaloneModel",
        step_args=xgboost(session, "ml.m5.xlarge").fit(
            {"train": TrainingInput(s3_data="s3://sdk-bucket/prep/train", content_type="text/csv")}
        ),
    )
    train.add_depends_on([emr])
    return Pipeline("EMRStepPipeline", parameters=[data], steps=[emr, train], sagemaker_session=session)


def best_models(session: Any, files: Path) -> Any:
    """tuning_step_example: a warm start of another step's job, the first and the second best model made and kept."""
    process = prepare(session, files, "s3://data/raw")
    estimator = xgboost(session, "ml.m5.xlarge")
    cache = CacheConfig(enable_caching=True, expire_after="30d")
    limits = {"max_jobs": 3, "max_parallel_jobs": 3, "strategy": "Random", "objective_type": "Minimize"}
    ranges = {"alpha": ContinuousParameter(0.01, 10, scaling_type="Logarithmic")}
    tune = TuningStep(
        "HPTuning",
        step_args=HyperparameterTuner(estimator, "validation:rmse", ranges, **limits).fit(channels(process)),
        cache_config=cache,
    )
    again = HyperparameterTuner(
        estimator,
        "validation:rmse",
        ranges,
        warm_start_config=WarmStartConfig(
            WarmStartTypes.IDENTICAL_DATA_AND_ALGORITHM, parents={tune.properties.HyperParameterTuningJobName}
        ),
        **limits,
    )
    warm = TuningStep("HPTuningWarmStart", step_args=again.fit(channels(process)), cache_config=cache)
    steps = [process, tune, warm]
    for place, name in enumerate(("Best", "SecondBest")):
        data = tune.get_top_model_s3_uri(top_k=place, s3_bucket="sdk-bucket/AbaloneTrain")
        model = Model(image_uri=IMAGE, model_data=data, sagemaker_session=session, role=ROLE)
        inputs = CreateModelInput(instance_type="ml.m4.large")
        steps.append(CreateModelStep(name=f"Create{name}Model", model=model, inputs=inputs))
        register = RegisterModel(
            name=f"Register{name}AbaloneModel",
            estimator=estimator,
            model_data=data,
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.t2.medium", "ml.m5.large"],
            transform_instances=["ml.m5.large"],
            model_package_group_name="tuning-job-model-packages",
            approval_status="PendingManualApproval",
        )
        steps.append(register)
    return Pipeline("tuning-step-pipeline", steps=steps, sagemaker_session=session)


def wrangling(session: Any, files: Path) -> Any:
    """sagemaker-pipelines-preprocess-with-data-wrangler, feature-store-data-ingestion-via-sagemaker-model-building-
    pipeline, sagemaker-pipelines-callback-step: outputs named "<id>.default", one argument of JSON, training on what a
    callback answers."""
    count = ParameterInteger(name="InstanceCount", default_value=1)
    name = "0a562d05-69dc-4bc0-ab95-9dd0d2e4b6a3.default"
    processor = DataWranglerProcessor(
        role=ROLE,
        data_wrangler_flow_source=f"{files}/x.flow",
        instance_count=count,
        instance_type="ml.m5.4xlarge",
        sagemaker_session=session,
        max_runtime_in_seconds=86400,
    )
    data = ProcessingInput(
        input_name="abalone.csv", source="s3://data/abalone.csv", destination="/opt/ml/processing/abalone.csv"
    )
    wrangle = ProcessingStep(
        "data-wrangler-step",
        step_args=processor.run(
            inputs=[data],
            outputs=[
                ProcessingOutput(
                    output_name=name, source="/opt/ml/processing/output", destination="s3://sdk-bucket/output"
                )
            ],
            arguments=[f"--output-config '{json.dumps({name: {'content_type': 'CSV'}})}'"],
        ),
    )
    ingest = ProcessingStep(
        "transformation-ingestion-step",
        step_args=processor.run(
            inputs=[data],
            outputs=[
                ProcessingOutput(
                    output_name="2351bdcf-a2f6-499c-9665-1203f48eb3cd.default",
                    app_managed=True,
                    feature_store_output=FeatureStoreOutput(feature_group_name="demo-transformation-ingestion-fg"),
                )
            ],
        ),
    )
    wait = CallbackStep(
        name="GluePrepCallbackStep",
        sqs_queue_url="https://sqs.us-west-2.amazonaws.com/123456789012/pipeline_callbacks_glue_prep",
        inputs={"input_location": "s3://sdk-bucket/taxi/", "output_location": "s3://sdk-bucket/taxi_out/"},
        outputs=[CallbackOutput(output_name="s3_data_out", output_type=CallbackOutputTypeEnum.String)],
    )
    train = TrainingStep(
        "abalone-training-step",
        step_args=xgboost(session, "ml.m5.xlarge").fit(
            {
                "train": TrainingInput(s3_data=output(wrangle, name), content_type="text/csv"),
                "taxi": TrainingInput(
                    s3_data=wait.properties.Outputs["s3_data_out"],
                    content_type="text/csv;label_size=0",
                    distribution="ShardedByS3Key",
                ),
            }
        ),
    )
    steps = [wrangle, ingest, wait, train]
    return Pipeline("sample-pipeline", parameters=[count], steps=steps, sagemaker_session=session)


def encoded(session: Any, files: Path) -> Any:
    """sagemaker-pipelines-local-mode-fp, image-classification-sagemaker-pipelines: hyperparameters that are JSON
    themselves, a source of code that is an archive in S3, numbers as arguments, a package for one kind of use."""
    kind = ParameterString(name="ProcessingInstanceType", default_value="ml.t3.large")
    share = ParameterFloat(name="TrainSplitPercentage", default_value=0.75)
    processor = FrameworkProcessor(
        estimator_cls=SKLearn,
        framework_version="0.23-1",
        role=ROLE,
        instance_count=1,
        instance_type=kind,
        sagemaker_session=session,
    )
    process = ProcessingStep(
        "ProcessData",
        step_args=processor.run(
            "processing.py",
            source_dir="s3://sdk-bucket/artifact/processing/sourcedir.tar.gz",
            inputs=[ProcessingInput(source="s3://sdk-bucket/data/input", destination="/opt/ml/processing/input")],
            outputs=[
                ProcessingOutput(
                    output_name="output", source="/opt/ml/processing/output", destination="s3://sdk-bucket/data/output"
                )
            ],
            arguments=["--train-split-percentage", share.to_string()],
        ),
    )
    hyperparameters = {
        "epochs": 6,
        "learning_rate": 1.34e-4,
        "image_shape": "3,224,224",
        "early_stopping": True,
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": "s3://sdk-bucket/artifact/training/sourcedir.tar.gz",
    }
    estimator = Estimator(
        image_uri="123456789012.dkr.ecr.us-west-2.amazonaws.com/torch-1.12.1:latest",
        output_path="s3://sdk-bucket/models",
        hyperparameters={name: json.dumps(value) for name, value in hyperparameters.items()},
        enable_sagemaker_metrics=True,
        role=ROLE,
        instance_count=1,
        instance_type="ml.p3.2xlarge",
        volume_size=50,
        max_run=360000,
        disable_profiler=True,
        sagemaker_session=session,
    )
    images = TrainingInput(
        s3_data=output(process, "output"),
        distribution="FullyReplicated",
        content_type="application/x-recordio",
        s3_data_type="S3Prefix",
    )
    train = TrainingStep("TrainModel", step_args=estimator.fit({"train": images}), depends_on=[process])
    model = Model(
        image_uri=IMAGE,
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        sagemaker_session=session,
        role=ROLE,
    )
    register = ModelStep(
        name="Register-Image-Classification-Model",
        step_args=model.register(
            content_types=["image/png"],
            response_types=["application/json"],
            inference_instances=["ml.m5.xlarge"],
            model_package_group_name="image-classification",
        ),
    )
    parameters = [kind, share]
    return Pipeline("encoded", parameters=parameters, steps=[process, train, register], sagemaker_session=session)


EXAMPLES = [serial_registration, forecast, comprehend, lifecycle, best_models, wrangling, encoded]
