"""A SAM template, translated by AWS's own translator and applied by each service's own API.

moto's CloudFormation skips resource types that it does not know and drops properties silently; here both are errors.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from localcloud.interfaces import Json
from localcloud.intrinsics import Evaluator, TemplateError
from localcloud.resources import TYPES, Maker, Properties

log = logging.getLogger("localcloud.stack")

MANAGED_POLICIES = {
    "AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
}
"""What the translator may refer to by name."""


@dataclass
class Deployment:
    """A stack that was deployed."""

    name: str
    parameters: dict[str, str]
    ids: dict[str, str]
    """Logical id -> physical id (what Ref gives)."""
    attributes: dict[str, dict[str, str]]
    outputs: dict[str, Any]


def deploy(
    cloud: Any, template: Path, parameters: Mapping[str, str], stack_name: str, code: dict[str, Path]
) -> Deployment:
    """See LocalCloud.deploy."""
    source = yaml_parse(template.read_text())
    packages = _take_code(source, template.resolve().parent) | code
    values = _parameters(source, parameters)
    translated = _translate(source, values, cloud.region)
    pseudo = {
        "AWS::Region": cloud.region,
        "AWS::AccountId": cloud.account,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::StackName": stack_name,
        "AWS::StackId": f"arn:aws:cloudformation:{cloud.region}:{cloud.account}:stack/{stack_name}/{uuid.uuid4()}",
    }
    split = {name: _typed(source["Parameters"][name], value) for name, value in values.items()}

    def make(logical: str, properties: Json) -> tuple[str, dict[str, str]]:
        kind = translated["Resources"][logical]["Type"]
        maker = TYPES.get(kind)
        if maker is None:
            raise TemplateError(f"{logical}: resource type {kind} is not implemented")
        default = f"{stack_name}-{logical}-{uuid.uuid4().hex[:12].upper()}"[-64:]
        where = f"{logical} ({kind})"
        try:
            return maker(Maker(cloud, logical, default, packages), Properties(properties, where))
        except TemplateError:
            raise
        except Exception as error:
            raise TemplateError(f"{where}: {error}") from error

    evaluator = Evaluator(translated, pseudo | split, make)
    for logical in translated["Resources"]:
        evaluator.ensure(logical)
    outputs = {
        name: evaluator.value(output["Value"])
        for name, output in translated.get("Outputs", {}).items()
        if evaluator.condition(output.get("Condition"))
    }
    log.info("stack %s: %d resources", stack_name, len(evaluator.ids))
    return Deployment(stack_name, values, evaluator.ids, evaluator.attributes, outputs)


def _take_code(source: Json, base: Path) -> dict[str, Path]:
    """Where each function's code is; the translator gets a stand-in, because it knows S3 only."""
    default = source.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    found: dict[str, Path] = {}
    for logical, resource in source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            uri = resource["Properties"].pop("CodeUri", default)
            if uri is None:
                raise TemplateError(f"{logical}: no CodeUri")
            found[logical] = base / uri
            resource["Properties"]["CodeUri"] = "s3://local-cloud/code.zip"
    return found


def _parameters(source: Json, given: Mapping[str, str]) -> dict[str, str]:
    declared = source.get("Parameters", {})
    unknown = set(given) - set(declared)
    if unknown:
        raise TemplateError(f"the template has no parameter {sorted(unknown)}; it has {sorted(declared)}")
    values: dict[str, str] = {}
    for name, spec in declared.items():
        value = given.get(name, spec.get("Default"))
        if value is None:
            raise TemplateError(f"parameter {name} has no value")
        _check_parameter(name, spec, str(value))
        values[name] = str(value)
    return values


def _check_parameter(name: str, spec: Json, value: str) -> None:
    allowed = [str(v) for v in spec.get("AllowedValues", [])]
    if allowed and value not in allowed:
        raise TemplateError(f"parameter {name}: {value!r} is not one of {allowed}")
    pattern = spec.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, value):
        raise TemplateError(f"parameter {name}: {value!r} does not match {pattern}")
    for limit, wrong in (("MinLength", len(value) < int(spec.get("MinLength", 0))),):
        if wrong:
            raise TemplateError(f"parameter {name}: shorter than its {limit}")


def _typed(spec: Json, value: str) -> Any:
    if spec["Type"] == "CommaDelimitedList" or spec["Type"].startswith("List<"):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _translate(source: Json, values: dict[str, str], region: str) -> Json:
    translator = Translator(MANAGED_POLICIES, Parser(), boto_session=boto3.Session(region_name=region))
    return translator.translate(source, dict(values))
