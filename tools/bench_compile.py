"""Measures the compiler beside its peers, in one run, and prints ratios. Run by scripts/bench compile.

- a 20-step pipeline, file to definition, against the SageMaker Python SDK building the same (import included)
- interpolation against OmegaConf on the same document
- 10, 100, 1,000 steps: time and memory a step
- files at the limit of 1 MiB; an alias bomb; 10,000 levels

Both sides of a comparison are whole processes, from start to exit. They take turns in one loop, because machines
change their speed: each turn gives a ratio, and the median of the ratios counts. Exits with 1 if a target is missed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOL = ROOT / "dist/buzzflow"
TURNS = 9
OURS_A_TURN = 10  # ours takes milliseconds: a turn's time is the median of so many runs

SDK_TARGET = 500  # times
OMEGACONF_TARGET = 100  # times
GROWTH_TARGET = 20  # times what 100 steps take, for 1,000: in line it is ten, by the square a hundred

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
print(Pipeline("bench", parameters=[day], steps=steps, sagemaker_session=session).definition())
"""

OMEGACONF = """
import json, sys, time
from omegaconf import OmegaConf
text = open(sys.argv[1]).read()
start = time.perf_counter()
values = OmegaConf.to_container(OmegaConf.create(text), resolve=True)
print(time.perf_counter() - start, file=sys.stderr)
json.dump(values, sys.stdout)
"""


def spec(steps: int) -> str:
    parts = [HEAD]
    for n in range(steps):
        source = "s3://data/in" if n == 0 else f"${{step:step{n - 1}.outputs.out}}"
        parts.append(STEP.format(n=n, source=source))
    return "".join(parts)


def interpolations(count: int) -> str:
    lines = ["base: {name: x, list: [1, 2, 3]}", "items:"]
    lines += [
        f'  k{i}: {{a: "${{base.name}}-{i}", b: "${{.a}}/${{base.list[1]}}", c: "${{items.k{max(i - 1, 0)}.a}}"}}'
        for i in range(count)
    ]
    return "\n".join(lines) + "\n"


# ---- taking turns ----


@dataclass
class Run:
    """One process: its time from start to exit, and what it wrote."""

    seconds: float
    out: str
    err: str


def run(command: list[str], work: Path) -> Run:
    """Writes into files, so that nobody has to read while the process is timed."""
    out, err = work / "stdout", work / "stderr"
    with out.open("wb") as o, err.open("wb") as e:
        actions = [(os.POSIX_SPAWN_DUP2, o.fileno(), 1), (os.POSIX_SPAWN_DUP2, e.fileno(), 2)]
        start = time.perf_counter()
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"bench: {' '.join(command)}: exit {status}: {err.read_text()[-500:]}")
    return Run(seconds, out.read_text(), err.read_text())


@dataclass
class Side:
    command: list[str]
    runs_a_turn: int
    turns: list[float] = field(default_factory=list)  # seconds
    last: list[Run] = field(default_factory=list)  # of each turn

    def take_turn(self, work: Path) -> None:
        runs = [run(self.command, work) for _ in range(self.runs_a_turn)]
        self.turns.append(statistics.median(r.seconds for r in runs))
        self.last.append(runs[-1])


def take_turns(one: Side, other: Side, work: Path) -> None:
    for side in (one, other):
        run(side.command, work)  # counts for nothing: it warms the caches
    for _ in range(TURNS):
        one.take_turn(work)
        other.take_turn(work)


def ratios(slow: list[float], fast: list[float]) -> list[float]:
    return [s / f for s, f in zip(slow, fast, strict=True)]


# ---- what is printed ----


def print_heading(text: str) -> None:
    print(f"\n{text}", flush=True)


def print_time(what: str, seconds: list[float]) -> None:
    print(f"  {what:44} {statistics.median(seconds) * 1e3:9.2f} ms")


def print_ratios(what: str, values: list[float]) -> None:
    spread = f"median of {len(values)} turns, from {min(values):,.0f} to {max(values):,.0f}"
    print(f"  {what:44} {statistics.median(values):9,.0f} x   {spread}")


@cache
def least() -> int:
    """KiB: no process is seen to take less than the one that started it, which is Python's."""
    return peak(["/bin/true"])[1]


def mebibytes(kib: int) -> str:
    return f"< {least() / 1024:.0f} MiB" if kib < 1.1 * least() else f"{kib / 1024:4.0f} MiB"


@dataclass
class Target:
    what: str
    found: float
    reached: bool

    def __str__(self) -> str:
        return f"  {'reached' if self.reached else 'MISSED':8} {self.what}: {self.found:,.1f} x"


# ---- the comparisons ----


def bench_sdk(work: Path) -> Target:
    print_heading("20 processing steps, from file to definition")
    file, script = work / "bench.pipeline.yaml", work / "sdk.py"
    file.write_text(spec(20))
    script.write_text(SDK)
    ours = Side([str(TOOL), "compile", str(file)], OURS_A_TURN)
    theirs = Side([str(ROOT / ".venv-sdk/bin/python"), "-W", "ignore", str(script)], 1)
    take_turns(ours, theirs, work)
    for side in (ours, theirs):
        out = side.last[0].out
        definition = json.loads(out[out.index("{") :])  # the SDK logs on standard output as well
        if [step["Name"] for step in definition["Steps"]] != [f"step{n}" for n in range(20)]:
            sys.exit(f"bench: not the definition of 20 steps: {side.command}")
    found = ratios(theirs.turns, ours.turns)
    print_time("buzzflow compile", ours.turns)
    print_time("the same by the SageMaker Python SDK", theirs.turns)
    print_ratios("the SDK takes", found)
    median = statistics.median(found)
    return Target(f"the SDK takes at least {SDK_TARGET} x as long", median, median >= SDK_TARGET)


def bench_omegaconf(work: Path) -> Target:
    print_heading("3,000 values with 4,000 interpolations")
    file, script = work / "values.yaml", work / "omegaconf_resolve.py"
    file.write_text(interpolations(1000))
    script.write_text(OMEGACONF)
    ours = Side([str(TOOL), "resolve", str(file)], OURS_A_TURN)
    theirs = Side([sys.executable, str(script), str(file)], 1)
    take_turns(ours, theirs, work)
    if json.loads(ours.last[0].out) != json.loads(theirs.last[0].out):
        sys.exit("bench: buzzflow and OmegaConf resolve to different values")
    found = ratios(theirs.turns, ours.turns)
    print_time("buzzflow resolve", ours.turns)
    print_time("the same by OmegaConf", theirs.turns)
    print_ratios("OmegaConf takes", found)
    alone = [float(r.err) for r in theirs.last]
    print_ratios("without the start and imports of Python", ratios(alone, ours.turns))
    median = statistics.median(found)
    return Target(f"OmegaConf takes at least {OMEGACONF_TARGET} x as long", median, median >= OMEGACONF_TARGET)


def bench_growth(work: Path) -> Target:
    print_heading("the same pipeline with more steps: time and memory of buzzflow compile")
    sides = []
    for steps in (10, 100, 1000):
        file = work / f"bench{steps}.pipeline.yaml"
        file.write_text(spec(steps))
        sides.append(Side([str(TOOL), "compile", str(file)], OURS_A_TURN // 2))
    for _ in range(TURNS):
        for side in sides:
            side.take_turn(work)
    for steps, side in zip((10, 100, 1000), sides, strict=True):
        seconds, memory = statistics.median(side.turns), mebibytes(peak(side.command)[1])
        print(f"  {f'{steps:,} steps':44} {seconds * 1e3:9.2f} ms  {seconds / steps * 1e6:4.0f} us a step  {memory}")
    found = statistics.median(ratios(sides[2].turns, sides[1].turns))
    return Target(f"1,000 steps take at most {GROWTH_TARGET} x as long as 100", found, found <= GROWTH_TARGET)


def bench_limits(work: Path) -> None:
    print_heading("files at the limits: exit status, time, memory and words of buzzflow check")
    file = work / "limit.pipeline.yaml"
    for name, content in limits().items():
        file.write_text(content)
        start = time.perf_counter()
        status, kib, said = peak([str(TOOL), "check", str(file)])
        said = said.removeprefix(f"{work}/")[:80]
        print(f"  {name:26} exit {status:2} {time.perf_counter() - start:6.2f} s  {mebibytes(kib)}  {said}")


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


def main() -> int:
    print(
        f"Whole processes, from start to exit, taking turns: {TURNS} turns of {OURS_A_TURN} runs of ours and one of theirs"
    )
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        targets = [bench_sdk(work), bench_omegaconf(work), bench_growth(work)]
        bench_limits(work)
    print_heading("targets")
    for target in targets:
        print(target)
    return 0 if all(t.reached for t in targets) else 1


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
    sys.exit(main())
