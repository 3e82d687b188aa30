"""The driver that blocks: opens lines, and carries out dialogues on them in the thread of the caller."""

from __future__ import annotations

import socket

from sesmail.lines.dialogue import HEAR, Dialogue, Do, Step, T
from sesmail.lines.fault import line_fault
from sesmail.lines.line import PIECE, Line, Place
from sesmail.lines.opening import Opening
from sesmail.lines.patience import Deadline


def connect(place: Place, deadline: Deadline) -> Line:
    """Open a line. Each address gets an equal part of the time that is left."""
    opening = Opening(place, deadline)
    opening.find()
    for attempt in opening.attempts():
        with attempt:
            sock = attempt.sock()
            sock.settimeout(attempt.seconds)
            sock.connect(attempt.address)
            return attempt.line()
    raise opening.fault()


def drive(line: Line, dialogue: Dialogue[T], deadline: Deadline) -> T:
    """Carry a dialogue out."""
    steps = line.spoken(dialogue)
    try:
        step = next(steps)
        while True:
            try:
                answer = _perform(line.sock, step, deadline)
            except OSError as error:
                step = steps.throw(line_fault(error))
            else:
                step = steps.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        steps.close()


def _perform(sock: socket.socket, step: Step, deadline: Deadline) -> bytes:
    if isinstance(step, bytes):
        _say(sock, step, deadline)
    elif step is HEAR:
        _allow(sock, deadline)
        return sock.recv(PIECE)
    elif isinstance(step, Do):
        step.perform()
    return b""  # a pause is for whoever awaits


def _say(sock: socket.socket, data: bytes, deadline: Deadline) -> None:
    """Not by `sendall`, which has one limit for all of it: this one is for a peer that takes nothing."""
    _allow(sock, deadline)
    sent = sock.send(data)  # nearly always all of it
    if sent < len(data):
        left = memoryview(data)[sent:]
        while left:
            _allow(sock, deadline)
            left = left[sock.send(left) :]


def _allow(sock: socket.socket, deadline: Deadline) -> None:
    """Let the next wait take no longer than it may."""
    if (seconds := deadline.read_s()) <= 0:
        raise TimeoutError
    if seconds != sock.gettimeout():  # which it seldom is: most waits are far from the end
        sock.settimeout(seconds)
