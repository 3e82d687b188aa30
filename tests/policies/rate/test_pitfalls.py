"""What limiters of others got wrong, by the numbers of the list of pitfalls."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sesmail.errors import Throttled
from sesmail.local.quota import Rate
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.rate.bucket import Pace
from sesmail.policies.rate.options import OPTIONS
from sesmail.policies.rate.rate_limit import RateLimit
from sesmail.transports import TransportUrl
from sesmail.transports.option import read_options
from tests.policies.rate.simulation import Counting, JumpingLoop, Simulation, Told
from tests.policies.rate.test_rate_limit import Standing
from tests.policies.stepping import Scripted, StillClock, outgoing, people


def test_13_recipients_are_counted_and_not_messages() -> None:
    simulation = Simulation()
    way = Counting(simulation.now)
    limited = RateLimit(way, rate=10, safety=1, wait_s=3600, clock=simulation)
    for _ in range(20):
        simulation.begin(limited.flow(outgoing(people(5))))
    simulation.run()

    assert way.came[-1][0] - 1000 == pytest.approx((19 * 5 - 5 + 1) / 10)


def test_14_the_wait_blocks_no_loop_has_an_end_and_its_state_is_no_global() -> None:
    loop = JumpingLoop()
    ticks: list[float] = []
    limited = RateLimit(Scripted(), rate=1, safety=1, wait_s=20, clock=loop)

    async def tick() -> None:
        while True:
            ticks.append(loop.time())
            await asyncio.sleep(1)

    async def play() -> None:
        ticking = asyncio.ensure_future(tick())
        await limited.asend(outgoing(people(10)))
        await limited.asend(outgoing(people(50)))
        with pytest.raises(Throttled):  # at once, and not in 50 seconds
            await limited.asend(outgoing())
        ticking.cancel()

    loop.run_until_complete(play())
    loop.close()
    assert 10 <= len(ticks) <= 12

    asked: list[str] = []

    class Elsewhere:
        """A store that several processes could share: it answers questions, in both colours."""

        def take(self, key: str, recipients: int, pace: Pace, now: float, longest: float) -> Any:
            from sesmail.policies import ask
            from sesmail.policies.rate.line import Place

            class Taking:
                def answer(self) -> Place:
                    asked.append(f"{key} {recipients} {pace.rate:g}")
                    return Place(0, recipients, 0.0)

                async def aanswer(self) -> Place:
                    return self.answer()

            return ask(Taking())

        look: Any = None
        give_back: Any = None
        slow: Any = None

    shared = RateLimit(Scripted(), rate=10, key="all workers", store=Elsewhere())
    shared.send(outgoing(people(3)))
    asyncio.run(shared.asend(outgoing()))
    assert asked == ["all workers 3 9", "all workers 1 9"]


def test_15_what_an_account_said_is_known_by_account_and_region_and_for_a_while() -> None:
    """Not by the key id, which is none for roles, and not for all Regions."""
    ireland, frankfurt = (
        Told(Standing(rate=rate), Standing(rate=50), key=f"role/mailer {region}")
        for rate, region in ((14, "eu-west-1"), (200, "eu-central-1"))
    )
    limits = [RateLimit(Scripted(), account=account) for account in (ireland, frankfurt, ireland)]
    for limited in limits:
        limited.send(outgoing())
    assert [limited.usage.rate for limited in limits] == [14, 200, 14]
    assert (len(ireland.asked_at), len(frankfurt.asked_at)) == (1, 1)

    clock = StillClock()
    later = RateLimit(Scripted(), account=Told(Standing(rate=14), Standing(rate=50)), ttl_s=300, clock=clock)
    for at, rate in ((0, 14), (299, 14), (301, 50)):
        clock.time = 1000 + at
        later.send(outgoing())
        assert later.usage.rate == rate


def test_16_the_limits_are_part_of_the_contract() -> None:
    """The names that a URL can say do not go, and what they say is done."""
    assert [option.name for option in OPTIONS] == ["rate", "rate_wait_s", "rate_safety"]
    said = read_options(TransportUrl.parse("ses://?rate=5&rate_wait_s=1&rate_safety=0.5"), OPTIONS)
    limited = RateLimit.around(Scripted(), said)
    limited.send(outgoing(people(50)))

    with pytest.raises(Throttled):
        limited.send(outgoing())


@pytest.mark.parametrize("rate", [1, 14, 200])
@pytest.mark.parametrize(("safety", "is_throttled"), [(0.9, False), (1, True)])
def test_17_a_limit_of_exactly_the_quota_exceeds_it_and_the_safety_factor_is_why_ours_does_not(
    rate: int, safety: float, is_throttled: bool
) -> None:
    """Mails that leave evenly do not arrive evenly: each is on its way for a while of its own."""
    simulation = Simulation(seed=7)
    there, throttled = Rate(rate), []

    class Ses(Counting):
        def send(self, outgoing: Outgoing) -> SendResult:
            simulation.after(simulation._random.uniform(0.02, 0.02 + 0.08), arrive)
            return super().send(outgoing)

    def arrive() -> None:
        if there.has_room(simulation.time):
            there.count(1, simulation.time)
        else:
            throttled.append(simulation.time)

    limited = RateLimit(Ses(simulation.now), rate=rate, safety=safety, wait_s=3600, clock=simulation)
    mail = outgoing()
    for number in range(20 * rate + 60):
        simulation.begin(limited.flow(mail), after=max(0, number / rate - 2))
    simulation.run()

    assert bool(throttled) is (is_throttled and rate == 1)
