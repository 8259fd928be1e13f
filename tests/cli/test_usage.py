"""What the tool says when it is called in a wrong way, and its help."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW_TOOL", os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))).resolve()
COMMANDS = ["new", "check", "compile", "graph", "schema", "resolve", "eval", "next", "deploy", "preview", "invoke"]
COMMANDS += ["explain-log", "render-alert"]
HELLO = ROOT / "examples/hello.pipeline.yaml"


def run(*arguments: str | Path, cwd: Path = ROOT, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, text=True, cwd=cwd, timeout=60, check=False)


def test_no_command_is_wrong_usage_and_lists_them() -> None:
    done = run()
    assert (done.returncode, done.stdout) == (64, "")
    assert all(f"  {command} " in done.stderr for command in COMMANDS)


@pytest.mark.parametrize("spelling", ["help", "--help", "-h"])
def test_help_lists_every_command(spelling: str) -> None:
    done = run(spelling)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"  {command} " in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(command: str) -> None:
    done = run(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: buzzflow {command} ")
    assert "\nexample" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 110
    assert run("help", command).stdout == run(command, "-h").stdout == done.stdout


@pytest.mark.parametrize(
    ("typed", "meant"), [("chek", "check"), ("complie", "compile"), ("explain_log", "explain-log")]
)
def test_a_mistyped_command_gets_the_nearest_one(typed: str, meant: str) -> None:
    done = run(typed)
    assert done.returncode == 64
    assert f"no command '{typed}'; did you mean '{meant}'?" in done.stderr


def test_a_command_that_is_like_none_gets_no_guess() -> None:
    done = run("xyzzy")
    assert done.returncode == 64
    assert "did you mean" not in done.stderr


def test_a_mistyped_option_gets_the_nearest_one() -> None:
    done = run("check", HELLO, "--envronment=x")
    assert done.returncode == 64
    assert "no option '--envronment'; did you mean '--environment'?" in done.stderr
    assert "did you mean" not in run("check", HELLO, "--zzz").stderr


READERS: list[list[str]] = [["check"], ["compile"], ["graph"], ["resolve"], ["preview"], ["explain-log"]]
READERS += [["check", "--definition"], ["invoke", "rerun", "--event"], ["render-alert", "--event"]]


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_file_that_is_not_there_or_a_directory_is_no_input(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name, why in (("nothing.yaml", "No such file or directory"), ("folder", "Is a directory")):
        done = run(*command, name, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (66, ""), name
        assert name in done.stderr
        assert why in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_denied(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: 1\n")
    (tmp_path / "x.yaml").chmod(0)
    done = run("check", "x.yaml", cwd=tmp_path)
    assert done.returncode == 77
    assert "Permission denied" in done.stderr


@pytest.mark.parametrize(("target", "why"), [("nowhere/x.json", "No such file"), ("folder", "Is a directory")])
def test_a_definition_that_cannot_be_written_is_told_why(target: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    done = run("compile", HELLO, "-o", target, cwd=tmp_path)
    assert done.returncode == 73
    assert f"cannot write '{target}': {why}" in done.stderr


@pytest.mark.parametrize("command", ["check", "compile", "graph"])
def test_a_pipeline_file_can_come_from_standard_input(command: str) -> None:
    done = run(command, "-", cwd=HELLO.parent, text=HELLO.read_text())
    assert done.returncode == 0, done.stderr
