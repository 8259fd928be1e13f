"""Bad input: each function says what is wrong, does nothing else, and goes on with the next message of the batch."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from world import HELLO, ROOT, TRACEBACK, World, one

Json = Any
Check = Callable[[], None]
SEQUENCER = "0055AED6DCD90281E5"
FUNCTIONS = ("deploy-spec", "pipeline-state", "failure-logs", "rerun")

NO_JSON = [
    "this is not JSON",
    '{"Records": [',
    '{"a": 1} and more',
    '{"a": 1, "a": 2}',
    "{'kind': 'schedule'}",
    "[" * 3000,
    "name: caf\u00e9 \u2615",
]
NO_EVENT = ["[]", "null", "42", '"text"', "{}", '{"neither": "fish", "nor": "fowl"}', '{"kind": 7}', '{"Records": []}']
"""JSON, but none that a function is woken by."""


def sample(function: str, file: str) -> str:
    """A sample event of a function, as its folder has it."""
    return (ROOT / "functions" / function / "events" / f"{file}.json").read_text()


def s3_event(key: str = "specs/x.pipeline.yaml", bucket: str = "specs-research", **more: str) -> str:
    record = json.loads(sample("deploy_spec", "upload"))["Records"][0]
    record["s3"]["object"] |= {"key": key, "sequencer": SEQUENCER, **more}
    record["s3"]["bucket"] = {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}
    return json.dumps({"Records": [record]})


def without(text: str, *path: Any) -> str:
    """An event without one of its members."""
    event = json.loads(text)
    at = event
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return json.dumps(event)


UPLOAD = s3_event()
FAILED = sample("failure_logs", "pipeline-failed")
CHANGE = sample("pipeline_state", "execution-failed")
DUE = sample("rerun", "schedule")
GLUE = json.dumps({"source": "aws.glue", "detail-type": "Glue Job State Change", "detail": {"jobName": "x"}})

WRONG: dict[str, list[tuple[str, str]]] = {
    "deploy-spec": [
        (CHANGE, "deploy_spec takes"),
        (FAILED, "pipeline_failed"),
        (DUE, "schedule"),
        (s3_event(bucket="somebody-elses"), "somebody-elses"),
        (json.dumps({"kind": "redeploy"}), "bucket"),
        (json.dumps({"kind": "redeploy", "bucket": "specs-research", "key": "platform.yaml"}), "no pipeline file"),
        (without(UPLOAD, "Records", 0, "s3"), "bucket"),
        (without(UPLOAD, "Records", 0, "s3", "object", "key"), "key"),
        (without(UPLOAD, "Records", 0, "s3", "bucket"), "bucket"),
        (UPLOAD.replace('"eventVersion": "2.1"', '"eventVersion": "3.0"'), "3.0"),
    ],
    "pipeline-state": [
        (UPLOAD, "pipeline_state takes"),
        (FAILED, "pipeline_failed"),
        (GLUE, "aws.glue"),
        (without(CHANGE, "detail"), "detail"),
        (without(CHANGE, "detail", "pipelineExecutionArn"), "pipelineExecutionArn"),
    ],
    "failure-logs": [
        (UPLOAD, "failure_logs takes"),
        (CHANGE, "Execution Status Change"),
        (DUE, "schedule"),
        (without(FAILED, "execution_arn"), "execution_arn"),
    ],
    "rerun": [
        (UPLOAD, "rerun takes"),
        (FAILED, "pipeline_failed"),
        (GLUE, "Glue"),
        (DUE.replace('"pipeline"', '"pipe_line"'), "pipeline"),
        (json.dumps(json.loads(DUE) | {"scheduled_time": "noon"}), "noon"),
        (json.dumps(json.loads(DUE) | {"scheduled_time": "<aws.scheduler.scheduled-time>"}), "template"),
        (without(CHANGE, "detail", "currentPipelineExecutionStatus"), "currentPipelineExecutionStatus"),
    ],
}
"""JSON of another kind, or without what the function needs, and a word that the answer has to say."""


# What a function does with a good message


def good_upload(world: World, name: str) -> tuple[str, Check]:
    world.upload_code({"hello/hello.py": b"print()\n"})
    world.upload(name, HELLO.format(name=name))
    return world.take("deploy-spec")[0], lambda: _is("ok", world.deployment(name)["status"])


def good_change(world: World, name: str) -> tuple[str, Check]:
    world.hello(name)
    world.cloud.client("sagemaker").start_pipeline_execution(PipelineName=name, ClientRequestToken="g" * 32)
    world.cloud.settle()
    changes = [m for m in world.take("pipeline-state") if '"Executing"' in m and "Execution Status" in m]
    return changes[0], lambda: _is(1, len([m for m in world.roots(name) if "Deployed" not in m["text"]]))


def good_failure(world: World, name: str) -> tuple[str, Check]:
    world.hello(name)
    step = {"exit_code": 1, "after": 60, "logs": {"algo-1": TRACEBACK}}
    world.scenario(name, {"steps": {"greet": step}})
    world.cloud.client("sagemaker").start_pipeline_execution(PipelineName=name, ClientRequestToken="g" * 32)
    world.advance(120)
    message = one(m for m in world.take("failure-logs") if name in m)
    root = one(m for m in world.roots(name) if "failed" in m["text"])
    return message, lambda: _is(1, len(world.replies(root)))


def good_due(world: World, name: str) -> tuple[str, Check]:
    world.hello(name)
    due = json.loads(DUE) | {"pipeline": name, "schedule": "weekly", "scheduled_time": "2026-03-02T00:00:00Z"}
    return json.dumps(due), lambda: _is(1, len(world.runs(name)))


GOOD = {
    "deploy-spec": good_upload,
    "pipeline-state": good_change,
    "failure-logs": good_failure,
    "rerun": good_due,
}


def _is(wanted: Json, found: Json) -> None:
    assert found == wanted


def alarm(world: World, function: str) -> str:
    return str(one(a for a in world.cloud.get("alarms") if a["name"] == f"buzzflow-research-{function}-dead")["state"])


def waiting(world: World, function: str) -> int:
    """Messages in a function's inbox, of whatever kind."""
    queue = world.cloud.queue(f"buzzflow-research-{function}")
    return int(queue["visible"] + queue["hidden"] + queue["delayed"])


