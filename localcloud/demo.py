"""The demo: what a team does in a week, against the local cloud, with the packaged functions and the packaged tool.

python3 -m localcloud.demo [--keep] [--screenshot FILE]

Nothing here knows how buzzflow works inside: it uploads with an S3 client, moves the clock, and reads what AWS and
Slack clients can read. Each act checks what it says; the demo ends with status 1 when something is not as told.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from localcloud.client import ROOT, LocalCloudProcess
from localcloud.terminal import Paint, channel

EXAMPLES = ROOT / "examples"
TOOL = ROOT / "dist/buzzflow"
ACCOUNT, REGION = "123456789012", "us-west-2"
START = "2026-02-26T00:00:00Z"
Json = Any


def stack(environment: str, bucket: str, role: str, slack: str) -> dict[str, str]:
    return {
        "Environment": environment,
        "SpecBucketName": f"buzz-specs-{environment}",
        "DataBuckets": bucket,
        "PipelineRoleArns": f"arn:aws:iam::{ACCOUNT}:role/{role}",
        "DefaultSlackChannel": slack,
        "OperationsEmail": "mlops@example.com",
    }


RESEARCH = stack("research", "buzz-ml-dev", "ml-research", "#ctr-research")
PRODUCTION = stack("production", "buzz-ml-prod", "ml-production", "#ctr-alerts")


class Story:
    """Prints the story, and counts what does not hold."""

    def __init__(self, cloud: LocalCloudProcess) -> None:
        self.cloud = cloud
        self.paint = Paint()
        self.failed = 0

    def act(self, title: str) -> None:
        print("\n" + self.paint.bold(self.paint.cyan(f"── {title} ")) + self.paint.cyan("─" * max(0, 96 - len(title))))

    def say(self, text: str) -> None:
        clock = self.cloud.now()[5:16].replace("T", " ")
        print(self.paint.dim(f"{clock}  ") + text)

    def show(self, text: str) -> None:
        print("\n".join("             " + line for line in text.rstrip().split("\n")))

    def check(self, holds: bool, text: str) -> None:
        mark = self.paint.green("✔") if holds else self.paint.red("✘ NOT SO:")
        self.say(f"{mark} {text}")
        self.failed += not holds

    # What a person can see from outside

    def upload(self, environment: str, files: Iterable[Path]) -> None:
        """Code first, the pipeline file last, as `aws s3 cp` or CI would do it."""
        s3 = self.cloud.client("s3")
        bucket = f"buzz-specs-{environment}"
        for file in files:
            key = "specs/" + str(file.relative_to(EXAMPLES))
            s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())
            self.say(f"s3://{bucket}/{key}")
        self.cloud.settle()

    def deployment(self, environment: str, key: str) -> Json:
        """The newest deployment record of a spec object, as it stands in the ledger."""
        item = self.cloud.client("dynamodb").get_item(
            TableName=f"buzzflow-{environment}", Key={"pk": {"S": f"spec#{key}"}, "sk": {"S": "latest"}}
        )["Item"]
        return json.loads(item["document"]["S"])

    def executions(self, pipeline: str) -> list[Json]:
        found = self.cloud.client("sagemaker").list_pipeline_executions(PipelineName=pipeline)
        return list(reversed(found["PipelineExecutionSummaries"]))

    def parameters(self, arn: str) -> dict[str, str]:
        found = self.cloud.client("sagemaker").list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
        return {p["Name"]: p["Value"] for p in found["PipelineParameters"]}

    def messages(self, name: str) -> list[Json]:
        return list(self.cloud.get("slack/messages", channel=name))

    def channel(self, name: str) -> None:
        self.show(channel(name, self.messages(name), self.paint))

    def tool(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        self.say(self.paint.bold("$ buzzflow " + " ".join(arguments)))
        environment = {"PATH": "/usr/bin:/bin", **self.cloud.environment()}
        return subprocess.run(
            [TOOL, *arguments], capture_output=True, text=True, check=False, cwd=EXAMPLES, env=environment
        )


def code_of(name: str) -> list[Path]:
    return sorted(p for p in (EXAMPLES / name).rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def hello(story: Story) -> None:
    story.act("1. An upload is a deployment")
    story.upload("research", [*code_of("hello"), EXAMPLES / "hello.pipeline.yaml"])
    record = story.deployment("research", "specs/hello.pipeline.yaml")
    story.check(record["status"] == "ok", f"deploy_spec: {record['status']}")
    definition = json.loads(
        story.cloud.client("sagemaker").describe_pipeline(PipelineName="hello")["PipelineDefinition"]
    )
    expected = json.loads((EXAMPLES / "hello.definition.json").read_text())
    story.check(definition == expected, "the SageMaker pipeline 'hello' is there, with the definition that is expected")
    schedule = story.cloud.client("scheduler").get_schedule(GroupName="buzzflow-research", Name="hello.weekly")
    when, zone = schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]
    story.check(when == "cron(0 9 ? * MON *)", f"the schedule 'hello.weekly' is there: {when} {zone}")

    story.act("2. It is Monday, nine in Seoul; the scheduler's message comes twice")
    story.cloud.post("copies", {"scheduler": 2})
    story.cloud.advance_to("2026-03-02T00:10:00Z")
    story.cloud.settle()
    story.cloud.post("copies", {"scheduler": 1})
    runs = story.executions("hello")
    story.check(len(runs) == 1, f"one run was started: {runs[0]['PipelineExecutionDisplayName']}")
    values = story.parameters(runs[0]["PipelineExecutionArn"])
    story.check(values == {"who": "week 2026-W10"}, f"with who = {values.get('who')!r}, computed when it fired")
    story.check(runs[0]["PipelineExecutionStatus"] == "Failed", "it failed")
    roots, replies = split(story.messages("#ctr-research"), "hello")
    story.check(len(roots) == 1, "one message tells its whole life; a duplicate of every event changed nothing")
    story.check(len(replies) == 1, "and one answer in its thread says why:")
    story.channel("#ctr-research")


def split(messages: list[Json], word: str) -> tuple[list[Json], list[Json]]:
    """The run messages (roots) whose text names a pipeline, and the replies below them."""
    roots = [m for m in messages if m.get("thread_ts", m["ts"]) == m["ts"] and word in m["text"] and is_run(m)]
    mine = {m["ts"] for m in roots}
    return roots, [m for m in messages if m.get("thread_ts") in mine and m["ts"] not in mine]


def is_run(message: Json) -> bool:
    return "execution" in json.dumps(message.get("metadata") or {})


def nights(story: Story) -> None:
    story.act("3. A daily CTR retraining, for research and for production")
    files = [*code_of("ctr-daily"), EXAMPLES / "ctr-daily.pipeline.yaml"]
    for environment, pipeline, golden in (
        ("research", "ctr-daily-research", "ctr-daily.definition.json"),
        ("production", "ctr-daily", "ctr-daily.production.definition.json"),
    ):
        story.upload(environment, files)
        record = story.deployment(environment, "specs/ctr-daily.pipeline.yaml")
        story.check(record["status"] == "ok", f"{environment}: {record['status']}")
        text = story.cloud.client("sagemaker").describe_pipeline(PipelineName=pipeline)["PipelineDefinition"]
        story.check(
            json.loads(text) == json.loads((EXAMPLES / golden).read_text()),
            f"the same file is the pipeline '{pipeline}' in {environment}",
        )
    result = story.tool(
        "preview", "ctr-daily.pipeline.yaml", "--environment", "production", "--from", story.cloud.now(), "-n", "3"
    )
    story.show(result.stdout)

    story.act("4. Three nights")
    for night, (day, told) in enumerate(
        (
            ("2026-03-02", "the model is registered"),
            ("2026-03-03", "a broken line in yesterday's data, among 2,000 lines of two instances"),
            ("2026-03-04", "a quota: no job, no log"),
        )
    ):
        story.cloud.advance_to(f"{day}T23:00:00Z")
        story.cloud.settle()
        runs = story.executions("ctr-daily")
        status = runs[night]["PipelineExecutionStatus"] if len(runs) > night else "not started"
        values = story.parameters(runs[night]["PipelineExecutionArn"])
        wanted = "Succeeded" if night == 0 else "Failed"
        story.check(
            status == wanted,
            f"{runs[night]['PipelineExecutionDisplayName']} (run_date {values['run_date']}): {status}, {told}",
        )
    packages = story.cloud.client("sagemaker").list_model_packages(ModelPackageGroupName="ctr-models")[
        "ModelPackageSummaryList"
    ]
    story.check(len(packages) == 1, f"model packages in ctr-models: {len(packages)}")
    story.channel("#ctr-alerts")


def broken(story: Story) -> None:
    story.act("5. A broken file")
    before = story.cloud.client("sagemaker").describe_pipeline(PipelineName="ctr-daily")
    s3 = story.cloud.client("s3")
    text = (EXAMPLES / "demo/broken.pipeline.yaml").read_bytes()
    s3.put_object(Bucket="buzz-specs-production", Key="specs/ctr-daily.pipeline.yaml", Body=text)
    story.say("s3://buzz-specs-production/specs/ctr-daily.pipeline.yaml")
    story.cloud.settle()
    record = story.deployment("production", "specs/ctr-daily.pipeline.yaml")
    codes = [d["code"] for d in record["diagnostics"] if d["severity"] == "error"]
    story.check(record["status"] == "failed" and len(codes) == 3, f"refused: {', '.join(codes)}")
    after = story.cloud.client("sagemaker").describe_pipeline(PipelineName="ctr-daily")
    same = (
        before["PipelineDefinition"] == after["PipelineDefinition"]
        and before["LastModifiedTime"] == after["LastModifiedTime"]
    )
    story.check(same, "the deployed pipeline is untouched")
    story.show(channel("ctr-alerts, the last message", story.messages("#ctr-alerts")[-1:], story.paint))
    result = story.tool("check", "demo/broken.pipeline.yaml")
    story.show(result.stdout)
    local = [line.split("[")[1].split("]")[0] for line in result.stdout.splitlines() if ": error[" in line]
    story.check(
        result.returncode == 65 and sorted(local) == sorted(codes), "the same mistakes, before anything is uploaded"
    )


def dead_letters(story: Story) -> None:
    queues = story.cloud.get("queues")
    left = {q["name"]: q["visible"] + q["hidden"] for q in queues if q["visible"] + q["hidden"]}
    violations = story.cloud.get("violations")
    story.check(
        not left, "every queue is empty, the dead-letter queues too" if not left else f"messages are left: {left}"
    )
    story.check(
        not violations,
        "the strict Slack and the strict AWS refused nothing" if not violations else str(violations)[:300],
    )


def screenshot(url: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=6000",
         f"--screenshot={to}", "--window-size=1280,1600", url],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip


def keep(story: Story) -> None:
    cloud = story.cloud
    keys = " ".join(f"{name}={value}" for name, value in cloud.environment().items() if value)
    story.act("Everything is left running")
    print(f"""
  the channel, the pipelines, the queues   {cloud.url}/_local/page/
  the control API                          {cloud.url}/_local/

  export {keys}
  dist/buzzflow deploy examples/hello.pipeline.yaml --environment research --wait
  .venv/bin/python -c "from localcloud.client import Control; c = Control('{cloud.url}'); c.advance(86400)"

  Ctrl-C ends it.
""")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print()


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running")
    parser.add_argument("--screenshot", type=Path, help="a picture of the local page at the end")
    arguments = parser.parse_args()
    print("starting an AWS on loopback and deploying template.yaml twice ...", flush=True)
    acts: list[Callable[[Story], None]] = [hello, nights, broken, dead_letters]
    with LocalCloudProcess(
        ROOT / "template.yaml",
        RESEARCH,
        stack="buzzflow-research",
        also={"buzzflow-production": PRODUCTION},
        start=START,
        options=("--scenario", str(EXAMPLES / "demo/scenario.json")),
    ) as cloud:
        story = Story(cloud)
        story.say(f"{cloud.url}, stacks: {', '.join(cloud.facts['stacks'])}")
        for act in acts:
            act(story)
        if arguments.screenshot:
            screenshot(f"{cloud.url}/_local/page/", arguments.screenshot)
        if arguments.keep:
            keep(story)
    result = "every check held" if not story.failed else f"{story.failed} checks did not hold"
    print("\n" + (story.paint.green(result) if not story.failed else story.paint.red(result)))
    return 1 if story.failed else 0


if __name__ == "__main__":
    sys.exit(main())
