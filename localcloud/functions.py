"""Lambda: functions from packaged zips, synchronous and asynchronous invocation, SQS mappings, Function URLs, logs.

State and API stay moto's; what runs is the real bootstrap (sandbox.py). Each sandbox has keys of its own for the
function's role, so a request tells which process made it.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import logging
import re
import shutil
import tempfile
import threading
import uuid
import zipfile
from collections import deque
from pathlib import Path
from typing import Any

from localcloud.identity import Principal
from localcloud.interfaces import Json, Request, Response
from localcloud.sandbox import Outcome, Sandbox
from localcloud.wire import Call, ServiceError

log = logging.getLogger("localcloud.functions")

LOG_LINES = 5_000
ASYNC_RETRY_AFTER = (60, 120)
"""Seconds before the first and the second repetition of a failed asynchronous invocation (Lambda's own queue)."""
MOST_PAYLOAD = 6 * 1024 * 1024


class Function:
    """A deployed function: its code on disk and its sandboxes, as many as run at once."""

    def __init__(self, cloud: Any, model: Any, code: Path, settings: Json) -> None:
        self._cloud, self._model, self._code, self._settings = cloud, model, code, settings
        self.name: str = model.function_name
        self.arn: str = f"arn:aws:lambda:{cloud.region}:{cloud.account}:function:{self.name}"
        self.role: str = model.role
        self.timeout = int(model.timeout)
        self.lines: deque[dict[str, Any]] = deque(maxlen=LOG_LINES)
        self.invocations = 0
        self.errors = 0
        self._guard = threading.Lock()
        self._idle: list[Sandbox] = []
        self._all: list[Sandbox] = []
        self._retired: list[Sandbox] = []
        self._closed = False
        self._principals: list[Principal] = []

    def invoke(self, payload: bytes, client_context: str = "") -> Outcome:
        """Run one event in a sandbox that is idle, or in a new one."""
        if len(payload) > MOST_PAYLOAD:
            raise ServiceError("RequestTooLargeException", f"{len(payload)} byte payload is too large", 413)
        sandbox = self._take()
        try:
            outcome = sandbox.invoke(payload, client_context)
        finally:
            killed = self._put_back(sandbox)
        with self._guard:
            self.invocations += 1
            self.errors += bool(outcome.error)
        if outcome.error == "Unhandled" and not killed and not self._closed:
            self._cloud.violation(f"{self.name}: died or ran out of time by itself", outcome.body[:500])
        return outcome

    def kill(self, access_key: str = "") -> None:
        """End its processes, or the one that signs with a key, as a crash would. What they are working on fails; an
        idle one is replaced by a new one, as Lambda does it."""
        with self._guard:
            for sandbox in self._all:
                if access_key not in ("", sandbox.access_key):
                    continue
                if sandbox in self._idle:
                    sandbox.close()
                else:
                    sandbox.kill_bootstrap()

    def restart(self) -> None:
        """Make the next invocation of each sandbox a cold start. What is running ends first."""
        with self._guard:
            self._retired = [sandbox for sandbox in self._all if sandbox not in self._idle]
            for sandbox in self._idle:
                sandbox.close()

    def sandboxes(self) -> list[Sandbox]:
        with self._guard:
            return list(self._all)

    def close(self) -> None:
        self._closed = True
        for sandbox in self.sandboxes():
            sandbox.close()
        for principal in self._principals:
            self._cloud.identity.forget(principal)

    def _take(self) -> Sandbox:
        with self._guard:
            if self._idle:
                return self._idle.pop()
        with self._cloud.lock:
            principal = self._cloud.identity.session(self.role, self.name, service="lambda.amazonaws.com")
        stream = f"{self._cloud.clock.iso()[:10].replace('-', '/')}/[$LATEST]{uuid.uuid4().hex}"
        env = self._environment(principal, stream)
        sandbox = Sandbox(self._cloud.emulator, self._code, env, self.timeout, lambda line: self._log(stream, line))
        with self._guard:
            self._all.append(sandbox)
            self._principals.append(principal)
        return sandbox

    def _put_back(self, sandbox: Sandbox) -> bool:
        """Tell whether it was killed on purpose."""
        with self._guard:
            killed, sandbox.killed = sandbox.killed, False
            if sandbox in self._retired:
                self._retired.remove(sandbox)
                sandbox.close()
            self._idle.append(sandbox)
        return killed

    def _environment(self, principal: Principal, stream: str) -> dict[str, str]:
        """What Lambda sets, the function's own variables, and nothing of this process's environment."""
        logging_config = self._settings.get("LoggingConfig", {})
        env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
            "LD_LIBRARY_PATH": f"/lib64:/usr/lib64:{self._code}",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_REGION": self._cloud.region,
            "AWS_DEFAULT_REGION": self._cloud.region,
            "AWS_ACCESS_KEY_ID": principal.access_key,
            "AWS_SECRET_ACCESS_KEY": principal.secret_key,
            "AWS_SESSION_TOKEN": principal.token,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._model.memory_size),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self.timeout),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_LAMBDA_LOG_FORMAT": logging_config.get("LogFormat", "Text"),
            "LAMBDA_TASK_ROOT": str(self._code),
            "_HANDLER": "bootstrap",
        }
        if level := logging_config.get("ApplicationLogLevel"):
            env["AWS_LAMBDA_LOG_LEVEL"] = level
        env |= {name: str(value) for name, value in (self._model.environment_vars or {}).items()}
        # The two addresses that differ from AWS: the endpoint of every service, and Slack's Web API.
        env["AWS_ENDPOINT_URL"] = self._cloud.url
        if "BUZZFLOW_SLACK_API_URL" in env:
            env["BUZZFLOW_SLACK_API_URL"] = f"{self._cloud.url}/slack/api"
        return env

    def _log(self, stream: str, line: str) -> None:
        at = self._cloud.clock.now()
        self.lines.append({"at": round(at, 3), "stream": stream, "line": line})
        self._cloud.put_log_events(f"/aws/lambda/{self.name}", stream, [(at, line)])


