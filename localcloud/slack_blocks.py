"""Block Kit as Slack checks it: one mistake in one block, and the whole message is refused.

Sources: Slack's Block Kit reference (blocks, elements, composition objects), the limits in the Slack SDKs' models, and
for the size of all blocks together bolt-js#2509. Lengths are counted in UTF-16 units, the strictest of the ways in
which a client could count. Types that belong into modals only, and those that this cloud cannot show, are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from localcloud.interfaces import Json

MOST_BLOCKS = 50
MOST_CHARACTERS = 13_200
MOST_MARKDOWN = 12_000

_URL = re.compile(r"https?://\S+|mailto:\S+|slack://\S+")
_STYLES = {"bold", "italic", "strike", "code", "unlink", "highlight", "client_highlight", "underline"}


def problems(blocks: Json) -> list[str]:
    """What Slack would answer as `errors` with invalid_blocks; empty when it takes the blocks."""
    if not isinstance(blocks, list):
        return [_at("must be an array", "/blocks")]
    found: list[str] = []
    if len(blocks) > MOST_BLOCKS:
        found.append(_at(f"no more than {MOST_BLOCKS} items allowed", "/blocks"))
    ids = [b["block_id"] for b in blocks if isinstance(b, dict) and isinstance(b.get("block_id"), str)]
    if len(set(ids)) != len(ids):
        found.append(_at("`block_id` must be unique in a message", "/blocks"))
    markdown = sum(units(b.get("text")) for b in blocks if isinstance(b, dict) and b.get("type") == "markdown")
    if markdown > MOST_MARKDOWN:
        found.append(_at(f"must be no more than {MOST_MARKDOWN} characters of markdown in total", "/blocks"))
    for i, block in enumerate(blocks):
        found += _block(block, f"/blocks/{i}")
    return found


def too_long(blocks: Json) -> bool:
    """Whether all blocks together are more than a message may hold (msg_blocks_too_long)."""
    return units(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MOST_CHARACTERS


def units(text: Json) -> int:
    """UTF-16 units of a text; 0 for anything else."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 if isinstance(text, str) else 0


def _at(what: str, pointer: str) -> str:
    return f"{what} [json-pointer:{pointer}]"


def _block(block: Json, at: str) -> Iterator[str]:
    if not isinstance(block, dict):
        yield _at("must be an object", at)
        return
    check = _BLOCKS.get(str(block.get("type")))
    if check is None:
        yield _at(f"unsupported type: {block.get('type')}", f"{at}/type")
        return
    if "block_id" in block:
        yield from _text(block["block_id"], 255, f"{at}/block_id")
    yield from check(block, at)


def _members(value: dict[str, Json], allowed: set[str], required: set[str], at: str) -> Iterator[str]:
    for name in value:
        if name not in allowed | required | {"type", "block_id"}:
            yield _at(f"invalid additional property: {name}", at)
    for name in sorted(required):
        if name not in value:
            yield _at(f"missing required field: {name}", at)


def _text(value: Json, most: int, at: str, least: int = 1) -> Iterator[str]:
    if not isinstance(value, str):
        yield _at("must be a string", at)
    elif units(value) < least:
        yield _at(f"must be more than {least - 1} characters", at)
    elif units(value) > most:
        yield _at(f"must be less than {most + 1} characters", at)


