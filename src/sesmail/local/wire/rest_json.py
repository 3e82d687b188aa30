"""SES v2 speaks REST-JSON: the path names the operation, and the path, the query and a JSON body hold what it takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.http.message import HttpReply, HttpRequest
from sesmail.local.models.service import Operation, Service
from sesmail.local.models.shapes import ListOf, Member, Moment, Number, Shape
from sesmail.local.wire import json_values

# Three operations moved, so clients of other ages than the installed botocore ask elsewhere.
# Both places are served; what a member's place is there, is read wherever it stands.
_MOVED = (
    ("GET", "/v2/email/identities", "ListEmailIdentities"),
    ("POST", "/v2/email/list-identities", "ListEmailIdentities"),
    ("GET", "/v2/email/configuration-sets", "ListConfigurationSets"),
    ("POST", "/v2/email/list-configuration-sets", "ListConfigurationSets"),
    ("PUT", "/v1/email/identities/{EmailIdentity}/dkim/signing", "PutEmailIdentityDkimSigningAttributes"),
    ("PUT", "/v2/email/identities/{EmailIdentity}/dkim/signing", "PutEmailIdentityDkimSigningAttributes"),
)
_ROVING = {name for _, _, name in _MOVED}
_MOST_FIELDS = 1000  # of a query


class RestJson:
    """The language of one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._fixed: dict[tuple[str, str], str] = {}
        self._patterns: dict[tuple[str, int], list[tuple[tuple[str, ...], str]]] = {}
        for method, path, name in (*service.routes, *_MOVED):
            if "{" in path:
                segments = tuple(path.split("/"))
                self._patterns.setdefault((method, len(segments)), []).append((segments, name))
            else:
                self._fixed[method, path] = name

    def read(self, request: HttpRequest) -> tuple[Operation, Params]:
        """Which operation a request asks for, and with what."""
        name, labels = self._route(request)
        operation = self.service.operation(name)
        return operation, self._params(operation, labels, request)

    def _route(self, request: HttpRequest) -> tuple[str, Mapping[str, str]]:
        fixed = self._fixed.get((request.method, request.path))
        if fixed:
            return fixed, {}
        segments = request.path.split("/")
        for pattern, name in self._patterns.get((request.method, len(segments)), ()):
            if all(own == its or (own[:1] == "{" and its) for own, its in zip(pattern, segments, strict=True)):
                pairs = zip(pattern, segments, strict=True)
                return name, {own[1:-1]: _unquoted(its) for own, its in pairs if own[:1] == "{"}
        raise Fault(FaultKind.UNKNOWN_OPERATION, f"{request.method} {request.path[:200]} is no operation of SES v2")

    def _params(self, operation: Operation, labels: Mapping[str, str], request: HttpRequest) -> Params:
        takes = operation.takes
        params: dict[str, Any] = json_values.read(takes, json_values.parse(request.body))
        query = _fields(request.query) if request.query else {}
        roving = operation.name in _ROVING
        for name, member in takes.members.items():
            if member.location == "uri":
                params[name] = labels[member.wire_name]
            elif (member.location == "querystring" or roving) and member.wire_name in query:
                params[name] = _from_query(member, query[member.wire_name], name)
        return params

    def reply(self, operation: Operation, result: Result, request_id: str) -> HttpReply:
        """What came of a call."""
        body = json.dumps(json_values.write(operation.gives, result)).encode()
        return HttpReply(200, _headers(request_id), body)

    def refusal(self, fault: Fault, request_id: str) -> HttpReply:
        """Why nothing came of it."""
        code, status = fault.v2
        headers = {**_headers(request_id), "x-amzn-ErrorType": code}
        return HttpReply(status, headers, json.dumps({"message": fault.message}).encode())


def _headers(request_id: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "x-amzn-RequestId": request_id}


def _unquoted(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise Fault(FaultKind.SERIALIZATION, "The path of the request is no UTF-8") from None


def _fields(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:  # not UTF-8, or too many
        raise Fault(FaultKind.SERIALIZATION, "The query of the request cannot be read") from None


def _from_query(member: Member, texts: list[str], name: str) -> Any:  # noqa: ANN401 - what the shape says
    if isinstance(member.shape, ListOf):
        return [_scalar(member.shape.element, text, name) for text in texts]
    return _scalar(member.shape, texts[-1], name)


def _scalar(shape: Shape, text: str, name: str) -> str | float:
    try:
        if isinstance(shape, Number):
            return int(text)  # which refuses thousands of digits
        if isinstance(shape, Moment):
            return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise Fault(FaultKind.SERIALIZATION, f"The parameter {name} in the query cannot be read") from None
    return text
