"""Measures the compiler beside its peers, in one run, and prints ratios. Run by scripts/bench compile.

- a 20-step pipeline, file to definition, against the SageMaker Python SDK building the same (import included)
- 10, 100, 1,000 steps: time and memory per step
- interpolation against OmegaConf on the same document
- a file at the 1 MiB limit; an alias bomb; 10,000 levels
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOL = ROOT / "dist/buzzflow"
HEAD = """\
version: 1
name: bench
project: bench
storage: {bucket: bench-bucket}
role: arn:aws:iam::123456789012:role/ml
variables:
  account: "123456789012"
  ecr: ${.account}.dkr.ecr.us-west-2.amazonaws.com
parameters:
  day: {type: string, default: "2026-01-01"}
defaults: {image: "${variables.ecr}/image:1", compute: {instance_type: ml.m5.xlarge}, timeout: 1h}
steps:
"""
STEP = """\
  step{n}:
    type: processing
    arguments: {{day: "${{param:day}}", n: "{n}"}}
    inputs: {{data: "{source}"}}
    outputs: {{out: {{}}}}
"""

SDK = """
import os
os.environ.update(AWS_DEFAULT_REGION="us-west-2", AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")
from sagemaker.processing import Processor, ProcessingInput, ProcessingOutput
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.functions import Join
from sagemaker.workflow.parameters import ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import ProcessingStep
import boto3
session = PipelineSession(boto_session=boto3.Session(region_name="us-west-2"), default_bucket="bench-bucket")
day = ParameterString("day", default_value="2026-01-01")
processor = Processor(image_uri="123456789012.dkr.ecr.us-west-2.amazonaws.com/image:1", role="arn:aws:iam::123456789012:role/ml",
                      instance_count=1, instance_type="ml.m5.xlarge", max_runtime_in_seconds=3600, sagemaker_session=session)
steps, source = [], "s3://data/in"
for n in range(20):
    args = processor.run(inputs=[ProcessingInput(source=source, destination="/opt/ml/processing/input/data", input_name="data")],
                         outputs=[ProcessingOutput(output_name="out", source="/opt/ml/processing/output/out",
                                                       destination=Join(on="/", values=["s3://bench-bucket/bench", ExecutionVariables.PIPELINE_EXECUTION_ID, f"step{n}/out"]))],
                         arguments=["--day", day, "--n", str(n)])
    steps.append(ProcessingStep(f"step{n}", step_args=args))
    source = steps[-1].properties.ProcessingOutputConfig.Outputs["out"].S3Output.S3Uri
print(len(Pipeline("bench", parameters=[day], steps=steps, sagemaker_session=session).definition()))
"""

OMEGACONF = """
import sys, time
from omegaconf import OmegaConf
text = open(sys.argv[1]).read()
start = time.perf_counter()
document = OmegaConf.create(text)
OmegaConf.to_container(document, resolve=True)
print(time.perf_counter() - start)
"""


def spec(steps: int) -> str:
    parts = [HEAD]
    for n in range(steps):
        source = "s3://data/in" if n == 0 else f"${{step:step{n - 1}.outputs.out}}"
        parts.append(STEP.format(n=n, source=source))
    return "".join(parts)


def timed(command: list[str], runs: int) -> tuple[float, int]:
    """Median seconds of a whole process, and its peak memory in KiB."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - start)
        if result.returncode not in (0, 65):
            sys.exit(f"{command}: {result.returncode}: {result.stderr[-500:]}")
    return statistics.median(times), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def peak(command: list[str]) -> tuple[int, int, str]:
    """Exit code, peak memory in KiB of this one process, and what it said."""
    code = textwrap.dedent("""
        import resource, subprocess, sys
        r = subprocess.run(sys.argv[1:], capture_output=True, text=True)
        print(r.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, (r.stdout + r.stderr)[:200].replace("\\n", " "))
    """)
    out = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True).stdout
    status, kib, *rest = out.split(" ", 2)
    return int(status), int(kib), rest[0].strip() if rest else ""


