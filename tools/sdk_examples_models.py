"""Models: registration with and without a group, serial inference, baselines, checks of data and models:
pipelines with the traits of AWS's own examples, for sdk_definitions.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagemaker.clarify import BiasConfig, DataConfig, ModelConfig, ModelPredictedLabelConfig, SHAPConfig
from sagemaker.drift_check_baselines import DriftCheckBaselines
from sagemaker.estimator import Estimator
from sagemaker.inputs import BatchDataCaptureConfig, CreateModelInput, TrainingInput
from sagemaker.model import Model
from sagemaker.model_metrics import FileSource, MetricsSource, ModelMetrics
from sagemaker.model_monitor import DatasetFormat
from sagemaker.pipeline import PipelineModel
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.pytorch import PyTorch
from sagemaker.sklearn import SKLearnModel
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.transformer import Transformer
from sagemaker.workflow.check_job_config import CheckJobConfig
from sagemaker.workflow.clarify_check_step import (
    ClarifyCheckStep,
    DataBiasCheckConfig,
    ModelBiasCheckConfig,
    ModelExplainabilityCheckConfig,
)
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo, ConditionIn
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.functions import Join
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterBoolean, ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.quality_check_step import DataQualityCheckConfig, ModelQualityCheckConfig, QualityCheckStep
from sagemaker.workflow.step_collections import RegisterModel
from sagemaker.workflow.steps import CacheConfig, CreateModelStep, ProcessingStep, TrainingStep, TransformStep
from sagemaker.xgboost import XGBoost, XGBoostModel

ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/image:1"


def registration(session: Any, files: Path) -> Any:
    good = ParameterInteger(name="Enough", default_value=1)
    inn = ParameterString(name="Foo", default_value="foo")
    task, url, fw = (
        ParameterString("Task", "IMAGE_CLASSIFICATION"),
        ParameterString("SamplePayloadUrl", "s3://test-bucket/model"),
        ParameterString("Framework", "TENSORFLOW"),
    )
    pt = PyTorch(
        entry_point="train.py",
        source_dir=f"{files}/src",
        role=ROLE,
        framework_version="1.13.1",
        py_version="py39",
        instance_count=1,
        instance_type="ml.m5.xlarge",
        sagemaker_session=session,
    )
    train = TrainingStep("pytorch-train", step_args=pt.fit(TrainingInput("s3://data/x")))
    reg = RegisterModel(
        "pytorch-register-model",
        estimator=pt,
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        content_types=["*"],
        response_types=["*"],
        inference_instances=["ml.m5.xlarge"],
        transform_instances=["ml.m5.xlarge"],
        description="a model",
        sample_payload_url=url,
        task=task,
        framework=fw,
        framework_version="2.9",
        nearest_model_name="resnet50",
    )
    m = Model(
        image_uri=pt.training_image_uri(),
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        sagemaker_session=session,
        role=ROLE,
    )
    cr = CreateModelStep("pytorch-model", model=m, inputs=CreateModelInput(instance_type="ml.m5.large"))
    c = ConditionStep(
        "cond",
        conditions=[
            ConditionGreaterThanOrEqualTo(left=good, right=1),
            ConditionIn(value=inn, in_values=["foo", "bar"]),
        ],
        if_steps=[reg],
        else_steps=[cr],
        depends_on=[train],
    )
    return Pipeline("registration", parameters=[good, inn, task, url, fw], steps=[train, c], sagemaker_session=session)


def serial_inference(session: Any, files: Path) -> Any:
    raw = ParameterString(name="raw_data_path", default_value="s3://data/raw/")
    mp = ParameterString(name="model_path", default_value="s3://data/sk")
    op = ParameterString(name="output_path", default_value="s3://data/o")
    pr = ProcessingStep(
        "Processing",
        step_args=SKLearnProcessor(
            role=ROLE,
            instance_type="ml.m5.xlarge",
            instance_count=1,
            framework_version="0.20.0",
            sagemaker_session=session,
        ).run(
            code=f"{files}/step.py",
            arguments=["--train-test-split-ratio", "0.2"],
            inputs=[ProcessingInput(input_name="raw_data", source=raw, destination="/opt/ml/processing/input")],
            outputs=[
                ProcessingOutput(output_name="train_data", source="/opt/ml/processing/train", destination=mp),
                ProcessingOutput(output_name="model", source="/opt/ml/processing/model", destination=mp),
            ],
        ),
    )
    e = XGBoost(
        entry_point="train.py",
        source_dir=f"{files}/src",
        output_path=op,
        code_location="s3://data/code",
        instance_type="ml.m5.xlarge",
        instance_count=1,
        framework_version="0.90-2",
        sagemaker_session=session,
        py_version="py3",
        role=ROLE,
    )
    t = TrainingStep(
        "Training",
        step_args=e.fit(
            {
                "train": TrainingInput(
                    pr.properties.ProcessingOutputConfig.Outputs["train_data"].S3Output.S3Uri, content_type="text/csv"
                )
            }
        ),
    )
    skm = SKLearnModel(
        name="sklearn-model",
        model_data=pr.properties.ProcessingOutputConfig.Outputs["model"].S3Output.S3Uri,
        entry_point="inference.py",
        source_dir=f"{files}/src",
        code_location="s3://data/code",
        role=ROLE,
        sagemaker_session=session,
        framework_version="0.20.0",
        py_version="py3",
    )
    xm = XGBoostModel(
        name="xgboost-model",
        model_data=t.properties.ModelArtifacts.S3ModelArtifacts,
        entry_point="inference.py",
        source_dir=f"{files}/src",
        code_location="s3://data/code",
        framework_version="0.90-2",
        py_version="py3",
        role=ROLE,
        sagemaker_session=session,
    )
    pm = PipelineModel([xm, skm], ROLE, sagemaker_session=session)
    reg = ModelStep(
        "SipRegister",
        step_args=pm.register(
            content_types=["application/json"],
            response_types=["application/json"],
            inference_instances=["ml.t2.medium"],
            transform_instances=["ml.m5.xlarge"],
            model_package_group_name="turbines",
            sample_payload_url="s3://data/x",
            task="IMAGE_CLASSIFICATION",
            framework="TENSORFLOW",
            framework_version="2.9",
            nearest_model_name="resnet50",
            customer_metadata_properties={"k": "v"},
            domain="COMPUTER_VISION",
        ),
    )
    cr = ModelStep(
        "SipCreate",
        step_args=PipelineModel(
            [xm, skm],
            ROLE,
            sagemaker_session=session,
            vpc_config={"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        ).create(instance_type="ml.m5.large"),
    )
    return Pipeline("serial-inference", parameters=[raw, mp, op], steps=[pr, t, reg, cr], sagemaker_session=session)


def baselines(session: Any, files: Path) -> Any:
    u = ParameterString(name="metrics_uri", default_value="s3://data/m")
    mu = ParameterString(name="model_uri", default_value="s3://data/m.tar.gz")

    def metrics() -> Any:
        return MetricsSource(s3_uri=u, content_type="application/json")

    mm = ModelMetrics(
        bias=metrics(),
        explainability=metrics(),
        bias_pre_training=metrics(),
        bias_post_training=metrics(),
        model_statistics=metrics(),
        model_constraints=metrics(),
        model_data_statistics=metrics(),
        model_data_constraints=metrics(),
    )
    db = DriftCheckBaselines(
        model_statistics=metrics(),
        model_constraints=metrics(),
        model_data_statistics=metrics(),
        model_data_constraints=metrics(),
        bias_config_file=FileSource(s3_uri=u, content_type="application/json"),
        bias_pre_training_constraints=metrics(),
        bias_post_training_constraints=metrics(),
        explainability_constraints=metrics(),
        explainability_config_file=FileSource(s3_uri=u, content_type="application/json"),
    )
    e = XGBoost(
        entry_point="train.py",
        source_dir=f"{files}/src",
        instance_type="ml.m5.xlarge",
        instance_count=1,
        framework_version="0.90-2",
        sagemaker_session=session,
        py_version="py3",
        role=ROLE,
    )
    r = RegisterModel(
        "drift-register",
        estimator=e,
        model_data=mu,
        content_types=["application/json"],
        response_types=["application/json"],
        inference_instances=["ml.t2.medium"],
        transform_instances=["ml.m5.xlarge"],
        model_package_group_name="G",
        model_metrics=mm,
        drift_check_baselines=db,
        customer_metadata_properties={"key1": "value1"},
        skip_model_validation="All",
        source_uri="s3://data/s",
    )
    return Pipeline("baselines", parameters=[u, mu], steps=[r], sagemaker_session=session)


def monitoring(session: Any, files: Path) -> Any:
    cj = CheckJobConfig(
        role=ROLE, instance_count=1, instance_type="ml.c5.xlarge", volume_size_in_gb=120, sagemaker_session=session
    )
    skip = ParameterBoolean(name="SkipDataQualityCheck", default_value=False)
    new = ParameterBoolean(name="RegisterNewDataQualityBaseline", default_value=False)
    ss = ParameterString("DataQualitySuppliedStatistics", "")
    sc = ParameterString("DataQualitySuppliedConstraints", "")
    g = ParameterString("ModelPackageGroupName", "G")
    dq = QualityCheckStep(
        "DataQualityCheckStep",
        skip_check=skip,
        register_new_baseline=new,
        quality_check_config=DataQualityCheckConfig(
            baseline_dataset="s3://data/train",
            dataset_format=DatasetFormat.csv(header=False, output_columns_position="START"),
            output_s3_uri=Join(
                on="/", values=["s3:/", "data", ExecutionVariables.PIPELINE_EXECUTION_ID, "dataqualitycheckstep"]
            ),
        ),
        check_job_config=cj,
        supplied_baseline_statistics=ss,
        supplied_baseline_constraints=sc,
        model_package_group_name=g,
        fail_on_violation=False,
        cache_config=CacheConfig(enable_caching=True, expire_after="30d"),
    )
    dc = DataConfig(
        s3_data_input_path="s3://data/train",
        s3_output_path=Join(on="/", values=["s3:/", "data", ExecutionVariables.PIPELINE_EXECUTION_ID]),
        label=0,
        dataset_type="text/csv",
        s3_analysis_config_output_path="s3://data/analysis",
    )
    bc = BiasConfig(label_values_or_threshold=[15.0], facet_name=[8], facet_values_or_threshold=[[0.5]])
    db = ClarifyCheckStep(
        "DataBiasCheckStep",
        clarify_check_config=DataBiasCheckConfig(data_config=dc, data_bias_config=bc),
        check_job_config=cj,
        skip_check=skip,
        register_new_baseline=new,
        supplied_baseline_constraints=sc,
        model_package_group_name=g,
    )
    e = Estimator(image_uri=IMAGE, role=ROLE, instance_count=1, instance_type="ml.m5.large", sagemaker_session=session)
    t = TrainingStep(
        "TrainModel",
        step_args=e.fit({"train": TrainingInput("s3://data/train", content_type="text/csv")}),
        depends_on=[dq, db],
    )
    m = Model(
        image_uri=IMAGE, model_data=t.properties.ModelArtifacts.S3ModelArtifacts, sagemaker_session=session, role=ROLE
    )
    cm = ModelStep("CreateModel", step_args=m.create(instance_type="ml.m5.large", accelerator_type="ml.eia1.medium"))
    tr = Transformer(
        model_name=cm.properties.ModelName,
        instance_type="ml.m5.xlarge",
        instance_count=1,
        accept="text/csv",
        assemble_with="Line",
        output_path="s3://data/t",
        sagemaker_session=session,
        strategy="MultiRecord",
        max_payload=6,
        max_concurrent_transforms=4,
        env={"a": "b"},
        tags=[{"Key": "k", "Value": "v"}],
    )
    tx = TransformStep(
        "Transform",
        step_args=tr.transform(
            data="s3://data/x",
            content_type="text/csv",
            split_type="Line",
            input_filter="$[1:]",
            join_source="Input",
            output_filter="$[0,-1]",
            data_type="S3Prefix",
            compression_type="None",
            model_client_config={"InvocationsTimeoutInSeconds": 60, "InvocationsMaxRetries": 2},
            batch_data_capture_config=BatchDataCaptureConfig(
                destination_s3_uri="s3://data/dc", generate_inference_id=True
            ),
        ),
    )
    mq = QualityCheckStep(
        "ModelQualityCheckStep",
        skip_check=skip,
        register_new_baseline=new,
        quality_check_config=ModelQualityCheckConfig(
            baseline_dataset=tx.properties.TransformOutput.S3OutputPath,
            dataset_format=DatasetFormat.csv(header=False),
            output_s3_uri="s3://data/mq",
            problem_type="Regression",
            inference_attribute="_c0",
            ground_truth_attribute="_c1",
        ),
        check_job_config=cj,
        model_package_group_name=g,
    )
    mc = ModelConfig(
        model_name=cm.properties.ModelName,
        instance_count=1,
        instance_type="ml.m5.large",
        content_type="text/csv",
        accept_type="text/csv",
    )
    mb = ClarifyCheckStep(
        "ModelBiasCheckStep",
        clarify_check_config=ModelBiasCheckConfig(
            data_config=dc,
            data_bias_config=bc,
            model_config=mc,
            model_predicted_label_config=ModelPredictedLabelConfig(),
        ),
        check_job_config=cj,
        skip_check=skip,
        register_new_baseline=True,
        model_package_group_name=g,
    )
    me = ClarifyCheckStep(
        "ModelExplainabilityCheckStep",
        clarify_check_config=ModelExplainabilityCheckConfig(
            data_config=dc, model_config=mc, explainability_config=SHAPConfig(seed=123, num_samples=10)
        ),
        check_job_config=cj,
        skip_check=False,
        register_new_baseline=False,
    )

    def baseline(st: Any, n: str) -> Any:
        return MetricsSource(s3_uri=getattr(st.properties, n), content_type="application/json")

    mm = ModelMetrics(
        model_data_statistics=baseline(dq, "CalculatedBaselineStatistics"),
        model_data_constraints=baseline(dq, "CalculatedBaselineConstraints"),
        bias_pre_training=baseline(db, "CalculatedBaselineConstraints"),
        model_statistics=baseline(mq, "CalculatedBaselineStatistics"),
        model_constraints=baseline(mq, "CalculatedBaselineConstraints"),
        bias_post_training=baseline(mb, "CalculatedBaselineConstraints"),
        explainability=baseline(me, "CalculatedBaselineConstraints"),
    )
    dbl = DriftCheckBaselines(
        model_data_statistics=baseline(dq, "BaselineUsedForDriftCheckStatistics"),
        model_data_constraints=baseline(dq, "BaselineUsedForDriftCheckConstraints"),
        bias_pre_training_constraints=baseline(db, "BaselineUsedForDriftCheckConstraints"),
        bias_config_file=FileSource(s3_uri="s3://data/analysis_config.json", content_type="application/json"),
        model_statistics=baseline(mq, "BaselineUsedForDriftCheckStatistics"),
        explainability_constraints=baseline(me, "BaselineUsedForDriftCheckConstraints"),
    )
    reg = ModelStep(
        "Register",
        step_args=m.register(
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.t2.medium"],
            transform_instances=["ml.m5.large"],
            model_package_group_name=g,
            model_metrics=mm,
            drift_check_baselines=dbl,
        ),
    )
    return Pipeline(
        "monitoring",
        parameters=[skip, new, ss, sc, g],
        steps=[dq, db, t, cm, tx, mq, mb, me, reg],
        sagemaker_session=session,
    )


EXAMPLES = (
    registration,
    serial_inference,
    baselines,
    monitoring,
)
