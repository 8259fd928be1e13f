"""Adds up the JUnit files of a test run and prints one line a file, then "N passed, N failed, N skipped".

usage: count_tests.py RESULTS_DIR. Ends with 1 when a test or a step failed, or no test ran.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def counts(file: Path) -> tuple[int, int, int]:
    passed = failed = skipped = 0
    for case in ET.parse(file).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            failed += 1
        elif case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main() -> int:
    folder = Path(sys.argv[1])
    total = (0, 0, 0)
    for file in sorted(folder.glob("*.xml")):
        row = counts(file)
        print(f"  {file.stem:32} {row[0]:5} passed {row[1]:3} failed {row[2]:3} skipped")
        total = (total[0] + row[0], total[1] + row[1], total[2] + row[2])
    steps = folder / "failed-steps"
    if steps.exists():
        print("failed steps: " + ", ".join(steps.read_text().splitlines()))
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 0 if total[0] and not total[1] and not steps.exists() else 1


if __name__ == "__main__":
    sys.exit(main())
