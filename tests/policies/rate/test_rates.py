"""The proof: never more than rate and burst in any second, nearly all of the rate used, debts paid, and fair.

R is the rate in force: the account's, times the safety factor. On clocks that jump, so hours pass in no time: in a
simulation of hundreds of flows, in real threads and in real tasks.
"""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest

from sesmail.errors import Throttled
from sesmail.local.quota import Rate
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.rate.bucket import Pace
from sesmail.policies.rate.rate_limit import RateLimit
from tests.policies.rate.simulation import Counting, JumpingLoop, Simulation, ThreadClock, Told, in_threads
from tests.policies.rate.test_rate_limit import Standing
from tests.policies.stepping import outgoing, people

pytestmark = pytest.mark.heavy

RATES = [1, 14, 200]
SAFETY = 0.9
HOUR = 3600.0
MAIL = outgoing()


def assert_kept(way: Counting, rate: float, *, start: float = 1000.0, used: float = 0.95) -> None:
    """In no window of a second too many, and all in all enough."""
    pace = Pace.of(rate * SAFETY)
    end = max(at for at, _ in way.came)

    assert way.busiest() <= pace.rate + pace.burst + 1e-6
    assert way.between(start, end) >= used * pace.rate * (end - start)


def batch(rate: int) -> int:
    return 20 * rate + 20


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("oversleeps_s", [0, 0.01])
def test_hundreds_of_flows_keep_to_the_rate_and_use_it(rate: int, oversleeps_s: float) -> None:
    simulation = Simulation(oversleeps_s=oversleeps_s, asking_s=0.1, sending_s=0.05)
    way = Counting(simulation.now)
    limited = RateLimit(way, account=Told(Standing(rate=rate)), wait_s=HOUR, clock=simulation)
    for _ in range(batch(rate)):
        simulation.begin(limited.flow(MAIL))
    simulation.run()

    assert len(way.came) == batch(rate)
    assert_kept(way, rate)


@pytest.mark.parametrize("rate", RATES)
def test_mails_that_come_now_and_then_keep_to_it_as_well(rate: int) -> None:
    """In crowds, with rests in which a burst is saved up."""
    simulation, chance = Simulation(oversleeps_s=0.005), random.Random(rate)
    way = Counting(simulation.now)
    limited = RateLimit(way, rate=rate, wait_s=HOUR, clock=simulation)
    for _ in range(10):
        crowd = chance.uniform(0, 60)
        for _ in range(chance.randrange(rate * 4) + 1):
            simulation.begin(limited.flow(MAIL), after=crowd + chance.uniform(0, 1))
    simulation.run()
    pace = Pace.of(rate * SAFETY)

    for window in (0.1, 1.0, 10.0):
        assert way.busiest(window) <= pace.rate * window + pace.burst + 1e-6


@pytest.mark.parametrize("rate", RATES)
def test_mails_to_many_repay_their_debt(rate: int) -> None:
    """Before each mail, all that went since any moment is paid but for a burst."""
    simulation, chance = Simulation(), random.Random(rate)
    way = Counting(simulation.now)
    limited = RateLimit(way, rate=rate, wait_s=HOUR, clock=simulation)
    for _ in range(60):
        simulation.begin(limited.flow(outgoing(people(chance.randrange(1, 51)))))
    simulation.run()
    pace = Pace.of(rate * SAFETY)

    for first in range(60):
        start, total = way.came[first][0], 0
        for at, recipients in way.came[first:]:
            assert total <= pace.burst + pace.rate * (at - start) - 1 + 1e-3
            total += recipients
    assert_used = sum(recipients for _, recipients in way.came[:-1]) / (way.came[-1][0] - 1000)
    assert assert_used >= 0.95 * pace.rate


@pytest.mark.parametrize("rate", RATES)
def test_a_limiter_as_ses_has_it_never_throttles(rate: int) -> None:
    """The box's own: it goes into debt as SES does."""
    simulation, chance = Simulation(oversleeps_s=0.02), random.Random(rate)
    there, throttled = Rate(rate), 0

    class Ses(Counting):
        def send(self, outgoing: Outgoing) -> SendResult:
            nonlocal throttled
            if not there.has_room(simulation.time):
                throttled += 1
                raise Throttled("Maximum sending rate exceeded.")
            there.count(len(outgoing.envelope.recipients), simulation.time)
            return super().send(outgoing)

    way = Ses(simulation.now)
    limited = RateLimit(way, rate=rate, wait_s=HOUR, clock=simulation)
    for _ in range(100 + 5 * rate):
        many = people(chance.choice((1, 1, 1, 1, 2, 7, 50)))
        simulation.begin(limited.flow(outgoing(many)), after=chance.uniform(0, 120))
    simulation.run()

    assert throttled == 0
    assert len(way.came) == 100 + 5 * rate


