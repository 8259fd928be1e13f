"""Start a local cloud in a process of its own, and drive it: for the demo, the tests, and anyone's scripts.

with LocalCloudProcess(template, {"Environment": "research", ...}, speed=0) as cloud:
    cloud.client("s3").put_object(...)
    cloud.settle()
    cloud.advance_to("2026-03-02T00:00:00Z")
    print(cloud.get("slack/messages"))
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parent.parent
START_PATIENCE = 60.0
CALL_PATIENCE = 900.0


class ControlError(Exception):
    """The control API said no; the message is its own."""


class Control:
    """The control API of a cloud that runs at `url`, and AWS clients for it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._clients: dict[str, Any] = {}
        self._keys: dict[str, str] = {}

    def get(self, name: str, /, **query: Any) -> Any:
        suffix = "?" + urllib.parse.urlencode(query) if query else ""
        return self._call(urllib.request.Request(f"{self.url}/_local/{name}{suffix}"))

    def post(self, name: str, /, body: Any = None) -> Any:
        data = json.dumps({} if body is None else body).encode()
        return self._call(urllib.request.Request(f"{self.url}/_local/{name}", data, method="POST"))

    def _call(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=CALL_PATIENCE) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            with contextlib.suppress(ValueError):
                text = json.loads(text)["error"]
            raise ControlError(f"{request.get_method()} {request.full_url}: {text}") from None

    def keys(self) -> dict[str, str]:
        """The administrator's keys, region and account."""
        if not self._keys:
            self._keys = self.get("keys")
        return self._keys

    def client(self, service: str) -> Any:
        """A boto3 client with all rights, that repeats nothing."""
        if service not in self._clients:
            self._clients[service] = self.client_with(service, self.keys())
        return self._clients[service]

    def client_as(self, service: str, role_arn: str) -> Any:
        """A boto3 client with what a role may do."""
        return self.client_with(service, self.post("assume", {"role": role_arn}))

    def client_with(self, service: str, keys: Mapping[str, str]) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=keys["region"],
            aws_access_key_id=keys["access_key"],
            aws_secret_access_key=keys["secret_key"],
            aws_session_token=keys["token"] or None,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def environment(self) -> dict[str, str]:
        """What a command line that speaks to this cloud needs in its environment."""
        keys = self.keys()
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": keys["region"],
            "AWS_DEFAULT_REGION": keys["region"],
            "AWS_ACCESS_KEY_ID": keys["access_key"],
            "AWS_SECRET_ACCESS_KEY": keys["secret_key"],
            "AWS_SESSION_TOKEN": "",
        }

    def settle(self) -> Any:
        """Wait until nothing is due and nothing is in flight. Time stands still (at speed 0)."""
        return self.post("settle")

    def advance(self, seconds: float) -> Any:
        """Live through so many virtual seconds, with everything that happens in them."""
        return self.post("clock", {"advance": seconds})

    def advance_to(self, moment: str | float) -> Any:
        """The same up to a moment: Unix seconds, or a time like 2026-03-01T00:00:00Z."""
        return self.post("clock", {"advance_to": moment})

    def now(self) -> str:
        return str(self.get("clock")["iso"])

    def queue(self, name: str) -> dict[str, Any]:
        """The depths of a queue."""
        return next(q for q in self.get("queues") if q["name"] == name)


class LocalCloudProcess(Control):
    """A cloud in a process of its own, stopped by its own process id. See `python3 -m localcloud --help`."""

    def __init__(
        self,
        template: Path | None = None,
        parameters: Mapping[str, str] | None = None,
        *,
        stack: str = "buzzflow",
        also: Mapping[str, Mapping[str, str]] | None = None,
        speed: float = 0,
        start: str | None = None,
        options: tuple[str, ...] = (),
    ) -> None:
        super().__init__("")
        self._work = tempfile.TemporaryDirectory(prefix="localcloud-client-")
        self.ready = Path(self._work.name) / "ready.json"
        self.log = Path(self._work.name) / "log.txt"
        command = [sys.executable, "-m", "localcloud", "--ready", str(self.ready), "--speed", str(speed)]
        if template is not None:
            command += ["--template", str(template), "--stack", stack]
        for name, value in (parameters or {}).items():
            command += ["--parameter", f"{name}={value}"]
        for name, values in (also or {}).items():
            command += ["--also", name + ":" + ";".join(f"{k}={v}" for k, v in values.items())]
        if start is not None:
            command += ["--start", start]
        self._command = [*command, *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.facts: dict[str, Any] = {}

    def __enter__(self) -> LocalCloudProcess:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        until = time.monotonic() + START_PATIENCE
        while not self.ready.exists():
            if self._process.poll() is not None or time.monotonic() > until:
                text = self.log.read_text(errors="replace")
                self.stop()
                raise RuntimeError(f"the local cloud did not start:\n{text[-4000:]}")
            time.sleep(0.05)
        self.facts = json.loads(self.ready.read_text())
        self.url = self.facts["url"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._work.cleanup()