def letters(world: World, function: str) -> dict[str, Json]:
    """A function's dead letters by their bodies."""
    return {letter["body"]: letter["attributes"] for letter in world.dead_letters(function)}


def all_bad(function: str) -> list[tuple[str, str, str]]:
    """Bodies, and what the dead letter says as `error` and in `message`."""
    return [
        *((body, "syntax error", "") for body in NO_JSON),
        *((body, "invalid value", "") for body in NO_EVENT),
        *((body, "invalid value", word) for body, word in WRONG[function]),
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_bad_message_is_a_dead_letter_with_its_reason_an_alarm_and_nothing_else(
    world: World, function: str
) -> None:
    bad = all_bad(function)
    assert alarm(world, function) == "OK"
    before = waiting(world, function)
    mails, mark, posted = len(world.cloud.get("mail")), world.mark(), len(world.messages())
    world.send(function, *(body for body, _, _ in bad))
    found = letters(world, function)
    assert len(found) == len(bad)
    for body, error, word in bad:
        told = found[body]
        assert told["error"] == error, (body[:60], told)
        assert word in told["message"] and len(told["message"]) > 10, (body[:60], told)
        assert told["function"] == function.replace("-", "_")
        assert told["receive_count"] == "1" and told["message_id"] and told["request_id"]
    # not tried again, nothing written, nothing said but by the alarm
    assert world.calls(function, mark) == ["sqs:SendMessage"] * len(bad)
    assert len(world.messages()) == posted
    assert alarm(world, function) == "ALARM"
    mail = [m for m in world.cloud.get("mail")[mails:] if f"{function}-dead" in m["body"]]
    assert len(mail) == 1
    assert waiting(world, function) == before


@pytest.mark.parametrize("function", FUNCTIONS)
def test_good_messages_between_bad_ones_in_one_batch_are_handled(world: World, function: str) -> None:
    world.pause(function)
    message, check = GOOD[function](world, f"between-{function}")
    bodies = ["not JSON", message, '{"kind": "nonsense"}', message, "[]"]
    records = [record(world, function, number, body) for number, body in enumerate(bodies)]
    answer = world.cloud.client("lambda").invoke(
        FunctionName=f"buzzflow-research-{function}", Payload=json.dumps({"Records": records})
    )
    assert "FunctionError" not in answer
    assert json.load(answer["Payload"]) == {"batchItemFailures": []}
    world.cloud.settle()
    check()
    assert set(letters(world, function)) == {"not JSON", '{"kind": "nonsense"}', "[]"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_good_messages_behind_bad_ones_in_the_queue_are_handled(world: World, function: str) -> None:
    world.pause(function)
    message, check = GOOD[function](world, f"behind-{function}")
    world.send(function, "bad 1", "bad 2", message, "bad 3")
    world.pause(function, paused=False)
    world.advance(60)
    check()
    assert set(letters(world, function)) == {"bad 1", "bad 2", "bad 3"}


def record(world: World, function: str, number: int, body: str) -> Json:
    return {
        "messageId": f"00000000-0000-4000-8000-{number:012}",
        "receiptHandle": "AQEB",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1772409600000"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-west-2:123456789012:buzzflow-research-{function}",
        "awsRegion": "us-west-2",
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_who_calls_a_function_with_a_bad_event_gets_the_error_and_the_next_call_works(
    world: World, function: str
) -> None:
    client, name = world.cloud.client("lambda"), f"buzzflow-research-{function}"
    for body, error, word in all_bad(function):
        if body in NO_JSON:
            continue  # Lambda itself takes JSON only
        answer = client.invoke(FunctionName=name, Payload=body)
        told = json.load(answer["Payload"])
        assert answer.get("FunctionError") == "Handled", (body[:60], told)
        assert told["errorType"] and word in told["errorMessage"], (body[:60], told, error)
    # events of S3 and of pipelines that nobody here knows are no mistake of the caller's
    fine = {
        "deploy-spec": json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "specs-research"}),
        "pipeline-state": CHANGE,
        "failure-logs": FAILED,
        "rerun": json.dumps(json.loads(DUE) | {"pipeline": "nobody"}),
    }
    answer = client.invoke(FunctionName=name, Payload=fine[function])
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert world.dead_letters(function) == []


def test_events_for_objects_that_are_no_pipeline_files_do_nothing(world: World) -> None:
    mark = world.mark()
    keys = ("specs/notes.txt", "specs/.pipeline.yaml", "x.pipeline.yaml")
    world.send("deploy-spec", *map(s3_event, keys))
    assert world.calls("deploy-spec", mark) == []
    assert world.dead_letters("deploy-spec") == []


# Files


def failed_as(world: World, name: str, *codes: str) -> Json:
    """The file was refused whole: a failed record with these codes, and nothing else."""
    record = world.deployment(name)
    assert record["status"] == "failed"
    errors = [d for d in record["diagnostics"] if d["severity"] == "error"]
    assert {d["code"] for d in errors} == set(codes), errors
    assert world.pipeline(name) is None and world.schedules(name) == {}
    assert world.dead_letters("deploy-spec") == []
    assert any(name in json.dumps(m) and errors[0]["message"][:20] in json.dumps(m) for m in world.messages())
    return errors


def test_a_file_that_is_not_utf_8_says_where(world: World) -> None:
    text = HELLO.format(name="input-latin").replace("default: world", "default: caf\xe9")
    world.upload("input-latin", text.encode("latin-1"))
    error = one(failed_as(world, "input-latin", "yaml.encoding"))
    assert error["line"] == text[: text.index("caf")].count("\n") + 1


def test_a_file_over_the_limit_is_refused_before_it_is_read(world: World) -> None:
    world.upload("input-long", HELLO.format(name="input-long") + "# filler\n" * 130_000)
    error = one(failed_as(world, "input-long", "yaml.too_large"))
    assert "1048576" in error["message"]
    world.upload("input-long", HELLO.format(name="input-long"))
    assert world.deployment("input-long")["status"] == "ok"


def test_a_file_at_the_limit_is_deployed(world: World) -> None:
    text = HELLO.format(name="input-limit")
    world.upload_code({"hello/hello.py": b"print()\n"})
    world.upload("input-limit", text + "#" * (1048576 - len(text) - 1) + "\n")
    assert world.deployment("input-limit")["status"] == "ok"


MISTAKES = {
    "names": "".join(f"x{number}: 1\n" for number in range(100_000)),
    "steps": "".join(f"  s{number}: {{type: procesing, instanse: 3, image: 5}}\n" for number in range(20_000)),
    "variables": "variables:\n" + "".join(f"  v{number}: ${{nope.{number}}}\n" for number in range(45_000)),
    "long-values": "".join(
        f"  s{number}: {{type: fail, message: x, depends_on: {'y' * 5000}{number}}}\n" for number in range(150)
    ),
}
"""Files of nothing but mistakes, most of them at the limit of 1 MiB."""


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_file_of_mistakes_is_answered_with_the_first_hundred_within_every_limit(world: World, kind: str) -> None:
    name = f"mistakes-{kind}"
    head = HELLO.format(name=name).split("schedules:")[0]
    world.upload(name, (head + MISTAKES[kind])[:1048576].rsplit("\n", 1)[0] + "\n")
    record = world.deployment(name)
    assert record["status"] == "failed"
    found = record["diagnostics"]
    assert len(found) == 100
    assert len(json.dumps(record)) < 380 * 1024
    assert [d["line"] for d in found] == sorted(d["line"] for d in found)
    one(world.roots(f"`{name}`"))
    assert world.dead_letters("deploy-spec") == []


def test_a_mistake_changes_nothing_that_runs_and_is_told_with_its_place(world: World) -> None:
    text = HELLO.format(name="input-mistake").replace("instance_type: ml", "instance_typ: ml")
    world.upload("input-mistake", text)
    errors = failed_as(world, "input-mistake", "spec.unknown_field")  # and not as missing besides
    error = one(errors)
    assert "instance_type" in error["hint"]
    line = text.splitlines()[error["line"] - 1]
    assert line[error["column"] - 1 :].startswith("instance_typ:")


def test_an_object_that_is_gone_when_its_event_comes_is_a_removal_not_a_crash(world: World) -> None:
    world.pause("deploy-spec")
    version = world.upload("input-gone", HELLO.format(name="input-gone"))
    s3 = world.cloud.client("s3")
    s3.delete_object(Bucket="specs-research", Key="specs/input-gone.pipeline.yaml", VersionId=version)
    world.cloud.settle()
    world.pause("deploy-spec", paused=False)
    world.advance(600)
    record = world.deployment("input-gone")
    assert record is None or record["status"] != "ok"
    assert world.pipeline("input-gone") is None and world.schedules("input-gone") == {}
    world.hello("input-gone")
    assert world.deployment("input-gone")["status"] == "ok"


@pytest.mark.parametrize("version", ["", "00000000-0000-0000-0000-000000000000", "not a version"])
def test_an_event_of_an_object_that_never_was_is_told_and_deploys_nothing(world: World, version: str) -> None:
    name = f"input-never-{len(version)}"
    more = {"versionId": version} if version else {}
    world.send("deploy-spec", s3_event(f"specs/{name}.pipeline.yaml", **more))
    assert world.dead_letters("deploy-spec") == []
    record = world.item(f"spec#specs/{name}.pipeline.yaml", f"history#{SEQUENCER.ljust(32, '0')}")
    assert record["status"] == "superseded"
    assert "not there any more" in record["error"]
    assert world.pipeline(name) is None and world.schedules(name) == {}
    world.hello(name)
    assert world.deployment(name)["status"] == "ok"
