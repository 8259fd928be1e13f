"""SQS event source mappings: batches, one invocation each, partial failures, repetition after the visibility timeout.

After the Lambda guide, "Using Lambda with Amazon SQS". A mapping polls its queue with `concurrency` pollers, each a
thread with a sandbox of its own at its disposal. Pollers sleep until the cloud says that something changed.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from typing import Any

from localcloud.interfaces import Gap, Json
from localcloud.wire import ServiceError

log = logging.getLogger("localcloud.mappings")

NEEDED = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


@dataclass
class Mapping:
    """One event source mapping."""

    uuid: str
    queue: str
    """The queue's name."""
    function: str
    batch: int
    partial: bool
    """FunctionResponseTypes holds ReportBatchItemFailures."""
    enabled: bool = True
    busy: int = 0
    """Batches that are being worked on. Changed under the cloud's lock."""


class Mappings:
    """All mappings, and the state of their queues that `settle` and the clock ask for."""

    def __init__(self, cloud: Any, concurrency: int) -> None:
        self._cloud, self._concurrency = cloud, concurrency
        self._mappings: list[Mapping] = []
        self._closed = False
        cloud.clock.also_due(self.next_visible)

    def add(self, model: Any) -> None:
        """Start polling for a mapping that moto knows already."""
        queue = model.event_source_arn.split(":")[-1]
        if ":sqs:" not in model.event_source_arn:
            raise Gap(f"event source {model.event_source_arn}")
        if getattr(model, "filter_criteria", None):
            raise Gap("FilterCriteria of an event source mapping")
        function = self._cloud.functions.get(model.function_arn)
        self._check(queue, model.event_source_arn, function)
        with self._cloud.lock:
            # moto would invoke, with Docker, inside SendMessage.
            self._cloud.backend("sqs").get_queue(queue).lambda_event_source_mappings.clear()
        partial = "ReportBatchItemFailures" in (getattr(model, "function_response_types", None) or [])
        enabled = str(getattr(model, "enabled", True)).lower() != "false"
        mapping = Mapping(model.uuid, queue, function.name, int(model.batch_size), partial, enabled)
        self._mappings.append(mapping)
        for number in range(self._concurrency):
            name = f"poll {mapping.function} {number}"
            threading.Thread(target=self._poll, args=(mapping,), name=name, daemon=True).start()

    def _check(self, queue: str, arn: str, function: Any) -> None:
        """What CreateEventSourceMapping refuses."""
        with self._cloud.lock:
            visibility = int(self._cloud.backend("sqs").get_queue(queue).visibility_timeout)
            may = [self._cloud.identity.role_may(function.role, "lambda.amazonaws.com", a, arn) for a in NEEDED]
        if visibility < function.timeout:
            raise ServiceError(
                "InvalidParameterValueException",
                f"Queue visibility timeout: {visibility} seconds is less than "
                f"Function timeout: {function.timeout} seconds",
            )
        for action, allowed in zip(NEEDED, may, strict=True):
            if not allowed:
                raise ServiceError(
                    "InvalidParameterValueException",
                    f"The provided execution role does not have permissions to call {action} on {arn}",
                )

    def all(self) -> list[Mapping]:
        return list(self._mappings)

    def enable(self, function: str, enabled: bool) -> None:
        """Pause or resume polling for a function's queues."""
        for mapping in self._mappings:
            if mapping.function == function:
                mapping.enabled = enabled
        self._cloud.wake()

    def close(self) -> None:
        self._closed = True
        self._cloud.wake()

    # For settle and the clock. Hold the cloud's lock.

    def at_rest(self) -> bool:
        """No batch is being worked on, and no enabled mapping has a message to take."""
        return not any(m.busy or (m.enabled and self._visible(m)) for m in self._mappings)

    def _visible(self, mapping: Mapping) -> bool:
        queue = self._cloud.backend("sqs").queues.get(mapping.queue)
        return queue is not None and any(m.visible and not m.delayed for m in queue._messages)

    def next_visible(self) -> float | None:
        """When the next hidden or delayed message of an enabled mapping shows again."""
        now = self._cloud.clock.now() * 1000
        moments = []
        with self._cloud.lock:
            for mapping in self._mappings:
                queue = self._cloud.backend("sqs").queues.get(mapping.queue)
                if queue is None or not mapping.enabled:
                    continue
                moments += [max(m.visible_at, m.delayed_until) for m in queue._messages]
        later = [m for m in moments if m >= now]
        # moto shows a message strictly after its moment.
        return (min(later) + 1) / 1000 if later else None

    # Pollers

    def _poll(self, mapping: Mapping) -> None:
        while not self._closed:
            seen = self._cloud.changes()
            messages = self._take(mapping)
            if not messages:
                self._cloud.wait_for_change(seen)
                continue
            failed = {m.id for m in messages}
            try:
                failed = self._run(mapping, messages)
            except Exception:
                log.exception("a batch of %s failed", mapping.function)
            finally:
                self._finish(mapping, messages, failed)

    def _take(self, mapping: Mapping) -> list[Any]:
        if not mapping.enabled or self._closed:
            return []
        with self._cloud.lock:
            sqs = self._cloud.backend("sqs")
            queue = sqs.queues.get(mapping.queue)
            if queue is None:
                return []
            messages = sqs.receive_message(mapping.queue, mapping.batch, 0, int(queue.visibility_timeout), ["All"])
            if messages:
                mapping.busy += 1
            return list(messages)

    def _run(self, mapping: Mapping, messages: list[Any]) -> set[str]:
        """Invoke with a batch; the ids that failed."""
        event = {"Records": [self._record(mapping, m) for m in messages]}
        outcome = self._cloud.functions.get(mapping.function).invoke(json.dumps(event).encode())
        everything = {m.id for m in messages}
        if outcome.error:
            return everything
        if not mapping.partial:
            return set()
        return self._reported(mapping, outcome.body, everything)

    def _reported(self, mapping: Mapping, body: str, everything: set[str]) -> set[str]:
        """The failures of a partial batch response; all of the batch when the response is malformed."""
        try:
            answer = json.loads(body) if body.strip() else None
            failures = (answer or {}).get("batchItemFailures") or []
            failed = {item["itemIdentifier"] for item in failures}
        except (ValueError, AttributeError, TypeError, KeyError):
            failed = {""}
        if not failed <= everything:
            self._cloud.violation(f"{mapping.function}: a malformed partial batch response", body[:500])
            return everything
        return failed

    def _finish(self, mapping: Mapping, messages: list[Any], failed: set[str]) -> None:
        with self._cloud.lock:
            sqs = self._cloud.backend("sqs")
            for message in messages:
                if message.id not in failed and mapping.queue in sqs.queues:
                    sqs.delete_message(mapping.queue, message.receipt_handle)
            mapping.busy -= 1
        self._cloud.wake()

    def _record(self, mapping: Mapping, message: Any) -> Json:
        attributes = {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        }
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": attributes,
            "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{self._cloud.region}:{self._cloud.account}:{mapping.queue}",
            "awsRegion": self._cloud.region,
        }


def _attribute(value: Json) -> Json:
    """A message attribute as Lambda hands it over."""
    kind = value["data_type"] if "data_type" in value else value["DataType"]
    out: dict[str, Any] = {"dataType": kind, "stringListValues": [], "binaryListValues": []}
    text = value.get("string_value", value.get("StringValue"))
    blob = value.get("binary_value", value.get("BinaryValue"))
    if text is not None:
        out["stringValue"] = text
    if blob is not None:
        out["binaryValue"] = blob.decode() if isinstance(blob, bytes) else blob
    return out
