"""`buzzflow explain-log` and `buzzflow render-alert`: what they print where, and with which status they end."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BUZZFLOW", ROOT / "dist" / "buzzflow"))
LOGS = ROOT / "tests" / "data" / "logs"
EVENTS = ROOT / "functions" / "pipeline_state" / "events"
ARN = "arn:aws:sagemaker:us-west-2:123456789012:pipeline/hello/execution/a1b2c3d4e6f7"
JOB = "arn:aws:sagemaker:us-west-2:123456789012:processing-job/pipelines-a1b2c3d4e6f7-greet-x"


def run(*arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, input=text, env={}, timeout=30, check=False)


def printed(done: subprocess.CompletedProcess[str]) -> Any:
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_log_is_explained_as_json() -> None:
    cause = printed(run("explain-log", LOGS / "py311-carets.txt"))
    assert cause["class"] == "user_code"
    assert (cause["exception"], cause["message"]) == ("KeyError", "'label'")
    assert (cause["file"], cause["line"]) == ("/opt/ml/code/train.py", 17)
    assert [frame["line"] for frame in cause["frames"]] == [42, 17]
    assert cause["rank"] is None
    assert "KeyError: 'label'" in cause["excerpt"]


def test_standard_input_is_a_log_too() -> None:
    text = (LOGS / "rank_mpi_first_wins.log").read_text()
    assert printed(run("explain-log", "-", text=text))["rank"] == "2"


def test_of_several_files_the_earliest_error_wins_by_the_times_of_the_lines(tmp_path: Path) -> None:
    header, frame = "Traceback (most recent call last):", '  File "/opt/ml/code/t.py", line 2, in f'
    for name, second, error in (("one", "05", "ValueError: late"), ("two", "04", "KeyError: 'first'")):
        lines = [f"2026-03-01T00:00:{second}.000Z {line}" for line in (header, frame, "    g()", error)]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    cause = printed(run("explain-log", tmp_path / "one", tmp_path / "two"))
    assert cause["message"] == "'first'"
    assert cause["host"].endswith("two")


def test_an_empty_log_and_one_that_is_no_text_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "bytes").write_bytes(bytes(range(256)) * 1000)
    for name in ("empty", "bytes"):
        assert printed(run("explain-log", tmp_path / name))["class"] == "unknown"


def test_what_is_wrong_with_the_command_line_is_said_on_standard_error() -> None:
    for arguments, status in (
        (["explain-log"], 64),
        (["explain-log", "--format", "xml", "x"], 64),
        (["explain-log", "/no/such/file"], 66),
        (["render-alert"], 64),
        (["render-alert", "--event", "/no/such/file"], 66),
        (["render-alert", "--event", str(ROOT / "README.md")], 65),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (status, ""), arguments
        assert done.stderr


def test_both_explain_themselves_with_examples() -> None:
    for command in ("explain-log", "render-alert"):
        done = run(command, "--help")
        assert done.returncode == 0
        assert "usage: buzzflow " + command in done.stdout
        assert "example" in done.stdout


def test_an_event_alone_makes_a_message() -> None:
    messages = printed(run("render-alert", "--event", EVENTS / "execution-executing.json"))
    assert len(messages) == 1
    assert "hello is running" in messages[0]["text"]
    assert messages[0]["blocks"][0]["type"] == "header"


def test_an_event_in_its_envelopes_makes_the_same_message() -> None:
    messages = printed(run("render-alert", "--event", EVENTS / "sqs-execution-succeeded.json"))
    assert "hello succeeded in 3 min 9 s" in messages[0]["text"]


def test_facts_make_the_message_and_the_answer(tmp_path: Path) -> None:
    facts = {
        "DescribePipelineExecution": {
            "PipelineExecutionArn": ARN,
            "PipelineExecutionStatus": "Failed",
            "CreationTime": "2026-03-02T00:00:10.123000+00:00",
            "LastModifiedTime": 1772409799.5,
        },
        "ListPipelineExecutionSteps": {
            "PipelineExecutionSteps": [
                {
                    "StepName": "greet",
                    "StepStatus": "Failed",
                    "StartTime": 1772409612,
                    "EndTime": 1772409798,
                    "FailureReason": "AlgorithmError: , exit code: 1",
                    "Metadata": {"ProcessingJob": {"Arn": JOB}},
                }
            ]
        },
        "DescribeProcessingJob": {"FailureReason": "AlgorithmError: , exit code: 1"},
        "GetLogEvents": {
            "events": [
                {"timestamp": 1772409797000, "message": line}
                for line in (LOGS / "sec_aws_env.log").read_text().splitlines()
            ]
        },
    }
    for name, answer in facts.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(answer), encoding="utf-8")
    root, answer = printed(run("render-alert", "--event", EVENTS / "execution-failed.json", "--facts", tmp_path))
    assert "hello failed in greet after" in root["text"]
    everything = json.dumps(answer)
    assert "KeyError: 'depth'" in everything
    assert "ASIAFAKE" not in everything
    assert "$252Faws$252Fsagemaker$252FProcessingJobs" in everything
