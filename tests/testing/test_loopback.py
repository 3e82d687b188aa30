"""The server under both tools: that nothing hangs, nothing is left and nothing is hidden."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sesmail.errors import SetupError
from sesmail.testing.loopback import Loopback, prepare, until_sent
from tests.testing.peer import Peer


async def for_ever(peer: socket.socket, number: int) -> None:
    await asyncio.get_running_loop().sock_sendall(peer, b"!")
    await asyncio.get_running_loop().create_future()


async def until_end(peer: socket.socket, number: int) -> None:
    while await asyncio.get_running_loop().sock_recv(peer, 100):
        pass


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files where Linux lists them")
def test_nothing_is_left() -> None:
    files, threads = open_files(), threading.active_count()
    server = Loopback(for_ever, name="test")
    server.start()
    peers = [Peer.to(server.port) for _ in range(20)]
    server.stop()
    ends = {peer.rest()[1] for peer in peers}
    for peer in peers:
        peer.socket.close()

    assert ends <= {"closed", "reset"}
    assert (open_files(), threading.active_count()) == (files, threads)


def test_a_peer_is_sent_away_though_its_task_never_ran() -> None:
    server = Loopback(for_ever, name="test")
    server.start()
    blocked = threading.Event()
    server._loop.call_soon_threadsafe(blocked.wait)
    with Peer.to(server.port) as peer:
        server._loop.call_soon_threadsafe(server._over.set)  # what stop() does, while the peer is still in the socket
        server._loop.call_soon_threadsafe(server._accept)
        blocked.set()
        server.stop()

        assert peer.rest()[0] == b"", "not even the first byte"
    assert server.accepted == 1


def test_more_than_one_stop_does_nothing_more() -> None:
    server = Loopback(for_ever, name="test")
    server.stop()
    server.start()
    server.stop()
    server.stop()

    with pytest.raises(OSError, match="refused"):
        Peer.to(server.port)


def test_what_goes_wrong_inside_is_raised_at_the_end() -> None:
    async def wrong(peer: socket.socket, number: int) -> None:
        raise ValueError(f"number {number}")

    server = Loopback(wrong, name="test")
    server.start()
    with Peer.to(server.port) as peer:
        assert peer.rest() == (b"", "closed")

    with pytest.raises(ValueError, match="number 0"):
        server.stop()


def test_a_peer_that_goes_wrong_is_what_it_is_for() -> None:
    async def gone(peer: socket.socket, number: int) -> None:
        raise ConnectionResetError

    server = Loopback(gone, name="test")
    server.start()
    with Peer.to(server.port) as peer:
        peer.rest()

    server.stop()


def test_join_waits_for_those_who_are_still_at_the_door() -> None:
    server = Loopback(until_end, name="test")
    server.start()
    server._loop.call_soon_threadsafe(server._loop.remove_reader, server._listener)  # as if it had no time to look
    Peer.to(server.port).socket.close()
    Peer.to(server.port).socket.close()
    server.join(10)

    assert server.accepted == 2
    server.stop()


def test_join_says_who_does_not_end() -> None:
    server = Loopback(for_ever, name="test")
    server.start()
    with Peer.to(server.port) as peer:
        peer.exactly(1)
        with pytest.raises(TimeoutError, match=r"test: 1 connections are still open after 0.01 seconds; close them"):
            server.join(0.01)

        server.stop()


def test_a_port_can_refuse_and_be_kept() -> None:
    server = Loopback(until_end, name="test")
    server.start()
    with Peer.to(server.port) as before:
        server.refuse()
        with pytest.raises(ConnectionRefusedError):
            Peer.to(server.port)
        before.send(b"still here")
        server.listen()
        Peer.to(server.port).socket.close()
    server.join(10)

    assert server.accepted == 2
    server.stop()


@pytest.mark.parametrize(
    ("misuse", "said"),
    [
        (lambda server: server.port, "test has no port before it is started"),
        (lambda server: server.join(1), "test is not running"),
        (lambda server: server.refuse(), "test is not running"),
    ],
)
def test_what_is_not_started_says_so(misuse: Callable[[Loopback], object], said: str) -> None:
    with pytest.raises(SetupError, match=f"{said}.* use it in a with statement"):
        misuse(Loopback(for_ever, name="test"))


def test_what_was_started_is_not_started_again() -> None:
    server = Loopback(for_ever, name="test")
    server.start()
    try:
        with pytest.raises(SetupError, match="test was started already; make another one"):
            server.start()
    finally:
        server.stop()


# ── what has left ────────────────────────────────────────────────────────────────────────────────────────────────


def a_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = socket.create_connection(listener.getsockname())
        other, _ = listener.accept()
    prepare(one)
    return one, other


def test_each_write_is_a_segment_of_its_own() -> None:
    one, other = a_pair()
    with one, other:
        assert one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def fill(sock: socket.socket) -> int:
    size = 0
    try:
        while True:
            size += sock.send(bytes(1 << 16))
    except BlockingIOError:
        return size


class Clock:
    """Counts the looks instead of waiting between them, and does something at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, then: Callable[[], object] = int, at: int = 0) -> None:
        self.looks: list[float] = []
        self._then = then
        self._at = at
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.looks.append(seconds)
        if len(self.looks) == self._at:
            self._then()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is unsent")
def test_what_the_peer_has_no_room_for_has_not_left(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = a_pair()
    clock = Clock(monkeypatch)
    with one, other:
        asyncio.run(until_sent(one))
        assert clock.looks == []
        fill(one)
        asyncio.run(until_sent(one, patience_s=0.05))

    assert clock.looks == [0.005] * 10, "and it is not waited for without an end"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is unsent")
def test_it_is_waited_until_the_peer_has_read(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = a_pair()
    with one, other:
        size = fill(one)
        clock = Clock(monkeypatch, then=lambda: other.recv(size, socket.MSG_WAITALL), at=3)
        asyncio.run(until_sent(one))

    assert len(clock.looks) == 3


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_where_it_cannot_be_asked_a_moment_is_waited(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = a_pair()
    clock = Clock(monkeypatch)
    monkeypatch.setattr(sys, "platform", platform)
    with one, other:
        asyncio.run(until_sent(one))

    assert clock.looks == [0.02]
