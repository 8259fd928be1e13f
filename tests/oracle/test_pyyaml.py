"""Scalars and what emitters write, against PyYAML with OmegaConf's loader: the same text through both."""

from __future__ import annotations

import itertools
import json
import math
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from omegaconf._yaml import get_yaml_loader

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))

PARTS = [
    *("", "0", "1", "7", "8", "9", "10", "59", "60", "_", "__", "1_0", "00", "08", "0x", "0x1F", "0b1", "0b2", "0o17"),
    *("1e3", "e", "E", ".", "..", ".5", "5.", "+", "-", ":", ":30", ":5", ":60", ".inf", ".Inf", ".nan", "inf", "nan"),
    *("true", "True", "tRue", "yes", "No", "on", "OFF", "y", "null", "Null", "~", "a", "2026-03-01", "123456789012"),
    *("9223372036854775807", "9223372036854775808", "0.1", "1e-3", "1__0e2", "1.5e3", "1.5e+3", "T", "Z", ",", "="),
]
ALPHABET = "0123456789_+-.:eExbo"
PIECES = [
    *("a", "Z", "0", "_", "-", ".", ":", " ", "\n", "\n\n", "\t", "#", " #", "'", '"', "\\", "{", "}", "[", "]", ","),
    *("&", "*", "!", "|", ">", "%", "@", "`", "?", "=", "~", "é", "한", "😀", "\x07", "\x1b", "\x7f", "\x80", "\x85"),
    *("\xa0", "\u2028", "\u2029", "\ufeff", "\r", "\r\n", "$", "true", "null", "1e3", "<<", "- ", "? ", ": ", "---"),
]


def resolve(text: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [str(PROGRAM), "resolve", "-", *arguments]
    return subprocess.run(command, input=text.encode(), capture_output=True, env={}, timeout=30, check=False)


def pyyaml(text: str) -> Any:
    return yaml.load(text, Loader=get_yaml_loader())


def plain(value: Any) -> Any:
    """Numbers as JSON has them: one kind, and words for those that JSON lacks."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and value.lstrip("+-").lower() in (".inf", ".nan"):
        return value.lstrip("+").lower()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value).replace("inf", ".inf").replace("nan", ".nan")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value))
    return value


def scalars(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    texts = {"".join(pair) for pair in itertools.product(PARTS, repeat=2)} if seed == 0 else set()
    texts |= {"".join(chance.choices(PARTS, k=3)) for _ in range(count)}
    texts |= {"".join(chance.choices(ALPHABET, k=chance.randint(1, 8))) for _ in range(count)}
    return sorted(text for text in texts if text and text[-1] != ":" and text not in ("-", "?", "---"))


@pytest.mark.parametrize("seed", range(3))
def test_a_plain_scalar_is_what_pyyaml_reads(seed: int) -> None:
    texts, wanted = [], []
    for text in scalars(seed, 500):
        try:
            [value] = pyyaml(f"- {text}\n")
        except (yaml.YAMLError, ValueError):
            assert resolve(f"- {text}\n").returncode == 65, text
            continue
        # What no double or 64 bits hold: text in JSON, or a double.
        wide = isinstance(value, int) and abs(value) >= 2**63
        if not wide and not (isinstance(value, float) and math.isinf(value) and "inf" not in text.lower()):
            texts.append(text)
            wanted.append(value)
    assert len(texts) > 500
    for form in ("json", "yaml"):
        done = resolve("".join(f"- {text}\n" for text in texts), "--format", form)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout) if form == "json" else yaml.safe_load(done.stdout.decode())
        for text, value, mine in zip(texts, wanted, found, strict=True):
            assert type(plain(mine)) is type(plain(value)), (form, text)
            close = isinstance(value, float) and ":" in text  # the order of adding in base 60
            assert plain(mine) == plain(value) or (close and math.isclose(mine, value)), (form, text)


def tree(chance: random.Random, depth: int) -> Any:
    kind = chance.random()
    if kind < 0.6 or depth > 3:
        count = 300 if kind < 0.01 else chance.choice([0, 1, 1, 2, 3, 6, 20])
        return "".join(chance.choices(PIECES, k=count))
    if kind < 0.7:
        return chance.choice([True, False, None, 0, -1, 10**18, -(2**63), 0.5, 1e300, -1e-7, 1e16])
    if kind < 0.85:
        return {f"k{i}{tree(chance, 9)}": tree(chance, depth + 1) for i in range(chance.randint(0, 3))}
    return [tree(chance, depth + 1) for _ in range(chance.randint(0, 3))]


@pytest.mark.parametrize("seed", range(3))
def test_what_an_emitter_writes_is_read_and_what_we_write_reads_back(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        text = yaml.safe_dump(
            {"value": tree(chance, 0)},
            default_style=chance.choice([None, None, "'", '"', "|", ">"]),
            default_flow_style=chance.choice([None, True, False]),
            width=chance.choice([5, 20, 80, 1000]),
            allow_unicode=chance.choice([True, False]),
            line_break=chance.choice(["\n", "\r\n"]),
        )
        wanted = pyyaml(text)
        done = resolve(text)
        assert done.returncode == 0, (text, done.stderr)
        assert plain(json.loads(done.stdout)) == plain(wanted), text
        written = resolve(text, "--format", "yaml").stdout.decode()
        assert plain(yaml.safe_load(written)) == plain(wanted), written
