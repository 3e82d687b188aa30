"""Any call that the models allow, and many that they do not: a result that SES could give, or a fault. Nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.box import Box
from sesmail.local.call import Call, Result
from sesmail.local.endpoint import Endpoint
from sesmail.local.faults import Fault
from sesmail.local.http.message import HttpRequest
from sesmail.local.models.service import Service
from sesmail.local.models.shapes import Blob, Flag, ListOf, MapOf, Moment, Number, Shape, Structure, Text
from sesmail.local.operations import SERVED
from sesmail.local.plain import to_plain
from tests.examples import one_in
from tests.local.asking import RAW, REGION, box

# What makes calls meet: the same few names, in all roles.
NAMES = [
    "example.com",
    "ada@example.com",
    "Ann <ada@example.com>",
    "ada@example.org",
    "bounce@simulator.amazonses.com",
    "mail.example.com",
    "main",
    "",
    "\n",
    "ü",
    "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
    '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ses:*", "Resource": "*"}}',
    "utf-8",
    "no-charset",
    "punycode",
    "EUC-JP",
    "message/delivery-status",
    "a.exe",
    "image/png",
]
CALLS = sorted((service, name) for service, name in SERVED if name in Service.of(service).operation_names)


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """What a shape allows, and now and then what it does not."""
    match shape:
        case Text():
            return st.sampled_from(shape.enum) if shape.enum else st.sampled_from(NAMES) | st.text(max_size=20)
        case Blob():
            return st.sampled_from([RAW, b"", b"\xff"]) | st.binary(max_size=50)
        case Number():
            return st.integers(-1, 1001)
        case Flag():
            return st.booleans()
        case Moment():
            return st.floats(0, 4e9)
        case ListOf():
            return st.lists(values(shape.element), max_size=3)
        case MapOf():
            return st.dictionaries(st.text(max_size=5), values(shape.value), max_size=2)
    return structures(shape)


def structures(shape: Structure) -> st.SearchStrategy[Any]:
    """All that is required, some of the rest."""
    members = {name: values(member.shape) for name, member in shape.members.items()}
    required = {name: members[name] for name in shape.required}
    return st.fixed_dictionaries(required, optional={name: it for name, it in members.items() if name not in required})


@st.composite
def calls(draw: st.DrawFn) -> Call:
    service, name = draw(st.sampled_from(CALLS))
    return Call(service, name, draw(structures(Service.of(service).operation(name).takes)), REGION)


def outcome(asked: Box, call: Call) -> Result | Fault:
    try:
        return asked.handle(call)
    except Fault as fault:
        return fault


@one_in(5)
@given(st.lists(calls(), min_size=1, max_size=12))
def test_any_calls_have_a_result_or_a_fault(made: list[Call]) -> None:
    asked = box(quota=50.0)
    for call in made:
        asked.region(REGION)
        before = to_plain(asked.regions), asked.ledger.total
        came = outcome(asked, call)
        if isinstance(came, Fault):
            assert (to_plain(asked.regions), asked.ledger.total) == before
    assert json.dumps([event.payload for event in asked.events.all()])


@pytest.mark.parametrize(("service", "name"), CALLS)
@one_in(20)
@given(data=st.data())
def test_every_operation_has_been_asked(service: str, name: str, data: st.DataObject) -> None:
    """The list above reaches some; this reaches each."""
    asked = box()
    takes = structures(Service.of(service).operation(name).takes)
    for _ in range(2):
        assert outcome(asked, Call(service, name, data.draw(takes), REGION)) is not None


TARGETS = st.sampled_from(
    ["/", "/v2/email/outbound-emails", "/v2/email/identities/a", "/_sesmail/sent", "/_sesmail/clock"]
)
BODIES = st.binary(max_size=100) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(["Content", "Raw", "Data", "do", "a"]), inside)
    ),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "X"]),
    TARGETS | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40).map(lambda text: f"/{text}"),
    st.dictionaries(st.sampled_from(["authorization", "x-amz-date"]), st.text(max_size=40)),
    BODIES,
)
def test_any_request_has_an_answer(method: str, target: str, headers: dict[str, str], body: bytes) -> None:
    reply = Endpoint(box(), region=REGION).answer(HttpRequest(method, target, headers, body))

    assert 200 <= reply.status <= 501
    assert reply.status != 500
