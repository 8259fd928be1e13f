"""A stand-in for Lambda's Runtime API that enforces its state machine and injects faults.

It speaks HTTP on bare sockets, so that a test can send any bytes in any pieces. A test gives it a list of
events; each is served on "next" and its answer is recorded. After the last event "next" answers 403, which
ends the runtime, or blocks for as long as the test wants.
"""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path


@dataclasses.dataclass
class Event:
    body: bytes = b"{}"
    id: str = "req-1"
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    raw: Callable[[Event], list[bytes]] | None = None  # the reply to "next" in pieces, with pauses between
    pause: float = 0.0
    answer: tuple[int, bytes] = (202, b'{"status":"OK"}')  # what the answer's POST gets
    drop: str = ""  # "before", "inside" (the reply to next), "answer" (its reply)

    def pieces(self) -> list[bytes]:
        if self.raw:
            return self.raw(self)
        head = {
            "Lambda-Runtime-Aws-Request-Id": self.id,
            "Content-Type": "application/json",
            "Content-Length": str(len(self.body)),
            **self.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return [f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + self.body]


def chunked(size: int, *, extension: str = "", trailer: str = "") -> Callable[[Event], list[bytes]]:
    """The reply to "next" with a chunked body, chunks of ${size} bytes, each sent on its own."""

    def make(event: Event) -> list[bytes]:
        head = f"HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: {event.id}\r\nTransfer-Encoding: chunked\r\n\r\n"
        parts = [event.body[i : i + size] for i in range(0, len(event.body), size)]
        chunks = [f"{len(p):X}{extension}\r\n".encode() + p + b"\r\n" for p in parts]
        return [head.encode(), *chunks, f"0\r\n{trailer}\r\n".encode()]

    return make


@dataclasses.dataclass
class Answer:
    path: str
    headers: dict[str, str]
    body: bytes


class StandIn:
    def __init__(self, events: list[Event], *, end: int = 403, next_status: list[int] | None = None) -> None:
        self.events, self.end, self.next_status = list(events), end, list(next_status or [])
        self.answers: list[Answer] = []
        self.nexts = 0
        self.waiting: dict[str, Event] = {}
        self.done: set[str] = set()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.server.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        with connection:
            while request := stream.readline():
                method, path, _ = request.decode().split(" ", 2)
                headers: dict[str, str] = {}
                while line := stream.readline().decode().rstrip("\r\n"):
                    name, value = line.split(":", 1)
                    headers[name.lower()] = value.strip()
                body = stream.read(int(headers.get("content-length", "0")))
                if not self._reply(connection, method, path, headers, body):
                    return

    def _reply(self, connection: socket.socket, method: str, path: str, headers: dict[str, str], body: bytes) -> bool:
        if (method, path) == ("GET", "/2018-06-01/runtime/invocation/next"):
            return self._next(connection)
        self.answers.append(Answer(path, headers, body))
        status, text = 202, b'{"status":"OK"}'
        parts = path.split("/")
        if path.endswith("/init/error"):
            status = 403 if self.nexts else 202
        else:
            event = self.waiting.get(parts[4])
            if event is None:
                status, text = 400, b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}'
            elif parts[4] in self.done:
                status, text = 403, b'{"errorMessage":"State transition","errorType":"InvalidStateTransition"}'
            else:
                self.done.add(parts[4])
                status, text = event.answer
                if event.drop == "answer":
                    return False
        self._send(connection, [f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text], 0)
        return True

    def _next(self, connection: socket.socket) -> bool:
        if self.next_status:
            status = self.next_status.pop(0)
            self._send(connection, [f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()], 0)
            return True
        self.nexts += 1
        if not self.events:
            body = json.dumps({"errorType": "InvalidStateTransition"}).encode()
            self._send(connection, [f"HTTP/1.1 {self.end} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body], 0)
            return True
        event = self.events[0]
        if event.drop == "before":
            event.drop = ""
            return False
        if event.drop == "inside":
            event.drop = ""
            connection.sendall(event.pieces()[0][:40])
            return False
        self.events.pop(0)
        self.waiting[event.id] = event
        self.done.discard(event.id)
        self._send(connection, event.pieces(), event.pause)
        return True

    @staticmethod
    def _send(connection: socket.socket, pieces: list[bytes], pause: float) -> None:
        for piece in pieces:
            connection.sendall(piece)
            if pause:
                time.sleep(pause)


def probe() -> str:
    default = Path(__file__).parents[2] / "build" / "dev" / "runtime_probe"
    return os.environ.get("BUZZFLOW_PROBE", str(default))


def run(
    standin: StandIn,
    *,
    env: dict[str, str] | None = None,
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run the probe until it ends."""
    environment = {"AWS_LAMBDA_RUNTIME_API": standin.host, "PATH": os.environ["PATH"], **(env or {})}
    environment = {k: v for k, v in environment.items() if v != "(unset)"}
    return subprocess.run(
        [probe()], env=environment, capture_output=True, text=True, timeout=timeout, check=False, errors="replace"
    )
