"""The JSON Schema of the language, held against a validator from PyPI and against what `check` says.

The schema may be more lenient than `check`, never stricter: an editor that marks a correct file is worse than none.
"""

from __future__ import annotations

import copy
import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOOL = Path(os.environ.get("BUZZFLOW_TOOL", ROOT / "dist/buzzflow")).resolve()
EXAMPLES = sorted((ROOT / "examples").glob("*.pipeline.yaml"))
COMPILED = sorted(HERE.glob("steps/*/spec.pipeline.yaml"))
MISTAKES = sorted(HERE.glob("codes/*/spec.pipeline.yaml"))
Json = Any


class Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as an editor reads it: time stamps stay text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


# 1e4 is a number to OmegaConf, to YAML 1.2, and here; PyYAML wants a point in it.
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9][0-9_]*e[-+]?[0-9]+$"), list("-+0123456789")
)


def loaded(text: str) -> Json:
    return yaml.load(text, Loader)


def printed() -> str:
    result = subprocess.run([TOOL, "schema"], capture_output=True, text=True, check=True, timeout=60)
    return result.stdout


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft7Validator:
    document = json.loads(printed())
    jsonschema.Draft7Validator.check_schema(document)
    return jsonschema.Draft7Validator(document)


def refusals(schema: jsonschema.Draft7Validator, document: Json) -> list[str]:
    return [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in schema.iter_errors(document)]


# What is accepted


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name.split(".")[0])
def test_the_schema_accepts_every_example(example: Path, schema: jsonschema.Draft7Validator) -> None:
    assert refusals(schema, loaded(example.read_text())) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name.split(".")[0])
def test_an_editor_finds_the_schema_of_an_example(example: Path) -> None:
    first = example.read_text().splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert named != first
    assert (example.parent / named).resolve() == ROOT / "docs/pipeline.schema.json"


@pytest.mark.parametrize("file", COMPILED, ids=lambda f: f.parent.name)
def test_the_schema_accepts_what_compiles(file: Path, schema: jsonschema.Draft7Validator) -> None:
    assert refusals(schema, loaded(file.read_text())) == []


def test_the_schema_means_the_same_in_both_drafts_that_editors_know(schema: jsonschema.Draft7Validator) -> None:
    document = json.loads(printed())
    jsonschema.Draft202012Validator.check_schema(document)
    newer = jsonschema.Draft202012Validator({**document, "$schema": "https://json-schema.org/draft/2020-12/schema"})
    for file in [*EXAMPLES, *MISTAKES]:
        try:
            text = loaded(file.read_text())
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        assert newer.is_valid(text) == schema.is_valid(text), file


def test_the_schema_accepts_the_starter(schema: jsonschema.Draft7Validator, tmp_path: Path) -> None:
    subprocess.run([TOOL, "new", "starter"], cwd=tmp_path, capture_output=True, check=True, timeout=60)
    assert refusals(schema, loaded((tmp_path / "starter.pipeline.yaml").read_text())) == []


def test_no_name_stands_twice_in_an_object_of_the_schema() -> None:
    def once(pairs: list[tuple[str, Json]]) -> Json:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), sorted({n for n in names if names.count(n) > 1})
        return dict(pairs)

    json.loads(printed(), object_pairs_hook=once)


@pytest.mark.parametrize("several", [None, "all_of", "any_of"])
def test_an_event_is_one_of_the_table_or_has_a_source_and_a_detail_type_of_its_own(
    several: str | None, schema: jsonschema.Draft7Validator
) -> None:
    document = loaded((ROOT / "examples/hello.pipeline.yaml").read_text())

    def valid(event: Json) -> bool:
        trigger = {"event": event} if several is None else {several: {"a": {"event": event, "key": "id"}}}
        return bool(schema.is_valid({**document, "triggers": {"t": trigger}}))

    assert valid("s3.object_created")
    assert not valid("s3.object_create")
    assert valid({"source": "my.app", "detail_type": "Export Finished"})
    assert not valid({"source": "my.app", "detail-type": "Export Finished"})