class Functions:
    """All functions of the account."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud
        self._functions: dict[str, Function] = {}
        self._work = Path(tempfile.mkdtemp(prefix="localcloud-"))
        self._unpacked = itertools.count()
        self._async: dict[str, Json] = {}
        cloud.server.own("lambda", "Invoke", self._invoke_call)
        cloud.server.route("/lambda-url/", self._url, locked=False)

    def add(self, name: str, code: Path, settings: Json) -> Function:
        """A function that moto knows already gets its code: a zip, or a directory, with `bootstrap` in it. `settings`
        are its properties as CloudFormation has them (moto forgets some)."""
        with self._cloud.lock:
            model = self._cloud.backend("lambda").get_function(name)
        directory = self._unpack(name, code)
        if not (directory / "bootstrap").is_file():
            raise FileNotFoundError(f"{name}: no `bootstrap` in {code}")
        self._functions[name] = Function(self._cloud, model, directory, settings)
        return self._functions[name]

    def _unpack(self, name: str, code: Path) -> Path:
        if code.is_dir():
            return code.resolve()
        if not code.is_file():
            raise FileNotFoundError(f"{name}: {code} does not exist; build it with scripts/package")
        directory = self._work / f"{next(self._unpacked)}-{name}"
        with zipfile.ZipFile(code) as archive:
            archive.extractall(directory)
            for info in archive.infolist():
                mode = info.external_attr >> 16
                if mode:
                    (directory / info.filename).chmod(mode & 0o777)
        return directory

    def get(self, reference: str) -> Function:
        """By name, partial or full ARN, with or without a qualifier."""
        name = re.sub(r"^.*:function:", "", reference).split(":")[0]
        function = self._functions.get(name)
        if function is None:
            raise ServiceError("ResourceNotFoundException", f"Function not found: {reference}", 404)
        return function

    def all(self) -> list[Function]:
        return list(self._functions.values())

    def configure_async(self, name: str, config: Json) -> None:
        self._async[name] = config

    def close(self) -> None:
        for function in self.all():
            function.close()
        shutil.rmtree(self._work, ignore_errors=True)

    # Who is behind a connection, and killing it

    def kill_process(self, access_key: str) -> None:
        """Kill the process that signs with this access key."""
        for function in self.all():
            if access_key:
                function.kill(access_key)

    def caller_by_port(self, remote_port: Any) -> tuple[str, str]:
        """The function whose process holds the other end of a connection to us, and the access key of that process;
        empty when it is none of them."""
        inode = _inode_of(int(remote_port), self._cloud.server.port) if remote_port else None
        if inode is None:
            return "", ""
        for function in self.all():
            for sandbox in function.sandboxes():
                if any(_holds(pid, inode) for pid in sandbox.children()):
                    return function.name, sandbox.access_key
        return "", ""

    # Invocation

    def _invoke_call(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        kind = call.params.get("InvocationType", "RequestResponse")
        function = self.get(call.params["FunctionName"])
        headers = {"Content-Type": "application/json", "x-amz-executed-version": "$LATEST"}
        if kind == "DryRun":
            return 204, headers, b""
        if kind == "Event":
            self.invoke_async(function.arn, json.loads(call.body or b"{}"))
            return 202, headers, b""
        outcome = function.invoke(call.body or b"{}", call.headers.get("x-amz-client-context", ""))
        if outcome.error:
            headers["x-amz-function-error"] = outcome.error
        return 200, headers, outcome.body.encode()

    def invoke_async(self, reference: str, event: Json, attempt: int = 0, request_id: str = "") -> None:
        """Lambda's own queue: two repetitions after 1 and 2 minutes, then the on-failure destination."""
        request_id = request_id or str(uuid.uuid4())

        def run() -> None:
            try:
                function = self.get(reference)
                outcome = function.invoke(json.dumps(event).encode())
                if outcome.error:
                    self._failed(function, event, attempt, request_id, outcome)
            finally:
                self._cloud.leave()

        def begin() -> None:
            self._cloud.enter()
            threading.Thread(target=run, name=f"async {reference}", daemon=True).start()

        self._cloud.clock.after(0, begin)

    def _failed(self, function: Function, event: Json, attempt: int, request_id: str, outcome: Outcome) -> None:
        config = self._async.get(function.name, {})
        if attempt < config.get("MaximumRetryAttempts", 2):
            wait = ASYNC_RETRY_AFTER[attempt]
            again = attempt + 1
            self._cloud.clock.after(wait, lambda: self.invoke_async(function.arn, event, again, request_id))
            return
        destination = config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        record = {
            "version": "1.0",
            "timestamp": self._cloud.clock.iso(),
            "requestContext": {
                "requestId": request_id,
                "functionArn": f"{function.arn}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": attempt + 1,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": outcome.error},
            "responsePayload": outcome.body,
        }
        if destination:
            self._cloud.delivery.hand_over(destination, json.dumps(record), "lambda.amazonaws.com", function.arn)
        else:
            log.error("an asynchronous event of %s is lost: %s", function.name, record)

    # Function URLs

    def _url(self, request: Request) -> Response:
        name, _, rest = request.path.partition("/")
        path = "/" + rest
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "&".join(f"{k}={v}" for k, v in request.query.items()),
            "headers": dict(request.headers),
            "requestContext": {
                "accountId": "anonymous",
                "apiId": name,
                "domainName": f"{name}.lambda-url.{self._cloud.region}.on.aws",
                "http": {"method": request.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
                "requestId": str(uuid.uuid4()),
                "routeKey": "$default",
                "stage": "$default",
                "timeEpoch": int(self._cloud.clock.now() * 1000),
            },
            "body": base64.b64encode(request.body).decode(),
            "isBase64Encoded": True,
        }
        outcome = self.get(name).invoke(json.dumps(event).encode())
        if outcome.error:
            return Response({"Message": "Internal Server Error"}, 502)
        with contextlib.suppress(ValueError):
            answer = json.loads(outcome.body)
            if isinstance(answer, dict) and "statusCode" in answer:
                body = answer.get("body") or ""
                raw = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
                return Response(raw, int(answer["statusCode"]), dict(answer.get("headers") or {}))
        return Response(outcome.body.encode(), 200, {"Content-Type": "application/json"})


def _inode_of(local_port: int, remote_port: int) -> str | None:
    """The inode of the socket at the client's end of a loopback connection."""
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        columns = row.split()
        ports = [int(columns[i].split(":")[1], 16) for i in (1, 2)]
        if ports == [local_port, remote_port]:
            return columns[9]
    return None


def _holds(pid: int, inode: str) -> bool:
    for entry in Path(f"/proc/{pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            if str(entry.readlink()) == f"socket:[{inode}]":
                return True
    return False
