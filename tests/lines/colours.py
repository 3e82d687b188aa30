"""Colours: the drivers, each with one face, so that a test is written once for all of them."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sesmail.lines import awaited, blocking
from sesmail.lines.dialogue import Dialogue
from sesmail.lines.keeping import Keeping
from sesmail.lines.line import Line, Place
from sesmail.lines.patience import Deadline, Patience
from sesmail.lines.pool import AwaitedPool, BlockingPool
from sesmail.lines.threads import Threads

T = TypeVar("T")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    """As far as a driver can see, Windows' own loop."""

    add_reader = asyncio.AbstractEventLoop.add_reader
    add_writer = asyncio.AbstractEventLoop.add_writer


class Colour(ABC):
    """One way to carry out a dialogue."""

    @abstractmethod
    def connect(self, place: Place, deadline: Deadline) -> Line: ...

    @abstractmethod
    def drive(self, line: Line, dialogue: Dialogue[T], deadline: Deadline) -> T: ...

    @abstractmethod
    def pool(
        self, place: Place, session: Any, *, keeping: Keeping, patience: Patience, clock: Callable[[], float]
    ) -> Any: ...

    @abstractmethod
    def close(self) -> None: ...


class Blocking(Colour):
    def connect(self, place: Place, deadline: Deadline) -> Line:
        return blocking.connect(place, deadline)

    def drive(self, line: Line, dialogue: Dialogue[T], deadline: Deadline) -> T:
        return blocking.drive(line, dialogue, deadline)

    def pool(
        self, place: Place, session: Any, *, keeping: Keeping, patience: Patience, clock: Callable[[], float]
    ) -> Any:
        return BlockingPool(place, session, keeping=keeping, patience=patience, clock=clock)

    def close(self) -> None:
        pass


class BlockingBySelect(Blocking):
    """As Windows waits for a socket."""

    def __init__(self) -> None:
        self._before, blocking._watch = blocking._watch, blocking.watch_by_select

    def close(self) -> None:
        blocking._watch = self._before


class Awaited(Colour):
    """In a loop of its own, which must have nothing to complain of and nothing left."""

    def __init__(self, loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.SelectorEventLoop) -> None:
        self.threads = Threads(2, "test")
        self._runner = asyncio.Runner(loop_factory=loop)
        self._complaints: list[str] = []
        self._runner.get_loop().set_exception_handler(lambda _, context: self._complaints.append(str(context)))

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(self._checked(main))

    async def _checked(self, main: Coroutine[Any, Any, T]) -> T:
        try:
            return await main
        finally:
            assert asyncio.all_tasks() == {asyncio.current_task()}, "a task is left"

    def connect(self, place: Place, deadline: Deadline) -> Line:
        return self.run(awaited.connect(place, deadline, self.threads))

    def drive(self, line: Line, dialogue: Dialogue[T], deadline: Deadline) -> T:
        return self.run(awaited.drive(line, dialogue, deadline, self.threads))

    def pool(
        self, place: Place, session: Any, *, keeping: Keeping, patience: Patience, clock: Callable[[], float]
    ) -> Any:
        pool = AwaitedPool(place, session, keeping=keeping, patience=patience, threads=self.threads, clock=clock)
        return _Waited(pool, self)

    def forget(self) -> None:
        """In a child: its parent's loop, which is not its own."""
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.close()
        self.threads.close()
        assert not self._complaints, self._complaints


class _Waited:
    """A pool that awaits, for a test that waits."""

    def __init__(self, pool: AwaitedPool[Any], colour: Awaited) -> None:
        self._pool = pool
        self._colour = colour

    def run(self, talk: Callable[[Any], Dialogue[T]]) -> T:
        return self._colour.run(self._pool.run(talk))

    def close(self) -> None:
        self._pool.close()


COLOURS: dict[str, Callable[[], Colour]] = {
    "blocking": Blocking,
    "awaited": Awaited,
    "awaited without readers": lambda: Awaited(LoopWithoutReaders),
}
ALL_COLOURS = {**COLOURS, "blocking by select": BlockingBySelect}
