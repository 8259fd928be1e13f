"""A Slack Web API that enforces what Slack enforces, and remembers everything that was sent to it.

Served under /slack/api/ for one workspace and one bot. What breaks a rule is refused as Slack refuses it (mostly 200
with `ok: false`), kept in /_local/slack/refused, and recorded as a violation where no client should ever have sent it.

Settings (`slack` in the scenario, or POST /_local/slack/settings), all optional:

    {"channels": {"#ml": {}, "#old": {"archived": true}, "#secret": {"member": false}},
     "only_these_channels": false,   true: a channel that is not listed is channel_not_found
     "tokens": ["xoxb-..."],         accepted bot tokens; the local cloud's own is accepted without this
     "scopes": ["chat:write", "channels:history", "channels:read", "files:write"],
     "rate": {"per_second": 1, "burst": 1},   of posts to one channel, in virtual time; absent: unlimited
     "faults": [{"method": "chat.postMessage", "skip": 0, "times": 1, "do": "error", "error": "internal_error",
                 "applied": true}]}

A fault's `do`: `error` (200 with ok:false and that error), `status` (`status`: 500), `drop` (the connection closes
without an answer), `hang` (`seconds` of real time, then the answer), `ratelimited` (429 with `retry_after`). `applied`
(default: true for drop and hang) tells whether the call has its effect all the same.

Sources: docs.slack.dev (methods, rate limits, message metadata), Slack's SDKs.
"""

from __future__ import annotations

import re
from typing import Any

from localcloud import slack_blocks
from localcloud.interfaces import SLACK_BOT_TOKEN, Cloud, Json, Request, Response
from localcloud.slack_wire import (
    Channel,
    RateLimited,
    Refused,
    arguments_of,
    bound,
    channel_id,
    channel_row,
    cursor_of,
    decoded,
    faulty,
    limit_of,
    public,
    true,
    with_ids,
)

TEAM, BOT_USER, BOT_ID, APP = "T0LOCAL01", "U0BUZZBOT", "B0BUZZBOT", "A0BUZZFLOW"
SCOPES = ("chat:write", "chat:write.public", "channels:history", "channels:read", "files:write")
MOST_TEXT = 40_000
MOST_REFUSED = 500
MOST_FILE = 50 * 1024 * 1024
_TS = re.compile(r"\d{10}\.\d{6}")
_NAME = re.compile(r"[a-z0-9\-_]{1,80}")
_ID = re.compile(r"[CGD][A-Z0-9]{8,12}")

_MESSAGE_ARGUMENTS = {
    "channel",
    "text",
    "blocks",
    "metadata",
    "thread_ts",
    "reply_broadcast",
    "unfurl_links",
    "unfurl_media",
    "link_names",
    "parse",
    "mrkdwn",
    "username",
    "icon_emoji",
    "icon_url",
    "client_msg_id",
    "token",
}
_KNOWN = {
    "chat.postMessage": _MESSAGE_ARGUMENTS,
    "chat.update": (_MESSAGE_ARGUMENTS | {"ts"}) - {"unfurl_links", "unfurl_media", "thread_ts"},
}


