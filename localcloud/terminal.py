"""A Slack channel in the terminal: messages as a reader would see them, threads indented below their root."""

from __future__ import annotations

import datetime
import os
import re
import sys
import textwrap
from collections.abc import Iterable
from typing import Any

Json = Any

WIDTH = 100
LINK = re.compile(r"<([^>|]+)(?:\|([^>]*))?>")
EMOJI = {
    "large_green_circle": "🟢",
    "white_check_mark": "✅",
    "red_circle": "🔴",
    "x": "❌",
    "large_yellow_circle": "🟡",
    "large_blue_circle": "🔵",
    "black_circle": "⚫",
    "white_circle": "⚪",
    "hourglass_flowing_sand": "⏳",
    "hourglass": "⏳",
    "warning": "⚠️",
    "rocket": "🚀",
    "arrows_counterclockwise": "🔄",
    "no_entry": "⛔",
    "no_entry_sign": "🚫",
    "rotating_light": "🚨",
    "bulb": "💡",
    "mag": "🔍",
    "link": "🔗",
    "package": "📦",
    "fast_forward": "⏩",
    "zap": "⚡",
    "recycle": "♻️",
    "octagonal_sign": "🛑",
    "large_orange_circle": "🟠",
    "heavy_check_mark": "✔",
    "heavy_multiplication_x": "✖",
}


class Paint:
    """Colours on a terminal, and nowhere else (NO_COLOR is honoured)."""

    def __init__(self, on: bool | None = None) -> None:
        self.on = (sys.stdout.isatty() and "NO_COLOR" not in os.environ) if on is None else on

    def __call__(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.on and text else text

    def bold(self, text: str) -> str:
        return self(text, "1")

    def dim(self, text: str) -> str:
        return self(text, "2")

    def green(self, text: str) -> str:
        return self(text, "32")

    def red(self, text: str) -> str:
        return self(text, "31")

    def cyan(self, text: str) -> str:
        return self(text, "36")


def plain(text: str) -> str:
    """mrkdwn as text: links by their words, emoji as characters, entities decoded."""

    def link(match: re.Match[str]) -> str:
        target, words = match[1], match[2]
        if target.startswith(("!", "@", "#")):
            return "@" + (words or target.lstrip("!@#").split("^")[-1])
        return words or target

    text = LINK.sub(link, text)
    text = re.sub(r":([a-z0-9_+-]+):", lambda m: EMOJI.get(m[1], m[0]), text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def block_lines(block: Json) -> list[str]:
    """One block of Block Kit as lines of text."""
    kind = block.get("type")
    if kind == "header":
        return [plain(block["text"]["text"])]
    if kind == "divider":
        return ["─" * 40]
    if kind == "section":
        lines = plain(block["text"]["text"]).split("\n") if "text" in block else []
        return lines + [line for field in block.get("fields", []) for line in plain(field["text"]).split("\n")]
    if kind == "context":
        return ["  ".join(plain(e.get("text", "")) for e in block["elements"])]
    if kind == "actions":
        return ["  ".join(f"[ {e['text']['text']} ]" for e in block["elements"])]
    if kind == "rich_text":
        return [line for element in block["elements"] for line in rich_lines(element)]
    return [f"({kind})"]


def rich_lines(element: Json) -> list[str]:
    words = "".join(
        part.get("text") or part.get("url") or EMOJI.get(part.get("name", ""), "") for part in element["elements"]
    )
    lines = words.split("\n")
    return [f"│ {line}" for line in lines] if element["type"] == "rich_text_preformatted" else lines


def message_lines(message: Json, paint: Paint, width: int = WIDTH) -> list[str]:
    """A message with its head line; long lines are wrapped."""
    at = datetime.datetime.fromtimestamp(float(message["ts"]), datetime.UTC).strftime("%a %d %b %H:%M")
    edited = "  (edited)" if message.get("edited") else ""
    lines = [paint.bold(message.get("username") or "buzzflow") + paint.dim(f"  {at} UTC{edited}")]
    blocks = message.get("blocks") or []
    body = [line for block in blocks for line in block_lines(block)] if blocks else plain(message["text"]).split("\n")
    for line in body:
        code = line.startswith("│ ")
        wrapped = [line[:width]] if code else textwrap.wrap(line, width, subsequent_indent="  ") or [""]
        lines += [paint.cyan(part) if code else part for part in wrapped]
    return lines


def channel(name: str, messages: Iterable[Json], paint: Paint) -> str:
    """A channel as text: roots in order, replies indented below theirs."""
    messages = list(messages)
    roots = [m for m in messages if not m.get("thread_ts") or m["thread_ts"] == m["ts"]]
    out = [paint.bold(f"# {name.lstrip('#')} ".ljust(WIDTH, "─"))]
    for root in roots:
        out += message_lines(root, paint)
        replies = [m for m in messages if m.get("thread_ts") == root["ts"] and m["ts"] != root["ts"]]
        for reply in replies:
            out += [paint.dim("  ┃ ") + line for line in message_lines(reply, paint, WIDTH - 4)]
        out.append("")
    return "\n".join(out)
