"""The C client (shared/aws, shared/ledger) against moto, a server of AWS's API that was not written here.

The signatures are checked as well: moto refuses a request whose signature it does not find itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest
from botocore.awsrequest import AWSRequest
from moto.iam.access_control import IAMRequest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / os.environ.get("BUZZFLOW_PRESET", "dev") / "unit_ledger_test_server"
REGION = "us-west-2"


def correct_aws_request(self: IAMRequest) -> AWSRequest:
    """As moto's, but without the query string as the body of a request that has none."""
    request = original_aws_request(self)
    if self._method != "POST" and not self._body:
        request.data = b""
    return request


original_aws_request = IAMRequest._create_aws_request


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(IAMRequest, "_create_aws_request", correct_aws_request)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    moto_api_backend.reset()  # what a test before has left: the state is the process's
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def set_up(endpoint: str) -> dict[str, str]:
    """What the tests of the program expect to find; the environment with a user's own keys."""
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name=REGION)

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=endpoint)

    s3 = client("s3")
    for bucket in ("spec-bucket", "data-bucket", "many"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    versioned = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket="spec-bucket", VersioningConfiguration=versioned)
    for i in range(1005):
        s3.put_object(Bucket="many", Key=f"k{i:04}", Body=b"")
    client("dynamodb").create_table(
        TableName="buzzflow-test",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    topic = client("sns").create_topic(Name="failures")["TopicArn"]
    client("sqs").create_queue(QueueName="inbox")
    client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:123456789012:inbox",
        Attributes={"RawMessageDelivery": "true"},
    )
    logs = client("logs")
    group = "/aws/sagemaker/ProcessingJobs"
    logs.create_log_group(logGroupName=group)
    for stream in ("job/algo-1-1", "job-2/algo-1-1"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)  # old ones are dropped
    events = [{"timestamp": now + i, "message": f"line {i}"} for i in range(100)]
    logs.put_log_events(logGroupName=group, logStreamName="job/algo-1-1", logEvents=events)
    client("secretsmanager").create_secret(Name="slack", SecretString='{"bot_token":"x"}')
    client("ssm").put_parameter(Name="/buzzflow/research", Value='{"bucket":"spec-bucket"}', Type="String")

    iam = client("iam")
    iam.create_user(UserName="tester")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=policy)
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    return {
        "BUZZFLOW_TEST_ENDPOINT": endpoint,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def run(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM], env=env, capture_output=True, text=True, timeout=120)


def test_every_service_call_works_against_moto(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    env = set_up(endpoint)
    monkeypatch.setattr(moto.settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)  # from here on signatures count
    result = run(env)
    assert result.returncode == 0, result.stderr + result.stdout
    assert "SKIPPED" not in result.stderr


def test_with_a_wrong_secret_nothing_works(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    env = set_up(endpoint) | {"AWS_SECRET_ACCESS_KEY": "wrong"}
    monkeypatch.setattr(moto.settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
    result = run(env)
    assert "PASSED  ] 0 test(s)" in result.stderr + result.stdout
