"""How a line is opened, or why not."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from time import monotonic
from typing import Any

import pytest

from sesmail.lines import awaited
from sesmail.lines.fault import Kind, LineFault
from sesmail.lines.line import Place
from sesmail.lines.patience import Patience
from tests.lines.colours import Awaited, Clock, Colour
from tests.lines.dialogues import asked, deadline
from tests.lines.other_end import HOST, OtherEnd, echo

Address = tuple[Any, ...]
NOWHERE = Place("mail.example.com", 25)


@pytest.fixture
def leads_to(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the system says of any name."""

    def let(*addresses: Address) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: list(addresses))

    return let


def at(port: int, *, family: int = socket.AF_INET) -> Address:
    return (family, socket.SOCK_STREAM, 0, "", (HOST, port))


@pytest.fixture
def refused() -> Iterator[Address]:
    """A port that nobody listens on, and nobody else gets."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        yield at(sock.getsockname()[1])


@pytest.fixture
def silent() -> Iterator[Address]:
    """A port where connections wait for ever."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        sock.listen(0)
        address = at(sock.getsockname()[1])
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address[4])
        yield address
        for each in waiting:
            each.close()


def fault_of(colour: Colour, place: Place = NOWHERE, **times: float) -> LineFault:
    with pytest.raises(LineFault) as caught:
        colour.connect(place, deadline(**times))
    return caught.value


@pytest.mark.parametrize("before", ["refused", "silent", "unknown family"])
def test_the_next_address_has_its_turn(
    colour: Colour, leads_to: Callable[..., None], refused: Address, silent: Address, before: str
) -> None:
    dead = {"refused": refused, "silent": silent, "unknown family": at(1, family=9999)}[before]
    with OtherEnd(echo) as other:
        leads_to(dead, at(other.place.port))
        begun = monotonic()
        with closing(colour.connect(NOWHERE, deadline(connect_s=0.8))) as line:
            took = monotonic() - begun

            assert colour.drive(line, asked(b"hello"), deadline()) == b"hello"
            assert took < 0.7, "the first has half of the time"
            assert (took > 0.35) is (before == "silent")


def test_nobody_at_any_address_is_said_with_the_last_reason(
    colour: Colour, leads_to: Callable[..., None], refused: Address
) -> None:
    leads_to(at(1, family=9999), refused)
    fault = fault_of(colour)

    assert str(fault) == "nobody answers there: Connection refused"
    assert isinstance(fault.__cause__, ConnectionRefusedError)


def test_a_family_that_this_machine_has_not_is_a_fault_and_no_surprise(
    colour: Colour, leads_to: Callable[..., None]
) -> None:
    leads_to(at(1, family=9999))

    assert fault_of(colour).kind is Kind.NO_ROUTE


def test_who_does_not_answer_is_not_waited_for_longer_than_said(
    colour: Colour, leads_to: Callable[..., None], silent: Address
) -> None:
    leads_to(silent, silent)
    begun = monotonic()
    fault = fault_of(colour, connect_s=0.2)

    assert str(fault) == "nobody answers there: not in time"
    assert 0.19 < monotonic() - begun < 2


def test_the_whole_may_be_shorter_than_a_connection(
    colour: Colour, leads_to: Callable[..., None], silent: Address
) -> None:
    leads_to(silent)
    begun = monotonic()

    assert fault_of(colour, connect_s=10, total_s=0.1).kind is Kind.NO_ROUTE
    assert monotonic() - begun < 5


def test_a_name_without_an_address_leads_nowhere(colour: Colour, leads_to: Callable[..., None]) -> None:
    leads_to()

    assert str(fault_of(colour)) == "nobody answers there: it has no address"


def test_a_name_that_nobody_knows(colour: Colour, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    fault = fault_of(colour)

    assert str(fault) == "the name is not known: Name or service not known"
    assert isinstance(fault.__cause__, socket.gaierror)


@pytest.mark.parametrize("name", ["a..example", "x" * 64 + ".example"])
def test_what_cannot_be_a_name_is_not_known_either(colour: Colour, name: str) -> None:
    assert str(fault_of(colour, Place(name, 25))) == "the name is not known: it is no host name"


def test_time_that_the_name_took_is_not_there_for_the_rest(
    colour: Colour, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object, **__: object) -> list[Address]:
        clock.now += 10
        return [at(1)]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(LineFault, match="nobody answers there: not in time"):
        colour.connect(NOWHERE, Patience(connect_s=10, total_s=20).deadline(clock))


def test_a_slow_name_does_not_keep_who_awaits(loop: Awaited, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: gone.wait(20))
    begun = monotonic()
    fault = fault_of(loop, connect_s=0.1)
    gone.set()

    assert str(fault) == "the name is not known: not found in time"
    assert monotonic() - begun < 5


def test_a_cancellation_passes_while_the_name_is_looked_for(loop: Awaited, monkeypatch: pytest.MonkeyPatch) -> None:
    asks, gone = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> None:
        asks.set()
        gone.wait(20)

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    async def main() -> None:
        opening = asyncio.create_task(awaited.connect(NOWHERE, deadline(), loop.threads))
        await asyncio.to_thread(asks.wait, 20)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        gone.set()

    loop.run(main())


def test_a_cancellation_passes_while_nobody_answers(
    loop: Awaited, leads_to: Callable[..., None], silent: Address
) -> None:
    leads_to(silent, silent)

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await awaited.connect(NOWHERE, deadline(), loop.threads)

    loop.run(main())


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interruption_passes_while_nobody_answers(
    colour: Colour, leads_to: Callable[..., None], silent: Address
) -> None:
    leads_to(silent, silent)
    threading.Timer(0.05, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start()
    begun = monotonic()
    with pytest.raises(KeyboardInterrupt):
        colour.connect(NOWHERE, deadline())

    assert monotonic() - begun < 5, "at the first address"


def test_a_line_over_ipv6(colour: Colour) -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listener:
        place = Place("::1", listener.getsockname()[1])
        with closing(colour.connect(place, deadline())):
            listener.accept()[0].close()
