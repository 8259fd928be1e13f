"""What people see of a run in Slack, and that they see it once."""

from __future__ import annotations

import json
from typing import Any

from world import EXAMPLES, HELLO, TRACEBACK, World, one

Json = Any


def lines(message: Json) -> str:
    """All text of a message's blocks."""
    found: list[str] = []

    def walk(node: Json) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                found.append(node["text"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(message.get("blocks", []))
    return "\n".join(found)


def failing(**more: Json) -> Json:
    step = {"exit_code": 1, "after": 60, "logs": {"algo-1": ["INFO start", *TRACEBACK]}, **more}
    return {"steps": {"greet": step}}


def run_root(world: World, name: str) -> Json:
    """The one message of the pipeline's run (deployments have theirs)."""
    return one(m for m in world.roots(name) if "Deployed" not in m["text"])


def test_a_failed_run_has_one_message_and_one_answer_with_the_cause(world: World) -> None:
    world.hello("alert-fails")
    world.scenario("alert-fails", failing())
    world.fire("weekly", "alert-fails")
    world.advance(300)
    root = run_root(world, "alert-fails")
    assert "alert-fails failed in greet" in root["text"]
    assert "schedule weekly" in lines(root)
    assert "Mon 2026-" in lines(root)
    assert "who=week" in lines(root)
    assert root["edits"], "it was posted when the run began"
    assert "KeyError: 'hello' in hello.py line 8" in lines(root), "the failing line in the first screen"
    answer = one(world.replies(root))
    text = lines(answer)
    assert "KeyError: 'hello'" in text
    assert "hello.py" in text and "line 8" in text
    assert 'print(greetings["hello"])' in text
    assert world.dead_letters("pipeline-state") == []
    assert world.dead_letters("failure-logs") == []


def test_a_run_that_succeeds_is_shown_green(world: World) -> None:
    world.hello("alert-green")
    world.fire("weekly", "alert-green")
    world.advance(300)
    root = run_root(world, "alert-green")
    assert "alert-green succeeded in" in root["text"]
    assert ":white_check_mark: `greet`" in lines(root)
    assert world.replies(root) == []


def test_every_hop_that_delivers_twice_still_gives_one_message_and_one_answer(world: World) -> None:
    world.hello("alert-twice")
    world.scenario("alert-twice", failing())
    world.cloud.post("copies", {"s3": 2, "sns": 2, "events": 2, "scheduler": 2, "alarm": 1})
    world.fire("weekly", "alert-twice")
    world.advance(300)
    answer = one(world.replies(run_root(world, "alert-twice")))
    assert "KeyError: 'hello'" in lines(answer)


def test_a_quota_error_without_a_job_is_explained_by_its_own_words(world: World) -> None:
    world.hello("alert-quota")
    world.scenario("alert-quota", {"steps": {"greet": {"error": "SageMaker.RESOURCE_LIMIT", "no_job": True}}})
    world.fire("weekly", "alert-quota")
    world.advance(300)
    text = lines(one(world.replies(run_root(world, "alert-quota"))))
    assert "ResourceLimitExceeded" in text
    assert "Service Quotas" in text


def test_log_lines_that_arrive_late_are_waited_for(world: World) -> None:
    world.hello("alert-late")
    world.scenario("alert-late", failing(log_delay=35))
    world.fire("weekly", "alert-late")
    world.advance(70)
    assert world.replies(run_root(world, "alert-late")) == []
    world.advance(200)
    assert "KeyError: 'hello'" in lines(one(world.replies(run_root(world, "alert-late"))))


def test_a_job_that_writes_nothing_is_still_answered(world: World) -> None:
    world.hello("alert-silent")
    world.scenario("alert-silent", failing(logs={}))
    world.fire("weekly", "alert-silent")
    world.advance(600)
    text = lines(one(world.replies(run_root(world, "alert-silent"))))
    assert "exit code: 1" in text
    assert "has written no log" in text


def test_slack_out_of_order_loses_nothing(world: World) -> None:
    world.hello("alert-outage")
    world.scenario("alert-outage", failing())
    down = {"do": "status", "status": 503, "times": 12}
    world.cloud.post("slack/settings", {"faults": [down]})
    world.fire("weekly", "alert-outage")
    world.advance(1800)
    root = run_root(world, "alert-outage")
    assert "failed in greet" in root["text"]
    assert "KeyError: 'hello'" in lines(one(world.replies(root)))


def test_an_answer_of_slack_that_is_lost_does_not_post_twice(world: World) -> None:
    world.hello("alert-lost")
    world.scenario("alert-lost", failing())
    drop = {"method": "chat.postMessage", "do": "drop", "applied": True, "times": 1}
    world.cloud.post("slack/settings", {"faults": [drop, {**drop, "skip": 2}]})
    world.fire("weekly", "alert-lost")
    world.advance(900)
    root = run_root(world, "alert-lost")
    assert "KeyError: 'hello'" in lines(one(world.replies(root)))


def test_a_retried_run_opens_its_message_again_and_is_answered_again(world: World) -> None:
    world.hello("alert-retry")
    world.scenario("alert-retry", failing() | {"retries": [failing(logs={"algo-1": ["ValueError?", *TRACEBACK]})]})
    world.fire("weekly", "alert-retry")
    world.advance(300)
    arn = world.runs("alert-retry")[-1]["PipelineExecutionArn"]
    sagemaker = world.cloud.client("sagemaker")
    sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="r" * 40)
    world.advance(30)
    assert "is running" in run_root(world, "alert-retry")["text"]
    world.advance(400)
    root = run_root(world, "alert-retry")
    assert "failed in greet" in root["text"]
    assert "retry 1" in lines(root)
    assert len(world.replies(root)) == 2


def test_events_out_of_order_end_in_the_last_state(world: World) -> None:
    world.hello("alert-disorder")
    known = world.cloud.get("scenario")
    world.cloud.post("scenario", known | {"events": {"duplicate": 2, "disorder": 50}})
    world.fire("weekly", "alert-disorder")
    world.advance(600)
    assert "succeeded" in run_root(world, "alert-disorder")["text"]


def test_answers_of_the_api_that_lag_behind_are_waited_for(world: World) -> None:
    world.hello("alert-lag")
    known = world.cloud.get("scenario")
    world.cloud.post("scenario", known | {"lag": {"seconds": 12}})
    world.fire("weekly", "alert-lag")
    world.advance(600)
    assert "succeeded" in run_root(world, "alert-lag")["text"]


def test_bad_messages_become_dead_letters_and_the_next_is_handled(world: World) -> None:
    world.hello("alert-bad")
    before = {f: len(world.dead_letters(f)) for f in ("pipeline-state", "failure-logs")}
    for function in before:
        world.send(function, "not json", '{"kind": "nonsense"}', "[]", '{"kind":"pipeline_failed"}')
    for function, count in before.items():
        assert len(world.dead_letters(function)) == count + 4, function
    world.fire("weekly", "alert-bad")
    world.advance(300)
    assert "succeeded" in run_root(world, "alert-bad")["text"]


def test_a_pipeline_of_somebody_else_is_left_alone(world: World) -> None:
    arn = "arn:aws:sagemaker:us-west-2:123456789012:pipeline/not-ours"
    detail = {"pipelineArn": arn, "pipelineExecutionArn": f"{arn}/execution/abcdef123456"}
    event = {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Building Pipeline Execution Status Change",
        "detail": detail | {"currentPipelineExecutionStatus": "Failed"},
    }
    count = len(world.messages())
    world.send("pipeline-state", json.dumps(event))
    assert len(world.messages()) == count


def with_alerts(world: World, name: str, alerts: str) -> None:
    world.upload_code({"hello/hello.py": (EXAMPLES / "hello" / "hello.py").read_bytes()})
    world.upload(name, HELLO.format(name=name) + f"alerts: {alerts}\n")


def test_without_live_a_channel_hears_only_of_what_it_wants(world: World) -> None:
    with_alerts(world, "alert-quiet", "{live: false}")
    world.scenario("alert-quiet", {}, failing())
    world.fire("weekly", "alert-quiet")
    world.advance(300)
    assert [m for m in world.roots("alert-quiet") if "Deployed" not in m["text"]] == []
    world.fire("weekly", "alert-quiet")
    world.advance(300)
    root = run_root(world, "alert-quiet")
    assert "failed in greet" in root["text"]
    assert "KeyError: 'hello'" in lines(one(world.replies(root)))


def test_people_are_mentioned_at_the_first_failure_and_recovery_is_told(world: World) -> None:
    with_alerts(world, "alert-mention", '{slack: "#mentions", mention: [U012AB], events: [failed, recovered]}')
    world.scenario("alert-mention", failing(), failing(), {})
    for _ in range(3):
        world.fire("weekly", "alert-mention")
        world.advance(300)
    roots = [m for m in world.roots("alert-mention", "#mentions") if "Deployed" not in m["text"]]
    answers = [lines(one(world.replies(root, "#mentions"))) for root in roots]
    assert len(answers) == 3
    assert "<@U012AB>" in answers[0]
    assert "<@U012AB>" not in answers[1] and "same error as run" in answers[1]
    assert "recovered" in answers[2]


def test_two_channels_get_a_message_and_an_answer_each(world: World) -> None:
    with_alerts(world, "alert-both", '{slack: ["#first", "#second"]}')
    world.scenario("alert-both", failing())
    world.fire("weekly", "alert-both")
    world.advance(300)
    for channel in ("#first", "#second"):
        root = one(m for m in world.roots("alert-both", channel) if "Deployed" not in m["text"])
        assert "KeyError: 'hello'" in lines(one(world.replies(root, channel)))


def test_a_channel_that_does_not_exist_becomes_a_dead_letter_and_the_mail_goes_out(world: World) -> None:
    world.cloud.post("slack/settings", {"only_these_channels": True, "channels": {"#ml-research": {}}})
    with_alerts(world, "alert-mail", '{slack: "#nowhere"}')
    world.scenario("alert-mail", failing())
    before = len(world.dead_letters("pipeline-state"))
    world.fire("weekly", "alert-mail")
    world.advance(600)
    assert len(world.dead_letters("pipeline-state")) > before
    mails = [m for m in world.cloud.get("mail") if "alert-mail failed" in json.dumps(m)]
    assert len(mails) == 1


def test_a_token_that_was_rotated_is_fetched_again(world: World) -> None:
    world.hello("alert-rotated")
    world.cloud.post("slack/settings", {"faults": [{"do": "error", "error": "invalid_auth", "applied": False}]})
    world.fire("weekly", "alert-rotated")
    world.advance(300)
    assert "succeeded" in run_root(world, "alert-rotated")["text"]


def test_the_cause_is_found_among_thousands_of_lines_of_two_machines(world: World) -> None:
    world.hello("alert-noise")
    noise = {"line": "INFO shard {n} done", "repeat": 1000}
    echo = "ConnectionResetError: [Errno 104] Connection reset by peer"
    world.scenario("alert-noise", failing(logs={"algo-1": [noise, echo], "algo-2": [noise, *TRACEBACK]}))
    known = world.cloud.get("scenario")
    world.cloud.post("scenario", known | {"logs": {"empty_pages": 3}})
    world.fire("weekly", "alert-noise")
    world.advance(300)
    text = lines(one(world.replies(run_root(world, "alert-noise"))))
    assert "KeyError: 'hello'" in text
    assert "algo-2" in text


def test_secrets_and_pings_of_a_log_do_not_reach_the_channel(world: World) -> None:
    world.hello("alert-secret")
    lines_of_log = ["connecting with password=hunter2hunter2 <!channel>", "AKIAFAKEFAKE", "FAKEFAKE", *TRACEBACK]
    world.scenario("alert-secret", failing(logs={"algo-1": lines_of_log}))
    world.fire("weekly", "alert-secret")
    world.advance(300)
    answer = one(world.replies(run_root(world, "alert-secret")))
    everything = json.dumps(answer)
    assert "hunter2" not in everything and "AKIAFAKE" not in everything
    for block in answer["blocks"]:
        assert block["type"] == "rich_text" or "<!channel>" not in json.dumps(block)


def test_a_stopped_run_is_told(world: World) -> None:
    world.hello("alert-stop")
    world.scenario("alert-stop", {"steps": {"greet": {"after": 3600}}})
    world.fire("weekly", "alert-stop")
    world.advance(60)
    arn = world.runs("alert-stop")[-1]["PipelineExecutionArn"]
    world.cloud.client("sagemaker").stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="s" * 40)
    world.advance(300)
    root = run_root(world, "alert-stop")
    assert "was stopped" in root["text"]
    assert "was stopped" in lines(one(world.replies(root)))


