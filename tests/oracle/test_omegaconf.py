"""Interpolation and YAML against OmegaConf, whose language ours is: the same random texts through both.

Where the two differ on purpose (docs of `shared/spec/document.h`), the difference is named in `is_known_difference`.
"""

from __future__ import annotations

import json
import math
import os
import random
import re
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))
EXAMPLES = json.loads((ROOT / "tests/data/interpolation.examples.json").read_text(encoding="utf-8"))

BASE = """\
str: hi
int: 123
flag: true
nothing: null
dict: {a: 0, b: {c: 1, up: "${..a}", rel: "${.c}"}, "c.d": 9}
list: [-1, 0, "${str}", [5, "${..1}"], {k: v, n: "${.k}"}]
options: {a: A, b: B}
choice: a
ref_str: str
rel_opt: .options
"x@y": 7
"0": zero
"1": {"2": 12}
dash-key: dashed
miss: "???"
chain: ${chain2}
chain2: ${dict}
loop: ${loop2}
loop2: ${loop}
reflist: ${list}
tomiss: ${miss}
bad: ${nope}
pathy: dict.b
"""
VARIABLES = {
    "WORD": "v1",
    "TEXT": "${str}",
    "LIST": "[a, 2, ${str}]",
    "EMPTY": "",
    "MAP": "{a: 1, b: [x, 'y z'], c: ${int}}",
    "BLANK": " 8",
    "NUMBER": "8",
    "QUOTED": "'it'",
}
KEYS = [
    *("str", "int", "flag", "nothing", "dict", "list", "options", "choice", "ref_str", "rel_opt", "x@y", "0", "1"),
    *("dash-key", "miss", "chain", "chain2", "loop", "reflist", "tomiss", "bad", "pathy", "nope", "a", "b", "c"),
]
ODD_KEYS = ["-1", "+2", "3", "c.d", "é", "a b", "true", "$x", "x=y", "a,b", "a-", "-", "'q'"]
TOKENS = [
    *("a", "1", "-2", "1.5", "true", "False", "null", "NuLL", "abc-d", "007", "1__0", "a:b", "a/b.c", "$x", "%F"),
    *("*", "?", "|", "x\\,y", "a\\:b", "0x1F", "-", "+", "a b  c", "é", "(x)", "a=b", "\\\\", "\\[", "1e", "infx"),
    *("WORD", "LIST", "MAP", "UNSET", "dict", "list", "dict.b", ".str", "..str"),
]
RESOLVERS = ["oc.env", "oc.select", "oc.decode", "oc.dict.keys", "oc.dict.values", "nope", "oc.${choice}"]


