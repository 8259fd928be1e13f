"""CloudWatch Logs' GetLogEvents as AWS pages it: 10,000 events or 1 MB, tokens that repeat at the end, empty pages.

After the API reference: "this operation can return empty results while there are more log events available through the
token"; "If you have reached the end of the stream, it returns the same token you passed in." How many empty pages come
before each page is the scenario's `logs.empty_pages` (0).
"""

from __future__ import annotations

import json
import re
from typing import Any

from localcloud.wire import Call, ServiceError

MOST_EVENTS = 10_000
MOST_BYTES = 1024 * 1024
EVENT_OVERHEAD = 26
"""Bytes that count for an event beside its message (quota of PutLogEvents)."""


class Logs:
    """See the module's docstring."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud
        cloud.server.before("logs", "GetLogEvents", self._get)

    def _get(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        params = call.params
        events = self._events(params)
        limit = int(params.get("limit", MOST_EVENTS))
        direction, position, empties = _read_token(params, len(events))
        wanted = int(self._cloud.scenario.get("logs", {}).get("empty_pages", 0))
        at_end = position >= len(events) if direction == "f" else position <= 0
        if "nextToken" in params and empties < wanted and not at_end:
            token = f"{direction}/{position}.{empties + 1}"
            return _answer(
                [], token if direction == "f" else f"f/{position}", token if direction == "b" else f"b/{position}"
            )
        page = _page(events, direction, position, limit)
        return _answer(events[page[0] : page[1]], f"f/{page[1]}", f"b/{page[0]}")

    def _events(self, params: dict[str, Any]) -> list[Any]:
        name = params.get("logGroupName") or str(params.get("logGroupIdentifier", "")).split(":log-group:")[-1]
        group = self._cloud.backend("logs").groups.get(name.removesuffix(":*"))
        if group is None:
            raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
        stream = group.streams.get(params["logStreamName"])
        if stream is None:
            raise ServiceError("ResourceNotFoundException", "The specified log stream does not exist.")
        start, end = params.get("startTime"), params.get("endTime")
        found = [
            e for e in stream.events if (start is None or e.timestamp >= start) and (end is None or e.timestamp < end)
        ]
        return sorted(found, key=lambda e: e.timestamp)


def _read_token(params: dict[str, Any], count: int) -> tuple[str, int, int]:
    """Direction, position and number of empty pages so far."""
    token = params.get("nextToken")
    if token is None:
        return ("f", 0, 0) if params.get("startFromHead") else ("b", count, 0)
    match = re.fullmatch(r"([fb])/(\d+)(?:\.(\d+))?", token)
    if match is None:
        raise ServiceError("InvalidParameterException", "The specified nextToken is invalid.")
    return match[1], int(match[2]), int(match[3] or 0)


def _page(events: list[Any], direction: str, position: int, limit: int) -> tuple[int, int]:
    """First and behind-last index of a page: as many events as the limits allow, from the position on."""
    position = min(position, len(events))
    size, count, step = 0, 0, 1 if direction == "f" else -1
    index = position if direction == "f" else position - 1
    while 0 <= index < len(events) and count < limit:
        size += len(events[index].message.encode()) + EVENT_OVERHEAD
        if size > MOST_BYTES and count:
            break
        count, index = count + 1, index + step
    return (position, position + count) if direction == "f" else (position - count, position)


def _answer(events: list[Any], forward: str, backward: str) -> tuple[int, dict[str, str], bytes]:
    rows = [{"timestamp": e.timestamp, "message": e.message, "ingestionTime": int(e.ingestion_time)} for e in events]
    body = json.dumps({"events": rows, "nextForwardToken": forward, "nextBackwardToken": backward})
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, body.encode()
