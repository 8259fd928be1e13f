"""The server's side of Signature Version 4, against the worked examples that AWS publishes."""

from __future__ import annotations

from localcloud.identity import canonical_request, signature
from localcloud.wire import Call, Scope, scope_of

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def call(service: str, scope: Scope, path: str, query: str, headers: dict[str, str], body: bytes = b"") -> Call:
    method = "PUT" if body else "GET"
    return Call(service, "", {}, "rest-xml", None, method, path, query, headers, body, scope)


def s3_call(path: str, query: str = "", extra: dict[str, str] | None = None, signed: str = "host") -> Call:
    """A request of "Examples: Signature Calculations" in the S3 API reference."""
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "x-amz-content-sha256": EMPTY,
        "x-amz-date": "20130524T000000Z",
        "authorization": f"AWS4-HMAC-SHA256 Credential=X,SignedHeaders={signed},Signature=X",
    }
    scope = Scope("AKIAIOSFODNN7EXAMPLE", "20130524", "us-east-1", "s3")
    return call("s3", scope, path, query, headers | (extra or {}))


def test_the_published_get_object_request_has_its_published_signature() -> None:
    request = s3_call("/test.txt", extra={"range": "bytes=0-9"}, signed="host;range;x-amz-content-sha256;x-amz-date")
    expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    assert signature(request, SECRET.replace("+", "/")) == expected


def test_the_published_lifecycle_request_has_its_published_signature() -> None:
    request = s3_call("/", "lifecycle", signed="host;x-amz-content-sha256;x-amz-date")
    expected = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    assert signature(request, SECRET.replace("+", "/")) == expected


def test_the_published_list_objects_request_has_its_published_signature() -> None:
    request = s3_call("/", "max-keys=2&prefix=J", signed="host;x-amz-content-sha256;x-amz-date")
    expected = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    assert signature(request, SECRET.replace("+", "/")) == expected


def test_the_published_iam_request_has_its_published_signature() -> None:
    headers = {
        "host": "iam.amazonaws.com",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-amz-date": "20150830T123600Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=X,SignedHeaders=content-type;host;x-amz-date,Signature=X",
    }
    scope = Scope("AKIDEXAMPLE", "20150830", "us-east-1", "iam")
    request = call("iam", scope, "/", "Action=ListUsers&Version=2010-05-08", headers)
    assert signature(request, SECRET) == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


def test_a_path_is_encoded_once_for_s3_and_twice_for_others() -> None:
    headers = {"authorization": "SignedHeaders=host", "host": "h"}
    scope = Scope("A", "20150830", "us-east-1", "s3")
    assert canonical_request(call("s3", scope, "/b/a%20b/..//c", "", headers)).split("\n")[1] == "/b/a%20b/..//c"
    assert canonical_request(call("lambda", scope, "/a%3Ab/../c", "", headers)).split("\n")[1] == "/c"
    assert canonical_request(call("lambda", scope, "/f/a%3Ab", "", headers)).split("\n")[1] == "/f/a%253Ab"


def test_the_credential_scope_is_read_from_the_header() -> None:
    text = "AWS4-HMAC-SHA256 Credential=AKIA/20260301/us-west-2/sqs/aws4_request, SignedHeaders=host, Signature=0"
    assert scope_of({"authorization": text}) == Scope("AKIA", "20260301", "us-west-2", "sqs")
    assert scope_of({"authorization": "Bearer x"}) is None
