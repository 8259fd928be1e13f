"""What a person, CI, AWS and Slack clients can do and see: the vocabulary of the system tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from localcloud.client import LocalCloudProcess

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"
Json = Any

HELLO = """\
version: 1
name: {name}
project: demo
storage: {{bucket: buzz-ml-dev}}
role: arn:aws:iam::123456789012:role/ml-research
parameters:
  who: {{type: string, default: world}}
steps:
  greet:
    type: processing
    image: 123456789012.dkr.ecr.us-west-2.amazonaws.com/python:3.11
    code: {{source: hello, entrypoint: hello.py}}
    compute: {{instance_type: ml.t3.medium}}
    arguments: {{name: "${{param:who}}"}}
schedules:
  weekly:
    cron: 0 9 ? * MON *
    timezone: Asia/Seoul
    parameters: {{who: "week ${{date:isoweek}}"}}
"""
MONDAYS = "2026-03-02T00:00:00Z"
"""Nine in the morning in Seoul, the first fire of HELLO's schedule after the tests' start."""

TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "/opt/ml/processing/input/code/hello.py", line 12, in <module>',
    "    main()",
    '  File "/opt/ml/processing/input/code/hello.py", line 8, in main',
    '    print(greetings["hello"])',
    "KeyError: 'hello'",
]


class World:
    """A cloud with buzzflow's stacks in it."""

    def __init__(self, cloud: LocalCloudProcess) -> None:
        self.cloud = cloud

    def reset(self) -> None:
        """No faults, every hop delivers once, everything is polled, nothing is moving, the scenario is empty; no
        schedule and no dead letter of an earlier test is left."""
        cloud = self.cloud
        cloud.post("faults", [])
        cloud.post("copies", {"s3": 1, "sns": 1, "events": 1, "scheduler": 1, "alarm": 1})
        cloud.post("scenario", {})
        cloud.post("slack/settings", {})
        for function in cloud.get("functions"):
            cloud.post("mappings", {"function": function["name"], "enabled": True})
        cloud.settle()
        self.forget()
        cloud.settle()
        cloud.post("violations/clear")

    def forget(self) -> None:
        """Nothing fires any more, and no dead letter is left."""
        scheduler = self.cloud.client("scheduler")
        for schedule in scheduler.list_schedules()["Schedules"]:
            scheduler.delete_schedule(GroupName=schedule["GroupName"], Name=schedule["Name"])
        for queue in self.cloud.get("queues"):
            if queue["name"].endswith("-dead") and queue["visible"] + queue["hidden"] > 0:
                _, environment, function = queue["name"].split("-", 2)
                self.take(function, environment)

    def check(self) -> None:
        """Nothing happened that no correct client does."""
        violations = self.cloud.get("violations")
        self.cloud.post("violations/clear")
        assert violations == [], violations

    def last_lines(self, limit: int = 25) -> str:
        """The last log lines of each function."""
        parts = []
        for function in self.cloud.get("functions"):
            rows = self.cloud.get("functions/logs", name=function["name"], limit=limit)
            parts.append(f"--- {function['name']}\n" + "\n".join(row["line"] for row in rows))
        return "\n".join(parts)

    # Uploading and deploying

    def upload(self, name: str, text: str | bytes, environment: str = "research", settle: bool = True) -> str:
        """Put specs/<name>.pipeline.yaml; its version id."""
        body = text.encode() if isinstance(text, str) else text
        key = f"specs/{name}.pipeline.yaml"
        s3 = self.cloud.client("s3")
        version = s3.put_object(Bucket=f"specs-{environment}", Key=key, Body=body)["VersionId"]
        if settle:
            self.cloud.settle()
        return str(version)

    def upload_code(self, files: Mapping[str, bytes], environment: str = "research") -> None:
        for path, body in files.items():
            self.cloud.client("s3").put_object(Bucket=f"specs-{environment}", Key=f"specs/{path}", Body=body)

    def upload_example(self, name: str, environment: str = "research") -> None:
        """A pipeline of examples/ with its code, as `aws s3 sync` would put it: code first."""
        code = (p for p in sorted((EXAMPLES / name).rglob("*")) if p.is_file() and "__pycache__" not in p.parts)
        self.upload_code({str(p.relative_to(EXAMPLES)): p.read_bytes() for p in code}, environment)
        self.upload(name, (EXAMPLES / f"{name}.pipeline.yaml").read_bytes(), environment)

    def hello(self, name: str) -> None:
        """Deploy the hello pipeline under another name."""
        self.upload_code({"hello/hello.py": (EXAMPLES / "hello" / "hello.py").read_bytes()})
        self.upload(name, HELLO.format(name=name))

    def remove(self, name: str, environment: str = "research") -> None:
        self.cloud.client("s3").delete_object(Bucket=f"specs-{environment}", Key=f"specs/{name}.pipeline.yaml")
        self.cloud.settle()

    # Looking

    def item(self, pk: str, sk: str, environment: str = "research") -> Json:
        """A document of the ledger; None when there is none."""
        found = self.cloud.client("dynamodb").get_item(
            TableName=f"buzzflow-{environment}", Key={"pk": {"S": pk}, "sk": {"S": sk}}
        )
        item = found.get("Item")
        return json.loads(item["document"]["S"]) if item and "document" in item else item

    def deployment(self, name: str, environment: str = "research") -> Json:
        """The newest deployment record of a spec."""
        return self.item(f"spec#specs/{name}.pipeline.yaml", "latest", environment)

    def pipeline(self, name: str) -> Json:
        """The definition of a deployed pipeline; None when there is none."""
        client = self.cloud.client("sagemaker")
        try:
            return json.loads(client.describe_pipeline(PipelineName=name)["PipelineDefinition"])
        except client.exceptions.ResourceNotFound:
            return None

    def schedules(self, pipeline: str, environment: str = "research") -> dict[str, Json]:
        """The pipeline's schedules by the name that the spec gives them."""
        client, group = self.cloud.client("scheduler"), f"buzzflow-{environment}"
        names = [s["Name"] for s in client.list_schedules(GroupName=group)["Schedules"]]
        mine = [name for name in names if name.startswith(pipeline + ".")]
        found = {name.split(".", 1)[1]: client.get_schedule(GroupName=group, Name=name) for name in mine}
        for schedule in found.values():
            del schedule["ResponseMetadata"]
        return found

    def runs(self, pipeline: str) -> list[Json]:
        """The pipeline's executions, oldest first."""
        found = self.cloud.client("sagemaker").list_pipeline_executions(PipelineName=pipeline)
        return sorted(found["PipelineExecutionSummaries"], key=lambda run: run["StartTime"])

    def parameters(self, execution_arn: str) -> dict[str, str]:
        client = self.cloud.client("sagemaker")
        found = client.list_pipeline_parameters_for_execution(PipelineExecutionArn=execution_arn)
        return {p["Name"]: p["Value"] for p in found["PipelineParameters"]}

    def messages(self, channel: str = "#ml-research") -> list[Json]:
        return list(self.cloud.get("slack/messages", channel=channel))

    def roots(self, word: str, channel: str = "#ml-research") -> list[Json]:
        """Messages that stand in the channel itself and hold a word."""
        return [m for m in self.messages(channel) if m.get("thread_ts", m["ts"]) == m["ts"] and word in json.dumps(m)]

    def replies(self, root: Json, channel: str = "#ml-research") -> list[Json]:
        """What was answered in a message's thread."""
        return [m for m in self.messages(channel) if m.get("thread_ts") == root["ts"] != m["ts"]]

    def dead_letters(self, function: str, environment: str = "research") -> list[Json]:
        """What lies in a function's dead-letter queue, without taking it out."""
        return list(self.cloud.get("queues/messages", name=f"buzzflow-{environment}-{function}-dead"))

    # Making things happen

    def scenario(self, pipeline: str, *runs: Json) -> None:
        """How the runs of a pipeline go, one after the other; see localcloud/SCENARIOS.md."""
        known = self.cloud.get("scenario")
        pipelines = known.get("pipelines", {}) | {pipeline: {"runs": list(runs)}}
        self.cloud.post("scenario", known | {"pipelines": pipelines})

    def fire(self, schedule: str, pipeline: str, environment: str = "research") -> str:
        """Live on until just after the next fire of a schedule; the scheduled time."""
        before = len(self.fired(pipeline, schedule, environment))
        while len(found := self.fired(pipeline, schedule, environment)) == before:
            following = self.cloud.get("clock")["next_due"]
            assert following, "nothing is due any more"
            self.cloud.advance_to(following)
            self.cloud.advance(1)  # what is due may be a fraction of that second later
        return str(found[-1])

    def fired(self, pipeline: str, schedule: str, environment: str = "research") -> list[str]:
        suffix = f"schedule/buzzflow-{environment}/{pipeline}.{schedule}"
        return [row["scheduled"] for row in self.cloud.get("fired") if row["schedule"].endswith(suffix)]

    def advance(self, seconds: float) -> None:
        self.cloud.advance(seconds)

    def send(self, function: str, *bodies: str, environment: str = "research") -> None:
        """Messages straight into a function's inbox."""
        sqs = self.cloud.client("sqs")
        url = sqs.get_queue_url(QueueName=f"buzzflow-{environment}-{function}")["QueueUrl"]
        for body in bodies:
            sqs.send_message(QueueUrl=url, MessageBody=body)
        self.cloud.settle()

    def take(self, function: str, environment: str = "research") -> list[str]:
        """Take everything out of a function's inbox (pause it first)."""
        sqs = self.cloud.client("sqs")
        url = sqs.get_queue_url(QueueName=f"buzzflow-{environment}-{function}")["QueueUrl"]
        found: list[str] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                found.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def pause(self, function: str, environment: str = "research", paused: bool = True) -> None:
        name = f"buzzflow-{environment}-{function}"
        self.cloud.post("mappings", {"function": name, "enabled": not paused})

    def calls(self, function: str, since: int = 0, environment: str = "research") -> list[str]:
        """The calls that a function has made since a moment of the wire log, in order (`service:operation`)."""
        name = f"buzzflow-{environment}-{function}"
        rows = self.cloud.get("wire", since=since, caller=name, limit=20_000)
        return [f"{row['service']}:{row['operation']}" for row in rows]

    def mark(self) -> int:
        """The present end of the wire log."""
        rows = self.cloud.get("wire", limit=1)
        return int(rows[-1]["n"]) if rows else 0

    def fault(self, function: str, nth: int, do: str, environment: str = "research", **more: Json) -> None:
        """Strike the nth call (from 1) that a function makes from now on."""
        match = {"caller": f"buzzflow-{environment}-{function}"}
        self.cloud.post("faults", [{"match": match, "skip": nth - 1, "do": do, **more}])

    def struck(self) -> bool:
        """Has the armed fault struck?"""
        return any(fault["hit"] for fault in self.cloud.get("faults"))


def one(items: Iterable[Json]) -> Json:
    """The only one."""
    found = list(items)
    assert len(found) == 1, f"{len(found)} instead of one: {found}"
    return found[0]
