"""An outage, and a storm of throttles, with thousands of senders on a clock of our own.

Discrete events: each sender is a flow that is stepped when its moment has come. Nothing waits, and nothing is random.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

import pytest

from sesmail import Outgoing, SendResult
from sesmail.errors import Outcome, SendError, SesmailError, Throttled, Unavailable
from sesmail.policies.budget import Budget
from sesmail.policies.flow import Flow, Send, Sleep, Step
from sesmail.policies.retry import Retry
from sesmail.transports.base import LocalTransport
from tests.policies.stepping import StillClock, outgoing

pytestmark = pytest.mark.heavy

LATENCY_S = 0.05
WITHIN_S = 15.0


@dataclass
class Sender:
    """One mail, and what became of it."""

    flow: Flow[SendResult]
    begun: float
    sends: int = 0
    ended: float = 0.0
    result: SendResult | None = None
    error: SesmailError | None = None


class Provider(LocalTransport):
    """Takes a mail, or raises, as the moment has it."""

    name = "provider"

    def __init__(self, verdict: Callable[[float], SendError | None], clock: StillClock) -> None:
        super().__init__()
        self._verdict = verdict
        self._clock = clock

    def send(self, outgoing: Outgoing) -> SendResult:
        if error := self._verdict(self._clock.time):
            raise error
        return self.accepted(outgoing)


@dataclass
class Simulation:
    """Many senders, a mail each, as many a second as ``rate``, for so long."""

    verdict: Callable[[float], SendError | None]
    rate: float
    lasts_s: float
    budget: dict[str, float] = field(default_factory=dict)
    clock: StillClock = field(default_factory=lambda: StillClock(0.0))
    senders: list[Sender] = field(default_factory=list)
    firsts: Counter[int] = field(default_factory=Counter)
    """First tries, by second."""
    repeats: Counter[int] = field(default_factory=Counter)
    """Further tries, by second."""

    def run(self) -> Simulation:
        """Until all have ended."""
        chances = random.Random(42)
        retry = Retry(
            provider := Provider(self.verdict, self.clock),
            budget=Budget(**self.budget, clock=self.clock),
            within_s=WITHIN_S,
            random=chances.random,
            clock=self.clock,
        )
        mail, order = outgoing(), count()
        events: list[tuple[float, int, Sender | None, Step | None]] = []
        for number in range(int(self.rate * self.lasts_s)):
            heappush(events, ((number + chances.random()) / self.rate, next(order), None, None))
        while events:
            self.clock.time, _, sender, step = heappop(events)
            if sender is None:
                sender = Sender(retry.flow(mail), self.clock.time)
                self.senders.append(sender)
                step = self._stepped(sender, None, provider)
            else:
                step = self._stepped(sender, step, provider)
            if step is not None:
                pause_s = step.seconds if isinstance(step, Sleep) else LATENCY_S
                heappush(events, (self.clock.time + pause_s, next(order), sender, step))
        return self

    def _stepped(self, sender: Sender, step: Step | None, way: Provider) -> Step | None:
        """What a sender wants next, now that what it wanted is done."""
        try:
            if isinstance(step, Send):
                try:
                    result = way.send(step.outgoing)
                except SendError as error:
                    following = sender.flow.throw(error)
                else:
                    following = sender.flow.send(result)
            else:
                following = sender.flow.send(None)
        except StopIteration as stop:
            sender.result, sender.ended = stop.value, self.clock.time
            return None
        except SesmailError as error:
            sender.error, sender.ended = error, self.clock.time
            return None
        if isinstance(following, Send):
            (self.repeats if sender.sends else self.firsts)[int(self.clock.time)] += 1
            sender.sends += 1
        return following

    def share(self, begin: int, end: int) -> float:
        """Further tries for each first one, between two moments."""
        seconds = range(begin, end)
        return sum(self.repeats[at] for at in seconds) / sum(self.firsts[at] for at in seconds)

    def between(self, begin: float, end: float) -> Iterator[Sender]:
        return (sender for sender in self.senders if begin <= sender.begun < end)


def assert_nothing_is_silent(simulation: Simulation) -> None:
    """Every mail went out or was raised, within its time, and whoever was told "not sent" may send it again."""
    assert simulation.senders
    for sender in simulation.senders:
        assert (sender.result is None) is not (sender.error is None)
        assert sender.ended - sender.begun <= WITHIN_S + LATENCY_S + 1e-9
        assert 1 <= sender.sends <= 3
        if sender.error is not None:
            assert isinstance(sender.error, SendError)
            assert (sender.error.outcome, sender.error.retryable) == (Outcome.NOT_SENT, True)
            assert len(sender.error.__notes__) == 1, "it says how often it was tried"
        else:
            assert sender.result is not None
            assert not sender.result.failed


def outage(begin: float, end: float) -> Callable[[float], SendError | None]:
    return lambda now: Unavailable("503") if begin <= now < end else None


@pytest.mark.parametrize("rate", [2, 20])
def test_ten_minutes_of_503_are_not_made_worse(rate: int) -> None:
    begin, end = 60, 660
    simulation = Simulation(outage(begin, end), rate=rate, lasts_s=780).run()

    assert_nothing_is_silent(simulation)
    assert simulation.share(0, begin) == 0
    assert simulation.share(begin + 15, end) < 0.1, "once the budget is empty"
    assert max(simulation.repeats[at] for at in range(begin + 15, end)) <= max(3, 0.1 * rate)
    assert all(sender.error is not None for sender in simulation.between(begin, end - WITHIN_S))
    # Once it is over, all go out, at the first try.
    after = list(simulation.between(end, 780))
    assert all(sender.result is not None and sender.sends == 1 for sender in after)


def test_without_a_budget_it_would_be_three_times_the_traffic() -> None:
    """So the test above can fail."""
    simulation = Simulation(outage(10, 110), rate=10, lasts_s=110, budget={"capacity": 1e9}).run()
    assert 1.9 < simulation.share(25, 110) < 2.1


def test_after_an_outage_the_budget_comes_back() -> None:
    def verdict(now: float) -> SendError | None:
        return outage(10, 100)(now) or outage(200, 200.5)(now)

    simulation = Simulation(verdict, rate=20, lasts_s=210).run()
    assert_nothing_is_silent(simulation)
    short = [sender for sender in simulation.between(200, 200.4) if sender.sends > 1]
    assert short
    assert sum(sender.result is not None for sender in short) > len(short) / 2, "half a second is bridged"


def test_a_short_outage_is_bridged_for_all() -> None:
    simulation = Simulation(outage(60, 60.3), rate=20, lasts_s=90).run()
    assert_nothing_is_silent(simulation)
    failed = [sender for sender in simulation.senders if sender.error]
    assert len(failed) <= 1
    assert sum(simulation.repeats.values()) >= 5


def test_a_program_that_sends_now_and_then_may_always_try_again() -> None:
    """Time alone brings tokens: each of its mails has all its tries, through an hour of outage."""
    simulation = Simulation(outage(0, 3600), rate=1 / 40, lasts_s=3600).run()
    assert_nothing_is_silent(simulation)
    assert {sender.sends for sender in simulation.senders} == {3}


class Gate:
    """So many a second, and a second's worth at once: more is throttled."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._level = rate
        self._at = 0.0

    def __call__(self, now: float) -> SendError | None:
        self._level = min(self._rate, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return Throttled("slower")
        self._level -= 1
        return None


@pytest.mark.parametrize(("rate", "allowed"), [(40, 14), (30, 1)])
def test_a_storm_of_throttles_is_not_made_worse(rate: int, allowed: int) -> None:
    simulation = Simulation(Gate(allowed), rate=rate, lasts_s=200).run()
    assert_nothing_is_silent(simulation)
    assert simulation.share(30, 200) < 0.1
    sent = sum(sender.result is not None for sender in simulation.senders)
    assert sent >= 0.95 * allowed * 200, "what the provider allows is used"
    errors = {type(sender.error) for sender in simulation.senders if sender.error}
    assert errors == {Throttled}


def test_a_loop_of_mails_in_the_sandbox_gets_all_of_them_out() -> None:
    """One mail a second is allowed, and a program sends one after the other: each waits for its second."""
    clock = StillClock(0.0)
    provider = Provider(Gate(1), clock)
    retry = Retry(provider, clock=clock, random=random.Random(42).random)
    for _ in range(200):
        clock.time += LATENCY_S
        retry.send(outgoing())
    assert max(clock.slept) <= 4
