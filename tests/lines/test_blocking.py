"""How the blocking driver waits for a socket that does not block: by poll, and where there is none by select."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from sesmail.lines import blocking
from sesmail.lines.blocking import ready_by_poll, ready_by_select
from sesmail.lines.dialogue import HEAR, Dialogue
from sesmail.lines.line import Line
from sesmail.lines.patience import Patience

IsReady = Callable[[socket.socket, float, bool], bool]
WAYS = pytest.mark.parametrize("is_ready", [ready_by_poll, ready_by_select])


@WAYS
def test_a_socket_with_words_can_be_read_from(is_ready: IsReady) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not is_ready(ours, 0.01, True)
        theirs.send(b"x")
        assert is_ready(ours, 10, True)


@WAYS
def test_a_socket_that_has_ended_can_be_read_from(is_ready: IsReady) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        assert is_ready(ours, 10, True)


@WAYS
def test_a_socket_with_room_can_be_written_to(is_ready: IsReady) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        assert is_ready(ours, 10, False)
        try:
            while ours.send(bytes(100_000)):
                pass
        except BlockingIOError:
            assert not is_ready(ours, 0.01, False)


@WAYS
def test_a_false_alarm_is_waited_out(is_ready: IsReady, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    alarms = iter([True, False])
    with theirs:
        line = Line(ours)

        def once_too_often(sock: socket.socket, seconds: float, for_words: bool) -> bool:
            if next(alarms, False):
                return True  # as some systems do for a checksum that was wrong
            theirs.send(b"x")
            return is_ready(sock, seconds, for_words)

        def dialogue() -> Dialogue[bytes]:
            return (yield HEAR)

        monkeypatch.setattr(blocking, "_is_ready", once_too_often)
        assert blocking.drive(line, dialogue(), Patience().deadline()) == b"x"
        line.close()
