"""Golden folders: steps/<type>/ is compiled, codes/<code>/ is checked, and the output is compared.

A folder holds spec.pipeline.yaml and what it needs; platform.yaml is taken where it is there. "command" may hold
other arguments than the usual ones. BUZZFLOW_UPDATE_GOLDENS=1 writes the expected output anew: read the difference.
BUZZFLOW_TOOL names another program than dist/buzzflow.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOOL = Path(os.environ.get("BUZZFLOW_TOOL", ROOT / "dist/buzzflow")).resolve()
UPDATE = os.environ.get("BUZZFLOW_UPDATE_GOLDENS") == "1"
STEPS = sorted(p for p in (HERE / "steps").iterdir() if p.is_dir())
CODES = sorted(p for p in (HERE / "codes").iterdir() if p.is_dir())
TYPES = [
    "processing",
    "training",
    "tuning",
    "transform",
    "model",
    "register",
    "condition",
    "fail",
    "lambda",
    "callback",
    "quality_check",
    "clarify_check",
    "emr",
    "endpoint_config",
    "endpoint",
    "raw",
]
# What no command says offline, and the test that has it: a deployment in a stack, and 2,000 files.
ELSEWHERE = {
    "definition.instance_type": "tests/unit/shapes/test_definition.c",
    "definition.wrap": "tests/unit/shapes/test_definition.c",
    "environment.base": "tests/unit/compile/test_load.c",
    "storage.not_allowed": "tests/unit/compile/test_load.c",
    "role.not_allowed": "tests/unit/compile/test_load.c",
    "code.too_large": "tests/cli/test_spec_commands.py",
    "deploy.not_ours": "tests/system/test_deploy.py",
    "deploy.other_environment": "tests/system/test_apply.py",
    "deploy.name_taken": "tests/system/test_restore.py",
    "deploy.drift": "tests/system/test_restore.py",
    "deploy.trigger_not_applied": "tests/system/test_story.py",
}


def run(folder: Path, *usual: str) -> subprocess.CompletedProcess[str]:
    command = folder / "command"
    arguments = command.read_text().split() if command.exists() else [*usual, "spec.pipeline.yaml"]
    if (folder / "platform.yaml").exists():
        arguments += ["--platform", "platform.yaml"]
    environment = {"PATH": os.environ["PATH"], "NO_COLOR": "1"}
    return subprocess.run(
        [TOOL, *arguments], cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=60
    )


def compare(expected: Path, found: str) -> None:
    if UPDATE:
        expected.write_text(found)
    assert expected.exists(), "no expected output yet: run with BUZZFLOW_UPDATE_GOLDENS=1 and read it"
    assert found == expected.read_text()


@pytest.mark.parametrize("folder", STEPS, ids=lambda p: p.name)
def test_a_step_type_compiles_to_its_definition(folder: Path) -> None:
    result = run(folder, "compile")
    assert result.returncode == 0, result.stderr
    compare(folder / "definition.json", result.stdout)


@pytest.mark.parametrize("folder", CODES, ids=lambda p: p.name)
def test_a_mistake_is_told_with_its_place(folder: Path) -> None:
    result = run(folder, "check", "--now", "2026-03-01T00:00:00Z")
    found = result.stdout + result.stderr
    code = folder.name.split("--")[0]
    severities = re.findall(rf"^\S+?:\d+:\d+: (error|warning|note)\[{re.escape(code)}\]", found, re.M)
    assert severities, f"{code} is not in:\n{found}"
    assert result.returncode == (65 if re.search(r": error\[", found) else 0)
    compare(folder / "check.txt", found)


def test_every_step_type_has_a_folder() -> None:
    specs = "\n".join((p / "spec.pipeline.yaml").read_text() for p in STEPS)
    missing = [t for t in TYPES if not re.search(rf"type: {t}\b", specs)]
    assert not missing


def test_every_code_has_a_folder_or_a_test_elsewhere() -> None:
    codes = explained() | {f"expression.{kind}" for kind in run_time_kinds()}
    folders = {p.name.split("--")[0] for p in CODES}
    assert len(codes) > 130
    assert sorted(codes - folders - set(ELSEWHERE)) == []
    assert sorted(folders - codes) == []
    assert sorted(folders & set(ELSEWHERE)) == []
    assert [code for code, test in ELSEWHERE.items() if code not in (ROOT / test).read_text()] == []


# Codes that the sources can emit, against the page that explains them.

PREFIXES = (
    r"variables|deploy|yaml|interpolation|spec|environment|platform|parameter|storage|role|network|tags|defaults|"
    r"step|compute|code|common|arguments|env|secret|inputs|outputs|input|report|retry|cache|tune|"
    r"model|register|condition|fail|reference|schedule|trigger|alerts|shape|definition"
)
# What looks like a code and is none: the path of a field, a look-up, a variable of run-time text, the name of a file.
NO_CODES = {
    "storage.bucket",
    "code.source",
    "code.entrypoint",
    "tune.ranges",
    "model.latest",
    "platform.yaml",
    "alerts.owner",
    "schedule.name",
    "schedule.time",
}


def emitted() -> set[str]:
    code = re.compile(rf'"((?:{PREFIXES})\.[a-z_]+)"')
    sources = [*(ROOT / "shared").rglob("*.c"), *(ROOT / "cli").glob("*.c"), *(ROOT / "functions").rglob("*.c")]
    return {word for source in sources for word in code.findall(source.read_text())} - NO_CODES


def explained() -> set[str]:
    rows = re.findall(r"^\| (`[^|]*) \|", (ROOT / "docs/errors.md").read_text(), re.M)
    return {code for row in rows for code in re.findall(r"`([a-z]+\.[a-z_]+)`", row)}


def test_every_code_is_explained_and_no_other() -> None:
    assert sorted(emitted() - explained()) == []
    assert sorted(explained() - emitted()) == []


def run_time_kinds() -> set[str]:
    return set(re.findall(r'"expression\.([a-z_]+)"', (ROOT / "shared/expression/parse.c").read_text())) - {"ok"}


def test_every_kind_of_a_run_time_error_is_explained() -> None:
    kinds = run_time_kinds()
    page = (ROOT / "docs/errors.md").read_text()
    table = page[page.index("## Run-time expressions") : page.index("## What is emitted")]
    assert kinds == set(re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\| (`[^|]*) \|", table, re.M))))
    assert len(kinds) > 10


def test_every_code_says_what_to_do() -> None:
    page = (ROOT / "docs/errors.md").read_text()
    empty = [line for line in page.splitlines() if re.match(r"\| `.*\|\s*\|$", line)]
    assert empty == []
