"""The steps that AWS's example notebooks share (preparing, training and evaluating on the abalone data)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.steps import (
    ProcessingStep,
)

ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker"
IMAGE = "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-xgboost:1.0-1-cpu-py3"
JSON = "application/json"


def output(step: Any, name: str) -> Any:
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def sklearn(session: Any, kind: Any = "ml.m5.xlarge", count: Any = 1) -> Any:
    return SKLearnProcessor(
        framework_version="0.23-1",
        instance_type=kind,
        instance_count=count,
        base_job_name="sklearn-abalone-process",
        role=ROLE,
        sagemaker_session=session,
    )


def prepare(session: Any, files: Path, data: Any, count: Any = 1) -> Any:
    outputs = [
        ProcessingOutput(output_name=name, source=f"/opt/ml/processing/{name}")
        for name in ("train", "validation", "test")
    ]
    run = sklearn(session, count=count).run(
        code=f"{files}/step.py", arguments=["--input-data", data], inputs=[], outputs=outputs
    )
    return ProcessingStep("PreprocessAbaloneData", step_args=run)


def xgboost(session: Any, kind: Any) -> Any:
    made = Estimator(
        image_uri=IMAGE,
        instance_type=kind,
        instance_count=1,
        output_path="s3://sdk-bucket/AbaloneTrain",
        base_job_name="model-monitor-clarify/abalone-train",
        sagemaker_session=session,
        role=ROLE,
    )
    made.set_hyperparameters(
        objective="reg:linear", num_round=50, max_depth=5, eta=0.2, gamma=4, min_child_weight=6, subsample=0.7, silent=0
    )
    return made


def channels(step: Any) -> Any:
    return {
        name: TrainingInput(s3_data=output(step, name), content_type="text/csv") for name in ("train", "validation")
    }


def evaluation(session: Any, files: Path, model: Any, test: Any, report: Any) -> Any:
    processor = ScriptProcessor(
        image_uri=IMAGE,
        command=["python3"],
        instance_type="ml.m5.xlarge",
        instance_count=1,
        base_job_name="script-abalone-eval",
        sagemaker_session=session,
        role=ROLE,
    )
    run = processor.run(
        code=f"{files}/step.py",
        inputs=[
            ProcessingInput(source=model, destination="/opt/ml/processing/model"),
            ProcessingInput(source=test, destination="/opt/ml/processing/test"),
        ],
        outputs=[ProcessingOutput(output_name="evaluation", source="/opt/ml/processing/evaluation")],
    )
    return ProcessingStep("EvaluateAbaloneModel", step_args=run, property_files=[report])
