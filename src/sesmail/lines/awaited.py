"""The driver that awaits: opens lines, and carries out dialogues on them, without blocking the loop.

It asks the loop for no transport, only to wait for a socket. So a line belongs to no loop while nobody uses it, and can
be closed when its loop is gone.
"""

from __future__ import annotations

import asyncio

from sesmail.lines.dialogue import HEAR, Dialogue, Do, Step, T
from sesmail.lines.fault import Kind, LineFault, line_fault
from sesmail.lines.line import Line, Place
from sesmail.lines.opening import Opening
from sesmail.lines.patience import Deadline
from sesmail.lines.threads import Threads
from sesmail.lines.waits import Waits, waits_for


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
    steps = line.spoken(dialogue)
    try:
        step = next(steps)
        while True:
            try:
                answer = await _perform(waits, step, threads)
            except OSError as error:
                step = steps.throw(line_fault(error))
            else:
                step = steps.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        waits.end()
        steps.close()


async def _perform(waits: Waits, step: Step, threads: Threads) -> bytes:
    if isinstance(step, bytes):
        await waits.say(step)
    elif step is HEAR:
        return await waits.hear()
    elif isinstance(step, Do):
        await threads.run(step.perform)
    else:
        await waits.pause()
    return b""
