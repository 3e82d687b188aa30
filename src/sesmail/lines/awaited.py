"""The driver that awaits: opens lines, and carries out dialogues on them, without blocking the loop.

It asks the loop for no transport, only to wait for a socket. So a line belongs to no loop while nobody uses it, and can
be closed when its loop is gone.
"""

from __future__ import annotations

import asyncio
import socket

from sesmail.lines.dialogue import HEAR, PAUSE, Dialogue, Do, Step, T
from sesmail.lines.fault import Kind, LineFault, line_fault
from sesmail.lines.line import PIECE, Line, Place, resolve, unconnected
from sesmail.lines.patience import Deadline
from sesmail.lines.threads import Threads
from sesmail.lines.tls import over


async def connect(place: Place, deadline: Deadline, threads: Threads) -> Line:
    """Open a line. Each address gets an equal part of the time that is left."""
    end_s = deadline.left_s() - deadline.connect_s()
    try:
        async with asyncio.timeout(deadline.connect_s()):
            addresses = await threads.run(lambda: resolve(place))
    except TimeoutError as error:
        raise LineFault(Kind.LATE, "its name was not found in time") from error
    except OSError as error:
        raise LineFault(Kind.NO_NAME, error.strerror or "") from error
    loop = asyncio.get_running_loop()
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = unconnected(family, kind, protocol)
        sock.setblocking(False)
        try:
            async with asyncio.timeout(max(0.001, (deadline.left_s() - end_s) / (len(addresses) - index))):
                await loop.sock_connect(sock, address)
        except OSError as error:
            sock.close()
            last = error
        except BaseException:
            sock.close()
            raise
        else:
            return Line(sock)
    raise LineFault(Kind.NO_ROUTE, last.strerror or "in time") from last


async def drive(line: Line, dialogue: Dialogue[T], deadline: Deadline, threads: Threads) -> T:
    """Carry a dialogue out."""
    line.sock.setblocking(False)
    steps = over(line, dialogue)
    try:
        step = next(steps)
        while True:
            try:
                answer = await _perform(line.sock, step, deadline, threads)
            except OSError as error:
                fault = line_fault(error)
                fault.__cause__ = error
                step = steps.throw(fault)
            else:
                step = steps.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        steps.close()


async def _perform(sock: socket.socket, step: Step, deadline: Deadline, threads: Threads) -> bytes:
    if isinstance(step, bytes):
        await _say(sock, step, deadline)
    elif step is HEAR:
        async with asyncio.timeout(deadline.read_s()):
            return await asyncio.get_running_loop().sock_recv(sock, PIECE)
    elif step is PAUSE:
        await asyncio.sleep(0)
    elif isinstance(step, Do):
        await threads.run(step.perform)
    return b""


async def _say(sock: socket.socket, data: bytes, deadline: Deadline) -> None:
    try:
        sent = sock.send(data)  # nearly always all of it
    except BlockingIOError:
        sent = 0
    if sent < len(data):
        async with asyncio.timeout(deadline.read_s()):
            await asyncio.get_running_loop().sock_sendall(sock, memoryview(data)[sent:])
