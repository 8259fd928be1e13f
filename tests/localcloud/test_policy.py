"""IAM's decision, by the rules of the IAM user guide."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.interfaces import Gap
from localcloud.policy import decide, like, resource_policy_says

KEY = "arn:aws:s3:::specs/specs/a.yaml"


def statement(effect: str = "Allow", **members: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"Effect": effect, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::specs/*"}
    return base | members


def allowed(*statements: dict[str, Any], action: str = "s3:GetObject", resource: str = KEY, **context: Any) -> bool:
    return decide([{"Statement": list(statements)}], action, resource, context.get("context", {}))


def test_nothing_is_allowed_without_a_statement() -> None:
    assert not allowed()


def test_an_allow_counts_for_its_action_and_resource_only() -> None:
    assert allowed(statement())
    assert allowed(statement(), action="S3:getobject")
    assert not allowed(statement(), action="s3:PutObject")
    assert not allowed(statement(), resource="arn:aws:s3:::other/specs/a.yaml")


def test_an_explicit_deny_wins_over_any_allow() -> None:
    assert not allowed(statement(), statement("Deny", Resource="*"))
    assert not allowed(statement("Deny", Resource="*"), statement())


def test_wildcards_match_the_whole_value() -> None:
    assert like("s3:Get*", "s3:GetObject")
    assert like("a?c", "abc")
    assert not like("abc", "abcd")
    assert not like("a.c", "abc")


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"aws:RequestTag/env": "research"}}, {"aws:RequestTag/env": "research"}, True),
        ({"StringEquals": {"aws:RequestTag/env": "research"}}, {"aws:RequestTag/env": "production"}, False),
        ({"StringEquals": {"aws:RequestTag/env": "research"}}, {"aws:RequestTag/Env": "research"}, False),
        ({"StringEquals": {"AWS:requesttag/env": "research"}}, {"aws:RequestTag/env": "research"}, True),
        ({"StringEquals": {"aws:RequestTag/env": "research"}}, {}, False),
        ({"StringEqualsIfExists": {"aws:RequestTag/env": "research"}}, {}, True),
        ({"StringNotEquals": {"aws:RequestTag/env": "research"}}, {}, True),
        ({"StringNotEquals": {"aws:RequestTag/env": ["a", "b"]}}, {"aws:RequestTag/env": "b"}, False),
        ({"StringLike": {"s3:prefix": "specs/*"}}, {"s3:prefix": "specs/a"}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b*"}}, {"aws:SourceArn": "arn:aws:s3:::bucket"}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:*"}}, {"aws:SourceArn": "arn:aws:s3:::bucket"}, False),
        ({"Null": {"aws:ResourceTag/env": "true"}}, {}, True),
        ({"Null": {"aws:ResourceTag/env": "true"}}, {"aws:ResourceTag/env": "x"}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "true"}, False),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:TagKeys": ["a"]}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}, {"aws:TagKeys": ["a", "c"]}, False),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}, {"aws:TagKeys": ["a", "c"]}, True),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}, {}, False),
    ],
)
def test_conditions(condition: dict[str, Any], context: dict[str, Any], expected: bool) -> None:
    assert allowed(statement(Condition=condition), context=context) is expected


def test_a_condition_that_is_not_understood_is_a_gap_and_not_a_guess() -> None:
    with pytest.raises(Gap):
        allowed(statement(Condition={"DateGreaterThan": {"aws:CurrentTime": "2026-01-01"}}))


def test_a_resource_policy_speaks_for_the_principals_it_names() -> None:
    policy = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}]
    }
    queue = "arn:aws:sqs:eu-west-1:123456789012:q"
    assert resource_policy_says(policy, {"Service": "sns.amazonaws.com"}, "sqs:SendMessage", queue, {}) is True
    assert resource_policy_says(policy, {"Service": "s3.amazonaws.com"}, "sqs:SendMessage", queue, {}) is None
    assert resource_policy_says(None, {"Service": "sns.amazonaws.com"}, "sqs:SendMessage", queue, {}) is None
    policy["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "sqs:*"})
    assert resource_policy_says(policy, {"Service": "sns.amazonaws.com"}, "sqs:SendMessage", queue, {}) is False
