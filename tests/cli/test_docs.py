"""The documentation is true: its files are correct, its commands print what it says, its links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW_TOOL", os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))).resolve()
TOP = ["README.md", "CONTRIBUTING.md", "examples/README.md"]
PAGES = [*(ROOT / name for name in TOP), *sorted((ROOT / "docs").glob("*.md"))]
GUIDE = ROOT / "docs/writing-specs.md"
ERRORS = ROOT / "docs/errors.md"


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.M | re.S)


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "NO_COLOR": "1"}
    command = [str(PROGRAM), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=60, check=False)


def merged(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: merged(below.get(key), value) for key, value in above.items()}}


def whole_file(page: Path) -> dict[str, Any]:
    """The pieces of a page put together."""
    document: dict[str, Any] = {}
    for block in blocks(page, "yaml"):
        document = merged(document, yaml.safe_load(block) or {})
    return document


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader of the pages stands: the examples, and the pipeline of the guide."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "ctr.pipeline.yaml").write_text(yaml.safe_dump(whole_file(GUIDE), sort_keys=False))
    (folder / "ctr").mkdir()
    for step in ("prepare", "train", "evaluate"):
        (folder / "ctr" / f"{step}.py").write_text(f'print("{step}")\n')
    return folder


def test_the_pieces_of_the_guide_are_one_correct_file(desk: Path) -> None:
    done = run("check", "--strict", "ctr.pipeline.yaml", cwd=desk)
    assert (done.returncode, done.stdout) == (0, "")
    assert set(whole_file(GUIDE)["steps"]) == {"prepare", "train", "evaluate", "gate"}


def test_the_file_on_the_first_page_is_the_example() -> None:
    [shown] = blocks(ROOT / "README.md", "yaml")
    assert yaml.safe_load(shown) == yaml.safe_load((ROOT / "examples/hello.pipeline.yaml").read_text())


SESSIONS = [(page, block) for page in PAGES for block in blocks(page, "console")]


@pytest.mark.parametrize(("page", "block"), SESSIONS, ids=[f"{p.stem}-{i}" for i, (p, _) in enumerate(SESSIONS)])
def test_a_command_prints_what_the_page_shows(page: Path, block: str, desk: Path) -> None:
    found = ""
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        program, *arguments = shlex.split(line[2:])
        assert program == "buzzflow", f"{page.name}: {line}"
        done = run(*arguments, cwd=desk)
        assert done.returncode in (0, 65), done.stderr
        found += f"{line}\n{done.stdout}"
    assert found == block


def test_the_pages_show_what_commands_print() -> None:
    assert {page.name for page, _ in SESSIONS} >= {"README.md", "writing-specs.md", "errors.md"}
    assert len(SESSIONS) >= 5


def mentions() -> list[tuple[str, str, list[str]]]:
    """(page, command, options) of every 'buzzflow COMMAND --option' in code."""
    found = []
    for page in PAGES:
        if page.name == "spec-reference.md":
            continue
        text = page.read_text()
        code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^```.*?\n(.*?)^```$", text, re.M | re.S)])
        for command, rest in re.findall(r"(?:^|[\s/])buzzflow ([a-z][a-z-]*)([^\n|;#&]*)", code):
            found.append((page.name, command, re.findall(r"(?<=\s)--[a-z-]+", rest)))
    return found


def test_every_command_and_option_on_the_pages_is_there(tmp_path: Path) -> None:
    wrong = []
    for page, command, options in mentions():
        help_text = run(command, "--help", cwd=tmp_path)
        missing = [option for option in options if option not in help_text.stdout]
        if help_text.returncode != 0 or missing:
            wrong.append((page, command, missing))
    assert wrong == []
    assert len(mentions()) > 20


def test_every_parameter_of_the_stack_is_explained() -> None:
    template = (ROOT / "template.yaml").read_text()
    section = template[template.index("\nParameters:") : template.index("\nResources:")]
    names = re.findall(r"^  ([A-Z]\w+):$", section.partition("\nConditions:")[0], re.M)
    page = (ROOT / "docs/operating.md").read_text()
    assert len(names) > 10
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(#[^)]*)?\)", page.read_text())
    missing = [to for to, _ in links if "://" not in to and not (page.parent / to).exists()]
    assert missing == []


# The page of errors: each example is answered with its code.

CORRECT = """\
version: 1
name: demo
project: demo
storage: {bucket: demo-bucket}
role: arn:aws:iam::123456789012:role/demo
defaults:
  image: 123456789012.dkr.ecr.us-west-2.amazonaws.com/demo:1
  compute: {instance_type: ml.m5.large}
