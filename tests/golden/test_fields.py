"""Every field of every step type stands in a golden, so that what it becomes is on record."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
TOOL = Path(os.environ.get("BUZZFLOW_TOOL", HERE.parents[1] / "dist/buzzflow")).resolve()
Schema = dict[str, Any]
# Steps and conditions, of their own.
NESTED = ("condition.then", "condition.else", "condition.if")
# The schema takes it, the checks do not.
REFUSED = {"clarify_check.dataset.format"}


def below(schema: Schema, definitions: Schema, path: str) -> Iterator[str]:
    """The paths of the fields that the schema describes; entries of maps and items of lists are '*'."""
    if path in NESTED:
        return
    for part in [schema, *schema.get("allOf", []), *schema.get("anyOf", [])]:
        if "$ref" in part:
            yield from below(definitions[part["$ref"].rsplit("/", 1)[1]], definitions, path)
        for name, field in part.get("properties", {}).items():
            if "errorMessage" not in field:  # that is what a refused field has
                yield f"{path}.{name}"
                yield from below(field, definitions, f"{path}.{name}")
        for holder in ("additionalProperties", "items"):
            if isinstance(part.get(holder), dict):
                yield from below(part[holder], definitions, f"{path}.*")


def written(value: Any, path: str) -> Iterator[str]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield from written(inner, f"{path}.*")
        if isinstance(value, dict):
            yield from written(inner, f"{path}.{name}")


def steps_of(steps: Any) -> Iterator[dict[str, Any]]:
    for step in (steps or {}).values():
        if isinstance(step, dict):
            yield step
            yield from steps_of(step.get("then"))
            yield from steps_of(step.get("else"))


def test_every_field_of_every_step_type_is_in_a_golden() -> None:
    schema = json.loads(subprocess.run([TOOL, "schema"], capture_output=True, check=True).stdout)
    definitions = schema["definitions"]
    wanted = {
        path
        for name, step in definitions.items()
        if name.startswith("step_") and name != "step_overlay"
        for path in below(step, definitions, name.removeprefix("step_"))
    }
    found = {
        path
        for file in HERE.glob("steps/*/spec.pipeline.yaml")
        for step in steps_of(yaml.safe_load(file.read_text())["steps"])
        for path in written(step, step["type"])
    }
    assert len(wanted) > 300
    assert sorted(wanted - found - REFUSED) == []
