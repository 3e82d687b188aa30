"""Retry against a simple model: any schedule of outcomes, and a ledger of what really went out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from sesmail import Outgoing, SendResult
from sesmail.errors import (
    AccessDenied,
    AllFailed,
    ConnectFailed,
    ConnectionLost,
    Outcome,
    PartlySent,
    QuotaExceeded,
    Rejected,
    SesmailError,
    SetupError,
    Suppressed,
    Throttled,
    TimedOut,
    TooLarge,
    Unavailable,
)
from sesmail.mail.outgoing import RecipientResult
from sesmail.policies.budget import Budget
from sesmail.policies.retry import Retry
from sesmail.transports.base import LocalTransport
from tests.policies.stepping import StillClock, outgoing, people

MOST = 4


@dataclass(frozen=True)
class Ending:
    """How it ends for one recipient: with which error, whether another try is right, and whether the mail is out."""

    error: Callable[[], SesmailError] | None
    repeats: bool = False
    out: bool = False
    may_be_out: bool = False

    def __repr__(self) -> str:
        return "sent" if self.error is None else f"{self.error()!r}{' and is out' * self.out}"


SENT = Ending(None, out=True)
PASSING = [
    Ending(lambda: Unavailable("503"), repeats=True),
    Ending(lambda: ConnectFailed("no route"), repeats=True),
    Ending(lambda: Throttled("slower"), repeats=True),
    Ending(lambda: Throttled("slower", retry_after_s=2.5), repeats=True),
    Ending(lambda: TimedOut("it waited", outcome=Outcome.NOT_SENT, retryable=True), repeats=True),
]
LASTING = [
    Ending(lambda: Rejected("virus")),
    Ending(lambda: AccessDenied("no")),
    Ending(lambda: QuotaExceeded("24 hours")),
    Ending(lambda: ConnectFailed("no such name", retryable=False)),
]
LOST = [
    Ending(error, out=out, may_be_out=True)
    for out in (False, True)
    for error in (
        lambda: TimedOut("no answer"),
        lambda: ConnectionLost("cut"),
        lambda: Unavailable("odd", outcome=Outcome.UNKNOWN, retryable=True),
    )
]
# These come for a whole mail only.
OF_WHOLE = [
    Ending(lambda: Suppressed("bounced")),
    Ending(lambda: TooLarge("large", size=2, limit=1)),
    Ending(lambda: SetupError("odd")),
    Ending(lambda: AllFailed("all", [AccessDenied("a"), Throttled("b")]), repeats=True),
    Ending(lambda: AllFailed("all", [QuotaExceeded("a"), AccessDenied("b")])),
    Ending(lambda: AllFailed("all", [Unavailable("a"), TimedOut("b")]), may_be_out=True),
    Ending(lambda: AllFailed("all", [Unavailable("a"), TimedOut("b")]), may_be_out=True, out=True),
]
ENDINGS = st.sampled_from([*[SENT] * 4, *PASSING * 3, *LASTING, *LOST])


@dataclass(frozen=True)
class Attempt:
    """How one try ends: the same for all and raised, or one by one."""

    whole: Ending | None = None
    each: tuple[Ending, ...] = ()
    takes_s: float = 0.0
    partly: bool = False  # a way that breaks the rule, and raises where some have it

    def of(self, number: int) -> Ending:
        """For the n-th of all recipients."""
        return self.whole or self.each[number]


def attempts() -> st.SearchStrategy[Attempt]:
    times = st.sampled_from([0.0, 0.5, 6.0])
    whole = st.sampled_from([*PASSING * 5, *LASTING, *LOST, *OF_WHOLE])
    return st.one_of(
        st.builds(Attempt, whole, takes_s=times),
        st.builds(Attempt, each=st.tuples(*[ENDINGS] * MOST), takes_s=times),
        st.builds(Attempt, each=st.tuples(*[ENDINGS] * MOST), takes_s=times),
        st.builds(Attempt, each=st.tuples(*[st.sampled_from([SENT, PASSING[0]])] * MOST), partly=st.just(True)),
    )


@dataclass
class World(LocalTransport):
    """A way that follows a schedule, and keeps a ledger of what really went out."""

    schedule: list[Attempt]
    clock: StillClock
    everybody: list[str]
    ledger: Counter[str] = field(default_factory=Counter)
    asked: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, outgoing: Outgoing) -> SendResult:
        asked = [address.email for address in outgoing.envelope.recipients]
        self.asked.append(asked)
        attempt = self.schedule[len(self.asked) - 1]
        self.clock.time += attempt.takes_s
        endings = [attempt.of(self.everybody.index(email)) for email in asked]
        self.ledger.update(email for email, ending in zip(asked, endings, strict=True) if ending.out)
        if attempt.whole and attempt.whole.error:
            raise attempt.whole.error()
        if attempt.partly and len(set(endings)) > 1:
            lacking = [email for email, ending in zip(asked, endings, strict=True) if ending.error]
            raise PartlySent("against the rules", recipients=lacking, retryable=True)
        errors = [ending.error and ending.error() for ending in endings]
        result = SendResult(
            tuple(
                RecipientResult(address, getattr(error, "outcome", Outcome.SENT), error)
                for address, error in zip(outgoing.envelope.recipients, errors, strict=True)
            ),
            message_id=f"id-{len(self.asked)}",
        )
        if len(result.failed) == len(asked):
            if len(set(endings)) == 1 and errors[0]:
                raise errors[0]
            result.raise_if_any_failed()
        return result


def expected(schedule: list[Attempt], everybody: list[str], *, tries: int, resends: bool) -> list[list[str]]:
    """The model: to whom each try is, were there time and tokens enough."""
    asked, lacking = [], everybody
    for attempt in schedule[:tries]:
        if not lacking:
            break
        asked.append(lacking)
        endings = {email: attempt.of(everybody.index(email)) for email in lacking}
        if attempt.partly and len(set(endings.values())) > 1:
            lacking = []
        else:
            lacking = [email for email, end in endings.items() if end.repeats or (resends and end.may_be_out)]
    return asked


@pytest.mark.parametrize("resends", [False, True])
@given(data=st.data())
def test_whatever_happens_nobody_gets_it_twice_and_the_result_is_the_truth(resends: bool, data: st.DataObject) -> None:
    tries = data.draw(st.sampled_from([4, 3, 4, 3, 2, 1]), "tries")
    schedule = data.draw(st.lists(attempts(), min_size=tries, max_size=tries), "schedule")
    everybody = people(data.draw(st.integers(1, MOST), "recipients"))
    within_s = data.draw(st.sampled_from([1000.0, 0.0, 3.0, 15.0, 1000.0, 1000.0]), "within_s")
    tokens = data.draw(st.sampled_from([100, 1, 2, 100, 100]), "tokens")
    drawn = data.draw(st.lists(st.floats(0, 1, exclude_max=True), min_size=4, max_size=4), "chances")
    awaited = data.draw(st.booleans(), "awaited")

    clock = StillClock()
    world = World(schedule, clock, everybody)
    retry = Retry(
        world,
        tries=tries,
        within_s=within_s,
        on_unknown="resend" if resends else "raise",
        budget=Budget(capacity=tokens, per_s=0, throttles_per_s=0, clock=clock),
        random=iter(drawn).__next__,
        clock=clock,
    )
    mail = outgoing(everybody)
    begun = clock.time
    told: dict[str, Outcome]
    try:
        result = asyncio.run(retry.asend(mail)) if awaited else retry.send(mail)
    except SesmailError as error:
        outcome = getattr(error, "outcome", Outcome.NOT_SENT)
        told = dict.fromkeys(everybody, outcome)
        assert outcome is not Outcome.SENT
    else:
        told = {email: one.outcome for email, one in result.by_recipient.items()}
        assert [one.address.email for one in result.recipients] == everybody
        assert result.message_id, "somebody has it, under this id"
        assert Outcome.SENT in told.values()

    # To whom: as the model says, or less where time or tokens were short.
    model = expected(schedule, everybody, tries=tries, resends=resends)
    assert world.asked == model[: len(world.asked)]
    if within_s == 1000 and tokens == 100:
        assert world.asked == model
    event(f"{len(world.asked)} tries, resends {resends}")

    # How often: a second copy only after an unknown outcome, and only on request.
    may_have_it: set[str] = set()
    for attempt, asked in zip(schedule, world.asked, strict=False):
        assert resends or not may_have_it & set(asked)
        endings = {email: attempt.of(everybody.index(email)) for email in asked}
        lost = {email for email, ending in endings.items() if ending.may_be_out}
        may_have_it |= lost
    twice = {email for email, copies in world.ledger.items() if copies > 1}
    assert twice <= may_have_it if resends else not twice

    # The truth: who is told "sent" has it, and who is told "not sent" has it not.
    for email, outcome in told.items():
        copies = world.ledger[email]
        if outcome is Outcome.SENT:
            assert copies >= 1
        elif outcome is not Outcome.UNKNOWN:
            assert copies == 0, (email, outcome)

    # How long: within the time, and within the budget of both kinds.
    assert sum(clock.slept) <= within_s + 1e-9
    assert len(clock.slept) == len(world.asked) - 1 <= min(tries - 1, 2 * tokens)
    if clock.slept:
        last = schedule[len(world.asked) - 1].takes_s
        assert clock.time - begun - last <= within_s + 1e-9
