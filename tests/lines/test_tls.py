"""TLS as a dialogue: good and bad peers, in both drivers."""

from __future__ import annotations

import socket
import ssl
import tracemalloc
from collections.abc import Callable
from contextlib import closing, suppress
from time import sleep

import pytest

from sesmail.lines.dialogue import HEAR, Dialogue, StartTls, do
from sesmail.lines.fault import Kind, LineFault
from sesmail.lines.line import Line
from sesmail.lines.tls import Tls
from sesmail.local.smtp.certificates import Certificates
from sesmail.testing import CuttingProxy, Flow, Plan
from tests.lines.colours import Colour
from tests.lines.dialogues import all_that_comes, asked, caught, deadline, exactly, line_to
from tests.lines.other_end import OtherEnd, Serve, drain, echo, reset, secured

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture(params=VERSIONS, ids=["1.2", "1.3"])
def server(request: pytest.FixtureRequest, certificates: Certificates) -> ssl.SSLContext:
    """The other end's side, in each version."""
    context = certificates.context()
    context.maximum_version = request.param
    return context


def started(context: ssl.SSLContext, host: str = "localhost") -> Dialogue[None]:
    yield StartTls(context, host)


def within(context: ssl.SSLContext, dialogue: Dialogue[bytes]) -> Dialogue[bytes]:
    yield StartTls(context, "localhost")
    return (yield from dialogue)


# ── a good peer ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_said_is_answered(colour: Colour, server: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with line_to(colour, secured(server, echo)) as line:
        assert colour.drive(line, within(trusting, asked(b"hello")), deadline()) == b"hello"
        assert colour.drive(line, asked(b"ciao"), deadline()) == b"ciao", "and it stays with the line"
        assert line.is_quiet()