def places(node: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from places(value, (*path, key))


TAKEN_OUT = object()
REPLACEMENTS: list[Json] = [None, 7, -1, 1.5, True, "", "text", "s3://b/k", "1h", "???", [], {}, ["x"], {"x": "y"}]
REPLACEMENTS += ["${variables.moved}", "${param:nope}", TAKEN_OUT]


def changed(document: Json, path: tuple[Any, ...], value: Json) -> Json:
    """A copy with one value replaced; the value itself moves into a variable."""
    result = copy.deepcopy(document)
    at = result
    for key in path[:-1]:
        at = at[key]
    moved = at[path[-1]]
    if value is TAKEN_OUT:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    if value == "${variables.moved}" and isinstance(result.setdefault("variables", {}), dict):
        result["variables"]["moved"] = moved
    return result


def accepted(files: list[Path], platform: list[str]) -> set[str]:
    """The names of those files that `check` finds no error in."""
    names = [file.name for file in files]
    command = [str(TOOL), "check", "--format", "json", "--now", "2026-03-01T00:00:00Z", *platform, *names]
    output = subprocess.run(command, cwd=files[0].parent, capture_output=True, text=True, check=False, timeout=120)
    found = [json.loads(line) for line in output.stdout.splitlines()]
    refused = {d["file"] for d in found if d["severity"] == "error"}
    return set() if refused - set(names) else set(names) - refused


@pytest.mark.parametrize("file", [*COMPILED, *EXAMPLES], ids=lambda f: f"{f.parent.name}-{f.name.split('.')[0]}")
def test_the_schema_accepts_what_check_accepts(file: Path, schema: jsonschema.Draft7Validator, tmp_path: Path) -> None:
    """A dozen changes of each correct file: another kind of value, an interpolation, a null, nothing there.

    Not of a template (a base that holds "???"): what is wrong in it may be replaced in every environment.
    """
    document = loaded(file.read_text())
    dice = random.Random(file.as_posix().removeprefix(ROOT.as_posix()))
    everywhere = list(places(document))
    variants = [changed(document, dice.choice(everywhere), dice.choice(REPLACEMENTS)) for _ in range(12)]
    folder = tmp_path / "files"
    shutil.copytree(file.parent, folder)
    written = []
    for number, variant in enumerate(variants):
        written.append(folder / f"variant-{number}.pipeline.yaml")
        written[-1].write_text(json.dumps(variant))  # JSON is YAML
    under = file.name.replace("spec.pipeline.yaml", "platform.yaml").replace(".pipeline.yaml", ".platform.yaml")
    platform = ["--platform", under] if (folder / under).exists() else []
    correct = accepted(written, platform)
    for path, variant in zip(written, variants, strict=True):
        if path.name in correct and "???" not in path.read_text():
            assert refusals(schema, variant) == [], json.dumps(variant)


# What is refused

BROKEN = [
    ("an unknown field at the top", "name: hello", "nam: hello"),
    ("an unknown field of a step", "arguments:", "argument:"),
    ("an unknown field of compute", "instance_type:", "instanse_type:"),
    ("a field of another step type", "arguments:", "hyperparameters:"),
    ("an unknown type", "type: processing", "type: procesing"),
    ("a missing field", "project: demo\n", ""),
    ("a version of another kind", "version: 1", "version: one"),
    ("a bucket that is a number", "bucket: buzz-ml-dev", "bucket: 7"),
    ("a bucket with capitals", "bucket: buzz-ml-dev", "bucket: Buzz"),
    ("a parameter of an unknown type", "type: string", "type: text"),
    ("a default of another type", "type: string", "type: integer"),
    ("steps as a list", "steps:\n  greet:", "steps:\n  - greet:"),
    ("a word that is none", "timezone: Asia/Seoul", "timezone: Asia/Seoul\n    overlap: maybe"),
    ("a zone that is none", "timezone: Asia/Seoul", "timezone: Asia/Soul"),
    ("cron with five fields", "cron: 0 9 ? * MON *", "cron: 0 9 * * MON"),
    ("two kinds of a schedule", "timezone: Asia/Seoul", "timezone: Asia/Seoul\n    rate: 1h"),
    ("an instance type without ml.", "ml.t3.medium", "t3.medium"),
    ("a reference where none may stand", "project: demo", 'project: "${param:who}"'),
    ("an interpolation in run-time text", "week ${date:isoweek}", "${variables.week}"),
    ("a duration without unit", "arguments:", "timeout: 90\n    arguments:"),
    ("a null that is required", "name: hello\n", "name:\n"),
]


@pytest.mark.parametrize(("what", "good", "bad"), BROKEN, ids=[b[0] for b in BROKEN])
def test_the_schema_refuses(what: str, good: str, bad: str, schema: jsonschema.Draft7Validator) -> None:
    text = (ROOT / "examples/hello.pipeline.yaml").read_text()
    assert good in text
    broken = text.replace(good, bad, 1)
    if "steps as a list" in what:
        broken = re.sub(r"(?m)^    (?=\S)", "      ", broken)
    assert not schema.is_valid(loaded(broken)), what


# Mistakes that no schema can see: they are in other files, in names that stand elsewhere in the file, in arithmetic,
# in the API model, or appear when layers are merged and values interpolated.
BEYOND = (
    "arguments.length",
    "code.",
    "common.name_taken",
    "compute.spot_wait",
    "env.count",
    "env.length",
    "environment.unknown",
    "fail.depended_on",
    "inputs.count",
    "interpolation.",
    "network.incomplete",
    "platform.",
    "reference.not_here--experiment",
    "reference.branch",
    "reference.cycle",
    "reference.syntax",
    "reference.type",
    "reference.unknown",
    "report.output",
    "retry.duplicate",
    "schedule.expression",
    "schedule.parameter_",
    "shape.",
    "spec.length--tuned",
    "spec.missing_field--step-of-an-overlay",
    "spec.missing_field--checkpoint",
    "spec.pattern--uris",
    "spec.range--by-interpolation",
    "spec.range--finite",
    "spec.range--in-platform",
    "spec.unknown_field--in-platform",
    "step.duplicate_name",
    "step.unknown_type--raw",
    "tags.count",
    "trigger.where",
    "tune.duplicate",
    "tune.objective",
    "yaml.",
)
ERRORS = [f for f in MISTAKES if re.search(r": error\[", (f.parent / "check.txt").read_text())]
VISIBLE = [f for f in ERRORS if not f.parent.name.startswith(BEYOND)]


@pytest.mark.parametrize("file", VISIBLE, ids=lambda f: f.parent.name)
def test_the_schema_refuses_every_mistake_that_the_file_alone_shows(
    file: Path, schema: jsonschema.Draft7Validator
) -> None:
    assert not schema.is_valid(loaded(file.read_text()))


def test_most_mistakes_are_visible_to_an_editor() -> None:
    codes = {f.parent.name.split("--")[0] for f in VISIBLE}
    assert len(codes) >= 45, sorted(codes)


# What an editor shows


def definition(schema: jsonschema.Draft7Validator, node: Json) -> Json:
    while "$ref" in node:
        node = schema.schema["definitions"][node["$ref"].removeprefix("#/definitions/")]
    return node


def test_every_field_is_described_where_the_cursor_is(schema: jsonschema.Draft7Validator) -> None:
    silent = []

    def visit(name: str, node: Json) -> None:
        for key, value in node.get("properties", {}).items():
            field = definition(schema, value)
            if not field.get("description") and "anyOf" not in field:
                silent.append(f"{name}.{key}")
            if "$ref" not in value:
                visit(f"{name}.{key}", field)

    visit("", schema.schema)
    for name, node in schema.schema["definitions"].items():
        if name.startswith("step_"):
            visit(name, node)
    assert silent == []


def test_a_step_is_offered_the_fields_of_its_type_only(schema: jsonschema.Draft7Validator) -> None:
    definitions = schema.schema["definitions"]
    training = definitions["step_training"]["properties"]
    assert {"hyperparameters", "compute", "inputs"} <= set(training)
    assert not {"variants", "endpoint_name", "outputs", "queue"} & set(training)
    assert "spot" in definition(schema, training["compute"])["properties"]
    assert "spot" not in definition(schema, definitions["step_processing"]["properties"]["compute"])["properties"]


def test_defaults_are_values_that_the_field_takes(schema: jsonschema.Draft7Validator) -> None:
    count = 0
    for node in schema.schema["definitions"].values():
        for value in node.get("properties", {}).values():
            field = definition(schema, value)
            if "default" in field:
                count += 1
                whole = {**field, "definitions": schema.schema["definitions"]}
                assert jsonschema.Draft7Validator(whole).is_valid(field["default"]), field
    assert count > 20


def test_the_committed_schema_is_current() -> None:
    assert (ROOT / "docs/pipeline.schema.json").read_text() == printed()
