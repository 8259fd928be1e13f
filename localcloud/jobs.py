"""The jobs that steps start: how they are described, what they log, and what EventBridge hears of them.

Shapes: the `Describe*` answers of the API model, and the samples of "Amazon SageMaker AI events" in the EventBridge
reference, whose time stamps differ by type (whole milliseconds for processing, the same as text for training).
"""

from __future__ import annotations

import datetime
import secrets
import string
from dataclasses import dataclass, field
from typing import Any

from localcloud.interfaces import Json

ALPHABET = string.ascii_lowercase + string.digits
LONGEST_NAME = 63


@dataclass(frozen=True)
class Kind:
    """A type of job."""

    word: str
    """TrainingJob, as members of the API begin."""
    slug: str
    """training-job, as its ARN has it."""
    group: str
    """Its log group; empty: it does not log."""
    quota: str = ""
    """As account limits are called: "ml.m5.large for training job usage"."""
    detail_type: str = ""
    """Of its state-change event; empty: none is sent."""


KINDS = {
    "Processing": Kind(
        "ProcessingJob",
        "processing-job",
        "/aws/sagemaker/ProcessingJobs",
        "processing job usage",
        "SageMaker Processing Job State Change",
    ),
    "Training": Kind(
        "TrainingJob",
        "training-job",
        "/aws/sagemaker/TrainingJobs",
        "training job usage",
        "SageMaker Training Job State Change",
    ),
    "Transform": Kind(
        "TransformJob",
        "transform-job",
        "/aws/sagemaker/TransformJobs",
        "transform job usage",
        "SageMaker Transform Job State Change",
    ),
    "Tuning": Kind(
        "HyperParameterTuningJob",
        "hyper-parameter-tuning-job",
        "/aws/sagemaker/TrainingJobs",
        "training job usage",
        "SageMaker HyperParameter Tuning Job State Change",
    ),
    "AutoML": Kind("AutoMLJob", "automl-job", ""),
}
KINDS["QualityCheck"] = KINDS["ClarifyCheck"] = KINDS["Processing"]


def random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def job_name(execution_id: str, step: str, most: int = LONGEST_NAME) -> str:
    """pipelines-<execution>-<step>-<ten characters>, as SageMaker names the jobs of steps. No underscore is allowed;
    where a name is short (tuning and AutoML jobs: 32), the first word is left out."""
    head = f"pipelines-{execution_id}" if most >= LONGEST_NAME else execution_id
    room = most - len(head) - 12
    middle = "-".join(part for part in step.replace("_", "-").split("-") if part)[:room].strip("-") or "step"
    return f"{head}-{middle}-{random_text(10)}"


def moment(at: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at, datetime.UTC)


