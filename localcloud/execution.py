"""One execution of a pipeline, run in virtual time.

The DAG is walked by references and DependsOn; a branch's steps wait for their condition; jobs take the time, the
outcome, the files and the log lines that the scenario gives them, and fail by themselves where the real service would
fail them: a value of the wrong kind in a request, an input that is not there, an account limit. Every change emits the
event that SageMaker emits. All methods are called under the cloud's lock.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localcloud.definition import Definition
from localcloud.interfaces import Cloud, Json
from localcloud.jobs import Job, moment, random_text
from localcloud.scenario import Plan, Scenario
from localcloud.steps import Step

if TYPE_CHECKING:
    from localcloud.activities import Activities

EXECUTION_EVENT = "SageMaker Model Building Pipeline Execution Status Change"
STEP_EVENT = "SageMaker Model Building Pipeline Execution Step Status Change"
STEP_REASON, EXECUTION_REASON = 1024, 1300
OPEN = ("Starting", "Executing", "Stopping")
SECONDS_TO_STOP = 2.0
DEFAULT_POLICY = {"IntervalSeconds": 1, "BackoffRate": 2.0, "MaxAttempts": 5}


class StepFailure(Exception):
    """An attempt of a step failed. `error` is the exception type that retry policies know."""

    def __init__(self, reason: str, error: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.error = reason, error


@dataclass
class StepRun:
    """A step of an execution, once it has begun."""

    step: Step
    began: float
    status: str = "Starting"
    ended: float | None = None
    attempt: int = 1
    reason: str | None = None
    metadata: dict[str, Json] = field(default_factory=dict)
    cached_from: str | None = None
    job: Job | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    """What `Steps.<name>.<path>` reads."""
    files: dict[str, dict[str, Json]] = field(default_factory=dict)
    """What the scenario put into the outputs: output -> file -> content."""
    cache_key: str | None = None
    branch: str = ""
    """Of a Condition: the branch taken."""
    retries: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Index of a retry policy -> attempts used, and when the first was."""
    token: str | None = None
    """Of a Callback step that waits."""

    def row(self) -> dict[str, Any]:
        """As ListPipelineExecutionSteps shows it."""
        row: dict[str, Any] = {
            "StepName": self.step.name,
            "StartTime": moment(self.began),
            "StepStatus": self.status,
            "AttemptCount": self.attempt,
            "Metadata": copy.deepcopy(self.metadata),
        }
        for member, name in (("DisplayName", "StepDisplayName"), ("Description", "StepDescription")):
            if member in self.step.body:
                row[name] = self.step.body[member]
        if self.ended is not None:
            row["EndTime"] = moment(self.ended)
        if self.reason:
            row["FailureReason"] = self.reason[:STEP_REASON]
        if self.cached_from:
            row["CacheHitResult"] = {"SourcePipelineExecutionArn": self.cached_from}
        return row


@dataclass
class Start:
    """What StartPipelineExecution was given, and what was true at that moment."""

    arn: str
    pipeline_arn: str
    pipeline: str
    definition: Definition
    text: str
    parameters: dict[str, Json]
    """Values by their type, defaults included."""
    given: list[dict[str, str]]
    index: int
    """This is the index-th execution of the pipeline, from 0."""
    display_name: str
    description: str | None = None
    parallelism: int | None = None
    mlflow_experiment: str | None = None


