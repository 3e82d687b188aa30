"""What all policies share: they are transports, and show what is inside them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from sesmail import AsyncMailer, Mailer, Outgoing, SendResult
from sesmail.errors import SetupError, Unsupported
from sesmail.policies import Flow, Policy, send
from sesmail.policies.notation import notation_of
from sesmail.testing import TransportContract
from sesmail.transports import BlockingTransport, MemoryTransport, SesTransport, SmtpTransport
from sesmail.transports.limits import NONE, SES, Limits
from tests.policies.stepping import Scripted, outgoing


class Plain(Policy):
    """Does nothing beside."""

    name = "plain"

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        return (yield from send(outgoing, self.inner))

    @property
    def said(self) -> Mapping[str, str]:
        return {"plain": "very much"}


class Blocking(BlockingTransport):
    name = "blocking"

    def send(self, outgoing: Outgoing) -> SendResult:
        return self.accepted(outgoing)


class TestPlainPolicy(TransportContract):
    """A policy is held to the contract of all transports."""

    def make_transport(self) -> Plain:
        return Plain(Plain(MemoryTransport()))


def test_it_carries_in_both_colours() -> None:
    memory = MemoryTransport()
    assert not Plain(memory).send(outgoing()).failed
    assert not asyncio.run(Plain(memory).asend(outgoing())).failed
    assert len(memory.sent) == 2


def test_it_takes_what_its_ways_take() -> None:
    assert Plain(MemoryTransport(limits=NONE)).limits == NONE
    one, other = Scripted(limits=Limits(max_size=10, max_headers=None)), Scripted(limits=NONE)
    assert Plain(one, other).limits == Limits(max_size=10)
    assert Plain(Scripted(limits=SES), other).limits == SES


def test_it_is_admitted_as_its_ways_are() -> None:
    Mailer(Plain(Blocking()))
    with pytest.raises(Unsupported):
        AsyncMailer(Plain(MemoryTransport(), Blocking()))


@pytest.mark.parametrize("awaited", [False, True])
def test_it_closes_its_ways(awaited: bool) -> None:
    ways = Scripted(), Scripted()
    policy = Plain(*ways)
    if awaited:
        asyncio.run(policy.aclose())
    else:
        policy.close()
    assert [way.is_closed for way in ways] == [True, True]


@pytest.mark.parametrize("odd", [[], ["memory://"], [MemoryTransport], [None]])
def test_it_goes_around_transports_only(odd: list[object]) -> None:
    with pytest.raises(SetupError, match="plain"):
        Plain(*odd)  # type: ignore[arg-type]


def test_it_prints_the_stack_without_secrets() -> None:
    smtp = SmtpTransport("mail.example.com", user="me", password="word", local_name="x.example")
    assert repr(Plain(Plain(smtp))) == "smtp://mail.example.com:587?plain=very%20much"
    assert notation_of(SesTransport("eu-west-1")) == "ses://eu-west-1"
    assert notation_of(SesTransport("eu-west-1", client="direct", api="v1")) == "ses+v1://eu-west-1?client=direct"
    assert repr(Mailer(Plain(MemoryTransport()))) == "Mailer(memory://?plain=very%20much)"


def test_it_has_the_account_of_its_way_and_none_where_there_are_several() -> None:
    class Known(MemoryTransport):
        account = object()

    assert Plain(Plain(Known())).account is Known.account
    assert Plain(MemoryTransport()).account is None
    assert Plain(Known(), Known()).account is None
