"""Checks of data and models, and a search for a model, of AWS's own example notebooks, for sdk_definitions.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagemaker.automl.automl import AutoML, AutoMLInput
from sagemaker.clarify import BiasConfig, DataConfig, ModelConfig
from sagemaker.drift_check_baselines import DriftCheckBaselines
from sagemaker.inputs import CreateModelInput, TransformInput
from sagemaker.model import Model
from sagemaker.model_metrics import MetricsSource, ModelMetrics
from sagemaker.model_monitor import DatasetFormat
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.transformer import Transformer
from sagemaker.workflow.automl_step import AutoMLStep
from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.workflow.check_job_config import CheckJobConfig
from sagemaker.workflow.clarify_check_step import (
    ClarifyCheckStep,
    DataBiasCheckConfig,
    ModelBiasCheckConfig,
    ModelExplainabilityCheckConfig,
    ModelPredictedLabelConfig,
    SHAPConfig,
)
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo, ConditionLessThanOrEqualTo
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.monitor_batch_transform_step import MonitorBatchTransformStep
from sagemaker.workflow.parameters import ParameterBoolean, ParameterFloat, ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.quality_check_step import DataQualityCheckConfig, ModelQualityCheckConfig, QualityCheckStep
from sagemaker.workflow.step_collections import RegisterModel
from sagemaker.workflow.steps import (
    CreateModelStep,
    ProcessingStep,
    TrainingStep,
    TransformStep,
)
from sdk_abalone import IMAGE, JSON, ROLE, channels, evaluation, output, prepare, sklearn, xgboost


def drift(session: Any, files: Path) -> Any:
    """sagemaker-pipeline-model-monitor-clarify-steps: each check with its flags and baselines, "" as their default."""
    kind = ParameterString(name="TrainingInstanceType", default_value="ml.m5.xlarge")
    status = ParameterString(name="ModelApprovalStatus", default_value="PendingManualApproval")
    data = ParameterString(name="InputDataUrl", default_value="s3://samples/abalone.csv")
    parameters = [kind, status, data]

    def flags(name: str, statistics: bool) -> dict[str, Any]:
        found = {
            "skip_check": ParameterBoolean(name=f"Skip{name}Check", default_value=False),
            "register_new_baseline": ParameterBoolean(name=f"RegisterNew{name}Baseline", default_value=False),
            "supplied_baseline_constraints": ParameterString(name=f"{name}SuppliedConstraints", default_value=""),
        }
        if statistics:
            found["supplied_baseline_statistics"] = ParameterString(name=f"{name}SuppliedStatistics", default_value="")
        parameters.extend(found.values())
        return found | {"model_package_group_name": "model-monitor-clarify-group", "check_job_config": job}

    def where(name: str) -> Any:
        return Join(
            on="/",
            values=["s3:/", "sdk-bucket", "clarify", ExecutionVariables.PIPELINE_EXECUTION_ID, f"{name}checkstep"],
        )

    def config(name: str) -> Any:
        return DataConfig(
            s3_data_input_path=output(process, "train"),
            s3_output_path=where(name),
            s3_analysis_config_output_path=f"s3://sdk-bucket/{name}/analysis_cfg",
            label=0,
            dataset_type="text/csv",
        )

    job = CheckJobConfig(
        role=ROLE, instance_count=1, instance_type="ml.c5.xlarge", volume_size_in_gb=120, sagemaker_session=session
    )
    process = prepare(session, files, data)
    quality = QualityCheckStep(
        name="DataQualityCheckStep",
        quality_check_config=DataQualityCheckConfig(
            baseline_dataset=output(process, "train"),
            dataset_format=DatasetFormat.csv(header=False, output_columns_position="START"),
            output_s3_uri=where("dataquality"),
        ),
        **flags("DataQuality", statistics=True),
    )
    facet = BiasConfig(label_values_or_threshold=[15.0], facet_name=[8], facet_values_or_threshold=[[0.5]])
    bias = ClarifyCheckStep(
        name="DataBiasCheckStep",
        clarify_check_config=DataBiasCheckConfig(data_config=config("databias"), data_bias_config=facet),
        **flags("DataBias", statistics=False),
    )
    train = TrainingStep(
        name="TrainAbaloneModel",
        step_args=xgboost(session, kind).fit(channels(process)),
        depends_on=[bias.name, quality.name],
    )
    artifacts = train.properties.ModelArtifacts.S3ModelArtifacts
    model = Model(image_uri=IMAGE, model_data=artifacts, sagemaker_session=session, role=ROLE)
    create = CreateModelStep(
        name="AbaloneCreateModel",
        model=model,
        inputs=CreateModelInput(instance_type="ml.m5.large", accelerator_type="ml.eia1.medium"),
    )
    transformer = Transformer(
        model_name=create.properties.ModelName,
        instance_type="ml.m5.xlarge",
        instance_count=1,
        accept="text/csv",
        assemble_with="Line",
        output_path="s3://sdk-bucket/AbaloneTransform",
        sagemaker_session=session,
    )
    transform = TransformStep(
        name="AbaloneTransform",
        transformer=transformer,
        inputs=TransformInput(
            data=output(process, "test"),
            input_filter="$[1:]",
            join_source="Input",
            output_filter="$[0,-1]",
            content_type="text/csv",
            split_type="Line",
        ),
    )
    model_quality = QualityCheckStep(
        name="ModelQualityCheckStep",
        quality_check_config=ModelQualityCheckConfig(
            baseline_dataset=transform.properties.TransformOutput.S3OutputPath,
            dataset_format=DatasetFormat.csv(header=False),
            output_s3_uri=where("modelquality"),
            problem_type="Regression",
            inference_attribute="_c0",
            ground_truth_attribute="_c1",
        ),
        **flags("ModelQuality", statistics=True),
    )
    serving = ModelConfig(model_name=create.properties.ModelName, instance_count=1, instance_type="ml.m5.xlarge")
    model_bias = ClarifyCheckStep(
        name="ModelBiasCheckStep",
        clarify_check_config=ModelBiasCheckConfig(
            data_config=config("modelbias"),
            data_bias_config=facet,
            model_config=serving,
            model_predicted_label_config=ModelPredictedLabelConfig(),
        ),
        **flags("ModelBias", statistics=False),
    )
    explain = ClarifyCheckStep(
        name="ModelExplainabilityCheckStep",
        clarify_check_config=ModelExplainabilityCheckConfig(
            data_config=config("modelexplainability"),
            model_config=serving,
            explainability_config=SHAPConfig(seed=123, num_samples=10),
        ),
        **flags("ModelExplainability", statistics=False),
    )

    def source(uri: Any) -> Any:
        return MetricsSource(s3_uri=uri, content_type=JSON)

    metrics = ModelMetrics(
        model_data_statistics=source(quality.properties.CalculatedBaselineStatistics),
        model_data_constraints=source(quality.properties.CalculatedBaselineConstraints),
        bias_pre_training=source(bias.properties.CalculatedBaselineConstraints),
        model_statistics=source(model_quality.properties.CalculatedBaselineStatistics),
        model_constraints=source(model_quality.properties.CalculatedBaselineConstraints),
        bias_post_training=source(model_bias.properties.CalculatedBaselineConstraints),
        explainability=source(explain.properties.CalculatedBaselineConstraints),
        bias=source(model_bias.properties.CalculatedBaselineConstraints),
    )
    baselines = DriftCheckBaselines(
        model_data_statistics=source(quality.properties.BaselineUsedForDriftCheckStatistics),
        model_data_constraints=source(quality.properties.BaselineUsedForDriftCheckConstraints),
        bias_pre_training_constraints=source(bias.properties.BaselineUsedForDriftCheckConstraints),
        model_statistics=source(model_quality.properties.BaselineUsedForDriftCheckStatistics),
        model_constraints=source(model_quality.properties.BaselineUsedForDriftCheckConstraints),
        bias_post_training_constraints=source(model_bias.properties.BaselineUsedForDriftCheckConstraints),
        explainability_constraints=source(explain.properties.BaselineUsedForDriftCheckConstraints),
    )
    register = RegisterModel(
        name="RegisterAbaloneModel",
        model=model,
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.t2.medium", "ml.m5.large"],
        transform_instances=["ml.m5.large"],
        model_package_group_name="model-monitor-clarify-group",
        approval_status=status,
        model_metrics=metrics,
        drift_check_baselines=baselines,
    )
    report = PropertyFile(name="AbaloneEvaluationReport", output_name="evaluation", path="evaluation.json")
    evaluate = evaluation(session, files, artifacts, output(process, "test"), report)
    gate = ConditionStep(
        name="CheckMSEAbaloneEvaluation",
        conditions=[
            ConditionLessThanOrEqualTo(
                left=JsonGet(step_name=evaluate.name, property_file=report, json_path="regression_metrics.mse.value"),
                right=6.0,
            )
        ],
        if_steps=[register],
        else_steps=[],
    )
    steps = [process, quality, bias, train, create, transform, model_quality, model_bias, explain, evaluate, gate]
    return Pipeline("drift", parameters=parameters, steps=steps, sagemaker_session=session)


def monitored_transform(session: Any, files: Path) -> Any:
    """sm-model_monitor_batch_transform_model_quality_with_pipelines_on_demand, scheduled-sm-pipelines-sklearn: a
    check of nothing but a role, a threshold that is a number, parameters without a default."""
    model_name = ParameterString(name="ModelName")
    data = ParameterString(name="TestData")
    transformer = Transformer(
        model_name=model_name,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        accept="text/csv",
        assemble_with="Line",
        output_path="s3://sdk-bucket/transform-outputs",
        sagemaker_session=session,
    )
    monitored = MonitorBatchTransformStep(
        name="MonitorCustomerChurnModelQuality",
        transform_step_args=transformer.transform(
            data, content_type="text/csv", split_type="Line", join_source="Input", input_filter="$[1:]"
        ),
        monitor_configuration=ModelQualityCheckConfig(
            baseline_dataset=transformer.output_path,
            problem_type="BinaryClassification",
            dataset_format=DatasetFormat.csv(header=False),
            output_s3_uri="s3://sdk-bucket/reports",
            probability_attribute="_c70",
            probability_threshold_attribute=0.5,
            ground_truth_attribute="_c0",
        ),
        check_job_configuration=CheckJobConfig(role=ROLE, sagemaker_session=session),
        fail_on_violation=True,
        supplied_baseline_constraints="s3://sdk-bucket/results/constraints.json",
        supplied_baseline_statistics="s3://sdk-bucket/results/statistics.json",
    )
    return Pipeline("monitored", parameters=[model_name, data], steps=[monitored], sagemaker_session=session)


def autopilot(session: Any, files: Path) -> Any:
    """sagemaker_autopilot_pipelines_native_auto_ml_step: limits, target and package group are parameters."""
    count = ParameterInteger(name="InstanceCount", default_value=1)
    kind = ParameterString(name="InstanceType", default_value="ml.m5.xlarge")
    runtime = ParameterInteger(name="MaxAutoMLRuntime", default_value=3600)
    status = ParameterString(name="ModelApprovalStatus", default_value="Approved")
    group = ParameterString(name="ModelPackageName", default_value="AutoMLModelPackageGroup")
    threshold = ParameterFloat(name="ModelRegistrationMetricThreshold", default_value=0.5)
    bucket = ParameterString(name="S3Bucket", default_value="sdk-bucket")
    target = ParameterString(name="TargetAttributeName", default_value="class")
    automl = AutoML(
        role=ROLE,
        target_attribute_name=target,
        sagemaker_session=session,
        total_job_runtime_in_seconds=runtime,
        mode="ENSEMBLING",
    )
    auto = AutoMLStep(
        "AutoMLTrainingStep",
        step_args=automl.fit(
            inputs=[AutoMLInput(inputs="s3://data/train.csv", target_attribute_name=target, channel_type="training")]
        ),
    )
    best_of = auto.properties.BestCandidateProperties
    best = auto.get_best_auto_ml_model(ROLE, sagemaker_session=session)
    create = ModelStep(name="ModelCreationStep", step_args=best.create(instance_type=kind))
    transformer = Transformer(
        model_name=create.properties.ModelName,
        instance_count=count,
        instance_type=kind,
        output_path=Join(on="/", values=["s3:/", bucket, "auto-ml-training", "transform"]),
        sagemaker_session=session,
    )
    transform = TransformStep(
        "BatchTransformStep", step_args=transformer.transform(data="s3://data/x_test.csv", content_type="text/csv")
    )
    register = ModelStep(
        name="ModelRegistrationStep",
        step_args=best.register(
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=[kind],
            transform_instances=[kind],
            model_package_group_name=group,
            approval_status=status,
            model_metrics=ModelMetrics(
                model_statistics=MetricsSource(s3_uri=best_of.ModelInsightsJsonReportPath, content_type=JSON),
                explainability=MetricsSource(s3_uri=best_of.ExplainabilityJsonReportPath, content_type=JSON),
            ),
        ),
    )
    report = PropertyFile(name="evaluation", output_name="evaluation_metrics", path="evaluation_metrics.json")
    evaluate = ProcessingStep(
        "ModelEvaluationStep",
        step_args=sklearn(session, count=count).run(
            code=f"{files}/step.py",
            inputs=[
                ProcessingInput(
                    source=transform.properties.TransformOutput.S3OutputPath,
                    destination="/opt/ml/processing/input/predictions",
                )
            ],
            outputs=[
                ProcessingOutput(
                    output_name="evaluation_metrics",
                    source="/opt/ml/processing/evaluation",
                    destination=Join(on="/", values=["s3:/", bucket, "auto-ml-training", "evaluation"]),
                )
            ],
        ),
        property_files=[report],
    )
    f1 = JsonGet(step_name=evaluate.name, property_file=report, json_path="classification_metrics.weighted_f1.value")
    gate = ConditionStep(
        "ConditionalRegistrationStep",
        conditions=[ConditionGreaterThanOrEqualTo(left=f1, right=threshold)],
        if_steps=[register],
        else_steps=[],
    )
    return Pipeline(
        "AutoMLTrainingPipeline",
        parameters=[count, kind, runtime, status, group, threshold, bucket, target],
        steps=[auto, create, transform, evaluate, gate],
        sagemaker_session=session,
    )


def latest_model(session: Any, files: Path) -> Any:
    """batch_transform_with_callback: the queue is a parameter (its default a queue's name), the message carries no
    arguments, a model's image and data are what the callback answers."""
    data = ParameterString(name="BatchData", default_value="s3://data/batch.csv")
    queue = ParameterString(name="SQSQueue", default_value="callbackBatchTransformPipelineSQS")
    fetch = CallbackStep(
        name="fetchLatestModel",
        sqs_queue_url=queue,
        inputs={},
        outputs=[
            CallbackOutput(output_name=name, output_type=CallbackOutputTypeEnum.String)
            for name in ("ModelUrl", "ImageUri")
        ],
    )
    model = Model(
        image_uri=fetch.properties.Outputs["ImageUri"],
        model_data=fetch.properties.Outputs["ModelUrl"],
        sagemaker_session=session,
        role=ROLE,
    )
    create = CreateModelStep(name="CreateModel", model=model, inputs=CreateModelInput(instance_type="ml.m5.large"))
    transformer = Transformer(
        model_name=create.properties.ModelName,
        instance_type="ml.m5.large",
        instance_count=1,
        output_path="s3://sdk-bucket/AbaloneTransform",
        sagemaker_session=session,
    )
    transform = TransformStep(name="Transform", transformer=transformer, inputs=TransformInput(data=data))
    steps = [fetch, create, transform]
    return Pipeline("latest-model", parameters=[data, queue], steps=steps, sagemaker_session=session)


EXAMPLES = [drift, monitored_transform, autopilot, latest_model]
