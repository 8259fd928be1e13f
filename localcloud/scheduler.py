"""EventBridge Scheduler, the half that moto lacks: schedules fire, in virtual time.

moto keeps the schedules and answers the API; what it does not check on Create and Update is checked here (expression,
zone, group, the role's trust, ClientToken). A schedule has one armed fire at a time; each change of it arms anew.
"""

from __future__ import annotations

import datetime
import json
import logging
import uuid
import zlib
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from localcloud import cron
from localcloud.delivery import Refused
from localcloud.interfaces import Gap, Json
from localcloud.wire import Call, ServiceError

log = logging.getLogger("localcloud.scheduler")

SERVICE = "scheduler.amazonaws.com"
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
FIRST_BACKOFF, MOST_BACKOFF = 1.0, 3600.0
Key = tuple[str, str]
"""(group, name)"""
_INSTANT = datetime.timedelta(microseconds=1)


@dataclass
class Fire:
    """One firing of a schedule, with what its retries must know."""

    arn: str
    target: Json
    at: datetime.datetime
    """The scheduled time."""
    attempt: int = 1


class Scheduler:
    """Fires the account's schedules."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud
        self._armed: dict[Key, int] = {}
        self._generation = 0
        self._tokens: dict[str, Key] = {}
        self.fired: list[dict[str, Any]] = []
        for operation in ("CreateSchedule", "UpdateSchedule"):
            cloud.server.before("scheduler", operation, self._check)
            cloud.server.after("scheduler", operation, self._changed)
        cloud.server.after("scheduler", "DeleteSchedule", self._deleted)
        cloud.server.after("scheduler", "DeleteScheduleGroup", self._group_deleted)

    # The API, where moto is too kind. All of these hold the lock.

    def _check(self, call: Call) -> tuple[int, dict[str, str], bytes] | None:
        params = call.params
        zone = params.get("ScheduleExpressionTimezone", "UTC")
        try:
            cron.check_expression(params["ScheduleExpression"], zone)
        except cron.BadExpression as error:
            raise ServiceError("ValidationException", str(error)) from error
        group = params.get("GroupName", "default")
        if group not in self._cloud.backend("scheduler").schedule_groups:
            raise ServiceError("ResourceNotFoundException", f"Schedule group {group} does not exist.", 404)
        _check_target(params["Target"])
        if not self._cloud.identity.trusts(params["Target"]["RoleArn"], SERVICE):
            raise ServiceError(
                "ValidationException",
                "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
            )
        return self._repeated(call, (group, params["Name"]))

    def _repeated(self, call: Call, key: Key) -> tuple[int, dict[str, str], bytes] | None:
        """A CreateSchedule with a token that was used for the same schedule is answered as the first was."""
        token, schedule = call.params.get("ClientToken"), self._find(key)
        if call.operation == "CreateSchedule" and token and schedule and self._tokens.get(token) == key:
            return 200, {"Content-Type": "application/json"}, json.dumps({"ScheduleArn": schedule.arn}).encode()
        return None

    def _changed(self, call: Call) -> None:
        key = (call.params.get("GroupName", "default"), call.params["Name"])
        if token := call.params.get("ClientToken"):
            self._tokens[token] = key
        # An update replaces everything; moto leaves this member as it was.
        self._find(key).action_after_completion = call.params.get("ActionAfterCompletion", "NONE")
        self._arm(key, self._now() - _INSTANT)

    def _deleted(self, call: Call) -> None:
        self._armed.pop((call.params.get("GroupName", "default"), call.params["Name"]), None)

    def _group_deleted(self, call: Call) -> None:
        for key in [k for k in self._armed if k[0] == call.params["Name"]]:
            del self._armed[key]

    # Firing

    def _find(self, key: Key) -> Any:
        group = self._cloud.backend("scheduler").schedule_groups.get(key[0])
        return group.schedules.get(key[1]) if group else None

    def _now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self._cloud.clock.now(), datetime.UTC)

    def _arm(self, key: Key, after: datetime.datetime) -> None:
        """Ask the clock for the first fire after an instant. Hold the lock."""
        self._generation += 1
        self._armed[key] = generation = self._generation
        schedule = self._find(key)
        if schedule.state != "ENABLED":
            return
        at = self._next(schedule, after)
        if at is not None:
            delay = _within_window(schedule)
            self._cloud.clock.at(at.timestamp() + delay, lambda: self._fire(key, generation, at))
        elif schedule.action_after_completion == "DELETE" and self._has_fired(schedule.arn):
            self._cloud.backend("scheduler").delete_schedule(*key)
            self._armed.pop(key, None)

    def _has_fired(self, arn: str) -> bool:
        return any(f["schedule"] == arn for f in self.fired)

    def _next(self, schedule: Any, after: datetime.datetime) -> datetime.datetime | None:
        kind, _ = cron.read_expression(schedule.schedule_expression)
        start, end = _instant(schedule.start_date), _instant(schedule.end_date)
        origin = start or _instant(schedule.creation_date)
        if kind != "at" and start is not None:
            after = max(after, start - _INSTANT)
        zone = schedule.schedule_expression_timezone or "UTC"
        at = cron.next_fire(schedule.schedule_expression, zone, after, origin)
        if at is not None and end is not None and kind != "at" and at > end:
            return None
        return at

    def _fire(self, key: Key, generation: int, at: datetime.datetime) -> None:
        with self._cloud.lock:
            schedule = self._find(key)
            if schedule is None or self._armed.get(key) != generation:
                return
            arn, target = schedule.arn, dict(schedule.target)
            self.fired.append({"schedule": arn, "scheduled": self._cloud.clock.iso(at.timestamp())})
            self._arm(key, at)
        for _ in range(self._cloud.delivery.copies["scheduler"]):
            self._attempt(Fire(arn, target, at))

    def _attempt(self, fire: Fire) -> None:
        try:
            self._deliver(fire)
        except Refused as refused:
            self._give_up(fire, "AccessDenied", str(refused))
        except Gap as gap:
            self._cloud.violation(f"gap: {gap}", fire.arn)
        except Exception as error:
            self._retry(fire, error)

    def _retry(self, fire: Fire, error: Exception) -> None:
        policy = fire.target.get("RetryPolicy", {})
        backoff = min(FIRST_BACKOFF * 2 ** (fire.attempt - 1), MOST_BACKOFF)
        age = self._cloud.clock.now() + backoff - fire.at.timestamp()
        too_old = age > policy.get("MaximumEventAgeInSeconds", 86400)
        if too_old or fire.attempt > policy.get("MaximumRetryAttempts", 185):
            self._give_up(fire, "RetriesExhausted", repr(error))
            return
        again = Fire(fire.arn, fire.target, fire.at, fire.attempt + 1)
        self._cloud.clock.after(backoff, lambda: self._attempt(again))

    def _give_up(self, fire: Fire, code: str, why: str) -> None:
        dead = fire.target.get("DeadLetterConfig", {}).get("Arn")
        if not dead:
            self._cloud.delivery.lose("scheduler", fire.target["Arn"], why)
            return
        values = {
            "SCHEDULE_ARN": fire.arn,
            "TARGET_ARN": fire.target["Arn"],
            "ERROR_CODE": code,
            "ERROR_MESSAGE": why[:1000],
            "SCHEDULED_TIME": self._cloud.clock.iso(fire.at.timestamp()),
        }
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
        role, body = fire.target["RoleArn"], self._input(fire)
        self._cloud.delivery.try_hop("scheduler", dead, lambda: self._send(role, dead, body, attributes))

    def _deliver(self, fire: Fire) -> None:
        arn, role, body = fire.target["Arn"], fire.target["RoleArn"], self._input(fire)
        kind = arn.split(":")[2]
        if arn.startswith(UNIVERSAL):
            self._call_api(role, arn.removeprefix(UNIVERSAL), json.loads(body))
        elif kind in ("sqs", "lambda", "sns"):
            self._send(role, arn, body, {})
        elif kind == "sagemaker":
            given = fire.target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
            request = {"PipelineName": arn, "PipelineParameters": given, "ClientRequestToken": uuid.uuid4().hex}
            self._call_api(role, "sagemaker:startPipelineExecution", request)
        else:
            raise Gap(f"scheduler target {arn}")

    def _send(self, role: str, arn: str, body: str, attributes: dict[str, Json]) -> None:
        actions = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}
        action = actions[arn.split(":")[2]]
        with self._cloud.lock:
            if not self._cloud.identity.role_may(role, SERVICE, action, arn):
                raise Refused(f"{role} may not do {action} on {arn}, or {SERVICE} may not assume it")
            self._cloud.delivery.put(arn, body, attributes)

    def _call_api(self, role: str, call: str, request: Json) -> None:
        """A universal target: any API, as the schedule's role."""
        service, _, api = call.partition(":")
        with self._cloud.lock:
            principal = self._cloud.identity.session(role, "scheduler", SERVICE)
        try:
            getattr(self._cloud.client(service, principal), xform_name(api[0].upper() + api[1:]))(**request)
        finally:
            self._cloud.identity.forget(principal)

    def _input(self, fire: Fire) -> str:
        """The target's Input with the context attributes filled in; Scheduler's own event when there is none."""
        scheduled = self._cloud.clock.iso(fire.at.timestamp())
        text = fire.target.get("Input")
        if text is None:
            event = {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": "Scheduled Event",
                "source": "aws.scheduler",
                "account": self._cloud.account,
                "time": scheduled,
                "region": self._cloud.region,
                "resources": [fire.arn],
                "detail": "{}",
            }
            return json.dumps(event)
        values = {
            "schedule-arn": fire.arn,
            "scheduled-time": scheduled,
            "execution-id": uuid.uuid4().hex[:16],
            "attempt-number": str(fire.attempt),
        }
        for name, value in values.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return str(text)


def _check_target(target: Json) -> None:
    if "Input" in target and ":lambda:" in target["Arn"]:
        try:
            json.loads(target["Input"])
        except ValueError as error:
            raise ServiceError("ValidationException", "Input for a Lambda target must be JSON") from error
    if target.get("DeadLetterConfig", {}).get("Arn", "").endswith(".fifo"):
        raise ServiceError("ValidationException", "a dead-letter queue must be a standard queue")


def _instant(value: Any) -> datetime.datetime | None:
    if value in (None, ""):
        return None
    if isinstance(value, (int, float)):
        return datetime.datetime.fromtimestamp(float(value), datetime.UTC)
    if isinstance(value, datetime.datetime):
        return value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    return datetime.datetime.fromisoformat(str(value).replace("Z", "+00:00"))


def _within_window(schedule: Any) -> float:
    """Seconds after the scheduled time: in a flexible window somewhere, but the same for each fire of a schedule."""
    window = schedule.flexible_time_window or {}
    if window.get("Mode") != "FLEXIBLE":
        return 0
    share = (zlib.crc32(schedule.arn.encode()) % 1000) / 1000
    return float(window["MaximumWindowInMinutes"]) * 60 * share
