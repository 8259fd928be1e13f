"""What happens to the steps of a run: the part of the scenario that SageMaker reads.

See SCENARIOS.md for the format with examples. A member that this file does not know is an error: a scenario with a
typing error would otherwise be a test that cannot fail.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.interfaces import Json

SECONDS_OF_A_JOB = 30.0
SECONDS_OF_A_CALL = 2.0
MOST_LINES = 200_000


_PIPELINE = {"runs", "when", "default", "steps"}
_RUN = {"parameters", "default", "steps", "retries"}
_STEP = {
    "after",
    "starting",
    "fail",
    "error",
    "no_job",
    "exit_code",
    "exit_message",
    "reason",
    "logs",
    "log_delay",
    "files",
    "returns",
    "metrics",
    "attempts",
}
ERRORS = {
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
}


class ScenarioError(Exception):
    """The scenario is not understood."""


@dataclass(frozen=True)
class Plan:
    """What one attempt of one step does."""

    after: float | None = None
    """Seconds that it runs; None: the usual time of its type."""
    starting: float = 1.0
    """Seconds in status Starting."""
    failure: str | None = None
    """The job's FailureReason; None: it succeeds."""
    error: str | None = None
    """The exception type by which retry policies know the failure."""
    no_job: bool = False
    """The failure is that of creating the job: no job exists, and no log."""
    exit_message: str | None = None
    logs: dict[str, Json] = field(default_factory=dict)
    log_delay: float | None = None
    files: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Output name -> file name -> its content (text, or anything that JSON can hold)."""
    returns: dict[str, Json] | None = None
    """Output parameters of a Lambda or Callback step."""
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class EventFaults:
    """What goes wrong with events on their way. All zero: each is delivered once, in order."""

    duplicate: int = 0
    lose: tuple[str, ...] = ()
    delay: float = 0
    disorder: float = 0


class Scenario:
    """A view on the scenario as it is at this moment."""

    def __init__(self, whole: Json) -> None:
        self._whole: dict[str, Json] = whole if isinstance(whole, dict) else {}

    def check(self) -> None:
        """Raises ScenarioError for anything that is not understood, in all pipelines."""
        for name in ("default",):
            _known(self._whole.get(name, {}), _STEP, name)
        for name, pipeline in self._object("pipelines").items():
            where = f"pipelines.{name}"
            _known(pipeline, _PIPELINE, where)
            self._check_steps(pipeline, where)
            for kind in ("runs", "when"):
                for i, run in enumerate(pipeline.get(kind, [])):
                    self._check_run(run, f"{where}.{kind}[{i}]")
        self.events()

    def _check_run(self, run: Json, where: str) -> None:
        _known(run, _RUN, where)
        self._check_steps(run, where)
        for i, again in enumerate(run.get("retries", [])):
            _known(again, {"default", "steps"}, f"{where}.retries[{i}]")
            self._check_steps(again, f"{where}.retries[{i}]")

    def _check_steps(self, holder: Json, where: str) -> None:
        _plan(holder.get("default", {}), f"{where}.default")
        for name, step in holder.get("steps", {}).items():
            _plan(step, f"{where}.steps.{name}")
            for i, attempt in enumerate(step.get("attempts", [])):
                _plan(attempt, f"{where}.steps.{name}.attempts[{i}]")

    def _object(self, name: str) -> dict[str, Json]:
        found = self._whole.get(name, {})
        if not isinstance(found, dict):
            raise ScenarioError(f"{name}: an object is required")
        return found

    def plan(self, pipeline: str, run: int, parameters: dict[str, Json], step: str, attempt: int, retry: int) -> Plan:
        """The plan of one attempt (from 1) of a step in the run-th execution (from 0) of a pipeline, after `retry`
        calls of RetryPipelineExecution. Later layers win: the scenario's default, the pipeline's, the run's; in each
        the default, then the step."""
        layers: list[Json] = [{"default": self._object("default")}]
        own = self._object("pipelines").get(pipeline, {})
        layers.append(own)
        chosen = [r for r in own.get("when", []) if _matches(r.get("parameters", {}), parameters)]
        runs = own.get("runs", [])
        chosen += runs[run : run + 1]
        for one in chosen:
            layers.append(one)
            layers += one.get("retries", [])[retry - 1 : retry] if retry else []
        merged: dict[str, Json] = {}
        for layer in layers:
            merged |= layer.get("default", {})
            merged |= layer.get("steps", {}).get(step, {})
        attempts = merged.pop("attempts", [])
        if attempt <= len(attempts):
            merged |= attempts[attempt - 1]
        return _plan(merged, f"step {step}")

    def events(self) -> EventFaults:
        found = self._object("events")
        _known(found, {"duplicate", "lose", "delay", "disorder"}, "events")
        lose = found.get("lose", [])
        return EventFaults(
            int(found.get("duplicate", 0)),
            tuple([lose] if isinstance(lose, str) else lose),
            float(found.get("delay", 0)),
            float(found.get("disorder", 0)),
        )

    def limit(self, name: str) -> float | None:
        """An account limit by its name; None: none."""
        found = self._object("limits").get(name)
        return None if found is None else float(found)

    @property
    def lag(self) -> float:
        """Answers about executions show the state of so many seconds ago."""
        return float(self._object("lag").get("seconds", 0))

    @property
    def log_delay(self) -> float:
        """Seconds from a line's writing to its being readable."""
        return float(self._object("logs").get("delay", 0))

    @property
    def failure_stops_siblings(self) -> bool:
        return bool(self._whole.get("failure_stops_siblings", False))

    @property
    def check_inputs(self) -> bool:
        """A job whose S3 input is in a bucket of this cloud, and empty, fails."""
        return bool(self._whole.get("check_inputs", True))


