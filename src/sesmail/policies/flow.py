"""Flow: how a policy thinks. A generator that says what it wants, and two drivers that do it, now or awaited.

A flow yields steps and gets their answers. It never waits, never sends and never looks at a clock by itself. So each
rule is written once for both colours, and a test steps through it by hand. The steps:

- `Send`: have a way carry this, and give its `SendResult`.
- `Sleep`: nothing, for so long.
- `Ask`: a question that may take a while, such as what the account is allowed to do.

Whatever goes wrong is raised in the flow where it waits. Cancellation and KeyboardInterrupt are not: they end the flow
from outside, and what it holds it gives back in a ``finally``. No flow holds a lock over a ``yield``.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Generic, Protocol, TypeVar

from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.clock import Clock
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


def run(flow: Flow[T], clock: Clock) -> T:
    """Carry a flow out in this thread.

    >>> from sesmail.policies.clock import SYSTEM_CLOCK
    >>> from sesmail.policies.flow import run, sleep
    >>> def patient():
    ...     yield from sleep(0.001)
    ...     return "rested"
    >>> run(patient(), SYSTEM_CLOCK)
    'rested'
    """
    try:
        step = next(flow)
        while True:
            try:
                answer = _perform(step, clock)
            except Exception as error:  # noqa: BLE001 - it is the flow's to catch
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        flow.close()


def _perform(step: Step, clock: Clock) -> object:
    if isinstance(step, Send):
        return step.via.send(step.outgoing)
    if isinstance(step, Ask):
        return step.question.answer()
    clock.sleep(step.seconds)
    return None


async def arun(flow: Flow[T], clock: Clock) -> T:
    """Carry a flow out without blocking the loop."""
    try:
        step = next(flow)
        while True:
            try:
                answer = await _aperform(step, clock)
            except Exception as error:  # noqa: BLE001 - it is the flow's to catch
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        flow.close()


async def _aperform(step: Step, clock: Clock) -> object:
    if isinstance(step, Send):
        return await step.via.asend(step.outgoing)
    if isinstance(step, Ask):
        return await step.question.aanswer()
    await clock.asleep(step.seconds)
    return None
