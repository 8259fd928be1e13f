"""How `buzzflow check` reports: several files at once, --strict, and colours on a terminal only."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW_TOOL", os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))).resolve()
RIGHT = """\
version: 1
name: right
project: demo
storage: {bucket: some-bucket}
role: arn:aws:iam::123456789012:role/demo
steps:
  work:
    type: processing
    image: i
    compute: {instance_type: ml.m5.large}
    outputs: {o: {}}
"""
WARNED = RIGHT.replace("name: right", "name: warned").replace("steps:", "parameters: {day: {type: string}}\nsteps:")
WRONG = RIGHT.replace("name: right", "nmae: wrong")
ESCAPE = "\x1b["


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    for name, text in {"right": RIGHT, "warned": WARNED, "wrong": WRONG}.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def check(desk: Path, *arguments: str) -> tuple[int, list[tuple[str, str, str]]]:
    command = [str(PROGRAM), "check", "--format", "json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=desk, timeout=60, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, [(t["file"], t["severity"], t["code"]) for t in told]


def on_a_terminal(desk: Path, file: str, **environment: str) -> str:
    ours, theirs = pty.openpty()
    variables = {"PATH": os.environ["PATH"], **environment}
    done = subprocess.Popen([str(PROGRAM), "check", file], cwd=desk, stdout=theirs, stderr=theirs, env=variables)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    done.wait(timeout=60)
    return shown.decode()


def test_without_strict_a_warning_is_none_of_the_mistakes(desk: Path) -> None:
    assert check(desk, "right.yaml", "warned.yaml") == (0, [("warned.yaml", "warning", "parameter.unused")])


def test_with_strict_the_warning_of_any_file_is_an_error(desk: Path) -> None:
    told = [("warned.yaml", "error", "parameter.unused")]
    assert check(desk, "--strict", "right.yaml", "warned.yaml") == (65, told)
    assert check(desk, "--strict", "warned.yaml", "right.yaml") == (65, told)


def test_strict_asks_no_more_of_files_without_warnings(desk: Path) -> None:
    (desk / "second.yaml").write_text(RIGHT.replace("name: right", "name: second"))
    assert check(desk, "--strict", "right.yaml", "second.yaml") == (0, [])


def test_the_mistakes_of_all_files_are_told(desk: Path) -> None:
    status, told = check(desk, "--strict", "wrong.yaml", "right.yaml", "warned.yaml")
    assert status == 65
    assert sorted(told) == [("warned.yaml", "error", "parameter.unused"), ("wrong.yaml", "error", "spec.unknown_field")]


def test_a_terminal_gets_colours(desk: Path) -> None:
    assert ESCAPE in on_a_terminal(desk, "wrong.yaml")
    assert ESCAPE in on_a_terminal(desk, "wrong.yaml", NO_COLOR="")


def test_a_terminal_of_someone_who_wants_none_gets_no_colours(desk: Path) -> None:
    shown = on_a_terminal(desk, "wrong.yaml", NO_COLOR="1")
    assert "error[spec.unknown_field]" in shown
    assert ESCAPE not in shown


def test_what_is_no_terminal_gets_no_colours(desk: Path) -> None:
    command = [str(PROGRAM), "check", "wrong.yaml"]
    variables = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=desk, timeout=60, check=False, env=variables)
    assert "error[spec.unknown_field]" in done.stdout
    assert ESCAPE not in done.stdout
