"""Every example is compiled in every environment and held against oracles that nobody here wrote.

The definitions are kept beside the examples (examples/<name>[.<environment>].definition.json);
BUZZFLOW_UPDATE_GOLDENS=1 writes them anew.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator

from localcloud.definition import problems

ROOT = Path(__file__).parents[2]
TOOL = Path(os.environ.get("BUZZFLOW_TOOL", ROOT / "dist/buzzflow")).resolve()
EXAMPLES = sorted((ROOT / "examples").glob("*.pipeline.yaml"))
GOLDENS = sorted((ROOT / "tests/golden/steps").glob("*/definition.json"))
Json = Any

REQUESTS = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName"),
    "Training": ("CreateTrainingJob", "TrainingJobName"),
    "Tuning": ("CreateHyperParameterTuningJob", "HyperParameterTuningJobName"),
    "Transform": ("CreateTransformJob", "TransformJobName"),
    "Model": ("CreateModel", "ModelName"),
    "RegisterModel": ("CreateModelPackage", None),
    "EndpointConfig": ("CreateEndpointConfig", "EndpointConfigName"),
    "Endpoint": ("CreateEndpoint", "EndpointName"),
    "QualityCheck": ("CreateProcessingJob", "ProcessingJobName"),
    "ClarifyCheck": ("CreateProcessingJob", "ProcessingJobName"),
    "AutoML": ("CreateAutoMLJob", "AutoMLJobName"),
    "InferenceComponent": ("CreateInferenceComponent", "InferenceComponentName"),
}


def tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)


def platform(example: Path) -> list[str]:
    file = example.with_name(example.name.replace(".pipeline.yaml", ".platform.yaml"))
    return ["--platform", str(file.relative_to(ROOT))] if file.exists() else []


def environments(example: Path) -> list[str | None]:
    declared = yaml.safe_load(example.read_text()).get("environments") or {}
    return [None, *declared]


CASES = [(e, env) for e in EXAMPLES for env in environments(e)]
IDS = [e.name.split(".")[0] + (f"-{env}" if env else "") for e, env in CASES]


def golden(example: Path, environment: str | None) -> Path:
    stem = example.name.split(".")[0]
    return example.with_name(f"{stem}.{environment}.definition.json" if environment else f"{stem}.definition.json")


def compiled(example: Path, environment: str | None) -> str:
    chosen = ["--environment", environment] if environment else []
    result = tool("compile", str(example.relative_to(ROOT)), *chosen, *platform(example))
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name.split(".")[0])
def test_an_example_has_no_errors(example: Path) -> None:
    result = tool("check", str(example.relative_to(ROOT)), *platform(example), "--now", "2026-03-01T00:00:00Z")
    assert result.returncode == 0, result.stdout
    assert "warning[" not in result.stdout


def test_the_index_names_every_example() -> None:
    page = (ROOT / "examples/README.md").read_text()
    named = re.findall(r"\((\S+\.pipeline\.yaml)\)", page)
    assert sorted(set(named) - {"demo/broken.pipeline.yaml"}) == [e.name for e in EXAMPLES]


@pytest.mark.parametrize(("example", "environment"), CASES, ids=IDS)
def test_an_example_compiles_to_its_definition(example: Path, environment: str | None) -> None:
    text = compiled(example, environment)
    file = golden(example, environment)
    if os.environ.get("BUZZFLOW_UPDATE_GOLDENS"):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize(("example", "environment"), CASES, ids=IDS)
def test_a_definition_passes_both_checkers_and_botocore(example: Path, environment: str | None, tmp_path: Path) -> None:
    file = tmp_path / "definition.json"
    file.write_text(compiled(example, environment))
    validate_definition(file)


@pytest.mark.parametrize("file", GOLDENS, ids=lambda f: f.parent.name)
def test_a_golden_definition_passes_both_checkers_and_botocore(file: Path) -> None:
    validate_definition(file)


def validate_definition(file: Path) -> None:
    text = file.read_text()
    assert problems(text) == []
    result = tool("check", "--definition", str(file))
    assert result.returncode == 0, result.stdout
    for step in all_steps(json.loads(text)["Steps"]):
        validate_request(step)


def all_steps(steps: list[Json]) -> list[Json]:
    found = []
    for step in steps:
        found.append(step)
        if step["Type"] == "Condition":
            found += all_steps(step["Arguments"]["IfSteps"]) + all_steps(step["Arguments"]["ElseSteps"])
    return found


def filled(value: Json, shape: Json) -> Json:
    """The arguments with every expression replaced by a scalar of the kind that the API model wants there."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("Get", "Std:Join", "Std:JsonGet"):
            stand_ins = {"string": "x" * 20, "integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True}
            return stand_ins[shape.type_name]
        if shape.type_name == "map":
            return {k: filled(v, shape.value) for k, v in value.items()}
        return {k: filled(v, shape.members[k]) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, shape.member) for v in value]
    return value


def validate_request(step: Json) -> None:
    if step["Type"] not in REQUESTS:
        return
    operation, name = REQUESTS[step["Type"]]
    model = botocore.session.get_session().get_service_model("sagemaker").operation_model(operation)
    arguments = filled(step["Arguments"], model.input_shape)
    if name:
        arguments[name] = "name"
    report = ParamValidator().validate(arguments, model.input_shape)
    assert not report.has_errors(), f"{step['Name']}: {report.generate_report()}"


def test_the_reference_page_is_current() -> None:
    assert (ROOT / "docs/spec-reference.md").read_text() == tool("schema", "--format", "markdown").stdout
