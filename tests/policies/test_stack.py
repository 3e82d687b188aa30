"""The policies together: whatever goes wrong, and in whatever order, nobody gets a mail twice by default."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Outgoing, SendResult
from sesmail.errors import (
    ConnectFailed,
    ConnectionLost,
    Outcome,
    Rejected,
    SendError,
    SendingPaused,
    Throttled,
    TimedOut,
    Unavailable,
)
from sesmail.policies.budget import Budget
from sesmail.policies.failover import Failover
from sesmail.policies.policy import Policy
from sesmail.policies.retry.retry import Retry
from sesmail.policies.split import Split
from sesmail.transports.base import LocalTransport
from tests.policies.stepping import StillClock, outgoing, partly, people

pytestmark = pytest.mark.heavy

NOT_SENT = [
    ConnectFailed("no route"),
    Unavailable("busy"),
    Throttled("slower"),
    TimedOut("late", outcome=Outcome.NOT_SENT, retryable=True),
    SendingPaused("paused"),
]
UNKNOWN = [TimedOut("late"), ConnectionLost("lost")]
REFUSED = [Rejected("no")]


@dataclass(frozen=True)
class Event:
    """One thing that a way does with a mail."""

    error: SendError | None
    arrives: bool
    """For an unknown outcome: whether it went out all the same."""
    fails: frozenset[int]
    """Which recipients are refused for now, of a mail that goes out to the others."""


class Ledger(LocalTransport):
    """A way that follows a script, and writes down who got a copy."""

    name = "ledger"

    def __init__(self, script: list[Event], copies: Counter[str], seen: Counter[str]) -> None:
        super().__init__()
        self._script = iter(script)
        self._copies = copies
        self._unsure = seen

    def send(self, outgoing: Outgoing) -> SendResult:
        emails = [address.email for address in outgoing.envelope.recipients]
        event = next(self._script, Event(None, False, frozenset()))
        if event.error is not None:
            if event.error.outcome is Outcome.UNKNOWN:
                self._unsure.update(emails)
                self._copies.update(emails if event.arrives else [])
            raise event.error
        failing = {email.partition("@")[0]: Unavailable("full") for i, email in enumerate(emails) if i in event.fails}
        if len(failing) == len(emails):
            raise Unavailable("full")
        self._copies.update(email for email in emails if email.partition("@")[0] not in failing)
        return partly(**failing)(outgoing)


events = st.builds(
    Event,
    st.one_of(st.none(), st.sampled_from([*NOT_SENT, *UNKNOWN, *REFUSED])),
    st.booleans(),
    st.frozensets(st.integers(0, 3), max_size=2),
)
scripts = st.lists(events, max_size=8)


def ended(stack: Policy, mail: Outgoing, *, awaited: bool) -> SendResult | SendError:
    try:
        return asyncio.run(stack.asend(mail)) if awaited else stack.send(mail)
    except SendError as error:
        return error


@given(
    one=scripts,
    other=scripts,
    mails=st.lists(st.integers(1, 7), min_size=1, max_size=3),
    awaited=st.booleans(),
    resend=st.booleans(),
)
def test_nobody_gets_a_second_copy(
    one: list[Event], other: list[Event], mails: list[int], awaited: bool, resend: bool
) -> None:
    clock = StillClock()
    for_unknown = "resend" if resend else "raise"
    copies, unsure = Counter[str](), Counter[str]()
    ways = [Ledger(script, copies, unsure) for script in (one, other)]
    group = Failover(*ways, on_unknown=for_unknown, clock=clock)
    stack = Split(Retry(group, on_unknown=for_unknown, budget=Budget(), clock=clock), 3, clock=clock)  # type: ignore[arg-type]
    for size in mails:
        copies.clear()
        unsure.clear()
        begun = clock.time
        end = ended(stack, outgoing(people(size)), awaited=awaited)

        for email, count in copies.items():
            assert count == 1 or (resend and count <= unsure[email] + 1), (email, count)
        assert clock.time - begun <= 15.0 * -(-size // 3) + 1
        if isinstance(end, SendResult):
            for result in end.recipients:
                told, count = result.outcome, copies[result.address.email]
                assert told is not Outcome.SENT or count >= 1, "sent is never said of what was not"
                assert told not in (Outcome.NOT_SENT, Outcome.REFUSED) or count == 0, "nor the other way round"
        elif end.outcome is not Outcome.UNKNOWN:
            assert not copies, "nobody has it, says the error"
