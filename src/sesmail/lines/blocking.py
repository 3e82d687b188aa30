"""The driver that blocks: opens lines, and carries out dialogues on them in the thread of the caller."""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from math import ceil

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
        return _hear(sock, deadline)
    elif isinstance(step, Do):
        step.perform()
    return b""  # a pause is for whoever awaits


def _hear(sock: socket.socket, deadline: Deadline) -> bytes:
    while True:
        _wait(sock, deadline, for_words=True)
        with suppress(BlockingIOError):  # it was nothing, as it may be
            return sock.recv(PIECE)


def _say(sock: socket.socket, data: bytes, deadline: Deadline) -> None:
    """Not by `sendall`, which has one limit for all of it: this one is for a peer that takes nothing."""
    _seconds(deadline)  # are there any left?
    sent = _sent(sock, data)  # nearly always all of it
    if sent < len(data):
        left = memoryview(data)[sent:]
        while left:
            _wait(sock, deadline, for_words=False)
            left = left[_sent(sock, left) :]


def _sent(sock: socket.socket, data: bytes | memoryview) -> int:
    try:
        return sock.send(data)
    except BlockingIOError:
        return 0


def _wait(sock: socket.socket, deadline: Deadline, *, for_words: bool) -> None:
    if not _is_ready(sock, _seconds(deadline), for_words):
        raise TimeoutError


def _seconds(deadline: Deadline) -> float:
    if (seconds := deadline.read_s()) <= 0:
        raise TimeoutError
    return seconds


# Sockets of lines do not block by themselves: Python would look before each word whether it may be said, which it may.


def ready_by_poll(sock: socket.socket, seconds: float, for_words: bool) -> bool:
    """Whether it can be read from in time, or else written to."""
    poll = select.poll()
    poll.register(sock, select.POLLIN if for_words else select.POLLOUT)
    return bool(poll.poll(ceil(seconds * 1000)))


def ready_by_select(sock: socket.socket, seconds: float, for_words: bool) -> bool:
    """The same for Windows, which has no poll. Elsewhere it knows a thousand sockets only."""
    readable, writable, _ = select.select([sock] * for_words, [sock] * (not for_words), [], seconds)
    return bool(readable or writable)


_is_ready = ready_by_poll if hasattr(select, "poll") else ready_by_select
