"""`buzzflow new`, `graph`, `check --definition` and how code on disk is addressed."""

from __future__ import annotations

import json
import os
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW_TOOL", os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))).resolve()
EXAMPLE = ROOT / "examples" / "ctr-daily.pipeline.yaml"
SPEC = """\
version: 1
name: demo
project: demo
storage: {bucket: some-bucket, prefix: team/}
role: arn:aws:iam::123456789012:role/demo
steps:
  work:
    type: processing
    image: i
    compute: {instance_type: ml.m5.large}
    code: {source: code, entrypoint: main.py}
    outputs: {o: {}}
"""


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=60, check=False)


def with_code(folder: Path) -> Path:
    (folder / "code").mkdir()
    (folder / "code" / "main.py").write_text("print(1)\n")
    spec = folder / "demo.pipeline.yaml"
    spec.write_text(SPEC)
    return spec


def code_uri(folder: Path, spec: Path) -> str:
    done = run("compile", spec, cwd=folder)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["Steps"][0]["Arguments"]["ProcessingInputs"][0]["S3Input"]["S3Uri"])


# new


def test_a_new_pipeline_passes_the_strict_check(tmp_path: Path) -> None:
    assert run("new", "ctr-daily", cwd=tmp_path).returncode == 0
    done = run("check", "--strict", "ctr-daily.pipeline.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "ctr-daily" / "ctr-daily.py").read_text().startswith('"""The first step of ctr-daily')


@pytest.mark.parametrize("name", ["123", "1e5", "0x1f", "true", "no", "null", "123456789012", "2026-03-01", "12-30"])
def test_a_new_pipeline_may_have_a_name_that_yaml_reads_as_something_else(name: str, tmp_path: Path) -> None:
    assert run("new", name, cwd=tmp_path).returncode == 0
    done = run("check", "--strict", f"{name}.pipeline.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_steps_that_a_new_pipeline_proposes_pass_the_strict_check_when_they_are_used(tmp_path: Path) -> None:
    run("new", "ctr-daily", cwd=tmp_path)
    (tmp_path / "ctr-daily" / "train.py").write_text("print('auc=0.8')\n")
    file = tmp_path / "ctr-daily.pipeline.yaml"
    before, marker, after = file.read_text().partition("  # train:\n")
    assert marker
    proposed, end, rest = after.partition("\n\n")
    used = (marker + proposed).replace("  # ", "  ", 1).replace("\n  # ", "\n  ")
    file.write_text(before + used + end + rest)
    done = run("check", "--strict", file.name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    compiled = json.loads(run("compile", file.name, cwd=tmp_path).stdout)
    assert [step["Name"] for step in compiled["Steps"]] == ["prepare", "train", "good_enough"]


def test_a_new_pipeline_has_runs_to_show_but_none_in_research(tmp_path: Path) -> None:
    run("new", "ctr-daily", cwd=tmp_path)
    preview = ["preview", "ctr-daily.pipeline.yaml", "-n", "1", "--from", "2026-03-01T00:00:00Z"]
    for chosen in ([], ["--environment", "production"]):
        assert "day = 2026-03-01\n" in run(*preview, *chosen, cwd=tmp_path).stdout
    shown = run(*preview, "--environment", "research", cwd=tmp_path).stdout
    assert shown.startswith("no run: every schedule is disabled here")
    asked = run(*preview, "--environment", "research", "--schedule", "nightly", cwd=tmp_path).stdout
    assert "day = 2026-03-01\n" in asked


def test_a_preview_without_schedules_says_so(tmp_path: Path) -> None:
    done = run("preview", with_code(tmp_path), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("no run: there are no schedules here")


def test_a_preview_shows_look_ups_as_such_and_guesses_none(tmp_path: Path) -> None:
    texts = {
        "dated": "${ssm:/x/${date:%F}}",
        "first": "${default:${last.success.time},${date:utc}}",
        "chosen": "${if:${eq:${ssm:/q},a},1,2}",
        "read": "${date.of:${param:dated},%F}",
        "exact": "${date:%F,-1d}",
    }
    steps = "\n".join(f'      {name}: "${{param:{name}}}"' for name in texts)
    file = tmp_path / "a.pipeline.yaml"
    file.write_text(
        "version: 1\nname: hello\nproject: demo\nstorage: {bucket: buzz-ml-dev}\n"
        "role: arn:aws:iam::123456789012:role/ml-research\nparameters:\n"
        + "".join(f"  {name}: {{type: string, default: x}}\n" for name in texts)
        + "steps:\n  a:\n    type: processing\n    image: 123456789012.dkr.ecr.us-west-2.amazonaws.com/python:3.11\n"
        "    compute: {instance_type: ml.t3.medium}\n    outputs: {o: {}}\n    arguments:\n"
        + steps
        + "\nschedules:\n  s:\n    cron: 0 9 * * ? *\n    parameters:\n"
        + "".join(f'      {name}: "{text}"\n' for name, text in texts.items())
    )
    assert "error" not in run("check", file.name, cwd=tmp_path).stdout
    done = run("preview", file.name, "-n", "1", "--from", "2026-03-01T00:00:00Z", "--format", "json", cwd=tmp_path)
    later = "<known when the run starts>"
    assert json.loads(done.stdout)["parameters"] == {
        "dated": "<ssm:/x/2026-03-01>",
        "first": "<last.success.time>",
        "chosen": later,
        "read": later,
        "exact": "2026-02-28",
    }


HOLIDAYS = ["s3://some-bucket/holidays.txt", "ssm:/holidays", "[2026-02-27]"]


@pytest.mark.parametrize("holidays", HOLIDAYS)
def test_a_preview_counts_business_days_only_by_holidays_that_are_written_out(holidays: str, tmp_path: Path) -> None:
    texts = {"day": "${date:%F,-1b}", "path": "dt=${param:day}/", "next": "${date.of:${param:day},%F,+1d}"}
    file = tmp_path / "a.pipeline.yaml"
    file.write_text(
        SPEC.replace("    code: {source: code, entrypoint: main.py}\n", "")
        + "    arguments: {a: "
        + '"'
        + "".join(f"${{param:{name}}}" for name in texts)
        + '"}\n'
        + f"calendar: {{holidays: {holidays}}}\nparameters: {{day: {{type: string}}, path: {{type: string}}, "
        + "next: {type: string}}\nschedules:\n  s:\n    cron: 0 9 * * ? *\n    parameters:\n"
        + "".join(f'      {name}: "{text}"\n' for name, text in texts.items())
    )
    done = run("preview", file.name, "-n", "1", "--from", "2026-03-01T00:00:00Z", "--format", "json", cwd=tmp_path)
    later = "<known when the run starts>"
    exact = {"day": "2026-02-26", "path": "dt=2026-02-26/", "next": "2026-02-27"}
    read = {"day": later, "path": f"dt={later}/", "next": later}
    assert json.loads(done.stdout)["parameters"] == (exact if holidays.startswith("[") else read)


@pytest.mark.parametrize("name", ["Upper", "under_score", "-a", "a-", "a/b", "", "x" * 64])
def test_a_name_that_sagemaker_would_refuse_is_a_usage_error(name: str, tmp_path: Path) -> None:
    assert run("new", name, cwd=tmp_path).returncode == 64
    assert list(tmp_path.iterdir()) == []


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.pipeline.yaml").write_text("mine")
    assert run("new", "a", cwd=tmp_path).returncode == 64
    assert (tmp_path / "a.pipeline.yaml").read_text() == "mine"


# graph


def test_a_graph_has_every_step_once_and_every_need() -> None:
    done = run("graph", EXAMPLE, cwd=ROOT)
    assert done.returncode == 0
    assert done.stdout.count('"train" [') == 1
    assert '"preprocess" -> "train";' in done.stdout
    assert '"gate" -> "reject" [label="else"' in done.stdout
    assert '"train" -> "preprocess"' not in done.stdout


def test_mermaid_numbers_the_steps() -> None:
    done = run("graph", EXAMPLE, "--format", "mermaid", cwd=ROOT)
    assert done.stdout.startswith("flowchart TD\n")
    assert 's4{"gate<br/>condition"}' in done.stdout


def test_the_svg_is_well_formed_and_no_box_leaves_it() -> None:
    done = run("graph", EXAMPLE, "--format", "svg", cwd=ROOT)
    picture = ElementTree.fromstring(done.stdout)
    boxes = picture.findall(".//{http://www.w3.org/2000/svg}rect")
    assert len(boxes) == 8
    for box in boxes:
        assert int(box.attrib["x"]) + int(box.attrib["width"]) <= int(picture.attrib["width"])
        assert int(box.attrib["y"]) + int(box.attrib["height"]) <= int(picture.attrib["height"])
    places = {(box.attrib["x"], box.attrib["y"]) for box in boxes}
    assert len(places) == len(boxes)


def arrows(picture: str) -> int:
    return picture.count('marker-end="url(#tip)"')


def test_the_svg_leaves_out_what_other_arrows_imply_and_names_branches() -> None:
    text = run("graph", EXAMPLE, "--format", "svg", cwd=ROOT).stdout
    mermaid = run("graph", EXAMPLE, "--format", "mermaid", cwd=ROOT).stdout
    assert arrows(text) == 7  # one into each of the eight boxes but the first
    assert mermaid.count("-->") + mermaid.count(".->") > 7
    assert text.count(">then</text>") == text.count(">else</text>") == 1


def test_a_long_name_stays_in_its_box(tmp_path: Path) -> None:
    name = "a-step-with-a-name-that-is-as-long-as-a-name-may-be-0123456789"
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.py").write_text("print(1)\n")
    (tmp_path / "x.yaml").write_text(SPEC.replace("work:", f"{name}:"))
    text = run("graph", "x.yaml", "--format", "svg", cwd=tmp_path).stdout
    assert f"<title>{name}</title>" in text
    assert ">a-step-with-a-name-tha\u2026</text>" in text


def test_a_graph_of_a_broken_file_is_its_mistakes(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("version: 1\n")
    done = run("graph", "x.yaml", cwd=tmp_path)
    assert done.returncode == 65
    assert done.stdout == ""
    assert "spec.missing_field" in done.stderr


# code on disk

LISTING = (
    "find . -type f -printf '%P\\n' | grep -vE '(^|/)(\\.git|__pycache__|\\.ipynb_checkpoints)/|\\.pyc$|\\.DS_Store$' "
    "| LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum"
)


def test_code_has_the_address_that_sha256sum_gives(tmp_path: Path) -> None:
    spec = with_code(tmp_path)
    code = tmp_path / "code"
    (code / "a b").mkdir()
    (code / "a b" / "\u00e9.txt").write_bytes(b"\x00\x01")
    (code / "empty").write_text("")
    (code / "Z").write_text("Z")
    shell = subprocess.run(["bash", "-c", LISTING], cwd=code, capture_output=True, text=True, check=True)
    assert code_uri(tmp_path, spec) == f"s3://some-bucket/team/code/{shell.stdout.split()[0]}/"


def test_what_tools_leave_behind_does_not_change_the_address(tmp_path: Path) -> None:
    spec = with_code(tmp_path)
    before = code_uri(tmp_path, spec)
    for name in ("__pycache__/x.py", ".git/config", ".ipynb_checkpoints/n.ipynb", "main.pyc", ".DS_Store"):
        file = tmp_path / "code" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("left")
    (tmp_path / "code" / "nothing").mkdir()
    assert code_uri(tmp_path, spec) == before
    (tmp_path / "code" / "main.py").write_text("print(2)\n")
    assert code_uri(tmp_path, spec) != before


def test_code_may_stand_anywhere_in_the_repository_but_not_outside(tmp_path: Path) -> None:
    folder = tmp_path / "repository" / "pipelines"
    folder.mkdir(parents=True)
    spec = with_code(folder)
    (folder / "code").rename(tmp_path / "repository" / "code")
    spec.write_text(SPEC.replace("source: code", "source: ../code"))
    refused = run("check", spec, cwd=folder)
    assert refused.returncode == 65
    assert "code.source_outside" in refused.stdout
    (tmp_path / "repository" / ".git").mkdir()
    assert run("check", spec, cwd=folder).returncode == 0


def test_more_than_2000_files_are_too_large(tmp_path: Path) -> None:
    spec = with_code(tmp_path)
    for i in range(2000):
        (tmp_path / "code" / f"{i}.txt").write_text("")
    done = run("check", spec, cwd=tmp_path)
    assert done.returncode == 65
    assert "code.too_large" in done.stdout


def test_a_relative_path_is_relative_to_the_file_that_writes_it(tmp_path: Path) -> None:
    spec = with_code(tmp_path)
    (tmp_path / "platform").mkdir()
    (tmp_path / "platform" / "lib").mkdir()
    (tmp_path / "platform" / "lib" / "__init__.py").write_text("")
    platform = tmp_path / "platform" / "platform.yaml"
    platform.write_text("common: {lib: lib}\n")
    done = run("compile", spec, "--platform", platform, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    arguments = json.loads(done.stdout)["Steps"][0]["Arguments"]
    assert [i["InputName"] for i in arguments["ProcessingInputs"]] == ["code", "lib"]
    assert arguments["Environment"] == {"PYTHONPATH": "/opt/ml/processing/input/code"}


# check --definition


def test_a_definition_is_checked_with_places(tmp_path: Path) -> None:
    text = (ROOT / "examples" / "hello.definition.json").read_text()
    (tmp_path / "good.json").write_text(text)
    assert run("check", "--definition", "good.json", cwd=tmp_path).returncode == 0
    (tmp_path / "bad.json").write_text(text.replace('"InstanceCount": 1', '"InstanceCount": 0'))
    done = run("check", "--definition", "bad.json", "--format", "json", cwd=tmp_path)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    line = 1 + text[: text.index('"InstanceCount"')].count("\n")
    assert done.returncode == 65
    assert [(d["code"], d["line"]) for d in found] == [("shape.range", line)]


def test_text_that_is_no_json_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{\n  "Version": ]\n}\n')
    done = run("check", "--definition", "bad.json", cwd=tmp_path)
    assert done.returncode == 65
    assert done.stdout.startswith("bad.json:2:")
