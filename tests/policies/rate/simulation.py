"""Many flows at once, on a clock that jumps from one event to the next: simulated, in threads, in tasks."""

from __future__ import annotations

import asyncio
import random
import selectors
import threading
from collections.abc import Callable, Generator, Iterable
from heapq import heappop, heappush
from typing import Any

from sesmail import Outgoing
from sesmail.errors import SesmailError
from sesmail.mail.outgoing import SendResult
from sesmail.policies.flow import Ask, Flow, Send, Sleep
from sesmail.transports.base import LocalTransport

Do = Callable[[], object]


class Simulation:
    """A heap of things to happen. It is a clock too, by which nobody sleeps but through a flow."""

    def __init__(self, *, oversleeps_s: float = 0, asking_s: float = 0, sending_s: float = 0, seed: int = 0) -> None:
        self.time = 1000.0
        self.ended: list[object] = []  # what flows gave or raised
        self._heap: list[tuple[float, int, Do]] = []
        self._count = 0
        self._oversleeps_s = oversleeps_s
        self._asking_s = asking_s
        self._sending_s = sending_s
        self._random = random.Random(seed)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        raise AssertionError("a flow sleeps by a step")

    async def asleep(self, seconds: float) -> None:
        raise AssertionError("a flow sleeps by a step")

    def after(self, seconds: float, do: Do) -> None:
        self._count += 1
        heappush(self._heap, (self.time + seconds, self._count, do))

    def begin(self, flow: Flow[Any], *, after: float = 0) -> None:
        self.after(after, lambda: self._go_on(flow, None))

    def run(self, until: float = float("inf")) -> None:
        """Until nothing is left, or so many seconds from the beginning."""
        while self._heap and self._heap[0][0] <= 1000.0 + until:
            self.time, _, do = heappop(self._heap)
            do()

    def _go_on(self, flow: Flow[Any], answer: object) -> None:
        try:
            step = flow.throw(answer) if isinstance(answer, Exception) else flow.send(answer)
        except StopIteration as stop:
            self.ended.append(stop.value)
        except SesmailError as error:
            self.ended.append(error)
        else:
            answer, seconds = self._performed(step)
            self.after(seconds, lambda: self._go_on(flow, answer))

    def _performed(self, step: object) -> tuple[object, float]:
        try:
            if isinstance(step, Send):
                return step.via.send(step.outgoing), self._sending_s
            if isinstance(step, Ask):
                return step.question.answer(), self._asking_s
        except SesmailError as error:
            return error, self._sending_s
        assert isinstance(step, Sleep)
        return None, step.seconds + self._oversleeps_s * self._random.random()


class Counting(LocalTransport):
    """A way that writes down when each mail came, and how many it was for."""

    name = "counting"

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self.came: list[tuple[float, int]] = []
        self.subjects: list[str] = []

    def send(self, outgoing: Outgoing) -> SendResult:
        self.came.append((self._now(), len(outgoing.envelope.recipients)))
        self.subjects.append(outgoing.email.subject)
        return self.accepted(outgoing)

    def busiest(self, window: float = 1.0) -> int:
        """The most recipients in any window of so many seconds."""
        times = sorted(self.came)
        most = total = first = 0
        for at, recipients in times:
            total += recipients
            while times[first][0] < at - window:
                total -= times[first][1]
                first += 1
            most = max(most, total)
        return most

    def between(self, start: float, end: float) -> int:
        return sum(recipients for at, recipients in self.came if start <= at < end)


class ThreadClock:
    """Time for real threads: it moves on when all of them sleep, to the earliest that one of them waits for."""

    def __init__(self, threads: int) -> None:
        self._time = 1000.0
        self._changed = threading.Condition()
        self._awake = threads
        self._wanted: list[float] = []

    def now(self) -> float:
        return self._time

    def sleep(self, seconds: float) -> None:
        with self._changed:
            until = self._time + seconds
            heappush(self._wanted, until)
            self._rest()
            while self._time < until:
                assert self._changed.wait(30), "all threads sleep, and time stands still"

    async def asleep(self, seconds: float) -> None:
        raise AssertionError("threads do not await")

    def leave(self) -> None:
        """One of the threads is done."""
        with self._changed:
            self._rest()

    def _rest(self) -> None:
        self._awake -= 1
        if self._awake == 0 and self._wanted:
            self._time = self._wanted[0]
            while self._wanted and self._wanted[0] <= self._time:
                heappop(self._wanted)
                self._awake += 1
            self._changed.notify_all()


def in_threads(work: Iterable[Callable[[], object]], clock: ThreadClock) -> None:
    """Have each done in a thread of its own."""

    def one(do: Callable[[], object]) -> None:
        try:
            do()
        finally:
            clock.leave()

    threads = [threading.Thread(target=one, args=(do,), daemon=True) for do in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


class _Jumping(selectors.SelectSelector):
    """Waits for no socket, and for time by moving it."""

    ahead = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.ahead += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """A real loop for real tasks, whose time jumps to the next thing that is due. Is a clock for policies too."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return 1000.0 + self._jumping.ahead

    now = time

    def sleep(self, seconds: float) -> None:
        raise AssertionError("tasks do not block")

    async def asleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Told:
    """An account that says what the test says, and counts how often it was asked."""

    def __init__(
        self, *answers: object, key: str = "123456789012/eu-west-1", now: Callable[[], float] | None = None
    ) -> None:
        self.key = key
        self.region = "eu-west-1"
        self.answers = list(answers)  # the last one stays
        self.asked_at: list[float] = []
        self._now = now or (lambda: 0.0)

    def standing(self) -> Any:
        return self

    def identities(self) -> Any:
        raise AssertionError("nobody asks for these")

    def answer(self) -> Any:
        self.asked_at.append(self._now())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aanswer(self) -> Any:
        await asyncio.sleep(0.2)
        return self.answer()


def steps_of(flow: Generator[Any, Any, Any]) -> list[object]:
    """All steps of a flow that is answered with nothing."""
    steps = []
    try:
        step = next(flow)
        while True:
            steps.append(step)
            step = flow.send(None)
    except StopIteration:
        return steps
