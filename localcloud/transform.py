"""What a rule's target gets of an event: Input, InputPath or an InputTransformer.

After the EventBridge guide, "Amazon EventBridge input transformation": a `<name>` outside quotes becomes the value as
JSON, inside a quoted string its bare text; a path that is not in the event makes the placeholder vanish.
"""

from __future__ import annotations

import json
import re
from typing import Any

from localcloud.interfaces import Gap, Json

_MISSING = object()
_STEP = re.compile(r"\.([A-Za-z0-9_\-]+)|\[(\d+)\]|\['([^']+)'\]")
_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.\-]+)>")


def target_payload(target: Json, event: Json, rule_arn: str, now: str) -> str:
    """The text that the target gets."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = at_path(target["InputPath"], event)
        return json.dumps(None if found is _MISSING else found)
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], event, rule_arn, now)
    return json.dumps(event)


def at_path(path: str, event: Json) -> Any:
    """The value at a path like $.detail.items[0].name; _MISSING when there is none."""
    if not path.startswith("$"):
        raise Gap(f"event path {path!r}")
    value, at = event, 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise Gap(f"event path {path!r}")
        at = step.end()
        name, index, quoted = step.groups()
        try:
            value = value[int(index)] if index is not None else value[name or quoted]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return value


def _transformed(transformer: Json, event: Json, rule_arn: str, now: str) -> str:
    template: str = transformer["InputTemplate"]
    values: dict[str, Any] = {n: at_path(p, event) for n, p in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": now,
        "aws.events.event": {k: v for k, v in event.items() if k != "detail"},
        "aws.events.event.json": event,
    }

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            return match[0]
        value = values[name]
        if value is _MISSING:
            return ""
        if not _inside_quotes(template, match.start()):
            return json.dumps(value)
        text = value if isinstance(value, str) else json.dumps(value)
        return json.dumps(text)[1:-1]

    return _PLACEHOLDER.sub(fill, template)


def _inside_quotes(template: str, position: int) -> bool:
    return len(re.findall(r'(?<!\\)"', template[:position])) % 2 == 1
