"""The control API under /_local/: JSON over HTTP, so that tests in any language can drive the cloud.

README.md lists every endpoint. Reading is GET, changing is POST; an error is {"error": "..."} with status 400 or 404.
"""

from __future__ import annotations

import datetime
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.interfaces import Json, Request, Response

log = logging.getLogger("localcloud.control")

Read = Callable[[Mapping[str, str]], Json]
Write = Callable[[Json], Json]
DEFAULT_LIMIT = 1_000


class Control:
    """Endpoints by name. The cloud's own are registered here; parts add theirs by publish and accept."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud
        self._reads: dict[str, Read] = {}
        self._writes: dict[str, Write] = {}
        self._free: set[str] = set()
        cloud.server.route("/_local/", self._serve, locked=False)
        self._own_reads()
        self._own_writes()

    def publish(self, name: str, read: Read) -> None:
        self._reads[name] = read

    def accept(self, name: str, write: Write) -> None:
        self._writes[name] = write

    def _serve(self, request: Request) -> Response:
        name = request.path.strip("/")
        if not name:
            return Response({"read": sorted(self._reads), "change": sorted(self._writes), "page": "/_local/page/"})
        try:
            if request.method == "GET" and name in self._reads:
                with self._cloud.lock:
                    return Response(self._reads[name](request.query))
            if request.method == "POST" and name in self._writes:
                body = json.loads(request.body) if request.body.strip() else {}
                return Response(self._write(name, body))
        except (ValueError, KeyError, TypeError, FileNotFoundError) as error:
            return Response({"error": f"{type(error).__name__}: {error}"}, 400)
        except Exception as error:
            log.exception("control %s", name)
            return Response({"error": f"{type(error).__name__}: {error}"}, 500)
        return Response({"error": f"nothing at {request.method} /_local/{name}; GET /_local/ lists what there is"}, 404)

    def _write(self, name: str, body: Json) -> Json:
        if name in self._free:
            return self._writes[name](body)
        with self._cloud.lock:
            return self._writes[name](body)

    # The cloud's own

    def _own_reads(self) -> None:
        cloud = self._cloud
        reads: dict[str, Read] = {
            "clock": lambda query: self._clock(),
            "scenario": lambda query: cloud.scenario,
            "faults": lambda query: cloud.faults.report(),
            "violations": lambda query: cloud.violations,
            "denials": lambda query: cloud.identity.denials,
            "lost": lambda query: cloud.delivery.lost,
            "mail": lambda query: cloud.delivery.mail,
            "copies": lambda query: cloud.delivery.copies,
            "fired": lambda query: cloud.scheduler.fired,
            "alarms": lambda query: [vars(a) for a in cloud.alarms.all()],
            "wire": self._wire,
            "calls": self._calls,
            "queues": lambda query: self._queues(),
            "queues/messages": self._messages,
            "functions": lambda query: self._functions(),
            "functions/logs": self._logs,
            "stacks": lambda query: {n: _stack(s) for n, s in cloud.stacks.items()},
            "keys": lambda query: _keys(cloud, cloud.identity.admin),
            "motion": lambda query: cloud.motion(),
        }
        self._reads |= reads

    def _own_writes(self) -> None:
        cloud = self._cloud
        writes: dict[str, Write] = {
            "clock": self._set_clock,
            "settle": self._settle,
            "scenario": self._set_scenario,
            "faults": self._set_faults,
            "faults/add": self._add_faults,
            "violations/clear": lambda body: cloud.violations.clear(),
            "copies": lambda body: cloud.delivery.set_copies(body),
            "mappings": lambda body: cloud.mappings.enable(body["function"], bool(body["enabled"])),
            "functions/kill": lambda body: cloud.functions.get(body["name"]).kill(),
            "functions/restart": lambda body: cloud.functions.get(body["name"]).restart(),
            "emit": self._emit,
            "assume": self._assume,
        }
        self._writes |= writes
        self._free = {"clock", "settle", "functions/kill", "functions/restart"}

    def _clock(self) -> Json:
        clock, following = self._cloud.clock, self._cloud.clock.next_due()
        return {
            "now": clock.now(),
            "iso": clock.iso(),
            "speed": clock.speed,
            "next_due": clock.iso(following) if following is not None else None,
        }

    def _set_clock(self, body: Json) -> Json:
        clock = self._cloud.clock
        unknown = set(body) - {"advance", "advance_to", "speed"}
        if unknown:
            raise ValueError(f"unknown {sorted(unknown)}; there are advance (seconds), advance_to (time), speed")
        if "speed" in body:
            clock.set_speed(float(body["speed"]))
        if "advance" in body:
            clock.advance(float(body["advance"]))
        if "advance_to" in body:
            clock.advance_to(instant(body["advance_to"]))
        return self._clock()

    def _settle(self, body: Json) -> Json:
        self._cloud.settle(float(body.get("patience", 120)))
        return self._clock()

    def _set_scenario(self, body: Json) -> Json:
        if not isinstance(body, dict):
            raise ValueError("a scenario is an object")
        self._cloud.scenario = body
        return body

    def _set_faults(self, body: Json) -> Json:
        self._cloud.faults.replace(body)
        return self._cloud.faults.report()

    def _add_faults(self, body: Json) -> Json:
        self._cloud.faults.add(body)
        return self._cloud.faults.report()

    def _emit(self, body: Json) -> Json:
        self._cloud.emit(
            body["source"],
            body["detail_type"],
            body["detail"],
            body.get("resources"),
            int(body.get("copies", 1)),
            float(body.get("delay", 0)),
        )
        return {}

    def _assume(self, body: Json) -> Json:
        """Keys of a session of a role, without asking its trust policy: to prove what the role may do."""
        return _keys(self._cloud, self._cloud.identity.session(body["role"], body.get("name", "test")))

    def _wire(self, query: Mapping[str, str]) -> Json:
        since, limit = int(query.get("since", 0)), int(query.get("limit", DEFAULT_LIMIT))
        wanted = {name: query[name] for name in ("caller", "service", "operation") if name in query}
        rows = [r for r in list(self._cloud.server.wire) if r["n"] > since]
        return [r for r in rows if all(r[name] == value for name, value in wanted.items())][-limit:]

    def _calls(self, query: Mapping[str, str]) -> Json:
        """How often each caller made each call."""
        since = int(query.get("since", 0))
        rows = [r for r in list(self._cloud.server.wire) if r["n"] > since]
        counts = Counter((r["caller"], f"{r['service']}:{r['operation']}") for r in rows)
        out: dict[str, dict[str, int]] = {}
        for (caller, call), count in sorted(counts.items()):
            out.setdefault(caller, {})[call] = count
        return out

    def _queues(self) -> Json:
        return [
            {
                "name": queue.name,
                "visible": sum(m.visible and not m.delayed for m in queue._messages),
                "hidden": sum(not m.visible for m in queue._messages),
                "delayed": sum(m.delayed for m in queue._messages),
                "dead_letters": queue.dead_letter_queue.name if queue.dead_letter_queue else None,
            }
            for queue in self._cloud.backend("sqs").queues.values()
        ]

    def _messages(self, query: Mapping[str, str]) -> Json:
        """Look into a queue without receiving."""
        queue = self._cloud.backend("sqs").queues[query["name"]]
        return [
            {
                "id": m.id,
                "body": m.body,
                "attributes": {n: a.get("StringValue", a.get("string_value")) for n, a in m.message_attributes.items()},
                "receives": m.approximate_receive_count,
                "visible": m.visible and not m.delayed,
                "visible_at": max(m.visible_at, m.delayed_until) / 1000,
            }
            for m in queue._messages
        ]

    def _functions(self) -> Json:
        return [
            {
                "name": f.name,
                "invocations": f.invocations,
                "errors": f.errors,
                "processes": [pid for s in f.sandboxes() for pid in s.children()],
            }
            for f in self._cloud.functions.all()
        ]

    def _logs(self, query: Mapping[str, str]) -> Json:
        limit = int(query.get("limit", DEFAULT_LIMIT))
        return list(self._cloud.functions.get(query["name"]).lines)[-limit:]


def instant(value: Json) -> float:
    """Unix seconds of a number, or of a time like 2026-03-01T00:00:00Z."""
    if isinstance(value, (int, float)):
        return float(value)
    moment = datetime.datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"{value}: a time without a zone; write 2026-03-01T00:00:00Z")
    return moment.timestamp()


def _stack(stack: Any) -> Json:
    return {
        "parameters": stack.parameters,
        "ids": stack.ids,
        "outputs": stack.outputs,
        "attributes": stack.attributes,
    }


def _keys(cloud: Any, principal: Any) -> Json:
    return {
        "region": cloud.region,
        "account": cloud.account,
        "access_key": principal.access_key,
        "secret_key": principal.secret_key,
        "token": principal.token,
    }
