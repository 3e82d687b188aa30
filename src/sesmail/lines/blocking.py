"""The driver that blocks: opens lines, and carries out dialogues on them in the thread of the caller."""

from __future__ import annotations

import socket

from sesmail.lines.dialogue import HEAR, Dialogue, Do, Step, T
from sesmail.lines.fault import Kind, LineFault, line_fault
from sesmail.lines.line import PIECE, Line, Place, resolve, unconnected
from sesmail.lines.patience import Deadline
from sesmail.lines.tls import over


def connect(place: Place, deadline: Deadline) -> Line:
    """Open a line. Each address gets an equal part of the time that is left."""
    end_s = deadline.left_s() - deadline.connect_s()  # what must be left when connecting is over
    try:
        addresses = resolve(place)
    except OSError as error:
        raise LineFault(Kind.NO_NAME, error.strerror or "") from error
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = unconnected(family, kind, protocol)
        try:
            sock.settimeout(max(0.001, (deadline.left_s() - end_s) / (len(addresses) - index)))
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
        except BaseException:
            sock.close()
            raise
        else:
            return Line(sock)
    raise LineFault(Kind.NO_ROUTE, last.strerror or "in time") from last


def drive(line: Line, dialogue: Dialogue[T], deadline: Deadline) -> T:
    """Carry a dialogue out."""
    steps = over(line, dialogue)
    try:
        step = next(steps)
        while True:
            try:
                answer = _perform(line.sock, step, deadline)
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


def _perform(sock: socket.socket, step: Step, deadline: Deadline) -> bytes:
    if isinstance(step, bytes):
        _allow(sock, deadline)
        sock.sendall(step)
    elif step is HEAR:
        _allow(sock, deadline)
        return sock.recv(PIECE)
    elif isinstance(step, Do):
        step.perform()
    return b""  # a pause is for whoever awaits


def _allow(sock: socket.socket, deadline: Deadline) -> None:
    """Let the next wait take no longer than it may."""
    if (seconds := deadline.read_s()) <= 0:
        raise TimeoutError
    if seconds != sock.gettimeout():  # which it seldom is: most waits are far from the end
        sock.settimeout(seconds)
