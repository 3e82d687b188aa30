"""Pools: lines that stay open between two mails, with the session that is spoken on each.

Rule 1: a line that is not surely in step is closed. Only a session that says so itself (`is_open`) is kept, whatever
        else happened: time-outs and cancellations leave it closed.
Rule 2: before a kept line is used, it is looked at. Words that nobody asked for, or an end, and it is closed.
Rule 3: a line that ended while it was kept is not the mail's fault: `StaleLine` is answered with a new line, once.
Rule 4: a fork copies open lines, and two who speak on one would hear each other's answers. Whoever finds itself in
        another process begins anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import BoundedSemaphore
from time import monotonic
from typing import Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

from sesmail.errors import Outcome, SetupError, TimedOut
from sesmail.lines import awaited, blocking
from sesmail.lines.dialogue import Dialogue, T
from sesmail.lines.fault import LineFault, StaleLine, send_error
from sesmail.lines.line import Line, Place
from sesmail.lines.patience import Deadline, Patience
from sesmail.lines.threads import Threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Semaphore


class Session(Protocol):
    """What is spoken on one line. Pure: it yields steps."""

    @property
    def is_open(self) -> bool:
        """Whether the line is in step, and may be used again."""

    def open(self) -> Dialogue[None]:
        """What comes before the first mail."""

    def freshen(self, idle_s: float) -> Dialogue[None]:
        """What comes before another mail, after so many idle seconds. Raises `StaleLine` when the line has ended."""

    def farewell(self) -> bytes:
        """What is said at the end. Nobody waits for an answer: every mail was final before."""


S = TypeVar("S", bound=Session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How many lines there are at most, and how long one is kept."""

    connections: int = 10
    uses: int = 1000
    """Mails on one line, before it is opened anew."""
    idle_s: float = 30.0
    age_s: float = 600.0

    def __post_init__(self) -> None:
        for name in ("connections", "uses", "idle_s", "age_s"):
            if not getattr(self, name) > 0:
                raise SetupError(f"{name} of a pool is over 0, and not {getattr(self, name)!r:.50}")


class _Kept(Generic[S]):
    """A line, its session, and what is known of its past."""

    __slots__ = ("born", "line", "session", "shelf", "since", "uses")

    def __init__(self, line: Line, session: S, shelf: _Shelf[S], now: float) -> None:
        self.line = line
        self.session = session
        self.shelf = shelf
        self.born = self.since = now
        self.uses = 0

    def end(self) -> None:
        """Take leave where both are in step, and close it."""
        if self.session.is_open:
            self.line.part(self.session.farewell())
        self.line.close()


class _Shelf(Generic[S]):
    """The lines that nobody uses just now. The one that was used last is taken first, so that the others grow old."""

    def __init__(self, keeping: Keeping, clock: Callable[[], float]) -> None:
        self._keeping = keeping
        self._clock = clock
        self._kept: list[_Kept[S]] = []  # append and pop are safe from many threads, and unlike a lock survive a fork
        self.is_closed = False

    def take(self) -> _Kept[S] | None:
        """One that may be used again, or none."""
        while kept := self._pop():
            if not kept.line.is_quiet():
                kept.line.close()
            elif self._is_young(kept):
                return kept
            else:
                kept.end()
        return None

    def _pop(self) -> _Kept[S] | None:
        try:
            return self._kept.pop()
        except IndexError:  # asking first would not be safe from many threads
            return None

    def _is_young(self, kept: _Kept[S]) -> bool:
        now = self._clock()
        return now - kept.since < self._keeping.idle_s and now - kept.born < self._keeping.age_s

    def put(self, kept: _Kept[S]) -> None:
        """Keep it for the next one, or end it."""
        kept.uses += 1
        kept.since = self._clock()
        if not kept.session.is_open or kept.uses >= self._keeping.uses:
            kept.end()
            return
        self._kept.append(kept)
        if self.is_closed:  # perhaps just now, by another thread
            self.close()

    def close(self, *, silently: bool = False) -> None:
        """End all that is there, and what will come back. ``silently``: another process speaks on these lines."""
        self.is_closed = True
        while kept := self._pop():
            kept.line.close() if silently else kept.end()

    def idle_s(self, kept: _Kept[S]) -> float:
        return self._clock() - kept.since

    def holder(self, line: Line, session: S) -> _Kept[S]:
        return _Kept(line, session, self, self._clock())


