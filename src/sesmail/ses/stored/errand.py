"""Errand: several calls in a row, thought out once and carried out now or awaited.

The thinking is a generator. It yields steps and gets their answers, and waits for nothing itself. The steps:

- `Call`: have the client carry it. The answer is its `Reply`; what went wrong is raised where it waits.
- `Pause`: nothing, for so long.
- `Work`: something that blocks, such as reading a folder. Where the errand is awaited, it is done in a thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar

from sesmail._clock import Clock
from sesmail._driver import awaited_driver, driver
from sesmail.ses.call import Call, Client

T = TypeVar("T")


class Pause:
    """Do nothing for so many seconds."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Work(Generic[T]):
    """Have something done that blocks."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], T]) -> None:
        self.call = call


Step = Call | Pause | Work[Any]
_Tools = tuple[Client, Clock]
Steps = Generator[Step, Any, T]


def work(call: Callable[[], T]) -> Steps[T]:
    """Have something done that blocks. What it gives keeps its type."""
    done: T = yield Work(call)
    return done


# ── those who wait ───────────────────────────────────────────────────────────────────────────────────────────────


def run(steps: Steps[T], client: Client, clock: Clock) -> T:
    """Carry them out in this thread."""
    return _run(steps, (client, clock))


async def arun(steps: Steps[T], client: Client, clock: Clock) -> T:
    """Carry them out without blocking the loop."""
    return await _arun(steps, (client, clock))


def _perform(step: Step, tools: _Tools) -> object:
    client, clock = tools
    if isinstance(step, Call):
        return client.call(step)
    if isinstance(step, Work):
        return step.call()
    clock.sleep(step.seconds)
    return None


def _performed(step: Step, tools: _Tools) -> Awaitable[object]:
    client, clock = tools
    if isinstance(step, Call):
        return client.acall(step)
    if isinstance(step, Work):
        return _in_thread(step.call)
    return clock.asleep(step.seconds)


async def _in_thread(call: Callable[[], T]) -> T:
    from sesmail.lines.threads import Threads

    threads = Threads(1, "sesmail-templates")
    try:
        return await threads.run(call)
    finally:
        threads.close()


_run = driver(_perform)
_arun = awaited_driver(_performed)


class Errand(Generic[T]):
    """What is to be done, in both colours. Each answer does it anew.

    >>> from sesmail._clock import SYSTEM_CLOCK
    >>> from sesmail.ses.stored.errand import Errand, work
    >>> Errand(lambda: work(lambda: "done"), None, SYSTEM_CLOCK).answer()
    'done'
    """

    __slots__ = ("_begin", "_client", "_clock")

    def __init__(self, begin: Callable[[], Steps[T]], client: Client, clock: Clock) -> None:
        self._begin = begin
        self._client = client
        self._clock = clock

    def answer(self) -> T:
        """Do it, and give what came of it. May block."""
        return run(self._begin(), self._client, self._clock)

    async def aanswer(self) -> T:
        """Do it without blocking the loop."""
        return await arun(self._begin(), self._client, self._clock)
