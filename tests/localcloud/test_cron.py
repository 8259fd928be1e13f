"""When schedules fire, against worked examples and the rules of the Scheduler user guide."""

from __future__ import annotations

import datetime
import itertools
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from localcloud import cron

EXAMPLES = json.loads((Path(__file__).resolve().parent.parent / "data" / "cron.examples.json").read_text())


def instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def expression_of(case: dict[str, Any]) -> str:
    return str(case["expression"]).removeprefix("cron(").removesuffix(")")


def needs_extension(case: dict[str, Any]) -> bool:
    """L-n and LW are not in AWS's table; this cloud refuses them, as the table has it."""
    return any(part in expression_of(case).upper() for part in ("L-", "LW"))


@pytest.mark.parametrize("case", [c for c in EXAMPLES["cases"] if not needs_extension(c)], ids=lambda c: c["id"])
def test_a_cron_fires_when_the_worked_examples_say(case: dict[str, Any]) -> None:
    fires = cron.cron_fires(
        cron.parse_cron(expression_of(case)), ZoneInfo(case.get("timezone", "UTC")), instant(case["after"])
    )
    expected = [instant(at) for at in case["next"]]
    found = list(itertools.islice(fires, len(expected) + bool(case.get("ends"))))
    assert found == expected


@pytest.mark.parametrize("case", EXAMPLES["invalid"], ids=lambda c: c["id"])
def test_an_invalid_cron_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(cron.BadExpression):
        cron.parse_cron(expression_of(case))


def test_a_rate_counts_from_its_start() -> None:
    start = instant("2026-03-01T00:10:00Z")
    assert cron.next_fire("rate(2 hours)", "UTC", instant("2026-02-28T00:00:00Z"), start) == start
    at = cron.next_fire("rate(2 hours)", "UTC", instant("2026-03-01T04:10:00Z"), start)
    assert at == instant("2026-03-01T06:10:00Z")


def test_a_rate_of_days_is_elapsed_time_whatever_the_clock_does() -> None:
    start = instant("2026-03-07T12:00:00Z")
    at = cron.next_fire("rate(1 day)", "America/New_York", instant("2026-03-08T00:00:00Z"), start)
    assert at == instant("2026-03-08T12:00:00Z")


def test_at_is_local_and_fires_once() -> None:
    expression = "at(2026-03-02T00:30:00)"
    assert cron.next_fire(expression, "Asia/Seoul", instant("2026-03-01T00:00:00Z")) == instant("2026-03-01T15:30:00Z")
    assert cron.next_fire(expression, "Asia/Seoul", instant("2026-03-01T15:30:00Z")) is None


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("banana", "UTC"),
        ("rate(0 days)", "UTC"),
        ("rate(1 week)", "UTC"),
        ("rate(1.5 days)", "UTC"),
        ("at(2026-02-30T00:00:00)", "UTC"),
        ("cron(0 0 * * *)", "UTC"),
        ("rate(1 day)", "Asia/Soul"),
        ("rate(1 day)", "../UTC"),
    ],
)
def test_what_scheduler_would_refuse_is_refused(expression: str, zone: str) -> None:
    with pytest.raises(cron.BadExpression):
        cron.check_expression(expression, zone)
