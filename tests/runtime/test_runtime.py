"""The runtime against a stand-in Runtime API: the contract, refusals, and faults on the wire."""

from __future__ import annotations

import json
import time

import pytest
from standin import Event, StandIn, chunked, run


def served(*events: Event, env: dict[str, str] | None = None, **kwargs: object) -> tuple[StandIn, str]:
    standin = StandIn(list(events), **kwargs)  # type: ignore[arg-type]
    result = run(standin, env=env)
    standin.close()
    assert result.returncode == 1, "the process must not end by itself with status 0"
    return standin, result.stderr


def test_an_event_is_echoed_as_json_to_its_own_request_id() -> None:
    standin, _ = served(Event(b'{"a":"\xed\x95\x9c"}', id="abc-1"))
    answer = standin.answers[0]
    assert answer.path == "/2018-06-01/runtime/invocation/abc-1/response"
    assert answer.body == b'{"a":"\xed\x95\x9c"}'
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["user-agent"].startswith("buzzflow-runtime/")


def test_a_handler_chooses_the_content_type() -> None:
    standin, _ = served(Event(b"html"))
    assert standin.answers[0].headers["content-type"] == "text/html"


@pytest.mark.parametrize(
    "body", [b"", b"\0a\0", b"\xff\xfe", b"x" * 6_291_456], ids=["empty", "nul", "not-utf8", "6MiB"]
)
def test_the_bytes_of_an_event_arrive_unchanged(body: bytes) -> None:
    standin, _ = served(Event(body))
    assert standin.answers[0].body == body


@pytest.mark.parametrize("size", [1, 3, 4096])
def test_a_chunked_event_in_chunks_of_any_size_arrives_whole(size: int) -> None:
    body = bytes(range(256)) * (1 if size == 1 else 40)
    standin, _ = served(Event(body, raw=chunked(size)), Event(b"after", id="req-2"))
    assert [a.body for a in standin.answers] == [body, b"after"]


def test_chunk_extensions_and_trailers_are_skipped() -> None:
    raw = chunked(5, extension=";name=value", trailer="X-Trailer: 1\r\n")
    standin, _ = served(Event(b"hello world", raw=raw), Event(b"2", id="req-2"))
    assert [a.body for a in standin.answers] == [b"hello world", b"2"]


def test_a_large_chunked_event_arrives_whole() -> None:
    body = b"y" * 5_000_000
    standin, _ = served(Event(body, raw=chunked(1_000_000)))
    assert standin.answers[0].body == body


def test_a_reply_in_single_bytes_is_read() -> None:
    def raw(event: Event) -> list[bytes]:
        return [bytes([b]) for b in Event(event.body, id=event.id).pieces()[0]]

    standin, _ = served(Event(b"slow", raw=raw, pause=0.001))
    assert standin.answers[0].body == b"slow"


def test_header_names_in_any_case_and_blanks_around_values_are_read() -> None:
    def raw(event: Event) -> list[bytes]:
        return [b"HTTP/1.1 200 OK\r\nLAMBDA-RUNTIME-AWS-REQUEST-ID: \t x9  \r\ncontent-LENGTH:5\r\n\r\nfacts"]

    standin, _ = served(Event(id="x9", raw=raw))
    assert json.loads(standin.answers[0].body)["id"] == "x9"


def test_the_context_carries_what_the_headers_say() -> None:
    deadline = int(time.time() * 1000) + 60_000
    standin, _ = served(
        Event(
            b"facts",
            headers={
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:x:1:function:f:live",
                "Lambda-Runtime-Trace-Id": "Root=1-2;Sampled=1",
                "Lambda-Runtime-Aws-Tenant-Id": "t1",
            },
        )
    )
    facts = json.loads(standin.answers[0].body)
    assert facts["arn"].endswith(":live") and facts["tenant"] == "t1"
    assert 50_000 < facts["remaining"] <= 60_000
    assert facts["trace"] == facts["env"] == "Root=1-2;Sampled=1"


def test_the_trace_variable_is_unset_when_an_event_has_no_trace() -> None:
    standin, _ = served(Event(b"facts", headers={"Lambda-Runtime-Trace-Id": "Root=1"}), Event(b"facts", id="req-2"))
    assert [json.loads(a.body)["env"] for a in standin.answers] == ["Root=1", "(unset)"]


@pytest.mark.parametrize("deadline", ["5000", "0", "-3", "soon", "12x"])
def test_a_deadline_in_the_past_or_no_number_leaves_no_time(deadline: str) -> None:
    standin, _ = served(Event(b"facts", headers={"Lambda-Runtime-Deadline-Ms": deadline}))
    assert json.loads(standin.answers[0].body)["remaining"] == 0


def test_a_failing_handler_reports_type_and_message_and_serves_the_next_event() -> None:
    standin, log = served(Event('fail na\u00efve "\u753b" \\ \x01'.encode()), Event(b"ok", id="req-2"))
    error, ok = standin.answers
    assert error.path.endswith("/req-1/error") and ok.body == b"ok"
    assert error.headers["lambda-runtime-function-error-type"] == "Function.Asked"
    assert json.loads(error.body) == {
        "errorMessage": 'na\u00efve "\u753b" \\ \x01',
        "errorType": "Function.Asked",
        "stackTrace": [],
    }
    cause = json.loads(error.headers["lambda-runtime-function-xray-error-cause"])
    assert cause["exceptions"][0]["message"] == 'na\u00efve "\u753b" \\ \x01'
    assert "Function.Asked" in log


