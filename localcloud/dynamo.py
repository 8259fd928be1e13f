"""What moto's DynamoDB lacks: transactions that are idempotent by their token, and items that expire.

After the API reference of TransactWriteItems (a token is remembered for ten minutes) and the developer guide's page on
time to live. AWS may take days to remove an expired item; here it goes at once, the earliest that a client may see.
"""

from __future__ import annotations

import json
import math
from typing import Any

from localcloud.wire import Call, ServiceError

TOKEN_SECONDS = 600


class Dynamo:
    """See the module's docstring."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud
        self._tokens: dict[str, tuple[float, str]] = {}
        self._swept = 0.0
        cloud.server.before("dynamodb", "TransactWriteItems", self._repeated)
        cloud.server.after("dynamodb", "TransactWriteItems", self._done)

    def _repeated(self, call: Call) -> tuple[int, dict[str, str], bytes] | None:
        """A token that was used: the same request succeeds again without being done, another one is an error."""
        token = call.params.get("ClientRequestToken")
        known = self._tokens.get(token) if token else None
        if known is None or self._cloud.clock.now() - known[0] > TOKEN_SECONDS:
            return None
        if known[1] != _text(call):
            raise ServiceError(
                "IdempotentParameterMismatchException",
                "The client token was used with other parameters within the last 10 minutes.",
            )
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, b"{}"

    def _done(self, call: Call) -> None:
        if token := call.params.get("ClientRequestToken"):
            self._tokens[token] = (self._cloud.clock.now(), _text(call))

    def expire(self) -> None:
        """Remove what has expired, if time has moved on since the last time."""
        now = self._cloud.clock.now()
        if now - self._swept < 1:
            return
        self._swept = now
        with self._cloud.lock:
            backend = self._cloud.backend("dynamodb")
            for name, table in backend.tables.items():
                if table.ttl.get("TimeToLiveStatus") == "ENABLED":
                    self._expire_table(backend, name, table, now)

    def _expire_table(self, backend: Any, name: str, table: Any, now: float) -> None:
        attribute = table.ttl["AttributeName"]
        # not table.all_items(), which sorts: this runs whenever the cloud comes to rest
        rows = table.items.values()
        items = (item for row in rows for item in row.values()) if table.range_key_attr else rows
        for item in [item for item in items if _expires(item, attribute) <= now]:
            keys = {k: item.attrs[k].to_json() for k in (table.hash_key_attr, table.range_key_attr) if k}
            backend.delete_item(name, keys, expression_attribute_names=None, expression_attribute_values=None)


def _expires(item: Any, attribute: str) -> float:
    value = item.attrs.get(attribute)
    return math.inf if value is None or value.type != "N" else float(value.value)


def _text(call: Call) -> str:
    return json.dumps({**call.sent, "ClientRequestToken": ""}, sort_keys=True)
