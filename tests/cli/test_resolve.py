"""`buzzflow resolve`: what it prints where, and with which status it ends."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))

PIPELINE = """\
name: demo
variables: {bucket: research, image: "${oc.env:IMAGE,default}:1"}
model: s3://${variables.bucket}/${param:run_date}
schedules: {nightly: {parameters: {run_date: "${date:%F,-1d}"}}}
environments:
  production: {variables: {bucket: production}}
"""


def resolve(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), "resolve", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=variables, timeout=20, check=False)


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    file = tmp_path / "demo.pipeline.yaml"
    file.write_text(PIPELINE, encoding="utf-8")
    return file


def test_it_prints_json_and_nothing_else(pipeline: Path) -> None:
    done = resolve(pipeline, "--path", "variables")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"bucket": "research", "image": "default:1"}


def test_variables_come_from_the_environment_of_the_process(pipeline: Path) -> None:
    done = resolve(pipeline, "--path=variables.image", IMAGE="mine")
    assert json.loads(done.stdout) == "mine:1"


def test_an_environment_is_merged_and_run_time_text_is_left_alone(pipeline: Path) -> None:
    done = resolve(pipeline, "--environment", "production")
    value = json.loads(done.stdout)
    assert done.returncode == 0
    assert "environments" not in value
    assert value["schedules"]["nightly"]["parameters"]["run_date"] == "${date:%F,-1d}"
    parts = ["s3://production/", {"Get": "Parameters.run_date"}]
    assert value["model"] == {"Std:Join": {"On": "", "Values": parts}}


def test_an_environment_that_nobody_declares_is_refused(pipeline: Path) -> None:
    done = resolve(pipeline, "--environment", "nowhere")
    assert (done.returncode, done.stdout) == (65, "")
    assert "error[environment.unknown]" in done.stderr


def test_yaml_output_is_yaml_and_keeps_references(pipeline: Path) -> None:
    done = resolve(pipeline, "--environment", "production", "--format", "yaml")
    assert yaml.safe_load(done.stdout)["model"] == "s3://production/${param:run_date}"


def test_files_are_merged_from_left_to_right(pipeline: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("variables: {bucket: mine}\n", encoding="utf-8")
    assert json.loads(resolve(pipeline, overlay, "--path", "variables.bucket").stdout) == "mine"
    assert json.loads(resolve(overlay, pipeline, "--path", "variables.bucket").stdout) == "research"


def test_a_file_can_come_from_standard_input() -> None:
    command = [str(PROGRAM), "resolve", "-", "--path", "a"]
    done = subprocess.run(command, input="a: 1\n", capture_output=True, text=True, env={}, timeout=20, check=False)
    assert json.loads(done.stdout) == 1


def test_all_mistakes_go_to_standard_error_with_place_and_hint(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("variables: {bucket: b}\nx: s3://${variables.buckt}/y\nz: ${oc.env:UNSET}\n", encoding="utf-8")
    done = resolve(file)
    assert (done.returncode, done.stdout) == (65, "")
    assert f"{file}:2:9: error[interpolation.key]: no key 'buckt' in 'variables'" in done.stderr
    assert "hint: did you mean 'bucket' (line 1)?" in done.stderr
    assert f"{file}:3:4: error[interpolation.env]" in done.stderr


def test_diagnostics_are_json_lines_where_json_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("x: ${nope}\n", encoding="utf-8")
    [line] = resolve(file, "--format", "json").stderr.splitlines()
    diagnostic = json.loads(line)
    place = (diagnostic["line"], diagnostic["column"], diagnostic["end_column"])
    assert (diagnostic["code"], place) == ("interpolation.key", (1, 4, 11))


def test_a_file_over_one_mebibyte_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("#" * (1 << 20) + "\n", encoding="utf-8")
    done = resolve(file)
    assert done.returncode == 65
    assert "error[yaml.too_large]" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 64),
        (["a.yaml", "--format", "xml"], 64),
        (["a.yaml", "--nonsense"], 64),
        (["a.yaml", "--path"], 64),
        (["not-there.yaml"], 66),
    ],
)
def test_wrong_usage_and_missing_files_have_statuses_of_their_own(arguments: list[str], status: int) -> None:
    done = resolve(*arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith("buzzflow resolve: ")


def test_help_explains_with_examples() -> None:
    done = resolve("--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout
