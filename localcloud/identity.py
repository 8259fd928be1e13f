"""Who is calling, and may they: SigV4 as the service verifies it, and the permission decision.

The signature is recomputed here from AWS's published steps ("Create a signed AWS API request"), not by the signer that
a client might share. Permissions are decided with real resource ARNs, tags, PassRole and the policies of resources, so
least privilege can be proved. moto's own checks stay off: they know no resources.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import posixpath
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from localcloud.interfaces import Gap, Json
from localcloud.permissions import Need, needs, passed_role
from localcloud.policy import decide, resource_policy_says
from localcloud.wire import Call, ServiceError

ALLOWED_SKEW = 300
"""Seconds that a request's date may differ from the service's clock (when skew is checked)."""

_GLOBAL = {"iam", "sts"}
_FREE = {"GetCallerIdentity"}
_WITH_RESOURCE_POLICIES = {"s3", "sqs", "sns", "lambda"}


@dataclass
class Principal:
    """Someone who can sign: a user or a session of a role."""

    access_key: str
    secret_key: str
    token: str
    arn: str
    label: str
    """Short, for logs and faults: the function's name, or user/<name>."""
    role: str = ""
    """The role's name; empty for a user."""
    policies: list[Json] = field(default_factory=list)
    """A user's own policies (a role's are read from IAM at each call)."""

    @property
    def is_admin(self) -> bool:
        return any(
            s.get("Action") == "*" and s.get("Resource") == "*" and s["Effect"] == "Allow"
            for policy in self.policies
            for s in policy["Statement"]
        )