steps:
  a: {type: processing, outputs: {o: {}}}
"""
TOP_FIELDS = set(yaml.safe_load(CORRECT)) | {
    *("network", "tags", "common", "mlflow", "on_delete", "calendar", "experiment", "description"),
    *("variables", "parameters", "schedules", "triggers", "alerts", "environments"),
}
# What a line cannot show: a platform file, a stack, a link, many of something; or what the last section shows.
WITHOUT_EXAMPLE = {
    *("yaml.encoding", "yaml.too_large", "environment.unknown", "environment.base", "platform.not_allowed"),
    *("storage.not_allowed", "role.not_allowed", "tags.count", "step.count", "code.symlink", "code.too_large"),
    *("arguments.length", "env.count", "env.length", "inputs.count", "outputs.count", "shape.refused"),
    *("reference.branch", "reference.one_branch"),
}
# What the example says besides, and what is no part of the mistake.
BESIDES = {"variables.unused", "parameter.unused", "step.unused"}


def example_rows() -> list[tuple[list[str], str]]:
    """(codes, example) of the tables that have a column of examples."""
    rows = []
    for table in re.findall(r"^\| code \| .*\| for example \|.*\n\|[-|]+\n((?:\|.*\n)+)", ERRORS.read_text(), re.M):
        for line in table.splitlines():
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            codes = re.findall(r"`([a-z]+\.[a-z_]+)`", cells[0])
            example = re.fullmatch(r"`([^`]+)`", cells[2].strip())
            rows.append((codes, example[1].replace("\\|", "|") if example else ""))
    return rows


EXAMPLES = [(codes[0], example) for codes, example in example_rows() if set(codes) - WITHOUT_EXAMPLE]


def with_mistake(code: str, example: str) -> str:
    """The correct file with the example put in: of YAML's own mistakes as a line, of others where it belongs."""
    if code.startswith("yaml."):
        return f"{CORRECT}{example}\n"
    try:
        mistake = yaml.safe_load(example)
    except yaml.YAMLError:
        mistake = yaml.safe_load("{" + example + "}")
    document = yaml.safe_load(CORRECT)
    if not set(mistake) & TOP_FIELDS:
        if "type" in mistake:
            document["steps"] = {}
        mistake = {"steps": {"a": mistake}}
    return str(yaml.safe_dump(merged(document, mistake), sort_keys=False))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    (folder / "code").mkdir()
    (folder / "code" / "train.py").write_text("print(1)\n")
    return folder


@pytest.mark.parametrize(("code", "example"), EXAMPLES, ids=[code for code, _ in EXAMPLES])
def test_an_example_of_the_page_of_errors_has_that_error_and_no_other(code: str, example: str, bench: Path) -> None:
    (bench / "a.pipeline.yaml").write_text(with_mistake(code, example))
    done = run("check", "--format", "json", "a.pipeline.yaml", cwd=bench)
    assert {json.loads(line)["code"] for line in done.stdout.splitlines()} - (BESIDES - {code}) == {code}


def test_the_file_of_the_examples_is_correct_without_them(bench: Path) -> None:
    (bench / "a.pipeline.yaml").write_text(CORRECT)
    assert run("check", "--strict", "a.pipeline.yaml", cwd=bench).stdout == ""


def test_nearly_every_code_has_an_example() -> None:
    shown = {code for code, example in EXAMPLES if example}
    every = {code for codes, _ in example_rows() for code in codes}
    assert len(shown) > 80
    assert every - shown == WITHOUT_EXAMPLE
