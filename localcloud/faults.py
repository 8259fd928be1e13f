"""Faults on demand: throttling, errors, delays, answers lost after they were applied, and functions killed in mid-call.

A fault is a JSON object:

    {"match": {"service": "dynamodb", "operation": "PutItem", "caller": "buzzflow-research-rerun", "path": "^/slack/"},
     "skip": 0, "times": 1, "do": "throttle", ...}

`match`: every member given must match; service, operation and caller are names (`*` and `?` are wildcards), path is a
regular expression over the URL's path. `skip`: so many matching calls pass first. `times`: then so many are hit (null:
all of them). So "fail the Nth call of a function" is {"match": {"caller": F}, "skip": N - 1}.

| do | what happens | more members |
|---|---|---|
| `throttle` | refused before anything is done, as the service throttles | `retry_after` (header, seconds) |
| `error` | refused before anything is done | `status` (500), `code` (InternalFailure), `message` |
| `lost` | done, but the connection closes without an answer | |
| `delay` | `seconds` (real) pass first, then done and answered | `seconds` |
| `kill_before` | the calling function's process is killed, nothing is done | |
| `kill_after` | done, then the calling function's process is killed, no answer | |
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from localcloud.interfaces import Json
from localcloud.policy import like

KINDS = ("throttle", "error", "lost", "delay", "kill_before", "kill_after")
_MEMBERS = {"match", "skip", "times", "do", "retry_after", "status", "code", "message", "seconds"}
_MATCHERS = {"service", "operation", "caller", "path"}

_THROTTLED = {
    "s3": ("SlowDown", 503, "Please reduce your request rate."),
    "dynamodb": ("ProvisionedThroughputExceededException", 400, "The level of configured throughput was exceeded."),
    "sns": ("Throttling", 400, "Rate exceeded"),
    "sqs": ("RequestThrottled", 400, "Rate exceeded"),
    "scheduler": ("ThrottlingException", 429, "Rate exceeded"),
    "sts": ("Throttling", 400, "Rate exceeded"),
    "iam": ("Throttling", 400, "Rate exceeded"),
    "lambda": ("TooManyRequestsException", 429, "Rate exceeded"),
}


@dataclass
class Fault:
    """One armed fault. See the module's docstring."""

    match: dict[str, str]
    do: str
    skip: int = 0
    times: int | None = 1
    options: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    hit: int = 0

    def matches(self, service: str, operation: str, caller: str, path: str) -> bool:
        wanted = self.match
        named = {"service": service, "operation": operation, "caller": caller}
        if not all(like(wanted[name], value) for name, value in named.items() if name in wanted):
            return False
        return "path" not in wanted or re.search(wanted["path"], path) is not None

    def strikes(self) -> bool:
        """Count a matching call; tell whether this one is hit."""
        self.seen += 1
        if self.seen <= self.skip or (self.times is not None and self.hit >= self.times):
            return False
        self.hit += 1
        return True

    def report(self) -> dict[str, Any]:
        counts = {"skip": self.skip, "times": self.times, "seen": self.seen, "hit": self.hit}
        return {"match": self.match, "do": self.do, **self.options, **counts}

    def refusal(self, service: str) -> tuple[str, int, str]:
        """Code, status and message with which `throttle` and `error` refuse."""
        if self.do == "throttle":
            return _THROTTLED.get(service, ("ThrottlingException", 400, "Rate exceeded"))
        code = self.options.get("code", "InternalFailure")
        message = self.options.get("message", "We encountered an internal error.")
        return code, int(self.options.get("status", 500)), message


class Faults:
    """The armed faults of a cloud."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._faults: list[Fault] = []

    def replace(self, specs: Json) -> None:
        """Disarm all, then arm these. A fault that is not understood is an error, and nothing changes."""
        faults = [_read(spec) for spec in specs]
        with self._guard:
            self._faults = faults

    def add(self, specs: Json) -> None:
        faults = [_read(spec) for spec in specs]
        with self._guard:
            self._faults += faults

    def pick(self, service: str, operation: str, caller: str, path: str) -> Fault | None:
        """The fault that strikes this call, if any. Every fault that matches counts the call."""
        with self._guard:
            matching = [f for f in self._faults if f.matches(service, operation, caller, path)]
            striking = [f for f in matching if f.strikes()]
        return striking[0] if striking else None

    def report(self) -> list[dict[str, Any]]:
        with self._guard:
            return [f.report() for f in self._faults]


def _read(spec: Json) -> Fault:
    unknown = set(spec) - _MEMBERS
    unknown_match = set(spec.get("match", {})) - _MATCHERS
    if unknown or unknown_match:
        raise ValueError(f"a fault has no member {sorted(unknown | unknown_match)}")
    if spec.get("do") not in KINDS:
        raise ValueError(f"a fault's `do` is one of {KINDS}, not {spec.get('do')!r}")
    options = {k: v for k, v in spec.items() if k not in ("match", "skip", "times", "do")}
    return Fault(dict(spec.get("match", {})), spec["do"], int(spec.get("skip", 0)), spec.get("times", 1), options)
