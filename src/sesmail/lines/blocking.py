"""The driver that blocks: opens lines, and carries out dialogues on them in the thread of the caller."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable

from sesmail._driver import driver
from sesmail.lines.dialogue import HEAR, Ask, Dialogue, Do, StartTls, Step, T
from sesmail.lines.fault import as_told
from sesmail.lines.line import PIECE, Line, Place, Watch
from sesmail.lines.opening import Opening
from sesmail.lines.patience import Deadline

_Tools = tuple[Line, Deadline]


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
    return _in_words(dialogue, (line, deadline))


def _spoken(step: Step, tools: _Tools) -> bytes:
    line = tools[0]
    return _perform(step, tools) if line.tls is None else _in_bytes(line.encrypted(step), tools)


def _perform(step: Step, tools: _Tools) -> bytes:
    line, deadline = tools
    if isinstance(step, Ask):
        _say(line.sock, step.words, deadline)
        return _hear(line, deadline)
    if isinstance(step, bytes):
        _say(line.sock, step, deadline)
    elif step is HEAR:
        return _hear(line, deadline)
    elif isinstance(step, Do):
        step.perform()
    elif isinstance(step, StartTls):
        return _in_bytes(line.encrypted(step), tools)
    return b""  # a pause is for whoever awaits


_in_words = driver(_spoken, told=as_told)
_in_bytes: Callable[[Dialogue[bytes], _Tools], bytes] = driver(_perform, told=as_told)


def _hear(line: Line, deadline: Deadline) -> bytes:
    if line.watch is None:
        line.watch = _watch(line.sock, for_words=True)
    while line.watch(_seconds(deadline)):
        try:
            return line.sock.recv(PIECE)
        except BlockingIOError:  # it was nothing, as it may be
            continue
    raise TimeoutError


def _say(sock: socket.socket, data: bytes, deadline: Deadline) -> None:
    _seconds(deadline)  # are there any left?
    sent = _sent(sock, data)  # nearly always all of it
    if sent < len(data):
        _say_rest(sock, memoryview(data)[sent:], deadline)


def _say_rest(sock: socket.socket, data: memoryview, deadline: Deadline) -> None:
    """Not by `sendall`, which has one limit for all of it: this one is for a peer that takes nothing."""
    watch = _watch(sock, for_words=False)
    while data:
        if not watch(_seconds(deadline)):
            raise TimeoutError
        data = data[_sent(sock, data) :]


def _sent(sock: socket.socket, data: bytes | memoryview) -> int:
    try:
        return sock.send(data)
    except BlockingIOError:
        return 0


def _seconds(deadline: Deadline) -> float:
    if (seconds := deadline.read_s()) <= 0:
        raise TimeoutError
    return seconds


# Sockets of lines do not block by themselves: Python would look before each word whether it may be said, which it may.


def watch_by_poll(sock: socket.socket, *, for_words: bool) -> Watch:
    """What waits until it can be read from, or else written to, and tells whether it could be in time."""
    poll = select.poll()
    poll.register(sock, select.POLLIN if for_words else select.POLLOUT)
    return lambda seconds: bool(poll.poll(seconds * 1000))


def watch_by_select(sock: socket.socket, *, for_words: bool) -> Watch:
    """The same for Windows, which has no poll. Elsewhere it knows a thousand sockets only."""
    readers, writers = [sock] * for_words, [sock] * (not for_words)
    return lambda seconds: any(select.select(readers, writers, [], seconds))


_watch = watch_by_poll if hasattr(select, "poll") else watch_by_select