class Texts:
    """Random texts, most of them in the grammar, some of them damaged."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def key(self, depth: int) -> str:
        if self.chance(0.15) and depth < 3:
            return self.interpolation(depth + 1)
        return self.random.choice(KEYS if self.chance(0.85) else ODD_KEYS)

    def path(self, depth: int) -> str:
        path = self.random.choice(["", "", "", "", ".", "..", "..."])
        path += self.key(depth) if self.chance(0.9) else f"[{self.key(depth)}]"
        for _ in range(self.random.choice([0, 0, 1, 1, 2, 3])):
            path += f".{self.key(depth)}" if self.chance(0.6) else f"[{self.key(depth)}]"
        return path

    def primitive(self, depth: int) -> str:
        kind = self.random.random()
        if kind < 0.6 or depth > 3:
            return self.random.choice(TOKENS)
        if kind < 0.75:
            return self.interpolation(depth + 1)
        if kind < 0.85:
            between = self.random.choice(["", " ", "-", ":"])
            return self.primitive(depth + 1) + between + self.primitive(depth + 1)
        quote = self.random.choice("'\"")
        return quote + self.text(depth + 1) + (quote if self.chance(0.95) else "")

    def collection(self, depth: int) -> str:
        items = [self.element(depth + 1) for _ in range(self.random.randint(0, 3))]
        if self.chance(0.6):
            return "[" + ", ".join(items) + self.random.choice(["", "", " ", ","]) + "]"
        keys = (self.random.choice(["a", "b", "1", "x y", "a-b"]) for _ in items)
        return "{" + ", ".join(f"{key}: {item}" for key, item in zip(keys, items, strict=True)) + "}"

    def element(self, depth: int) -> str:
        return self.primitive(depth) if depth > 3 or self.chance(0.75) else self.collection(depth)

    def call(self, depth: int) -> str:
        if self.chance(0.1):
            return f"oc.create:{self.collection(depth)}"
        name = self.random.choice(RESOLVERS)
        if name == "oc.decode" and self.chance(0.6):
            return "oc.decode:${oc.env:" + self.random.choice(list(VARIABLES)) + "}"
        count = self.random.choice([1, 1, 1, 2, 2, 0, 3])
        arguments = self.random.choice([",", " , ", ", "]).join(self.element(depth + 1) for _ in range(count))
        return name + self.random.choice([":", ":", ": ", " :"]) + arguments

    def interpolation(self, depth: int) -> str:
        body = self.path(depth) if depth > 3 or self.chance(0.55) else self.call(depth)
        text = "${" + self.random.choice(["", "", " "]) + body + self.random.choice(["", "", " "]) + "}"
        if self.chance(0.04):
            return text[:-1]
        if self.chance(0.04):
            at = self.random.randrange(len(text))
            return text[:at] + self.random.choice("${}[]().:,'\" \\") + text[at:]
        return text

    def text(self, depth: int) -> str:
        literals = ["", "", "", "a", "\\", "\\\\", "\\\\\\", "$", "$$", "{", "}", "x y", ":", "\\'", '\\"', "é"]
        parts = []
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            parts.append(self.random.choice(literals))
            if self.chance(0.85):
                parts.append(self.interpolation(depth))
        return "".join(parts)


@dataclass
class Outcome:
    """A value, or the kinds of the errors with what was said."""

    value: Any = None
    errors: frozenset[str] = frozenset()
    said: str = ""


def single_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def ours(document: str, path: str, folder: Path, env: dict[str, str] | None = None) -> Outcome:
    file = folder / "f.yaml"
    file.write_text(document, encoding="utf-8")
    command = [str(PROGRAM), "resolve", str(file), *(["--path", path] if path else [])]
    done = subprocess.run(command, capture_output=True, env=env or {}, timeout=20, check=False)
    said = done.stderr.decode()
    assert done.returncode in (0, 65), said
    if done.returncode == 0:
        return Outcome(value=json.loads(done.stdout))
    return Outcome(errors=frozenset(re.findall(r"error\[(?:interpolation\.)?([a-z._]+)\]", said)), said=said)


KINDS: list[tuple[str, str]] = [
    ("Grammar", "syntax"),
    ("recursi", "cycle"),
    ("parent node detected", "cycle"),
    ("UnsupportedInterpolation", "resolver"),
    ("MissingMandatory", "missing"),
    ("ToMissingValue", "missing"),
    ("InterpolationKeyError", "key"),
    ("ConfigKeyError", "key"),
    ("Key not found", "key"),
    ("Environment variable", "env"),
]


def theirs(read: Callable[[], Any]) -> Outcome:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = read()
            if OmegaConf.is_config(value):
                value = OmegaConf.to_container(value, resolve=True)
        return Outcome(value=value)
    except Exception as error:  # whatever it raises is an answer
        said = f"{type(error).__name__}: {error}"
        for part, kind in KINDS:
            if part.lower() in said.lower():
                return Outcome(errors=frozenset([kind]), said=said)
        return Outcome(errors=frozenset(["type"]), said=said)


def read_key(document: str, key: str) -> Any:
    config: Any = OmegaConf.create(document)
    return config[key]


def plain(value: Any) -> Any:
    """In the form in which both agree: Python's words and numbers in text as ours writes them."""
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str):
        words = re.sub("true|false", lambda m: m[0].lower(), value, flags=re.IGNORECASE)
        return words.replace("None", "null")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def is_known_difference(mine: Outcome, other: Outcome) -> bool:
    if "cannot stand in a text" in mine.said or "is a single value" in mine.said:
        return True  # a map or list in text: Python's repr there, an error here
    if "a key must be a string" in mine.said:
        return True  # OmegaConf 2.4 takes an integer from another node for a key
    # Mistakes of OmegaConf's own, such as an IndexError for the key "[".
    return "AssertionError" in other.said or "IndexError" in other.said


def agree(mine: Outcome, other: Outcome) -> bool:
    if other.errors:  # OmegaConf stops at the first error; we tell all
        return bool(mine.errors & other.errors)
    return not mine.errors and plain(mine.value) == plain(other.value)


