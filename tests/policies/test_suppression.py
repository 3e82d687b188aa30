"""Suppression: the list is asked at each send, and where it cannot be asked nothing is sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sesmail import Address, Outcome
from sesmail.errors import AccountError, MissingExtra, SendError, SetupError, Suppressed, Throttled
from sesmail.policies.flow import Question
from sesmail.policies.suppression import Suppression
from sesmail.testing import TransportContract
from sesmail.transports import MemoryTransport
from sesmail.transports.limits import NONE
from tests.policies.carrying import COLOURS, Carry
from tests.policies.stepping import Scripted, Stepper, outgoing


class Listed:
    """A list, its own question, and a record of what it was asked."""

    def __init__(self, answer: Mapping[str, Any] | BaseException | None = None) -> None:
        self._answer = answer or {}
        self.asked: list[list[str]] = []
        self.colours: list[str] = []

    def suppressed(self, addresses: Sequence[str]) -> Question[Mapping[str, str]]:
        self.asked.append(list(addresses))
        return self

    def answer(self) -> Mapping[str, str]:
        self.colours.append("now")
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer

    async def aanswer(self) -> Mapping[str, str]:
        self.colours.append("awaited")
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer


class TestContract(TransportContract):
    def make_transport(self) -> Suppression:
        return Suppression(MemoryTransport(), Listed({"nobody@example.org": "bounce"}))

    def delivered(self, transport: Any) -> list[bytes]:
        return [mail.content.to_bytes() for mail in transport.inner.sent]

    def refuse(self, transport: Any, addresses: list[Address]) -> None:
        transport.inner.refuse(*addresses)

    # Its name is the way's, since it was the way that carried the mail.
    def test_a_result_says_where_the_mail_can_be_found_again(self) -> None:
        result = self.make_transport().send(outgoing())
        assert (result.transport, bool(result.message_id)) == ("memory", True)


@COLOURS
def test_who_is_on_the_list_is_withheld_and_the_others_get_it(carry: Carry) -> None:
    way, listed = (
        Scripted(),
        Listed({"b@example.org": "bounce", "d@example.org": "complaint", "e@example.org": "bounce"}),
    )
    mail = outgoing(["a@example.org", "b@example.org"], cc="c@example.org", bcc=["d@example.org", "e@example.org"])
    result = carry(Suppression(way, listed), mail)

    assert listed.asked == [[one.email for one in mail.envelope.recipients]]
    assert way.people == [["a@example.org", "c@example.org"]]
    assert [str(one.outcome) for one in result.recipients] == ["sent", "withheld", "sent", "withheld", "withheld"]
    errors = [one.error for one in result.recipients if one.error]
    assert [str(error) for error in errors] == [
        "2 of 5 recipients must not get mail (bounce)",
        "1 of 5 recipients must not get mail (complaint)",
        "2 of 5 recipients must not get mail (bounce)",
    ]
    assert isinstance(errors[0], Suppressed)
    assert (errors[0].policy, errors[0].recipients) == ("suppression", ("b@example.org", "e@example.org"))


@pytest.mark.parametrize(("awaited", "colours"), [(False, ["now"]), (True, ["awaited"])])
def test_it_is_asked_in_the_colour_of_the_send(awaited: bool, colours: list[str]) -> None:
    listed = Listed()
    policy = Suppression(Scripted(), listed)
    if awaited:
        asyncio.run(policy.asend(outgoing()))
    else:
        policy.send(outgoing())
    assert listed.colours == colours


def test_addresses_are_asked_for_in_their_normal_form() -> None:
    listed = Listed({"Ada@example.org": "bounce"})
    with pytest.raises(Suppressed):
        Suppression(Scripted(), listed).send(outgoing(["Ada@EXAMPLE.org"]))
    assert listed.asked == [["Ada@example.org"]]


@COLOURS
def test_where_nobody_is_left_it_raises(carry: Carry) -> None:
    way, listed = Scripted(), Listed({"a@example.org": "bounce", "b@example.org": "complaint"})
    with pytest.raises(Suppressed) as raised:
        carry(Suppression(way, listed), outgoing(["a@example.org"], bcc="b@example.org"))

    assert way.seen == []
    assert str(raised.value) == "2 of 2 recipients must not get mail (bounce, complaint)"
    assert raised.value.recipients == ("a@example.org", "b@example.org")
    assert raised.value.policy == "suppression"


def test_whoever_is_not_on_it_sees_the_very_mail() -> None:
    mail = outgoing()
    stepper = Stepper(Suppression(Scripted(), Listed()).flow(mail))
    assert isinstance(stepper.asks.question, Listed)
    stepper.give({"somebody@else.example": "bounce"})
    assert stepper.sends.outgoing is mail
    stepper.give("result")
    assert stepper.result == "result"


@pytest.mark.parametrize("reason", ["", "b@example.org asked", "x" * 61, "two\nlines", None, 7])
def test_a_reason_that_is_no_word_stays_out_of_the_error(reason: Any) -> None:
    with pytest.raises(Suppressed) as raised:
        Suppression(Scripted(), Listed({"a@example.org": reason})).send(outgoing(["a@example.org"]))
    assert str(raised.value) == "1 of 1 recipients must not get mail"


# ── where it cannot be asked ─────────────────────────────────────────────────────────────────────────────────────


class Broken:
    def suppressed(self, addresses: Sequence[str]) -> Question[Mapping[str, str]]:
        raise OSError("secret: disk of ada@example.org")


@pytest.mark.parametrize("listed", [Listed(OSError("secret: disk of ada@example.org")), Broken()])
@COLOURS
def test_where_it_cannot_be_asked_nothing_is_sent(carry: Carry, listed: Any) -> None:
    way = Scripted()
    with pytest.raises(SendError, match="could not be asked \\(OSError\\)") as raised:
        carry(Suppression(way, listed), outgoing())

    assert way.seen == []
    error = raised.value
    assert (error.outcome, error.retryable, error.stage) == (Outcome.NOT_SENT, True, "suppression")
    assert isinstance(error.__cause__, OSError)
    assert "secret" not in str(error)


def test_whether_a_retry_is_of_use_is_for_the_list_to_say() -> None:
    for retryable in (True, False):
        listed = Listed(AccountError("no", operation="ListSuppressedDestinations", retryable=retryable))
        with pytest.raises(SendError) as raised:
            Suppression(Scripted(), listed).send(outgoing())
        assert raised.value.retryable is retryable


@pytest.mark.parametrize("on_error", ["raise", "send"])
def test_a_list_that_is_set_up_wrong_is_raised_either_way(on_error: Any) -> None:
    listed = Listed(MissingExtra(package="psycopg", extra="postgres", purpose="the list"))
    with pytest.raises(MissingExtra):
        Suppression(Scripted(), listed, on_error=on_error).send(outgoing())


@COLOURS
def test_who_wants_it_sent_all_the_same_gets_a_warning(carry: Carry, caplog: pytest.LogCaptureFixture) -> None:
    way = Scripted()
    with caplog.at_level(logging.WARNING, "sesmail"):
        result = carry(Suppression(way, Listed(OSError("secret")), on_error="send"), outgoing())

    assert result.failed == ()
    assert len(way.seen) == 1
    (record,) = [record for record in caplog.records if record.name == "sesmail"]
    assert "could not be asked" in record.getMessage()
    assert record.getMessage().endswith(": OSError")


@pytest.mark.parametrize("end", [KeyboardInterrupt, asyncio.CancelledError])
@pytest.mark.parametrize("on_error", ["raise", "send"])
def test_an_interruption_is_no_error_of_the_list(
    end: type[BaseException], on_error: Any, caplog: pytest.LogCaptureFixture
) -> None:
    way = Scripted()
    with caplog.at_level(logging.WARNING, "sesmail"), pytest.raises(end):
        Suppression(way, Listed(end()), on_error=on_error).send(outgoing())
    assert way.seen == []
    assert caplog.records == []


def test_what_the_way_raises_is_not_taken_for_an_error_of_the_list() -> None:
    error = Throttled("slower")
    for listed in (Listed(), Listed({"b@example.org": "bounce"})):
        with pytest.raises(Throttled) as raised:
            Suppression(Scripted(error), listed, on_error="send").send(outgoing(["a@example.org", "b@example.org"]))
        assert raised.value is error


# ── how it is set up ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("asks", [None, [], {"a@example.org"}, Listed])
def test_it_asks_a_list(asks: Any) -> None:
    with pytest.raises(SetupError, match="the method suppressed"):
        Suppression(Scripted(), asks)


def test_what_happens_on_an_error_is_one_of_two_words() -> None:
    with pytest.raises(SetupError, match="one of raise, send"):
        Suppression(Scripted(), Listed(), on_error="ignore")  # type: ignore[arg-type]


def test_it_shows_in_the_stack_and_takes_what_its_way_takes() -> None:
    assert repr(Suppression(MemoryTransport(), Listed())) == "memory://?suppression=Listed"
    assert Suppression(Scripted(limits=NONE), Listed()).limits == NONE
