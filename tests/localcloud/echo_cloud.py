"""What the echo function of the small stack was given, and the queues around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from localcloud.client import LocalCloudProcess

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "events"
"""AWS's published samples of events."""


def events(cloud: LocalCloudProcess) -> list[dict[str, Any]]:
    """What the echo function was given, event by event."""
    lines = cloud.get("functions/logs", name="echo-test", limit=5000)
    return [json.loads(row["line"].removeprefix("EVENT ")) for row in lines if row["line"].startswith("EVENT ")]


def records(cloud: LocalCloudProcess) -> list[dict[str, Any]]:
    return [record for event in events(cloud) if isinstance(event, dict) for record in event.get("Records", [])]


def bodies(cloud: LocalCloudProcess) -> list[str]:
    return [record["body"] for record in records(cloud)]


def s3_records(cloud: LocalCloudProcess, key: str) -> list[dict[str, Any]]:
    found = [json.loads(body) for body in bodies(cloud) if '"aws:s3"' in body]
    return [r for notification in found for r in notification["Records"] if r["s3"]["object"]["key"] == key]


def shape(value: Any) -> Any:
    """The names of a document's members, without its values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else "value"


def drain(cloud: LocalCloudProcess, queue: str) -> list[str]:
    """Take everything out of a queue that no function reads."""
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def send(cloud: LocalCloudProcess, *messages: str) -> None:
    sqs = cloud.client("sqs")
    for message in messages:
        sqs.send_message(QueueUrl=cloud.facts["stacks"]["test"]["Inbox"], MessageBody=message)
