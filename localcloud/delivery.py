"""From service to service: S3 events, SNS fan-out, EventBridge rules. Policies are checked on every hop.

A hop that its target's policy does not allow is lost, as it is on AWS, and recorded as a violation. `copies` makes hops
deliver more than once, because every one of them is only "at least once": {"s3": 2} hands each S3 event over twice.
"""

from __future__ import annotations

import itertools
import json
import logging
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from localcloud.interfaces import Gap, Json
from localcloud.transform import target_payload
from localcloud.wire import Call, ServiceError

log = logging.getLogger("localcloud.delivery")

HOPS = ("s3", "sns", "events", "scheduler", "alarm")
MOST_RETRIES = 185


class Refused(Exception):
    """The target's policy does not allow the hop, or the target does not exist."""


class Delivery:
    """Everything that services hand to each other."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud
        self._sequence = itertools.count(0x0065_0000_0000_0000)
        self.copies: dict[str, int] = dict.fromkeys(HOPS, 1)
        self.lost: list[dict[str, Any]] = []
        self.mail: list[dict[str, Any]] = []
        cloud.server.before("sns", "Subscribe", self._check_subscription)

    def set_copies(self, copies: Json) -> None:
        """How often each hop delivers: 1 is once, 0 loses everything."""
        unknown = set(copies) - set(HOPS)
        if unknown:
            raise ValueError(f"no hop {sorted(unknown)}; there are {HOPS}")
        self.copies |= {hop: int(count) for hop, count in copies.items()}

    # Handing over

    def hand_over(
        self, arn: str, body: str, service: str, source: str, attributes: dict[str, Json] | None = None
    ) -> None:
        """Give `body` to a queue, topic or function on behalf of `source`. Raises Refused."""
        kind = arn.split(":")[2]
        actions = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}
        if kind not in actions:
            raise Gap(f"delivery to {arn}")
        with self._cloud.lock:
            if not self._cloud.identity.service_may(service, actions[kind], arn, source):
                raise Refused(f"the policy of {arn} does not let {service} do {actions[kind]} for {source}")
            self.put(arn, body, attributes)

    def put(self, arn: str, body: str, attributes: dict[str, Json] | None = None) -> None:
        """The same without asking a resource's policy (the caller has been checked otherwise). Hold the lock."""
        kind, name = arn.split(":")[2], arn.split(":")[-1]
        if kind == "sqs":
            if name not in self._cloud.backend("sqs").queues:
                raise Refused(f"queue {arn} does not exist")
            self._cloud.backend("sqs").send_message(name, body, message_attributes=attributes or {})
            self._cloud.wake()
        elif kind == "sns":
            self._cloud.backend("sns").publish(body, arn=arn)
        else:
            self._cloud.functions.invoke_async(arn, json.loads(body))

    def try_hop(self, hop: str, arn: str, do: Callable[[], None]) -> None:
        """Run a hop as often as `copies` says; what is refused is lost, loudly."""
        try:
            for _ in range(self.copies[hop]):
                do()
        except Refused as refused:
            self.lose(hop, arn, str(refused))
        except Gap as gap:
            self._cloud.violation(f"gap: {gap}", {"hop": hop})

    def lose(self, hop: str, arn: str, why: str) -> None:
        self.lost.append({"at": self._cloud.clock.iso(), "hop": hop, "target": arn, "why": why})
        self._cloud.violation(f"{hop}: an event is lost on its way to {arn}", why)

    # S3

    def s3_event(self, event_name: str, bucket: Any, key: Any) -> None:
        """Instead of moto's notifications.send_event. `event_name` is s3:ObjectCreated:Put and the like."""
        config = bucket.notification_configuration
        if config is None:
            return
        name = str(getattr(event_name, "value", event_name))
        for kind, notifications in (
            ("queue", config.queue),
            ("topic", config.topic),
            ("function", config.cloud_function),
        ):
            for notification in notifications:
                if notification.matches(name, key.name):
                    self._s3_notify(kind, notification, name, bucket, key)
        if config.event_bridge is not None:
            self._s3_to_bus(name, bucket, key)

    def _s3_notify(self, kind: str, notification: Any, name: str, bucket: Any, key: Any) -> None:
        body = json.dumps({"Records": [self._s3_record(name, bucket, key, notification.id)]})
        arn = notification.arn
        deliver = lambda: self.hand_over(arn, body, "s3.amazonaws.com", bucket.arn)  # noqa: E731
        self._cloud.clock.after(0, lambda: self.try_hop("s3", arn, deliver))

    def _s3_record(self, name: str, bucket: Any, key: Any, notification_id: str) -> Json:
        removed = ":ObjectRemoved:" in name
        now = self._cloud.clock.now()
        item: dict[str, Any] = {"key": quote_plus(key.name, safe="/")}
        if not removed:
            item |= {"size": key.size, "eTag": key.etag.replace('"', "")}
        if bucket.is_versioned:
            item["versionId"] = key.version_id
        item["sequencer"] = f"{next(self._sequence):016X}"
        return {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": bucket.region_name,
            "eventTime": f"{self._cloud.clock.iso(now)[:-1]}.{int(now * 1000) % 1000:03d}Z",
            "eventName": name.removeprefix("s3:"),
            "userIdentity": {"principalId": "AWS:AIDALOCALCLOUD"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": uuid.uuid4().hex[:16].upper(), "x-amz-id-2": uuid.uuid4().hex},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": notification_id,
                "bucket": {
                    "name": bucket.name,
                    "ownerIdentity": {"principalId": "A3LOCALCLOUD"},
                    "arn": bucket.arn,
                },
                "object": item,
            },
        }

    def _s3_to_bus(self, name: str, bucket: Any, key: Any) -> None:
        removed = ":ObjectRemoved:" in name
        item: dict[str, Any] = {"key": key.name}
        if not removed:
            item |= {"size": key.size, "etag": key.etag.replace('"', "")}
        if bucket.is_versioned:
            item["version-id"] = key.version_id
        item["sequencer"] = f"{next(self._sequence):016X}"
        detail = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": item,
            "request-id": uuid.uuid4().hex[:16].upper(),
            "requester": self._cloud.account,
            "source-ip-address": "127.0.0.1",
        }
        operation = name.split(":")[2]
        if removed:
            detail |= {"reason": "DeleteObject", "deletion-type": _deletion_type(operation)}
        else:
            detail["reason"] = {"Put": "PutObject", "Copy": "CopyObject", "Post": "POST Object"}.get(
                operation, operation
            )
        self.emit("aws.s3", "Object Deleted" if removed else "Object Created", detail, [bucket.arn])

    def s3_test_event(self, bucket: Any) -> None:
        """What S3 sends to each destination when a notification configuration is put."""
        config = bucket.notification_configuration
        body = json.dumps(
            {
                "Service": "Amazon S3",
                "Event": "s3:TestEvent",
                "Time": self._cloud.clock.iso(),
                "Bucket": bucket.name,
                "RequestId": uuid.uuid4().hex[:16].upper(),
                "HostId": uuid.uuid4().hex,
            }
        )
        for arn in {n.arn for n in [*config.queue, *config.topic]}:
            self._later_test_event(arn, body, bucket.arn)

    def _later_test_event(self, arn: str, body: str, source: str) -> None:
        deliver = lambda: self.hand_over(arn, body, "s3.amazonaws.com", source)  # noqa: E731
        self._cloud.clock.after(0, lambda: self.try_hop("s3", arn, deliver))

    # SNS

    def _check_subscription(self, call: Call) -> None:
        """One endpoint subscribes once: again with the same attributes is the same subscription, else an error."""
        params = call.params
        for known in self._cloud.backend("sns").subscriptions.values():
            same = (known.topic.arn, known.protocol, known.endpoint)
            if same != (params["TopicArn"], params["Protocol"], params.get("Endpoint")):
                continue
            wanted = {name: _parsed(value) for name, value in (params.get("Attributes") or {}).items()}
            found = {name: _parsed(value) for name, value in known.attributes.items() if name in _SETTABLE}
            default = {"FilterPolicyScope": "MessageAttributes", "RawMessageDelivery": False}
            if default | wanted != default | found:
                reason = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
                raise ServiceError("InvalidParameter", reason)

    def sns_deliver(
        self, subscription: Any, message: str, message_id: str, subject: str | None, attributes: Json
    ) -> None:
        """Instead of moto's Subscription.publish: one message for one subscription. Hold the lock."""
        matcher = subscription._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        arn, topic, protocol = subscription.endpoint, subscription.topic.arn, subscription.protocol
        if protocol in ("email", "email-json"):
            self.mail.append(
                {"at": self._cloud.clock.iso(), "to": arn, "topic": topic, "subject": subject or "", "body": message}
            )
            return
        if protocol not in ("sqs", "lambda"):
            raise Gap(f"SNS delivery by {protocol}")
        raw = str(subscription.attributes.get("RawMessageDelivery", "")).lower() == "true"
        wrapped = self._sns_wrapped(subscription, message, message_id, subject, attributes)
        body, sqs_attributes = json.dumps(wrapped), {}
        if protocol == "lambda":
            body = json.dumps({"Records": [_sns_record(subscription, wrapped)]})
        elif raw:
            body, sqs_attributes = message, {n: _raw_attribute(a) for n, a in (attributes or {}).items()}
        deliver = lambda: self.hand_over(arn, body, "sns.amazonaws.com", topic, sqs_attributes)  # noqa: E731
        self._cloud.clock.after(0, lambda: self.try_hop("sns", arn, deliver))

    def _sns_wrapped(
        self, subscription: Any, message: str, message_id: str, subject: str | None, attributes: Json
    ) -> dict[str, Any]:
        now = self._cloud.clock.now()
        host = f"https://sns.{self._cloud.region}.amazonaws.com"
        wrapped: dict[str, Any] = {"Type": "Notification", "MessageId": message_id, "TopicArn": subscription.topic.arn}
        if subject:
            wrapped["Subject"] = subject
        wrapped |= {
            "Message": message,
            "Timestamp": f"{self._cloud.clock.iso(now)[:-1]}.{int(now * 1000) % 1000:03d}Z",
            "SignatureVersion": "1",
            "Signature": "bG9jYWwtY2xvdWQ=",
            "SigningCertURL": f"{host}/SimpleNotificationService-local.pem",
            "UnsubscribeURL": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        }
        if attributes:
            wrapped["MessageAttributes"] = {n: {"Type": a["Type"], "Value": a["Value"]} for n, a in attributes.items()}
        return wrapped

    # EventBridge

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: Json,
        resources: list[str] | None = None,
        copies: int = 1,
        delay: float = 0,
    ) -> None:
        """See interfaces.Cloud.emit."""
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": self._cloud.account,
            "time": self._cloud.clock.iso(),
            "region": self._cloud.region,
            "resources": list(resources or []),
            "detail": detail,
        }
        for _ in range(copies):
            self._cloud.clock.after(delay, lambda: self._match(event))

    def rule_event(self, rule: Any, event: Json) -> None:
        """Instead of moto's Rule.send_to_targets, for events that came by PutEvents. Hold the lock."""
        event = {**event, "account": event.get("account", self._cloud.account)}
        if not isinstance(event.get("time"), str):
            event["time"] = self._cloud.clock.iso(float(event["time"]))
        event.pop("event-bus-name", None)
        if rule.state == "ENABLED" and rule.event_pattern.matches_event(event):
            self._to_targets(rule, event)

    def _match(self, event: Json) -> None:
        with self._cloud.lock:
            bus = self._cloud.backend("events").event_buses["default"]
            for rule in list(bus.rules.values()):
                if rule.state == "ENABLED" and rule.event_pattern.matches_event(event):
                    self._to_targets(rule, event)

    def _to_targets(self, rule: Any, event: Json) -> None:
        for target in list(rule.targets):
            for _ in range(self.copies["events"]):
                self._cloud.clock.after(0, lambda target=target: self._to_target(rule.arn, target, event, 0))

    def _to_target(self, rule_arn: str, target: Json, event: Json, attempt: int) -> None:
        payload = target_payload(target, event, rule_arn, self._cloud.clock.iso())
        try:
            self.hand_over(target["Arn"], payload, "events.amazonaws.com", rule_arn)
        except Refused as refused:
            # A missing permission is not retried: the event goes to the dead-letter queue at once, or is gone.
            self._target_failed(rule_arn, target, payload, str(refused))
        except Exception as error:
            policy = target.get("RetryPolicy", {})
            if attempt < min(policy.get("MaximumRetryAttempts", MOST_RETRIES), MOST_RETRIES):
                again = attempt + 1
                self._cloud.clock.after(min(2**attempt, 600), lambda: self._to_target(rule_arn, target, event, again))
            else:
                self._target_failed(rule_arn, target, payload, repr(error))

    def _target_failed(self, rule_arn: str, target: Json, payload: str, why: str) -> None:
        dead = target.get("DeadLetterConfig", {}).get("Arn")
        if not dead:
            self.lose("events", target["Arn"], why)
            return
        attributes = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in {
                "RULE_ARN": rule_arn,
                "TARGET_ARN": target["Arn"],
                "ERROR_CODE": "NO_PERMISSIONS",
                "ERROR_MESSAGE": why[:1000],
            }.items()
        }
        give = lambda: self.hand_over(dead, payload, "events.amazonaws.com", rule_arn, attributes)  # noqa: E731
        self.try_hop("events", dead, give)


_SETTABLE = {"RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "DeliveryPolicy"}


def _parsed(value: Any) -> Any:
    """An attribute's value, so that two spellings of the same JSON are equal."""
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _deletion_type(operation: str) -> str:
    return "Delete Marker Created" if operation == "DeleteMarkerCreated" else "Permanently Deleted"


def _raw_attribute(attribute: Json) -> Json:
    """An SNS message attribute as raw delivery writes it on an SQS message."""
    kind = "BinaryValue" if attribute["Type"].startswith("Binary") else "StringValue"
    return {"DataType": attribute["Type"], kind: str(attribute["Value"])}


def _sns_record(subscription: Any, wrapped: dict[str, Any]) -> Json:
    """What a subscribed function gets: the names end in Url, not URL, and Subject is null when there is none."""
    inner = {n.replace("URL", "Url"): v for n, v in wrapped.items()}
    inner = {"Subject": None, "MessageAttributes": {}} | inner
    return {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": inner,
    }
