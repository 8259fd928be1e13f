"""How the parts of the local cloud fit together.

A part is a module with one function, `install(cloud: Cloud) -> None`, called once while the cloud starts (after the
server listens, before the first stack is deployed). It keeps its state in an object of its own, and reaches the rest of
the cloud only by what is written here.

    localcloud/sagemaker.py      replaces methods of moto.sagemaker.responses.SageMakerResponse
    localcloud/slack.py          cloud.route("/slack/api/", handler)
    localcloud/page/__init__.py  cloud.route("/_local/page/", handler)

Rules of the house
- Time is `cloud.clock.now()` (Unix seconds, a float). It is virtual, and so are time.time() and datetime.now() in this
  whole process, so moto's time stamps are virtual as well. Sleep never; ask for a call with `cloud.clock.after`.
- What `after` runs, runs on one thread, in the order of its due times, without the lock. It must be short.
- moto is not thread safe: touch its backends only inside `with cloud.lock:` (re-entrant). A request that came over
  HTTP already holds it, and so does a route's handler.
- Nothing accepted and unsupported: raise `Gap("what is missing")`; the client gets a loud 501 and the cloud records a
  violation, which fails a test.
- A request that breaks a published rule of the service is refused as the service refuses it, and where it can only be a
  mistake of the client (a block too long, a member that does not exist) it is recorded: `cloud.violation(...)`.
- A part may keep counters and lists of its own; `cloud.publish("slack/messages", lambda query: [...])` makes them
  readable as GET /_local/slack/messages, and `cloud.accept("slack/reset", lambda body: ...)` makes POST possible.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = Any
"""What json.loads returns."""

SLACK_BOT_TOKEN = "xoxb-local-cloud"
SLACK_SIGNING_SECRET = "local-cloud-signing-secret"
"""What the secret that the cloud makes for a stack holds, unless the stack is given another one. The Slack of the local
cloud accepts this token (and what a scenario adds)."""


class Gap(Exception):
    """Something that AWS can do and this cloud cannot (yet). Answered with 501, and recorded as a violation."""


@dataclass(frozen=True)
class Request:
    """A request to a route. Header names are in lower case; `path` is what follows the route's prefix, decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Response:
    """The answer of a route. A dict or list becomes JSON, a str becomes text/html in UTF-8, bytes stay as they are."""

    body: Json = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    """Real seconds to wait before answering (without the lock), to try a client's patience."""
    drop: bool = False
    """Close the connection without any answer; what was done stays done."""

    def encoded(self) -> bytes:
        """The body as bytes; sets Content-Type when the headers have none."""
        if isinstance(self.body, bytes):
            self.headers.setdefault("Content-Type", "application/octet-stream")
            return self.body
        if isinstance(self.body, str):
            self.headers.setdefault("Content-Type", "text/html; charset=utf-8")
            return self.body.encode()
        self.headers.setdefault("Content-Type", "application/json; charset=utf-8")
        return json.dumps(self.body).encode()


RouteHandler = Callable[[Request], Response]


class Clock(Protocol):
    """Virtual time: it stands still, or ticks at some speed, and can be advanced."""

    def now(self) -> float:
        """Unix seconds."""

    def after(self, delay: float, call: Callable[[], None]) -> None:
        """Run `call` once `delay` virtual seconds have passed (0: as soon as possible). Order of due time is kept."""

    def iso(self, at: float | None = None) -> str:
        """`at` (default: now) as 2026-03-01T00:00:00Z."""


class Cloud(Protocol):
    """What a part may use."""

    region: str
    account: str
    url: str
    """http://127.0.0.1:<port>, the endpoint of every service."""
    lock: threading.RLock
    scenario: dict[str, Json]
    """The scenario as it is now: given at the start, replaced by POST /_local/scenario. Read it anew at each use."""

    @property
    def clock(self) -> Clock: ...

    def admin(self, service: str) -> Any:
        """A boto3 client with all rights, against this cloud. Never call it while holding the lock."""

    def backend(self, service: str) -> Any:
        """moto's backend of the service in our account and region. Hold the lock while using it."""

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: Json,
        resources: list[str] | None = None,
        copies: int = 1,
        delay: float = 0,
    ) -> None:
        """An event of an AWS service on the default bus: matched against every rule, delivered to the targets `delay`
        virtual seconds from now, `copies` times (0: lost). `time` is the moment of this call. May be called with or
        without the lock."""

    def route(self, prefix: str, handler: RouteHandler) -> None:
        """Serve every path below `prefix` on the cloud's own port. Such requests need no signature."""

    def publish(self, name: str, read: Callable[[Mapping[str, str]], Json]) -> None:
        """GET /_local/<name>?k=v answers read({"k": "v"}) as JSON."""

    def accept(self, name: str, write: Callable[[Json], Json]) -> None:
        """POST /_local/<name> with a JSON body answers write(body) as JSON."""

    def violation(self, what: str, detail: Json = None) -> None:
        """Record a request that no client of ours should ever have made (GET /_local/violations)."""

    def put_log_events(self, group: str, stream: str, events: list[tuple[float, str]], delay: float = 0) -> None:
        """Log lines (Unix seconds, message) become readable after `delay` virtual seconds (ingestion). The group and
        the stream appear with the first lines. Does not need the lock."""