def test_a_call_and_a_pause_are_as_without(colour: Colour, server: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    def dialogue() -> Dialogue[bytes]:
        word = yield from do(lambda: b"hello")
        return (yield from asked(word))

    with line_to(colour, secured(server, echo)) as line:
        assert colour.drive(line, within(trusting, dialogue()), deadline()) == b"hello"


@pytest.mark.parametrize("host", ["localhost", "localhost.", "127.0.0.1"])
def test_a_certificate_is_for_the_host(
    colour: Colour, certificates: Certificates, trusting: ssl.SSLContext, host: str
) -> None:
    with line_to(colour, secured(certificates.context(), echo)) as line:
        colour.drive(line, started(trusting, host), deadline())


def test_much_is_said_and_heard(colour: Colour, server: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    much = bytes(range(256)) * 10_000

    def serve(sock: ssl.SSLSocket) -> None:
        heard = b""
        while len(heard) < len(much):
            heard += sock.recv(1_000_000)
        sock.sendall(heard)

    def dialogue() -> Dialogue[bytes]:
        for start in range(0, len(much), 65536):
            yield much[start : start + 65536]
        return (yield from exactly(len(much)))

    with line_to(colour, secured(server, serve)) as line:
        assert colour.drive(line, within(trusting, dialogue()), deadline()) == much


def test_every_byte_in_a_segment_of_its_own(colour: Colour, server: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    drops = Flow(segment_bytes=1)
    with (
        OtherEnd(secured(server, echo)) as other,
        CuttingProxy(other.place.host, other.place.port, Plan(to_client=drops, to_server=drops)) as proxy,
        closing(colour.connect(type(other.place)(proxy.host, proxy.port), deadline())) as line,
    ):
        assert colour.drive(line, within(trusting, asked(b"hello")), deadline()) == b"hello"
        assert line.is_quiet()
        assert colour.drive(line, asked(b"ciao"), deadline()) == b"ciao"


def test_forty_megabytes_pass_in_a_few_hundred_kilobytes(
    colour: Colour, certificates: Certificates, trusting: ssl.SSLContext
) -> None:
    def serve(sock: ssl.SSLSocket) -> None:
        buffer = bytearray(100_000)
        with suppress(ssl.SSLError):
            while sock.recv_into(buffer):
                pass

    def dialogue() -> Dialogue[bytes]:
        piece = bytes(65536)
        for _ in range(640):
            yield piece[:-1] + b"x"
        return b""

    with line_to(colour, secured(certificates.context(), serve)) as line:
        colour.drive(line, started(trusting), deadline())
        tracemalloc.start()
        colour.drive(line, dialogue(), deadline())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < 2_000_000


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────


def ends() -> Dialogue[list[bytes]]:
    return [(yield HEAR), (yield HEAR), (yield HEAR)]


def leave(sock: ssl.SSLSocket, *, announced: bool) -> None:
    sock.sendall(b"all")
    if announced:
        sock.setblocking(False)
        with suppress(ssl.SSLWantReadError):
            sock.unwrap()
    with socket.socket(fileno=sock.detach()) as plain:
        plain.settimeout(20)
        plain.shutdown(socket.SHUT_WR)
        drain(plain)


@pytest.mark.parametrize("announced", [True, False])
def test_an_end_is_an_end_announced_or_not(
    colour: Colour, server: ssl.SSLContext, trusting: ssl.SSLContext, announced: bool
) -> None:
    with line_to(colour, secured(server, lambda sock: leave(sock, announced=announced))) as line:
        colour.drive(line, started(trusting), deadline())

        assert colour.drive(line, ends(), deadline()) == [b"all", b"", b""]


def record_of(server: ssl.SSLContext, trusting: ssl.SSLContext, spoil: Callable[[bytes], bytes]) -> Serve:
    """Shake hands and say ``b"all"``, with the last record spoiled."""

    def serve(sock: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        inside = server.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                inside.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
                incoming.write(sock.recv(65536))
        sock.sendall(outgoing.read())
        inside.write(b"all")
        sock.sendall(spoil(outgoing.read()))
        sock.shutdown(socket.SHUT_WR)
        drain(sock)

    return serve


@pytest.mark.parametrize("size", [1, 4, 5, 6, 20])
def test_half_a_word_and_an_end_is_an_end(
    colour: Colour, server: ssl.SSLContext, trusting: ssl.SSLContext, size: int
) -> None:
    with line_to(colour, record_of(server, trusting, lambda record: record[:size])) as line:
        colour.drive(line, started(trusting), deadline())

        assert colour.drive(line, ends(), deadline()) == [b"", b"", b""]


def test_a_spoiled_word_is_a_line_that_broke_and_never_an_end(
    colour: Colour, server: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    def spoiled(record: bytes) -> bytes:
        return record[:-1] + bytes([record[-1] ^ 1])

    def dialogue() -> Dialogue[list[LineFault]]:
        return [(yield from caught(all_that_comes())), (yield from caught(asked(b"x"))), (yield from caught(ends()))]

    with line_to(colour, record_of(server, trusting, spoiled)) as line:
        colour.drive(line, started(trusting), deadline())
        faults = colour.drive(line, dialogue(), deadline())

        assert [fault.kind for fault in faults] == [Kind.LOST] * 3
        assert "bad record mac" in str(faults[0])
        assert not line.is_quiet()


def test_who_has_gone_is_said_nothing(colour: Colour, server: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    def go(sock: ssl.SSLSocket) -> None:
        sock.recv(1)
        with socket.socket(fileno=sock.detach()) as plain:
            reset(plain)

    def dialogue() -> Dialogue[None]:
        for _ in range(100):
            yield b"x"
            yield from do(lambda: sleep(0.005))

    with line_to(colour, secured(server, go)) as line:
        colour.drive(line, started(trusting), deadline())

        assert colour.drive(line, caught(dialogue()), deadline()).kind is Kind.LOST


# ── a bad peer ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("wrong_host", "Hostname mismatch, certificate is not valid for 'localhost'."),
        ("expired", "certificate has expired"),
        ("unknown_ca", "unable to get local issuer certificate"),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_who_cannot_prove_who_it_is_hears_so(
    colour: Colour,
    certificates: Certificates,
    trusting: ssl.SSLContext,
    fault: str,
    text: str,
    version: ssl.TLSVersion,
) -> None:
    alerts: list[str] = []
    context = certificates.context(fault)
    context.maximum_version = version

    def serve(sock: socket.socket) -> None:
        try:
            with context.wrap_socket(sock, server_side=True) as inside:
                inside.recv(1)
        except ssl.SSLError as error:
            alerts.append(str(error.reason))

    with line_to(colour, serve) as line:
        raised = colour.drive(line, caught(started(trusting)), deadline())

    assert str(raised) == f"TLS failed: the certificate is not accepted: {text}"
    assert isinstance(raised.__cause__, ssl.SSLCertVerificationError)
    assert alerts
    assert "ALERT" in alerts[0]


@pytest.mark.parametrize("host", ["", ".example", "a..example", "x" * 64])
def test_no_certificate_is_for_what_is_no_name(colour: Colour, trusting: ssl.SSLContext, host: str) -> None:
    with line_to(colour, drain) as line:
        raised = colour.drive(line, caught(started(trusting, host)), deadline())

    assert str(raised) == "TLS failed: no certificate is for such a name"


def test_an_old_version_is_not_agreed_on(colour: Colour, certificates: Certificates) -> None:
    server, client = certificates.context(), ssl.create_default_context(cadata=certificates.ca_pem)
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    client.minimum_version = ssl.TLSVersion.TLSv1_3
    with line_to(colour, secured(server, echo)) as line:
        raised = colour.drive(line, caught(started(client)), deadline())

    assert raised.kind is Kind.TLS
    assert "alert protocol version" in str(raised)


@pytest.mark.parametrize("word", [b"220 ready\r\n250 injected\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(100)])
def test_what_was_said_in_clear_before_the_handshake_fails_it(
    colour: Colour, certificates: Certificates, trusting: ssl.SSLContext, word: bytes
) -> None:
    """It came behind what was heard, and is not taken for an answer inside."""

    def serve(sock: socket.socket) -> None:
        sock.sendall(word)
        with suppress(ssl.SSLError):
            secured(certificates.context(), echo)(sock)

    with line_to(colour, serve) as line:
        raised = colour.drive(line, caught(started(trusting)), deadline())

    assert raised.kind is Kind.TLS


def after_hello(sock: socket.socket) -> None:
    sock.recv(65536)


def never(sock: socket.socket) -> None:
    pass


def cut_off(sock: socket.socket) -> None:
    sock.recv(65536)
    reset(sock)


@pytest.mark.parametrize("leaves", [after_hello, never, cut_off])
def test_a_peer_that_leaves_while_hands_are_shaken_is_a_line_that_broke(
    colour: Colour, trusting: ssl.SSLContext, leaves: Serve
) -> None:
    """Which may be tried again, as what is wrong with TLS may not."""
    with line_to(colour, leaves) as line:
        assert colour.drive(line, caught(started(trusting)), deadline()).kind is Kind.LOST


def test_a_peer_that_leaves_in_the_middle_of_its_first_word(
    colour: Colour, server: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    with (
        OtherEnd(secured(server, echo)) as other,
        CuttingProxy(other.place.host, other.place.port, Plan.cut("to_client", 20, by="close")) as proxy,
        closing(colour.connect(type(other.place)(proxy.host, proxy.port), deadline())) as line,
    ):
        assert colour.drive(line, caught(started(trusting)), deadline()).kind is Kind.LOST


def test_a_peer_that_keeps_silent_while_hands_are_shaken_is_late(colour: Colour, trusting: ssl.SSLContext) -> None:
    with line_to(colour, drain) as line:
        assert colour.drive(line, caught(started(trusting)), deadline(read_s=0.05)).kind is Kind.LATE


def test_that_the_peer_did_not_hear_why_is_not_the_news(trusting: ssl.SSLContext) -> None:
    """It said something wrong and left. The alert cannot be said, and what is raised is what it said."""
    tls = Tls(trusting, "localhost")
    shaking = tls.handshake()
    hello = next(shaking)
    assert isinstance(hello, bytes)
    step = shaking.send(b"")
    assert step is HEAR
    step = shaking.send(b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00")  # a ServerHelloDone, which is out of place
    assert isinstance(step, bytes)
    with pytest.raises(LineFault, match="TLS failed: unexpected message"):
        shaking.throw(LineFault(Kind.LOST, "Broken pipe"))


def test_a_farewell_to_nobody_does_no_harm(trusting: ssl.SSLContext) -> None:
    tls = Tls(trusting, "localhost")

    assert isinstance(tls.farewell(b"quit"), bytes)
    assert b"quit" not in tls.farewell(b"quit")


def test_tls_begun_twice_fails_and_says_nothing_in_clear(
    colour: Colour, certificates: Certificates, trusting: ssl.SSLContext
) -> None:
    with line_to(colour, secured(certificates.context(), drain)) as line:
        colour.drive(line, started(trusting), deadline())
        raised = colour.drive(line, caught(within(trusting, asked(b"x"))), deadline(read_s=1))

        assert raised.kind in {Kind.TLS, Kind.LOST}


def test_a_line_knows_its_tls_only_when_it_has_begun(colour: Colour) -> None:
    with line_to(colour, drain) as line:
        assert isinstance(line, Line)
        assert line.tls is None