def lines_of(logs: Json, where: str) -> list[str]:
    """The lines of one host: a list of texts, {"line", "repeat"} and {"file"}; or one {"file"}; or one text."""
    items = logs if isinstance(logs, list) else [logs]
    lines: list[str] = []
    for item in items:
        if isinstance(item, str):
            lines.append(item)
        elif isinstance(item, dict) and set(item) <= {"line", "repeat"} and "line" in item:
            lines += [item["line"].replace("{n}", str(n + 1)) for n in range(int(item.get("repeat", 1)))]
        elif isinstance(item, dict) and set(item) == {"file"}:
            try:
                lines += Path(item["file"]).read_text(errors="replace").split("\n")
            except OSError as error:
                raise ScenarioError(f"{where}: {error}") from error
        else:
            raise ScenarioError(f"{where}: a line is a text, {{'line', 'repeat'}} or {{'file'}}, not {item!r}")
    if len(lines) > MOST_LINES:
        raise ScenarioError(f"{where}: {len(lines)} lines, at most {MOST_LINES}")
    return lines


def _known(value: Json, allowed: set[str], where: str) -> None:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where}: an object is required, not {value!r}")
    unknown = sorted(set(value) - allowed)
    if unknown:
        raise ScenarioError(f"{where}: unknown member {', '.join(unknown)} (known: {', '.join(sorted(allowed))})")


def _matches(wanted: dict[str, Json], parameters: dict[str, Json]) -> bool:
    return all(fnmatch.fnmatchcase(str(parameters.get(name)), str(value)) for name, value in wanted.items())


def _plan(spec: dict[str, Any], where: str) -> Plan:
    _known(spec, _STEP, where)
    error = spec.get("error")
    if error is not None and error not in ERRORS:
        raise ScenarioError(f"{where}.error: one of {', '.join(sorted(ERRORS))}, not {error!r}")
    return Plan(
        after=None if spec.get("after") is None else float(spec["after"]),
        starting=float(spec.get("starting", 1.0)),
        failure=_failure(spec),
        error=error,
        no_job=bool(spec.get("no_job", False)),
        exit_message=spec.get("exit_message"),
        logs=spec.get("logs", {}),
        log_delay=None if spec.get("log_delay") is None else float(spec["log_delay"]),
        files=spec.get("files", {}),
        returns=spec.get("returns"),
        metrics=spec.get("metrics", {}),
    )


def _failure(spec: dict[str, Any]) -> str | None:
    """`fail` is the reason, or true; an exit code other than 0 is a failure too."""
    fail, code = spec.get("fail"), spec.get("exit_code")
    if fail is False or (fail is None and not code and spec.get("error") is None and not spec.get("no_job")):
        return None
    if isinstance(fail, str):
        return fail
    if spec.get("reason"):
        return str(spec["reason"])
    by_error = {
        "SageMaker.CAPACITY_ERROR": "CapacityError: Unable to provision requested ML compute capacity. "
        "Please retry using a different ML instance type or after some time.",
        "SageMaker.JOB_INTERNAL_ERROR": "InternalServerError: We encountered an internal error.  Please try again.",
        "SageMaker.RESOURCE_LIMIT": "ResourceLimitExceeded",
        "Step.THROTTLING": "ThrottlingException: Rate exceeded",
        "Step.SERVICE_FAULT": "InternalFailure: We encountered an internal error.",
    }
    return by_error.get(str(spec.get("error")), f"AlgorithmError: , exit code: {1 if code is None else code}")
