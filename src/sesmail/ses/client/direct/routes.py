"""Routes: how each operation goes out: its method, its path, and what travels where.

Rule 1: an operation or a parameter that has no place here is refused by name, and never left out.
Rule 2: what stands in a path is percent-encoded, whatever it is. Addresses have been put into paths as they were, and
        led to other resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sesmail.errors import SetupError, Unsupported
from sesmail.ses.call import Call
from sesmail.ses.client.direct.body import Body
from sesmail.ses.client.direct.origin import Origin
from sesmail.ses.client.direct.rest_json import json_parts
from sesmail.ses.client.direct.signing import Unsigned

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded; charset=utf-8"
_INSTEAD = ("the client boto3",)


class Route(NamedTuple):
    """One operation of v2."""

    method: str
    path: str
    in_path: str = ""
    """The parameter that follows the path."""
    in_query: tuple[str, ...] = ()
    behind: str = ""
    """What follows that parameter."""

    @property
    def has_body(self) -> bool:
        """Whether what has no other place travels as JSON."""
        return self.method in ("POST", "PUT")


_V2: Mapping[str, Route] = {
    "SendEmail": Route("POST", "/v2/email/outbound-emails"),
    "GetAccount": Route("GET", "/v2/email/account"),
    "GetEmailIdentity": Route("GET", "/v2/email/identities/", in_path="EmailIdentity"),
    # Younger models have a second path for it, with a body. Both are served, and this one by every box.
    "ListEmailIdentities": Route("GET", "/v2/email/identities", in_query=("NextToken", "PageSize")),
    "SendBulkEmail": Route("POST", "/v2/email/outbound-bulk-emails"),
    "CreateEmailTemplate": Route("POST", "/v2/email/templates"),
    "ListEmailTemplates": Route("GET", "/v2/email/templates", in_query=("NextToken", "PageSize")),
    "GetEmailTemplate": Route("GET", "/v2/email/templates/", in_path="TemplateName"),
    "UpdateEmailTemplate": Route("PUT", "/v2/email/templates/", in_path="TemplateName"),
    "DeleteEmailTemplate": Route("DELETE", "/v2/email/templates/", in_path="TemplateName"),
    "TestRenderEmailTemplate": Route("POST", "/v2/email/templates/", in_path="TemplateName", behind="/render"),
}


class Request:
    """A call as it goes out."""

    __slots__ = ("body", "sends", "target", "unsigned")

    def __init__(self, unsigned: Unsigned, body: Body, *, sends: bool) -> None:
        self.unsigned = unsigned
        self.target = f"{unsigned.path}?{unsigned.query}" if unsigned.query else unsigned.path
        self.body = body
        self.sends = sends
        """Whether a mail may be out when it was said."""


class Routes:
    """The requests of calls, at one origin.

    >>> from sesmail.ses.call import Call
    >>> from sesmail.ses.client.direct.origin import Origin
    >>> from sesmail.ses.client.direct.routes import Routes
    >>> routes = Routes(Origin("https", "email.eu-west-1.amazonaws.com", 443))
    >>> routes.request(Call("sesv2", "GetEmailIdentity", {"EmailIdentity": "../a@example.com"})).target
    '/v2/email/identities/..%2Fa%40example.com'
    """

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        # Those that are always equal; the signer knows them again.
        self._fixed: dict[tuple[str, str], Unsigned] = {}

    def request(self, call: Call) -> Request:
        """The request of a call. Raises `Unsupported` where it has none."""
        if "EndpointId" in call.parameters:
            raise Unsupported(
                "the client direct does not sign for several Regions at once (SigV4a), which an endpoint id asks for",
                feature="endpoint_id",
                instead=_INSTEAD,
                field="ses.endpoint_id",
            )
        sends = call.operation.startswith("Send")
        if call.service == "ses":
            from sesmail.ses.client.direct.form import form_parts

            unsigned = self._fixed_for("POST", "/", _FORM)
            return Request(unsigned, Body(form_parts(call.operation, call.parameters)), sends=sends)
        return self._request_v2(call, _route(call.operation), sends=sends)

    def _request_v2(self, call: Call, route: Route, *, sends: bool) -> Request:
        content_type = _JSON if route.has_body else ""
        if route.has_body and not route.in_path:  # as with most
            unsigned = self._fixed_for(route.method, route.path, content_type)
            return Request(unsigned, Body(json_parts(call.parameters)), sends=sends)
        elsewhere = (route.in_path, *route.in_query)
        rest = {name: value for name, value in call.parameters.items() if name not in elsewhere}
        for name in () if route.has_body else rest:
            raise _unsupported(f"the parameter {name} of {call.operation}")
        if route.in_path or call.parameters:
            segment = f"{_segment(call.parameters.get(route.in_path))}{route.behind}" if route.in_path else ""
            query = _query(call.parameters, route.in_query)
            unsigned = self._unsigned(route.method, f"{route.path}{segment}", query=query, content_type=content_type)
        else:
            unsigned = self._fixed_for(route.method, route.path, content_type)
        return Request(unsigned, Body(json_parts(rest) if route.has_body else ()), sends=sends)

    def _fixed_for(self, method: str, path: str, content_type: str) -> Unsigned:
        known = self._fixed.get((method, path))
        if known is None:
            known = self._fixed[method, path] = self._unsigned(method, path, content_type=content_type)
        return known

    def _unsigned(self, method: str, path: str, *, query: str = "", content_type: str = "") -> Unsigned:
        origin = self._origin
        path = origin.path if origin.path and path == "/" else f"{origin.path}{path}"
        return Unsigned(method, path, host=origin.netloc, query=query, content_type=content_type)


def _route(operation: str) -> Route:
    route = _V2.get(operation)
    if route is None:
        raise _unsupported(f"the operation {operation}")
    return route


def _unsupported(what: str) -> Unsupported:
    return Unsupported(f"the client direct does not carry {what}", feature=what, instead=_INSTEAD)


def _segment(value: object) -> str:
    """A value as one piece of a path. Dots are not encoded, so where they mean a way up they are refused."""
    if not isinstance(value, str) or value in ("", ".", ".."):
        raise SetupError("what is looked for by name has a name, which is neither empty nor dots only")
    return _percent(value)


def _query(parameters: Mapping[str, object], names: tuple[str, ...]) -> str:
    """A query, in the order that the signature wants."""
    return "&".join(f"{name}={_percent(str(parameters[name]))}" for name in sorted(names) if name in parameters)


def _percent(text: str) -> str:
    from sesmail.ses.client.direct.form import escaped

    return escaped(text).replace("+", "%20")  # a plus itself is encoded by then
