"""How tests ask the box: by a request to its endpoint, or by a call to the machine itself."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from sesmail.local.box import Box, Start
from sesmail.local.call import Call
from sesmail.local.clock import BoxClock
from sesmail.local.endpoint import Endpoint
from sesmail.local.faults import Fault
from sesmail.local.handles import IdentityHandle
from sesmail.local.http.message import HttpReply, HttpRequest

REGION = "eu-west-1"
RAW = b"From: shop@example.com\r\nTo: ada@example.org\r\nSubject: Hello\r\n\r\nHello Ada\r\n"


def box(**options: Any) -> Box:
    """In production, without limits that are in the way, with a clock that stands, and one verified domain."""
    start = Start(**{"sandbox": False, "quota": -1.0, "rate": 1e6, **options})
    made = Box(start=start, clock=BoxClock(at=1_800_000_000))
    IdentityHandle(made, REGION, "example.com").verify()
    return made


def ask(asked: Box, operation: str, service: str = "sesv2", region: str = REGION, **params: Any) -> Any:
    """The result of a call."""
    return asked.handle(Call(service, operation, params, region))


def refusal(asked: Box, operation: str, service: str = "sesv2", region: str = REGION, **params: Any) -> Fault:
    """The fault that a call is answered with."""
    try:
        answer = ask(asked, operation, service, region, **params)
    except Fault as fault:
        return fault
    raise AssertionError(f"{operation} was not refused: {answer}")


def send_raw(asked: Box, raw: bytes = RAW, **params: Any) -> str:
    """Send by v2; gives the id."""
    return str(ask(asked, "SendEmail", Content={"Raw": {"Data": raw}}, **params)["MessageId"])


def request(asked: Box, method: str, target: str, body: object = b"", **headers: str) -> HttpReply:
    """What the endpoint answers. What is no bytes goes as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Endpoint(asked, region=REGION).answer(HttpRequest(method, target, headers, data))


def form(asked: Box, **fields: str) -> HttpReply:
    """What the endpoint answers to a form, as v1 speaks."""
    return request(asked, "POST", "/", urlencode({"Version": "2010-12-01", **fields}).encode())
