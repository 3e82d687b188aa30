"""Observe: each attempt is told, once, without names, and nothing that an observer does changes a send."""

from __future__ import annotations

import asyncio
import functools
import logging
from contextlib import closing
from typing import Any

import pytest

from sesmail import Address, Outgoing
from sesmail.errors import Rejected, SendError, SetupError, Throttled, TimedOut, Unsupported, Withheld
from sesmail.policies.attempt import Attempt
from sesmail.policies.observe import Observe
from sesmail.testing import TransportContract
from sesmail.transports import MemoryTransport, SmtpTransport
from sesmail.transports.limits import NONE
from tests.policies.carrying import COLOURS, Carry
from tests.policies.stepping import Scripted, Stepper, StillClock, outgoing, partly, people


class TestContract(TransportContract):
    def make_transport(self) -> Observe:
        return Observe(MemoryTransport(), lambda attempt: None)

    def delivered(self, transport: Any) -> list[bytes]:
        return [mail.content.to_bytes() for mail in transport.inner.sent]

    def refuse(self, transport: Any, addresses: list[Address]) -> None:
        transport.inner.refuse(*addresses)

    # Its name is the way's, since it was the way that carried the mail.
    def test_a_result_says_where_the_mail_can_be_found_again(self) -> None:
        result = self.make_transport().send(outgoing())
        assert (result.transport, bool(result.message_id)) == ("memory", True)


@COLOURS
def test_an_attempt_that_went_well_is_told_by_the_clock(carry: Carry) -> None:
    clock, seen = StillClock(), list[Attempt]()
    way = Scripted(clock=clock, takes_s=1.5)
    carry(Observe(way, seen.append, clock=clock), outgoing(people(3)))

    assert seen == [
        Attempt(way="scripted://", transport="scripted", duration_s=1.5, recipients=3, outcomes={"sent": 3})
    ]
    assert seen[0].is_sent


@COLOURS
def test_an_error_is_told_and_comes_through_as_it_is(carry: Carry) -> None:
    clock, seen = StillClock(), list[Attempt]()
    error = Throttled("ada@example.org is too much", code="TooManyRequestsException", stage="reply")
    with pytest.raises(Throttled) as raised:
        carry(Observe(Scripted(error, clock=clock, takes_s=2), seen.append, clock=clock), outgoing(people(2)))

    assert raised.value is error
    (attempt,) = seen
    assert (attempt.error, attempt.code, attempt.stage) == ("Throttled", "TooManyRequestsException", "reply")
    assert (attempt.retryable, attempt.duration_s, attempt.recipients) == (True, 2, 2)
    assert attempt.outcomes == {"not_sent": 2}
    assert not attempt.is_sent
    assert "ada" not in repr(attempt)


@pytest.mark.parametrize(
    ("error", "outcome", "retryable"),
    [
        (TimedOut("late"), "unknown", False),
        (Rejected("no"), "refused", False),
        (Withheld("no"), "withheld", False),
        (Unsupported("no", feature="x"), "not_sent", False),
        (SetupError("wrong"), "not_sent", False),
        (RuntimeError("a fault in the way"), "unknown", False),
    ],
)
def test_each_error_has_its_outcome(error: Exception, outcome: str, retryable: bool) -> None:
    seen: list[Attempt] = []
    stepper = Stepper(Observe(Scripted(), seen.append).flow(outgoing(people(1), bcc="b@example.org")))
    with pytest.raises(type(error)):
        stepper.give(error)
    assert seen[0].outcomes == {outcome: 2}
    assert (seen[0].error, seen[0].retryable, seen[0].code, seen[0].stage) == (type(error).__name__, retryable, "", "")


def test_of_a_mail_that_went_to_some_the_first_error_is_told() -> None:
    seen: list[Attempt] = []
    way = Scripted(partly(reader1=Throttled("slower", code="454"), reader2=Rejected("no", code="550")))
    Observe(way, seen.append).send(outgoing(people(4)))

    assert seen[0].outcomes == {"sent": 2, "not_sent": 1, "refused": 1}
    assert (seen[0].error, seen[0].code, seen[0].retryable, seen[0].recipients) == ("Throttled", "454", True, 4)
    assert not seen[0].is_sent


