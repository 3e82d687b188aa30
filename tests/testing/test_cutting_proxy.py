"""The proxy between two sockets of the test: what passes, what is cut, and how both ends hear of it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import smtplib
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from sesmail.testing import CuttingProxy, Flow, HostileSmtp, Plan
from sesmail.testing.plan import DIRECTIONS, Direction, Manner, Plans
from tests.testing.conftest import Certificate
from tests.testing.peer import A_MOMENT_S, HOST, Peer

MIB = 1 << 20


class Ends:
    """A proxy in front of a socket that listens, and both ends of connections through it."""

    def __init__(self, plans: Plans = Plan(), **options: object) -> None:  # noqa: B008 - as the proxy has it
        self.listener = socket.create_server((HOST, 0))
        self.listener.settimeout(20)
        port = self.listener.getsockname()[1]
        self.proxy = CuttingProxy(HOST, port, plans, **options)  # type: ignore[arg-type] # of any kind

    def __enter__(self) -> Self:
        self.proxy.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self.listener:
            self.proxy.stop()

    @contextlib.contextmanager
    def connected(self) -> Iterator[tuple[Peer, Peer]]:
        """A client, and the server's end of its connection."""
        with Peer.to(self.proxy.port) as client, Peer(self.listener.accept()[0]) as server:
            yield client, server

    @contextlib.contextmanager
    def towards(self, direction: Direction) -> Iterator[tuple[Peer, Peer]]:
        """Who writes in this direction, and who reads."""
        with self.connected() as (client, server):
            yield (client, server) if direction == "to_server" else (server, client)

    def passed(self, direction: Direction) -> int:
        (passage,) = self.proxy.passages
        return passage.to_server if direction == "to_server" else passage.to_client


def other(direction: Direction) -> Direction:
    return "to_client" if direction == "to_server" else "to_server"


WAYS: list[tuple[Manner, str]] = [("reset", "reset"), ("close", "closed")]
both_ways = pytest.mark.parametrize("direction", DIRECTIONS)


# ── untouched ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_nobody_planned_passes_and_is_counted() -> None:
    with Ends(keep_data=True) as ends, ends.connected() as (client, server):
        client.send(b"hello")
        assert server.exactly(5) == b"hello"
        server.send(b"\0" * 200_000)
        assert client.exactly(200_000) == b"\0" * 200_000
        client.send_no_more()
        assert server.rest() == (b"", "closed")
        server.send(b"!").socket.close()
        assert client.rest() == (b"!", "closed")
        client.socket.close()
        ends.proxy.join()
        (passage,) = ends.proxy.passages

    assert (passage.number, passage.to_server, passage.to_client, passage.is_cut) == (0, 5, 200_001, False)
    assert (passage.data_to_server, passage.data_to_client) == (b"hello", b"\0" * 200_000 + b"!")
    assert "hello" not in repr(passage)


def test_bytes_are_only_kept_when_that_is_asked_for() -> None:
    with Ends() as ends, ends.connected() as (client, server):
        client.send(b"hello")
        server.exactly(5)

        assert ends.proxy.passages[0].data_to_server == b""


@both_ways
def test_a_reset_passes_as_a_reset(direction: Direction) -> None:
    with Ends() as ends, ends.towards(direction) as (writer, reader):
        writer.send(b"hello")
        assert reader.exactly(5) == b"hello"
        writer.reset()

        assert reader.rest() == (b"", "reset")


@both_ways
def test_what_was_received_is_counted_already(direction: Direction) -> None:
    with Ends() as ends, ends.towards(direction) as (writer, reader):
        for number in range(1, 101):
            writer.send(b"x")
            reader.exactly(1)
            assert ends.passed(direction) == number


# ── cuts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@both_ways
@pytest.mark.parametrize(
    ("by", "end", "after"),
    [("close", "closed", 0), *((*way, after) for way in WAYS for after in (1, 5, 9, 10))],
)
def test_a_cut_lets_so_many_bytes_through_and_ends_both_ways(
    direction: Direction, by: Manner, end: str, after: int
) -> None:
    with Ends(Plan.cut(direction, after, by=by)) as ends, ends.towards(direction) as (writer, reader):
        writer.send(b"0123456789")

        assert reader.rest() == (b"0123456789"[:after], end)
        assert writer.rest() == (b"", end)
        (passage,) = ends.proxy.passages
        assert (ends.passed(direction), ends.passed(other(direction)), passage.is_cut) == (after, 0, True)


def reset_at_once(port: int) -> bool:
    """Whether a client hears of a reset, in connecting already or later, and of nothing else."""
    try:
        with Peer.to(port) as client:
            client.send(b"hello")
            return client.rest() == (b"", "reset")
    except ConnectionError:
        return True


