"""How the blocking driver waits for a socket that does not block: by poll, and where there is none by select."""

from __future__ import annotations

import socket
from time import monotonic
from typing import Protocol

import pytest

from sesmail.lines import blocking
from sesmail.lines.blocking import watch_by_poll, watch_by_select
from sesmail.lines.dialogue import HEAR, Dialogue
from sesmail.lines.line import Line, Watch
from sesmail.lines.patience import Patience


class WatchBy(Protocol):
    def __call__(self, sock: socket.socket, *, for_words: bool) -> Watch: ...


WAYS = pytest.mark.parametrize("watch_by", [watch_by_poll, watch_by_select])


@WAYS
def test_a_socket_with_words_can_be_read_from(watch_by: WatchBy) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        watch = watch_by(ours, for_words=True)
        assert not watch(0.01)
        theirs.send(b"x")
        assert watch(10)


@WAYS
def test_a_socket_that_has_ended_can_be_read_from(watch_by: WatchBy) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        assert watch_by(ours, for_words=True)(10)


@WAYS
def test_a_socket_with_room_can_be_written_to(watch_by: WatchBy) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        watch = watch_by(ours, for_words=False)
        assert watch(10)
        try:
            while ours.send(bytes(100_000)):
                pass
        except BlockingIOError:
            assert not watch(0.01)


@WAYS
def test_a_wait_is_never_shorter_than_it_was_told(watch_by: WatchBy) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        watch = watch_by(ours, for_words=True)
        begun = monotonic()
        assert not watch(0.0101)
        assert monotonic() - begun >= 0.01


@WAYS
def test_a_false_alarm_is_waited_out(watch_by: WatchBy, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    alarms = iter([True, False])
    with theirs:
        line = Line(ours)

        def once_too_often(sock: socket.socket, *, for_words: bool) -> Watch:
            watch = watch_by(sock, for_words=for_words)

            def look(seconds: float) -> bool:
                if next(alarms, False):
                    return True  # as some systems do for a checksum that was wrong
                theirs.send(b"x")
                return watch(seconds)

            return look

        def dialogue() -> Dialogue[bytes]:
            return (yield HEAR)

        monkeypatch.setattr(blocking, "_watch", once_too_often)
        assert blocking.drive(line, dialogue(), Patience().deadline()) == b"x"
        line.close()
