"""SHIFT, FORMAT, business days, dates and diff against Python's calendar and zoneinfo.

The reference below is written from the language's rules and shares nothing with the program: instants are counted
minute by minute where the rule speaks of a first instant, business days are walked one by one, calendar units are tried
one after the other.
"""

from __future__ import annotations

import calendar
import json
import os
import random
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))
ZONES = [
    "UTC",
    "Asia/Seoul",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/St_Johns",  # went back at one minute past midnight until 2011
    "America/Sao_Paulo",  # had no midnight on the first day of summer until 2018
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Chatham",
]
MONTHS = {"y": 12, "Q": 3, "M": 1}
SECONDS = {"H": 3600, "h": 3600, "m": 60, "s": 1}
TERM = re.compile(r"([+-])(\d+)([yQMwdbHhms])|/([yQMwdHhm])")
NAMES = {
    "iso": "%FT%T%:z",
    "ds": "%F",
    "ds_nodash": "%Y%m%d",
    "hour": "%Y%m%d%H",
    "month": "%Y-%m",
    "isoweek": "%G-W%V",
    "epoch": "%s",
}
LETTERS = [*"YymdjHMSsFTGVuqabz%", ":z"]


class Calendar:
    def __init__(self, weekend: list[int], holidays: list[date]) -> None:
        self.weekend, self.holidays = weekend, set(holidays)

    def works(self, day: date) -> bool:
        return day.isoweekday() not in self.weekend and day not in self.holidays

    def walk(self, day: date, count: int, way: int) -> date:
        if count == 0:
            while not self.works(day):
                day += timedelta(days=way)
        while count > 0:
            day += timedelta(days=way)
            count -= self.works(day)
        return day


def exists(local: datetime, instant: datetime, zone: ZoneInfo) -> bool:
    return instant.astimezone(zone).replace(tzinfo=None) == local


