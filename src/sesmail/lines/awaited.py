"""The driver that awaits: opens lines, and carries out dialogues on them, without blocking the loop.

It asks the loop for no transport, only to wait for a socket. So a line belongs to no loop while nobody uses it, and can
be closed when its loop is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sesmail._driver import awaited_driver
from sesmail.lines.dialogue import HEAR, Ask, Dialogue, Do, StartTls, Step, T
from sesmail.lines.fault import Kind, LineFault, as_told
from sesmail.lines.line import Line, Place
from sesmail.lines.opening import Opening
from sesmail.lines.patience import Deadline
from sesmail.lines.threads import Threads
from sesmail.lines.waits import Waits, waits_for

_Tools = tuple[Line, Waits, Threads]


async def connect(place: Place, deadline: Deadline, threads: Threads) -> Line:
    """Open a line. Each address gets an equal part of the time that is left."""
    opening = Opening(place, deadline)
    try:
        async with asyncio.timeout(opening.left_s()):
            await threads.run(opening.find)
    except TimeoutError as error:
        raise LineFault(Kind.NO_NAME, "not found in time") from error
    loop = asyncio.get_running_loop()
    for attempt in opening.attempts():
        with attempt:
            sock = attempt.sock()
            sock.setblocking(False)
            async with asyncio.timeout(attempt.seconds):
                await loop.sock_connect(sock, attempt.address)
            return attempt.line()
    raise opening.fault()


async def drive(line: Line, dialogue: Dialogue[T], deadline: Deadline, threads: Threads) -> T:
    """Carry a dialogue out."""
    waits = waits_for(line.sock, deadline)
    try:
        return await _in_words(dialogue, (line, waits, threads))
    finally:
        waits.end()


# Each gives what is awaited, and none awaits by itself: a coroutine around another one is not for nothing.


def _spoken(step: Step, tools: _Tools) -> Awaitable[bytes]:
    line = tools[0]
    return _performed(step, tools) if line.tls is None else _in_bytes(line.encrypted(step), tools)


def _performed(step: Step, tools: _Tools) -> Awaitable[bytes]:
    line, waits, threads = tools
    if isinstance(step, Ask):
        return waits.ask(step.words)
    if isinstance(step, bytes):
        return waits.say(step)
    if step is HEAR:
        return waits.hear()
    if isinstance(step, Do):
        return _done(step, threads)
    if isinstance(step, StartTls):
        return _in_bytes(line.encrypted(step), tools)
    return waits.pause()


async def _done(step: Do[Any], threads: Threads) -> bytes:
    await threads.run(step.perform)
    return b""


_in_words = awaited_driver(_spoken, told=as_told)
_in_bytes: Callable[[Dialogue[bytes], _Tools], Awaitable[bytes]] = awaited_driver(_performed, told=as_told)
