"""One connection, between two dialogues and at its end."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from time import monotonic, sleep
from typing import Protocol

import pytest

from sesmail.lines import blocking
from sesmail.lines.dialogue import HEAR, Dialogue, StartTls
from sesmail.lines.line import Line, Place
from sesmail.local.smtp.certificates import Certificates
from tests.lines.dialogues import deadline, exactly
from tests.lines.other_end import OtherEnd, drain, reset, saying, secured


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("mail.example.com", 25), "mail.example.com:25"),
        (Place("127.0.0.1", 587), "127.0.0.1:587"),
        (Place("::1", 465), "[::1]:465"),
    ],
)
def test_a_place_reads_as_in_a_url(place: Place, text: str) -> None:
    assert str(place) == text


@pytest.fixture
def pair() -> Iterator[tuple[Line, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(20)
    with closing(Line(ours)) as line, theirs:
        yield line, theirs


Pair = tuple[Line, socket.socket]


def soon(condition: Callable[[], bool]) -> bool:
    """Whether it comes to be so, for another thread has to do its part."""
    ends = monotonic() + 10
    while not condition():
        if monotonic() > ends:
            return False
        sleep(0.001)
    return True


def test_a_line_on_which_nothing_happened_is_quiet(pair: Pair) -> None:
    line, theirs = pair
    assert line.is_quiet()
    assert line.is_quiet()
    theirs.send(b"x")
    assert not line.is_quiet()


def test_a_line_that_has_ended_is_not_quiet(pair: Pair) -> None:
    line, theirs = pair
    theirs.close()

    assert not line.is_quiet()


def test_a_line_that_was_reset_is_not_quiet() -> None:
    def serve(sock: socket.socket) -> None:
        sock.recv(1)
        reset(sock)

    with OtherEnd(serve) as other, closing(blocking.connect(other.place, deadline())) as line:
        line.sock.send(b"x")
        select.select([line.sock], [], [], 10)

        assert not line.is_quiet(), "at the first look; a second one hears of an end"


def test_a_last_word_is_said_without_waiting(pair: Pair) -> None:
    line, theirs = pair
    line.part(b"quit")
    line.close()

    assert theirs.recv(100) == b"quit"
    assert theirs.recv(100) == b""


def test_a_last_word_for_which_there_is_no_room_is_not_said(pair: Pair) -> None:
    line, _ = pair
    with suppress(BlockingIOError):
        while line.sock.send(bytes(100_000)):
            pass
    line.part(b"quit")


def test_a_last_word_to_nobody_does_no_harm(pair: Pair) -> None:
    line, theirs = pair
    theirs.close()
    line.part(b"quit")
    line.part(b"quit")
    line.close()
    line.part(b"quit")
    line.close()


# ── with TLS ─────────────────────────────────────────────────────────────────────────────────────────────────────


def started(trusting: ssl.SSLContext) -> Dialogue[None]:
    yield StartTls(trusting, "localhost")


class Secure(Protocol):
    """Opens a line with TLS, to another end that does this."""

    def __call__(
        self, serve: Callable[[ssl.SSLSocket], object], *, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ) -> Line: ...


@pytest.fixture
def secure(certificates: Certificates, trusting: ssl.SSLContext) -> Iterator[Secure]:
    with ExitStack() as opened:

        def to(serve: Callable[[ssl.SSLSocket], object], *, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Line:
            context = certificates.context()
            context.maximum_version = version
            other = opened.enter_context(OtherEnd(secured(context, serve)))
            line = opened.enter_context(closing(blocking.connect(other.place, deadline())))
            blocking.drive(line, started(trusting), deadline())
            return line

        yield to


def until_something_came(line: Line) -> None:
    line.sock.settimeout(10)
    line.sock.recv(1, socket.MSG_PEEK)
    line.sock.setblocking(False)  # as lines have it


def echo_once(sock: ssl.SSLSocket) -> None:
    sock.sendall(sock.recv(100))
    drain(sock)


def test_tickets_that_come_while_a_line_is_idle_are_no_words(secure: Secure) -> None:
    line = secure(echo_once)
    until_something_came(line)

    def dialogue() -> Dialogue[bytes]:
        yield b"hello"
        return (yield from exactly(5))

    assert line.is_quiet()
    assert line.is_quiet()
    assert blocking.drive(line, dialogue(), deadline()) == b"hello"
    assert line.is_quiet()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_word_that_nobody_asked_for_is_one_with_tls_too(secure: Secure, version: ssl.TLSVersion) -> None:
    line = secure(saying(b"421 go away"), version=version)

    assert soon(lambda: not line.is_quiet())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("announced", [True, False])
def test_an_end_behind_tickets_is_an_end(secure: Secure, version: ssl.TLSVersion, announced: bool) -> None:
    def leave(sock: ssl.SSLSocket) -> None:
        if announced:
            sock.setblocking(False)
            with pytest.raises(ssl.SSLWantReadError):
                sock.unwrap()
        with socket.socket(fileno=sock.detach()) as plain:
            plain.shutdown(socket.SHUT_WR)
            plain.settimeout(20)
            drain(plain)

    line = secure(leave, version=version)

    assert soon(lambda: not line.is_quiet())


def test_what_is_no_tls_at_all_is_not_quiet(secure: Secure) -> None:
    def babble(sock: ssl.SSLSocket) -> None:
        with socket.socket(fileno=sock.detach()) as plain:
            plain.settimeout(20)
            plain.sendall(b"421 in clear\r\n")
            drain(plain)

    line = secure(babble)

    assert soon(lambda: not line.is_quiet())


@pytest.mark.parametrize("word", [b"quit", b""])
def test_the_end_is_announced_behind_the_last_word(secure: Secure, word: bytes) -> None:
    heard = []

    def serve(sock: ssl.SSLSocket) -> None:
        while data := sock.recv(100):  # raises at an end that was not announced
            heard.append(data)
        heard.append(b"end")

    line = secure(serve)
    line.part(word)
    line.close()

    assert soon(lambda: b"".join(heard) == word + b"end")


def test_nothing_is_said_in_clear_behind_a_failed_handshake(certificates: Certificates) -> None:
    heard = []

    def serve(sock: socket.socket) -> None:
        sock.sendall(b"220 this is no TLS\r\n")
        while data := sock.recv(1000):
            heard.append(data)

    def dialogue() -> Dialogue[None]:
        with pytest.raises(Exception, match="TLS failed: wrong version number"):
            yield StartTls(ssl.create_default_context(), "localhost")
        with pytest.raises(Exception, match="the line broke"):
            yield b"a secret"
        with pytest.raises(Exception, match="the line broke"):
            yield HEAR

    with OtherEnd(serve) as other:
        with closing(blocking.connect(other.place, deadline())) as line:
            blocking.drive(line, dialogue(), deadline())
            line.part(b"another secret")
        while other.open:
            sleep(0.001)

    assert b"secret" not in b"".join(heard)
