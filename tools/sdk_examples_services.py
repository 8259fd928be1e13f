"""Values in messages, retries, EMR, functions and queues, notebook jobs, decorated functions:
pipelines with the traits of AWS's own examples, for sdk_definitions.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagemaker.dataset_definition.inputs import AthenaDatasetDefinition, DatasetDefinition
from sagemaker.inputs import TrainingInput
from sagemaker.lambda_helper import Lambda
from sagemaker.model import Model
from sagemaker.processing import ProcessingInput, ScriptProcessor
from sagemaker.pytorch import PyTorch
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import (
    ConditionEquals,
    ConditionGreaterThan,
    ConditionGreaterThanOrEqualTo,
    ConditionIn,
    ConditionLessThan,
    ConditionLessThanOrEqualTo,
    ConditionNot,
    ConditionOr,
)
from sagemaker.workflow.emr_step import EMRStep, EMRStepConfig
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.function_step import step
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.notebook_job_step import NotebookJobStep
from sagemaker.workflow.parameters import ParameterBoolean, ParameterFloat, ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from sagemaker.workflow.steps import CacheConfig, ProcessingStep, TrainingStep

ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/image:1"


def athena() -> Any:
    return DatasetDefinition(
        local_path="/opt/ml/processing/input/add",
        data_distribution_type="FullyReplicated",
        input_mode="File",
        athena_dataset_definition=AthenaDatasetDefinition(
            catalog="AwsDataCatalog",
            database="default",
            work_group="workgroup",
            query_string='SELECT * FROM "default"."clicks";',
            output_s3_uri="s3://data/add",
            output_format="JSON",
            output_compression="GZIP",
        ),
    )


def variables(session: Any, files: Path) -> Any:
    ps = ParameterString(name="MyString", default_value="1")
    pi = ParameterInteger(name="MyInteger", default_value=3)
    c = ConditionStep(
        "CondStep", conditions=[ConditionGreaterThan(left=ps, right=pi.to_string())], if_steps=[], else_steps=[]
    )
    f = FailStep(
        "FailStep",
        error_message=Join(on=" ", values=["returned:", c.properties.Outcome.to_string(), "left", ps, "right", pi]),
    )
    return Pipeline("variables", parameters=[ps, pi], steps=[c, f], sagemaker_session=session)


def failures(session: Any, files: Path) -> Any:
    pi = ParameterInteger(name="MyInt")
    pstr = ParameterString(name="MyString")
    fs = [
        FailStep("F1", error_message=pstr),
        FailStep("F2"),
        FailStep("F3", error_message=ExecutionVariables.PIPELINE_EXECUTION_ARN),
    ]
    c = ConditionStep("CondStep", conditions=[ConditionEquals(left=pi, right=1)], if_steps=[fs[0]], else_steps=[fs[1]])
    f3 = FailStep("F4", error_message=Join(on=": ", values=["x", c.properties.Outcome]))
    return Pipeline("failures", parameters=[pi, pstr], steps=[c, fs[2], f3], sagemaker_session=session)


def retries(session: Any, files: Path) -> Any:
    ic = ParameterInteger(name="InstanceCount", default_value=2)
    sk = SKLearnProcessor(
        framework_version="1.2-1",
        role=ROLE,
        instance_type="ml.m5.large",
        instance_count=ic,
        command=["python3"],
        sagemaker_session=session,
        base_job_name="test-sklearn",
    )
    st = ProcessingStep(
        "sklearn-process",
        step_args=sk.run(
            inputs=[
                ProcessingInput(source=f"{files}/data.csv", destination="/opt/ml/processing/inputs/"),
                ProcessingInput(dataset_definition=athena()),
            ],
            code=f"{files}/step.py",
        ),
        retry_policies=[
            StepRetryPolicy(
                exception_types=[StepExceptionTypeEnum.SERVICE_FAULT, StepExceptionTypeEnum.THROTTLING],
                backoff_rate=2.0,
                interval_seconds=30,
                expire_after_mins=5,
            ),
            SageMakerJobStepRetryPolicy(
                exception_types=[SageMakerJobExceptionTypeEnum.CAPACITY_ERROR], max_attempts=10
            ),
        ],
    )
    pt = PyTorch(
        entry_point="train.py",
        source_dir=f"{files}/src",
        role=ROLE,
        framework_version="1.13.1",
        py_version="py39",
        instance_count=ic,
        instance_type="ml.m5.xlarge",
        sagemaker_session=session,
    )
    train = TrainingStep(
        "pytorch-train",
        step_args=pt.fit(TrainingInput("s3://data/x")),
        retry_policies=[
            StepRetryPolicy(exception_types=[StepExceptionTypeEnum.THROTTLING], max_attempts=3),
            SageMakerJobStepRetryPolicy(
                failure_reason_types=[
                    SageMakerJobExceptionTypeEnum.RESOURCE_LIMIT,
                    SageMakerJobExceptionTypeEnum.INTERNAL_ERROR,
                ],
                expire_after_mins=100,
            ),
        ],
    )
    m = Model(
        image_uri=pt.training_image_uri(),
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        sagemaker_session=session,
        role=ROLE,
        entry_point="inference.py",
        source_dir=f"{files}/src",
    )
    pol = [StepRetryPolicy(exception_types=[StepExceptionTypeEnum.THROTTLING], max_attempts=3)]
    reg = ModelStep(
        "pytorch-register-model",
        step_args=m.register(
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.t2.medium", "ml.m5.large"],
            transform_instances=["ml.m5.large"],
            description="a model",
            model_package_group_name="G",
        ),
        retry_policies={"register_model_retry_policies": pol, "repack_model_retry_policies": pol},
    )
    cr = ModelStep(
        "pytorch-model",
        step_args=m.create(instance_type="ml.m5.large", accelerator_type="ml.eia1.medium"),
        retry_policies={"create_model_retry_policies": pol},
    )
    ge = ParameterInteger(name="Enough", default_value=1)
    c = ConditionStep(
        "cond-good-enough",
        conditions=[ConditionGreaterThanOrEqualTo(left=ge, right=1)],
        if_steps=[reg],
        else_steps=[cr],
        depends_on=[train],
    )
    return Pipeline("retries", parameters=[ic, ge], steps=[st, train, c], sagemaker_session=session)


def clusters(session: Any, files: Path) -> Any:
    cfg = EMRStepConfig(
        jar="s3://us-west-2.elasticmapreduce/libs/script-runner/script-runner.jar", args=["dummy_emr_script_path"]
    )
    a = EMRStep("emr-step-1", cluster_id="j-1YONHTCP3YZKC", display_name="emr_step_1", description="d", step_config=cfg)
    b = EMRStep(
        "emr-step-2",
        cluster_id=a.properties.ClusterId,
        display_name="emr_step_2",
        description="d",
        step_config=EMRStepConfig(
            jar="command-runner.jar",
            args=[
                "spark-submit",
                "--deploy-mode",
                "cluster",
                "s3://data/x.py",
                ExecutionVariables.PIPELINE_EXECUTION_ID,
            ],
        ),
        cache_config=CacheConfig(enable_caching=True, expire_after="T30m"),
    )
    c = EMRStep(
        "emr-step-3",
        display_name="e",
        description="d",
        cluster_id=None,
        step_config=cfg,
        execution_role_arn=None,
        cluster_config={
            "Applications": [{"Name": "Spark"}, {"Name": "Hadoop"}],
            "Instances": {
                "InstanceGroups": [
                    {
                        "Name": "Master",
                        "InstanceRole": "MASTER",
                        "InstanceCount": 1,
                        "InstanceType": "m5.2xlarge",
                        "Market": "ON_DEMAND",
                    },
                    {
                        "InstanceRole": "CORE",
                        "InstanceCount": 2,
                        "InstanceType": "m5.2xlarge",
                        "BidPrice": "0.2",
                        "Market": "SPOT",
                        "EbsConfiguration": {
                            "EbsBlockDeviceConfigs": [
                                {"VolumeSpecification": {"VolumeType": "gp2", "SizeInGB": 32}, "VolumesPerInstance": 2}
                            ]
                        },
                    },
                ],
                "Ec2SubnetId": "subnet-1",
                "Ec2KeyName": "k",
                "EmrManagedMasterSecurityGroup": "sg-1",
                "EmrManagedSlaveSecurityGroup": "sg-2",
            },
            "BootstrapActions": [{"Name": "b", "ScriptBootstrapAction": {"Path": "s3://data/b.sh", "Args": ["a"]}}],
            "Configurations": [
                {"Classification": "spark-defaults", "Properties": {"spark.x": "1"}, "Configurations": []}
            ],
            "LogUri": "s3://data/logs",
            "ReleaseLabel": "emr-6.6.0",
            "ServiceRole": "EMR_DefaultRole",
            "JobFlowRole": "EMR_EC2_DefaultRole",
            "VisibleToAllUsers": True,
            "Tags": [{"Key": "a", "Value": "b"}],
            "ManagedScalingPolicy": {
                "ComputeLimits": {"UnitType": "Instances", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 4}
            },
            "StepConcurrencyLevel": 1,
            "EbsRootVolumeSize": 20,
            "SecurityConfiguration": "sc",
            "AutoScalingRole": "r",
            "ScaleDownBehavior": "TERMINATE_AT_TASK_COMPLETION",
            "CustomAmiId": "ami-123456",
            "KerberosAttributes": {"Realm": "R", "KdcAdminPassword": "p"},
            "PlacementGroupConfigs": [{"InstanceRole": "MASTER", "PlacementStrategy": "SPREAD"}],
        },
    )
    d = EMRStep(
        "emr-step-4",
        cluster_id="j-1YONHTCP3YZKC",
        display_name="e",
        description="d",
        step_config=cfg,
        execution_role_arn=ROLE,
    )
    a2 = ProcessingStep(
        "p",
        step_args=ScriptProcessor(
            image_uri=IMAGE,
            command=["python3"],
            instance_type="ml.m5.large",
            instance_count=1,
            role=ROLE,
            sagemaker_session=session,
        ).run(
            code=f"{files}/step.py", arguments=["--state", c.properties.Status.State, "--id", a.properties.ClusterId]
        ),
    )
    return Pipeline("clusters", steps=[a, b, c, d, a2], sagemaker_session=session)


def calls(session: Any, files: Path) -> Any:
    h = Lambda(function_arn="arn:aws:lambda:us-west-2:123456789012:function:deploy")
    call = LambdaStep(
        "LambdaStep",
        lambda_func=h,
        inputs={
            "model_name": "m",
            "endpoint_config_name": ExecutionVariables.PIPELINE_NAME,
            "n": 1,
            "f": 0.5,
            "b": True,
            "p": ParameterFloat("Pf", 1.5),
        },
        outputs=[
            LambdaOutput("statusCode", LambdaOutputTypeEnum.String),
            LambdaOutput("other_key", LambdaOutputTypeEnum.Boolean),
            LambdaOutput("n", LambdaOutputTypeEnum.Float),
        ],
        cache_config=CacheConfig(enable_caching=True, expire_after="T2H"),
    )
    l2 = LambdaStep("Second", lambda_func=h, inputs={}, depends_on=[call], display_name="x", description="y")
    c = CallbackStep(
        "GluePrep",
        sqs_queue_url="https://sqs.us-west-2.amazonaws.com/123456789012/prepare",
        inputs={"input_location": "s3://data/x", "output_location": call.properties.Outputs["statusCode"]},
        outputs=[
            CallbackOutput("s3_data_out", CallbackOutputTypeEnum.String),
            CallbackOutput("b", CallbackOutputTypeEnum.Boolean),
        ],
        depends_on=[l2],
    )
    c2 = CallbackStep(
        "NoOutputs",
        sqs_queue_url="https://sqs.us-west-2.amazonaws.com/123456789012/q",
        inputs={"x": c.properties.Outputs["s3_data_out"]},
        outputs=[],
    )
    co = ConditionStep(
        "c",
        conditions=[
            ConditionEquals(left=call.properties.Outputs["other_key"], right=True),
            ConditionNot(ConditionLessThan(left=call.properties.Outputs["n"], right=3)),
            ConditionOr(
                [
                    ConditionIn(
                        value=c.properties.Outputs["s3_data_out"], in_values=["a", ExecutionVariables.PIPELINE_NAME]
                    ),
                    ConditionEquals(
                        left=JsonGet(
                            s3_uri=Join(on="/", values=["s3:/", "data", "x.json"]),
                            step_name="GluePrep",
                            json_path="a[0].b",
                        ),
                        right="x",
                    ),
                ]
            ),
        ],
        if_steps=[c2],
    )
    return Pipeline("calls", parameters=[ParameterFloat("Pf", 1.5)], steps=[call, l2, c, co], sagemaker_session=session)


def notebooks(session: Any, files: Path) -> Any:
    comp, env, vol, enc = (
        ParameterString("company", "A"),
        ParameterString("env_key", "v"),
        ParameterInteger("volume_size", 40),
        ParameterBoolean(name="encrypt", default_value=False),
    )
    img = "123456789012.dkr.ecr.us-west-2.amazonaws.com/notebook@sha256:" + "0" * 64
    a = NotebookJobStep(
        name="nb1",
        display_name="My nb",
        description="d",
        notebook_job_name="job-1",
        image_uri=img,
        kernel_name="python3",
        role=ROLE,
        input_notebook=f"{files}/nb.ipynb",
        initialization_script=f"{files}/init.sh",
        additional_dependencies=[f"{files}/data.csv", f"{files}/sub"],
        parameters={"company": comp, "c2": "x"},
        environment_variables={"env_key": env, "k": "v"},
        tags={"sagemaker:user-profile-name": "studio-user", "sagemaker:is-scheduling-notebook-job": "true"},
        volume_size=vol,
        encrypt_inter_container_traffic=enc,
        s3_kms_key="k",
        volume_kms_key="k",
        max_runtime_in_seconds=3600,
        subnets=["subnet-1"],
        security_group_ids=["sg-1"],
        retry_policies=[StepRetryPolicy(exception_types=[StepExceptionTypeEnum.THROTTLING], max_attempts=3)],
    )
    b = NotebookJobStep(
        name="nb2",
        image_uri=img,
        kernel_name="python3",
        role=ROLE,
        input_notebook=f"{files}/nb.ipynb",
        parameters={
            "n": a.properties.ComputingJobName,
            "s": a.properties.ComputingJobStatus,
            "i": a.properties.NotebookJobInputLocation,
            "o": a.properties.NotebookJobOutputLocationPrefix,
            "in": a.properties.InputNotebookName,
            "on": a.properties.OutputNotebookName,
        },
        notebook_job_name="job-2",
    )
    b.add_depends_on([a])
    return Pipeline("notebooks", parameters=[comp, env, vol, enc], steps=[a, b], sagemaker_session=session)


def functions(session: Any, files: Path) -> Any:
    it = ParameterString("InstanceType", "ml.m5.xlarge")
    kw: dict[str, Any] = {"instance_type": it, "image_uri": IMAGE, "role": ROLE, "keep_alive_period_in_seconds": 60}

    @step(name="preprocess", **kw)  # type: ignore[misc]
    def preprocess(x: Any) -> Any:
        return x, x

    @step(  # type: ignore[misc]
        name="train",
        dependencies=None,
        environment_variables={"A": "b"},
        volume_size=50,
        max_runtime_in_seconds=1000,
        retry_policies=[StepRetryPolicy(exception_types=[StepExceptionTypeEnum.THROTTLING], max_attempts=3)],
        **kw,
    )
    def train(a: Any, b: Any) -> Any:
        return a

    @step(name="evaluate", **kw)  # type: ignore[misc]
    def evaluate(m: Any) -> Any:
        return {"rmse": 1}

    @step(name="register", **kw)  # type: ignore[misc]
    def register(m: Any) -> Any:
        return 1

    d = preprocess(ParameterString("Input", "s3://data/x"))
    t = train(d[0], d[1])
    e = evaluate(t)
    r = register(t)
    c = ConditionStep(
        "c",
        conditions=[ConditionLessThanOrEqualTo(left=e["rmse"], right=5.0)],
        if_steps=[r],
        else_steps=[FailStep("f", error_message="bad")],
    )
    return Pipeline(
        "functions", parameters=[it, ParameterString("Input", "s3://data/x")], steps=[t, c], sagemaker_session=session
    )


EXAMPLES = (
    variables,
    failures,
    retries,
    clusters,
    calls,
    notebooks,
    functions,
)
