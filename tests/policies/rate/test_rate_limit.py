"""The policy, step by step: whose turn it is, what the account said, and what a throttle changes."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from typing import Any

import pytest

from sesmail._clock import SYSTEM_CLOCK
from sesmail.errors import (
    AccountError,
    Outcome,
    QuotaExceeded,
    Rejected,
    SendingPaused,
    Suppressed,
    Throttled,
    TimedOut,
    Unavailable,
)
from sesmail.policies.flow import Send, Sleep, run
from sesmail.policies.rate.bucket import Pace
from sesmail.policies.rate.notes import AGAIN_S, Notes
from sesmail.policies.rate.rate_limit import LOOK_S, SOON_S, RateLimit, Usage
from sesmail.policies.rate.store import MemoryStore
from sesmail.testing import TransportContract
from sesmail.transports import MemoryTransport
from tests.policies.rate.simulation import Told
from tests.policies.stepping import Scripted, Stepper, StillClock, outgoing, partly, people


class Standing:
    production = sending = True

    def __init__(self, rate: float | None = None, quota: float | None = None, sent: float | None = None) -> None:
        self.rate, self.quota, self.sent = rate, quota, sent


class TestRateLimit(TransportContract):
    """It is held to the contract of all transports."""

    def make_transport(self) -> RateLimit:
        return RateLimit(MemoryTransport(), rate=1e6)

    def delivered(self, transport: Any) -> list[bytes]:
        return [mail.content.to_bytes() for mail in transport.inner.sent]

    def refuse(self, transport: Any, addresses: Any) -> None:
        transport.inner.refuse(*addresses)

    # Its name is the way's, since it was the way that carried the mail.
    def test_a_result_says_where_the_mail_can_be_found_again(self) -> None:
        assert self.make_transport().send(outgoing()).transport == "memory"


def limit(way: Scripted | None = None, clock: StillClock | None = None, **settings: Any) -> RateLimit:
    if "account" not in settings:
        settings = {"rate": 1, "safety": 1, **settings}
    return RateLimit(way or Scripted(), clock=clock or StillClock(), **settings)


# ── its turn ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_goes_at_once_where_nothing_is_owed() -> None:
    flow = Stepper(limit().flow(outgoing(people(50))))

    assert isinstance(flow.step, Send)
    assert flow.give(Scripted().accepted(outgoing())) is None


def test_the_next_one_waits_until_all_recipients_are_paid() -> None:
    clock = StillClock()
    limited = limit(clock=clock)
    limited.send(outgoing(people(50)))
    limited.send(outgoing())

    assert sum(clock.slept) == pytest.approx(50)


def test_it_is_awaited_as_it_is_waited_for() -> None:
    clock = StillClock()
    limited = limit(clock=clock)
    asyncio.run(limited.asend(outgoing(people(5))))
    asyncio.run(limited.asend(outgoing()))

    assert sum(clock.slept) == pytest.approx(5)


def test_who_waits_looks_again_soon() -> None:
    limited = limit()
    limited.send(outgoing(people(50)))

    assert Stepper(limited.flow(outgoing())).sleeps == 50 / 16
    near = limit()
    near.send(outgoing(people(2)))
    assert Stepper(near.flow(outgoing())).sleeps == LOOK_S


def test_whose_turn_comes_too_late_hears_so_at_once_and_takes_no_place() -> None:
    clock, way = StillClock(), Scripted()
    limited = limit(way, clock, wait_s=30)
    limited.send(outgoing(people(50)))
    for _ in range(3):
        with pytest.raises(Throttled, match=r"comes in 50\.0 seconds, and it may wait 30 \(rate_wait_s\)") as caught:
            limited.send(outgoing(people(9)))
        assert caught.value.retry_after_s == pytest.approx(50)
        assert caught.value.outcome is Outcome.NOT_SENT
        assert caught.value.retryable

    assert not clock.slept
    assert len(way.seen) == 1


def test_a_wait_of_nothing_is_a_wait_of_nothing() -> None:
    limited = limit(wait_s=0)
    limited.send(outgoing())

    with pytest.raises(Throttled):
        limited.send(outgoing())


def test_whose_turn_moves_too_far_away_while_it_waits_gives_up_and_gives_its_place_back() -> None:
    clock, way = StillClock(), Scripted(None, Throttled("too fast"))
    limited = limit(way, clock, rate=2, wait_s=10)
    limited.send(outgoing())
    throttled = Stepper(limited.flow(outgoing(people(18))))
    clock.time += throttled.sleeps
    throttled.give()
    waiting = Stepper(limited.flow(outgoing()))
    assert isinstance(throttled.step, Send)
    with pytest.raises(Throttled, match="too fast"):
        throttled.give(Throttled("too fast"))
    clock.time += waiting.sleeps
    with pytest.raises(Throttled, match="the turn of this mail"):
        waiting.give()

    assert not limited._store._lines.by_key[limited._key]._waiting  # type: ignore[attr-defined]


def test_who_is_cancelled_while_it_waits_gives_its_place_back() -> None:
    limited = limit()
    limited.send(outgoing())
    flow = limited.flow(outgoing(people(50)))
    next(flow)
    flow.close()

    assert run(limited._store.take(limited._key, 1, Pace.of(1), 1000, 60), SYSTEM_CLOCK).wait_s == pytest.approx(1)


def test_a_task_that_is_cancelled_gives_its_place_back() -> None:
    limited = RateLimit(Scripted(), rate=1, safety=1, store=MemoryStore(), key="cancelled")

    async def cancelled() -> float:
        """How far the end of the line is away."""
        await limited.asend(outgoing())
        tasks = [asyncio.ensure_future(limited.asend(outgoing(people(9)))) for _ in range(5)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        place = run(limited._store.take("cancelled", 1, Pace.of(1), SYSTEM_CLOCK.now(), 1e9), SYSTEM_CLOCK)
        return place.wait_s

    assert asyncio.run(cancelled()) <= 1


# ── what the account says ────────────────────────────────────────────────────────────────────────────────────────


def test_the_rate_is_what_the_account_says_with_some_safety() -> None:
    account, clock = Told(Standing(rate=10)), StillClock()
    limited = limit(clock=clock, account=account)
    limited.send(outgoing(people(50)))
    limited.send(outgoing())

    assert sum(clock.slept) == pytest.approx((50 - 4.5 + 1) / 9)
    assert limited.account is account


def test_the_account_is_that_of_the_way() -> None:
    way = Scripted()
    way.account = account = Told(Standing(rate=10))  # type: ignore[attr-defined]

    assert RateLimit(way, clock=StillClock()).account is account


def test_a_given_rate_asks_nobody() -> None:
    account = Told(Standing(rate=1000))
    limited = limit(account=account, rate=14)
    limited.send(outgoing())

    assert not account.asked_at
    assert limited.usage == Usage(rate=14, quota=None, sent=None, sent_here=1)


@pytest.mark.parametrize(
    "unknown", [Standing(), Standing(quota=200, sent=0), AccountError("no", operation="GetAccount")]
)
def test_where_the_rate_is_not_known_none_is_made_up_and_that_is_said_once(
    unknown: object, caplog: pytest.LogCaptureFixture
) -> None:
    clock = StillClock()
    limited = limit(clock=clock, account=Told(unknown))
    with caplog.at_level(logging.WARNING, "sesmail"):
        for _ in range(100):
            limited.send(outgoing(people(50)))
        clock.time += 1000
        limited.send(outgoing())

    assert not clock.slept
    assert limited.usage.rate is None
    said = [record.getMessage() for record in caplog.records if "rate is not known" in record.getMessage()]
    assert said == ["the account's rate is not known, so mails go as fast as they come; give one, as in rate=14"]


def test_an_account_that_may_send_none_hears_why_from_ses() -> None:
    paused = SendingPaused("paused")
    limited = limit(Scripted(paused, paused), account=Told(Standing(rate=0)))

    for _ in range(2):
        with pytest.raises(SendingPaused):
            limited.send(outgoing())


def test_a_rate_that_is_no_longer_known_keeps_nobody() -> None:
    clock = StillClock()
    limited = limit(clock=clock, account=Told(Standing(rate=1), Standing()), ttl_s=10)
    limited.send(outgoing(people(40)))
    limited.send(outgoing())

    assert sum(clock.slept) == pytest.approx(10, abs=1)


def test_all_mailers_of_a_process_share_a_line_and_an_answer() -> None:
    account = Told(Standing(rate=2), key="shared/eu-west-1")
    one, other = (RateLimit(Scripted(), account=account, safety=1) for _ in range(2))
    one.send(outgoing(people(10)))

    assert isinstance(Stepper(other.flow(outgoing())).step, Sleep)
    assert len(account.asked_at) == 1
    assert other.usage.sent_here == 10


def test_a_way_without_an_account_is_known_by_its_notation_or_by_a_key() -> None:
    first = RateLimit(Scripted(), rate=1)
    first.send(outgoing())

    assert isinstance(Stepper(RateLimit(Scripted(), rate=1).flow(outgoing())).step, Sleep)
    assert isinstance(Stepper(RateLimit(Scripted(), rate=1, key="another").flow(outgoing())).step, Send)


# ── the quota of 24 hours ────────────────────────────────────────────────────────────────────────────────────────


def test_usage_is_what_the_account_said_and_what_was_sent_since() -> None:
    clock = StillClock()
    account = Told(Standing(rate=100, quota=50_000, sent=1234), Standing(rate=100, quota=50_000, sent=1300))
    limited = limit(Scripted(None, None, Rejected("no"), TimedOut("?")), clock, account=account, wait_s=600)
    assert limited.usage == Usage(rate=None, quota=None, sent=None, sent_here=0)
    for _ in range(4):
        with suppress(Rejected, TimedOut):
            limited.send(outgoing(people(10)))
    # what may be out counts, what was refused does not
    assert limited.usage == Usage(rate=100, quota=50_000, sent=1264, sent_here=30)

    clock.time += 400
    limited.send(outgoing(people(2)))
    assert limited.usage == Usage(rate=100, quota=50_000, sent=1302, sent_here=32)


def test_where_the_account_just_said_that_its_quota_is_used_up_nothing_is_tried() -> None:
    clock, way = StillClock(), Scripted()
    account = Told(Standing(rate=14, quota=200, sent=200), Standing(rate=14, quota=200, sent=150), now=clock.now)
    limited = limit(way, clock, account=account)
    for _ in range(3):
        with pytest.raises(QuotaExceeded, match=r"used up \(200 of 200 recipients\)") as caught:
            limited.send(outgoing())
    assert caught.value.outcome is Outcome.NOT_SENT
    assert caught.value.retryable
    assert caught.value.stage == ""
    assert not way.seen
    assert len(account.asked_at) == 1

    clock.time += AGAIN_S
    limited.send(outgoing())
    assert len(way.seen) == 1


def test_with_an_older_answer_ses_decides() -> None:
    clock, way = StillClock(), Scripted()
    account = Told(Standing(rate=14, quota=200, sent=200), AccountError("no", operation="GetAccount"))
    limited = limit(way, clock, account=account)
    with pytest.raises(QuotaExceeded):
        limited.send(outgoing())
    clock.time += AGAIN_S
    limited.send(outgoing())

    assert len(way.seen) == 1


@pytest.mark.parametrize(
    "standing",
    [
        Standing(rate=14, quota=-1, sent=10**9),
        Standing(rate=14, quota=200, sent=199),
        Standing(rate=14, quota=None, sent=300),
        Standing(rate=14, quota=200, sent=None),
    ],
)
def test_what_is_not_surely_used_up_is_tried(standing: Standing) -> None:
    way = Scripted()
    limit(way, account=Told(standing)).send(outgoing(people(50)))

    assert len(way.seen) == 1


def test_a_quota_that_ses_calls_used_up_makes_it_ask_again_soon() -> None:
    clock = StillClock()
    account = Told(Standing(rate=1000, quota=200, sent=0), now=clock.now)
    limited = limit(Scripted(QuotaExceeded("daily")), clock, account=account)
    with pytest.raises(QuotaExceeded, match="daily"):
        limited.send(outgoing())
    limited.send(outgoing())
    assert len(account.asked_at) == 1
    clock.time += SOON_S
    limited.send(outgoing())
    assert len(account.asked_at) == 2


# ── a throttle ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_throttle_halves_the_pace_of_everybody_and_is_said(caplog: pytest.LogCaptureFixture) -> None:
    clock, store = StillClock(), MemoryStore()
    one = limit(Scripted(Throttled("slow down")), clock, rate=100, store=store, key="k")
    other = limit(Scripted(), clock, rate=100, store=store, key="k")
    with caplog.at_level(logging.WARNING, "sesmail"), pytest.raises(Throttled, match="slow down"):
        one.send(outgoing())
    other.send(outgoing(people(50)))
    assert sum(clock.slept) == pytest.approx(1, abs=0.02)
    other.send(outgoing())

    assert sum(clock.slept) == pytest.approx(1 + 50 / (50 + 100 / 60), abs=0.05)  # it grows while it waits
    assert [record.getMessage() for record in caplog.records] == [
        "throttled all the same: slowed down to 50 recipients a second"
    ]


def test_recipients_that_were_throttled_slow_it_down_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = StillClock()
    slow = Throttled("slow down")
    way = Scripted(partly(reader1=slow, reader2=Suppressed("bounced"), reader3=TimedOut("?"), reader4=slow))
    limited = limit(way, clock, rate=100)
    with caplog.at_level(logging.WARNING, "sesmail"):
        result = limited.send(outgoing(people(6)))
    limited.send(outgoing())

    assert len(result.failed) == 4
    assert len(caplog.records) == 1
    assert limited.usage.sent_here == 2 + 1 + 1
    assert sum(clock.slept) == pytest.approx(1, abs=0.02)


def test_a_throttle_where_no_rate_is_known_is_passed_on() -> None:
    limited = limit(Scripted(Throttled("slow down")), account=Told(Standing()))
    with pytest.raises(Throttled, match="slow down"):
        limited.send(outgoing())

    limited.send(outgoing())


def test_other_errors_say_nothing_of_the_pace() -> None:
    clock = StillClock()
    account = Told(Standing(rate=100), now=clock.now)
    limited = limit(Scripted(Unavailable("down")), clock, account=account)
    with pytest.raises(Unavailable):
        limited.send(outgoing())
    clock.time += SOON_S + 1
    limited.send(outgoing())

    assert not clock.slept
    assert len(account.asked_at) == 1


def test_after_a_throttle_the_account_is_asked_again_soon() -> None:
    clock = StillClock()
    account = Told(Standing(rate=14), Standing(rate=1), now=clock.now)
    limited = limit(Scripted(Throttled("slow down")), clock, account=account)
    with pytest.raises(Throttled):
        limited.send(outgoing())
    clock.time += SOON_S
    limited.send(outgoing())

    assert account.asked_at == [1000, 1000 + SOON_S]
    assert limited.usage.rate == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_counts_what_it_sends_itself() -> None:
    notes = Notes()
    notes.day.count(5, 0)
    child = os.fork()
    if child == 0:
        notes.day.count(2, 0)
        os._exit(notes.day.ever)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert notes.day.ever == 5
