"""RoundRobin: several ways out, each in its turn. All else is as in `failover`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail.policies.failover import FAILURES, OPTIONS, REST_S, Failover
from sesmail.policies.way import Way
from sesmail.transports.base import Transport

__all__ = ["OPTIONS", "RoundRobin"]


class RoundRobin(Failover):
    """Several ways out that take turns: ``roundrobin(ses://eu-west-1 ses://eu-central-1)``.

    >>> from sesmail import Mailer
    >>> from sesmail.policies.round_robin import RoundRobin
    >>> from sesmail.transports import MemoryTransport
    >>> ireland, frankfurt = MemoryTransport(), MemoryTransport()
    >>> mailer = Mailer(RoundRobin(ireland, frankfurt), sender="shop@example.com")
    >>> for number in range(4):
    ...     result = mailer.send(to="ada@example.org", subject=f"Order {number}", text="Thank you.")
    >>> len(ireland.sent), len(frankfurt.sent)
    (2, 2)

    Each mail begins with the way after the one that the mail before began with, and goes on in order. A way whose
    circuit is open is passed over, so the one behind it has its turns as well.
    """

    name = "roundrobin"

    def __init__(
        self,
        *ways: Transport,
        failures: int = FAILURES,
        rest_s: float = REST_S,
        on_unknown: str = "raise",
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(*ways, failures=failures, rest_s=rest_s, on_unknown=on_unknown, clock=clock)
        order = self._in_order
        self._orders = tuple([order[start:] + order[:start] for start in range(len(order))])
        self._turns = count()  # its steps are safe from many threads, and unlike a lock survive a fork

    def _order(self) -> Sequence[Way]:
        return self._orders[next(self._turns) % len(self._orders)]
