"""A request as it came over the wire, read as the AWS operation it is; and errors written as the service writes them.

Everything here goes by botocore's service models: which operation a method, path or header names, where its parameters
stand, and in which of AWS's protocols (json, rest-json, rest-xml, query) an error must be dressed.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as MotoRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from localcloud.interfaces import Gap, Json

SERVICES = {
    "cloudwatch": "cloudwatch",
    "monitoring": "cloudwatch",
    "dynamodb": "dynamodb",
    "events": "events",
    "iam": "iam",
    "lambda": "lambda",
    "logs": "logs",
    "s3": "s3",
    "sagemaker": "sagemaker",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "sts": "sts",
}
"""The name a request is signed for -> botocore's name of the service."""

_SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]*)/([^/,\s]*)/aws4_request")


class ServiceError(Exception):
    """An error in the words of the service: code, HTTP status and message."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


@dataclass
class Scope:
    """What the Authorization header claims."""

    access_key: str
    date: str
    region: str
    service: str


@dataclass
class Call:
    """One AWS API call."""

    service: str
    operation: str
    params: dict[str, Any]
    """Members by their names in the API model; absent members are absent."""
    protocol: str
    model: OperationModel | None
    method: str
    raw_path: str
    raw_query: str
    headers: dict[str, str]
    body: bytes
    scope: Scope | None
    caller: str = ""
    """Who called: a function's name, or `user/<name>`; filled in once the signature is verified."""
    fault: str = ""
    sent: Json = field(default=None)
    """The JSON body as it was sent (json and rest-json), so that members the model does not know can be found."""


def scope_of(headers: dict[str, str]) -> Scope | None:
    match = _SCOPE.match(headers.get("authorization", ""))
    return Scope(*match.groups()) if match else None


def read_call(environ: dict[str, Any], headers: dict[str, str], body: bytes) -> Call:
    """The call of a request. Raises Gap for a service or operation that this cloud does not know."""
    scope = scope_of(headers)
    signed_for = scope.service if scope else _service_without_signature(environ, headers)
    service = SERVICES.get(signed_for)
    if service is None:
        raise Gap(f"service {signed_for!r}")
    request = MotoRequest(environ)
    model = get_service_model(service)
    # S3's bodies are the user's objects: a form or a JSON file among them says nothing about the protocol.
    protocol = determine_request_protocol(model, request.content_type)
    call = Call(
        service=service,
        operation="",
        params={},
        protocol=protocol,
        model=None,
        method=environ["REQUEST_METHOD"],
        raw_path=request.raw_path,
        raw_query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=body,
        scope=scope,
    )
    try:
        operation, uri_params = get_service_router(service).match(request)
    except NotFound:
        what = headers.get("x-amz-target") or f"{call.method} {call.raw_path}?{call.raw_query}"
        raise Gap(f"{service}: no operation for {what}") from None
    call.operation, call.model = operation.name, operation
    parser = PROTOCOL_PARSERS[protocol](operation, map_type=dict)
    try:
        call.sent = _json_body(call)
        call.params = (
            parser.parse(
                {
                    "method": request.method,
                    "values": request.values,
                    "headers": request.headers,
                    "body": body,
                    "url_path": request.path,
                    "url_params": {name: _decoded(value) for name, value in uri_params.items()},
                }
            )
            or {}
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ServiceError("SerializationException", f"the body cannot be read: {error}") from error
    return call


def _decoded(value: Any) -> Any:
    return value


def _json_body(call: Call) -> Json:
    if call.protocol not in ("json", "rest-json") or not call.body:
        return None
    shape = call.model.input_shape if call.model else None
    if shape is not None and shape.serialization.get("payload"):
        return None
    return json.loads(call.body)


def _service_without_signature(environ: dict[str, Any], headers: dict[str, str]) -> str:
    """An unsigned request is refused later; to refuse it in the right dress, guess the service."""
    target = headers.get("x-amz-target", "")
    prefixes = {
        "DynamoDB_": "dynamodb",
        "SageMaker": "sagemaker",
        "AmazonSQS": "sqs",
        "Logs_": "logs",
        "AWSEvents": "events",
        "secretsmanager": "secretsmanager",
        "AmazonSSM": "ssm",
    }
    for prefix, service in prefixes.items():
        if target.startswith(prefix):
            return service
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return "sts"
    return "s3"


def error_response(error: ServiceError, protocol: str, service: str = "") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an error, as the protocol has it."""
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-requestid": request_id}
    if protocol == "json":
        headers["Content-Type"] = "application/x-amz-json-1.1"
        body = json.dumps({"__type": error.code, "message": error.message})
    elif protocol == "rest-json":
        headers |= {"Content-Type": "application/json", "x-amzn-errortype": error.code}
        body = json.dumps({"message": error.message})
    elif protocol == "rest-xml":
        headers |= {"Content-Type": "application/xml", "x-amz-request-id": request_id}
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{escape(error.code)}</Code>'
            f"<Message>{escape(error.message)}</Message><RequestId>{request_id}</RequestId></Error>"
        )
    else:
        headers["Content-Type"] = "text/xml"
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(error.code)}</Code>"
            f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return error.status, headers, body.encode()


def protocol_of(headers: dict[str, str]) -> str:
    """The protocol for an error about a request that could not be read as a call."""
    scope = scope_of(headers)
    service = SERVICES.get(scope.service if scope else "", "")
    if not service:
        return "json" if "x-amz-target" in headers else "rest-xml"
    try:
        return determine_request_protocol(get_service_model(service), headers.get("content-type", ""))
    except NotImplementedError:
        return str(get_service_model(service).protocol)


def error_code_of(status: int, headers: dict[str, str], body: bytes) -> str:
    """The error code in a response, for the wire log. Empty for a success."""
    if status < 400:
        return ""
    if code := headers.get("x-amzn-errortype"):
        return code.split(":")[0]
    text = body[:4096].decode(errors="replace")
    if match := re.search(r'"__type"\s*:\s*"([^"]+)"', text):
        return match[1].split("#")[-1]
    if match := re.search(r"<Code>([^<]+)</Code>", text):
        return match[1]
    return str(status)


def query_dict(raw_query: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in raw_query.split("&") if part)
    return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
