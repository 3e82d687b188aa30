"""Policies: what each one costs a mail for which it has nothing to do, over the bare transport."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import process_time
from typing import ClassVar

from benchmarks.mail import SMALL
from benchmarks.measure import Figure, in_rounds
from sesmail import Email, Envelope, Outgoing, mime
from sesmail.policies.allow import Allow
from sesmail.policies.failover import Failover
from sesmail.policies.observe import Observe
from sesmail.policies.rate.rate_limit import RateLimit
from sesmail.policies.retry.retry import Retry
from sesmail.policies.round_robin import RoundRobin
from sesmail.policies.sandbox.guard import SandboxGuard
from sesmail.policies.split import Split
from sesmail.transports import NullTransport, Transport

_SENDS = 20_000


class _Production:
    """An account that has left the sandbox, and answers at once."""

    key = region = "eu-west-1"
    production, sending, rate, quota, sent = True, True, 1e6, -1.0, 0.0

    def standing(self) -> _Production:
        return self

    def identities(self) -> _Production:
        return self

    def answer(self) -> _Production:
        return self

    async def aanswer(self) -> _Production:
        return self


POLICIES: Mapping[str, Callable[[Transport], Transport]] = {
    "retry": Retry,
    "failover": lambda way: Failover(way, NullTransport()),
    "roundrobin": lambda way: RoundRobin(way, way),
    "rate": lambda way: RateLimit(way, rate=1e6),
    "sandbox": lambda way: SandboxGuard(way, account=_Production()),  # type: ignore[arg-type]
    "split": Split,
    "allow": lambda way: Allow(way, "*"),
    "on_attempt": lambda way: Observe(way, id),
}


@dataclass(frozen=True, slots=True)
class PolicyCase:
    """One mail that was built before, sent to nowhere: with a policy, less what it costs without."""

    name: str
    awaited: bool
    unit: ClassVar = "us of CPU per policy and mail"

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Measure all policies, each right behind the bare transport."""
        outgoing = _outgoing()
        measured = _awaited_us if self.awaited else _us

        def turn(name: str) -> float:
            bare = NullTransport()
            around = POLICIES[name](NullTransport())
            return measured(around, outgoing) - measured(bare, outgoing)

        return in_rounds(turn, POLICIES, rounds)


def _outgoing() -> Outgoing:
    email = Email(sender=SMALL.sender, to=SMALL.to, subject=SMALL.subject, text=SMALL.text)
    return Outgoing(email, Envelope.of(email), mime.write(email), email.ses)


def _us(transport: Transport, outgoing: Outgoing) -> float:
    gc.collect()
    start = process_time()
    for _ in range(_SENDS):
        transport.send(outgoing)
    return (process_time() - start) / _SENDS * 1e6


def _awaited_us(transport: Transport, outgoing: Outgoing) -> float:
    async def main() -> float:
        gc.collect()
        start = process_time()
        for _ in range(_SENDS):
            await transport.asend(outgoing)
        return (process_time() - start) / _SENDS * 1e6

    return asyncio.run(main())
