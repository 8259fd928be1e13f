"""Write tests/data/sigv4.json: requests and the signatures that botocore's own signer makes for them.

tests/unit/aws/test_sigv4.c signs the same requests with shared/aws/sigv4.c and compares. The
requests are generated from a fixed seed, so the file is the same every time; "--check" compares
it with what is committed.

    .venv/bin/python tools/gen_sigv4_vectors.py [--check]
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import sys
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

OUT = Path(__file__).resolve().parent.parent / "tests" / "data" / "sigv4.json"
COUNT = 240

KEYS = [
    "plain.txt",
    "with space.txt",
    "specs/hello.pipeline.yaml",
    "a+b=c*d:e~f",
    "twice//slash",
    "/leading",
    "trailing/",
    "dot/./here/../up",
    "한국어/파일 이름.txt",
    "emoji-😀.bin",
    "percent%20already",
    "quote'\"!()[]{}",
    "comma,semi;colon@at&and$dollar?question#hash",
    "back\\slash|pipe^caret`tick<less>more",
    "tilde~under_score-dash.dot",
]
PATHS = ["/", "/schedules/daily", "/schedules/ctr.daily_1-x", "/a/./b/../c", "//double//slash", "/x y/z"]
NAMES = ["acl", "list-type", "prefix", "continuation-token", "groupName", "X-Upper", "a", "A", "é", "sp ace"]
VALUES = ["", "2", "specs/", "a b", "a+b", "a=b&c", "ü/ö", "~", "*", "%2F", "%", "A", "a", "x:y;z"]
SERVICES = ["s3", "s3", "s3", "sagemaker", "dynamodb", "scheduler", "logs", "sts", "sqs"]
REGIONS = ["us-west-2", "us-east-1", "ap-northeast-2", "cn-north-1"]
BODIES = ["", "{}", '{"PipelineName":"hello"}', "Action=Publish&Message=a%20b", "binary\x01\x7f", "é" * 50]
HEADERS = [
    ("Content-Type", "application/x-amz-json-1.1"),
    ("X-Amz-Target", "SageMaker.DescribePipeline"),
    ("x-amz-meta-note", "  several   blanks\tinside  "),
    ("x-amz-copy-source", "/bucket/some%20key?versionId=3"),
    ("If-None-Match", "*"),
    ("x-amz-meta-empty", ""),
]


def one_case(rng: random.Random) -> dict[str, Any]:
    """A request as the C test reads it: raw query, path encoded once as it is sent."""
    service = rng.choice(SERVICES)
    s3 = service == "s3"
    method = rng.choice(["GET", "PUT", "HEAD", "DELETE"]) if s3 else rng.choice(["POST", "GET", "PUT"])
    raw_path = "/" + rng.choice(KEYS) if s3 else rng.choice(PATHS)
    path = quote(raw_path, safe="/-_.~")
    query = [[rng.choice(NAMES), rng.choice(VALUES)] for _ in range(rng.choice([0, 0, 1, 2, 3, 5]))]
    headers = [list(pair) for pair in HEADERS if rng.random() < 0.35]
    return {
        "service": service,
        "region": rng.choice(REGIONS),
        "time": rng.randrange(1_600_000_000, 2_000_000_000),
        "method": method,
        "host": rng.choice(["bucket.s3.us-west-2.amazonaws.com", "127.0.0.1:5000", "api.example.com"]),
        "path": path,
        "query": query,
        "headers": headers,
        "body": rng.choice(BODIES) if method in ("POST", "PUT") else "",
        "key_id": "AKIDEXAMPLE",
        "secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "token": rng.choice(["", "", "AQoDYXdzEPT//////////wEXAMPLE+token/=="]),
    }


def sign(case: dict[str, Any]) -> dict[str, str]:
    """What botocore makes of it: the canonical request and the Authorization header."""
    pairs = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in case["query"])
    url = f"https://{case['host']}{case['path']}" + ("?" + pairs if pairs else "")
    request = AWSRequest(method=case["method"], url=url, data=case["body"].encode())
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    request.headers["host"] = case["host"]
    credentials = Credentials(case["key_id"], case["secret"], case["token"] or None)
    signer_class = S3SigV4Auth if case["service"] == "s3" else SigV4Auth
    signer = signer_class(credentials, case["service"], case["region"])
    now = datetime.datetime.fromtimestamp(case["time"], datetime.UTC)
    # S3 over TLS may go with an unsigned payload in botocore; ours is always hashed.
    request.context["payload_signing_enabled"] = True
    request.context["client_config"] = None
    with mock.patch("botocore.auth.get_current_datetime", return_value=now.replace(tzinfo=None)):
        signer.add_auth(request)
    authorization = request.headers["Authorization"]
    del request.headers["Authorization"]  # was not there when the request was signed
    return {"canonical": signer.canonical_request(request), "authorization": authorization}


def make() -> str:
    """The whole file."""
    rng = random.Random(20260301)
    cases = []
    for _ in range(COUNT):
        case = one_case(rng)
        case.update(sign(case))
        cases.append(case)
    return json.dumps(cases, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    text = make()
    if parser.parse_args().check:
        same = OUT.read_text(encoding="utf-8") == text
        print("current" if same else f"{OUT} is not what this program makes: run it without --check")
        return 0 if same else 1
    OUT.write_text(text, encoding="utf-8")
    print(f"{COUNT} requests in {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
