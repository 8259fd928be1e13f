"""From service to service, in a running cloud: shapes, filters, policies, duplicates, dead letters, mail."""

from __future__ import annotations

import json

import pytest
from echo_cloud import SAMPLES, bodies, drain, events, records, s3_records, send, shape

from localcloud.client import LocalCloudProcess

# S3


def test_an_upload_is_notified_in_the_shape_that_aws_documents(cloud: LocalCloudProcess) -> None:
    cloud.client("s3").put_object(Bucket="uploads-test", Key="in/red flower ü.txt", Body=b"hello")
    cloud.settle()
    (record,) = s3_records(cloud, "in/red+flower+%C3%BC.txt")
    documented = json.loads((SAMPLES / "notification-put.json").read_text())["Records"][0]
    found, expected = shape(record), shape(documented)
    expected["s3"]["object"]["versionId"] = "value"  # the bucket has versions, the documented one has none
    assert found == expected
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["object"]["size"] == 5


def test_sequencers_of_a_key_grow_and_name_the_version(cloud: LocalCloudProcess) -> None:
    s3 = cloud.client("s3")
    versions = [s3.put_object(Bucket="uploads-test", Key="in/s.txt", Body=b"x" * n)["VersionId"] for n in range(3)]
    versions.append(s3.delete_object(Bucket="uploads-test", Key="in/s.txt")["VersionId"])
    cloud.settle()
    found = sorted(s3_records(cloud, "in/s.txt"), key=lambda r: r["s3"]["object"]["sequencer"])
    assert [r["s3"]["object"]["versionId"] for r in found] == versions
    assert found[-1]["eventName"] == "ObjectRemoved:DeleteMarkerCreated"
    assert "size" not in found[-1]["s3"]["object"]


def test_a_copied_object_is_notified_as_a_copy(cloud: LocalCloudProcess) -> None:
    s3 = cloud.client("s3")
    s3.put_object(Bucket="uploads-test", Key="out/a.txt", Body=b"x")
    s3.copy_object(
        Bucket="uploads-test", Key="in/copied.txt", CopySource={"Bucket": "uploads-test", "Key": "out/a.txt"}
    )
    cloud.settle()
    assert [r["eventName"] for r in s3_records(cloud, "in/copied.txt")] == ["ObjectCreated:Copy"]


def test_an_object_outside_the_filter_is_not_notified(cloud: LocalCloudProcess) -> None:
    for key in ("in/not.text", "other/a.txt"):
        cloud.client("s3").put_object(Bucket="uploads-test", Key=key, Body=b"x")
    cloud.settle()
    assert s3_records(cloud, "in/not.text") == s3_records(cloud, "other/a.txt") == []


def test_putting_a_notification_sends_a_test_event(cloud: LocalCloudProcess) -> None:
    found = [json.loads(b) for b in bodies(cloud) if "s3:TestEvent" in b]
    assert found and shape(found[0]) == shape(json.loads((SAMPLES / "test-event.json").read_text()))


def test_each_hop_may_deliver_twice(cloud: LocalCloudProcess) -> None:
    cloud.post("copies", {"s3": 2})
    cloud.client("s3").put_object(Bucket="uploads-test", Key="in/twice.txt", Body=b"x")
    cloud.settle()
    first, second = s3_records(cloud, "in/twice.txt")
    assert first["s3"]["object"]["sequencer"] == second["s3"]["object"]["sequencer"]


# SNS


def publish(cloud: LocalCloudProcess, message: str, kind: str) -> None:
    cloud.client("sns").publish(
        TopicArn=cloud.facts["stacks"]["test"]["Topic"],
        Message=message,
        MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
    )
    cloud.settle()


def test_raw_delivery_keeps_the_body_and_turns_attributes_into_sqs_attributes(cloud: LocalCloudProcess) -> None:
    publish(cloud, "raw body", "raw")
    (record,) = [r for r in records(cloud) if r["body"] == "raw body"]
    kind = record["messageAttributes"]["kind"]
    assert (kind["dataType"], kind["stringValue"]) == ("String", "raw")


def test_delivery_that_is_not_raw_wraps_the_message(cloud: LocalCloudProcess) -> None:
    drain(cloud, "second-test")
    publish(cloud, "wrapped body", "wrapped")
    (wrapped,) = [json.loads(b) for b in drain(cloud, "second-test")]
    assert wrapped["Type"] == "Notification"
    assert wrapped["MessageAttributes"] == {"kind": {"Type": "String", "Value": "wrapped"}}
    assert {"MessageId", "TopicArn", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL"} <= set(wrapped)


def test_one_endpoint_cannot_subscribe_twice_in_two_ways(cloud: LocalCloudProcess) -> None:
    sns, topic = cloud.client("sns"), cloud.facts["stacks"]["test"]["Topic"]
    known = next(
        s for s in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] if s["Protocol"] == "email"
    )
    same = {"TopicArn": topic, "Protocol": "email", "Endpoint": known["Endpoint"]}
    with pytest.raises(sns.exceptions.InvalidParameterException, match="different attributes"):
        sns.subscribe(**same, Attributes={"FilterPolicy": '{"kind": ["x"]}'})
    again = sns.subscribe(**same, Attributes={"FilterPolicy": '{"kind": ["mail"]}'}, ReturnSubscriptionArn=True)
    assert again["SubscriptionArn"] == known["SubscriptionArn"]


def test_a_filter_policy_keeps_messages_away_and_mail_is_kept_for_reading(cloud: LocalCloudProcess) -> None:
    publish(cloud, "for nobody", "other")
    publish(cloud, "for people", "mail")
    assert not [b for b in bodies(cloud) if "for nobody" in b or "for people" in b]
    assert [m["body"] for m in cloud.get("mail") if m["to"] == "people@example.com"] == ["for people"]


