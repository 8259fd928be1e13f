"""Writes tests/data/zoneinfo.tsv: what Python's zoneinfo says about every zone of the embedded database.

zoneinfo is told to read the pinned PyPI package tzdata only, the source of tzdata_generated.c, so that
the cases do not depend on the machine. Lines, separated by tabs:

    I  zone  instant  offset  abbreviation     the clock at an instant
    L  zone  local  instant                    a wall time, fold 0: earlier of two, forward over a gap

usage: gen_zoneinfo_cases.py [--check]
"""

import argparse
import datetime as dt
import random
import sys
import zoneinfo
from pathlib import Path

import tzdata

OUTPUT = Path(__file__).resolve().parent.parent / "tests/data/zoneinfo.tsv"
UTC = dt.UTC
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
FIRST = int((dt.datetime(1850, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())
LAST = int((dt.datetime(2500, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())
DAY = 86400


def at(instant: int, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The wall clock at an instant."""
    return (EPOCH + dt.timedelta(seconds=instant)).astimezone(zone)


def offset(instant: int, zone: zoneinfo.ZoneInfo) -> int:
    """Seconds east of UTC."""
    difference = at(instant, zone).utcoffset()
    assert difference is not None
    return int(difference.total_seconds())


def transition(zone: zoneinfo.ZoneInfo, near: int) -> int | None:
    """An instant within a year after ${near} from which the offset is another, or None."""
    low = near
    for high in range(near + 7 * DAY, near + 366 * DAY, 7 * DAY):
        if offset(high, zone) != offset(low, zone):
            break
        low = high
    else:
        return None
    before = offset(low, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


def instant_line(name: str, instant: int) -> str:
    """What the clock shows."""
    clock = at(instant, zoneinfo.ZoneInfo(name))
    return f"I\t{name}\t{instant}\t{offset(instant, zoneinfo.ZoneInfo(name))}\t{clock.tzname()}"


def local_line(name: str, local: int) -> str:
    """Which instant a wall time is."""
    wall = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=local)
    instant = wall.replace(tzinfo=zoneinfo.ZoneInfo(name)) - EPOCH
    return f"L\t{name}\t{local}\t{int(instant.total_seconds())}"


def cases(name: str, dice: random.Random) -> list[str]:
    """Random times, and times around a change of the clock if one is found."""
    zone = zoneinfo.ZoneInfo(name)
    lines = [instant_line(name, dice.randrange(FIRST, LAST)), local_line(name, dice.randrange(FIRST, LAST))]
    tries = (dice.randrange(-(2**31), 2**33) for _ in range(8))
    change = next((found for near in tries if (found := transition(zone, near)) is not None), None)
    if change is None:
        return lines
    lines += [instant_line(name, change - 1), instant_line(name, change)]
    for offset_of in (offset(change - 1, zone), offset(change, zone)):
        lines.append(local_line(name, change + offset_of - dice.randrange(1, 3600)))
        lines.append(local_line(name, change + offset_of + dice.randrange(0, 3600)))
    return lines


def render() -> str:
    """The text of the file."""
    zoneinfo.reset_tzpath(())
    dice = random.Random(tzdata.IANA_VERSION)
    names = sorted((Path(tzdata.__file__).parent / "zones").read_text(encoding="ascii").split())
    lines = [f"# tzdb {tzdata.IANA_VERSION}; made by tools/gen_zoneinfo_cases.py"]
    for name in names:
        lines += cases(name, dice)
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file is current")
    text = render()
    if parser.parse_args().check:
        current = OUTPUT.exists() and OUTPUT.read_text(encoding="utf-8") == text
        print(f"{OUTPUT.name} is {'current' if current else 'not current: run tools/gen_zoneinfo_cases.py'}")
        return 0 if current else 1
    OUTPUT.write_text(text, encoding="utf-8")
    print(f"{OUTPUT.name}: {text.count(chr(10))} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
