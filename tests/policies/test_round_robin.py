"""Several ways that take turns. All else is failover's, and tested there."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sesmail import Address
from sesmail.connect import connect
from sesmail.errors import AllFailed, ConnectFailed, SetupError, TimedOut
from sesmail.policies import failover
from sesmail.policies.round_robin import OPTIONS, RoundRobin
from sesmail.testing import TransportContract
from sesmail.transports import MemoryTransport, Transport
from tests.policies.stepping import Scripted, StillClock, outgoing
from tests.policies.test_failover import asked, delivered, fault, open_circuit, ways_of


class TestRoundRobin(TransportContract):
    """It is held to the contract of all transports."""

    def make_transport(self) -> RoundRobin:
        return RoundRobin(MemoryTransport(), MemoryTransport())

    def delivered(self, transport: Transport) -> list[bytes]:
        return delivered(transport)

    def refuse(self, transport: Transport, addresses: list[Address]) -> None:
        for way in ways_of(transport):
            way.refuse(*addresses)


@pytest.mark.parametrize("ways", [1, 2, 3, 5])
def test_each_has_its_turn(ways: int) -> None:
    seen: list[int] = []

    class Way(Scripted):
        def send(self, outgoing: Any) -> Any:
            seen.append(all_ways.index(self))
            return super().send(outgoing)

    all_ways = [Way() for _ in range(ways)]
    policy = RoundRobin(*all_ways)
    for _ in range(2 * ways):
        assert policy.send(outgoing()).transport == "scripted"

    assert seen == [*range(ways), *range(ways)]


def test_of_many_threads_and_tasks_too() -> None:
    ways = Scripted(), Scripted(), Scripted()
    policy = RoundRobin(*ways)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: policy.send(outgoing()), range(150)))

    async def main() -> None:
        await asyncio.gather(*[policy.asend(outgoing()) for _ in range(150)])

    asyncio.run(main())
    assert asked(*ways) == [100, 100, 100]


def test_the_one_behind_a_way_that_fails_takes_the_mail() -> None:
    ways = Scripted(), Scripted(fault(), fault()), Scripted()
    policy = RoundRobin(*ways)
    for _ in range(6):
        assert policy.send(outgoing()).failed == ()

    assert asked(*ways) == [2, 2, 4]


def test_a_way_whose_circuit_is_open_is_passed_over() -> None:
    clock = StillClock()
    ways = Scripted(), Scripted(), Scripted()
    policy = RoundRobin(*ways, clock=clock)
    open_circuit(policy, 1)
    for _ in range(6):
        policy.send(outgoing())
    assert asked(*ways) == [2, 0, 4]
    clock.time += 31
    for _ in range(6):
        policy.send(outgoing())

    assert asked(*ways) == [4, 2, 6]


def test_errors_are_in_the_order_in_which_the_ways_were_asked() -> None:
    policy = RoundRobin(Scripted(None, fault("one")), Scripted(fault("two")))
    policy.send(outgoing())
    with pytest.raises(AllFailed) as caught:
        policy.send(outgoing())

    assert [str(error) for error in caught.value.exceptions] == ["two", "one"]
    assert str(caught.value).startswith("roundrobin: no way out took the mail")


def test_a_mail_that_may_be_out_stays_where_it_is() -> None:
    ways = Scripted(TimedOut("no answer")), Scripted()
    with pytest.raises(TimedOut):
        RoundRobin(*ways).send(outgoing())

    assert asked(*ways) == [1, 0]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "roundrobin(memory:// null://)"),
        ({"failures": 2, "rest_s": 1.5}, "roundrobin(memory:// null://)?failures=2&rest_s=1.5"),
        ({"on_unknown": "resend"}, "roundrobin(memory:// null://)?on_unknown=resend"),
    ],
)
def test_it_is_written_as_it_is_read(settings: dict[str, Any], expected: str) -> None:
    policy = RoundRobin.around([connect("memory://"), connect("null://")], settings)

    assert (repr(policy), policy.name) == (expected, "roundrobin")
    assert OPTIONS is failover.OPTIONS


def test_numbers_that_make_no_sense_are_refused() -> None:
    with pytest.raises(SetupError, match="failures of roundrobin"):
        RoundRobin(MemoryTransport(), failures=0)
    with pytest.raises(SetupError, match="roundrobin needs a way out"):
        RoundRobin()


def test_health_is_in_the_order_in_which_the_ways_were_given() -> None:
    policy = RoundRobin(MemoryTransport(), Scripted(ConnectFailed("x")))
    for _ in range(2):
        policy.send(outgoing())

    assert Counter({one.way: one.faults for one in policy.health}) == Counter({"memory://": 0, "scripted://": 1})
    assert [one.way for one in policy.health] == ["memory://", "scripted://"]
