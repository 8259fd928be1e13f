"""The local Slack refuses what Slack refuses, and remembers what it was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sagemaker_world import World

from localcloud import slack, slack_blocks, slack_wire
from localcloud.interfaces import SLACK_BOT_TOKEN, Request, Response


class Client:
    """Calls the routes as the server does."""

    def __init__(self) -> None:
        self.world = World()
        self.slack = slack.install(self.world)

    def raw(self, method: str, body: bytes, headers: dict[str, str] | None = None, **query: str) -> Response:
        usual = {"authorization": f"Bearer {SLACK_BOT_TOKEN}", "content-type": "application/json; charset=utf-8"}
        request = Request("POST", method, query, usual if headers is None else headers, body)
        answer: Response = self.world.routes["/slack/api/"](request)
        return answer

    def __call__(self, method: str, **arguments: Any) -> Any:
        return self.raw(method, json.dumps(arguments).encode()).body

    def post(self, text: str = "hello", channel: str = "#ml", **more: Any) -> Any:
        return self("chat.postMessage", channel=channel, text=text, **more)


@pytest.fixture
def call() -> Client:
    return Client()


def section(text: str = "hello") -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def preformatted(text: str) -> dict[str, Any]:
    inner = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [inner]}


def test_a_message_is_posted_updated_and_keeps_its_history(call: Client) -> None:
    posted = call.post(blocks=[section("one")], metadata={"event_type": "buzzflow", "event_payload": {"key": "k"}})
    assert posted["ok"] is True
    assert posted["channel"].startswith("C")
    assert isinstance(posted["ts"], str)
    call.world.clock.advance(60)
    updated = call("chat.update", channel=posted["channel"], ts=posted["ts"], text="two", blocks=[section("two")])
    assert updated["ok"] is True
    (shown,) = call.world.published["slack/messages"]({})
    assert shown["channel_name"] == "ml"
    assert shown["text"] == "two"
    assert [e["text"] for e in shown["edits"]] == ["hello"]
    assert shown["metadata"]["event_payload"] == {"key": "k"}
    history = call("conversations.history", channel=posted["channel"])
    assert history["messages"][0]["edited"]["user"] == posted["message"]["user"]
    assert "edits" not in history["messages"][0]


def test_metadata_is_shown_only_when_asked_for(call: Client) -> None:
    at = call.post(metadata={"event_type": "x", "event_payload": {"key": "k"}})
    plain = call("conversations.history", channel=at["channel"])["messages"][0]
    full = call("conversations.history", channel=at["channel"], include_all_metadata=True)["messages"][0]
    assert "metadata" not in plain
    assert full["metadata"]["event_payload"] == {"key": "k"}


def test_time_stamps_are_texts_that_grow_and_carry_the_time(call: Client) -> None:
    stamps = [call.post()["ts"] for _ in range(30)]
    call.world.clock.advance(5)
    stamps.append(call.post()["ts"])
    assert stamps == sorted(set(stamps))
    assert all(s[10] == "." and len(s) == 17 for s in stamps)
    assert float(stamps[-1]) == pytest.approx(call.world.clock.now(), abs=1)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"content-type": "application/json"}, "not_authed"),
        ({"content-type": "application/json", "authorization": "Bearer xoxb-other"}, "invalid_auth"),
        ({"content-type": "application/json", "authorization": f"Basic {SLACK_BOT_TOKEN}"}, "not_authed"),
    ],
)
def test_a_wrong_token_is_refused(call: Client, headers: dict[str, str], error: str) -> None:
    assert call.raw("auth.test", b"{}", headers).body == {"ok": False, "error": error}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "invalid_json"),
        (b"[]", "json_not_object"),
        (b'{"channel": "#ml", "text": "\xff"}', "invalid_json"),
        (b'{"channel": "#ml", "text": "\\ud800"}', "invalid_json"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(call: Client, body: bytes, error: str) -> None:
    assert call.raw("chat.postMessage", body).body["error"] == error
    assert call.world.violations


def test_forms_are_read_with_json_inside(call: Client) -> None:
    headers = {"authorization": f"Bearer {SLACK_BOT_TOKEN}", "content-type": "application/x-www-form-urlencoded"}
    body = b"channel=%23ml&text=a+b&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D"
    assert call.raw("chat.postMessage", body, headers).body["message"]["blocks"][0]["type"] == "divider"
    assert call.raw("conversations.history", b"", headers, channel=slack_wire.channel_id("ml")).body["ok"] is True


BLOCKS: list[tuple[Any, str]] = [
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("")], "must be more than 0 characters"),
    ([section("한" * 3001)], "must be less than 3001"),
    ([section("😀" * 1501)], "must be less than 3001"),
    ([{"type": "section"}], "text or fields"),
    ([{"type": "section", "fields": [section()["text"]] * 11}], "no more than 10 items"),
    ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}], "less than 2001"),
    ([{"type": "section", "text": "hello"}], "must be an object"),
    ([{"type": "section", "text": {"type": "markdown", "text": "x"}}], "must be one of mrkdwn, plain_text"),
    ([{**section(), "colour": "red"}], "invalid additional property: colour"),
    ([{**section(), "block_id": "x" * 256}], "less than 256"),
    ([{**section(), "block_id": "a"}, {**section(), "block_id": "a"}], "unique"),
    ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "less than 151"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "must be one of plain_text"),
    ([{"type": "context", "elements": [section()["text"]] * 11}], "no more than 10 items"),
    ([{"type": "context", "elements": []}], "no fewer than 1"),
    ([{"type": "divider", "text": "x"}], "invalid additional property: text"),
    ([{"type": "banner"}], "unsupported type: banner"),
    ([{"type": "input", "label": {"type": "plain_text", "text": "x"}}], "unsupported type: input"),
    ([section()] * 51, "no more than 50 items"),
    ("x", "must be an array"),
    ([preformatted("")], "must be more than 0"),
    ([{"type": "rich_text", "elements": [{"type": "rich_text_code", "elements": []}]}], "unsupported type"),
    (
        [{"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "emoji"}]}]}],
        "must be one of text, link",
    ),
    (
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text"}]}]}],
        "missing required field: text",
    ),
    ([{"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": []}]}], "style"),
    ([{"type": "image", "alt_text": "x"}], "image_url and slack_file"),
    ([{"type": "image", "alt_text": "x", "image_url": "javascript:x"}], "valid URL"),
]


def button(**more: Any) -> dict[str, Any]:
    element = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, **more}
    return {"type": "actions", "elements": [element]}


BLOCKS += [
    ([button(text={"type": "plain_text", "text": "x" * 76})], "less than 76"),
    ([button(text={"type": "mrkdwn", "text": "x"})], "must be one of plain_text"),
    ([button(url="x" * 3001)], "less than 3001"),
    ([button(value="x" * 2001)], "less than 2001"),
    ([button(style="green")], "primary, danger"),
    ([{"type": "actions", "elements": button()["elements"] * 26}], "no more than 25"),
    ([{"type": "actions", "elements": button(action_id="a")["elements"] * 2}], "unique in a block"),
    ([{"type": "actions", "elements": [{"type": "knob"}]}], "unsupported type: knob"),
]


@pytest.mark.parametrize(("blocks", "message"), BLOCKS)
def test_blocks_that_slack_refuses_are_refused_and_recorded(call: Client, blocks: Any, message: str) -> None:
    answer = call.post(blocks=blocks)
    assert answer["ok"] is False
    assert answer["error"] in ("invalid_blocks", "invalid_blocks_format")
    if answer["error"] == "invalid_blocks":
        assert any(message in e for e in answer["errors"]), answer["errors"]
        assert answer["response_metadata"]["messages"][0].startswith("[ERROR] ")
    assert call.world.violations
    assert call.world.published["slack/refused"]({})[0]["arguments"]["text"] == "hello"
    assert call.world.published["slack/messages"]({}) == []


def test_blocks_at_their_limits_are_taken(call: Client) -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150, "emoji": True}},
        section("x" * 3000),
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "y" * 100}] * 10},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "z"}] * 10},
        preformatted("log " * 500),
        button(url="https://example.com/x", value="v", style="danger", action_id="a"),
        {"type": "divider"},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "bold", "style": {"bold": True}},
                        {"type": "link", "url": "https://example.com", "text": "here"},
                        {"type": "user", "user_id": "U1"},
                        {"type": "emoji", "name": "x"},
                    ],
                }
            ],
        },
    ]
    assert slack_blocks.problems(blocks) == []
    assert call.post(blocks=blocks)["ok"] is True
    assert not call.world.violations


def test_all_blocks_together_have_a_limit(call: Client) -> None:
    assert call.post(blocks=[section("x" * 2900)] * 4)["ok"] is True
    answer = call.post(blocks=[section("x" * 2900)] * 5)
    assert answer["error"] == "msg_blocks_too_long"


def test_text_is_required_and_cut_at_40000(call: Client) -> None:
    assert call("chat.postMessage", channel="#ml")["error"] == "no_text"
    assert len(call.post("x" * 50_000)["message"]["text"]) == 40_000
    assert call.world.published["slack/messages"]({})[0]["truncated"] is True


def test_unknown_arguments_are_recorded(call: Client) -> None:
    assert call.post(colour="red")["ok"] is True
    assert "colour" in call.world.violations[0][0]


def test_channels_are_found_by_name_for_posting_and_by_id_for_the_rest(call: Client) -> None:
    at = call.post()
    assert call.post(channel=at["channel"])["channel"] == at["channel"]
    assert call.post(channel="ml")["channel"] == at["channel"]
    assert call("conversations.history", channel="#ml")["error"] == "channel_not_found"
    assert call("chat.update", channel="#ml", ts=at["ts"], text="x")["error"] == "channel_not_found"
    assert call("conversations.info", channel=at["channel"])["channel"]["name"] == "ml"
    assert [c["name"] for c in call("conversations.list")["channels"]] == ["ml"]


def test_channels_may_be_missing_archived_or_closed(call: Client) -> None:
    channels = {"#old": {"archived": True}, "#secret": {"member": False}, "#ml": {}}
    call.world.accepted["slack/settings"]({"channels": channels, "only_these_channels": True})
    assert call.post(channel="#old")["error"] == "is_archived"
    assert call.post(channel="#secret")["error"] == "not_in_channel"
    assert call.post(channel="#other")["error"] == "channel_not_found"
    assert call.post(channel="C000000000")["error"] == "channel_not_found"
    assert call.post(channel="#ml")["ok"] is True
    assert not call.world.violations


def test_threads_hang_on_their_root(call: Client) -> None:
    root = call.post()
    replies = [call.post(f"r{i}", thread_ts=root["ts"]) for i in range(3)]
    broadcast = call.post("all", thread_ts=root["ts"], reply_broadcast=True)
    assert call.post("x", thread_ts=replies[0]["ts"])["error"] == "cannot_reply_to_message"
    assert call.post("x", thread_ts="1500000000.000100")["error"] == "thread_not_found"
    assert call.post("x", thread_ts=1500000000.0001)["error"] == "invalid_thread_ts"
    thread = call("conversations.replies", channel=root["channel"], ts=root["ts"])
    assert [m["text"] for m in thread["messages"]] == ["hello", "r0", "r1", "r2", "all"]
    assert thread["messages"][0]["reply_count"] == 4
    history = call("conversations.history", channel=root["channel"])
    assert [m["ts"] for m in history["messages"]] == [broadcast["ts"], root["ts"]]
    assert call("conversations.replies", channel=root["channel"], ts="1500000000.000100")["error"] == "thread_not_found"


def test_history_has_pages_and_bounds(call: Client) -> None:
    posted = []
    for i in range(5):
        posted.append(call.post(str(i)))
        call.world.clock.advance(10)
    channel = posted[0]["channel"]
    first = call("conversations.history", channel=channel, limit=2)
    assert [m["text"] for m in first["messages"]] == ["4", "3"]
    assert first["has_more"] is True
    cursor = first["response_metadata"]["next_cursor"]
    assert [m["text"] for m in call("conversations.history", channel=channel, limit=2, cursor=cursor)["messages"]] == [
        "2",
        "1",
    ]
    after = call("conversations.history", channel=channel, oldest=posted[2]["ts"])
    assert [m["text"] for m in after["messages"]] == ["4", "3"]
    with_it = call("conversations.history", channel=channel, oldest=posted[2]["ts"], inclusive=True)
    assert len(with_it["messages"]) == 3
    assert call("conversations.history", channel=channel, limit=5000)["error"] == "invalid_limit"
    assert call("conversations.history", channel=channel, cursor="x")["error"] == "invalid_cursor"


def test_updating_what_is_not_there_is_refused(call: Client) -> None:
    at = call.post()
    assert call("chat.update", channel=at["channel"], ts="1500000000.000100", text="x")["error"] == "message_not_found"
    assert call("chat.update", channel=at["channel"], ts=at["ts"])["error"] == "no_text"
    assert call("chat.update", channel=at["channel"], ts=float(at["ts"]), text="x")["error"] == "message_not_found"


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"event_type": "x"}, "invalid_metadata_format"),
        ({"event_type": "", "event_payload": {}}, "invalid_metadata_format"),
        ({"event_type": "x", "event_payload": {"a": None}}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"a": "x" * 20_000}}, "metadata_too_large"),
        ("{", "invalid_metadata_format"),
    ],
)
def test_wrong_metadata_is_refused(call: Client, metadata: Any, error: str) -> None:
    assert call.post(metadata=metadata)["error"] == error


def test_a_missing_scope_is_told(call: Client) -> None:
    call.world.accepted["slack/settings"]({"scopes": ["chat:write"]})
    at = call.post()
    answer = call("conversations.history", channel=at["channel"])
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "channels:history"


def test_one_channel_takes_one_message_a_second(call: Client) -> None:
    call.world.accepted["slack/settings"]({"rate": {"per_second": 1, "burst": 1}})
    assert call.post()["ok"] is True
    limited = call.raw("chat.postMessage", b'{"channel": "#ml", "text": "x"}')
    assert limited.status == 429
    assert limited.headers["Retry-After"] == "1"
    assert call.post(channel="#other")["ok"] is True
    call.world.clock.advance(1)
    assert call.post()["ok"] is True
    assert len(call.world.published["slack/messages"]({"channel": "#ml"})) == 2


def test_faults_strike_the_nth_call_before_or_after_it_is_applied(call: Client) -> None:
    settings = call.world.accepted["slack/settings"]
    settings({"faults": [{"method": "chat.postMessage", "skip": 1, "do": "drop"}]})
    assert call.post("one")["ok"] is True
    dropped = call.raw("chat.postMessage", b'{"channel": "#ml", "text": "two"}')
    assert dropped.drop is True
    assert [m["text"] for m in call.world.published["slack/messages"]({})] == ["one", "two"]
    settings({"faults": [{"do": "error", "error": "internal_error", "times": 2}, {"do": "status", "status": 503}]})
    assert call.post("three")["error"] == "internal_error"
    assert call.post("four")["error"] == "internal_error"
    assert call.raw("chat.postMessage", b'{"channel": "#ml", "text": "five"}').status == 503
    assert call.post("six")["ok"] is True
    settings({"faults": [{"do": "hang", "seconds": 4}, {"do": "ratelimited", "retry_after": 7}]})
    assert call.raw("chat.postMessage", b'{"channel": "#ml", "text": "seven"}').delay == 4
    assert call.raw("chat.postMessage", b"{}").headers["Retry-After"] == "7"
    texts = [m["text"] for m in call.world.published["slack/messages"]({})]
    assert texts == ["one", "two", "six", "seven"]
    with pytest.raises(ValueError, match="explode"):
        settings({"faults": [{"do": "explode"}]})
    with pytest.raises(ValueError, match="colour"):
        settings({"colour": 1})


def test_files_are_uploaded_in_three_steps(call: Client) -> None:
    root = call.post()
    got = call("files.getUploadURLExternal", filename="log.txt", length=3)
    upload = call.world.routes["/slack/upload/"]
    assert upload(Request("POST", got["file_id"], {}, {}, b"abcd")).status == 400
    early = call("files.completeUploadExternal", files=[{"id": got["file_id"]}], channel_id=root["channel"])
    assert early["error"] == "file_not_found"
    assert upload(Request("POST", got["file_id"], {}, {}, b"abc")).status == 200
    done = call(
        "files.completeUploadExternal",
        files=[{"id": got["file_id"], "title": "Log"}],
        channel_id=root["channel"],
        thread_ts=root["ts"],
    )
    assert done["files"][0]["title"] == "Log"
    thread = call("conversations.replies", channel=root["channel"], ts=root["ts"])["messages"]
    assert thread[1]["files"][0]["name"] == "log.txt"
    assert call("files.getUploadURLExternal", filename="x", length=0)["error"] == "invalid_arguments"


def test_an_unknown_method_is_refused_and_recorded(call: Client) -> None:
    assert call("chat.delete", channel="C1", ts="1")["error"] == "unknown_method"
    assert call.world.violations


def test_reset_forgets_messages(call: Client) -> None:
    call.post()
    call.world.accepted["slack/reset"]({})
    assert call.world.published["slack/messages"]({}) == []