@pytest.mark.parametrize("seed", range(8))
def test_random_interpolations_give_what_omegaconf_gives(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = Texts(seed)
    compared = 0
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    for _ in range(60):
        text = texts.text(0)
        document = f"{BASE}x: {single_quoted(text)}\n"
        mine = ours(document, "x", tmp_path, VARIABLES)
        other = theirs(partial(read_key, document, "x"))
        if not agree(mine, other):
            assert is_known_difference(mine, other), f"{text!r}\nours: {mine}\nOmegaConf: {other}"
            continue
        compared += 1
    assert compared > 40  # the rest are known differences


@pytest.mark.parametrize("case", EXAMPLES["cases"], ids=lambda case: str(case["id"]))
def test_the_worked_examples_are_what_omegaconf_gives(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    if "omegaconf" in case:
        pytest.skip("a difference on purpose")
    for name, value in case.get("env", {}).items():
        monkeypatch.setenv(name, value)
    kinds = {"key-not-found": "key", "unknown-resolver": "resolver", "env-unset": "env"}

    def read() -> Any:
        config = OmegaConf.merge(*(OmegaConf.create(doc) for doc in case["docs"]))
        value: Any = config
        for part in case["path"].split("."):
            value = value[int(part) if part.isdigit() else part]
        return value

    outcome = theirs(read)
    if "value" in case["expect"]:
        assert outcome.value == case["expect"]["value"], outcome.said
    elif case["expect"]["error"] == "yaml":
        assert outcome.errors
    else:
        assert outcome.errors == {kinds.get(case["expect"]["error"], case["expect"]["error"])}, outcome.said


SCALARS = [
    *("1", "-7", "+5", "1_000", "010", "08", "0o17", "0x1F", "0b101", "1:30", "0:30", "1:60", "1:30.5", "1.5", "1."),
    *(".5", "-.5", "1e3", "1e-3", "1_0e2", "1__0e2", "1.5e3", ".5e3", ".5e+3", "1e", "yes", "No", "on", "OFF", "y"),
    *("true", "True", "tRue", "null", "Null", "~", "", "2026-03-01", "12345678901234567890", "1.2.3", "a b", "a#b"),
    *("a: b", "- a", "*x", "&x y", "!x", "[a", "{a", "'q'", '"d\\te"', "'it''s'", "|", ">", "@a", "%a", "a:b", "<<"),
]
FLOW = ["1", "a", "'b c'", "true", "null", "1.5", "a b", '"x\\ny"', "*anchor", "http://x/y", "a:b", ""]


class Files:
    """Random YAML of the shapes that configuration files have."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def flow(self, depth: int) -> str:
        kind = self.random.random()
        if kind < 0.6 or depth > 3:
            return self.random.choice(FLOW)
        items = [self.flow(depth + 1) for _ in range(self.random.randint(0, 3))]
        if kind < 0.8:
            return "[" + ", ".join(item or "x" for item in items) + "]"
        return "{" + ", ".join(f"k{i}: {item}" for i, item in enumerate(items)) + "}"

    def block(self, indent: int) -> str:
        blanks = "  " * indent
        lines = []
        for i in range(self.random.randint(1, 4)):
            key = self.random.choice([f"k{i}", f"k{i}", f"'k {i}'", f"{i}"])
            kind = self.random.random()
            if kind < 0.45:
                lines.append(f"{blanks}{key}: {self.random.choice(SCALARS)}")
            elif kind < 0.6:
                lines.append(f"{blanks}{key}: {self.flow(0)}")
            elif kind < 0.7:
                style = self.random.choice(["|", ">", "|-", ">+"])
                lines.append(f"{blanks}{key}: {style}\n{blanks}  one\n{blanks}  two\n\n{blanks}   three")
            elif kind < 0.8:
                lines.append(f"{blanks}{key}: first\n{blanks}  second")
            elif kind < 0.9 or indent > 2:
                lines.append(f"{blanks}{key}:\n{blanks}- {self.random.choice(SCALARS)}\n{blanks}- b")
            else:
                lines.append(f"{blanks}{key}:\n{self.block(indent + 1)}")
        if indent > 0 and self.chance_of_merge():
            lines.insert(0, f"{blanks}<<: *anchor")
        return "\n".join(lines)

    def chance_of_merge(self) -> bool:
        return self.random.random() < 0.3


@pytest.mark.parametrize("seed", range(6))
def test_random_files_load_as_omegaconf_loads_them(seed: int, tmp_path: Path) -> None:
    files = Files(seed)
    loaded = 0
    for _ in range(60):
        document = "base: &anchor {k0: merged, m: 1}\n" + files.block(0) + "\n"
        mine = ours(document, "", tmp_path)
        other = theirs(partial(OmegaConf.create, document))
        if other.errors:
            assert mine.errors, f"{document}\nours: {mine.value}\nOmegaConf: {other.said}"
            continue
        assert not mine.errors, f"{document}\nours: {mine.said}\nOmegaConf: {other.value}"
        assert mine.value == json.loads(json.dumps(other.value)), document
        loaded += 1
    assert loaded > 10
