"""Slack's wire: arguments of a call, refusals, pages, and how channels and messages look in answers."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from localcloud.interfaces import Json, Request, Response


class Refused(Exception):
    """`ok: false`. `mistake`: no client should have sent this."""

    def __init__(self, error: str, details: list[str] | None = None, mistake: bool = False, **more: Json) -> None:
        super().__init__(error)
        self.error, self.details, self.mistake, self.more = error, details or [], mistake, more


@dataclass
class Channel:
    id: str
    name: str
    archived: bool = False
    member: bool = True
    messages: list[dict[str, Any]] = field(default_factory=list)
    tokens: float = 0
    """Posts that the rate limit still allows."""
    refilled: float = 0

    def find(self, ts: str) -> dict[str, Any] | None:
        return next((m for m in self.messages if m["ts"] == ts), None)


class RateLimited(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(f"retry after {seconds} s")
        self.seconds = seconds


def channel_id(name: str) -> str:
    """The id of a channel is made from its name, so that it is the same in every run."""
    return "C" + hashlib.sha256(name.encode()).hexdigest()[:10].upper()


def arguments_of(request: Request) -> dict[str, Json]:
    """Arguments from the query and the body, a form or JSON."""
    arguments: dict[str, Json] = dict(request.query)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body:
        return arguments
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        raise Refused("invalid_json", ["the body is not UTF-8"], mistake=True) from None
    if kind == "application/json":
        try:
            body = json.loads(text)
        except ValueError as error:
            raise Refused("invalid_json", [str(error)], mistake=True) from None
        if not isinstance(body, dict):
            raise Refused("json_not_object", mistake=True)
        if "\\ud" in text.lower() and any("\ud800" <= c <= "\udfff" for c in json.dumps(body, ensure_ascii=False)):
            raise Refused("invalid_json", ["a lone surrogate"], mistake=True)
        return arguments | body
    if kind == "application/x-www-form-urlencoded":
        return arguments | dict(parse_qsl(text, keep_blank_values=True))
    raise Refused("invalid_post_type", [f"content type {kind!r}"], mistake=True)


def decoded(value: Json, error: str) -> Json:
    """Lists and objects come as JSON text in a form."""
    if not isinstance(value, str) or value == "":
        return None if value == "" else value
    try:
        return json.loads(value)
    except ValueError:
        raise Refused(error, mistake=True) from None


def with_ids(blocks: list[dict[str, Json]]) -> list[dict[str, Json]]:
    return [{"block_id": hashlib.sha256(f"{i}".encode()).hexdigest()[:5], **b} for i, b in enumerate(blocks)]


def true(value: Json) -> bool:
    return value is True or str(value).lower() in ("1", "true")


def bound(value: Json, name: str) -> float | None:
    if value in (None, "", "now"):
        return None
    try:
        return float(str(value))
    except ValueError:
        raise Refused(f"invalid_ts_{name}", mistake=True) from None


def limit_of(value: Json, usual: int) -> int:
    if value in (None, ""):
        return usual
    if not str(value).isdigit() or not 1 <= int(str(value)) <= 999:
        raise Refused("invalid_limit", mistake=True)
    return int(str(value))


def cursor_of(value: Json) -> int:
    if value in (None, ""):
        return 0
    match = re.fullmatch(r"at:(\d+)", str(value))
    if match is None:
        raise Refused("invalid_cursor", mistake=True)
    return int(match[1])


def public(message: dict[str, Any], channel: Channel, with_metadata: bool) -> dict[str, Json]:
    """A message as the API shows it."""
    hidden = {"edits", "truncated"} | (set() if with_metadata else {"metadata"})
    shown = {k: v for k, v in message.items() if k not in hidden}
    replies = [m for m in channel.messages if m.get("thread_ts") == message["ts"] and m["ts"] != message["ts"]]
    if replies:
        shown |= {"thread_ts": message["ts"], "reply_count": len(replies), "latest_reply": replies[-1]["ts"]}
    return shown


def channel_row(channel: Channel) -> dict[str, Json]:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": True,
        "is_private": False,
        "is_archived": channel.archived,
        "is_member": channel.member,
    }


def faulty(fault: dict[str, Json], response: Response) -> Response:
    kind = fault["do"]
    if kind == "drop":
        return Response(b"", drop=True)
    if kind == "hang":
        response.delay = float(fault.get("seconds", 4))
        return response
    if kind == "ratelimited":
        headers = {"Retry-After": str(fault.get("retry_after", 1))}
        return Response({"ok": False, "error": "ratelimited"}, 429, headers)
    if kind == "status":
        return Response(b"upstream error", int(fault.get("status", 500)), {"Content-Type": "text/plain"})
    return Response({"ok": False, "error": fault.get("error", "internal_error")})
