"""Flow: how a policy thinks. A generator that says what it wants, and what that means, now or awaited.

A flow yields steps and gets their answers. It never waits, never sends and never looks at a clock by itself. So each
rule is written once for both colours, and a test steps through it by hand. The steps:

- `Send`: have a way carry this, and give its `SendResult`.
- `Sleep`: nothing, for so long.
- `Ask`: a question that may take a while, such as what the account is allowed to do.

Whatever goes wrong is raised in the flow where it waits. Cancellation and KeyboardInterrupt are not: they end the flow
from outside, and what it holds it gives back in a ``finally``. No flow holds a lock over a ``yield``.

>>> from sesmail._clock import SYSTEM_CLOCK
>>> from sesmail.policies.flow import run, sleep
>>> def patient():
...     yield from sleep(0.001)
...     return "rested"
>>> run(patient(), SYSTEM_CLOCK)
'rested'
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import Any, Generic, Protocol, TypeVar

from sesmail._clock import Clock
from sesmail._driver import awaited_driver, driver
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.transports.base import Transport

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Question(Protocol[T_co]):
    """What can be asked, in both colours. Its errors are raised in the flow."""

    def answer(self) -> T_co:
        """The answer. May block."""

    async def aanswer(self) -> T_co:
        """The answer, without blocking the loop."""


class Send:
    """Have a way carry this."""

    __slots__ = ("outgoing", "via")

    def __init__(self, outgoing: Outgoing, via: Transport) -> None:
        self.outgoing = outgoing
        self.via = via


class Sleep:
    """Do nothing for so many seconds."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Ask(Generic[T]):
    """Put a question."""

    __slots__ = ("question",)

    def __init__(self, question: Question[T]) -> None:
        self.question = question


Step = Send | Sleep | Ask[Any]
Flow = Generator[Step, Any, T]


# ── the same with types: `result = yield from send(outgoing, way)` ───────────────────────────────────────────────


def send(outgoing: Outgoing, via: Transport) -> Flow[SendResult]:
    """Have a way carry it."""
    result: SendResult = yield Send(outgoing, via)
    return result


def sleep(seconds: float) -> Flow[None]:
    """Do nothing for so long."""
    yield Sleep(seconds)


def ask(question: Question[T]) -> Flow[T]:
    """Put a question. Its answer keeps its type."""
    answer: T = yield Ask(question)
    return answer


# ── those who wait ───────────────────────────────────────────────────────────────────────────────────────────────


def _perform(step: Step, clock: Clock) -> object:
    if isinstance(step, Send):
        return step.via.send(step.outgoing)
    if isinstance(step, Ask):
        return step.question.answer()
    clock.sleep(step.seconds)
    return None


def _performed(step: Step, clock: Clock) -> Awaitable[object]:
    if isinstance(step, Send):
        return step.via.asend(step.outgoing)
    if isinstance(step, Ask):
        return step.question.aanswer()
    return clock.asleep(step.seconds)


run = driver(_perform)
"""Carry a flow out in this thread."""

arun = awaited_driver(_performed)
"""Carry a flow out without blocking the loop."""