ADMIN_POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Identity:
    """Keys, signatures and decisions for one account."""

    def __init__(self, cloud: Any, check_skew: bool = False) -> None:
        self._cloud = cloud
        self._keys: dict[str, Principal] = {}
        self._guard = threading.Lock()
        self.check_skew = check_skew
        self.denials: list[dict[str, str]] = []
        self.admin = self.user("admin", [ADMIN_POLICY])

    # Principals

    def user(self, name: str, policies: list[Json]) -> Principal:
        """A user with the policies given, and an access key."""
        arn = f"arn:aws:iam::{self._cloud.account}:user/{name}"
        return self._issue("AKIA", "", arn, f"user/{name}", "", policies)

    def session(self, role_arn: str, session_name: str, service: str = "") -> Principal:
        """A session of a role. With `service`, the role's trust policy must let that service assume it."""
        role = role_arn.rsplit("/", 1)[-1]
        if service and not self.trusts(role_arn, service):
            raise ServiceError("AccessDenied", f"{service} may not assume {role_arn} (trust policy)", 403)
        arn = f"arn:aws:sts::{self._cloud.account}:assumed-role/{role}/{session_name}"
        token = "local-session-" + secrets.token_hex(24)
        return self._issue("ASIA", token, arn, session_name, role, [])

    def _issue(self, prefix: str, token: str, arn: str, label: str, role: str, policies: list[Json]) -> Principal:
        key = prefix + secrets.token_hex(8).upper()
        principal = Principal(key, secrets.token_urlsafe(30), token, arn, label, role, policies)
        with self._guard:
            self._keys[key] = principal
        return principal

    def forget(self, principal: Principal) -> None:
        with self._guard:
            self._keys.pop(principal.access_key, None)

    def _find(self, access_key: str) -> Principal | None:
        with self._guard:
            known = self._keys.get(access_key)
        return known or self._from_moto(access_key)

    def _from_moto(self, access_key: str) -> Principal | None:
        """Sessions made by AssumeRole and keys made by CreateAccessKey over the API."""
        for role in self._cloud.backend("sts").assumed_roles:
            if role.access_key_id == access_key:
                name = role.role_arn.rsplit("/", 1)[-1]
                arn = f"arn:aws:sts::{self._cloud.account}:assumed-role/{name}/{role.session_name}"
                secret, token = role.secret_access_key, role.session_token
                return Principal(access_key, secret, token, arn, role.session_name, name)
        iam = self._cloud.backend("iam")
        for user in iam.list_users("/", None, None):
            for key in user.access_keys:
                if key.access_key_id == access_key:
                    names = iam.list_user_policies(user.name)
                    texts = [iam.get_user_policy(user.name, name)["policy_document"] for name in names]
                    policies = [_document(t) for t in texts]
                    return Principal(access_key, key.secret_access_key, "", user.arn, f"user/{user.name}", "", policies)
        return None

    # Signatures

    def authenticate(self, call: Call) -> Principal:
        """The caller of a call, or the refusal that the service would give."""
        scope = call.scope
        if scope is None:
            if "X-Amz-Signature=" in call.raw_query:
                raise Gap("presigned requests")
            raise _refusal(call, "MissingAuthenticationToken", "the request has no signature")
        principal = self._find(scope.access_key)
        if principal is None:
            raise _refusal(call, "UnrecognizedClient", "The security token included in the request is invalid.")
        if not hmac.compare_digest(call.headers.get("x-amz-security-token", ""), principal.token):
            raise _refusal(call, "InvalidToken", "The security token included in the request is invalid.")
        if scope.region != self._cloud.region and call.service not in _GLOBAL:
            raise _refusal(call, "Signature", f"Credential should be scoped to a valid region, not '{scope.region}'.")
        self._check_date(call)
        claimed = _after(call.headers["authorization"], "Signature=")
        if not hmac.compare_digest(claimed, signature(call, principal.secret_key)):
            raise _refusal(
                call,
                "Signature",
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method.",
            )
        _check_payload_hash(call)
        return principal

    def _check_date(self, call: Call) -> None:
        stamp = call.headers.get("x-amz-date", "")
        try:
            at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise _refusal(call, "Signature", f"x-amz-date {stamp!r} is not like 20260301T000000Z") from None
        if call.scope is not None and stamp[:8] != call.scope.date:
            raise _refusal(call, "Signature", "Date in Credential scope does not match YYYYMMDD from x-amz-date.")
        if self.check_skew and abs(at.timestamp() - self._cloud.clock.now()) > ALLOWED_SKEW:
            code = "RequestTimeTooSkewed" if call.service == "s3" else "Signature"
            raise _refusal(
                call, code, f"Signature expired or not yet current: {stamp}; it is {self._cloud.clock.iso()}"
            )

    # Permissions

    def authorize(self, principal: Principal, call: Call) -> None:
        """Raise AccessDenied unless everything that the call needs is allowed."""
        if call.operation in _FREE:
            return
        if principal.is_admin and call.service not in _WITH_RESOURCE_POLICIES:
            return  # nothing can be denied, and services that only the administrator uses need no table of actions
        policies = self.policies_of(principal)
        for need in needs(call, self):
            context = need.context | self._global_context(principal)
            if not self._allowed(principal, policies, need, context):
                self._deny(principal, call, need.action, need.resource)
        passed = passed_role(call)
        if passed:
            role, service = passed
            context = self._global_context(principal) | {"iam:PassedToService": service}
            if not decide(policies, "iam:PassRole", role, context):
                self._deny(principal, call, "iam:PassRole", role)

    def allowed(self, principal: Principal, action: str, resource: str) -> bool:
        """May the principal do one more thing, beyond what the call itself needs?"""
        if principal.is_admin:
            return True
        need = Need(action, resource)
        return self._allowed(principal, self.policies_of(principal), need, self._global_context(principal))

    def _allowed(self, principal: Principal, policies: list[Json], need: Need, context: Mapping[str, Any]) -> bool:
        said = resource_policy_says(
            self.resource_policy(need.resource), {"AWS": principal.arn}, need.action, need.resource, context
        )
        if said is False:
            return False
        # In one account, an Allow of the resource's policy for the principal is enough by itself.
        return said is True or decide(policies, need.action, need.resource, context)

    def service_may(self, service: str, action: str, resource: str, source_arn: str) -> bool:
        """May a service (events.amazonaws.com) do something to a resource, on behalf of `source_arn`?"""
        context = {
            "aws:SourceArn": source_arn,
            "aws:SourceAccount": self._cloud.account,
            "aws:SecureTransport": "true",
        }
        policy = self.resource_policy(resource)
        return resource_policy_says(policy, {"Service": service}, action, resource, context) is True

    def role_may(self, role_arn: str, service: str, action: str, resource: str) -> bool:
        """May a service do something with a role that it assumes (EventBridge Scheduler does)?"""
        if not self.trusts(role_arn, service):
            return False
        policies = self._role_policies(role_arn.rsplit("/", 1)[-1])
        return decide(policies, action, resource, {"aws:SecureTransport": "true"})

    def trusts(self, role_arn: str, service: str) -> bool:
        """Does the role's trust policy let the service assume it?"""
        iam = self._cloud.backend("iam")
        try:
            role = iam.get_role_by_arn(role_arn)
        except Exception:
            return False
        policy = _document(role.assume_role_policy_document)
        context = {"aws:SourceAccount": self._cloud.account}
        return resource_policy_says(policy, {"Service": service}, "sts:AssumeRole", role_arn, context) is True

    def policies_of(self, principal: Principal) -> list[Json]:
        return self._role_policies(principal.role) if principal.role else principal.policies

    def _role_policies(self, role: str) -> list[Json]:
        iam = self._cloud.backend("iam")
        inline = [iam.get_role_policy(role, name)[1] for name in iam.list_role_policies(role)]
        attached, _ = iam.list_attached_role_policies(role)
        return [_document(p) for p in inline] + [_document(_default_version(p).document) for p in attached]

    def _global_context(self, principal: Principal) -> dict[str, str | list[str]]:
        # Loopback stands for TLS, so that a policy that demands it can be used as it is.
        return {
            "aws:PrincipalArn": principal.arn,
            "aws:PrincipalAccount": self._cloud.account,
            "aws:SecureTransport": "true",
            "aws:RequestedRegion": self._cloud.region,
        }

    def _deny(self, principal: Principal, call: Call, action: str, resource: str) -> None:
        self.denials.append(
            {"at": self._cloud.clock.iso(), "caller": principal.label, "action": action, "resource": resource}
        )
        raise _refusal(
            call,
            "AccessDenied",
            f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action",
        )

    # What permissions.py looks up

    @property
    def region(self) -> str:
        return str(self._cloud.region)

    @property
    def account(self) -> str:
        return str(self._cloud.account)

    def tags(self, arn: str) -> dict[str, str]:
        if ":sagemaker:" not in arn:
            return {}
        try:
            found = self._cloud.backend("sagemaker").list_tags(arn)
        except Exception:
            return {}
        pairs = found[0] if isinstance(found, tuple) else found
        return {t["Key"]: t["Value"] for t in pairs}

    def secret_arn(self, name: str) -> str:
        if name.startswith("arn:"):
            return name
        try:
            return str(self._cloud.backend("secretsmanager").describe_secret(name).arn)
        except Exception:
            return f"arn:aws:secretsmanager:{self.region}:{self.account}:secret:{name}-??????"

    def resource_policy(self, arn: str) -> Json:
        """The policy attached to a queue, topic or bucket; None when there is none."""
        service = arn.split(":")[2] if arn.startswith("arn:") else ""
        try:
            if service == "sqs":
                return _document(self._cloud.backend("sqs").get_queue(arn.split(":")[-1]).policy)
            if service == "sns":
                return _document(self._cloud.backend("sns").get_topic(arn).policy)
            if service == "s3":
                bucket = arn.split(":::")[1].split("/")[0]
                return _document(self._cloud.backend("s3").get_bucket(bucket).policy)
            if service == "lambda":
                name = arn.split(":function:")[1].split(":")[0]
                return _document(self._cloud.backend("lambda").get_function(name).policy.get_policy()["Policy"])
        except Exception:
            return None
        return None


