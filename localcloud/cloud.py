"""The cloud itself: what the parts share, how they are put together, and coming to rest.

One LocalCloud per process, because moto's state and its patched symbols are global.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from moto import settings
from moto.backends import get_backend

from localcloud import patches
from localcloud.alarms import Alarms
from localcloud.clock import VirtualClock
from localcloud.control import Control
from localcloud.delivery import Delivery
from localcloud.dynamo import Dynamo
from localcloud.faults import Faults
from localcloud.functions import Functions
from localcloud.identity import Identity
from localcloud.interfaces import SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, Json, RouteHandler
from localcloud.logs import Logs
from localcloud.mappings import Mappings
from localcloud.scheduler import Scheduler
from localcloud.server import Server
from localcloud.stack import Deployment, deploy

log = logging.getLogger("localcloud")

PARTS = ("localcloud.sagemaker", "localcloud.slack", "localcloud.page")
SETTLE_PATIENCE = 120.0
MOST_VIOLATIONS = 1_000


class Unsettled(Exception):
    """The cloud did not come to rest in time; the message says what is still moving."""


class LocalCloud:
    """See interfaces.Cloud for what the parts may use of it."""

    def __init__(
        self,
        *,
        emulator: Path,
        region: str = "us-west-2",
        account: str = "123456789012",
        port: int = 0,
        start: float | None = None,
        speed: float = 1,
        scenario: dict[str, Json] | None = None,
        concurrency: int = 2,
        check_skew: bool = False,
    ) -> None:
        if not emulator.is_file():
            raise FileNotFoundError(f"{emulator} is missing; scripts/get-rie fetches it")
        self.region, self.account, self.emulator = region, account, emulator.resolve()
        self.scenario: dict[str, Json] = dict(scenario or {})
        self.lock = threading.RLock()
        self.violations: list[dict[str, Any]] = []
        self._active = 0
        self._changed = threading.Condition()
        self._changes = 0
        self._clients: dict[str, Any] = {}
        self._client_guard = threading.Lock()
        self.stacks: dict[str, Deployment] = {}
        settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")
        os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
        self.clock = VirtualClock(start, speed)
        self.clock.install()
        self.clock.rest_with(self.settle)
        patches.apply(self)
        self.faults = Faults()
        self.server = Server(self, port)
        self.url = self.server.url
        self.identity = Identity(self, check_skew)
        self.delivery = Delivery(self)
        self.functions = Functions(self)
        self.mappings = Mappings(self, concurrency)
        self.scheduler = Scheduler(self)
        self.alarms = Alarms(self)
        self.dynamo = Dynamo(self)
        Logs(self)
        self.control = Control(self)
        self.server.start()
        for name in PARTS:
            self._install(name)

    def _install(self, name: str) -> None:
        if importlib.util.find_spec(name) is None:
            log.warning("%s is not here; the cloud runs without it", name)
            return
        module = importlib.import_module(name)
        if not hasattr(module, "install"):
            log.warning("%s cannot be installed; the cloud runs without it", name)
            return
        module.install(self)

    def close(self) -> None:
        """Stop every process and thread, and give the process its own time back."""
        self.mappings.close()
        self.functions.close()
        self.server.close()
        self.clock.close()
        patches.restore()

    # What parts use

    def admin(self, service: str) -> Any:
        with self._client_guard:
            if service not in self._clients:
                self._clients[service] = self.client(service, self.identity.admin)
            return self._clients[service]

    def client(self, service: str, principal: Any) -> Any:
        """A boto3 client with a principal's keys."""
        return _SESSION.client(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id=principal.access_key,
            aws_secret_access_key=principal.secret_key,
            aws_session_token=principal.token or None,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=300, s3={"addressing_style": "path"}),
        )

    def backend(self, service: str) -> Any:
        backends = get_backend(service)[self.account]  # type: ignore[call-overload]
        return backends["aws" if service in ("iam", "sts", "s3") else self.region]

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: Json,
        resources: list[str] | None = None,
        copies: int = 1,
        delay: float = 0,
    ) -> None:
        self.delivery.emit(source, detail_type, detail, resources, copies, delay)

    def route(self, prefix: str, handler: RouteHandler) -> None:
        self.server.route(prefix, handler)

    def publish(self, name: str, read: Callable[[Mapping[str, str]], Json]) -> None:
        self.control.publish(name, read)

    def accept(self, name: str, write: Callable[[Json], Json]) -> None:
        self.control.accept(name, write)

    def violation(self, what: str, detail: Json = None) -> None:
        log.warning("VIOLATION %s %s", what, detail if detail is not None else "")
        if len(self.violations) < MOST_VIOLATIONS:
            self.violations.append({"at": self.clock.iso(), "what": what, "detail": detail})

    def put_log_events(self, group: str, stream: str, events: list[tuple[float, str]], delay: float = 0) -> None:
        if delay > 0:
            self.clock.after(delay, lambda: self.put_log_events(group, stream, events))
            return
        rows = [{"timestamp": int(at * 1000), "message": line} for at, line in events if line]
        with self.lock:
            logs = self.backend("logs")
            logs.ensure_log_group(group)
            if stream not in logs.groups[group].streams:
                logs.create_log_stream(group, stream)
            if rows:
                logs.put_log_events(group, stream, rows)

    # Deploying

    def furnish(self, parameters: Mapping[str, str], template: Path) -> dict[str, str]:
        """What an account has before the stack comes: the data buckets, the pipelines' roles, and Slack's secret. The
        parameters, with what was made filled in (only what the template asks for)."""
        wanted = dict(parameters)
        for name in filter(None, wanted.get("DataBuckets", "").split(",")):
            self._bucket(name)
        for arn in filter(None, wanted.get("PipelineRoleArns", "").split(",")):
            self._pipeline_role(arn)
        if "SlackSecretArn" not in wanted and "SlackSecretArn:" in template.read_text():
            wanted["SlackSecretArn"] = self._slack_secret()
        return wanted

    def _bucket(self, name: str) -> None:
        s3 = self.admin("s3")
        if name not in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region})

    def _pipeline_role(self, arn: str) -> None:
        iam, name = self.admin("iam"), arn.rsplit("/", 1)[-1]
        if name in [r["RoleName"] for r in iam.list_roles()["Roles"]]:
            return
        path = arn.split(":role", 1)[1].removesuffix(name)
        statement = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust)

    def _slack_secret(self) -> str:
        secrets, name = self.admin("secretsmanager"), "buzzflow/slack"
        for known in secrets.list_secrets()["SecretList"]:
            if known["Name"] == name:
                return str(known["ARN"])
        value = {"bot_token": SLACK_BOT_TOKEN, "signing_secret": SLACK_SIGNING_SECRET}
        return str(secrets.create_secret(Name=name, SecretString=json.dumps(value))["ARN"])

    def deploy(
        self,
        template: Path,
        parameters: Mapping[str, str],
        stack_name: str,
        code: Mapping[str, Path] | None = None,
    ) -> Deployment:
        """Apply a SAM template; `code` replaces the CodeUri of functions by their logical ids. Several stacks may live
        in one account."""
        if stack_name in self.stacks:
            raise ValueError(f"stack {stack_name} exists already")
        self.stacks[stack_name] = deploy(self, template, parameters, stack_name, dict(code or {}))
        return self.stacks[stack_name]

    # Change and rest

    def wake(self) -> None:
        """Tell the pollers, and who waits for rest, that something changed."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def changes(self) -> int:
        with self._changed:
            return self._changes

    def wait_for_change(self, seen: int, seconds: float = 0.25) -> None:
        """Until something changed since `seen` was read, or the time is over (time itself makes messages visible)."""
        with self._changed:
            if self._changes == seen:
                self._changed.wait(seconds)

    def enter(self) -> None:
        """Something is in flight, until `leave`."""
        with self.lock:
            self._active += 1

    def leave(self) -> None:
        with self.lock:
            self._active -= 1
        self.wake()

    def at_rest(self) -> bool:
        """Nothing is due, nothing is running, no function has a message to take."""
        with self.lock:
            # The order matters: nothing but a running batch, which the mappings know, can make something due while
            # the lock is held.
            return self.clock.idle() and self._active == 0 and self.mappings.at_rest()

    def settle(self, patience: float = SETTLE_PATIENCE) -> None:
        """Wait (in real time) until the cloud is at rest. Time does not move on, but by its own ticking."""
        until = time.monotonic() + patience
        self.dynamo.expire()
        self.wake()
        while True:
            seen = self.changes()
            if self.at_rest() and not self.alarms.evaluate():
                return
            if time.monotonic() > until:
                raise Unsettled(f"not at rest after {patience} s: {self.motion()}")
            self.wait_for_change(seen, 0.02)

    def motion(self) -> dict[str, Any]:
        """What keeps the cloud from being at rest."""
        with self.lock:
            return {
                "due": not self.clock.idle(),
                "in_flight": self._active,
                "batches": {m.function: m.busy for m in self.mappings.all() if m.busy},
            }


_SESSION = boto3.Session()
