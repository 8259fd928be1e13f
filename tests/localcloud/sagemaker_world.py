"""A world for tests of the strict SageMaker: a clock that is moved by hand, and moto in this process."""

from __future__ import annotations

import datetime
import heapq
import itertools
import json
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend

DEFINITIONS = Path(__file__).parent.parent / "data" / "definitions"
REGION, ACCOUNT = "us-west-2", "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-research"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/python:3.11"
BEGIN = 1_772_323_200.0  # 2026-03-01T00:00:00Z
TYPES: list[dict[str, Any]] = [
    {"Name": "day", "Type": "String"},
    {"Name": "size", "Type": "String", "DefaultValue": "s", "EnumValues": ["s", "m"]},
    {"Name": "n", "Type": "Integer", "DefaultValue": 1},
    {"Name": "auc", "Type": "Float", "DefaultValue": 0.5},
    {"Name": "on", "Type": "Boolean", "DefaultValue": True},
]


class ManualClock:
    """Time that stands still until `advance`."""

    def __init__(self) -> None:
        self.time = BEGIN
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        return self.time

    def after(self, delay: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.time + delay, next(self._order), call))

    def iso(self, at: float | None = None) -> str:
        moment = datetime.datetime.fromtimestamp(self.time if at is None else at, datetime.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def advance(self, seconds: float) -> None:
        until = self.time + seconds
        while self._due and self._due[0][0] <= until:
            self.time, _, call = heapq.heappop(self._due)
            call()
        self.time = until


class World:
    """What `install` needs of a cloud, and records of what it did with it."""

    def __init__(self) -> None:
        self.region, self.account, self.url = REGION, ACCOUNT, "http://127.0.0.1:0"
        self.clock = ManualClock()
        self.lock = threading.RLock()
        self.scenario: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.violations: list[tuple[str, Any]] = []
        self.logs: dict[tuple[str, str], list[tuple[float, str]]] = {}
        self.log_delays: list[float] = []
        self.published: dict[str, Any] = {}
        self.accepted: dict[str, Any] = {}
        self.routes: dict[str, Any] = {}

    def admin(self, service: str) -> Any:
        raise AssertionError(f"{service}: nothing here speaks to a server")

    def backend(self, service: str) -> Any:
        return get_backend(service)[ACCOUNT]["aws" if service == "s3" else REGION]  # type: ignore[call-overload]

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: Any,
        resources: list[str] | None = None,
        copies: int = 1,
        delay: float = 0,
    ) -> None:
        event = {"source": source, "detail-type": detail_type, "detail": json.loads(json.dumps(detail))}
        self.events.append({**event, "resources": resources, "copies": copies, "delay": delay})

    def route(self, prefix: str, handler: Any) -> None:
        self.routes[prefix] = handler

    def publish(self, name: str, read: Any) -> None:
        self.published[name] = read

    def accept(self, name: str, write: Any) -> None:
        self.accepted[name] = write

    def violation(self, what: str, detail: Any = None) -> None:
        self.violations.append((what, detail))

    def put_log_events(self, group: str, stream: str, events: list[tuple[float, str]], delay: float = 0) -> None:
        self.logs.setdefault((group, stream), []).extend(events)
        self.log_delays.append(delay)

    def states(self, kind: str = "Execution Status") -> list[str]:
        """The current statuses in the events of a kind, in order."""
        found = [e["detail"] for e in self.events if kind in e["detail-type"]]
        return [d.get("currentPipelineExecutionStatus") or d["currentStepStatus"] for d in found]

    def steps_of(self, name: str) -> list[str]:
        """The statuses that a step's events told."""
        return [e["detail"]["currentStepStatus"] for e in self.events if e["detail"].get("stepName") == name]


def client(service: str = "sagemaker") -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, region_name=REGION, **keys)


def processing(name: str, **more: Any) -> dict[str, Any]:
    """A small Processing step; `more` are further members, `arguments` further Arguments."""
    arguments = {
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
        },
        "AppSpecification": {"ImageUri": IMAGE},
        "RoleArn": ROLE,
        **more.pop("arguments", {}),
    }
    return {"Name": name, "Type": "Processing", "Arguments": arguments, **more}


def document(*steps: dict[str, Any], parameters: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return {"Version": "2020-12-01", "Metadata": {}, "Parameters": parameters or [], "Steps": list(steps), **more}


def condition(name: str, clauses: list[Any], then: list[Any], otherwise: list[Any]) -> dict[str, Any]:
    arguments = {"Conditions": clauses, "IfSteps": then, "ElseSteps": otherwise}
    return {"Name": name, "Type": "Condition", "Arguments": arguments}


def report(name: str = "evaluate", bucket: str = "data") -> dict[str, Any]:
    """A Processing step with a property file `metrics`."""
    output = {"S3Uri": f"s3://{bucket}/report", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    return processing(
        name,
        arguments={"ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": output}]}},
        PropertyFiles=[{"PropertyFileName": "metrics", "OutputName": "report", "FilePath": "metrics.json"}],
    )


def metric(path: str, step: str = "evaluate") -> dict[str, Any]:
    return {"Std:JsonGet": {"PropertyFile": {"Get": f"Steps.{step}.PropertyFiles.metrics"}, "Path": path}}


def create(body: Any, name: str = "demo", **more: Any) -> str:
    text = body if isinstance(body, str) else json.dumps(body)
    made = client().create_pipeline(
        PipelineName=name, PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken=uuid.uuid4().hex, **more
    )
    return str(made["PipelineArn"])


def start(name: str = "demo", token: str | None = None, **parameters: str) -> str:
    answer = client().start_pipeline_execution(
        PipelineName=name,
        ClientRequestToken=token or uuid.uuid4().hex,
        PipelineParameters=[{"Name": k, "Value": v} for k, v in parameters.items()],
    )
    return str(answer["PipelineExecutionArn"])


def described(arn: str) -> Any:
    return client().describe_pipeline_execution(PipelineExecutionArn=arn)


def steps(arn: str, **more: Any) -> dict[str, Any]:
    rows = client().list_pipeline_execution_steps(PipelineExecutionArn=arn, MaxResults=100, **more)
    return {row["StepName"]: row for row in rows["PipelineExecutionSteps"]}


def refused(code: str, call: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(*args, **more)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])