@both_ways
def test_a_reset_after_nothing_lets_nothing_through(direction: Direction) -> None:
    with Ends(Plan.cut(direction, 0)) as ends:
        assert reset_at_once(ends.proxy.port)
        with Peer(ends.listener.accept()[0]) as server:
            assert server.rest() == (b"", "reset")
        (passage,) = ends.proxy.passages
        assert (passage.to_server, passage.to_client, passage.is_cut) == (0, 0, True)


@both_ways
def test_a_cut_between_two_writes_is_one(direction: Direction) -> None:
    with Ends(Plan.cut(direction, 5)) as ends, ends.towards(direction) as (writer, reader):
        writer.send(b"0123")
        assert reader.exactly(4) == b"0123"
        writer.send(b"4567")

        assert reader.rest() == (b"4", "reset")


@both_ways
def test_behind_a_close_what_still_comes_is_read_and_dropped(direction: Direction) -> None:
    with Ends(Plan.cut(direction, 1, by="close")) as ends, ends.towards(direction) as (writer, reader):
        writer.send(b"12")
        assert reader.rest() == (b"1", "closed")
        writer.send(bytes(4 * MIB))
        reader.send(bytes(4 * MIB))
        writer.socket.close()
        reader.socket.close()
        ends.proxy.join()

        assert (ends.passed(direction), ends.passed(other(direction))) == (1, 0)


@both_ways
def test_a_half_close_ends_one_way_and_leaves_the_other(direction: Direction) -> None:
    with Ends(Plan.cut(direction, 2, by="half-close")) as ends, ends.towards(direction) as (writer, reader):
        writer.send(b"1234")
        assert reader.rest() == (b"12", "closed")
        reader.send(b"still here")
        assert writer.exactly(10) == b"still here"
        writer.send(bytes(4 * MIB))
        reader.socket.close()
        assert writer.rest() == (b"", "closed")

        assert (ends.passed(direction), ends.passed(other(direction))) == (2, 10)


def test_a_reset_behind_a_half_close_still_passes() -> None:
    with Ends(Plan.cut("to_server", 2, by="half-close")) as ends, ends.connected() as (client, server):
        client.send(b"1234")
        assert server.rest() == (b"12", "closed")
        server.reset()

        assert client.rest() == (b"", "reset")


@both_ways
@pytest.mark.parametrize("after", [0, 3])
def test_in_silence_nothing_passes_and_nobody_hears_an_end(direction: Direction, after: int) -> None:
    with Ends(Plan.cut(direction, after, by="silence")) as ends, ends.towards(direction) as (writer, reader):
        writer.send(b"12345")
        assert reader.exactly(after) == b"123"[:after]
        writer.send(bytes(4 * MIB))
        reader.send(b"?")
        assert reader.is_silent()
        assert writer.is_silent()
        writer.send_no_more()
        assert reader.is_silent()

        assert (ends.passed(direction), ends.passed(other(direction))) == (after, 0)


@both_ways
def test_in_silence_a_reset_does_not_pass_either(direction: Direction) -> None:
    with Ends(Plan.cut(direction, 1, by="silence")) as ends, ends.towards(direction) as (writer, reader):
        writer.send(b"12")
        assert reader.exactly(1) == b"1"
        writer.reset()

        assert reader.is_silent()


@both_ways
@pytest.mark.parametrize("by", ["reset", "close", "silence"])
def test_an_answer_to_the_last_byte_never_slips_through(direction: Direction, by: Manner) -> None:
    with Ends(Plan.cut(direction, 1, by=by)) as ends:
        for _ in range(20):
            with ends.towards(direction) as (writer, reader), contextlib.suppress(ConnectionError):
                writer.send(b"?")
                reader.exactly(1)
                reader.send(b"!")
        ends.proxy.stop()

        assert {passage.to_server + passage.to_client for passage in ends.proxy.passages} == {1}


@both_ways
def test_a_reset_takes_nothing_back(direction: Direction) -> None:
    with Ends(Plan.cut(direction, 3 * MIB + 1)) as ends, ends.towards(direction) as (writer, reader):
        sending = threading.Thread(target=send_until_cut, args=(writer, 6 * MIB))
        sending.start()
        data, end = reader.rest()
        sending.join()

        assert (len(data), end) == (3 * MIB + 1, "reset")


def send_until_cut(peer: Peer, size: int) -> None:
    with contextlib.suppress(ConnectionError):
        peer.send(bytes(size))


