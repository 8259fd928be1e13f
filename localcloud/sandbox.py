"""One execution environment of a function: the packaged bootstrap under the real Runtime Interface Emulator (RIE).

The emulator panics when two invocations overlap or a client hangs up, so a sandbox runs one at a time and is replaced
when its emulator has died. It tells errors by their shape, as `sam local` does, because the emulator answers 200 to a
handler's error and plain text to a timeout.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

INVOKE_PATH = "/2015-03-31/functions/function/invocations"
START_PATIENCE = 60.0
LOG_PATIENCE = 5.0
"""Real seconds; a loaded machine may need them."""
LAST_LINES = ("REPORT RequestId", "Invoke DONE failed", "Task timed out")
"""What the emulator prints when an invocation is over."""
EXTRA_PATIENCE = 30.0
"""Seconds beyond the function's timeout that the emulator is given to answer."""


@dataclass
class Outcome:
    """What came of an invocation. `error`: empty, Handled (the handler said so) or Unhandled (crash, timeout)."""

    body: str
    error: str = ""


class Sandbox:
    """One emulator and its bootstrap; both start at the first invocation."""

    def __init__(
        self, emulator: Path, code: Path, env: dict[str, str], timeout: int, log: Callable[[str], None]
    ) -> None:
        self._emulator, self._code, self._env, self._timeout, self._log = emulator, code, env, timeout, log
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: list[socket.socket] = []
        self._over = threading.Event()
        self.access_key = env.get("AWS_ACCESS_KEY_ID", "")
        self.killed = False
        """The bootstrap was killed on purpose since this was last reset."""

    def invoke(self, payload: bytes, client_context: str = "") -> Outcome:
        """Run one event. Not to be called twice at once."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        self._over.clear()
        headers = {"Content-Type": "application/json"}
        if client_context:
            headers["X-Amz-Client-Context"] = client_context
        try:
            connection = self._connect()
            with contextlib.closing(connection):
                connection.request("POST", INVOKE_PATH, payload, headers)
                response = connection.getresponse()
                body = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Outcome(json.dumps({"errorType": "Sandbox.Died", "errorMessage": repr(error)}), "Unhandled")
        self._over.wait(LOG_PATIENCE)  # so that whoever sees the outcome sees the log as well
        return _judge(response.status, body)

    def children(self) -> list[int]:
        """Process ids of the bootstrap (one, once it runs)."""
        if self._process is None or self._process.poll() is not None:
            return []
        found: list[int] = []
        for task in Path(f"/proc/{self._process.pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(pid) for pid in task.read_text().split()]
        return found

    def kill_bootstrap(self) -> None:
        """End the bootstrap in the middle of its work as a crash would; the emulator fails the invocation, lives on and
        starts another at the next one. Of an idle one it would learn at the next invocation only, and fail that."""
        self.killed = True
        for pid in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        process, self._process = self._process, None
        while self._ports:
            self._ports.pop().close()
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> None:
        self.close()
        self._ports = [_reserved_port(), _reserved_port()]
        port, api = (s.getsockname()[1] for s in self._ports)
        command = [
            str(self._emulator),
            *("--log-level", "error"),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
            *("--runtime-api-address", f"127.0.0.1:{api}"),
            str(self._code / "bootstrap"),
            "bootstrap",
        ]
        self._process = subprocess.Popen(
            command, env=self._env, cwd=self._code, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        threading.Thread(target=self._drain, args=(self._process,), daemon=True).start()

    def _drain(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip("\n")
            if line:
                self._log(line)
            if any(mark in line for mark in LAST_LINES):
                self._over.set()

    def _connect(self) -> http.client.HTTPConnection:
        assert self._process is not None
        host, port = self._ports[0].getsockname()
        until = time.monotonic() + START_PATIENCE
        while True:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeout + EXTRA_PATIENCE)
            try:
                connection.connect()
                return connection
            except ConnectionRefusedError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.005)


def _judge(status: int, body: str) -> Outcome:
    if status != 200 or body.startswith("Task timed out"):
        return Outcome(body or json.dumps({"errorType": "Runtime.ExitError"}), "Unhandled")
    try:
        value = json.loads(body)
    except ValueError:
        return Outcome(body)
    members = set(value) if isinstance(value, dict) else set()
    if {"errorMessage", "errorType"} <= members <= {"errorMessage", "errorType", "stackTrace", "requestId"}:
        return Outcome(body, "Handled")
    return Outcome(body)


def _reserved_port() -> socket.socket:
    """A port of loopback that nobody else is given as long as this socket is open: not another cloud, not the near end
    of a connection. Only who asks for it by its number and with SO_REUSEADDR may listen on it, as the emulator does."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return held