class Execution:
    """See the module's docstring."""

    def __init__(self, cloud: Cloud, activities: Activities, start: Start) -> None:
        self.cloud, self.activities, self.start = cloud, activities, start
        self.status = "Executing"
        self.reason: str | None = None
        self.began = self.changed_at = cloud.clock.now()
        self.ended: float | None = None
        self.retries = 0
        self.steps: dict[str, StepRun] = {}
        self.history: list[tuple[float, dict[str, Any], list[dict[str, Any]]]] = []
        self.failed_by_fail_step = False

    @property
    def id(self) -> str:
        return self.start.arn.rsplit("/", 1)[1]

    @property
    def scenario(self) -> Scenario:
        return Scenario(self.cloud.scenario)

    def begin(self) -> None:
        self._note_execution(None)
        self.cloud.clock.after(0, self._locked(self.pump))

    # The walk

    def pump(self) -> None:
        """Start what can start; end when nothing runs and nothing can start."""
        if self.status == "Executing":
            for step in self.start.definition.steps.values():
                if step.name not in self.steps and self._may_start(step):
                    self._start_step(step)
        if self.status in ("Executing", "Stopping") and not self._open():
            self._end()

    def _open(self) -> list[StepRun]:
        return [s for s in self.steps.values() if s.status in OPEN]

    def _may_start(self, step: Step) -> bool:
        if any(s.status == "Failed" for s in self.steps.values()):
            return False
        if self.start.parallelism and len(self._open()) >= self.start.parallelism:
            return False
        if step.parent is not None:
            parent = self.steps.get(step.parent)
            if parent is None or parent.status != "Succeeded" or parent.branch != step.branch:
                return False
        return all(n in self.steps and self.steps[n].status == "Succeeded" for n in step.needs)

    def _start_step(self, step: Step) -> None:
        run = self.steps[step.name] = StepRun(step, self.cloud.clock.now())
        self._note_step(run, None)
        if self.activities.cached(self, run):
            self._to(run, "Executing")
            self.cloud.clock.after(0, self._locked(lambda: self._hit(run)))
            return
        starting = self.plan(run).starting if step.type in self.activities.JOB_TYPES else 0.0
        self.cloud.clock.after(starting, self._locked(lambda: self._attempt(run, self.retries)))

    def _hit(self, run: StepRun) -> None:
        if run.status == "Executing":
            self._succeed(run)

    def plan(self, run: StepRun) -> Plan:
        """The scenario's word on this attempt."""
        s = self.start
        return self.scenario.plan(s.pipeline, s.index, s.parameters, run.step.name, run.attempt, self.retries)

    def _attempt(self, run: StepRun, retry: int) -> None:
        if run.status not in ("Starting", "Executing") or retry != self.retries:
            return
        if run.status == "Starting":
            self._to(run, "Executing")
        plan = self.plan(run)
        try:
            seconds = self.activities.begin(self, run, plan)
        except StepFailure as failure:
            self._failed(run, failure)
            return
        if seconds is not None:
            self.cloud.clock.after(seconds, self._locked(lambda: self._finish(run, plan, run.attempt, retry)))

    def _finish(self, run: StepRun, plan: Plan, attempt: int, retry: int) -> None:
        if run.status != "Executing" or run.attempt != attempt or retry != self.retries:
            return
        try:
            self.activities.finish(self, run, plan)
        except StepFailure as failure:
            self._failed(run, failure)
            return
        self._succeed(run)

    def complete(self, run: StepRun, failure: str | None) -> None:
        """The outside world answered a Callback step."""
        if failure is not None:
            self._failed(run, StepFailure(failure))
        else:
            self._succeed(run)

    def _succeed(self, run: StepRun) -> None:
        run.ended = self.cloud.clock.now()
        self._to(run, "Succeeded")
        self.pump()

    def _failed(self, run: StepRun, failure: StepFailure) -> None:
        wait = self._retry_after(run, failure.error)
        if wait is not None and self.status == "Executing":
            run.attempt += 1
            retry = self.retries
            self.cloud.clock.after(wait, self._locked(lambda: self._attempt(run, retry)))
            return
        run.ended, run.reason = self.cloud.clock.now(), failure.reason
        self.failed_by_fail_step |= run.step.type == "Fail"
        self._to(run, "Failed")
        if self.scenario.failure_stops_siblings and run.step.type != "Fail":
            for other in self._open():
                self._stop_step(other)
        self.pump()

    def _retry_after(self, run: StepRun, error: str | None) -> float | None:
        """Seconds until the next attempt by the step's retry policies; None: no more."""
        for i, given in enumerate(run.step.body.get("RetryPolicies", [])):
            if error not in given["ExceptionType"]:
                continue
            policy = {**DEFAULT_POLICY, **given}
            now = self.cloud.clock.now()
            used, first = run.retries.get(i, (0, now))
            expire = given.get("ExpireAfterMin")
            if used >= policy["MaxAttempts"] if expire is None else now - first >= 60 * expire:
                return None
            run.retries[i] = (used + 1, first)
            return float(policy["IntervalSeconds"] * policy["BackoffRate"] ** used)
        return None

    def _end(self) -> None:
        before = self.status
        failed = [s for s in self.steps.values() if s.status == "Failed"]
        self.ended = self.cloud.clock.now()
        self.status = "Failed" if failed else "Stopped" if before == "Stopping" else "Succeeded"
        self.reason = "Step failure: One or multiple steps failed." if failed else None
        self._note_execution(before)

    # From outside

    def stop(self) -> None:
        """StopPipelineExecution of a running execution. Lambda steps run on; new steps do not begin."""
        self.status = "Stopping"
        self._note_execution("Executing")
        for run in self._open():
            if run.step.type != "Lambda":
                self._stop_step(run)
        self.pump()

    def _stop_step(self, run: StepRun) -> None:
        if run.status == "Stopping":
            return
        self._to(run, "Stopping")
        self.cloud.clock.after(SECONDS_TO_STOP, self._locked(lambda: self._stopped(run)))

    def _stopped(self, run: StepRun) -> None:
        if run.status != "Stopping":
            return
        run.ended = self.cloud.clock.now()
        self.activities.stopped(self, run)
        self._to(run, "Stopped")
        self.pump()

    def retry(self) -> None:
        """RetryPipelineExecution: what did not succeed runs again, under the same ARN."""
        before = self.status
        self.steps = {name: run for name, run in self.steps.items() if run.status == "Succeeded"}
        self.retries += 1
        self.status, self.reason, self.ended = "Executing", None, None
        self._note_execution(before)
        self.cloud.clock.after(0, self._locked(self.pump))

    # What is seen

    def described(self) -> dict[str, Any]:
        """As DescribePipelineExecution shows it, at this moment."""
        answer: dict[str, Any] = {
            "PipelineArn": self.start.pipeline_arn,
            "PipelineExecutionArn": self.start.arn,
            "PipelineExecutionDisplayName": self.start.display_name,
            "PipelineExecutionStatus": self.status,
            "CreationTime": moment(self.began),
            "LastModifiedTime": moment(self.changed_at),
        }
        if self.start.description is not None:
            answer["PipelineExecutionDescription"] = self.start.description
        if self.reason:
            answer["FailureReason"] = self.reason[:EXECUTION_REASON]
        if self.start.parallelism:
            answer["ParallelismConfiguration"] = {"MaxParallelExecutionSteps": self.start.parallelism}
        answer |= self.activities.experiment_of(self)
        return answer

    def seen(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Description and steps as a caller sees them now, which may lag behind the truth."""
        lag = self.scenario.lag
        if lag <= 0:
            return self.described(), [run.row() for run in self.steps.values()]
        until = self.cloud.clock.now() - lag
        shown = self.history[0]
        for entry in self.history:
            if entry[0] <= until:
                shown = entry
        return shown[1], shown[2]

    # Events

    def _to(self, run: StepRun, status: str) -> None:
        before, run.status = run.status, status
        self._note_step(run, before)

    def _changed(self) -> None:
        self.changed_at = self.cloud.clock.now()
        if not self.history or self.scenario.lag > 0:  # a copy of all steps at every change is worth it only for lag
            self.history.append((self.changed_at, self.described(), [run.row() for run in self.steps.values()]))

    def _note_execution(self, before: str | None) -> None:
        self._changed()
        detail: dict[str, Json] = {
            "pipelineExecutionDisplayName": self.start.display_name,
            "currentPipelineExecutionStatus": self.status,
            "previousPipelineExecutionStatus": before,
            "executionStartTime": self.cloud.clock.iso(self.began),
        }
        if self.ended is not None:
            detail["executionEndTime"] = self.cloud.clock.iso(self.ended)
        if self.start.description is not None:
            detail["pipelineExecutionDescription"] = self.start.description
        self._emit(EXECUTION_EVENT, detail)

    def _note_step(self, run: StepRun, before: str | None) -> None:
        self._changed()
        detail: dict[str, Json] = {
            "metadata": lower_camel(run.metadata),
            "stepName": run.step.name,
            "stepType": run.step.type,
            "previousStepStatus": before,
            "currentStepStatus": run.status,
            "stepStartTime": self.cloud.clock.iso(run.began),
        }
        if run.ended is not None:
            detail["stepEndTime"] = self.cloud.clock.iso(run.ended)
        if run.status == "Failed" and run.reason:
            detail["failureReason"] = run.reason[:STEP_REASON]
        if run.cached_from:
            detail["cacheHitResult"] = {"sourcePipelineExecutionArn": run.cached_from}
        self._emit(STEP_EVENT, detail)

    def _emit(self, kind: str, detail: dict[str, Json]) -> None:
        detail |= {"pipelineArn": self.start.pipeline_arn, "pipelineExecutionArn": self.start.arn}
        self.activities.emit(kind, detail, [self.start.pipeline_arn, self.start.arn])

    def _locked(self, call: Callable[[], None]) -> Callable[[], None]:
        """For the clock, which calls without the lock."""

        def run() -> None:
            with self.cloud.lock:
                call()

        return run


def lower_camel(value: Json) -> Json:
    """Members as events spell them: processingJob.arn for the API's ProcessingJob.Arn."""
    if isinstance(value, dict):
        return {re.sub(r"^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]", _lower, k): lower_camel(v) for k, v in value.items()}
    return [lower_camel(v) for v in value] if isinstance(value, list) else value


def _lower(match: re.Match[str]) -> str:
    return match[0].lower()


def new_id() -> str:
    return random_text(12)
