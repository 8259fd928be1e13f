"""Compiles the time zone database into shared/time/tzdata_generated.c.

The source is the PyPI package tzdata (pinned in requirements.txt), which holds IANA's data as slim
TZif files. Files that are equal are stored once. usage: gen_tzdata.py [--check]
With --check nothing is written; the exit status says whether the committed file is current.
"""

import argparse
import sys
from importlib import metadata, resources
from pathlib import Path

import tzdata

OUTPUT = Path(__file__).resolve().parent.parent / "shared/time/tzdata_generated.c"
WORD = 8
WORDS_A_LINE = 5


def zone_names() -> list[str]:
    """The names of all zones and links, sorted by bytes."""
    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return sorted(listed.split())


def zone_file(name: str) -> bytes:
    """The TZif file of a zone."""
    data = resources.files("tzdata").joinpath("zoneinfo").joinpath(*name.split("/")).read_bytes()
    if not data.startswith(b"TZif") or len(data) > 0xFFFF:
        raise SystemExit(f"gen_tzdata: {name} is no TZif file of a size that fits")
    return data


def pack(names: list[str]) -> tuple[bytes, list[tuple[int, int]]]:
    """All files one after the other, each from a word on; and (first word, length) of every name."""
    packed = b""
    places: dict[bytes, int] = {}
    entries: list[tuple[int, int]] = []
    for name in names:
        data = zone_file(name)
        if data not in places:
            places[data] = len(packed) // WORD
            packed += data + bytes(-len(data) % WORD)
        entries.append((places[data], len(data)))
    if len(packed) // WORD > 0xFFFF:
        raise SystemExit("gen_tzdata: the database has outgrown 16 bit word numbers")
    return packed, entries


def render() -> str:
    """The text of the C file."""
    names = zone_names()
    packed, entries = pack(names)
    words = [int.from_bytes(packed[at : at + WORD], "big") for at in range(0, len(packed), WORD)]
    lines = [
        f"/* Made by tools/gen_tzdata.py from the PyPI package tzdata {metadata.version('tzdata')}; do not edit. */",
        '#include "time/tzdata.h"',
        "",
        f'const char bf_tzdata_version[] = "{tzdata.IANA_VERSION}";',
        f"const size_t bf_tzdata_count = {len(names)};",
        "",
        "const struct bf_sv bf_tzdata_names[] = {",
    ]
    lines += [f'    {{"{name}", {len(name)}}},' for name in names]
    lines += ["};", "", "const struct bf_tzdata_entry bf_tzdata_entries[] = {"]
    lines += [f"    {{{word}, {length}}}," for word, length in entries]
    lines += ["};", "", "const uint64_t bf_tzdata_words[] = {"]
    for at in range(0, len(words), WORDS_A_LINE):
        lines.append("    " + " ".join(f"{word:#x}," for word in words[at : at + WORDS_A_LINE]))
    lines += ["};", ""]
    return "\n".join(lines)


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file is current")
    arguments = parser.parse_args()
    text = render()
    if arguments.check:
        if OUTPUT.exists() and OUTPUT.read_text(encoding="ascii") == text:
            print(f"{OUTPUT.name} is current: tzdb {tzdata.IANA_VERSION}")
            return 0
        print(f"{OUTPUT.name} is not what tzdata {tzdata.IANA_VERSION} gives: run tools/gen_tzdata.py")
        return 1
    OUTPUT.write_text(text, encoding="ascii")
    print(f"{OUTPUT.name}: tzdb {tzdata.IANA_VERSION}, {len(text) // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