def _default_version(policy: Any) -> Any:
    return next(v for v in policy.versions if v.version_id == policy.default_version_id)


def _document(policy: Any) -> Json:
    """A policy as a dict, however moto keeps it."""
    if isinstance(policy, bytes):
        policy = policy.decode()
    if isinstance(policy, str):
        return json.loads(policy) if policy else None
    return policy


def _after(text: str, mark: str) -> str:
    return text.partition(mark)[2].split(",")[0].strip()


def _refusal(call: Call, kind: str, message: str) -> ServiceError:
    """The error as the service and protocol name it."""
    json_like = call.protocol in ("json", "rest-json")
    if kind == "AccessDenied":
        if call.service == "sns":
            return ServiceError("AuthorizationError", message, 403)
        return ServiceError(
            "AccessDeniedException" if json_like else "AccessDenied", message, 400 if call.protocol == "json" else 403
        )
    if kind == "Signature":
        code = "InvalidSignatureException" if json_like else "SignatureDoesNotMatch"
        return ServiceError(code, message, 400 if call.protocol == "json" else 403)
    if kind == "UnrecognizedClient" or (kind == "InvalidToken" and call.service != "s3"):
        names = {"json": "UnrecognizedClientException", "rest-json": "UnrecognizedClientException"}
        code = names.get(call.protocol, "InvalidAccessKeyId" if call.service == "s3" else "InvalidClientTokenId")
        return ServiceError(code, message, 400 if call.protocol == "json" else 403)
    if kind == "InvalidToken":
        return ServiceError("InvalidToken", message, 400)
    code = "MissingAuthenticationTokenException" if json_like else "AccessDenied"
    return (
        ServiceError(code, message, 403) if kind == "MissingAuthenticationToken" else ServiceError(kind, message, 403)
    )