class Slack:
    """The workspace."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.settings: dict[str, Json] = {}
        self.clear()

    def clear(self) -> None:
        """Forget every message; settings stay."""
        self.channels: dict[str, Channel] = {}
        self.refused: list[dict[str, Json]] = []
        self.calls: list[dict[str, Json]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self._fault_counts: dict[int, list[int]] = {}
        self._last_ts = (0, 0)

    def setting(self, name: str, default: Json = None) -> Json:
        scenario = self.cloud.scenario.get("slack", {})
        return self.settings.get(name, scenario.get(name, default))

    # HTTP

    def handle(self, request: Request) -> Response:
        """One request under /slack/api/."""
        method = request.path.strip("/")
        fault = self._fault(method)
        if fault and not fault.get("applied", fault.get("do") in ("drop", "hang")):
            return faulty(fault, Response({}))
        response = self._answer(method, request)
        return faulty(fault, response) if fault else response

    def _answer(self, method: str, request: Request) -> Response:
        arguments: dict[str, Json] = {}
        try:
            arguments = arguments_of(request)
            self._authenticate(request, arguments)
            do = _METHODS.get(method)
            if do is None:
                self.cloud.violation(f"slack: the local Slack does not know {method}")
                raise Refused("unknown_method")
            self._note_unknown(method, arguments)
            answer = do(self, arguments)
            self.calls.append({"at": self.cloud.clock.now(), "method": method, "ok": True})
            return Response({"ok": True, **answer})
        except RateLimited as limited:
            self.calls.append({"at": self.cloud.clock.now(), "method": method, "ok": False})
            headers = {"Retry-After": str(limited.seconds)}
            return Response({"ok": False, "error": "ratelimited"}, 429, headers)
        except Refused as refused:
            return self._refusal(method, arguments, refused)

    def _refusal(self, method: str, arguments: dict[str, Json], refused: Refused) -> Response:
        shown = {k: v for k, v in arguments.items() if k != "token"}
        row = {"at": self.cloud.clock.now(), "method": method, "error": refused.error, "details": refused.details}
        if len(self.refused) < MOST_REFUSED:
            self.refused.append({**row, "arguments": shown})
        self.calls.append({"at": self.cloud.clock.now(), "method": method, "ok": False})
        if refused.mistake:
            self.cloud.violation(f"slack: {method} was refused: {refused.error}", {**row, "arguments": shown})
        answer: dict[str, Json] = {"ok": False, "error": refused.error, **refused.more}
        if refused.details:
            answer["errors"] = refused.details
            answer["response_metadata"] = {"messages": [f"[ERROR] {d}" for d in refused.details]}
        return Response(answer)

    def _authenticate(self, request: Request, arguments: dict[str, Json]) -> None:
        header = request.headers.get("authorization", "")
        scheme, _, token = header.partition(" ")
        token = token if scheme.lower() == "bearer" else str(arguments.get("token", ""))
        if not token:
            raise Refused("not_authed")
        accepted = self.setting("tokens") or [SLACK_BOT_TOKEN]
        if token not in accepted:
            raise Refused("invalid_auth")

    def _note_unknown(self, method: str, arguments: dict[str, Json]) -> None:
        unknown = sorted(set(arguments) - _KNOWN.get(method, set(arguments)))
        if unknown:
            self.cloud.violation(f"slack: {method} does not know the arguments {', '.join(unknown)}")

    def _fault(self, method: str) -> dict[str, Json] | None:
        for i, fault in enumerate(self.setting("faults", [])):
            if fault.get("method", method) != method:
                continue
            counts = self._fault_counts.setdefault(i, [0, 0])
            counts[0] += 1
            times = fault.get("times", 1)
            if counts[0] > fault.get("skip", 0) and (times is None or counts[1] < times):
                counts[1] += 1
                return dict(fault)
        return None

    # Channels

    def _scope(self, *wanted: str) -> None:
        scopes = self.setting("scopes") or SCOPES
        for one in wanted:
            if one not in scopes:
                raise Refused("missing_scope", needed=one, provided=",".join(scopes))

    def channel(self, given: Json, by_name: bool) -> Channel:
        """A channel by id, or where Slack allows it by name."""
        if not isinstance(given, str) or not given:
            raise Refused("channel_not_found", mistake=True)
        known = self.setting("channels", {})
        for name, options in known.items():
            self._make(name.lstrip("#"), options)
        found = self.channels.get(given)
        if found is None and by_name:
            found = self._by_name(given)
        if found is None:
            mistake = not by_name and not _ID.fullmatch(given)
            details = ["a channel is given by its id here"] if mistake else []
            raise Refused("channel_not_found", details, mistake=mistake)
        return found

    def _by_name(self, given: str) -> Channel | None:
        name = given.removeprefix("#")
        identifier = channel_id(name)
        if identifier in self.channels:
            return self.channels[identifier]
        if self.setting("only_these_channels", False) or _ID.fullmatch(given) or not _NAME.fullmatch(name):
            return None
        return self._make(name, {})

    def _make(self, name: str, options: dict[str, Json]) -> Channel:
        identifier = channel_id(name)
        made = self.channels.setdefault(identifier, Channel(identifier, name))
        if options:
            made.archived = bool(options.get("archived", made.archived))
            made.member = bool(options.get("member", made.member))
        return made

    def _writable(self, channel: Channel) -> None:
        if channel.archived:
            raise Refused("is_archived")
        if not channel.member:
            raise Refused("not_in_channel")

    def _pace(self, channel: Channel) -> None:
        rate = self.setting("rate")
        if not rate:
            return
        per_second, burst = float(rate.get("per_second", 1)), float(rate.get("burst", 1))
        now = self.cloud.clock.now()
        gained = (now - channel.refilled) * per_second if channel.refilled else burst
        channel.tokens, channel.refilled = min(burst, channel.tokens + gained), now
        if channel.tokens < 1:
            raise RateLimited(max(1, -int(-(1 - channel.tokens) // per_second)))
        channel.tokens -= 1

    # Messages

    def _next_ts(self) -> str:
        """Strictly increasing, six digits behind the point."""
        second = int(self.cloud.clock.now())
        last, count = self._last_ts
        self._last_ts = (second, 1) if second > last else (last, count + 1)
        return f"{self._last_ts[0]}.{self._last_ts[1] * 100 + 19:06d}"

    def _content(self, p: dict[str, Json]) -> dict[str, Any]:
        """Text, blocks and metadata of a message, checked."""
        if "attachments" in p:
            raise Refused("invalid_attachments", ["attachments are not supported here"], mistake=True)
        text, blocks = p.get("text"), decoded(p.get("blocks"), "invalid_blocks_format")
        if text is not None and not isinstance(text, str):
            raise Refused("invalid_arguments", ["text must be a string"], mistake=True)
        if not text and not blocks:
            raise Refused("no_text", mistake=True)
        content: dict[str, Any] = {"text": text or ""}
        if slack_blocks.units(text) > MOST_TEXT:
            content |= {"text": (text or "")[:MOST_TEXT], "truncated": True}
        if blocks:
            found = slack_blocks.problems(blocks)
            if found:
                raise Refused("invalid_blocks", found[:10], mistake=True)
            if slack_blocks.too_long(blocks):
                raise Refused("msg_blocks_too_long", mistake=True)
            content["blocks"] = with_ids(blocks)
        metadata = decoded(p.get("metadata"), "invalid_metadata_format")
        if metadata is not None:
            problem = slack_blocks.metadata_problem(metadata)
            if problem:
                raise Refused(problem, mistake=True)
            content["metadata"] = metadata
        return content

    def post(self, p: dict[str, Json]) -> dict[str, Json]:
        """chat.postMessage."""
        self._scope("chat:write")
        channel = self.channel(p.get("channel"), by_name=True)
        self._writable(channel)
        content = self._content(p)
        root = self._root(channel, p.get("thread_ts"))
        self._pace(channel)
        message: dict[str, Any] = {
            "type": "message",
            "user": BOT_USER,
            "bot_id": BOT_ID,
            "app_id": APP,
            "team": TEAM,
            "ts": self._next_ts(),
            **content,
        }
        if p.get("client_msg_id"):
            message["client_msg_id"] = p["client_msg_id"]
        if root is not None:
            message["thread_ts"] = root["ts"]
            if true(p.get("reply_broadcast")):
                message["subtype"] = "thread_broadcast"
        channel.messages.append(message)
        return {"channel": channel.id, "ts": message["ts"], "message": public(message, channel, True)}

    def _root(self, channel: Channel, thread_ts: Json) -> dict[str, Any] | None:
        if thread_ts is None or thread_ts == "":
            return None
        if not isinstance(thread_ts, str) or not _TS.fullmatch(thread_ts):
            raise Refused("invalid_thread_ts", ["thread_ts is a text like 1700000000.000100"], mistake=True)
        found = channel.find(thread_ts)
        if found is None:
            raise Refused("thread_not_found")
        if found.get("thread_ts") not in (None, found["ts"]):
            raise Refused("cannot_reply_to_message", ["thread_ts is that of a reply"], mistake=True)
        return found

    def update(self, p: dict[str, Json]) -> dict[str, Json]:
        """chat.update."""
        self._scope("chat:write")
        channel = self.channel(p.get("channel"), by_name=False)
        ts = p.get("ts")
        message = channel.find(ts) if isinstance(ts, str) else None
        if message is None:
            raise Refused("message_not_found", mistake=not isinstance(ts, str))
        self._writable(channel)
        content = self._content(p)
        edits = message.setdefault("edits", [])
        edits.append({"at": self.cloud.clock.now(), **{k: message[k] for k in ("text", "blocks") if k in message}})
        for name in ("blocks", "truncated"):
            message.pop(name, None)
        message |= content
        message["edited"] = {"user": BOT_USER, "ts": f"{int(self.cloud.clock.now())}.000000"}
        return {"channel": channel.id, "ts": ts, "text": message["text"], "message": public(message, channel, True)}

    def history(self, p: dict[str, Json]) -> dict[str, Json]:
        """conversations.history: newest first, without replies that were not broadcast."""
        self._scope("channels:history")
        channel = self.channel(p.get("channel"), by_name=False)
        self._readable(channel)
        rows = [m for m in channel.messages if m.get("thread_ts", m["ts"]) == m["ts"] or "subtype" in m]
        return self._listing(channel, rows[::-1], p, 100)

    def replies(self, p: dict[str, Json]) -> dict[str, Json]:
        """conversations.replies: the root, then its replies in order."""
        self._scope("channels:history")
        channel = self.channel(p.get("channel"), by_name=False)
        self._readable(channel)
        ts = p.get("ts")
        found = channel.find(ts) if isinstance(ts, str) else None
        if found is None:
            raise Refused("thread_not_found")
        root = found.get("thread_ts", found["ts"])
        rows = [m for m in channel.messages if m["ts"] == root or m.get("thread_ts") == root]
        return self._listing(channel, rows, p, 1000)

    def _readable(self, channel: Channel) -> None:
        if not channel.member:
            raise Refused("not_in_channel")

    def _listing(self, channel: Channel, rows: list[dict[str, Any]], p: dict[str, Json], usual: int) -> dict[str, Json]:
        oldest, latest = bound(p.get("oldest"), "oldest"), bound(p.get("latest"), "latest")
        equal = true(p.get("inclusive"))
        if oldest is not None:
            rows = [m for m in rows if float(m["ts"]) > oldest or (equal and float(m["ts"]) == oldest)]
        if latest is not None:
            rows = [m for m in rows if float(m["ts"]) < latest or (equal and float(m["ts"]) == latest)]
        limit, at = limit_of(p.get("limit"), usual), cursor_of(p.get("cursor"))
        shown = [public(m, channel, true(p.get("include_all_metadata"))) for m in rows[at : at + limit]]
        more = at + limit < len(rows)
        answer: dict[str, Json] = {"messages": shown, "has_more": more}
        if more:
            answer["response_metadata"] = {"next_cursor": f"at:{at + limit}"}
        return answer

    def info(self, p: dict[str, Json]) -> dict[str, Json]:
        """conversations.info."""
        self._scope("channels:read")
        return {"channel": channel_row(self.channel(p.get("channel"), by_name=False))}

    def channel_list(self, p: dict[str, Json]) -> dict[str, Json]:
        """conversations.list, with pages."""
        self._scope("channels:read")
        for name, options in self.setting("channels", {}).items():
            self._make(name.lstrip("#"), options)
        rows = [channel_row(c) for c in self.channels.values()]
        if true(p.get("exclude_archived")):
            rows = [r for r in rows if not r["is_archived"]]
        limit, at = limit_of(p.get("limit"), 100), cursor_of(p.get("cursor"))
        more = at + limit < len(rows)
        cursor = f"at:{at + limit}" if more else ""
        return {"channels": rows[at : at + limit], "response_metadata": {"next_cursor": cursor}}

    def auth(self, p: dict[str, Json]) -> dict[str, Json]:
        """auth.test."""
        names = {"url": "https://local.slack.com/", "team": "local", "user": "buzzflow"}
        return {**names, "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT_ID, "is_enterprise_install": False}

    def permalink(self, p: dict[str, Json]) -> dict[str, Json]:
        """chat.getPermalink."""
        channel = self.channel(p.get("channel"), by_name=False)
        ts = p.get("message_ts")
        if not isinstance(ts, str) or channel.find(ts) is None:
            raise Refused("message_not_found")
        link = f"https://local.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
        return {"channel": channel.id, "permalink": link}

    # Files

    def upload_url(self, p: dict[str, Json]) -> dict[str, Json]:
        """files.getUploadURLExternal."""
        self._scope("files:write")
        length = str(p.get("length", ""))
        if not p.get("filename") or not length.isdigit() or not 0 < int(length) <= MOST_FILE:
            raise Refused("invalid_arguments", ["filename and a length above 0 are required"], mistake=True)
        identifier = f"F{len(self.files):09d}"
        self.files[identifier] = {"name": str(p["filename"]), "length": int(length), "data": None, "shared": False}
        return {"upload_url": f"{self.cloud.url}/slack/upload/{identifier}", "file_id": identifier}

    def upload(self, request: Request) -> Response:
        """The bytes of a file, POSTed to its upload_url."""
        file = self.files.get(request.path.strip("/"))
        if file is None or request.method != "POST":
            return Response(b"not found", 404)
        if len(request.body) != file["length"]:
            self.cloud.violation("slack: an upload has another length than was announced")
            return Response(b"wrong length", 400)
        file["data"] = request.body
        return Response(f"OK - {len(request.body)}".encode(), 200, {"Content-Type": "text/plain"})

    def complete_upload(self, p: dict[str, Json]) -> dict[str, Json]:
        """files.completeUploadExternal: the files appear as a message in the channel or thread."""
        self._scope("files:write")
        given = decoded(p.get("files"), "invalid_arguments")
        if not isinstance(given, list) or not given:
            raise Refused("invalid_arguments", ["files is a list of {id, title}"], mistake=True)
        rows = []
        for one in given:
            file = self.files.get(str(one.get("id"))) if isinstance(one, dict) else None
            if file is None or file["data"] is None or file["shared"]:
                raise Refused("file_not_found", mistake=True)
            rows.append({"id": one["id"], "name": file["name"], "title": one.get("title") or file["name"]})
        if p.get("channel_id"):
            channel = self.channel(p["channel_id"], by_name=False)
            self._writable(channel)
            root = self._root(channel, p.get("thread_ts"))
            message = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "ts": self._next_ts(), "files": rows}
            message |= {"text": str(p.get("initial_comment") or "")}
            message |= {"thread_ts": root["ts"]} if root else {}
            channel.messages.append(message)
        for row in rows:
            self.files[str(row["id"])]["shared"] = True
        return {"files": rows}

    # What the page and the tests read

    def shown(self, query: Any) -> list[dict[str, Json]]:
        """Every message in order, with its channel; ?channel= takes a name or an id."""
        wanted = str(query.get("channel", "")).removeprefix("#")
        rows = []
        for channel in self.channels.values():
            if wanted in ("", channel.name, channel.id):
                rows += [{"channel": channel.id, "channel_name": channel.name, **m} for m in channel.messages]
        return sorted(rows, key=lambda m: str(m["ts"]))

    def configure(self, body: Json) -> Json:
        """Replace the settings; what is not understood is an error."""
        known = {"channels", "only_these_channels", "tokens", "scopes", "rate", "faults"}
        unknown = sorted(set(body) - known)
        if unknown:
            raise ValueError(f"unknown settings {unknown}; there are {sorted(known)}")
        for fault in body.get("faults", []):
            if fault.get("do") not in ("error", "status", "drop", "hang", "ratelimited"):
                raise ValueError(f"a fault's `do` is error, status, drop, hang or ratelimited, not {fault.get('do')!r}")
        self.settings, self._fault_counts = dict(body), {}
        return self.settings


_METHODS = {
    "api.test": lambda slack, p: {"args": {k: v for k, v in p.items() if k != "token"}},
    "auth.test": Slack.auth,
    "chat.postMessage": Slack.post,
    "chat.update": Slack.update,
    "chat.getPermalink": Slack.permalink,
    "conversations.history": Slack.history,
    "conversations.replies": Slack.replies,
    "conversations.info": Slack.info,
    "conversations.list": Slack.channel_list,
    "files.getUploadURLExternal": Slack.upload_url,
    "files.completeUploadExternal": Slack.complete_upload,
}


def install(cloud: Cloud) -> Slack:
    """Serve Slack on this cloud."""
    slack = Slack(cloud)
    cloud.route("/slack/api/", slack.handle)
    cloud.route("/slack/upload/", slack.upload)
    cloud.publish("slack/messages", slack.shown)
    cloud.publish("slack/refused", lambda query: slack.refused)
    cloud.publish("slack/calls", lambda query: slack.calls)
    cloud.publish("slack/channels", lambda query: [channel_row(c) for c in slack.channels.values()])
    cloud.publish("slack/settings", lambda query: slack.settings)
    cloud.accept("slack/settings", slack.configure)
    cloud.accept("slack/reset", lambda body: slack.clear())
    return slack