def _flag(value: Json, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield _at("must be a boolean", at)


def _text_object(value: Json, most: int, at: str, kinds: tuple[str, ...] = ("mrkdwn", "plain_text")) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _at("must be an object", at)
        return
    if value.get("type") not in kinds:
        yield _at(f"must be one of {', '.join(kinds)}", f"{at}/type")
        return
    flags = {"verbatim"} if value["type"] == "mrkdwn" else {"emoji"}
    yield from _members(value, flags, {"text"}, at)
    for name in flags & set(value):
        yield from _flag(value[name], f"{at}/{name}")
    yield from _text(value.get("text"), most, f"{at}/text")


def _array(value: Json, least: int, most: int, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield _at("must be an array", at)
    elif len(value) < least:
        yield _at(f"no fewer than {least} items allowed", at)
    elif len(value) > most:
        yield _at(f"no more than {most} items allowed", at)


def _items(value: Json, at: str, check: Callable[[Json, str], Iterator[str]]) -> Iterator[str]:
    for i, item in enumerate(value if isinstance(value, list) else []):
        yield from check(item, f"{at}/{i}")


def _url(value: Json, at: str) -> Iterator[str]:
    yield from _text(value, 3000, at)
    if isinstance(value, str) and not _URL.fullmatch(value):
        yield _at("must be a valid URL", at)


# Blocks


def _section(block: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(block, {"text", "fields", "accessory", "expand"}, set(), at)
    if "text" not in block and "fields" not in block:
        yield _at("missing required field: text or fields", at)
    if "text" in block:
        yield from _text_object(block["text"], 3000, f"{at}/text")
    if "fields" in block:
        yield from _array(block["fields"], 1, 10, f"{at}/fields")
        yield from _items(block["fields"], f"{at}/fields", lambda f, where: _text_object(f, 2000, where))
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory", {"button", "image", "overflow", "static_select"})
    if "expand" in block:
        yield from _flag(block["expand"], f"{at}/expand")


def _header(block: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(block, set(), {"text"}, at)
    if "text" in block:
        yield from _text_object(block["text"], 150, f"{at}/text", ("plain_text",))


def _divider(block: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(block, set(), set(), at)


def _context(block: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(block, set(), {"elements"}, at)
    yield from _array(block.get("elements"), 1, 10, f"{at}/elements")
    yield from _items(block.get("elements"), f"{at}/elements", _context_element)


def _context_element(value: Json, at: str) -> Iterator[str]:
    if isinstance(value, dict) and value.get("type") == "image":
        yield from _element(value, at, {"image"})
    else:
        yield from _text_object(value, 3000, at)


def _actions(block: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(block, set(), {"elements"}, at)
    yield from _array(block.get("elements"), 1, 25, f"{at}/elements")
    allowed = {"button", "overflow", "static_select"}
    yield from _items(block.get("elements"), f"{at}/elements", lambda e, where: _element(e, where, allowed))
    elements = block.get("elements")
    ids = [e.get("action_id") for e in elements if isinstance(e, dict)] if isinstance(elements, list) else []
    ids = [str(i) for i in ids if i is not None]
    if len(set(ids)) != len(ids):
        yield _at("`action_id` must be unique in a block", f"{at}/elements")


def _image(block: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(block, {"title", "image_url", "slack_file"}, {"alt_text"}, at)
    yield from _text(block.get("alt_text"), 2000, f"{at}/alt_text", 0)
    if "image_url" in block:
        yield from _url(block["image_url"], f"{at}/image_url")
    if "title" in block:
        yield from _text_object(block["title"], 2000, f"{at}/title", ("plain_text",))
    if ("image_url" in block) == ("slack_file" in block):
        yield _at("exactly one of image_url and slack_file is required", at)


def _markdown(block: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(block, set(), {"text"}, at)
    yield from _text(block.get("text"), MOST_MARKDOWN, f"{at}/text")


def _rich_text(block: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(block, set(), {"elements"}, at)
    yield from _array(block.get("elements"), 1, 1000, f"{at}/elements")
    yield from _items(block.get("elements"), f"{at}/elements", _rich_element)


def _rich_element(value: Json, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _at("must be an object", at)
        return
    kind = value.get("type")
    allowed = _RICH.get(str(kind))
    if allowed is None:
        yield _at(f"unsupported type: {kind}", f"{at}/type")
        return
    required = {"elements", "style"} if kind == "rich_text_list" else {"elements"}
    yield from _members(value, allowed, required, at)
    yield from _array(value.get("elements"), 1 if kind == "rich_text_preformatted" else 0, 1000, f"{at}/elements")
    if kind == "rich_text_list":
        if value.get("style") not in ("bullet", "ordered"):
            yield _at("must be one of bullet, ordered", f"{at}/style")
        yield from _items(value.get("elements"), f"{at}/elements", _list_item)
    elif kind == "rich_text_preformatted":
        yield from _items(value.get("elements"), f"{at}/elements", _preformatted_leaf)
    else:
        yield from _items(value.get("elements"), f"{at}/elements", _leaf)
    for name in ("border", "indent", "offset"):
        if name in value and (isinstance(value[name], bool) or not isinstance(value[name], int) or value[name] < 0):
            yield _at("must be a whole number", f"{at}/{name}")


def _list_item(value: Json, at: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") != "rich_text_section":
        yield _at("must be a rich_text_section", at)
    else:
        yield from _rich_element(value, at)


def _preformatted_leaf(value: Json, at: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in ("text", "link"):
        yield _at("must be one of text, link", f"{at}/type")
    else:
        yield from _leaf(value, at)


def _leaf(value: Json, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _at("must be an object", at)
        return
    members = _LEAVES.get(str(value.get("type")))
    if members is None:
        yield _at(f"unsupported type: {value.get('type')}", f"{at}/type")
        return
    required, allowed = members
    yield from _members(value, allowed, required, at)
    for name in required & set(value):
        if name == "url":
            yield from _url(value[name], f"{at}/{name}")
        elif name != "timestamp":
            yield from _text(value[name], 13_200, f"{at}/{name}")
    yield from _style(value.get("style", {}), f"{at}/style")


def _style(value: Json, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _at("must be an object", at)
        return
    for name, on in value.items():
        if name not in _STYLES:
            yield _at(f"invalid additional property: {name}", at)
        yield from _flag(on, f"{at}/{name}")


# Elements


def _element(value: Json, at: str, allowed: set[str]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _at("must be an object", at)
        return
    kind = value.get("type")
    if kind not in allowed:
        yield _at(f"unsupported type: {kind}", f"{at}/type")
        return
    if "action_id" in value:
        yield from _text(value["action_id"], 255, f"{at}/action_id")
    yield from _ELEMENTS[str(kind)](value, at)


def _button(value: dict[str, Json], at: str) -> Iterator[str]:
    allowed = {"action_id", "url", "value", "style", "confirm", "accessibility_label"}
    yield from _members(value, allowed, {"text"}, at)
    if "text" in value:
        yield from _text_object(value["text"], 75, f"{at}/text", ("plain_text",))
    if "value" in value:
        yield from _text(value["value"], 2000, f"{at}/value")
    if "url" in value:
        yield from _url(value["url"], f"{at}/url")
    if "style" in value and value["style"] not in ("primary", "danger"):
        yield _at("must be one of primary, danger", f"{at}/style")
    if "accessibility_label" in value:
        yield from _text(value["accessibility_label"], 75, f"{at}/accessibility_label")
    if "confirm" in value:
        yield from _confirm(value["confirm"], f"{at}/confirm")


def _confirm(value: Json, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _at("must be an object", at)
        return
    yield from _members(value, {"style"}, {"title", "text", "confirm", "deny"}, at)
    for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        if name in value:
            kinds = ("mrkdwn", "plain_text") if name == "text" else ("plain_text",)
            yield from _text_object(value[name], most, f"{at}/{name}", kinds)


def _image_element(value: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(value, {"image_url", "slack_file"}, {"alt_text"}, at)
    if "image_url" in value:
        yield from _url(value["image_url"], f"{at}/image_url")


def _overflow(value: dict[str, Json], at: str) -> Iterator[str]:
    yield from _members(value, {"action_id", "confirm"}, {"options"}, at)
    yield from _array(value.get("options"), 1, 5, f"{at}/options")
    yield from _items(value.get("options"), f"{at}/options", _option)


def _select(value: dict[str, Json], at: str) -> Iterator[str]:
    allowed = {"action_id", "confirm", "placeholder", "initial_option", "focus_on_load"}
    yield from _members(value, allowed, {"options"}, at)
    yield from _array(value.get("options"), 1, 100, f"{at}/options")
    yield from _items(value.get("options"), f"{at}/options", _option)
    if "placeholder" in value:
        yield from _text_object(value["placeholder"], 150, f"{at}/placeholder", ("plain_text",))


def _option(value: Json, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _at("must be an object", at)
        return
    yield from _members(value, {"description", "url"}, {"text", "value"}, at)
    yield from _text_object(value.get("text"), 75, f"{at}/text")
    yield from _text(value.get("value"), 150, f"{at}/value")


_BLOCKS: dict[str, Callable[[dict[str, Json], str], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
}
_ELEMENTS: dict[str, Callable[[dict[str, Json], str], Iterator[str]]] = {
    "button": _button,
    "image": _image_element,
    "overflow": _overflow,
    "static_select": _select,
}
_RICH: dict[str, set[str]] = {
    "rich_text_section": set(),
    "rich_text_preformatted": {"border", "language"},
    "rich_text_quote": {"border"},
    "rich_text_list": {"indent", "offset", "border"},
}
_LEAVES: dict[str, tuple[set[str], set[str]]] = {
    "text": ({"text"}, {"style"}),
    "link": ({"url"}, {"text", "style", "unsafe"}),
    "emoji": ({"name"}, {"unicode", "style", "skin_tone"}),
    "user": ({"user_id"}, {"style"}),
    "usergroup": ({"usergroup_id"}, {"style"}),
    "channel": ({"channel_id"}, {"style"}),
    "broadcast": ({"range"}, {"style"}),
    "date": ({"timestamp", "format"}, {"fallback", "url", "style"}),
    "color": ({"value"}, {"style"}),
}


def metadata_problem(value: Any) -> str | None:
    """Why message metadata is refused; None when it is not. {"event_type": text, "event_payload": object}."""
    if not isinstance(value, dict) or set(value) != {"event_type", "event_payload"}:
        return "invalid_metadata_format"
    kind, payload = value["event_type"], value["event_payload"]
    if not isinstance(kind, str) or not kind or not isinstance(payload, dict):
        return "invalid_metadata_format"
    if any(v is None for v in payload.values()):
        return "invalid_metadata_schema"
    return "metadata_too_large" if len(json.dumps(value)) > 16_384 else None
