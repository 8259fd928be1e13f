"""CloudWatch alarms on the depth and age of queues: a dead letter must reach a person.

Evaluated whenever the cloud comes to rest. Other metrics are an error when the alarm is made, not silence later.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from localcloud.interfaces import Json
from localcloud.intrinsics import TemplateError

METRICS = ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage")
COMPARISONS = {
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
}


@dataclass
class Alarm:
    """One alarm and its state."""

    name: str
    queue: str
    metric: str
    comparison: str
    threshold: float
    actions: list[str]
    ok_actions: list[str]
    state: str = "OK"


class Alarms:
    """All alarms of the account."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud
        self._alarms: list[Alarm] = []

    def add(self, name: str, properties: Json) -> None:
        """Take an alarm from its CloudFormation properties."""
        namespace, metric = properties.get("Namespace"), properties.get("MetricName")
        dimensions = {d["Name"]: d["Value"] for d in properties.get("Dimensions", [])}
        comparison = properties["ComparisonOperator"]
        if namespace != "AWS/SQS" or metric not in METRICS or set(dimensions) != {"QueueName"}:
            raise TemplateError(f"alarm {name}: only {METRICS} of one AWS/SQS queue are evaluated here")
        if comparison not in COMPARISONS:
            raise TemplateError(f"alarm {name}: {comparison} is not implemented")
        actions = list(properties.get("AlarmActions", []))
        ok_actions = list(properties.get("OKActions", []))
        threshold = float(properties["Threshold"])
        self._alarms.append(Alarm(name, dimensions["QueueName"], metric, comparison, threshold, actions, ok_actions))

    def all(self) -> list[Alarm]:
        return list(self._alarms)

    def evaluate(self) -> bool:
        """Look at every queue; tell whether an alarm changed its state (and so has sent something)."""
        changed = False
        for alarm in self._alarms:
            value = self._value(alarm)
            state = "ALARM" if COMPARISONS[alarm.comparison](value, alarm.threshold) else "OK"
            if state != alarm.state:
                self._notify(alarm, state, value)
                alarm.state, changed = state, True
        return changed

    def _value(self, alarm: Alarm) -> float:
        with self._cloud.lock:
            queue = self._cloud.backend("sqs").queues.get(alarm.queue)
            if queue is None:
                return 0
            shown = [m for m in queue._messages if m.visible and not m.delayed]
        if alarm.metric == METRICS[0]:
            return len(shown)
        return max((self._cloud.clock.now() - m.sent_timestamp / 1000 for m in shown), default=0)

    def _notify(self, alarm: Alarm, state: str, value: float) -> None:
        arn = f"arn:aws:cloudwatch:{self._cloud.region}:{self._cloud.account}:alarm:{alarm.name}"
        body = json.dumps(
            {
                "AlarmName": alarm.name,
                "AlarmArn": arn,
                "NewStateValue": state,
                "OldStateValue": alarm.state,
                "NewStateReason": f"Threshold Crossed: 1 datapoint [{value}] against {alarm.threshold}",
                "StateChangeTime": self._cloud.clock.iso(),
                "Region": self._cloud.region,
                "AWSAccountId": self._cloud.account,
                "Trigger": {"MetricName": alarm.metric, "Namespace": "AWS/SQS", "Threshold": alarm.threshold},
            }
        )
        hand_over = self._cloud.delivery.hand_over
        for topic in alarm.actions if state == "ALARM" else alarm.ok_actions:
            self._cloud.delivery.try_hop(
                "alarm", topic, lambda topic=topic: hand_over(topic, body, "cloudwatch.amazonaws.com", arn)
            )
