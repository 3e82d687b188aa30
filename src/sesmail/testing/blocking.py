"""Blocking: what keeps an event loop waiting, by what the interpreter reports and by the clock.

The interpreter tells of files, connections and processes, and from Python 3.13 on of sleeping. The clock tells of the
rest: time in which the loop's thread neither ran nor waited for its loop.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from time import monotonic, thread_time

_BLOCKS = frozenset(
    "open os.mkdir os.rename os.remove os.listdir subprocess.Popen socket.connect socket.getaddrinfo time.sleep".split()
)


class _Ear:
    """An audit hook, which stays for the life of the process: so there is one, and it mostly sleeps."""

    __cantrace__ = True  # or neither a debugger nor coverage would see it

    def __init__(self) -> None:
        self.thread = 0
        self.heard: list[str] = []

    def __call__(self, event: str, facts: tuple[object, ...]) -> None:
        if event in _BLOCKS and get_ident() == self.thread:
            self.heard.append(f"{event} {facts[:1]!a}")


_ears: list[_Ear] = []


@contextmanager
def blocking_calls() -> Iterator[list[str]]:
    """Listen to this thread. What it should not do on an event loop is in the list afterwards."""
    if not _ears:
        _ears.append(_Ear())
        sys.addaudithook(_ears[0])
    ear = _ears[0]
    ear.heard, ear.thread = [], get_ident()
    try:
        yield ear.heard
    finally:
        ear.thread = 0


async def blocked_s(call: Callable[[], Awaitable[object]]) -> float:
    """The longest time for which a call has kept the loop from running anything else, without computing."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = monotonic() - thread_time()
            await asyncio.sleep(0)
            longest = max(longest, monotonic() - thread_time() - before)

    ticking = asyncio.ensure_future(tick())
    await asyncio.sleep(0)
    try:
        await call()
        await asyncio.sleep(0)
    finally:
        ticking.cancel()
    return longest
