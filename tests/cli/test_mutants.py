"""One broken member anywhere in a definition is found: every place of the definitions in tests/data is broken in turn.

What may be changed without a mistake is what the API leaves open: members that are not needed, names and values of maps
that are the user's own, and values of the same kind. `legal` says which those are; everything else must be refused.
"""

from __future__ import annotations

import copy
import json
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.definition import problems

ROOT = Path(__file__).parents[2]
DEFINITIONS = sorted((ROOT / "tests/data/definitions").glob("*.json"))
NEWER = sorted((ROOT / "tests/data/definitions/sdk3").glob("*.json"))
"""With step types that the second checker does not know."""
TOOL = ROOT / "dist/buzzflow"
MOST = 120
"""Mutants of one definition; of more a sample, always the same."""

Place = tuple[str | int, ...]

OWN_NAMES = re.compile(
    r"(Environment|HyperParameters|StaticHyperParameters|CustomerMetadataProperties|Metadata|"
    r"(?<!ActionOn)Properties|ReportMetrics|RuleParameters|CollectionParameters|HookParameters|JobConfig\.tags|"
    r"applicationConfiguration\[\]\.properties)$|Steps\[\]\.Arguments$"
)
"""Maps whose names are the user's own; the arguments of Lambda and Callback are told apart by the type."""
ANY_SCALAR = re.compile(r"(LeftValue|RightValue|QueryValue|Values\[\]|IterableItems\[\])$")


def places(value: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    yield at, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*at, key))


def general(place: Place) -> str:
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def found(document: Any, place: Place) -> Any:
    for part in place:
        document = document[part]
    return document


def changed(document: Any, place: Place, value: Any) -> Any:
    document = copy.deepcopy(document)
    found(document, place[:-1])[place[-1]] = value
    return document


def renamed(document: Any, place: Place) -> Any:
    document = copy.deepcopy(document)
    holder = found(document, place[:-1])
    members = {f"{key}X" if key == place[-1] else key: item for key, item in holder.items()}
    holder.clear()
    holder.update(members)
    return document