# ── broken off ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
@COLOURS
def test_an_attempt_that_is_broken_off_is_told_and_its_outcome_is_unknown(
    carry: Carry, end: type[BaseException]
) -> None:
    def broken_off(_: Outgoing) -> Any:
        raise end

    clock, seen = StillClock(), list[Attempt]()
    with pytest.raises(end):
        carry(Observe(Scripted(broken_off, clock=clock, takes_s=3), seen.append, clock=clock), outgoing(people(2)))
    (attempt,) = seen
    assert (attempt.error, attempt.outcomes, attempt.duration_s) == (end.__name__, {"unknown": 2}, 3)


def test_a_cancelled_task_is_told_once() -> None:
    memory, seen = MemoryTransport(), list[Attempt]()
    memory.slow_down(60)

    async def main() -> None:
        task = asyncio.ensure_future(Observe(memory, seen.append).asend(outgoing()))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert [(one.error, one.outcomes) for one in seen] == [("CancelledError", {"unknown": 1})]


def test_a_flow_that_is_closed_by_hand_is_told_too() -> None:
    seen: list[Attempt] = []
    flow = Observe(Scripted(), seen.append).flow(outgoing())
    next(flow)
    flow.close()
    flow = Observe(Scripted(), seen.append).flow(outgoing())
    next(flow)
    with closing(flow), pytest.raises(Throttled):
        Scripted(Throttled("of another mail")).send(outgoing())
    flow = Observe(Scripted(), seen.append).flow(outgoing())
    next(flow)
    try:
        Scripted(Throttled("of another mail")).send(outgoing())
    except Throttled:
        flow.close()
    assert [(one.error, one.outcomes) for one in seen] == [("GeneratorExit", {"unknown": 1})] * 3


# ── the observer ─────────────────────────────────────────────────────────────────────────────────────────────────


def counts_badly(attempt: Attempt) -> None:
    raise ZeroDivisionError


@COLOURS
def test_what_an_observer_raises_is_logged_and_goes_no_further(carry: Carry, caplog: pytest.LogCaptureFixture) -> None:
    way = Scripted(None, error := Throttled("slower"))
    with caplog.at_level(logging.ERROR, "sesmail"):
        assert carry(Observe(way, counts_badly), outgoing()).failed == ()
        with pytest.raises(Throttled) as raised:
            carry(Observe(way, counts_badly), outgoing())

    assert raised.value is error
    assert len(way.seen) == 2
    messages = [record.getMessage() for record in caplog.records if record.name == "sesmail"]
    assert messages == ["on_attempt counts_badly failed"] * 2
    assert all(record.exc_info for record in caplog.records if record.name == "sesmail")


def test_an_interruption_in_an_observer_is_none_of_its_errors() -> None:
    def interrupted(attempt: Attempt) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Observe(Scripted(), interrupted).send(outgoing())


class Counting:
    def __init__(self) -> None:
        self.attempts = 0

    def __call__(self, attempt: Attempt) -> None:
        self.attempts += 1


def test_anything_that_can_be_called_observes() -> None:
    counting = Counting()
    Observe(Scripted(), counting).send(outgoing())
    Observe(Scripted(), functools.partial(lambda seen, attempt: seen(attempt), counting)).send(outgoing())
    assert counting.attempts == 2


async def awaits(attempt: Attempt) -> None:
    raise AssertionError


class Awaits:
    async def __call__(self, attempt: Attempt) -> None:
        raise AssertionError


@pytest.mark.parametrize("observer", [awaits, Awaits(), functools.partial(awaits)])
def test_an_observer_is_not_async(observer: Any) -> None:
    with pytest.raises(SetupError, match="async"):
        Observe(Scripted(), observer)


@pytest.mark.parametrize("observer", [None, "print", []])
def test_an_observer_is_a_function(observer: Any) -> None:
    with pytest.raises(SetupError, match="on_attempt is a function, not"):
        Observe(Scripted(), observer)


def test_the_way_is_named_without_secrets() -> None:
    seen: list[Attempt] = []
    smtp = SmtpTransport("127.0.0.1", port=1, user="me", password="secret", local_name="x.example", tls="none")
    with pytest.raises(SendError) as raised:
        Observe(smtp, seen.append).send(outgoing())
    assert seen[0].error == type(raised.value).__name__
    assert seen[0].way == "smtp://127.0.0.1:1?tls=none"
    assert "secret" not in repr(seen[0])


def test_it_does_not_show_and_takes_what_its_way_takes() -> None:
    assert repr(Observe(MemoryTransport(), print)) == "memory://"
    assert Observe(Scripted(limits=NONE), print).limits == NONE