def offset_at(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The earlier of two; out of a gap forward by its length. Both follow from the offset before the change."""
    around = [local.replace(tzinfo=UTC) + timedelta(hours=h) for h in (-36, 36)]
    real = [local.replace(tzinfo=UTC) - offset_at(i, zone) for i in around]
    real = [i for i in real if exists(local, i, zone)]
    return min(real) if real else local.replace(tzinfo=UTC) - offset_at(around[0], zone)


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    start = datetime.combine(day, time(), UTC) - timedelta(hours=18)
    return next(i for i in (start + timedelta(minutes=n) for n in range(36 * 60)) if i.astimezone(zone).date() == day)


def add_months(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add(instant: datetime, count: int, unit: str, zone: ZoneInfo, works: Calendar) -> datetime:
    if unit in SECONDS:
        return instant + timedelta(seconds=count * SECONDS[unit])
    local = instant.astimezone(zone).replace(tzinfo=None)
    if unit == "b":
        day = works.walk(local.date(), abs(count), -1 if count < 0 else 1)
    elif count == 0:
        return instant
    elif unit in MONTHS:
        day = add_months(local.date(), count * MONTHS[unit])
    else:
        day = local.date() + timedelta(days=count * (7 if unit == "w" else 1))
    return instant_of(datetime.combine(day, local.time()), zone)


def floor(instant: datetime, unit: str, zone: ZoneInfo) -> datetime:
    here = instant.astimezone(zone)
    local, day = here.replace(tzinfo=None), here.date()
    if unit in "Hhm":
        cut = local.replace(second=0) if unit == "m" else local.replace(minute=0, second=0)
        kept = cut.replace(tzinfo=UTC) - offset_at(instant, zone)
        return kept if exists(cut, kept, zone) else instant_of(cut, zone)
    first: dict[str, Callable[[], date]] = {
        "y": lambda: day.replace(month=1, day=1),
        "Q": lambda: day.replace(month=day.month - (day.month - 1) % 3, day=1),
        "M": lambda: day.replace(day=1),
        "w": lambda: day - timedelta(days=day.weekday()),
        "d": lambda: day,
    }
    return first_instant(first[unit](), zone)


def shifted(instant: datetime, shift: str, zone: ZoneInfo, works: Calendar) -> datetime:
    for sign, count, unit, cut in TERM.findall(shift):
        if cut:
            instant = floor(instant, cut, zone)
        elif unit == "b" and count == "0" and sign == "-":
            local = instant.astimezone(zone).replace(tzinfo=None)
            instant = instant_of(datetime.combine(works.walk(local.date(), 0, -1), local.time()), zone)
        else:
            instant = add(instant, int(sign + count), unit, zone, works)
    return instant


def printed(instant: datetime, text: str, zone: ZoneInfo) -> str:
    if text == "utc":
        return printed(instant, "%FT%TZ", ZoneInfo("UTC"))
    here = instant.astimezone(zone)
    minutes = int(offset_at(instant, zone).total_seconds()) // 60
    sign, minutes = "-" if minutes < 0 else "+", abs(minutes)
    week = here.date().isocalendar()
    value = {
        "Y": f"{here.year:04}",
        "y": f"{here.year % 100:02}",
        "m": f"{here.month:02}",
        "d": f"{here.day:02}",
        "j": f"{(here.date() - date(here.year, 1, 1)).days + 1:03}",
        "H": f"{here.hour:02}",
        "M": f"{here.minute:02}",
        "S": f"{here.second:02}",
        "s": str(calendar.timegm(instant.utctimetuple())),
        "F": here.date().isoformat(),
        "T": here.time().isoformat(),
        "G": f"{week.year:04}",
        "V": f"{week.week:02}",
        "u": str(week.weekday),
        "q": str((here.month + 2) // 3),
        "a": calendar.day_abbr[here.weekday()],
        "b": calendar.month_abbr[here.month],
        "z": f"{sign}{minutes // 60:02}{minutes % 60:02}",
        ":z": f"{sign}{minutes // 60:02}:{minutes % 60:02}",
        "%": "%",
    }
    return re.sub(r"%(:z|.)", lambda m: value[m[1]], NAMES.get(text, text))


# ---- cases ----


def random_shift(chance: random.Random, units: str) -> str:
    terms = []
    for _ in range(chance.choice([1, 1, 2, 3])):
        if chance.random() < 0.4:
            terms.append("/" + chance.choice("yQMwdHhm"))
            continue
        unit = chance.choice(units)
        most = {"y": 6, "Q": 9, "M": 30, "w": 60, "d": 400, "b": 40, "H": 99, "h": 99, "m": 3000, "s": 90000}[unit]
        low = 1 if unit == "b" else 0
        terms.append(f"{chance.choice('+-')}{chance.choice([chance.randint(low, 3), chance.randint(low, most)])}{unit}")
    return "".join(terms)


def near_a_change(chance: random.Random, zone: ZoneInfo) -> datetime:
    """A time within two hours of a change of the offset, if that year has one."""
    start = datetime(chance.randint(1995, 2035), 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=h) for h in range(0, 366 * 24, 24)]
    changes = [a for a, b in pairwise(hours) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]
    at = chance.choice(changes or hours)
    low = at.astimezone(zone).utcoffset()
    turn = next(
        (
            at + timedelta(minutes=m)
            for m in range(1441)
            if (at + timedelta(minutes=m)).astimezone(zone).utcoffset() != low
        ),
        at,
    )
    return turn + timedelta(minutes=chance.randint(-120, 120), seconds=chance.choice([0, 0, 29]))


def random_instant(chance: random.Random, zone: ZoneInfo) -> datetime:
    if chance.random() < 0.4:
        return near_a_change(chance, zone)
    months = chance.choice([1, 2, 2, 3, 12, chance.randint(1, 12)])
    year = chance.randint(1995, 2035)
    day = chance.choice([1, calendar.monthrange(year, months)[1], chance.randint(1, 28)])
    return datetime(year, months, day, chance.randint(0, 23), chance.randint(0, 59), chance.randint(0, 59), tzinfo=UTC)


def random_calendar(chance: random.Random, around: datetime) -> Calendar:
    weekend = chance.choice([[6, 7], [6, 7], [5, 6], [7], []])
    days = [around.date() + timedelta(days=chance.randint(-40, 40)) for _ in range(chance.randint(0, 12))]
    return Calendar(weekend, days)


def evaluate(expression: str, at: datetime, zone: ZoneInfo, works: Calendar) -> str:
    context = {
        "schedule": {"time": f"{at:%Y-%m-%dT%H:%M:%SZ}", "timezone": zone.key},
        "calendar": {"weekend": works.weekend, "holidays": [d.isoformat() for d in sorted(works.holidays)]},
    }
    done = subprocess.run(
        [PROGRAM, "eval", expression, "--context", "-"],
        input=json.dumps(context),
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert done.returncode == 0, f"{expression} {json.dumps(context)}\n{done.stderr}"
    return done.stdout.removesuffix("\n")


class Case:
    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self.zone = ZoneInfo(self.chance.choice(ZONES))
        self.at = random_instant(self.chance, self.zone)
        self.works = random_calendar(self.chance, self.at)

    def value(self, expression: str) -> str:
        return evaluate(expression, self.at, self.zone, self.works)

    def told(self, expression: str) -> str:
        calendar_text = f"weekend {self.works.weekend}, holidays {sorted(map(str, self.works.holidays))}"
        return f"{expression} at {self.at:%FT%TZ} in {self.zone.key}, {calendar_text}"


@pytest.mark.parametrize("seed", range(12))
def test_a_shift_leads_where_the_calendar_says(seed: int) -> None:
    for n in range(15):
        case = Case(f"shift {seed} {n}")
        shift = random_shift(case.chance, "yQMwdHhms")
        expression = f"${{date:iso,{shift}}}"
        expected = printed(shifted(case.at, shift, case.zone, case.works), "iso", case.zone)
        assert case.value(expression) == expected, case.told(expression)


@pytest.mark.parametrize("seed", range(6))
def test_business_days_are_those_that_a_walk_counts(seed: int) -> None:
    for n in range(10):
        case = Case(f"business {seed} {n}")
        shift = (
            f"{random_shift(case.chance, 'wdM')}{case.chance.choice(['+1b', '-1b', '+3b', '-12b', '/d+0b', '/d-0b'])}"
        )
        expression = f"${{date:iso,{shift}}}"
        expected = printed(shifted(case.at, shift, case.zone, case.works), "iso", case.zone)
        assert case.value(expression) == expected, case.told(expression)


@pytest.mark.parametrize("seed", range(4))
def test_every_conversion_prints_what_the_calendar_says(seed: int) -> None:
    for n in range(10):
        case = Case(f"format {seed} {n}")
        parts = [f"%{letter}" for letter in case.chance.sample(LETTERS, 6)]
        text = case.chance.choice([*NAMES, "utc", "/".join(parts), "_".join(parts)])
        expression = f"${{date:{text}}}"
        assert case.value(expression) == printed(case.at, text, case.zone), case.told(expression)


@pytest.mark.parametrize("seed", range(3))
def test_a_date_in_another_zone_is_shifted_and_printed_there(seed: int) -> None:
    for n in range(10):
        case = Case(f"zone {seed} {n}")
        zone, shift = ZoneInfo(case.chance.choice(ZONES)), random_shift(case.chance, "yMwdH")
        expression = f"${{date.in:{zone.key},iso,{shift}}}"
        expected = printed(shifted(case.at, shift, zone, case.works), "iso", zone)
        assert case.value(expression) == expected, case.told(expression)


@pytest.mark.parametrize("seed", range(3))
def test_a_list_of_dates_is_counted_from_its_beginning(seed: int) -> None:
    for n in range(10):
        case = Case(f"dates {seed} {n}")
        unit = case.chance.choice("dwMH")
        size = case.chance.randint(1, 3)
        first = case.chance.choice(["/d", "/d" if unit == "H" else "/M", "+0d"]) + f"-{case.chance.randint(1, 9)}{unit}"
        expression = f"${{dates:%F %H,{first},/d,{size}{unit}}}"
        start, end = (shifted(case.at, shift, case.zone, case.works) for shift in (first, "/d"))
        elements = [add(start, k * size, unit, case.zone, case.works) for k in range(800)]
        expected = ",".join(printed(e, "%F %H", case.zone) for e in elements if e < end)
        assert case.value(expression) == expected, case.told(expression)


def complete_units(a: datetime, b: datetime, unit: str, zone: ZoneInfo, works: Calendar) -> int:
    count = 0
    if a <= b:
        while add(a, count + 1, unit, zone, works) <= b:
            count += 1
        return count
    while add(a, count - 1, unit, zone, works) >= b:
        count -= 1
    return count


@pytest.mark.parametrize("seed", range(3))
def test_a_difference_is_the_number_of_units_that_fit(seed: int) -> None:
    for n in range(10):
        case = Case(f"diff {seed} {n}")
        other = case.at + timedelta(seconds=case.chance.choice([-1, 1]) * case.chance.randint(0, 300 * 86400))
        unit = case.chance.choice("dwMyHms")
        a, b = (f"{i:%Y-%m-%dT%H:%M:%SZ}" for i in (case.at, other))
        expression = f"${{diff:{unit},{a},{b}}}"
        if unit in SECONDS:
            expected = int((other - case.at).total_seconds() / SECONDS[unit])
        else:
            expected = complete_units(case.at, other, unit, case.zone, case.works)
        assert case.value(expression) == str(expected), case.told(expression)


@pytest.mark.parametrize("seed", range(2))
def test_business_days_between_two_dates_leave_the_first_out(seed: int) -> None:
    for n in range(10):
        case = Case(f"between {seed} {n}")
        first = case.at.date() + timedelta(days=case.chance.randint(-30, 30))
        last = first + timedelta(days=case.chance.randint(0, 60))
        expression = f"${{diff:b,{first},{last}}}"
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        assert case.value(expression) == str(sum(map(case.works.works, days))), case.told(expression)
