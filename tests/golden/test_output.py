"""What check and compile print, where, and with which exit status; the same bytes whenever they are asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOOL = Path(os.environ.get("BUZZFLOW_TOOL", ROOT / "dist/buzzflow")).resolve()
HELLO = "examples/hello.pipeline.yaml"
PLACE = re.compile(r"^(\S+?):(\d+):(\d+): (error|warning|note)\[([a-z]+\.[a-z_]+)\]: ", re.M)
MEMBERS = ["file", "line", "column", "end_column", "severity", "code", "message", "hint", "notes"]
HEAD = """\
version: 1
name: golden
project: demo
storage: {bucket: golden-bucket}
role: arn:aws:iam::123456789012:role/golden
"""
STEP = """\
  %s:
    type: processing
    image: 123456789012.dkr.ecr.us-west-2.amazonaws.com/job:1
    compute: {instance_type: ml.m5.large}
    outputs: {o: {}}
"""
USELESS = HEAD + "parameters: {p: {type: string, default: x}}\nsteps:\n" + STEP % "a"


def run(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        [TOOL, *arguments], cwd=cwd, capture_output=True, text=True, check=False, env=variables, timeout=60
    )


def spec(folder: Path, text: str) -> Path:
    (folder / "spec.pipeline.yaml").write_text(text)
    return folder


def lines_of(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_a_file_without_a_mistake_prints_nothing() -> None:
    result = run("check", "examples/ctr-daily.pipeline.yaml", "--now", "2026-03-01T00:00:00Z")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_check_prints_on_standard_output_and_ends_with_65(tmp_path: Path) -> None:
    result = run("check", "spec.pipeline.yaml", cwd=spec(tmp_path, HEAD + "nam: x\n"))
    assert result.returncode == 65
    assert [m[4] for m in PLACE.findall(result.stdout)] == ["spec.missing_field", "spec.unknown_field"]
    assert result.stderr == ""


def test_compile_prints_mistakes_on_standard_error_and_nothing_else(tmp_path: Path) -> None:
    result = run("compile", "spec.pipeline.yaml", cwd=spec(tmp_path, HEAD + "steps: {a: {type: fail}}\n"))
    assert result.returncode == 65
    assert result.stdout == ""
    assert [m[4] for m in PLACE.findall(result.stderr)] == ["spec.missing_field"]


def test_compile_warns_on_standard_error_beside_the_definition(tmp_path: Path) -> None:
    result = run("compile", "spec.pipeline.yaml", cwd=spec(tmp_path, USELESS))
    assert result.returncode == 0
    assert [m[3:] for m in PLACE.findall(result.stderr)] == [("warning", "parameter.unused")]
    assert json.loads(result.stdout)["Version"] == "2020-12-01"


def test_compile_writes_the_definition_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "definition.json"
    result = run("compile", HELLO, "-o", str(out))
    assert (result.returncode, result.stdout) == (0, "")
    assert out.read_text() == run("compile", HELLO).stdout


def test_warnings_are_errors_when_strict(tmp_path: Path) -> None:
    folder = spec(tmp_path, USELESS)
    plain, strict = (
        run("check", "spec.pipeline.yaml", cwd=folder),
        run("check", "--strict", "spec.pipeline.yaml", cwd=folder),
    )
    assert (plain.returncode, strict.returncode) == (0, 65)
    assert [m[3] for m in PLACE.findall(plain.stdout)] == ["warning"]
    assert [m[3] for m in PLACE.findall(strict.stdout)] == ["error"]


def test_a_note_is_no_error_when_strict(tmp_path: Path) -> None:
    text = HEAD + "steps:\n" + (STEP % "a").replace("    outputs: {o: {}}\n", "")
    result = run("check", "--strict", "spec.pipeline.yaml", cwd=spec(tmp_path, text))
    assert [m[3:] for m in PLACE.findall(result.stdout)] == [("note", "step.unused")]
    assert result.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["check"], 64),
        (["check", "--nope", HELLO], 64),
        (["check", "--format", "xml", HELLO], 64),
        (["check", "no-such-file.yaml"], 66),
        (["compile", "no-such-file.yaml"], 66),
        (["check", HELLO, "--platform", "no-such-file.yaml"], 66),
        (["compile", HELLO, "--backend", "abacus"], 64),
        (["check", HELLO, "--environment", "nowhere"], 65),
        (["compile", HELLO, "--environment", "nowhere"], 65),
        (["check", "--help"], 0),
        (["compile", "--help"], 0),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else str(value),
)
def test_the_exit_status_tells_what_happened(arguments: list[str], status: int) -> None:
    assert run(*arguments).returncode == status


def test_the_machine_form_is_one_object_a_line(tmp_path: Path) -> None:
    text = HEAD + "variables: {n: 0}\nsteps:\n" + (STEP % "a").replace("large}", 'large, count: "${variables.n}"}')
    result = run("check", "--format", "json", "spec.pipeline.yaml", cwd=spec(tmp_path, text))
    (found,) = lines_of(result.stdout)
    assert list(found) == MEMBERS
    assert (found["file"], found["line"], found["column"], found["end_column"]) == ("spec.pipeline.yaml", 11, 51, 65)
    assert (found["severity"], found["code"], found["hint"]) == ("error", "spec.range", None)
    assert found["message"] == "'compute.count' must be between 1 and 100, not 0"
    assert found["notes"] == ["spec.pipeline.yaml:6:16: the value comes from 'variables.n'"]


def test_the_machine_form_of_compile_is_on_standard_error(tmp_path: Path) -> None:
    result = run("compile", "--format", "json", "spec.pipeline.yaml", cwd=spec(tmp_path, HEAD))
    assert result.returncode == 65
    assert result.stdout == ""
    assert [d["code"] for d in lines_of(result.stderr)] == ["spec.missing_field"]


def test_both_forms_tell_the_same(tmp_path: Path) -> None:
    folder = spec(tmp_path, (ROOT / "examples/demo/broken.pipeline.yaml").read_text())
    arguments = ["check", "spec.pipeline.yaml", "--now", "2026-03-01T00:00:00Z"]
    text = PLACE.findall(run(*arguments, cwd=folder).stdout)
    found = lines_of(run(*arguments, "--format", "json", cwd=folder).stdout)
    assert len(text) >= 3
    machine = [(d["file"], str(d["line"]), str(d["column"]), d["severity"], d["code"]) for d in found]
    assert machine == text


def test_mistakes_are_sorted_by_place_and_at_most_100(tmp_path: Path) -> None:
    steps = "".join(f"  s{i}: {{type: fail, mesage: x, message: y}}\n" for i in range(140))
    result = run("check", "spec.pipeline.yaml", cwd=spec(tmp_path, HEAD + "steps:\n" + steps))
    places = [(int(m[1]), int(m[2])) for m in PLACE.findall(result.stdout)]
    assert places == sorted(places)
    assert len(places) == 100
    assert result.returncode == 65


def test_a_mistake_that_every_environment_shows_is_told_once(tmp_path: Path) -> None:
    environments = "environments:\n" + "".join(f"  e{i}: {{name: golden-{i}}}\n" for i in range(5))
    text = HEAD + "steps:\n" + (STEP % "a").replace("large}", "large, count: 0}") + environments
    result = run("check", "spec.pipeline.yaml", cwd=spec(tmp_path, text))
    assert [m[4] for m in PLACE.findall(result.stdout)] == ["spec.range"]


def test_a_mistake_of_one_environment_is_found_without_choosing_it(tmp_path: Path) -> None:
    overlay = "environments:\n  far: {name: golden-far, steps: {a: {compute: {count: 0}}}}\n"
    result = run("check", "spec.pipeline.yaml", cwd=spec(tmp_path, HEAD + "steps:\n" + STEP % "a" + overlay))
    assert [m[1:3] + m[4:] for m in PLACE.findall(result.stdout)] == [("13", "56", "spec.range")]


def test_colour_is_for_terminals(tmp_path: Path) -> None:
    folder = spec(tmp_path, HEAD)
    assert "\x1b" not in run("check", "spec.pipeline.yaml", cwd=folder, TERM="xterm-256color").stdout


@pytest.mark.parametrize("example", ["ctr-daily", "hello", "tuning-top-k"])
def test_the_same_file_gives_the_same_bytes(example: str, tmp_path: Path) -> None:
    file = f"examples/{example}.pipeline.yaml"
    first = run("compile", file)
    second = run("compile", str(ROOT / file), cwd=tmp_path, TZ="Asia/Seoul", LC_ALL="C", HOME="/nowhere")
    assert first.returncode == 0
    assert first.stdout == second.stdout


NESTED = "a: " + "[" * 10_000 + "]" * 10_000 + "\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)
LARGE = HEAD + "description: " + "x" * (1 << 20) + "\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [(NESTED, "yaml.too_large"), (BOMB, "yaml.too_large"), (LARGE, "yaml.too_large")],
    ids=["nested-10000-deep", "alias-bomb", "over-1-MiB"],
)
def test_a_hostile_file_is_refused_at_once(text: str, code: str, tmp_path: Path) -> None:
    folder = spec(tmp_path, text)
    start = time.monotonic()
    result = run("check", "spec.pipeline.yaml", cwd=folder)
    assert time.monotonic() - start < 5
    assert result.returncode == 65
    assert code in [m[4] for m in PLACE.findall(result.stdout)]


def many_steps(count: int) -> str:
    return HEAD + "steps:\n" + "".join(STEP % f"s{i}" for i in range(count))


def test_a_definition_over_1_MiB_is_refused(tmp_path: Path) -> None:
    result = run("compile", "spec.pipeline.yaml", cwd=spec(tmp_path, many_steps(2500)))
    assert (result.returncode, result.stdout) == (65, "")
    assert ("1", "1", "error", "definition.size") in [m[1:] for m in PLACE.findall(result.stderr)]


def test_a_definition_over_100_KiB_gets_a_note_only(tmp_path: Path) -> None:
    result = run("compile", "spec.pipeline.yaml", cwd=spec(tmp_path, many_steps(300)))
    assert result.returncode == 0
    assert ("1", "1", "note", "definition.size") in [m[1:] for m in PLACE.findall(result.stderr)]


LIMIT = 1 << 20
HEAD_OF_SHAPES = "version: 1\nname: n\nproject: p\nstorage: {bucket: bucket}\nrole: arn:aws:iam::123456789012:role/ml\n"
ONE_STEP = "steps: {a: {type: fail, message: m}}\n"


def filled(head: str, item: str, tail: str = "") -> str:
    """A file at the limit: ${head}, ${item} as often as it fits, ${tail}; {i} in an item is its number."""
    parts, size, i = [head], len(head) + len(tail), 0
    while size < LIMIT:
        parts.append(item.replace("{i}", f"{i:x}"))
        size += len(parts[-1])
        i += 1
    return "".join(parts[:-1]) + tail


VALUES = HEAD_OF_SHAPES + ONE_STEP
JOB = HEAD_OF_SHAPES + (
    "steps:\n a:\n  type: processing\n  image: i\n  compute: {instance_type: ml.m5.xlarge}\n  outputs: {o: {}}\n"
)
SHAPES = {
    "half a million values in a list": filled(VALUES + "variables: {v: [", "0,", "0]}\n"),
    "a list in block style": filled(VALUES + "variables:\n v:\n", " - 0\n"),
    "a large map": filled(VALUES + "variables:\n", " k{i}: 1\n"),
    "keys without values": filled(VALUES + "variables: {", "{i}a,", "}\n"),
    "lists in lists": filled(VALUES + "variables: {v: [", "[" * 150 + "]" * 150 + ",", "0]}\n"),
    "empty maps": filled(VALUES + "variables: {v: [", "{},", "0]}\n"),
    "interpolations": filled(VALUES + "variables:\n a: 1\n v: [", '"${..a}",', "0]\n"),
    "interpolated keys": filled(VALUES + "variables:\n a: 1\n", " k{i}: ${.a}\n"),
    "references": filled(VALUES + "parameters: {a: {type: string}}\nvariables: {v: [", '"${param:a}",', "0]}\n"),
    "anchors": filled(VALUES + "variables: {v: [", "&{i} 0,", "0]}\n"),
    "aliases": filled(VALUES + "variables:\n m: &m 0\n v: [" + "*m," * 9900, "0,", "0]\n"),
    "a long text": filled(VALUES + 'variables: {v: "', "\\n", '"}\n'),
    "comments": filled(VALUES, "#\n"),
    "unknown fields": filled(VALUES, "k{i}: 1\n"),
    "unquoted booleans": filled(VALUES + "variables: {v: [", "no,", "0]}\n"),
    "unknown anchors": filled(VALUES + "variables: {v: [", "*b,", "0]}\n"),
    "keys that are not there": filled(VALUES + "variables: {v: [", '"${a}",', "0]}\n"),
    "mandatory values": filled(VALUES + "variables: {v: [", '"???",', "0]}\n"),
    "tiny steps": filled(HEAD_OF_SHAPES + "steps:\n", " s{i}: {type: fail, message: m}\n"),
    "steps without a type": filled(HEAD_OF_SHAPES + "steps:\n", " s{i}: {a: 1}\n"),
    "steps that need an unknown one": filled(
        HEAD_OF_SHAPES + "steps:\n", " s{i}: {type: fail, message: m, depends_on: [x]}\n"
    ),
    "needs that are unknown": filled(JOB + "  depends_on: [", "x,", "x]\n"),
    "arguments": filled(JOB + "  arguments: [", "0,", "0]\n"),
    "arguments that are lists": filled(JOB + "  arguments: [", "[],", "0]\n"),
    "errors of a retry policy": filled(JOB + "  retry: [{errors: [", "x,", "x]}]\n"),
    "people to mention": filled(VALUES + "alerts: {mention: [", "x,", "x]}\n"),
    "zeros in a raw part": filled(JOB + "  raw: {A: [", "0,", "0]}\n"),
    "a raw part as large as it may be": filled(
        JOB + "  raw: {A: [" + "a," * 99_000 + "a]}\nvariables: {v: [", "0,", "0]}\n"
    ),
    "conditions": filled(
        JOB + " c:\n  type: condition\n  if: [{any: [",
        "{left: '${execution:id}', eq: a},",
        "{left: 1, eq: 1}]}]\n  then: {f: {type: fail, message: m}}\n",
    ),
    "a list in an interpolation": filled(VALUES + 'variables: {v: "${oc.create:[', "0,", '0]}"}\n'),
    "references in one text": filled(JOB + '  env: {x: "', "${param:p}", '"}\nparameters: {p: {type: string}}\n'),
    "references used in texts": filled(
        JOB + "parameters: {p: {type: string}}\nvariables:\n l: '" + "${param:p}" * 20_000 + "'\n u: [",
        '"x${..l}",',
        "0]\n",
    ),
    "sources of their own": filled(HEAD_OF_SHAPES + ONE_STEP + "common: {", "k{i}: ./{i},", "k: ./k}\n"),
    "steps of an overlay that are no maps": filled(
        VALUES + "environments: {e: {name: o, steps: {", "k{i}: 0,", "k: 0}}}\n"
    ),
    "defaults under each step": filled(
        HEAD_OF_SHAPES + "defaults: {env: {" + "".join(f"a{i}: b," for i in range(1000)) + "}}\nsteps:\n",
        " s{i}: {type: processing, env: {b: c}}\n",
    ),
    "events to alert of": filled(VALUES + "alerts: {events: [", "x,", "x]}\n"),
    "steps with defaults": filled(
        HEAD_OF_SHAPES + "defaults: {image: i, compute: {instance_type: ml.m5.xlarge}}\nsteps:\n",
        " s{i}: {type: processing}\n",
    ),
    "twenty environments": HEAD_OF_SHAPES
    + "defaults: {image: i, compute: {instance_type: ml.m5.xlarge}}\nsteps:\n"
    + "".join(f" s{i}: {{type: processing}}\n" for i in range(1000))
    + "environments:\n"
    + "".join(f" e{i}: {{name: n{i}}}\n" for i in range(20)),
    "ten environments of 15,000 interpolations": HEAD_OF_SHAPES
    + "steps:\n"
    + "".join(f' s{i}: {{type: fail, message: "${{name}}"}}\n' for i in range(15000))
    + "environments:\n"
    + "".join(f" e{i}: {{name: n{i}}}\n" for i in range(10)),
}
ZEROS = "0," * 99_000
BOUNDS = [
    (JOB + "  raw: {A: [" + ZEROS + "0]}\n", []),
    (
        JOB + "  raw: {A: [" + ZEROS * 2 + "0]}\n",
        ["spec.length]: 'raw' holds 198003 values; a field of a step takes 100000"],
    ),
    (
        JOB + "  raw: {A: [" + ZEROS + "0]}\n b:\n  type: raw\n"
        "  sagemaker: {Type: EMR, Arguments: {A: [" + ZEROS[:4000] + "0]}}\n",
        ["spec.length]: the steps up to 'b' hold 101022 values; all steps of a file take 100000 together"],
    ),
    (VALUES + "variables: {a: 1, v: '" + "${.a}" * 50_000 + "'}\n", []),
    (
        VALUES + "variables: {a: 1, v: '" + "${.a}" * 50_001 + "'}\n",
        ["interpolation.syntax]: more than 50000 interpolations, and items in their arguments"],
    ),
    (
        VALUES + 'variables: {v: "${oc.create:[' + ZEROS + ']}"}\n',
        ["interpolation.syntax]: more than 50000 interpolations, and items in their arguments"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), BOUNDS, ids=range(len(BOUNDS)))
def test_what_a_step_and_a_text_may_hold_is_bounded(text: str, expected: list[str], tmp_path: Path) -> None:
    result = run("check", "spec.pipeline.yaml", cwd=spec(tmp_path, text))
    found = [line.split("error[", 1)[1] for line in result.stdout.splitlines() if ": error[" in line]
    assert [message for message in found if not message.startswith("shape.")] == expected


# A child counts the memory of the process it was forked from: a small one stands between.
MEASURE = (
    "import resource, subprocess, sys; status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL,"
    "stderr=subprocess.DEVNULL);"
    "print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


@pytest.mark.parametrize("command", ["check", "resolve"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_of_1_MiB_takes_less_than_64_MiB(tmp_path: Path, shape: str, command: str) -> None:
    text = SHAPES[shape]
    assert len(text) <= LIMIT
    (tmp_path / "spec.pipeline.yaml").write_text(text)
    line = [sys.executable, "-c", MEASURE, str(TOOL), command, "spec.pipeline.yaml"]
    status, kib = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()
    assert int(status) in (0, 65)
    assert int(kib) < 64 * 1024
