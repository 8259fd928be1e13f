"""Who may include whom: cmake/layers.cmake is the one list; every include in the tree is held against it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"buzzflow_(library|function)\((\w+)\s*(?:NEEDS ([\w ]+?))?\s*(?:THIRD_PARTY ([\w ]+?))?\s*\)")
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([\w./-]+)[">]', re.MULTILINE)
FOREIGN = {
    "curl/": "curl",
    "cjson/": "cjson",
    "openssl/": "crypto",
    "yaml.h": "yaml",
    "expat.h": "expat",
    "pcre2.h": "pcre2",
}


def rows() -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    text = (ROOT / "cmake/layers.cmake").read_text()
    return {
        (kind, name): (set((needs or "").split()), set((foreign or "").split()))
        for kind, name, needs, foreign in ROW.findall(text)
    }


def closure(needs: set[str]) -> set[str]:
    table = rows()
    seen: set[str] = set()
    todo = set(needs)
    while todo:
        name = todo.pop()
        seen.add(name)
        todo |= table[("library", name)][0] - seen
    return seen


def offences(folder: Path, allowed: set[str], foreign: set[str]) -> list[str]:
    found = []
    for source in sorted([*folder.glob("*.c"), *folder.glob("*.h")]):
        for include in INCLUDE.findall(source.read_text()):
            where = f"{source.relative_to(ROOT)} includes {include}"
            library = include.split("/")[0]
            if (ROOT / "shared" / library).is_dir() and "/" in include and library not in allowed:
                found.append(where)
            for prefix, name in FOREIGN.items():
                if include.startswith(prefix) and name not in foreign:
                    found.append(where)
    return found


def test_a_library_includes_only_what_its_row_names() -> None:
    found = []
    for (kind, name), (needs, foreign) in rows().items():
        folder = ROOT / ("shared" if kind == "library" else "functions") / name
        found += offences(folder, closure(needs) | {name}, foreign)
    assert not found, "\n".join(found)


def test_every_folder_of_shared_and_functions_has_its_row() -> None:
    table = rows()
    missing = [
        str(p.relative_to(ROOT))
        for kind, parent in (("library", "shared"), ("function", "functions"))
        for p in (ROOT / parent).iterdir()
        if p.is_dir() and (kind, p.name) not in table
    ]
    assert not missing


def test_the_runtime_knows_nothing_of_buzzflow() -> None:
    assert not offences(ROOT / "runtime", set(), {"curl"})


def test_the_layers_have_no_cycle() -> None:
    for (kind, name), (needs, _) in rows().items():
        if kind == "library":
            assert name not in closure(needs), f"{name} needs itself"


def test_a_forbidden_include_would_be_found(tmp_path: Path) -> None:
    folder = ROOT / "shared" / "base"
    assert offences(folder, {"base"}, set()) == []
    assert offences(ROOT / "shared" / "json", {"json"}, set()), "json includes base and cJSON: both must be reported"