def test_a_reset_waits_for_a_reader_who_is_late() -> None:
    size = MIB // 4  # more than the reader's window, and less than what the proxy's own socket holds
    with Ends(Plan.cut("to_client", size)) as ends, socket.socket() as late:
        late.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        late.connect((HOST, ends.proxy.port))
        client = Peer(late)
        with Peer(ends.listener.accept()[0]) as server:
            server.send(bytes(size))
            while not ends.proxy.passages[0].is_cut:
                pass
            threading.Event().wait(A_MOMENT_S)
            data, end = client.rest()

    assert (len(data), end) == (size, "reset")


@both_ways
def test_what_the_other_way_brought_before_a_reset_is_not_taken_back(direction: Direction) -> None:
    with Ends(Plan.cut(direction, 1)) as ends, ends.towards(direction) as (writer, reader):
        reader.send(b"before")
        while ends.passed(other(direction)) < 6:
            pass
        writer.send(b"?")

        assert writer.rest() == (b"before", "reset")


def test_both_directions_can_be_cut_and_the_first_one_counts() -> None:
    both = Plan(Flow(cut_after=0, by="silence"), Flow(cut_after=0, by="reset"))
    with Ends(both) as ends, ends.connected() as (client, server):
        assert client.is_silent()
        assert server.is_silent()
        assert ends.proxy.passages[0].is_cut


# ── segments, delays, damage ─────────────────────────────────────────────────────────────────────────────────────