# Signature Version 4, the server's side


def signature(call: Call, secret_key: str) -> str:
    """The signature that a request must carry, by the steps AWS publishes."""
    assert call.scope is not None
    scope = f"{call.scope.date}/{call.scope.region}/{call.scope.service}/aws4_request"
    canonical = canonical_request(call)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{call.headers.get('x-amz-date', '')}\n{scope}\n{digest}"
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def canonical_request(call: Call) -> str:
    names = _after(call.headers["authorization"], "SignedHeaders=").split(";")
    headers = "".join(f"{name}:{' '.join(call.headers.get(name, '').split())}\n" for name in names)
    return "\n".join(
        [
            call.method,
            _canonical_path(call),
            _canonical_query(call.raw_query),
            headers,
            ";".join(names),
            _payload_hash(call),
        ]
    )


def _canonical_path(call: Call) -> str:
    if call.service == "s3":
        # S3 encodes once and does not normalize: a key may hold "..", "//" and "%2F".
        return quote(unquote(call.raw_path), safe="/~")
    path = posixpath.normpath(call.raw_path) if call.raw_path not in ("", "/") else "/"
    if path.startswith("//"):
        path = path[1:]
    if call.raw_path.endswith("/") and path != "/":
        path += "/"
    return quote(path, safe="/~")


def _canonical_query(raw_query: str) -> str:
    pairs = [part.partition("=") for part in raw_query.split("&") if part]
    encoded = [(quote(unquote(name), safe="~"), quote(unquote(value), safe="~")) for name, _, value in pairs]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def _payload_hash(call: Call) -> str:
    claimed = call.headers.get("x-amz-content-sha256", "")
    return claimed or hashlib.sha256(call.body).hexdigest()


def _check_payload_hash(call: Call) -> None:
    claimed = call.headers.get("x-amz-content-sha256", "")
    if not claimed:
        if call.service == "s3":
            raise ServiceError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        return
    if claimed == "UNSIGNED-PAYLOAD" or claimed.startswith("STREAMING-"):
        return
    if claimed != hashlib.sha256(call.body).hexdigest():
        raise ServiceError(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