@pytest.mark.heavy(traced=True)  # which asks anew, as no other test does
@pytest.mark.parametrize(("before", "after"), [(14, 200), (200, 14), (1, 14), (14, 1)])
def test_a_change_of_the_rate_is_followed_within_two_seconds(before: int, after: int) -> None:
    simulation = Simulation(asking_s=0.2)
    way = Counting(simulation.now)
    account = Told(Standing(rate=before), Standing(rate=after), now=simulation.now)
    limited = RateLimit(way, account=account, wait_s=HOUR, clock=simulation)
    for _ in range(batch(before) + batch(after)):
        simulation.begin(limited.flow(MAIL))
    simulation.after(10.3, limited.refresh)
    simulation.run(until=20)

    settled = way.between(1012.3, 1019.3) / 7
    # of the lower rates, so few leave in that time that one more or less is much
    assert settled == pytest.approx(after * SAFETY, rel=0.05, abs=1 / 7)
    assert len(account.asked_at) == 2
    window = [at for at, _ in way.came if at >= 1012.3]
    busiest = max(sum(start <= at <= start + 1 for at in window) for start in window)
    assert busiest <= after * SAFETY + Pace.of(after * SAFETY).burst


@pytest.mark.parametrize("rate", RATES)
def test_a_throttle_is_heeded_by_all_and_the_old_rate_comes_back(rate: int) -> None:
    simulation = Simulation()

    class Ses(Counting):
        def send(self, outgoing: Outgoing) -> SendResult:
            if simulation.time >= 1030 and not hasattr(self, "throttled_at"):
                self.throttled_at = simulation.time
                raise Throttled("Maximum sending rate exceeded.")
            return super().send(outgoing)

    way = Ses(simulation.now)
    limited = RateLimit(way, rate=rate, wait_s=HOUR, clock=simulation)
    for number in range(82 * rate):  # always enough of them, and never so many that looking takes the time
        simulation.begin(limited.flow(MAIL), after=max(0, number / rate - 2))
    simulation.run(until=100)
    at, pace = way.throttled_at, Pace.of(rate * SAFETY)

    assert way.between(at + 1e-3, at + 0.9) == 0
    assert way.between(at + 1, at + 6) / 5 <= pace.rate * 0.65 + 0.2
    assert way.between(at + 1, at + 29) / 28 == pytest.approx(0.75 * pace.rate, rel=0.08)
    assert way.between(at + 31, at + 51) / 20 == pytest.approx(pace.rate, rel=0.06)


@pytest.mark.parametrize("rate", RATES)
def test_first_come_is_first_served(rate: int) -> None:
    """Whoever sleeps too long is overtaken by what its own lateness lets through, never passed over."""
    simulation, chance = Simulation(oversleeps_s=0.002), random.Random(rate)
    way = Counting(simulation.now)
    limited = RateLimit(way, rate=rate, wait_s=HOUR, clock=simulation)
    arrivals = sorted(chance.uniform(0, 10) for _ in range(10 * rate + 50))
    for number, at in enumerate(arrivals):
        simulation.begin(limited.flow(outgoing(subject=str(number))), after=at)
    simulation.run()
    order = [int(subject) for subject in way.subjects]
    late = [sum(1 for other in order[:place] if other > number) for place, number in enumerate(order)]

    assert sorted(order) == list(range(len(arrivals)))
    assert max(late) <= 1


@pytest.mark.parametrize("rate", RATES)
def test_who_gives_up_makes_room_for_the_others(rate: int) -> None:
    simulation, chance = Simulation(), random.Random(rate)
    way = Counting(simulation.now)
    limited = RateLimit(way, rate=rate, wait_s=HOUR, clock=simulation)
    flows = [limited.flow(MAIL) for _ in range(batch(rate))]
    for flow in flows:
        simulation.begin(flow)
    leaving = chance.sample(flows[batch(rate) // 4 :], batch(rate) // 2)

    def leave() -> None:
        for flow in leaving:
            flow.close()

    simulation.after(1, leave)
    simulation.run()

    assert len(way.came) == len(flows) - len(leaving)
    assert_kept(way, rate)


@pytest.mark.parametrize("rate", RATES)
def test_real_threads_keep_to_it(rate: int) -> None:
    threads, each = 16, batch(rate) // 16 + 1
    clock = ThreadClock(threads)
    way = Counting(clock.now)
    limited = RateLimit(way, account=Told(Standing(rate=rate)), wait_s=HOUR, clock=clock)
    in_threads([lambda: [limited.send(MAIL) for _ in range(each)] for _ in range(threads)], clock)

    assert len(way.came) == threads * each
    assert_kept(way, rate)


@pytest.mark.parametrize("rate", RATES)
def test_real_tasks_keep_to_it_and_the_loop_goes_on(rate: int) -> None:
    loop = JumpingLoop()
    way = Counting(loop.now)
    limited = RateLimit(way, account=Told(Standing(rate=rate)), wait_s=HOUR, clock=loop)
    beats, mails = [], batch(rate) // 2

    async def beat() -> None:
        while len(way.came) < mails:
            beats.append(loop.time())
            await asyncio.sleep(0.1)

    async def all_of_them() -> None:
        heart = asyncio.ensure_future(beat())
        await asyncio.gather(*[limited.asend(MAIL) for _ in range(mails)])
        await heart

    try:
        loop.run_until_complete(all_of_them())
    finally:
        loop.close()

    assert_kept(way, rate)
    assert max(after - before for before, after in pairwise(beats)) < 0.11
