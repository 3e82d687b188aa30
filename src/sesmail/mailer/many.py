"""Many: mails one after the other or several at once, in bounded memory, each with its own report.

Rule 1: no more than a window of mails is begun and not yet reported, however many there are.
Rule 2: what goes wrong with one mail is its report. What goes wrong with the source is raised, after all that was begun
        has been reported.
Rule 3: who stops listening stops the rest. What has not begun is never sent; what has is finished by a thread, and
        cancelled in a task.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Generator, Iterable, Iterator
from contextlib import aclosing
from contextvars import copy_context
from typing import TypeVar

from sesmail.errors import SetupError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task

M = TypeVar("M")
R = TypeVar("R")  # a report of one, or of those that go together
_BREATH = 16  # mails after which a loop is let in, where no transport ever waits


def at_least_one(concurrency: int) -> int:
    """The number of sends at once, checked."""
    if concurrency < 1:
        raise SetupError("concurrency is 1 or more")
    return concurrency


# ── blocking ─────────────────────────────────────────────────────────────────────────────────────────────────────


def in_turn(send: Callable[[int, M], R], mails: Iterable[M]) -> Generator[R, None, None]:
    """One after the other, in this thread."""
    for index, mail in enumerate(mails):
        yield send(index, mail)


def in_threads(send: Callable[[int, M], R], mails: Iterable[M], concurrency: int) -> Generator[R, None, None]:
    """By so many threads, in the order in which they are done."""
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    done: SimpleQueue[R | BaseException] = SimpleQueue()

    def task(index: int, mail: M) -> None:
        try:
            done.put(send(index, mail))
        except BaseException as exc:  # noqa: BLE001 - raised again, by whoever waits for the report
            done.put(exc)

    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="sesmail-many")
    broken: list[Exception] = []
    begun = 0
    try:
        for index, mail in _until_broken(mails, broken):
            if begun == 2 * concurrency:
                yield _report(done.get())
                begun -= 1
            pool.submit(copy_context().run, task, index, mail)
            begun += 1
            while begun and not done.empty():
                yield _report(done.get())
                begun -= 1
        for _ in range(begun):
            yield _report(done.get())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    if broken:
        raise broken[0]


def _until_broken(mails: Iterable[M], broken: list[Exception]) -> Iterator[tuple[int, M]]:
    try:
        yield from enumerate(mails)
    except Exception as exc:  # noqa: BLE001 - raised again, once all that was begun is reported
        broken.append(exc)


def _report(done: R | BaseException) -> R:
    if isinstance(done, BaseException):
        raise done
    return done


# ── awaited ──────────────────────────────────────────────────────────────────────────────────────────────────────

Source = Iterable[M] | AsyncIterable[M]


async def in_turn_awaited(send: Callable[[int, M], Awaitable[R]], mails: Source[M]) -> AsyncGenerator[R, None]:
    """One after the other."""
    from asyncio import sleep

    async with aclosing(_numbered(mails)) as source:
        async for index, mail in source:
            yield await send(index, mail)
            if index % _BREATH == 0:
                await sleep(0)


async def in_tasks(
    send: Callable[[int, M], Awaitable[R]], mails: Source[M], concurrency: int
) -> AsyncGenerator[R, None]:
    """So many tasks at once, in the order in which they are done."""
    from asyncio import ensure_future, gather, sleep

    broken: list[Exception] = []
    begun: set[Task[R]] = set()
    try:
        async with aclosing(_until_broken_awaited(mails, broken)) as source:
            async for index, mail in source:
                begun.add(ensure_future(send(index, mail)))
                await sleep(0)  # a source that never waits would let no task run
                if len(begun) == concurrency or any(task.done() for task in begun):
                    for task in await _first_done(begun):
                        yield task.result()
        while begun:
            for task in await _first_done(begun):
                yield task.result()
    finally:
        for task in begun:
            task.cancel()
        await gather(*begun, return_exceptions=True)
    if broken:
        raise broken[0]


async def _first_done(begun: set[Task[R]]) -> set[Task[R]]:
    from asyncio import FIRST_COMPLETED, wait

    done, _ = await wait(begun, return_when=FIRST_COMPLETED)
    begun -= done
    return done


async def _until_broken_awaited(mails: Source[M], broken: list[Exception]) -> AsyncGenerator[tuple[int, M], None]:
    try:
        async for numbered in _numbered(mails):
            yield numbered
    except Exception as exc:  # noqa: BLE001 - raised again, once all that was begun is reported
        broken.append(exc)


async def _numbered(mails: Source[M]) -> AsyncGenerator[tuple[int, M], None]:
    if isinstance(mails, AsyncIterable):
        index = 0
        async for mail in mails:
            yield index, mail
            index += 1
    else:
        for numbered in enumerate(mails):
            yield numbered