class Turnstile:
    """A pause that ends when the test says so."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._turns = threading.Semaphore(0)

    async def pause(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.get_running_loop().run_in_executor(None, self._turns.acquire)

    def turn(self) -> None:
        self._turns.release()


@both_ways
def test_segments_come_one_by_one_each_behind_its_delay(direction: Direction) -> None:
    turnstile = Turnstile()
    flow = Flow(segment_bytes=2, delay_s=3)
    plan = Plan(to_server=flow) if direction == "to_server" else Plan(to_client=flow)
    with Ends(plan, pause=turnstile.pause) as ends, ends.towards(direction) as (writer, reader):
        writer.send(b"12345")
        came = []
        for _ in range(3):
            assert reader.is_silent()
            turnstile.turn()
            came.append(reader.socket.recv(100))

        assert came == [b"12", b"34", b"5"]
        assert turnstile.asked == [3, 3, 3]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the segments of a connection")
def test_each_byte_is_a_segment_of_its_own() -> None:
    data_segs_in = slice(128, 132)  # of struct tcp_info
    with Ends(Plan(to_client=Flow(segment_bytes=1))) as ends, ends.connected() as (client, server):
        server.send(b"x" * 500)
        assert client.exactly(500) == b"x" * 500
        facts = client.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)

    assert int.from_bytes(facts[data_segs_in], sys.byteorder) == 500


def test_what_waits_for_its_delay_is_cut_with_the_line() -> None:
    turnstile = Turnstile()
    plan = Plan(Flow(delay_s=1), Flow(cut_after=1, by="silence"))
    with Ends(plan, pause=turnstile.pause) as ends, ends.connected() as (client, server):
        client.send(b"late")
        while not turnstile.asked:
            pass
        server.send(b"!")
        assert client.exactly(1) == b"!"
        turnstile.turn()

        assert server.is_silent()
        assert ends.passed("to_server") == 0


@both_ways
def test_a_byte_is_corrupt(direction: Direction) -> None:
    flow = Flow(corrupt_at=3)
    plan = Plan(to_server=flow) if direction == "to_server" else Plan(to_client=flow)
    with Ends(plan) as ends, ends.towards(direction) as (writer, reader):
        writer.send(b"aaaaaa")

        assert reader.exactly(6) == b"aaa\x9eaa"


# ── doors ────────────────────────────────────────────────────────────────────────────────────────────────────────


def nobody_came(ends: Ends) -> bool:
    ends.listener.setblocking(False)
    try:
        ends.listener.accept()
    except BlockingIOError:
        return True
    return False


def test_a_door_that_resets_lets_nobody_through() -> None:
    with Ends(Plan(door="reset")) as ends:
        assert reset_at_once(ends.proxy.port)
        assert nobody_came(ends)


def test_a_door_that_closes_lets_nobody_through() -> None:
    with Ends(Plan(door="close")) as ends, Peer.to(ends.proxy.port) as client:
        assert client.rest() == (b"", "closed")
        assert nobody_came(ends)


def test_behind_a_closed_door_what_the_client_says_is_dropped() -> None:
    with Ends(Plan(door="close")) as ends, Peer.to(ends.proxy.port) as client:
        client.send(b"hello")
        assert client.rest() == (b"", "closed")
        client.send(bytes(4 * MIB)).socket.close()
        ends.proxy.join()

        assert ends.proxy.passages[0].to_server == 0


def test_connections_are_refused_until_it_listens_again() -> None:
    with Ends() as ends:
        ends.proxy.refuse()
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                Peer.to(ends.proxy.port)
        ends.proxy.listen()
        with ends.connected() as (client, server):
            client.send(b"x")
            assert server.exactly(1) == b"x"

        assert len(ends.proxy.passages) == 1


# ── plans ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_connection_has_its_plan() -> None:
    with Ends(lambda number: Plan.cut("to_client", number, by="close")) as ends:
        came = []
        for _ in range(3):
            with ends.connected() as (client, server):
                with contextlib.suppress(ConnectionError):
                    server.send(b"abc")
                came.append(client.rest()[0])

    assert came == [b"", b"a", b"ab"]
    assert [passage.plan.to_client.cut_after for passage in ends.proxy.passages] == [0, 1, 2]
    assert [passage.number for passage in ends.proxy.passages] == [0, 1, 2]


def test_a_function_of_plans_that_raises_is_heard() -> None:
    nobody: dict[int, Plan] = {}
    ends = Ends(nobody.__getitem__)
    with pytest.raises(KeyError), ends, Peer.to(ends.proxy.port) as client:
        client.rest()


# ── servers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def a_port_without_a_server() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_server_that_is_not_there_is_told() -> None:
    with CuttingProxy(HOST, a_port_without_a_server()) as proxy:
        assert reset_at_once(proxy.port)
        assert proxy.passages[0].error == "ConnectionRefusedError"


def test_every_address_of_a_server_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = a_port_without_a_server()
    with HostileSmtp() as server:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (HOST, port)) for port in (nobody, server.port)]
        proxy = CuttingProxy("mail.example", server.port)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(socket, "getaddrinfo", lambda *_, **__: found)
            proxy.start()
        with Peer.to(proxy.port) as client:
            assert client.reply() == b"220 hostile.example ESMTP\r\n"
            assert proxy.passages[0].to_client > 0
        proxy.stop()


def test_a_name_that_leads_nowhere_is_an_error_at_the_start() -> None:
    proxy = CuttingProxy("nowhere.invalid", 25)
    with pytest.raises(OSError, match=r"Errno|resol"):
        proxy.start()
    proxy.stop()


def test_a_session_with_tls_passes_and_is_cut(certificate: Certificate) -> None:
    with HostileSmtp(tls=certificate.server) as server:
        with CuttingProxy(server.host, server.port) as proxy, session(proxy.port, certificate.client) as client:
            client.sendmail("a@example.com", ["b@example.com"], "Subject: Hi\r\n\r\nHello")
        with (
            CuttingProxy(server.host, server.port, Plan.cut("to_client", 400)) as cut,
            pytest.raises((OSError, smtplib.SMTPException)),
        ):
            session(cut.port, certificate.client)

    assert proxy.passages[0].to_client > cut.passages[0].to_client == 400
    assert len(server.messages) == 1


def session(port: int, context: ssl.SSLContext) -> smtplib.SMTP:
    client = smtplib.SMTP(HOST, port, "client.example", timeout=20)
    try:
        client.starttls(context=context)
    except BaseException:
        client.close()
        raise
    return client


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files where Linux lists them")
def test_whatever_the_plan_nothing_is_left_at_the_end() -> None:
    manners: tuple[Manner, ...] = ("reset", "close", "half-close", "silence")
    plans = [Plan.cut(direction, 1, by=by) for direction, by in itertools.product(DIRECTIONS, manners)]
    plans += [Plan(), Plan(Flow(delay_s=3600), Flow(delay_s=3600)), Plan(door="close"), Plan(door="reset")]
    files, threads = open_files(), threading.active_count()
    for plan in plans:
        with Ends(plan) as ends, contextlib.suppress(ConnectionError), Peer.to(ends.proxy.port) as client:
            client.send(b"hello")
            if plan.door == "open":
                with Peer(ends.listener.accept()[0]) as server:
                    server.send(b"hello")

    assert (open_files(), threading.active_count()) == (files, threads)


def test_a_peer_that_does_not_read_does_not_hold_up_the_end() -> None:
    with Ends() as ends, ends.connected() as (client, _):
        client.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                client.socket.send(bytes(MIB))


def test_more_than_one_stop_does_nothing_more() -> None:
    with Ends() as ends:
        ends.proxy.stop()
        ends.proxy.stop()

    assert ends.proxy.host == HOST
