"""moto's symbols that the cloud replaces must still be there, with the parameters that are expected."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from localcloud import patches

EXPECTED = {
    "send_event": ["account_id", "event_name", "bucket", "key"],
    "send_test_event": ["account_id", "bucket"],
    "_set_delete_marker": ["self", "bucket_name", "key_name"],
    "get_permission": ["self", "action", "resource"],
    "publish": ["self", "message", "message_id", "subject", "message_attributes"],
    "send_to_targets": ["self", "original_event", "transform_input"],
    "__init__": ["self", "function", "config"],
}


@pytest.mark.parametrize(("owner", "name"), patches.PATCHED, ids=[name for _, name in patches.PATCHED])
def test_a_patched_symbol_still_exists_with_its_parameters(owner: Any, name: str) -> None:
    parameters = list(inspect.signature(getattr(owner, name)).parameters)
    assert parameters[: len(EXPECTED[name])] == EXPECTED[name]


def test_what_the_mappings_read_of_motos_queues_is_still_there() -> None:
    from moto.sqs.models import Message, Queue, SQSBackend

    for name in ("visible", "delayed"):
        assert isinstance(getattr(Message, name), property)
    message = Message("id", "body")
    assert (message.visible_at, message.delayed_until, message.approximate_receive_count) == (0, 0, 0)
    assert "_messages" in vars(Queue("q", "us-west-2", "123456789012"))  # type: ignore[abstract]
    parameters = list(inspect.signature(SQSBackend.receive_message).parameters)
    assert parameters[1:6] == [
        "queue_name", "count", "wait_seconds_timeout", "visibility_timeout", "message_attribute_names",
    ]  # fmt: skip
