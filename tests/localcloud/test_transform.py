"""What a rule's target gets, by the EventBridge guide's page on input transformation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.interfaces import Gap
from localcloud.transform import target_payload

RULE = "arn:aws:events:us-west-2:123456789012:rule/example"
EVENT = {
    "version": "0",
    "source": "aws.ec2",
    "detail": {"instance-id": "i-0123", "state": "RUNNING", "list": [{"n": 1}], "quote": 'say "x"'},
}


def payload(target: dict[str, Any]) -> str:
    return target_payload(target, EVENT, RULE, "2026-03-01T00:00:00Z")


def transformed(paths: dict[str, str], template: str) -> str:
    return payload({"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}})


def test_without_anything_the_whole_event_is_sent() -> None:
    assert json.loads(payload({})) == EVENT


def test_a_constant_input_replaces_the_event() -> None:
    assert payload({"Input": '{"a": 1}'}) == '{"a": 1}'


def test_an_input_path_selects_a_part() -> None:
    assert json.loads(payload({"InputPath": "$.detail.list[0].n"})) == 1


def test_the_guides_example_becomes_a_sentence() -> None:
    paths = {"instance": "$.detail.instance-id", "state": "$.detail.state"}
    assert transformed(paths, '"instance <instance> is in <state>"') == '"instance i-0123 is in RUNNING"'


def test_a_placeholder_outside_quotes_becomes_json() -> None:
    text = transformed({"i": "$.detail.instance-id", "l": "$.detail.list"}, '{"i": <i>, "l": <l>}')
    assert json.loads(text) == {"i": "i-0123", "l": [{"n": 1}]}


def test_quotes_in_a_value_are_escaped_inside_a_string() -> None:
    assert json.loads(transformed({"q": "$.detail.quote"}, '{"q": "he did <q>"}')) == {"q": 'he did say "x"'}


def test_reserved_names_give_the_rule_and_the_event() -> None:
    text = transformed(
        {}, '{"rule": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>, "e": <aws.events.event.json>}'
    )
    assert json.loads(text) == {"rule": "example", "arn": RULE, "e": EVENT}


def test_a_path_that_is_not_in_the_event_vanishes() -> None:
    assert transformed({"x": "$.detail.none"}, '"a<x>b"') == '"ab"'


def test_a_path_that_is_not_understood_is_a_gap() -> None:
    with pytest.raises(Gap):
        payload({"InputPath": "$.detail[*].x"})
