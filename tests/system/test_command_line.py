"""`buzzflow deploy`, `preview` and `invoke` against the local cloud.

BUZZFLOW_TOOL names another program than dist/buzzflow.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from world import EXAMPLES, HELLO, ROOT, World, one

TOOL = Path(os.environ.get("BUZZFLOW_TOOL", ROOT / "dist/buzzflow")).resolve()
DUE = ROOT / "functions/rerun/events/schedule.json"


def buzzflow(world: World, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "BUZZFLOW_"))}
    return subprocess.run(
        [TOOL, *map(str, arguments)],
        env=inherited | world.cloud.environment() | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def write(folder: Path, name: str, text: str) -> Path:
    (folder / "hello").mkdir(exist_ok=True)
    (folder / "hello" / "hello.py").write_text(f"print('{name}')\n")
    path = folder / f"{name}.pipeline.yaml"
    path.write_text(text)
    return path


def test_deploy_uploads_code_and_file_and_prints_what_came_of_it(world: World, tmp_path: Path) -> None:
    path = write(tmp_path, "by-cli", HELLO.format(name="by-cli"))
    done = buzzflow(world, "deploy", path, "--environment", "research", "--wait", "--commit", "0123abc")
    assert done.returncode == 0, done.stderr
    assert "created pipeline by-cli" in done.stdout and "created schedule by-cli.weekly" in done.stdout
    assert "\r" not in done.stderr  # progress is for terminals
    arn = world.deployment("by-cli")["arn"]
    tags = world.cloud.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
    assert {"Key": "buzzflow:commit", "Value": "0123abc"} in tags
    again = buzzflow(world, "deploy", path, BUZZFLOW_ENVIRONMENT="research")
    assert again.returncode == 0 and "1 there already" in again.stderr


def test_a_file_deleted_on_disk_leaves_the_code(world: World, tmp_path: Path) -> None:
    path = write(tmp_path, "shrinking", HELLO.format(name="shrinking"))
    (tmp_path / "hello" / "old.py").write_text("old = 1\n")
    assert buzzflow(world, "deploy", path, "--environment", "research").returncode == 0
    before = json.dumps(world.pipeline("shrinking"))
    (tmp_path / "hello" / "old.py").unlink()
    done = buzzflow(world, "deploy", path, "--environment", "research")
    assert done.returncode == 0 and "1 deleted" in done.stderr
    assert json.dumps(world.pipeline("shrinking")) != before  # another content, another address


def test_mistakes_come_back_as_if_they_were_local(world: World, tmp_path: Path) -> None:
    text = HELLO.format(name="mistaken").replace("instance_type", "instnce_type").replace("Asia/Seoul", "Asia/Soul")
    path = write(tmp_path, "mistaken", text)
    done = buzzflow(world, "deploy", path, "--environment", "research")
    assert done.returncode == 65
    line = next(n for n, t in enumerate(text.splitlines(), 1) if "instnce_type" in t)
    assert f"{path}:{line}:" in done.stderr and "error[spec.unknown_field]" in done.stderr
    assert "did you mean 'instance_type'?" in done.stderr and "^~~~" in done.stderr
    as_json = buzzflow(world, "deploy", path, "--environment", "research", "--format", "json")
    assert as_json.returncode == 65
    assert json.loads(as_json.stdout)["status"] == "failed"
    codes = [json.loads(row)["code"] for row in as_json.stderr.splitlines() if row.startswith("{")]
    assert {"spec.unknown_field", "schedule.timezone"} <= set(codes)


def test_without_a_stack_or_a_file_nothing_is_uploaded(world: World, tmp_path: Path) -> None:
    path = write(tmp_path, "nowhere", HELLO.format(name="nowhere"))
    assert buzzflow(world, "deploy", path).returncode == 64
    assert buzzflow(world, "deploy", path, "--environment", "nowhere").returncode == 66
    assert buzzflow(world, "deploy", tmp_path / "none.pipeline.yaml", "--environment", "research").returncode == 66
    assert buzzflow(world, "deploy", tmp_path / "x.yaml", "--environment", "research").returncode == 64
    assert buzzflow(world, "deploy", path, "--environment", "research", "--key", "else/x.yaml").returncode == 64
    assert world.deployment("nowhere") is None


def test_waiting_ends_when_nobody_deploys(world: World, tmp_path: Path) -> None:
    path = write(tmp_path, "unanswered", HELLO.format(name="unanswered"))
    world.pause("deploy-spec")
    done = buzzflow(world, "deploy", path, "--environment", "research", "--timeout", "1")
    assert done.returncode == 75
    assert "no deployment record" in done.stderr
    assert buzzflow(world, "deploy", path, "--environment", "research", "--no-wait").returncode == 0
    world.pause("deploy-spec", paused=False)
    world.cloud.settle()


def test_preview_shows_what_the_run_will_get(world: World, tmp_path: Path) -> None:
    path = write(tmp_path, "previewed", HELLO.format(name="previewed"))
    shown = buzzflow(world, "preview", path, "--from", world.cloud.now(), "-n", "1", "--format", "json")
    assert shown.returncode == 0, shown.stderr
    expected = json.loads(shown.stdout)
    world.upload_code({"hello/hello.py": b"print()\n"})
    world.upload("previewed", path.read_text())
    assert world.fire("weekly", "previewed") == expected["scheduled_time"]
    run = one(world.runs("previewed"))
    assert world.parameters(run["PipelineExecutionArn"]) == expected["parameters"]
    assert run["PipelineExecutionDisplayName"] == expected["display_name"]


def test_preview_says_what_only_the_run_knows(world: World, tmp_path: Path) -> None:
    who = "${ssm:/a} ${default:${last.success.time},never} ${date:%F}"
    path = write(tmp_path, "unknowns", HELLO.format(name="unknowns").replace("week ${date:isoweek}", who))
    shown = buzzflow(world, "preview", path, "--from", "2026-03-01T00:00:00Z", "-n", "1")
    assert "who = <ssm:/a> <last.success.time> 2026-03-02" in shown.stdout
    broken = path.read_text().replace(who, "${date.of:${last.success.time},%F}")
    path.write_text(broken)
    shown = buzzflow(world, "preview", path, "--from", "2026-03-01T00:00:00Z", "-n", "1")
    assert "<known when the run starts>" in shown.stdout


def test_preview_tells_of_a_wall_time_that_does_not_exist(world: World, tmp_path: Path) -> None:
    text = HELLO.format(name="gap").replace("0 9 ? * MON *", "30 2 * * ? *").replace("Asia/Seoul", "America/New_York")
    path = write(tmp_path, "gap", text)
    shown = buzzflow(world, "preview", path, "--from", "2026-03-07T00:00:00Z", "-n", "2")
    assert "2026-03-07T02:30:00-05:00" in shown.stdout and "2026-03-09T02:30:00-04:00" in shown.stdout
    assert "skipped" in shown.stdout and "2026-03-08T02:30:00 does not exist" in shown.stdout


def test_invoke_runs_the_real_handler_here(world: World) -> None:
    world.upload_example("hello")
    variables = {"BUZZFLOW_ENVIRONMENT": "research", "BUZZFLOW_TABLE": "buzzflow-research"}
    missing = buzzflow(world, "invoke", "rerun", "--event", DUE)
    assert missing.returncode == 65
    assert "BUZZFLOW_ENVIRONMENT" in missing.stderr and "BUZZFLOW_TABLE" in missing.stderr
    first = buzzflow(world, "invoke", "rerun", "--event", DUE, **variables)
    assert (first.returncode, first.stdout) == (0, '{"status":"done"}\n'), first.stderr
    second = buzzflow(world, "invoke", "rerun", "--event", DUE, **variables)
    assert "dealt with before" in second.stderr
    mine = [r for r in world.runs("hello") if r["PipelineExecutionDisplayName"] == "weekly-20260302T090000"]
    one(mine)
    assert buzzflow(world, "invoke", "nothing", "--event", DUE).returncode == 64


def test_the_examples_can_be_previewed(world: World) -> None:
    for path in sorted(EXAMPLES.glob("*.pipeline.yaml")):
        if "two-environments" in path.name:  # needs its platform file
            continue
        shown = buzzflow(world, "preview", path, "--from", "2026-03-01T00:00:00Z")
        assert shown.returncode == 0, (path.name, shown.stderr)