@dataclass
class Job:
    """One job of a step."""

    type: str
    name: str
    arn: str
    request: dict[str, Json]
    created: float
    status: str = "InProgress"
    ended: float | None = None
    failure: str | None = None
    exit_message: str | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    seconds_to_start: float = 0

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]

    @property
    def started(self) -> float:
        return self.created + self.seconds_to_start

    def finish(self, status: str, at: float, failure: str | None = None) -> None:
        self.status, self.ended, self.failure = status, at, failure

    @property
    def instances(self) -> tuple[str, int]:
        """Instance type and count; ("", 0) when the request names none."""
        for path in (
            ("ProcessingResources", "ClusterConfig"),
            ("ResourceConfig",),
            ("TransformResources",),
            ("TrainingJobDefinition", "ResourceConfig"),
        ):
            found: Any = self.request
            for name in path:
                found = found.get(name, {})
            if found.get("InstanceType"):
                return str(found["InstanceType"]), int(found.get("InstanceCount", 1))
        return "", 0

    def describe(self) -> dict[str, Any]:
        """The answer of the Describe operation. Without what has not happened yet."""
        word = self.kind.word
        answer: dict[str, Any] = {
            **{k: v for k, v in self.request.items() if k not in ("Tags", "ExperimentConfig")},
            f"{word}Name": self.name,
            f"{word}Arn": self.arn,
            f"{word}Status": self.status,
            "CreationTime": moment(self.created),
            "LastModifiedTime": moment(self.ended or self.created),
        }
        short = {"HyperParameterTuningJob": "HyperParameterTuning", "AutoMLJob": "", "TransformJob": "Transform"}
        prefix = short.get(word, word.removesuffix("Job"))
        answer[f"{prefix}StartTime" if prefix else "StartTime"] = moment(self.started)
        if word in ("HyperParameterTuningJob", "AutoMLJob"):
            answer.pop(f"{prefix}StartTime", None)
        end = {"HyperParameterTuningJob": "HyperParameterTuningEndTime", "AutoMLJob": "EndTime"}
        if self.ended is not None:
            answer[end.get(word, f"{prefix}EndTime")] = moment(self.ended)
        if self.failure:
            answer["FailureReason"] = self.failure[:1024]
        if self.exit_message and self.type not in ("Training", "Tuning", "Transform", "AutoML"):
            answer["ExitMessage"] = self.exit_message[:1024]
        answer |= self._more()
        return answer

    def _more(self) -> dict[str, Any]:
        if self.type == "Training":
            return self._training()
        if self.type == "Tuning":
            return self._tuning()
        if self.type == "AutoML":
            status = "Completed" if self.status == "Completed" else "Starting"
            best: dict[str, Any] = {"CandidateName": f"{self.name}-best", "CandidateStatus": "Completed"}
            best |= {"ObjectiveStatus": "Succeeded", "CreationTime": moment(self.created), "CandidateSteps": []}
            best |= {"LastModifiedTime": moment(self.ended or self.created)}
            return {"AutoMLJobSecondaryStatus": status, "BestCandidate": best}
        return {}

    def _training(self) -> dict[str, Any]:
        output = str(self.request.get("OutputDataConfig", {}).get("S3OutputPath", "")).rstrip("/")
        secondary = {"InProgress": "Training"}.get(self.status, self.status)
        answer: dict[str, Any] = {
            "SecondaryStatus": "MaxRuntimeExceeded" if "MaxRuntimeExceeded" in (self.failure or "") else secondary,
            "ModelArtifacts": {"S3ModelArtifacts": f"{output}/{self.name}/output/model.tar.gz"},
        }
        if self.metrics:
            at = moment(self.ended or self.created)
            answer["FinalMetricDataList"] = [
                {"MetricName": name, "Value": value, "Timestamp": at} for name, value in self.metrics.items()
            ]
        if self.ended is not None:
            answer["TrainingTimeInSeconds"] = round(self.ended - self.started)
            answer["BillableTimeInSeconds"] = round(self.ended - self.started)
        return answer

    def summaries(self) -> list[dict[str, Any]]:
        """The training jobs of a tuning job, best first."""
        limits = self.request.get("HyperParameterTuningJobConfig", {}).get("ResourceLimits", {})
        count = min(int(limits.get("MaxNumberOfTrainingJobs", 1)), 50)
        account = ":".join(self.arn.split(":")[:5])
        jobs = []
        for i in range(count):
            name = f"{self.name[:50]}-{i + 1:03d}"
            jobs.append(
                {
                    "TrainingJobName": name,
                    "TrainingJobArn": f"{account}:training-job/{name}",
                    "CreationTime": moment(self.created),
                    "TrainingJobStatus": self.status,
                    "TunedHyperParameters": {},
                }
            )
        return jobs

    def child(self, name: str) -> dict[str, Any] | None:
        """DescribeTrainingJob's answer for a training job of this tuning job."""
        if not any(s["TrainingJobName"] == name for s in self.summaries()):
            return None
        request = {k: v for k, v in self.request.get("TrainingJobDefinition", {}).items() if k != "DefinitionName"}
        request["HyperParameters"] = request.pop("StaticHyperParameters", {})
        account = ":".join(self.arn.split(":")[:5])
        training = Job("Training", name, f"{account}:training-job/{name}", request, self.created, self.status)
        training.ended, training.failure, training.metrics = self.ended, self.failure, self.metrics
        return {**training.describe(), "TuningJobArn": self.arn}

    def _tuning(self) -> dict[str, Any]:
        summaries = self.summaries()
        done = len(summaries) if self.status == "Completed" else 0
        counters = {"Completed": done, "InProgress": len(summaries) - done, "RetryableError": 0}
        counters |= {"NonRetryableError": 0, "Stopped": 0}
        answer: dict[str, Any] = {
            "TrainingJobStatusCounters": counters,
            "ObjectiveStatusCounters": {"Succeeded": done, "Pending": len(summaries) - done, "Failed": 0},
        }
        if done:
            answer["BestTrainingJob"] = summaries[0]
        return answer

    def event(self) -> dict[str, Json]:
        """The detail of its state-change event."""
        text = self.type in ("Training", "Tuning")

        def plain(value: Any) -> Json:
            if isinstance(value, datetime.datetime):
                milliseconds = round(value.timestamp() * 1000)
                return str(milliseconds) if text else milliseconds
            if isinstance(value, dict):
                return {k: plain(v) for k, v in value.items()}
            return [plain(v) for v in value] if isinstance(value, list) else value

        detail: dict[str, Json] = plain(self.describe())
        if text:
            detail |= {"SecondaryStatusTransitions": [], "Tags": {}}
        return detail


def log_events(lines: list[str], began: float, ended: float) -> list[tuple[float, str]]:
    """Lines spread evenly over the time in which they were written. An empty line cannot be a log event."""
    step = (ended - began) / max(len(lines), 1)
    return [(began + i * step, line or " ") for i, line in enumerate(lines)]
