"""IAM's decision: which statements of a policy match an action on a resource, and what follows.

By the rules of the IAM user guide, "Policy evaluation logic": an explicit Deny wins, then any Allow, else no. An
element or operator that is not implemented is a Gap, never ignored: a policy that is half understood proves nothing.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from localcloud.interfaces import Gap, Json

Context = Mapping[str, str | list[str]]
"""Condition keys, in lower case up to the slash: {"aws:ResourceTag/buzzflow:environment": "research"}."""


def listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


@functools.lru_cache(maxsize=4096)
def _wildcard(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    text = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile(text, re.S | (re.I if ignore_case else 0))


def like(pattern: str, value: str, ignore_case: bool = False) -> bool:
    """IAM's wildcards: * and ?, over the whole value."""
    return _wildcard(pattern, ignore_case).fullmatch(value) is not None


def _arn_like(pattern: str, value: str) -> bool:
    """ArnLike compares the six parts one by one; a * does not reach over a colon, but for the last part."""
    wanted, found = pattern.split(":", 5), value.split(":", 5)
    return len(wanted) == len(found) and all(map(like, wanted, found))


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, found: wanted == found,
    "StringEqualsIgnoreCase": lambda wanted, found: wanted.lower() == found.lower(),
    "StringLike": like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, found: wanted.lower() == found.lower(),
    "NumericLessThanEquals": lambda wanted, found: float(found) <= float(wanted),
}
_NEGATIONS = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def _key(context: Context, name: str) -> list[str] | None:
    """The values of a condition key; key names ignore case, tag names after the slash do not."""
    prefix, slash, tag = name.partition("/")
    for key, value in context.items():
        key_prefix, key_slash, key_tag = key.partition("/")
        if key_prefix.lower() == prefix.lower() and (key_slash, key_tag) == (slash, tag):
            return [str(v) for v in listed(value)]
    return None


def _condition_holds(operator: str, name: str, wanted: list[str], context: Context) -> bool:
    found = _key(context, name)
    if operator == "Null":
        return (found is None) == (wanted[0].lower() == "true")
    quantifier, _, base = operator.rpartition(":")
    if base.endswith("IfExists"):
        if found is None:
            return True
        base = base.removesuffix("IfExists")
    negated = base in _NEGATIONS
    test = _OPERATORS.get(_NEGATIONS.get(base, base))
    if test is None or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise Gap(f"condition operator {operator}")
    if found is None:
        return quantifier == "ForAllValues" or (negated and quantifier == "")
    hits = [any(test(w, f) for w in wanted) != negated for f in found]
    return all(hits) if quantifier == "ForAllValues" else any(hits)


def _conditions_hold(statement: Mapping[str, Any], context: Context) -> bool:
    for operator, keys in statement.get("Condition", {}).items():
        for name, wanted in keys.items():
            values = [str(w).lower() if isinstance(w, bool) else str(w) for w in listed(wanted)]
            if not _condition_holds(operator, name, values, context):
                return False
    return True


def _action_matches(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not any(like(a, action, ignore_case=True) for a in listed(statement["NotAction"]))
    return any(like(a, action, ignore_case=True) for a in listed(statement.get("Action")))


def _resource_matches(statement: Mapping[str, Any], resource: str, resource_policy: bool) -> bool:
    if "NotResource" in statement:
        return not any(like(r, resource) for r in listed(statement["NotResource"]))
    if "Resource" not in statement:
        return resource_policy
    return any(like(r, resource) for r in listed(statement["Resource"]))


def _principal_matches(statement: Mapping[str, Any], principal: Mapping[str, str]) -> bool:
    """`principal` is {"Service": "events.amazonaws.com"} or {"AWS": arn}."""
    if "NotPrincipal" in statement:
        raise Gap("NotPrincipal")
    wanted = statement.get("Principal")
    if wanted == "*":
        return True
    if not isinstance(wanted, dict):
        return False
    for kind, name in principal.items():
        for pattern in listed(wanted.get(kind)):
            account = re.fullmatch(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", pattern)
            if pattern in ("*", name) or (kind == "AWS" and account and f"::{account[1]}:" in name):
                return True
    return False


def decide(policies: Iterable[Json], action: str, resource: str, context: Context) -> bool:
    """May a principal with these identity policies do it?"""
    allowed = False
    for statement in (s for policy in policies for s in listed(policy["Statement"])):
        if not _action_matches(statement, action) or not _resource_matches(statement, resource, False):
            continue
        if not _conditions_hold(statement, context):
            continue
        if statement["Effect"] == "Deny":
            return False
        allowed = True
    return allowed


def resource_policy_says(
    policy: Json, principal: Mapping[str, str], action: str, resource: str, context: Context
) -> bool | None:
    """What a resource's own policy says: True, False (an explicit deny), or None (nothing)."""
    said: bool | None = None
    for statement in listed((policy or {}).get("Statement")):
        if not _principal_matches(statement, principal) or not _action_matches(statement, action):
            continue
        if not _resource_matches(statement, resource, True) or not _conditions_hold(statement, context):
            continue
        if statement["Effect"] == "Deny":
            return False
        said = True
    return said