def interpolations(count: int) -> str:
    lines = ["base: {name: x, list: [1, 2, 3]}", "items:"]
    lines += [
        f'  k{i}: {{a: "${{base.name}}-{i}", b: "${{.a}}/${{base.list[1]}}", c: "${{items.k{max(i - 1, 0)}.a}}"}}'
        for i in range(count)
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    work = Path(tempfile.mkdtemp())
    file = work / "bench.pipeline.yaml"
    print("file to definition, 20 processing steps")
    file.write_text(spec(20))
    ours, _ = timed([str(TOOL), "compile", str(file)], 40)
    sdk = work / "sdk.py"
    sdk.write_text(SDK)
    theirs, _ = timed([str(ROOT / ".venv-sdk/bin/python"), "-W", "ignore", str(sdk)], 3)
    print(f"  buzzflow compile         {ours * 1e3:10.2f} ms")
    print(f"  SageMaker Python SDK     {theirs * 1e3:10.2f} ms   {theirs / ours:8.0f}x")

    print("growth")
    base = 0.0
    for steps in (10, 100, 1000):
        file.write_text(spec(steps))
        seconds, _ = timed([str(TOOL), "compile", str(file)], 9)
        _, kib, _ = peak([str(TOOL), "compile", str(file)])
        base = base or seconds / steps
        print(
            f"  {steps:5} steps {seconds * 1e3:10.2f} ms {seconds / steps * 1e6:9.0f} us a step {kib / 1024:7.1f} MiB"
        )

    print("interpolation, 3,000 values")
    text = work / "values.yaml"
    text.write_text(interpolations(1000))
    ours, _ = timed([str(TOOL), "resolve", str(text)], 15)
    omega = work / "omega.py"
    omega.write_text(OMEGACONF)
    theirs = statistics.median(
        float(
            subprocess.run([sys.executable, str(omega), str(text)], capture_output=True, text=True, check=True).stdout
        )
        for _ in range(3)
    )
    print(f"  buzzflow resolve (process start, file, output included) {ours * 1e3:8.2f} ms")
    print(f"  OmegaConf (create and resolve alone)                    {theirs * 1e3:8.2f} ms {theirs / ours:8.0f}x")

    print("limits")
    for name, content in limits().items():
        file.write_text(content)
        start = time.perf_counter()
        status, kib, said = peak([str(TOOL), "check", str(file)])
        print(f"  {name:32} exit {status} {time.perf_counter() - start:6.2f} s {kib / 1024:7.1f} MiB  {said[:90]}")


def filled(head: str, item: str, tail: str = "") -> str:
    """A file of 1 MiB: ${item} as often as it fits, {i} in it is its number."""
    parts, size, i = [head], len(head) + len(tail), 0
    while size < 1 << 20:
        parts.append(item.replace("{i}", f"{i:x}"))
        size += len(parts[-1])
        i += 1
    return "".join(parts[:-1]) + tail


def limits() -> dict[str, str]:
    full = spec(10) + "".join(f"# {'x' * 96}\n" for _ in range(10)) + "variables2: 1\n"
    filler = "variables:\n" + "".join(f"  v{i}: {'y' * 80}\n" for i in range(11300))
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    head = HEAD.split("variables:", 1)[0] + "steps: {a: {type: fail, message: m}}\n"
    return {
        "520,000 values in a list": filled(head + "variables: {v: [", "0,", "0]}\n"),
        "220,000 keys": filled(head + "variables: {", "{i}a,", "}\n"),
        "130,000 interpolations": filled(head + "variables:\n a: 1\n v: [", '"${..a}",', "0]\n"),
        "130,000 mistakes": filled(head + "variables: {v: [", '"${a}",', "0]}\n"),
        "1 MiB of variables": spec(10)
        .replace('variables:\n  account: "123456789012"\n  ecr: ${.account}.dkr.ecr.us-west-2.amazonaws.com\n', filler)
        .replace("${variables.ecr}", "x"),
        "1 MiB of steps": spec(6800)[: (1 << 20) - 1].rsplit("  step", 1)[0],
        "over 1 MiB": full + "#" * (1 << 20),
        "alias bomb": bomb,
        "10,000 levels": "a: " + "[" * 10000 + "]" * 10000,
        "10,000 levels of maps": "a: " + "{a: " * 10000 + "1" + "}" * 10000,
    }


if __name__ == "__main__":
    main()