def test_a_function_that_dies_in_the_middle_changes_nothing_for_the_reader(world: World) -> None:
    world.hello("alert-killed")
    world.scenario("alert-killed", failing())
    for function, nth in (("pipeline-state", 11), ("failure-logs", 9)):
        match = {"caller": f"buzzflow-research-{function}"}
        world.cloud.post("faults/add", [{"match": match, "skip": nth, "do": "kill_after"}])
    world.fire("weekly", "alert-killed")
    world.advance(1800)
    assert all(fault["hit"] for fault in world.cloud.get("faults"))
    root = run_root(world, "alert-killed")
    assert "failed in greet" in root["text"]
    assert "KeyError: 'hello'" in lines(one(world.replies(root)))


def test_what_a_pipeline_wants_to_hear_of_is_told_once_each(world: World) -> None:
    with_alerts(world, "alert-chatty", "{events: [started, succeeded]}")
    world.cloud.post("copies", {"s3": 1, "sns": 1, "events": 2, "scheduler": 1, "alarm": 1})
    world.fire("weekly", "alert-chatty")
    world.advance(300)
    answers = [lines(m) for m in world.replies(run_root(world, "alert-chatty"))]
    assert len(answers) == 2
    assert "started: schedule weekly" in answers[0]
    assert "succeeded after" in answers[1]


def test_a_failure_that_nobody_wants_to_hear_of_is_shown_and_not_explained(world: World) -> None:
    with_alerts(world, "alert-unheard", "{events: [succeeded]}")
    world.scenario("alert-unheard", failing())
    world.fire("weekly", "alert-unheard")
    world.advance(300)
    root = run_root(world, "alert-unheard")
    assert "failed in greet" in root["text"]
    assert world.replies(root) == []
    assert not [m for m in world.cloud.get("mail") if "alert-unheard" in json.dumps(m)]