# EventBridge


def test_a_rule_hands_over_the_whole_event_and_a_transformed_one(cloud: LocalCloudProcess) -> None:
    drain(cloud, "second-test")
    detail = {"state": "done", "who": "ann", "count": 3}
    cloud.post("emit", {"source": "aws.test", "detail_type": "Test", "detail": detail, "resources": ["arn:x"]})
    cloud.settle()
    found = [json.loads(body) for body in drain(cloud, "second-test")]
    (whole,) = [e for e in found if "detail-type" in e]
    (transformed,) = [e for e in found if "rule" in e]
    members = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
    assert set(whole) == members
    assert whole["detail"] == detail
    assert transformed["text"] == "by ann (3)"
    assert transformed["event"] == whole


def test_an_event_that_does_not_match_goes_nowhere(cloud: LocalCloudProcess) -> None:
    drain(cloud, "second-test")
    cloud.post("emit", {"source": "aws.test", "detail_type": "Test", "detail": {"state": "open"}})
    cloud.settle()
    assert drain(cloud, "second-test") == []


def test_a_queue_whose_policy_does_not_let_the_rule_gets_nothing_and_that_is_loud(cloud: LocalCloudProcess) -> None:
    cloud.post("emit", {"source": "aws.refused", "detail_type": "Test", "detail": {}})
    cloud.settle()
    assert drain(cloud, "closed-test") == []
    assert [lost["hop"] for lost in cloud.get("lost")] == ["events"]
    assert "an event is lost" in cloud.get("violations")[0]["what"]
    cloud.post("violations/clear")


# The event source mapping


def test_only_the_reported_messages_of_a_batch_come_back_after_the_visibility_timeout(cloud: LocalCloudProcess) -> None:
    cloud.post("mappings", {"function": "echo-test", "enabled": False})
    send(cloud, "good one", "please retry 1", "good two")
    cloud.post("mappings", {"function": "echo-test", "enabled": True})
    cloud.settle()
    assert cloud.queue("inbox-test")["hidden"] == 1
    cloud.advance(31)
    counts = [r["attributes"]["ApproximateReceiveCount"] for r in records(cloud) if r["body"] == "please retry 1"]
    assert counts == ["1", "2"]
    assert bodies(cloud).count("good one") == bodies(cloud).count("good two") == 1
    cloud.advance(120)


def test_a_message_that_keeps_failing_ends_in_the_dead_letter_queue_and_an_alarm_goes_by_mail(
    cloud: LocalCloudProcess,
) -> None:
    drain(cloud, "dead-test")
    cloud.settle()
    before = len([m for m in cloud.get("mail") if m["to"] == "ops@example.com"])
    send(cloud, "please fail forever")
    cloud.advance(200)
    assert bodies(cloud).count("please fail forever") == 3
    assert drain(cloud, "dead-test") == ["please fail forever"]
    mail = [m for m in cloud.get("mail") if m["to"] == "ops@example.com"][before:]
    assert json.loads(mail[0]["body"])["NewStateValue"] == "ALARM"


def test_a_malformed_batch_answer_repeats_everything_and_is_loud(cloud: LocalCloudProcess) -> None:
    send(cloud, "please malform")
    cloud.settle()
    assert cloud.queue("inbox-test")["hidden"] == 1
    assert "malformed" in cloud.get("violations")[0]["what"]
    cloud.advance(200)
    drain(cloud, "dead-test")
    cloud.post("violations/clear")


def test_a_delayed_message_waits_for_its_time(cloud: LocalCloudProcess) -> None:
    url = cloud.facts["stacks"]["test"]["Inbox"]
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="later", DelaySeconds=600)
    cloud.settle()
    cloud.advance(590)
    assert "later" not in bodies(cloud)
    cloud.advance(11)
    assert "later" in bodies(cloud)


@pytest.mark.parametrize("kind", ["RequestResponse", "Event"])
def test_a_function_can_be_invoked_by_its_api(cloud: LocalCloudProcess, kind: str) -> None:
    answer = cloud.client("lambda").invoke(FunctionName="echo-test", InvocationType=kind, Payload=b'{"by": "api"}')
    cloud.settle()
    assert answer["StatusCode"] == (200 if kind == "RequestResponse" else 202)
    assert {"by": "api"} in events(cloud)


def test_an_invocation_that_fails_says_so(cloud: LocalCloudProcess) -> None:
    client = cloud.client("lambda")
    handled = client.invoke(FunctionName="echo-test", Payload=b'"please fail"')
    assert handled["FunctionError"] == "Handled"
    assert "FunctionError" not in client.invoke(FunctionName="echo-test", Payload=b"{}")


def test_an_asynchronous_failure_is_repeated_twice(cloud: LocalCloudProcess) -> None:
    payload = b'{"async": "please fail"}'
    cloud.client("lambda").invoke(FunctionName="echo-test", InvocationType="Event", Payload=payload)
    cloud.settle()
    assert events(cloud).count(json.loads(payload)) == 1
    cloud.advance(61)
    assert events(cloud).count(json.loads(payload)) == 2
    cloud.advance(200)
    assert events(cloud).count(json.loads(payload)) == 3


# Logs


def test_what_a_function_prints_is_in_its_log_group(cloud: LocalCloudProcess) -> None:
    send(cloud, "to be logged")
    cloud.settle()
    logs = cloud.client("logs")
    streams = logs.describe_log_streams(logGroupName="/aws/lambda/echo-test")["logStreams"]
    lines = [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(
            logGroupName="/aws/lambda/echo-test", logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]
    assert any("to be logged" in line for line in lines)
