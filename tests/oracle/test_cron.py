"""Cron by brute force: each minute of each day is asked whether it matches, as the rules of AWS read."""

from __future__ import annotations

import calendar
import os
import random
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
ZONES = ["UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns"]
SPAN, WANTED = 70, 4  # days that are searched, fires that are compared


def number(text: str, names: list[str]) -> int:
    return names.index(text) + 1 if text in names else int(text)


def allows(field: str, value: int, low: int, high: int, names: list[str]) -> bool:
    for item in field.split(","):
        body, _, step = item.partition("/")
        first, dash, last = body.partition("-")
        begin = low if body == "*" else number(first, names)
        end = high if body == "*" or (step and not dash) else number(last or first, names)
        size = high - low + 1
        length = (end - begin) % size if begin > end else end - begin
        distance = (value - begin) % size if begin > end else value - begin
        if 0 <= distance <= length and distance % int(step or 1) == 0:
            return True
    return False


def nearest_weekday(day: date) -> date:
    ways = [0, -1, 1, -2, 2]
    near = (day + timedelta(days=way) for way in ways)
    return next(d for d in near if d.isoweekday() < 6 and d.month == day.month)


def day_allows(text: str, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if text == "L":
        return day.day == last
    if text.endswith("W"):
        wanted = int(text[:-1])
        return wanted <= last and nearest_weekday(day.replace(day=wanted)) == day
    return allows(text, day.day, 1, 31, [])


def weekday_allows(text: str, day: date) -> bool:
    weekday = day.isoweekday() % 7 + 1
    if text == "L":
        return weekday == 7
    if "#" in text:
        name, nth = text.split("#")
        return weekday == number(name, DAYS) and (day.day + 6) // 7 == int(nth)
    if text.endswith("L"):
        return weekday == number(text[:-1], DAYS) and (day + timedelta(days=7)).month != day.month
    return allows(text, weekday, 1, 7, DAYS)


def brute(expression: str, zone: ZoneInfo, after: datetime) -> list[str]:
    minute, hour, dom, month, dow, year = expression.split()
    first = after.astimezone(zone).date() - timedelta(days=1)
    fires: list[str] = []
    for day in (first + timedelta(days=n) for n in range(SPAN)):
        day_ok = day_allows(dom, day) if dow == "?" else weekday_allows(dow, day)
        if not day_ok or not allows(month, day.month, 1, 12, MONTHS) or not allows(year, day.year, 1970, 2199, []):
            continue
        instants = set()
        for n in range(1440):
            if allows(hour, n // 60, 0, 23, []) and allows(minute, n % 60, 0, 59, []):
                local = datetime(day.year, day.month, day.day, n // 60, n % 60, tzinfo=zone)
                instant = local.astimezone(UTC)
                if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):  # no gap
                    instants.add(instant)
        fires += [f"{i:%Y-%m-%dT%H:%M:%SZ}" for i in sorted(instants) if i > after]
        if len(fires) >= WANTED:
            break
    return fires[:WANTED]


def field(chance: random.Random, low: int, high: int, names: list[str]) -> str:
    def value() -> str:
        n = chance.randint(low, high)
        return names[n - 1] if names and chance.random() < 0.5 else str(n)

    forms = [value(), f"{value()}-{value()}", f"{value()}/{chance.randint(1, 9)}", f"*/{chance.randint(1, 9)}", "*"]
    return ",".join(
        chance.choices([*forms[:4], f"{value()}-{value()}/{chance.randint(1, 5)}"], k=chance.choice([1, 1, 2]))
    )


def cron(chance: random.Random) -> str:
    weekday = f"{chance.choice(DAYS)}"
    days = [field(chance, 1, 31, []), "L", f"{chance.randint(1, 31)}W"]
    weekdays = [
        "L",
        f"{weekday}L",
        f"{weekday}#{chance.randint(1, 5)}",
        f"{weekday}-{chance.choice(DAYS)}",
        f"2,{weekday}",
    ]
    pair = f"{{}} {chance.choice(weekdays)}" if chance.random() < 0.5 else f"{chance.choice(days)} {{}} ?"
    month = chance.choice(["*", "*", field(chance, 1, 12, MONTHS)])
    date_part = f"? {month} {pair[3:]}" if pair.startswith("{}") else pair.format(month)
    year = chance.choice(["*", "*", "2026", "2025-2027", "2024/2"])
    hour = chance.choice(["1", "2", field(chance, 0, 23, [])])
    return f"{field(chance, 0, 59, [])} {hour} {date_part} {year}"


@pytest.mark.parametrize("seed", range(8))
def test_a_cron_fires_in_the_minutes_that_match(seed: int) -> None:
    chance = random.Random(seed)
    seen = 0
    for _ in range(25):
        expression, zone = cron(chance), chance.choice(ZONES)
        after = datetime(2026, chance.choice([2, 3, 9, 10]), chance.randint(1, 28), chance.randint(0, 23), tzinfo=UTC)
        wanted = brute(expression, ZoneInfo(zone), after)
        command = [str(PROGRAM), "next", expression, "--timezone", zone, "--from", f"{after:%Y-%m-%dT%H:%M:%SZ}"]
        done = subprocess.run([*command, "-n", str(WANTED)], capture_output=True, text=True, timeout=30, check=False)
        fires, end = done.stdout.split(), f"{after + timedelta(days=SPAN - 3):%Y-%m-%dT%H:%M:%SZ}"
        assert fires[: len(wanted)] == wanted, (expression, zone, after, done.stderr)
        assert all(fire > end for fire in fires[len(wanted) :]), (expression, zone, after)
        seen += len(wanted)
    assert seen > 25  # the span is long enough to see something
