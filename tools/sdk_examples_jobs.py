"""Jobs: processors and frameworks, data sets, debugger and profiler, tuning of one and of several algorithms:
pipelines with the traits of AWS's own examples, for sdk_definitions.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sagemaker.dataset_definition.inputs import DatasetDefinition, RedshiftDatasetDefinition
from sagemaker.debugger import CollectionConfig, DebuggerHookConfig, ProfilerConfig, ProfilerRule, Rule, rule_configs
from sagemaker.estimator import Estimator
from sagemaker.huggingface import HuggingFace
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.processing import (
    FeatureStoreOutput,
    FrameworkProcessor,
    NetworkConfig,
    ProcessingInput,
    ProcessingOutput,
    Processor,
    ScriptProcessor,
)
from sagemaker.pytorch import PyTorch
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.spark.processing import PySparkProcessor, SparkJarProcessor
from sagemaker.tensorflow import TensorFlow
from sagemaker.transformer import Transformer
from sagemaker.tuner import (
    CategoricalParameter,
    ContinuousParameter,
    HyperbandStrategyConfig,
    HyperparameterTuner,
    IntegerParameter,
    StrategyConfig,
    WarmStartConfig,
    WarmStartTypes,
)
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_definition_config import PipelineDefinitionConfig
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import CacheConfig, ProcessingStep, TrainingStep, TransformStep, TuningStep
from sagemaker.wrangler.processing import DataWranglerProcessor

ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/image:1"


def processors(session: Any, files: Path) -> Any:
    cache = CacheConfig(enable_caching=True, expire_after="PT1H")
    fp = FrameworkProcessor(
        role=ROLE,
        instance_type="ml.m5.xlarge",
        instance_count=1,
        estimator_cls=TensorFlow,
        framework_version="2.9",
        py_version="py39",
        sagemaker_session=session,
        env={"A": "b"},
        volume_kms_key="key",
        output_kms_key="key",
        max_runtime_in_seconds=3600,
        network_config=NetworkConfig(
            enable_network_isolation=False,
            security_group_ids=["sg-1"],
            subnets=["subnet-1"],
            encrypt_inter_container_traffic=True,
        ),
        tags=[{"Key": "a", "Value": "b"}],
    )
    a = ProcessingStep(
        "Step-1",
        step_args=fp.run(
            code="train.py",
            source_dir=f"{files}/src",
            outputs=[
                ProcessingOutput(output_name="test", source="/opt/ml/processing/test", s3_upload_mode="Continuous")
            ],
        ),
        cache_config=cache,
    )
    sp = PySparkProcessor(
        base_job_name="sm-spark",
        framework_version="3.1",
        role=ROLE,
        instance_count=2,
        instance_type="ml.m5.xlarge",
        max_runtime_in_seconds=1200,
        sagemaker_session=session,
    )
    b = ProcessingStep(
        "pyspark",
        step_args=sp.run(
            submit_app=f"{files}/step.py",
            arguments=["--x", a.properties.ProcessingOutputConfig.Outputs["test"].S3Output.S3Uri],
            spark_event_logs_s3_uri="s3://data/logs",
            configuration=[{"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}}],
            submit_py_files=[f"{files}/src/train.py"],
        ),
        cache_config=CacheConfig(enable_caching=True, expire_after="T30m"),
    )
    jar = SparkJarProcessor(
        role=ROLE, instance_count=2, instance_type="ml.m5.xlarge", sagemaker_session=session, framework_version="3.1"
    )
    c = ProcessingStep(
        "sparkjar",
        step_args=jar.run(submit_app=f"{files}/app.jar", submit_class="com.example.App", arguments=["--input", "x"]),
    )
    on = "0a1b2c3d-0000-4000-8000-000000000001.default"
    dw = DataWranglerProcessor(
        role=ROLE,
        data_wrangler_flow_source=f"{files}/x.flow",
        instance_count=ParameterInteger("C", 1),
        instance_type="ml.m5.4xlarge",
        sagemaker_session=session,
        max_runtime_in_seconds=86400,
    )
    d = ProcessingStep(
        "data-wrangler",
        step_args=dw.run(
            inputs=[
                ProcessingInput(
                    input_name="dummy_data.csv",
                    source=f"{files}/data.csv",
                    destination="/opt/ml/processing/dummy_data.csv",
                )
            ],
            outputs=[
                ProcessingOutput(
                    output_name=on,
                    source="/opt/ml/processing/output",
                    destination="s3://data/output",
                    s3_upload_mode="EndOfJob",
                )
            ],
            arguments=[f"--output-config '{json.dumps({on: {'content_type': 'CSV'}})}'"],
        ),
    )
    e = ProcessingStep(
        "ingest",
        step_args=dw.run(
            inputs=[
                ProcessingInput(
                    source=d.properties.ProcessingOutputConfig.Outputs[on].S3Output.S3Uri,
                    destination="/opt/ml/processing/x",
                )
            ],
            outputs=[
                ProcessingOutput(
                    output_name=on, app_managed=True, feature_store_output=FeatureStoreOutput(feature_group_name="fg-1")
                )
            ],
        ),
    )
    hf = HuggingFace(
        entry_point="train.py",
        source_dir=f"{files}/src",
        role=ROLE,
        instance_type="ml.p3.2xlarge",
        instance_count=2,
        transformers_version="4.6",
        pytorch_version="1.7",
        py_version="py36",
        sagemaker_session=session,
        distribution={"smdistributed": {"dataparallel": {"enabled": True}}} if False else None,
        hyperparameters={"epochs": 1, "flag": True, "lr": 5e-5, "name": "x"},
        use_spot_instances=True,
        max_run=3600,
        max_wait=7200,
        checkpoint_s3_uri="s3://data/c",
        environment={"X": "1"},
        subnets=["subnet-1"],
        security_group_ids=["sg-1"],
        encrypt_inter_container_traffic=True,
        keep_alive_period_in_seconds=None,
        disable_profiler=True,
    )
    f = TrainingStep(
        "hf",
        step_args=hf.fit(
            {
                "train": "s3://data/train",
                "test": TrainingInput(
                    "s3://data/t",
                    distribution="ShardedByS3Key",
                    compression="Gzip",
                    record_wrapping="RecordIO",
                    input_mode="Pipe",
                    shuffle_config=None,
                    attribute_names=["a"],
                    s3_data_type="AugmentedManifestFile",
                ),
            }
        ),
    )
    return Pipeline("processors", parameters=[dw.instance_count], steps=[a, b, c, d, e, f], sagemaker_session=session)


def datasets(session: Any, files: Path) -> Any:
    rd = DatasetDefinition(
        local_path="/opt/ml/processing/input/r",
        data_distribution_type="ShardedByS3Key",
        input_mode="File",
        redshift_dataset_definition=RedshiftDatasetDefinition(
            cluster_id="c",
            database="d",
            db_user="u",
            query_string="select 1",
            cluster_role_arn=ROLE,
            output_s3_uri="s3://data/o",
            kms_key_id="k",
            output_format="CSV",
            output_compression="GZIP",
        ),
    )
    sp = Processor(
        image_uri=IMAGE,
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        sagemaker_session=session,
        entrypoint=["python3", "/x.py"],
        env={"A": ParameterString("EnvP", "x")},
    )
    a = ProcessingStep(
        "rd",
        step_args=sp.run(
            inputs=[
                ProcessingInput(dataset_definition=rd, app_managed=True),
                ProcessingInput(
                    source=ParameterString("EnvP", "x"),
                    destination="/opt/ml/processing/x",
                    s3_input_mode="Pipe",
                    s3_data_type="ManifestFile",
                    s3_data_distribution_type="ShardedByS3Key",
                    s3_compression_type="Gzip",
                ),
            ],
            arguments=["--a", ParameterInteger("N", 3).to_string(), "--b", ExecutionVariables.CURRENT_DATETIME],
        ),
    )
    return Pipeline(
        "datasets",
        parameters=[ParameterString("EnvP", "x", enum_values=["x", "y"]), ParameterInteger("N", 3)],
        steps=[a],
        sagemaker_session=session,
    )


def training(session: Any, files: Path) -> Any:
    hook = DebuggerHookConfig(
        s3_output_path="s3://data/d",
        hook_parameters={"save_interval": "10"},
        collection_configs=[CollectionConfig(name="losses", parameters={"save_interval": "1"})],
    )
    rules = [
        Rule.sagemaker(rule_configs.loss_not_decreasing()),
        ProfilerRule.sagemaker(rule_configs.ProfilerReport(CPUBottleneck_cpu_threshold=1)),
    ]
    e = PyTorch(
        entry_point="train.py",
        source_dir=f"{files}/src",
        role=ROLE,
        framework_version="1.12",
        py_version="py38",
        instance_count=1,
        instance_type="ml.m5.xlarge",
        sagemaker_session=session,
        rules=rules,
        debugger_hook_config=hook,
        profiler_config=ProfilerConfig(system_monitor_interval_millis=500),
    )
    from sagemaker.debugger import TensorBoardOutputConfig

    e2 = TensorFlow(
        entry_point="train.py",
        source_dir=f"{files}/src",
        role=ROLE,
        framework_version="2.9",
        py_version="py39",
        instance_count=2,
        instance_type="ml.p3.16xlarge",
        sagemaker_session=session,
        tensorboard_output_config=TensorBoardOutputConfig(s3_output_path="s3://data/tb"),
        distribution={"mpi": {"enabled": True, "processes_per_host": 2}},
        metric_definitions=[{"Name": "a:b", "Regex": "x"}],
        keep_alive_period_in_seconds=600,
        volume_size=100,
        volume_kms_key="k",
        output_kms_key="k",
        tags=[{"Key": "k", "Value": "v"}],
    )
    e3 = Estimator(
        image_uri=IMAGE,
        role=ROLE,
        instance_groups=None,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
        container_entry_point=["python3"],
        container_arguments=["x", ExecutionVariables.START_DATETIME],
        input_mode="FastFile",
        enable_network_isolation=True,
        output_path=Join(on="/", values=["s3:/", "data", ExecutionVariables.PIPELINE_NAME]),
        max_retry_attempts=2,
    )
    from sagemaker.inputs import FileSystemInput

    return Pipeline(
        "training",
        steps=[
            TrainingStep("a", step_args=e.fit(TrainingInput("s3://data/x"))),
            TrainingStep("b", step_args=e2.fit(TrainingInput("s3://data/x"))),
            TrainingStep(
                "c", step_args=e3.fit({"x": FileSystemInput("fs-0123456789abcdef0", "FSxLustre", "/fsx/x", "ro")})
            ),
            TrainingStep("d", step_args=e3.fit()),
        ],
        sagemaker_session=session,
    )


def tuning(session: Any, files: Path) -> Any:
    ic = ParameterInteger("InstanceCount", 1)
    lo = ParameterString("MinBatchSize", "64")
    hi = ParameterString("MaxBatchSize", "128")
    pf = PropertyFile(name="DataAttributes", output_name="attributes", path="attributes.json")
    pr = ProcessingStep(
        "my-process",
        step_args=SKLearnProcessor(
            role=ROLE,
            instance_type="ml.m5.xlarge",
            instance_count=ic,
            framework_version="0.20.0",
            sagemaker_session=session,
        ).run(
            code=f"{files}/step.py",
            outputs=[
                ProcessingOutput(output_name="train_data", source="/opt/ml/processing/train"),
                ProcessingOutput(output_name="attributes", source="/opt/ml/processing/attributes.json"),
            ],
        ),
        property_files=[pf],
    )
    jg = JsonGet(step_name=pr.name, property_file=pf, json_path="train_size")
    pt = PyTorch(
        entry_point="train.py",
        source_dir=f"{files}/src",
        role=ROLE,
        framework_version="1.13.1",
        py_version="py39",
        instance_count=ic,
        instance_type="ml.m5.xlarge",
        sagemaker_session=session,
        enable_sagemaker_metrics=True,
        max_retry_attempts=3,
        hyperparameters={"static-hp": lo, "train_size": jg},
    )
    md = [{"Name": "test:acc", "Regex": "Overall test accuracy: (.*?);"}]
    t1 = HyperparameterTuner.create(
        estimator_dict={"estimator-1": pt, "estimator-2": pt},
        objective_metric_name_dict={"estimator-1": "test:acc", "estimator-2": "test:acc"},
        hyperparameter_ranges_dict={
            "estimator-1": {"batch-size": IntegerParameter(lo, jg)},
            "estimator-2": {"batch-size": IntegerParameter(lo, hi)},
        },
        metric_definitions_dict={"estimator-1": md, "estimator-2": md},
    )
    st = TuningStep(
        "my-tuning-step",
        step_args=t1.fit(
            include_cls_metadata={"estimator-1": False, "estimator-2": False},
            inputs={"estimator-1": TrainingInput("s3://data/x"), "estimator-2": TrainingInput("s3://data/x")},
        ),
        depends_on=[pr],
        cache_config=CacheConfig(enable_caching=True, expire_after="T12H"),
    )
    t2 = HyperparameterTuner(
        pt,
        "test:acc",
        {
            "lr": ContinuousParameter(0.1, 0.5, scaling_type="Logarithmic"),
            "d": IntegerParameter(1, 9),
            "b": CategoricalParameter(["a", "b"]),
        },
        metric_definitions=md,
        max_jobs=4,
        max_parallel_jobs=2,
        strategy="Hyperband",
        strategy_config=StrategyConfig(HyperbandStrategyConfig(max_resource=10, min_resource=1)),
        early_stopping_type="Off",
        warm_start_config=WarmStartConfig(WarmStartTypes.TRANSFER_LEARNING, parents={"parent-1", "parent-2"}),
        tags=[{"Key": "a", "Value": "b"}],
    )
    st2 = TuningStep("tune2", step_args=t2.fit(TrainingInput("s3://data/x")))
    ms = []
    for k in range(2):
        m = Model(
            image_uri=IMAGE,
            model_data=st2.get_top_model_s3_uri(top_k=k, s3_bucket="data", prefix="x"),
            sagemaker_session=session,
            role=ROLE,
        )
        ms.append(ModelStep(f"best-{k}", step_args=m.create(instance_type="ml.m5.large")))
    pr2 = ProcessingStep(
        "use",
        step_args=ScriptProcessor(
            image_uri=IMAGE,
            command=["python3"],
            instance_type="ml.m5.large",
            instance_count=1,
            role=ROLE,
            sagemaker_session=session,
        ).run(
            code=f"{files}/step.py",
            arguments=[
                st2.properties.BestTrainingJob.TrainingJobName,
                st2.properties.HyperParameterTuningJobName,
                st2.properties.TrainingJobSummaries[1].TrainingJobName,
                st2.properties.BestTrainingJob.FinalHyperParameterTuningJobObjectiveMetric.Value.to_string(),
            ],
        ),
    )
    return Pipeline("tuning", parameters=[ic, lo, hi], steps=[pr, st, st2, *ms, pr2], sagemaker_session=session)


def prefixes(session: Any, files: Path) -> Any:
    sp = Processor(
        image_uri=IMAGE,
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        sagemaker_session=session,
        base_job_name="MyProc",
    )
    e = Estimator(
        image_uri=IMAGE,
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
        base_job_name="MyTrain",
    )
    tr = Transformer(
        model_name="m",
        instance_type="ml.m5.xlarge",
        instance_count=1,
        output_path="s3://data/t",
        sagemaker_session=session,
        base_transform_job_name="MyTr",
    )
    tu = HyperparameterTuner(
        e,
        "auc",
        {"eta": ContinuousParameter(0.1, 0.5)},
        metric_definitions=[{"Name": "auc", "Regex": "x"}],
        base_tuning_job_name="MyTune",
    )
    m = Model(image_uri=IMAGE, model_data="s3://data/m", sagemaker_session=session, role=ROLE, name="MyModel")
    return Pipeline(
        "prefixes",
        steps=[
            ProcessingStep("a", step_args=sp.run()),
            TrainingStep("b", step_args=e.fit({"t": TrainingInput("s3://data/x")})),
            TransformStep("c", step_args=tr.transform(data="s3://data/x")),
            TuningStep("d", step_args=tu.fit({"t": TrainingInput("s3://data/x")})),
            ModelStep("e", step_args=m.create(instance_type="ml.m5.large")),
        ],
        pipeline_definition_config=PipelineDefinitionConfig(use_custom_job_prefix=True),
        sagemaker_session=session,
    )


EXAMPLES = (
    processors,
    datasets,
    training,
    tuning,
    prefixes,
)