def test_a_message_that_is_no_utf8_is_still_valid_json() -> None:
    standin, _ = served(Event(b"fail \xff\xc3"))
    assert json.loads(standin.answers[0].body)["errorMessage"] == "\ufffd\ufffd"


@pytest.mark.parametrize(
    "given,sent",
    [
        ("Function.Good", "Function.Good"),
        ("bad words", "Function.Unknown"),
        ("Function.lower", "Function.Unknown"),
        ("Runtime.ConfigInvalid", "Runtime.ConfigInvalid"),
    ],
)
def test_an_error_type_of_another_form_becomes_function_unknown(given: str, sent: str) -> None:
    standin, _ = served(Event(b"type " + given.encode()))
    assert standin.answers[0].headers["lambda-runtime-function-error-type"] == sent


@pytest.mark.parametrize("status", [400, 403, 410, 413])
def test_a_refused_answer_ends_the_invocation_and_not_the_process(status: int) -> None:
    refusal = (status, b'{"errorType":"Refused"}')
    standin, log = served(Event(b"one", answer=refusal), Event(b"facts", id="req-2"))
    assert [a.path.rsplit("/", 1)[1] for a in standin.answers] == ["response", "response"], (
        "no error is posted behind a refusal"
    )
    assert json.loads(standin.answers[1].body)["served"] == 2, "the same process serves the next event"
    assert f"answered {status}" in log and "Refused" in log


def test_a_server_error_to_an_answer_ends_the_process_with_a_reason() -> None:
    standin, log = served(Event(b"one", answer=(500, b"broken")), Event(b"two", id="req-2"))
    assert len(standin.answers) == 1 and "answered 500" in log


@pytest.mark.parametrize("status", [403, 500, 404])
def test_a_refused_next_ends_the_process_with_a_reason(status: int) -> None:
    _, log = served(next_status=[status])
    assert f"answered {status} to next" in log


@pytest.mark.parametrize("drop", ["before", "inside"])
def test_a_connection_lost_on_next_is_dialled_again_and_no_event_is_lost(drop: str) -> None:
    standin, log = served(Event(b"one", drop=drop), Event(b"two", id="req-2"))
    assert [a.body for a in standin.answers] == [b"one", b"two"]
    assert "no event from the Runtime API" in log


def test_an_answer_whose_reply_is_lost_is_sent_once_more_and_the_refusal_ends_it() -> None:
    standin, _ = served(Event(b"one", drop="answer"), Event(b"two", id="req-2"))
    assert [a.body for a in standin.answers] == [b"one", b"one", b"two"]


def test_a_request_id_that_comes_twice_is_served_twice() -> None:
    standin, _ = served(Event(b"1", id="same"), Event(b"2", id="same"))
    assert [a.body for a in standin.answers] == [b"1", b"2"]


def test_the_largest_response_is_sent_and_one_byte_more_fails_cleanly() -> None:
    standin, _ = served(Event(b"big 6291556"), Event(b"big 6291557", id="req-2"), Event(b"after", id="req-3"))
    largest, failed, after = standin.answers
    assert len(largest.body) == 6_291_556
    assert failed.path.endswith("/error") and b"Function.TooLarge" in failed.body
    assert after.body == b"after"


def test_a_failed_start_is_reported_with_its_type_and_reason() -> None:
    standin, log = served(Event(b"never"), env={"PROBE_INIT_FAILS": "BUZZFLOW_TABLE is not set"})
    (answer,) = standin.answers
    assert answer.path.endswith("/runtime/init/error")
    assert answer.headers["lambda-runtime-function-error-type"] == "Runtime.InitFailed"
    assert json.loads(answer.body)["errorMessage"] == "BUZZFLOW_TABLE is not set"
    assert standin.nexts == 0 and "BUZZFLOW_TABLE is not set" in log


@pytest.mark.parametrize("address", ["(unset)", "", "127.0.0.1:1", "not an address"])
def test_a_runtime_api_that_is_missing_or_unreachable_is_said_and_ends_with_status_1(address: str) -> None:
    standin = StandIn([])
    result = run(standin, env={"AWS_LAMBDA_RUNTIME_API": address}, timeout=90)
    standin.close()
    assert result.returncode == 1
    assert "Runtime API" in result.stderr or "AWS_LAMBDA_RUNTIME_API" in result.stderr


def test_a_proxy_variable_does_not_catch_the_runtime_api() -> None:
    standin, _ = served(
        Event(b"direct"),
        env={"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"},
    )
    assert standin.answers[0].body == b"direct"


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_a_reply_that_is_no_http_is_an_error_and_asked_for_again(raw: bytes) -> None:
    standin, log = served(Event(raw=lambda _: [raw]), Event(b"good", id="req-2"))
    assert [a.body for a in standin.answers] == [b"good"]
    assert "no event from the Runtime API" in log


def test_logs_are_text_with_the_request_id_by_default() -> None:
    _, log = served(Event(b"abc", id="rid-7"))
    assert "INFO rid-7 echo of 3 bytes" in log


def test_logs_are_one_json_object_a_line_when_asked_for() -> None:
    _, log = served(Event(b"abc", id="rid-7"), env={"AWS_LAMBDA_LOG_FORMAT": "JSON"})
    lines = [json.loads(line) for line in log.splitlines()]
    echo = next(line for line in lines if line["message"] == "echo of 3 bytes")
    assert echo["requestId"] == "rid-7" and echo["level"] == "INFO" and echo["timestamp"].endswith("Z")


def test_lines_below_the_log_level_are_not_written() -> None:
    _, log = served(Event(b"abc"), env={"AWS_LAMBDA_LOG_LEVEL": "ERROR"})
    assert "echo of" not in log
