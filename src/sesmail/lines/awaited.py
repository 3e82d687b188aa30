"""The driver that awaits: opens lines, and carries out dialogues on them, without blocking the loop.

It asks the loop for no transport, only to wait for a socket. So a line belongs to no loop while nobody uses it, and can
be closed when its loop is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sesmail.lines.dialogue import HEAR, Ask, Dialogue, Do, StartTls, Step, T
from sesmail.lines.fault import Kind, LineFault, line_fault
from sesmail.lines.line import Line, Place
from sesmail.lines.opening import Opening
from sesmail.lines.patience import Deadline
from sesmail.lines.threads import Threads
from sesmail.lines.waits import Waits, waits_for

_Perform = Callable[[Line, Step, Waits, Threads], Awaitable[bytes]]


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
        return await _carried(dialogue, _spoken, line, waits, threads)
    finally:
        waits.end()


async def _carried(dialogue: Dialogue[T], perform: _Perform, line: Line, waits: Waits, threads: Threads) -> T:
    try:
        step = next(dialogue)
        while True:
            try:
                answer = await perform(line, step, waits, threads)
            except OSError as error:
                step = dialogue.throw(line_fault(error))
            except Exception as error:  # noqa: BLE001 - a fault of TLS, which is the dialogue's to catch
                step = dialogue.throw(error)
            else:
                step = dialogue.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        dialogue.close()


# Each gives what is awaited, and none awaits by itself: a coroutine around another one is not for nothing.


def _spoken(line: Line, step: Step, waits: Waits, threads: Threads) -> Awaitable[bytes]:
    if line.tls is None:
        return _performed(line, step, waits, threads)
    return _carried(line.encrypted(step), _performed, line, waits, threads)


def _performed(line: Line, step: Step, waits: Waits, threads: Threads) -> Awaitable[bytes]:
    if isinstance(step, Ask):
        return waits.ask(step.words)
    if isinstance(step, bytes):
        return waits.say(step)
    if step is HEAR:
        return waits.hear()
    if isinstance(step, Do):
        return _done(step, threads)
    if isinstance(step, StartTls):
        return _carried(line.encrypted(step), _performed, line, waits, threads)
    return waits.pause()


async def _done(step: Do[Any], threads: Threads) -> bytes:
    await threads.run(step.perform)
    return b""
