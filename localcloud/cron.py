"""When EventBridge Scheduler fires: cron, rate and at, in a time zone, with its daylight saving rules.

After the Scheduler user guide, "Schedule types" and "Daylight savings time on EventBridge Scheduler": six cron fields
(minutes hours day-of-month month day-of-week year, 1 = Sunday); a local time that does not exist is skipped; one that
happens twice fires once, the first time. Written from the guide, as a second opinion on any other implementation.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_MONTH_NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
DAYS = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], start=1)}
FIRST_YEAR, LAST_YEAR = 1970, 2199
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


class BadExpression(ValueError):
    """Not a schedule expression; the message says why."""


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    names: dict[str, int]


_MINUTE = _Field("minutes", 0, 59, {})
_HOUR = _Field("hours", 0, 23, {})
_MONTH_DAY = _Field("day-of-month", 1, 31, {})
_MONTH = _Field("month", 1, 12, MONTHS)
_WEEK_DAY = _Field("day-of-week", 1, 7, DAYS)
_YEAR = _Field("year", FIRST_YEAR, LAST_YEAR, {})


def _number(text: str, field: _Field) -> int:
    value = field.names.get(text.upper())
    if value is None:
        if not re.fullmatch(r"\d{1,4}", text):
            raise BadExpression(f"{field.name}: {text!r}")
        value = int(text)
    if not field.low <= value <= field.high:
        raise BadExpression(f"{field.name}: {text} is not in {field.low}-{field.high}")
    return value


def _values(text: str, field: _Field) -> frozenset[int]:
    """The values of a list, range or step."""
    found: set[int] = set()
    for part in text.split(","):
        base, slash, step_text = part.partition("/")
        step = 1
        if slash:
            if not re.fullmatch(r"\d{1,4}", step_text) or int(step_text) < 1:
                raise BadExpression(f"{field.name}: step {step_text!r}")
            step = int(step_text)
        found.update(_span(base, bool(slash), field)[::step])
    return frozenset(found)


def _span(base: str, stepped: bool, field: _Field) -> list[int]:
    """The values that a step is taken over; a range wraps round when its end is before its start."""
    if base == "*":
        return list(range(field.low, field.high + 1))
    first, dash, last = base.partition("-")
    start = _number(first, field)
    if dash:
        end = _number(last, field)
        if start <= end:
            return list(range(start, end + 1))
        return list(range(start, field.high + 1)) + list(range(field.low, end + 1))
    return list(range(start, field.high + 1)) if stepped else [start]


@dataclass(frozen=True)
class Cron:
    """A cron expression, read."""

    minutes: frozenset[int]
    hours: frozenset[int]
    month_day: str
    months: frozenset[int]
    week_day: str
    years: frozenset[int]

    def days(self, year: int, month: int) -> list[int]:
        """The days of a month on which it fires."""
        last = calendar.monthrange(year, month)[1]
        if self.week_day == "?":
            return _month_days(self.month_day.upper(), year, month, last)
        return _week_days(self.week_day.upper(), year, month, last)


def parse_cron(text: str) -> Cron:
    """Six fields, without the word cron. Raises BadExpression."""
    fields = text.split()
    if len(fields) != 6:
        raise BadExpression(f"{len(fields)} fields, six are required")
    minute, hour, month_day, month, week_day, year = fields
    if (month_day == "?") == (week_day == "?"):
        raise BadExpression("exactly one of day-of-month and day-of-week must be ?")
    cron = Cron(
        _values(minute, _MINUTE),
        _values(hour, _HOUR),
        month_day,
        _values(month, _MONTH),
        week_day,
        _values(year, _YEAR),
    )
    cron.days(2024, 2)  # the day fields are read anew for each month; a mistake shows here
    return cron


def _month_days(text: str, year: int, month: int, last: int) -> list[int]:
    if text == "L":
        return [last]
    if match := re.fullmatch(r"(\d{1,2})W", text):
        day = _number(match[1], _MONTH_DAY)
        return [_nearest_weekday(year, month, day, last)] if day <= last else []
    return sorted(day for day in _values(text, _MONTH_DAY) if day <= last)


def _nearest_weekday(year: int, month: int, day: int, last: int) -> int:
    """The weekday nearest to a day, without leaving the month."""
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < last else day - 2
    return day


def _week_days(text: str, year: int, month: int, last: int) -> list[int]:
    def numbered(day: int) -> int:
        return (calendar.weekday(year, month, day) + 1) % 7 + 1  # Monday is 0 there, Sunday is 1 here

    if text == "L":
        return [day for day in range(1, last + 1) if numbered(day) == 7]
    if match := re.fullmatch(r"(\w+)L", text):
        wanted = _number(match[1], _WEEK_DAY)
        return [max(day for day in range(last - 6, last + 1) if numbered(day) == wanted)]
    if match := re.fullmatch(r"(\w+)#(\d)", text):
        wanted, nth = _number(match[1], _WEEK_DAY), int(match[2])
        if not 1 <= nth <= 5:
            raise BadExpression(f"day-of-week: #{nth}")
        days = [day for day in range(1, last + 1) if numbered(day) == wanted]
        return days[nth - 1 : nth]
    wanted_days = _values(text, _WEEK_DAY)
    return [day for day in range(1, last + 1) if numbered(day) in wanted_days]


def cron_fires(cron: Cron, zone: ZoneInfo, after: datetime.datetime) -> Iterator[datetime.datetime]:
    """Every fire strictly after an instant, as UTC instants in order."""
    local = after.astimezone(zone).date()
    first = local - datetime.timedelta(days=2)  # an offset change may reorder the instants of neighbouring days
    for year in sorted(y for y in cron.years if y >= first.year):
        for month in sorted(cron.months):
            if (year, month) < (first.year, first.month):
                continue
            for day in cron.days(year, month):
                yield from (at for at in _instants(cron, zone, datetime.date(year, month, day)) if at > after)


def _instants(cron: Cron, zone: ZoneInfo, day: datetime.date) -> list[datetime.datetime]:
    found = []
    for hour in cron.hours:
        for minute in cron.minutes:
            local = datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=0)
            instant = local.astimezone(datetime.UTC)
            exists = instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
            if exists:
                found.append(instant)
    return sorted(found)


def next_fire(
    expression: str, zone_name: str, after: datetime.datetime, start: datetime.datetime | None = None
) -> datetime.datetime | None:
    """The first fire strictly after an instant; None when there is none. `start` is the origin of a rate."""
    zone = read_zone(zone_name)
    kind, inner = read_expression(expression)
    if kind == "cron":
        return next(cron_fires(parse_cron(inner), zone, after), None)
    if kind == "rate":
        return _next_rate(rate_seconds(inner), after, start)
    at = parse_at(inner, zone)
    return at if at > after else None


def _next_rate(seconds: int, after: datetime.datetime, start: datetime.datetime | None) -> datetime.datetime:
    if start is None:
        raise BadExpression("a rate without a start has no fixed fires")
    if start > after:
        return start
    elapsed = (after - start).total_seconds()
    return start + datetime.timedelta(seconds=(int(elapsed // seconds) + 1) * seconds)


def read_expression(expression: str) -> tuple[str, str]:
    """(cron | rate | at, what is inside the parentheses)."""
    match = re.fullmatch(r"(cron|rate|at)\((.*)\)", expression)
    if match is None:
        raise BadExpression(f"Invalid Schedule Expression {expression}.")
    return match[1], match[2].strip()


def rate_seconds(inner: str) -> int:
    match = re.fullmatch(r"(\d+) (minute|hour|day)s?", inner)
    if match is None or int(match[1]) < 1:
        raise BadExpression(f"rate({inner}): a positive whole number of minutes, hours or days")
    return int(match[1]) * UNIT_SECONDS[match[2]]


def parse_at(inner: str, zone: ZoneInfo) -> datetime.datetime:
    try:
        local = datetime.datetime.strptime(inner, "%Y-%m-%dT%H:%M:%S")
    except ValueError as error:
        raise BadExpression(f"at({inner}): {error}") from error
    return local.replace(tzinfo=zone).astimezone(datetime.UTC)


def read_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadExpression(f"The provided Timezone {name} is not supported.") from error


def check_expression(expression: str, zone_name: str) -> None:
    """Raise BadExpression when Scheduler would refuse it."""
    zone = read_zone(zone_name)
    kind, inner = read_expression(expression)
    if kind == "cron":
        parse_cron(inner)
    elif kind == "rate":
        rate_seconds(inner)
    else:
        parse_at(inner, zone)
