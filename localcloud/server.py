"""The one port: routes of our own, and moto behind one middleware.

An AWS request passes, in this order: read as an operation (wire.py), signature (identity.py), faults (faults.py),
permissions, the models' shapes (shapes.py), then moto, under one lock: moto is not atomic, and two racing conditional
writes could both win. What moto cannot do is answered with a loud 501 and recorded as a violation.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from localcloud import patches, shapes, wire
from localcloud.faults import Fault
from localcloud.identity import Principal
from localcloud.interfaces import Gap, Request, Response, RouteHandler
from localcloud.wire import Call, ServiceError

log = logging.getLogger("localcloud.server")

MOST_BODY = 64 * 1024 * 1024
WIRE_LOG = 20_000
LONG_POLL_STEP = 0.02

StartResponse = Callable[..., Any]
Answer = tuple[int, dict[str, str], bytes]
Operation = Callable[[Call], Answer]
Check = Callable[[Call], Answer | None]


class Dropped(Exception):
    """The connection is to be closed without an answer."""


class Handler(MotoRequestHandler):
    """HTTP/1.1 with kept connections, and no log of its own."""

    protocol_version = "HTTP/1.1"

    def handle_expect_100(self) -> bool:
        return True  # werkzeug writes the "100 Continue" itself

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class Server:
    """The HTTP server of a cloud. `cloud` is the localcloud.cloud.LocalCloud that owns it."""

    def __init__(self, cloud: Any, port: int = 0) -> None:
        self._cloud = cloud
        self._routes: list[tuple[str, RouteHandler, bool]] = []
        self._own: dict[tuple[str, str], Operation] = {}
        self._before: dict[tuple[str, str], Check] = {}
        self._after: dict[tuple[str, str], Callable[[Call], None]] = {}
        self.wire: deque[dict[str, Any]] = deque(maxlen=WIRE_LOG)
        self._count = 0
        self._guard = threading.Lock()
        self._moto = DomainDispatcherApplication(_backend_app)
        self._http = make_server("127.0.0.1", port, self._wsgi, threaded=True, request_handler=Handler)
        self.port = int(self._http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, name="http", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def route(self, prefix: str, handler: RouteHandler, locked: bool = True) -> None:
        """Serve what begins with `prefix`. With `locked`, the handler is called under the cloud's lock."""
        self._routes.append((prefix, handler, locked))
        self._routes.sort(key=lambda r: len(r[0]), reverse=True)

    def own(self, service: str, operation: str, do: Operation) -> None:
        """Answer an AWS operation here and not in moto. Called without the lock."""
        self._own[service, operation] = do

    def before(self, service: str, operation: str, check: Check) -> None:
        """Look at a call before moto does, under the lock: raise ServiceError, answer it, or return None."""
        self._before[service, operation] = check

    def after(self, service: str, operation: str, then: Callable[[Call], None]) -> None:
        """Called, under the lock, after moto has done an operation successfully."""
        self._after[service, operation] = then

    # Requests

    def _wsgi(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        began = time.monotonic()
        headers = _headers(environ)
        try:
            body = _body(environ)
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            status, out_headers, out = self._answer(environ, headers, body, began)
        except Dropped:
            _close_connection(environ)
            raise ConnectionError("answer dropped on purpose") from None
        out_headers = {k: v for k, v in out_headers.items() if k.lower() != "content-length"}
        if environ["REQUEST_METHOD"] == "HEAD":
            start(f"{status} {_REASONS.get(status, 'X')}", list(out_headers.items()))
            return []
        out_headers["Content-Length"] = str(len(out))
        start(f"{status} {_REASONS.get(status, 'X')}", list(out_headers.items()))
        return [out]

    def _answer(self, environ: dict[str, Any], headers: dict[str, str], body: bytes, began: float) -> Answer:
        path = environ["PATH_INFO"]
        for prefix, handler, locked in self._routes:
            if path.startswith(prefix):
                return self._routed(environ, headers, body, (prefix, handler, locked), began)
        return self._aws(environ, headers, body, began)

    def _routed(
        self,
        environ: dict[str, Any],
        headers: dict[str, str],
        body: bytes,
        route: tuple[str, RouteHandler, bool],
        began: float,
    ) -> Answer:
        prefix, handler, locked = route
        path = environ["PATH_INFO"]
        quiet = prefix.startswith("/_local/")
        query = wire.query_dict(environ.get("QUERY_STRING", ""))
        request = Request(environ["REQUEST_METHOD"], path[len(prefix) :], query, headers, body)
        caller, key = ("", "") if quiet else self._cloud.functions.caller_by_port(environ.get("REMOTE_PORT"))
        fault = None if quiet else self._cloud.faults.pick("route", request.path, caller, path)
        try:
            self._strike_before(fault, key)
            if fault and fault.do in ("throttle", "error"):
                response = _route_refusal(fault)
            else:
                with self._cloud.lock if locked else contextlib.nullcontext():
                    response = handler(request)
            if response.delay:
                time.sleep(response.delay)
            if response.drop:
                raise Dropped
            encoded = response.encoded()
            answer = (response.status, dict(response.headers), encoded)
            self._strike_after(fault, key)
        except Gap as gap:
            self._cloud.violation(f"gap: {gap}", {"path": path})
            answer = (501, {"Content-Type": "text/plain"}, f"the local cloud has a gap here: {gap}\n".encode())
        except Dropped:
            self._log("route", request.path, caller, environ, 0, "dropped", began, fault)
            raise
        if not quiet:
            self._log("route", request.path, caller, environ, answer[0], "", began, fault)
        return answer

    def _aws(self, environ: dict[str, Any], headers: dict[str, str], body: bytes, began: float) -> Answer:
        call: Call | None = None
        fault: Fault | None = None
        try:
            call = wire.read_call(_with_body(environ, body), headers, body)
            with self._cloud.lock:
                principal = self._cloud.identity.authenticate(call)
            call.caller = principal.label
            fault = self._cloud.faults.pick(call.service, call.operation, call.caller, call.raw_path)
            self._strike_before(fault, principal.access_key)
            if fault and fault.do in ("throttle", "error"):
                code, status, message = fault.refusal(call.service)
                raise ServiceError(code, message, status)
            answer = self._perform(call, principal, environ)
            self._strike_after(fault, principal.access_key)
        except ServiceError as error:
            protocol = call.protocol if call else wire.protocol_of(headers)
            answer = wire.error_response(error, protocol, call.service if call else "")
            if fault and fault.options.get("retry_after"):
                answer[1]["Retry-After"] = str(fault.options["retry_after"])
        except Gap as gap:
            self._cloud.violation(f"gap: {gap}", {"path": environ["PATH_INFO"]})
            loud = ServiceError("LocalCloudGap", f"the local cloud cannot do this: {gap}", 501)
            answer = wire.error_response(loud, call.protocol if call else wire.protocol_of(headers))
        except Dropped:
            self._log(*_what(call), call.caller if call else "", environ, 0, "dropped", began, fault)
            raise
        caller = call.caller if call else ""
        self._log(*_what(call), caller, environ, answer[0], wire.error_code_of(*answer), began, fault)
        return answer

    def _perform(self, call: Call, principal: Principal, environ: dict[str, Any]) -> Answer:
        with self._cloud.lock:
            self._cloud.identity.authorize(principal, call)
        found = shapes.findings(call)
        if found:
            if not principal.is_admin:
                self._cloud.violation(f"{call.service}:{call.operation} does not fit the API model", found)
            raise ServiceError("ValidationException", f"{len(found)} validation error(s): {'; '.join(found)}")
        own = self._own.get((call.service, call.operation))
        if own is not None:
            return own(call)
        if (call.service, call.operation) == ("sqs", "ReceiveMessage"):
            return self._long_poll(call, environ)
        key = (call.service, call.operation)
        with self._cloud.lock:
            answer = self._before[key](call) if key in self._before else None
            if answer is not None:
                return answer
            patches.operation.set(call.operation)
            answer = _without_nulls(call, self._hide_missing_key(call, principal, self.moto(environ, call.body)))
            if key in self._after and answer[0] < 300:
                self._after[key](call)
        if call.service == "sqs":
            self._cloud.wake()
        return answer

    def _long_poll(self, call: Call, environ: dict[str, Any]) -> Answer:
        """ReceiveMessage waits here, in real time and without the lock; moto is asked without waiting."""
        until = time.monotonic() + float(call.params.get("WaitTimeSeconds", 0))
        body = json.dumps({**(call.sent or {}), "WaitTimeSeconds": 0}).encode()
        while True:
            with self._cloud.lock:
                answer = self.moto(environ, body)
            if b'"Messages"' in answer[2] or answer[0] != 200 or time.monotonic() >= until:
                self._cloud.wake()
                return answer
            time.sleep(LONG_POLL_STEP)

    def _hide_missing_key(self, call: Call, principal: Principal, answer: Answer) -> Answer:
        """S3 tells only those who may list the bucket that a key does not exist; others are denied."""
        if call.service != "s3" or answer[0] != 404 or call.operation not in ("GetObject", "HeadObject"):
            return answer
        if self._cloud.identity.allowed(principal, "s3:ListBucket", f"arn:aws:s3:::{call.params['Bucket']}"):
            return answer
        raise ServiceError("AccessDenied", "Access Denied (no s3:ListBucket, so a missing key is not told)", 403)

    def moto(self, environ: dict[str, Any], body: bytes) -> Answer:
        """What moto answers. Hold the lock."""
        got: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
            got["status"], got["headers"] = int(status.split()[0]), dict(headers)
            return lambda data: None

        try:
            chunks = self._moto(_with_body(environ, body), start)
            answer = b"".join(chunks)
            if hasattr(chunks, "close"):
                chunks.close()
        except (NotImplementedError, Gap) as error:
            raise Gap(f"moto: {error!r}") from error
        except Exception as error:
            log.exception("moto failed on %s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            raise Gap(f"moto failed: {error!r}") from error
        headers = got["headers"]
        if not any(name.lower() in ("x-amzn-requestid", "x-amz-request-id") for name in headers):
            headers["x-amzn-requestid"] = str(uuid.uuid4())
        return got["status"], headers, answer

    # Faults and log

    def _strike_before(self, fault: Fault | None, access_key: str) -> None:
        if fault is None:
            return
        if fault.do == "delay":
            time.sleep(float(fault.options.get("seconds", 1)))
        if fault.do == "kill_before":
            self._cloud.functions.kill_process(access_key)
            raise Dropped

    def _strike_after(self, fault: Fault | None, access_key: str) -> None:
        if fault is None:
            return
        if fault.do == "kill_after":
            self._cloud.functions.kill_process(access_key)
            raise Dropped
        if fault.do == "lost":
            raise Dropped

    def _log(
        self,
        service: str,
        operation: str,
        caller: str,
        environ: dict[str, Any],
        status: int,
        code: str,
        began: float,
        fault: Fault | None,
    ) -> None:
        with self._guard:
            self._count += 1
            self.wire.append(
                {
                    "n": self._count,
                    "at": round(self._cloud.clock.now(), 3),
                    "caller": caller,
                    "service": service,
                    "operation": operation,
                    "method": environ["REQUEST_METHOD"],
                    "path": environ["PATH_INFO"],
                    "status": status,
                    "code": code,
                    "ms": round((time.monotonic() - began) * 1000, 2),
                    "fault": fault.do if fault else "",
                }
            )


_REASONS = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}


def _what(call: Call | None) -> tuple[str, str]:
    return (call.service, call.operation) if call else ("?", "?")


def _route_refusal(fault: Fault) -> Response:
    headers = {"Retry-After": str(fault.options.get("retry_after", 1))} if fault.do == "throttle" else {}
    status = 429 if fault.do == "throttle" else int(fault.options.get("status", 500))
    return Response({"ok": False, "error": fault.options.get("code", "ratelimited")}, status, headers)


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    headers = {k[5:].replace("_", "-").lower(): str(v) for k, v in environ.items() if k.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = str(environ[name])
    return headers


def _body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = stream.read(MOST_BODY + 1)
    else:
        body = stream.read(min(int(environ.get("CONTENT_LENGTH") or 0), MOST_BODY + 1))
    if len(body) > MOST_BODY:
        raise ValueError(f"a body of more than {MOST_BODY} bytes")
    return bytes(body)


def _without_nulls(call: Call, answer: Answer) -> Answer:
    """AWS leaves out members that have no value; moto's answers sometimes say null."""
    if call.protocol not in ("json", "rest-json") or b"null" not in answer[2]:
        return answer
    try:
        value = json.loads(answer[2])
    except ValueError:
        return answer
    return answer[0], answer[1], json.dumps(_strip(value)).encode()


def _strip(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _strip(inner) for name, inner in value.items() if inner is not None}
    return [_strip(inner) for inner in value] if isinstance(value, list) else value


def _with_body(environ: dict[str, Any], body: bytes) -> dict[str, Any]:
    """A copy whose body can be read (once)."""
    return {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _close_connection(environ: dict[str, Any]) -> None:
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _backend_app(service: Any) -> Flask:
    app = create_backend_app(service)
    app.config["PROPAGATE_EXCEPTIONS"] = True  # a gap in moto must be seen, not answered with an HTML page
    return app