def is_function(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("Get", "Std:Join", "Std:JsonGet")


def step_of(document: Any, place: Place) -> dict[str, Any]:
    """The innermost step that holds the place."""
    step: dict[str, Any] = {}
    for end in range(len(place) + 1):
        value = found(document, place[:end])
        if isinstance(value, dict) and {"Name", "Type", "Arguments"} <= value.keys():
            step = value
    return step


def own_names(document: Any, place: Place) -> bool:
    """Whether the object at the place is a map whose names are the user's own."""
    path = general(place)
    if place and place[-1] == "Arguments":
        return step_of(document, place).get("Type") in ("Lambda", "Callback")
    return bool(OWN_NAMES.search(path)) and not path.endswith("Arguments")


OTHER_KINDS: dict[type, list[Any]] = {
    str: [7, True, None, [], {}, ["a"]],
    int: ["seven", True, None, [], {}],
    float: ["half", True, None, [], {}],
    bool: ["yes", 7, None, [], {}],
    list: ["a", 7, True, None, {}],
    dict: ["a", 7, True, None, []],
    type(None): [7, True, [], {}],
}


def mutants(document: Any) -> Iterator[tuple[str, Any]]:
    """(what was done, the definition)."""
    for place, value in places(document):
        if not place:
            continue
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
        holder = found(document, place[:-1])
        inside = any(is_function(found(document, place[:end])) for end in range(len(place)))
        if isinstance(holder, dict) and not own_names(document, place[:-1]):
            yield f"{path} is renamed", renamed(document, place)
        if isinstance(value, dict) and not own_names(document, place):
            yield f"{path} gets an unknown member", changed(document, place, {**value, "Unheard": "of"})
        single = ANY_SCALAR.search(general(place)) or own_scalar(document, place) or own_names(document, place[:-1])
        for other in OTHER_KINDS[type(value)]:
            scalar = not isinstance(other, list | dict) and other is not None
            if legal_kind(document, place, other) or (single and scalar and not isinstance(value, list | dict)):
                continue
            if (single or inside or is_function(value)) and scalar:
                continue
            yield f"{path} becomes {json.dumps(other)}", changed(document, place, other)
        if is_function(value) and "Get" in value:
            for text in broken_references(value["Get"]):
                yield f"{path} becomes Get {text}", changed(document, (*place, "Get"), text)


def doubtful(document: Any) -> Iterator[tuple[str, Any]]:
    """Changes that may be mistakes: the second checker says whether they are."""
    for place, value in places(document):
        if not place:
            continue
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
        removed = copy.deepcopy(document)
        del found(removed, place[:-1])[place[-1]]
        yield f"{path} is removed", removed
        if isinstance(place[-1], int):
            twice = copy.deepcopy(document)
            found(twice, place[:-1]).append(copy.deepcopy(value))
            yield f"{path} is there twice", twice
        others: list[Any] = []
        if isinstance(value, str):
            others = [value * 5000, value + "?", "", value.swapcase(), " "]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            others = [-1, 0, value + 0.5, 10**12]
        elif isinstance(value, list) and value:
            others = [value * 101]
        for other in others:
            yield f"{path} becomes {json.dumps(other)[:40]}", changed(document, place, other)


def own_scalar(document: Any, place: Place) -> bool:
    """A value in the arguments of a function, which takes any single value."""
    return len(place) > 1 and place[-2] == "Arguments" and own_names(document, place[:-1])


def legal_kind(document: Any, place: Place, other: Any) -> bool:
    """Another kind of value that is no mistake at this place."""
    path, name = general(place), place[-1]
    nullable = ("SuppliedBaselineConstraints", "SuppliedBaselineStatistics", "ModelPackageGroupName", "ModelName")
    if other is None:
        check = str(step_of(document, place).get("Type")).endswith("Check") and name in nullable
        return path in ("PipelineExperimentConfig", "MlflowConfig") or (check and place[-2] != "Arguments")
    if isinstance(other, list) and not other:
        return isinstance(found(document, place), list)
    if isinstance(other, dict) and not other:
        return own_names(document, place)
    return False


def broken_references(text: str) -> list[str]:
    root, _, rest = text.partition(".")
    if root == "ForEach":  # what an item holds is known at the run
        return ["ForEach.", "ForEach.Item", "ForEach.CurrentItem..a"]
    out = [f"{root}.", f"{root}x.{rest}", "", "nothing"]
    if root == "Steps":
        step, _, path = rest.partition(".")
        out += [f"Steps.{step}-gone.{path}", f"Steps.{step}", f"Steps.{step}.{path}X", f"Steps.{step}.{path}[0]"]
    else:
        out += [f"{root}.{rest}X"]
    return out


def survivors(written: dict[str, Any], folder: Path) -> list[str]:
    """What the check takes."""
    names = {}
    for number, (what, document) in enumerate(written.items()):
        path = folder / f"{number}.json"
        path.write_text(json.dumps(document))
        names[str(path)] = what
    refused = set()
    files = list(names)
    for start in range(0, len(files), 100):
        command = [str(TOOL), "check", "--format", "json", "--definition", *files[start : start + 100]]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode in (0, 65), result.stderr
        for line in result.stdout.splitlines():
            finding = json.loads(line)
            if finding["severity"] == "error":
                refused.add(finding["file"])
    return [what for path, what in names.items() if path not in refused]


@pytest.mark.parametrize("file", DEFINITIONS + NEWER, ids=lambda file: file.name.removesuffix(".json"))
def test_one_broken_member_anywhere_is_refused(file: Path, tmp_path: Path) -> None:
    every = dict(mutants(json.loads(file.read_text())))
    sample = random.Random(file.name).sample(sorted(every), min(MOST, len(every)))
    assert survivors({what: every[what] for what in sample}, tmp_path) == []


@pytest.mark.parametrize("file", DEFINITIONS, ids=lambda file: file.name.removesuffix(".json"))
def test_what_the_second_checker_refuses_the_first_does_as_well(file: Path, tmp_path: Path) -> None:
    every = dict(doubtful(json.loads(file.read_text())))
    sample = random.Random(file.name).sample(sorted(every), min(MOST, len(every)))
    taken = survivors({what: every[what] for what in sample}, tmp_path)
    assert [what for what in taken if problems(json.dumps(every[what]))] == []


@pytest.mark.parametrize("file", DEFINITIONS + NEWER, ids=lambda file: file.name.removesuffix(".json"))
def test_the_same_definitions_unbroken_pass(file: Path, tmp_path: Path) -> None:
    assert survivors({"unbroken": json.loads(file.read_text())}, tmp_path) == ["unbroken"]