class _Pool(Generic[S]):
    """What both colours have in common."""

    def __init__(
        self,
        place: Place,
        session: Callable[[], S],
        *,
        keeping: Keeping,
        patience: Patience,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.place = place
        self._session = session
        self._keeping = keeping
        self._patience = patience
        self._clock = clock

    def _too_busy(self) -> TimedOut:
        return TimedOut(
            f"{self.place}: all {self._keeping.connections} connections were busy for too long; nothing was sent."
            " Allow more (max_connections), or send slower",
            outcome=Outcome.NOT_SENT,
            retryable=True,
            stage="connect",
        )

    def _unreachable(self, fault: LineFault) -> Exception:
        return send_error(fault, stage="connect", at_risk=False, peer=str(self.place))


class BlockingPool(_Pool[S]):
    """Lines for callers that wait."""

    _state: tuple[int, _Shelf[S], BoundedSemaphore] | None = None

    def run(self, talk: Callable[[S], Dialogue[T]]) -> T:
        """Speak on a line that is free, or on a new one."""
        deadline = self._patience.deadline(self._clock)
        shelf, free = self._own()
        if not free.acquire(timeout=deadline.left_s()):
            raise self._too_busy()
        try:
            if kept := shelf.take():
                with suppress(StaleLine):
                    return self._speak(kept, talk, deadline, idle_s=shelf.idle_s(kept))
            return self._speak(self._opened(shelf, deadline), talk, deadline, idle_s=None)
        finally:
            free.release()

    def _own(self) -> tuple[_Shelf[S], BoundedSemaphore]:
        state = self._state
        if state is None or state[0] != os.getpid():
            if state is not None:
                state[1].close(silently=True)
            fresh = _Shelf[S](self._keeping, self._clock)
            state = self._state = (os.getpid(), fresh, BoundedSemaphore(self._keeping.connections))
        return state[1:]

    def _opened(self, shelf: _Shelf[S], deadline: Deadline) -> _Kept[S]:
        try:
            line = blocking.connect(self.place, deadline)
        except LineFault as fault:
            raise self._unreachable(fault) from fault
        return shelf.holder(line, self._session())

    def _speak(
        self, kept: _Kept[S], talk: Callable[[S], Dialogue[T]], deadline: Deadline, *, idle_s: float | None
    ) -> T:
        try:
            return blocking.drive(kept.line, _whole(kept.session, talk, idle_s), deadline)
        finally:
            kept.shelf.put(kept)

    def close(self) -> None:
        """End the lines that nobody uses. Those in use end when they are given back."""
        state, self._state = self._state, None
        if state is not None:
            state[1].close(silently=state[0] != os.getpid())


class AwaitedPool(_Pool[S]):
    """Lines for callers that await, in any number of loops. Lines do not pass from one loop to another."""

    def __init__(
        self,
        place: Place,
        session: Callable[[], S],
        *,
        keeping: Keeping,
        patience: Patience,
        threads: Threads,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(place, session, keeping=keeping, patience=patience, clock=clock)
        self._threads = threads
        self._states: WeakKeyDictionary[AbstractEventLoop, tuple[int, _Shelf[S], Semaphore]] = WeakKeyDictionary()

    async def run(self, talk: Callable[[S], Dialogue[T]]) -> T:
        """Speak on a line that is free, or on a new one."""
        import asyncio

        deadline = self._patience.deadline(self._clock)
        shelf, free = self._own()
        try:
            async with asyncio.timeout(deadline.left_s()):
                await free.acquire()
        except TimeoutError:
            raise self._too_busy() from None
        try:
            if kept := shelf.take():
                with suppress(StaleLine):
                    return await self._speak(kept, talk, deadline, idle_s=shelf.idle_s(kept))
            return await self._speak(await self._opened(shelf, deadline), talk, deadline, idle_s=None)
        finally:
            free.release()

    def _own(self) -> tuple[_Shelf[S], Semaphore]:
        import asyncio

        loop = asyncio.get_running_loop()
        state = self._states.get(loop)
        if state is None or state[0] != os.getpid():
            self._forget_others()
            state = (os.getpid(), _Shelf[S](self._keeping, self._clock), asyncio.Semaphore(self._keeping.connections))
            self._states[loop] = state
        return state[1:]

    def _forget_others(self) -> None:
        """Close what loops have left that are no more, or that are another process's."""
        for loop, (process, shelf, _) in list(self._states.items()):
            if loop.is_closed() or process != os.getpid():
                self._states.pop(loop, None)
                shelf.close(silently=process != os.getpid())

    async def _opened(self, shelf: _Shelf[S], deadline: Deadline) -> _Kept[S]:
        try:
            line = await awaited.connect(self.place, deadline, self._threads)
        except LineFault as fault:
            raise self._unreachable(fault) from fault
        return shelf.holder(line, self._session())

    async def _speak(
        self, kept: _Kept[S], talk: Callable[[S], Dialogue[T]], deadline: Deadline, *, idle_s: float | None
    ) -> T:
        try:
            return await awaited.drive(kept.line, _whole(kept.session, talk, idle_s), deadline, self._threads)
        finally:
            kept.shelf.put(kept)

    def close(self) -> None:
        """End the lines that nobody uses, of all loops. Those in use end when they are given back."""
        states, self._states = self._states, WeakKeyDictionary()
        for process, shelf, _ in states.values():
            shelf.close(silently=process != os.getpid())


def _whole(session: S, talk: Callable[[S], Dialogue[T]], idle_s: float | None) -> Dialogue[T]:
    """All that is said for one mail: an opening or a check, and then the mail."""
    if idle_s is None:
        yield from session.open()
    else:
        yield from session.freshen(idle_s)
    return (yield from talk(session))
