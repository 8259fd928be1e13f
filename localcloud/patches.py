"""Where moto is bent: each symbol that is replaced, in one list, so that a test can see that it still exists.

Only what moto cannot do is replaced: events that it sends from inside the request (S3, SNS, EventBridge), delete
markers that it does not report, bucket policies that it reads without their conditions, addresses of Function URLs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from moto.awslambda.models import FunctionUrlConfig
from moto.events.models import Rule
from moto.iam.access_control import PermissionResult
from moto.s3 import notifications
from moto.s3.models import FakeBucket, S3Backend
from moto.sns.models import Subscription

PATCHED: list[tuple[Any, str]] = [
    (notifications, "send_event"),
    (notifications, "send_test_event"),
    (S3Backend, "_set_delete_marker"),
    (FakeBucket, "get_permission"),
    (Subscription, "publish"),
    (Rule, "send_to_targets"),
    (FunctionUrlConfig, "__init__"),
]
"""Owner and name of every symbol of moto that is replaced here."""

operation: ContextVar[str] = ContextVar("operation", default="")
"""The operation that moto is working on (moto reports a copied object as a put)."""

_originals: dict[tuple[int, str], Any] = {(id(owner), name): getattr(owner, name) for owner, name in PATCHED}


def _replace(owner: Any, name: str, new: Callable[..., Any]) -> None:
    if (id(owner), name) not in _originals:
        raise KeyError(f"{owner}.{name} is not listed in PATCHED")
    setattr(owner, name, new)


def restore() -> None:
    """Give moto back its own."""
    for owner, name in PATCHED:
        setattr(owner, name, _originals[id(owner), name])


def apply(cloud: Any) -> None:
    """Bend moto for this cloud. One cloud per process: moto's state is global."""
    os.environ["MOTO_ACCOUNT_ID"] = cloud.account
    _patch_s3(cloud)
    _patch_others(cloud)


def _patch_s3(cloud: Any) -> None:
    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        if operation.get() == "CopyObject":
            event_name = notifications.S3NotificationEvent.OBJECT_CREATED_COPY_EVENT
        cloud.delivery.s3_event(event_name, bucket, key)

    def send_test_event(account_id: str, bucket: Any) -> None:
        cloud.delivery.s3_test_event(bucket)

    make_marker = _originals[id(S3Backend), "_set_delete_marker"]

    def set_delete_marker(self: Any, bucket_name: str, key_name: str) -> Any:
        marker = make_marker(self, bucket_name, key_name)
        event = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        cloud.delivery.s3_event(event, self.get_bucket(bucket_name), marker)
        return marker

    def get_permission(self: Any, action: str, resource: str) -> PermissionResult:
        return PermissionResult.NEUTRAL  # moto ignores a policy's conditions; identity.py has decided already

    _replace(FakeBucket, "get_permission", get_permission)
    _replace(notifications, "send_event", send_event)
    _replace(notifications, "send_test_event", send_test_event)
    _replace(S3Backend, "_set_delete_marker", set_delete_marker)


def _patch_others(cloud: Any) -> None:
    def publish(
        self: Any,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: Any = None,
        **unused: Any,
    ) -> None:
        cloud.delivery.sns_deliver(self, message, message_id, subject, message_attributes)

    def send_to_targets(self: Any, original_event: Any, transform_input: bool = True) -> None:
        cloud.delivery.rule_event(self, original_event)

    make_url = _originals[id(FunctionUrlConfig), "__init__"]

    def url_init(self: Any, function: Any, config: Any, *args: Any, **kwargs: Any) -> None:
        make_url(self, function, config, *args, **kwargs)
        self.url = f"{cloud.url}/lambda-url/{function.function_name}/"

    _replace(Subscription, "publish", publish)
    _replace(Rule, "send_to_targets", send_to_targets)
    _replace(FunctionUrlConfig, "__init__", url_init)
