"""Requests held against botocore's shapes: types, required and unknown members, enums, lengths, ranges, patterns.

boto3 checks some of this before it sends; another client checks nothing. What is found here is a mistake of the client,
refused as AWS refuses it (400), and recorded so that a test fails.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from localcloud.wire import Call

MOST_FINDINGS = 10


def findings(call: Call) -> list[str]:
    """What is wrong with a call's parameters, in words; empty when nothing is."""
    if call.model is None or call.model.input_shape is None:
        return []
    shape = call.model.input_shape
    found: list[str] = []
    if call.sent is not None:
        found += _unknown(shape, call.sent, call.operation, body_only=call.protocol == "rest-json")
    for finding in _check(shape, call.params, call.operation):
        found.append(finding)
        if len(found) >= MOST_FINDINGS:
            break
    return found


def _unknown(shape: Any, value: Any, where: str, body_only: bool = False) -> list[str]:
    """Members that the model does not know: a parser drops them silently, so the raw body is walked."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        known = {
            member.serialization.get("name", name): member
            for name, member in shape.members.items()
            if not (body_only and "location" in member.serialization)
        }
        found = [f"{where}: unknown member {name!r}" for name in value if name not in known]
        for name, inner in value.items():
            if name in known and inner is not None:
                found += _unknown(known[name], inner, f"{where}.{name}")
            elif name in known:
                found.append(f"{where}.{name}: null")
        return found
    if kind == "list" and isinstance(value, list):
        return [f for i, v in enumerate(value) for f in _unknown(shape.member, v, f"{where}[{i}]")]
    if kind == "map" and isinstance(value, dict):
        return [f for k, v in value.items() for f in _unknown(shape.value, v, f"{where}[{k!r}]")]
    return []


def _check(shape: Any, value: Any, where: str) -> Iterator[str]:
    kind = shape.type_name
    check = _CHECKS.get(kind)
    if check is None:
        return
    yield from check(shape, value, where)


def _structure(shape: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {type(value).__name__} where an object is required"
        return
    for name in shape.required_members:
        if name not in value:
            yield f"{where}: member {name!r} is required"
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield f"{where}: exactly one of {sorted(shape.members)} must be given"
    for name, member in shape.members.items():
        if name in value:
            yield from _check(member, value[name], f"{where}.{name}")


def _list(shape: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where}: {type(value).__name__} where a list is required"
        return
    yield from _bounds(shape, len(value), where, "members")
    for i, item in enumerate(value):
        yield from _check(shape.member, item, f"{where}[{i}]")


def _map(shape: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {type(value).__name__} where a map is required"
        return
    yield from _bounds(shape, len(value), where, "entries")
    for key, item in value.items():
        yield from _check(shape.key, key, f"{where} key {key!r}")
        yield from _check(shape.value, item, f"{where}[{key!r}]")


def _string(shape: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where}: {type(value).__name__} where a string is required"
        return
    yield from _bounds(shape, len(value), where, "characters")
    enum = shape.metadata.get("enum")
    if enum and value not in enum:
        yield f"{where}: {value!r} is not one of {sorted(enum)}"
    pattern = _compiled(shape.metadata.get("pattern"))
    if pattern is not None and not pattern.fullmatch(value):
        yield f"{where}: {value[:80]!r} does not match {shape.metadata['pattern']}"


def _number(shape: Any, value: Any, where: str) -> Iterator[str]:
    whole = shape.type_name in ("integer", "long", "short", "byte")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        yield f"{where}: {value!r} where {'a whole number' if whole else 'a number'} is required"
        return
    yield from _bounds(shape, value, where, "")


def _boolean(shape: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{where}: {value!r} where a boolean is required"


def _bounds(shape: Any, size: float, where: str, unit: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"{where}: {size} {unit}, at least {least} are required"
    if most is not None and size > most:
        yield f"{where}: {size} {unit}, at most {most} are allowed"


@functools.cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    """The models' patterns are Java's. Letters, blanks and digits of Unicode are translated (the tags' pattern needs
    them); what Python still cannot read is not checked."""
    if pattern is None:
        return None
    for java, python in ((r"\p{L}", r"\w"), (r"\p{Z}", r"\s"), (r"\p{N}", r"\d")):
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        return None


_CHECKS = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _number,
    "long": _number,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
}
