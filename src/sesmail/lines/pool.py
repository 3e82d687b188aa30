"""Pools: lines that stay open between two mails, for callers that wait and for callers that await.

Rule 1: a line that ended while it was kept is not the mail's fault: `StaleLine` is answered with a new line, once.
Rule 2: a fork copies open lines, and two who speak on one would hear each other's answers. Whoever finds itself in
        another process begins anew.
Rule 3: what is in use is given back, and its place is, however the use ended. Nothing is held while anything is waited
        for but the place and the line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Generic

from sesmail.errors import Outcome, TimedOut
from sesmail.lines import blocking
from sesmail.lines.dialogue import Dialogue, T
from sesmail.lines.fault import LineFault, StaleLine, send_error
from sesmail.lines.gate import Gate
from sesmail.lines.keeping import Keeping
from sesmail.lines.line import Place
from sesmail.lines.patience import Deadline, Patience
from sesmail.lines.per_process import PerProcess
from sesmail.lines.session import Session
from sesmail.lines.shelf import Kept, S, Shelf
from sesmail.lines.threads import Threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Semaphore

__all__ = ["AwaitedPool", "BlockingPool", "Keeping", "Session"]


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
    """Lines for callers that wait, in any number of threads. At most ``keeping.connections`` are open in a process."""

    def __init__(
        self,
        place: Place,
        session: Callable[[], S],
        *,
        keeping: Keeping,
        patience: Patience,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(place, session, keeping=keeping, patience=patience, clock=clock)
        self._own = PerProcess(partial(_stand, keeping, clock), _let_stand_go)

    def run(self, talk: Callable[[S], Dialogue[T]]) -> T:
        """Speak on a line that is free, or on a new one."""
        deadline = self._patience.deadline(self._clock)
        shelf, gate = self._own.get()
        if not gate.enter(deadline.left_s()):
            raise self._too_busy()
        try:
            if kept := shelf.take():
                try:
                    return self._speak(shelf, kept, talk, deadline, idle_s=shelf.idle_s(kept))
                except StaleLine:
                    kept = None
            return self._speak(shelf, self._opened(shelf, deadline), talk, deadline, idle_s=None)
        finally:
            gate.leave()

    def _opened(self, shelf: Shelf[S], deadline: Deadline) -> Kept[S]:
        session = self._session()  # before there is a line that it could leave behind
        try:
            line = blocking.connect(self.place, deadline)
        except LineFault as fault:
            raise self._unreachable(fault) from fault
        return shelf.begin(line, session)

    def _speak(
        self,
        shelf: Shelf[S],
        kept: Kept[S],
        talk: Callable[[S], Dialogue[T]],
        deadline: Deadline,
        *,
        idle_s: float | None,
    ) -> T:
        try:
            return blocking.drive(kept.line, _whole(kept.session, talk, idle_s), deadline)
        finally:
            shelf.put(kept)

    def close(self) -> None:
        """End the lines that nobody uses. Those in use end when they are given back."""
        self._own.get()[0].close()


class AwaitedPool(_Pool[S]):
    """Lines for callers that await, in any number of loops. At most ``keeping.connections`` are open in each of them.

    Lines do not pass from one loop to another: Windows' own loops would not have it.
    """

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
        # Strong references to loops: what a loop has left must be closed, and not only be gone.
        self._of: PerProcess[dict[AbstractEventLoop, tuple[Shelf[S], Semaphore]]] = PerProcess(dict, _let_stands_go)

    async def run(self, talk: Callable[[S], Dialogue[T]]) -> T:
        """Speak on a line that is free, or on a new one."""
        deadline = self._patience.deadline(self._clock)
        shelf, free = self._own()
        await self._enter(free, deadline)
        try:
            if kept := shelf.take():
                try:
                    return await self._speak(shelf, kept, talk, deadline, idle_s=shelf.idle_s(kept))
                except StaleLine:
                    kept = None
            return await self._speak(shelf, await self._opened(shelf, deadline), talk, deadline, idle_s=None)
        finally:
            free.release()

    async def _enter(self, free: Semaphore, deadline: Deadline) -> None:
        if not free.locked():
            await free.acquire()  # at once
            return
        from asyncio import timeout

        try:
            async with timeout(deadline.left_s()):
                await free.acquire()
        except TimeoutError:
            raise self._too_busy() from None

    def _own(self) -> tuple[Shelf[S], Semaphore]:
        from asyncio import Semaphore, get_running_loop

        loop, own = get_running_loop(), self._of.get()
        if loop not in own:
            self._forget_closed()
            own[loop] = Shelf(self._keeping, self._clock), Semaphore(self._keeping.connections)
        return own[loop]

    async def _opened(self, shelf: Shelf[S], deadline: Deadline) -> Kept[S]:
        from sesmail.lines import awaited

        session = self._session()  # before there is a line that it could leave behind
        try:
            line = await awaited.connect(self.place, deadline, self._threads)
        except LineFault as fault:
            raise self._unreachable(fault) from fault
        return shelf.begin(line, session)

    async def _speak(
        self,
        shelf: Shelf[S],
        kept: Kept[S],
        talk: Callable[[S], Dialogue[T]],
        deadline: Deadline,
        *,
        idle_s: float | None,
    ) -> T:
        from sesmail.lines import awaited

        try:
            return await awaited.drive(kept.line, _whole(kept.session, talk, idle_s), deadline, self._threads)
        finally:
            shelf.put(kept)

    def close(self) -> None:
        """End the lines that nobody uses, of all loops. Those in use end when they are given back."""
        for shelf, _ in list(self._of.get().values()):
            shelf.close()
        self._forget_closed()

    def _forget_closed(self) -> None:
        """Loops that are closed, and what they have left."""
        own = self._of.get()
        for loop in list(own):
            if loop.is_closed() and (left := own.pop(loop, None)):
                left[0].close()


def _stand(keeping: Keeping, clock: Callable[[], float]) -> tuple[Shelf[S], Gate]:
    return Shelf(keeping, clock), Gate(keeping.connections)


def _let_stand_go(stand: tuple[Shelf[S], object]) -> None:
    stand[0].let_go()


def _let_stands_go(stands: Mapping[AbstractEventLoop, tuple[Shelf[S], object]]) -> None:
    for stand in stands.values():
        _let_stand_go(stand)


def _whole(session: S, talk: Callable[[S], Dialogue[T]], idle_s: float | None) -> Dialogue[T]:
    """All that is said for one mail: an opening or a check, and then the mail."""
    if idle_s is None:
        yield from session.open()
    else:
        yield from session.freshen(idle_s)
    return (yield from talk(session))
