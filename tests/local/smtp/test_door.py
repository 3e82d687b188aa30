"""The SMTP door, with real sockets and real TLS: clients that are as they should be, slow, rude, broken, or many."""

from __future__ import annotations

import errno
import gc
import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sesmail.errors import SetupError
from sesmail.local import LocalSes
from sesmail.local.smtp.connection import Connection
from sesmail.local.smtp.door import SmtpDoor
from sesmail.local.smtp.endpoint import SmtpEndpoint
from sesmail.local.smtp.mishaps import NOISE
from sesmail.local.smtp.options import SmtpAccess, SmtpOptions
from sesmail.local.trouble import TLS_FAULTS
from tests.local.asking import RAW, REGION, box
from tests.local.http.peer import Peer
from tests.local.http.test_door import _may_open, wait_until

QUICK = 0.002
BYE = b"221 Bye\r\n"
OK = b"250 Ok\r\n"
IDLE = b"451 4.4.2 Timeout waiting for data from client.\r\n"


def new_door(**options: Any) -> SmtpDoor:
    return SmtpDoor(SmtpEndpoint(box(), REGION), **options)


@pytest.fixture
def door() -> Iterator[SmtpDoor]:
    with new_door(linger_s=60) as door:
        yield door


def connections(door: SmtpDoor) -> list[Connection]:
    assert door._shift
    return [each for each in door._shift._desk.connections if isinstance(each, Connection)]


class Caller(Peer):
    """A peer that reads lines."""

    def __init__(self, door: SmtpDoor, *, wrapped: bool = False, greeted: bool = True) -> None:
        access = door.access
        super().__init__(access.tls_port if wrapped else access.port)
        self.access = access
        if wrapped:
            self.secure()
        if greeted:
            assert self.line().startswith(b"220 ")

    def secure(self) -> Caller:
        self.socket = self.access.ssl_context().wrap_socket(self.socket, server_hostname="localhost")
        return self

    def line(self) -> bytes:
        while b"\r\n" not in self._inbox:
            self._receive()
        line, _, rest = bytes(self._inbox).partition(b"\r\n")
        self._inbox[:] = rest
        return line + b"\r\n"

    def say(self, line: bytes) -> bytes:
        """The last line of the reply."""
        self.send(line + b"\r\n")
        while (heard := self.line())[3:4] == b"-":
            pass
        return heard

    def known(self) -> Caller:
        import base64

        self.say(b"EHLO a")
        secret = f"\0{self.access.user}\0{self.access.password}".encode()
        assert self.say(b"AUTH PLAIN " + base64.b64encode(secret))[:3] == b"235"
        return self

    def rest(self) -> bytes:
        """All that comes until the end; a reset is an error."""
        heard = bytes(self._inbox)
        while data := self.socket.recv(65536):
            heard += data
        return heard


# ── as it should be ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_mail_is_taken_inside_tls(door: SmtpDoor, wrapped: bool) -> None:
    access = door.access
    client = (
        smtplib.SMTP_SSL("localhost", access.tls_port, context=access.ssl_context(), timeout=20)
        if wrapped
        else smtplib.SMTP(access.host, access.port, timeout=20)
    )
    with client:
        if not wrapped:
            client.starttls(context=access.ssl_context())
        client.login(access.user, access.password)
        client.sendmail("shop@example.com", ["ada@example.org", "bob@example.org"], RAW)

    (mail,) = door._endpoint.box.ledger
    assert mail.recipients == ("ada@example.org", "bob@example.org")
    assert mail.raw.endswith(b"\r\n\r\nHello Ada\r\n")


def test_a_large_mail_arrives_whole(door: SmtpDoor) -> None:
    mail = RAW + (b"." * 70 + b"\r\n") * 30_000
    with Caller(door, wrapped=True).known() as caller:
        for line in (b"MAIL FROM:<shop@example.com> SIZE=2160000", b"RCPT TO:<ada@example.org>", b"DATA"):
            caller.say(line)
        reply = caller.say((b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:] + b".")

    (taken,) = door._endpoint.box.ledger
    assert reply == f"250 Ok {taken.message_id}\r\n".encode()
    assert taken.raw.endswith(mail.partition(b"\r\n\r\n")[2])


def test_a_mail_over_the_limit_is_refused_and_the_next_one_taken() -> None:
    endpoint = SmtpEndpoint(box(), REGION, largest=100_000)
    with SmtpDoor(endpoint) as door, Caller(door, wrapped=True).known() as caller:
        envelope = (b"MAIL FROM:<shop@example.com>", b"RCPT TO:<ada@example.org>", b"DATA")
        assert caller.say(envelope[0] + b" SIZE=100001") == b"552 Message is too long.\r\n"
        for line in envelope:
            caller.say(line)
        assert caller.say(RAW + b"x\r\n" * 100_000 + b".") == b"552 Message is too long.\r\n"
        for line in envelope:
            caller.say(line)
        assert caller.say(RAW + b".")[:3] == b"250"

    assert len(endpoint.box.ledger) == 1


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_said_behind_starttls_in_plain_text_is_not_heard_inside(door: SmtpDoor) -> None:
    """Whoever is in the middle can put a command there, and the client's TLS then makes it the client's."""
    with Caller(door) as caller:
        caller.send(b"STARTTLS\r\nEHLO evil\r\n")
        assert caller.line() == b"220 Ready to start TLS\r\n"
        with pytest.raises((ConnectionError, EOFError)):
            caller.line()


def test_plain_text_in_the_place_of_a_handshake_ends_the_session(door: SmtpDoor) -> None:
    for wrapped in (False, True):
        peer = Peer(door.access.tls_port) if wrapped else Caller(door)
        with peer:
            if not wrapped:
                assert isinstance(peer, Caller)
                peer.say(b"STARTTLS")
            peer.send(b"EHLO evil\r\n")
            alert = peer.socket.recv(100)
            assert alert[:1] != b"2"
            assert peer.socket.recv(100) == b""
    wait_until(lambda: not connections(door))


def test_a_client_that_cannot_agree_on_a_cipher_is_told_so(door: SmtpDoor) -> None:
    context = door.access.ssl_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-GCM-SHA256")  # for keys of another kind
    plain = Peer(door.access.tls_port)

    with plain, pytest.raises(ssl.SSLError, match=r"(?i)alert.handshake.failure"):
        context.wrap_socket(plain.socket, server_hostname="localhost")


def test_a_session_begins_anew_inside_tls(door: SmtpDoor) -> None:
    with Caller(door) as caller:
        caller.say(b"EHLO a")
        caller.say(b"STARTTLS")
        caller.secure()

        assert caller.say(b"AUTH LOGIN") == b"503 Error: send EHLO first\r\n"


def test_who_says_goodbye_inside_tls_is_let_go(door: SmtpDoor) -> None:
    with Caller(door, wrapped=True) as caller:
        assert isinstance(caller.socket, ssl.SSLSocket)
        with pytest.raises(OSError, match=r"(?i)eof|closed"):  # SES says none in return
            caller.socket.unwrap()
    wait_until(lambda: not connections(door))


def test_what_is_said_with_a_goodbye_is_answered(door: SmtpDoor) -> None:
    with Caller(door, wrapped=True) as caller:
        assert caller.say(b"QUIT") == BYE
        assert caller.rest() == b""


@pytest.mark.parametrize("fault", TLS_FAULTS)
@pytest.mark.parametrize("wrapped", [True, False])
def test_tls_fails_on_purpose_and_then_does_not(fault: str, wrapped: bool) -> None:
    with LocalSes(smtp=True) as ses:
        ses.chaos.break_tls(fault)
        expected = {"reset": ConnectionError, "refused": ssl.SSLError}.get(fault, ssl.SSLCertVerificationError)
        with pytest.raises(expected):
            _handshake(ses.smtp, wrapped=wrapped)
        _handshake(ses.smtp, wrapped=wrapped)

        assert [mishap.trouble.fault for mishap in ses.chaos.happened] == [fault]


def _handshake(access: SmtpAccess, *, wrapped: bool) -> None:
    context = access.ssl_context()
    if wrapped:
        smtplib.SMTP_SSL("localhost", access.tls_port, context=context, timeout=20).quit()
        return
    client = smtplib.SMTP("localhost", access.port, timeout=20)
    try:
        client.starttls(context=context)
        client.quit()
    finally:
        client.close()


# ── what goes wrong on purpose, over the wire ────────────────────────────────────────────────────────────────────


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, rate=1e6, smtp=True) as ses:
        ses.identity("example.com").verify()
        yield ses


def sent(ses: LocalSes) -> bytes:
    """What the last dot is answered with."""
    assert ses._smtp
    with Caller(ses._smtp, wrapped=True).known() as caller:
        for line in (b"MAIL FROM:<shop@example.com>", b"RCPT TO:<ada@example.org>", b"DATA"):
            caller.say(line)
        return caller.say(RAW + b".")


@pytest.mark.parametrize(("when", "mails"), [("before", 0), ("after", 1)])
def test_a_connection_is_reset_before_a_mail_is_taken_or_after(ses: LocalSes, when: str, mails: int) -> None:
    ses.chaos.reset(when=when)
    with pytest.raises((ConnectionError, EOFError)):  # inside TLS, a reset can look like an end
        sent(ses)
    assert len(ses.sent) == mails
    assert sent(ses)[:3] == b"250"
    assert ses.box.region("us-east-1").quota.sent(ses.clock.now()) == mails + 1


def test_the_bytes_before_a_cut_arrive(ses: LocalSes) -> None:
    assert ses._smtp
    ses.chaos.cut_answer(at=4, on="noop")
    with Caller(ses._smtp) as caller:
        heard = caller.send(b"NOOP\r\n").socket.recv(4, socket.MSG_WAITALL)
        with pytest.raises(ConnectionResetError):
            caller.socket.recv(1)

    assert heard == b"250 "


def test_a_client_is_cut_off_at_the_byte(ses: LocalSes) -> None:
    assert ses._smtp
    ses.chaos.cut_request(at=8)
    with Caller(ses._smtp) as caller:
        assert caller.say(b"NOOP") == OK
        caller.send(b"N")
        with pytest.raises(ConnectionResetError):
            caller.send(b"OOP\r\n").line()


def test_noise_is_no_reply(ses: LocalSes) -> None:
    ses.chaos.garble()

    assert sent(ses) == NOISE
    assert len(ses.sent) == 1


def test_a_late_reply_holds_nobody_else_up(ses: LocalSes) -> None:
    assert ses._smtp
    ses.chaos.slow(0.05, on="noop")
    with Caller(ses._smtp) as late, Caller(ses._smtp) as other:
        late.send(b"NOOP\r\nRSET\r\n")
        wait_until(lambda: bool(ses.chaos.happened))
        assert other.say(b"NOOP") == OK
        assert [late.line(), late.line()] == [OK, OK]


def test_a_refusal_on_purpose_is_one_of_ses(ses: LocalSes) -> None:
    ses.chaos.throttle()
    ses.chaos.quota()

    assert sent(ses) == b"454 Throttling failure: Maximum sending rate exceeded\r\n"
    assert sent(ses) == b"454 Throttling failure: Daily message quota exceeded\r\n"
    assert ses.sent == ()


# ── slow, rude and broken ────────────────────────────────────────────────────────────────────────────────────────


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_silent_client_is_told_and_sent_away(wrapped: bool) -> None:
    hands = Hands()
    with new_door(clock=hands, sweep_s=QUICK) as door, Caller(door, wrapped=wrapped) as caller:
        hands.move(9)
        assert caller.say(b"NOOP") == OK
        hands.move(10)
        assert caller.rest() == IDLE


def test_a_client_that_does_not_begin_a_handshake_is_sent_away() -> None:
    hands = Hands()
    with new_door(clock=hands, sweep_s=QUICK) as door, Peer(door.access.tls_port) as peer:
        wait_until(lambda: bool(connections(door)))
        hands.move(10)
        assert peer.is_at_end()


def test_who_never_reads_is_given_up() -> None:
    hands = Hands()
    with new_door(clock=hands, sweep_s=QUICK) as door, Caller(door) as caller:
        _fill(caller, door)
        wait_until(lambda: _is_empty_after(10, hands, door))


def test_who_does_not_read_is_not_read_from(door: SmtpDoor) -> None:
    with Caller(door) as caller, Caller(door) as other:
        _fill(caller, door)
        wait_until(lambda: any(each._is_full for each in connections(door)))
        assert other.say(b"NOOP") == OK
        inboxes = [len(each._session._inbox) for each in connections(door)]

    assert 0 < max(inboxes) <= 65_536 + 12_288


def _is_empty_after(seconds: float, hands: Hands, door: SmtpDoor) -> bool:
    hands.move(seconds)
    return not connections(door)


def _fill(caller: Caller, door: SmtpDoor) -> None:
    """Ask on and on without reading an answer, until nothing more goes in."""
    for each in connections(door):
        each._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    caller.socket.settimeout(0.1)
    try:
        while True:
            caller.socket.send(b"EHLO a\r\n" * 1000)
    except TimeoutError:
        caller.socket.settimeout(20)


@pytest.mark.parametrize("endless", [b"x" * 10_000, b"NOOP\r\n" * 1000])
def test_what_has_no_end_behind_the_last_reply_is_cut_off(endless: bytes) -> None:
    with new_door(linger_bytes=1_000_000) as door, Caller(door) as caller:
        assert caller.say(b"QUIT") == BYE

        assert caller.send_until_cut(endless) < 20_000_000


@pytest.mark.parametrize("part", [b"", b"EHL", b"EHLO a\r\nSTARTTLS\r\n", b"QUIT\r\n", b"NOOP\r\n" * 500])
def test_a_connection_that_breaks_harms_nobody(door: SmtpDoor, part: bytes) -> None:
    for wrapped in (False, True):
        caller = Caller(door, wrapped=wrapped)
        caller.send(part)
        caller.reset()
    wait_until(lambda: not connections(door))

    with Caller(door) as other:
        assert other.say(b"NOOP") == OK


def test_half_a_connection_is_enough_for_a_reply(door: SmtpDoor) -> None:
    with Caller(door) as caller:
        caller.send(b"NOOP\r\n" * 3).send_no_more()
        assert caller.rest() == OK * 3


def test_half_a_mail_is_none(door: SmtpDoor) -> None:
    with Caller(door, wrapped=True).known() as caller:
        for line in (b"MAIL FROM:<shop@example.com>", b"RCPT TO:<ada@example.org>", b"DATA"):
            caller.say(line)
        caller.send(RAW).reset()
    wait_until(lambda: not connections(door))

    assert len(door._endpoint.box.ledger) == 0


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_too_many_is_sent_away() -> None:
    with new_door(options=SmtpOptions(most_connections=2)) as door:
        with Caller(door), Caller(door) as second:
            with Caller(door, greeted=False) as third:
                assert third.rest() == b"421 Too many concurrent SMTP connections\r\n"
            with Caller(door, wrapped=True, greeted=False) as fourth:
                assert fourth.rest() == b"421 Too many concurrent SMTP connections\r\n"
            assert second.say(b"NOOP") == OK
        wait_until(lambda: not connections(door))
        with Caller(door) as again:
            assert again.say(b"NOOP") == OK


def test_a_thousand_idle_clients_do_not_disturb_another_one() -> None:
    if not _may_open(4096):
        pytest.skip("this process may not open so many files")
    with new_door(options=SmtpOptions(most_connections=1001)) as door:
        threads = threading.active_count()
        idle = [Peer(door.access.port) for _ in range(1000)]
        wait_until(lambda: len(connections(door)) == 1000)
        more_threads = threading.active_count() - threads
        with Caller(door) as caller:
            replies = [caller.say(b"NOOP") for _ in range(100)]
        for peer in idle:
            peer.socket.close()
        wait_until(lambda: not connections(door))

    assert replies == [OK] * 100
    assert more_threads == 0


def test_mails_are_taken_one_at_a_time(ses: LocalSes) -> None:
    def client() -> None:
        with smtplib.SMTP_SSL("localhost", access.tls_port, context=access.ssl_context(), timeout=20) as smtp:
            smtp.login(access.user, access.password)
            for _ in range(5):
                smtp.sendmail("shop@example.com", ["ada@example.org"], RAW)

    access = ses.smtp
    threads = [threading.Thread(target=client) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({mail.message_id for mail in ses.sent}) == 30
    assert [mail.number for mail in ses.sent] == list(range(1, 31))


# ── opening and closing ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_taken_port_is_told_to_who_opens_the_door(door: SmtpDoor) -> None:
    for options in (SmtpOptions(port=door.access.port), SmtpOptions(tls_port=door.access.tls_port)):
        with pytest.raises(OSError, match=r"[Aa]ddress") as caught:
            new_door(options=options).start()
        assert caught.value.errno == errno.EADDRINUSE
    gc.collect()


def test_a_box_whose_smtp_cannot_open_does_not_open(door: SmtpDoor) -> None:
    ses = LocalSes(smtp=SmtpOptions(port=door.access.port))
    with pytest.raises(OSError, match=r"[Aa]ddress"):
        ses.start()

    with pytest.raises(SetupError, match="not open"):
        ses.url  # noqa: B018 - asking is what fails
    with pytest.raises(SetupError, match="not open"):
        ses.smtp  # noqa: B018


def test_a_thread_that_cannot_begin_leaves_nothing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    door = new_door()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        patch.setattr("tempfile.tempdir", str(tmp_path))
        with pytest.raises(RuntimeError, match="new thread"):
            door.start()
    gc.collect()

    assert list(tmp_path.iterdir()) == []
    with door, Caller(door) as caller:
        assert caller.say(b"NOOP") == OK


def test_a_door_can_be_closed_while_clients_are_in_it(ses: LocalSes) -> None:
    assert ses._smtp
    ses.chaos.slow(60, on="vrfy")
    parts = [b"", b"EHL", b"EHLO a\r\nSTARTTLS\r\n", b"QUIT\r\n", b"VRFY ada\r\n", b"x\n", b"NOOP\r\n" * 100]
    callers = [Caller(ses._smtp, wrapped=wrapped) for wrapped in (True, False) for _ in parts]
    for caller, part in zip(callers, parts * 2, strict=True):
        caller.send(part)
    unfinished = Peer(ses.smtp.tls_port).send(b"\x16\x03\x01")
    names = {thread.name for thread in threading.enumerate()}
    ses.stop()
    gc.collect()

    assert "sesmail-smtp" in names
    assert "sesmail-smtp" not in {thread.name for thread in threading.enumerate()}
    for peer in (*callers, unfinished):
        with peer:
            try:
                while peer.socket.recv(1 << 16):
                    pass
            except OSError:
                pass  # closed over what it sent, or inside TLS


def test_a_door_can_be_opened_again_and_leaves_nothing() -> None:
    door = new_door()
    files, seen = set[str](), []
    before = _open_files()
    for _ in range(4):
        with door, Caller(door, wrapped=True) as caller:
            assert caller.say(b"QUIT") == BYE
            files.add(door.access.ca_file)
            seen.append(door.access.ca_pem)
            assert Path(door.access.ca_file).read_text() == door.access.ca_pem
    gc.collect()

    assert len(set(seen)) == 4, "each time with a CA of its own"
    assert not any(Path(file).exists() for file in files)
    assert _open_files() == before
    assert repr(door) == "SmtpDoor(closed)"


def _open_files() -> int:
    folder = "/proc/self/fd"
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0  # noqa: PTH208, PTH112


def test_the_file_of_the_ca_may_be_gone(door: SmtpDoor) -> None:
    Path(door.access.ca_file).unlink()
    door.stop()
    door.stop()


def test_an_open_door_is_not_opened_again(door: SmtpDoor) -> None:
    with pytest.raises(SetupError, match="open already"):
        door.start()

    assert repr(door) == f"SmtpDoor(127.0.0.1, {door.access.port} and {door.access.tls_port})"


def test_a_closed_door_has_no_address() -> None:
    with pytest.raises(SetupError, match="start it first"):
        new_door().access  # noqa: B018 - asking is what fails


def test_a_listener_cannot_close_the_door_that_it_hears_of() -> None:
    caught: list[str] = []
    boxes: list[LocalSes] = []

    def stop(_call: object, _fault: object) -> None:
        try:
            boxes[0].stop()
        except SetupError as error:
            caught.append(str(error))

    with LocalSes(sandbox=False, smtp=True, on_call=stop) as own:
        boxes.append(own)
        assert sent(own)[:3] == b"554"

    assert caught == ["the SMTP door cannot be stopped by what it calls; stop it from another thread"]


def test_a_door_can_be_called_by_an_ipv6_address() -> None:
    door = new_door(host="::1")
    try:
        door.start()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with smtplib.SMTP_SSL("::1", door.access.tls_port, context=door.access.ssl_context(), timeout=20) as client:
        assert client.noop()[0] == 250
    assert door.access.host == "::1"
    door.stop()


# ── what a box hands out ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_clients_are_given_leads_to_it(ses: LocalSes) -> None:
    environment = ses.smtp.environment
    with smtplib.SMTP(environment["SES_SMTP_HOST"], int(environment["SES_SMTP_PORT"]), timeout=20) as client:
        client.starttls(context=ssl.create_default_context(cafile=environment["SES_SMTP_CA_FILE"]))
        client.login(environment["SES_SMTP_USER"], environment["SES_SMTP_PASSWORD"])

    assert environment["SES_SMTP_TLS_PORT"] == str(ses.smtp.tls_port)
    assert not environment.keys() & ses.environment.keys()
    assert ses.smtp.password not in repr(ses.smtp)


def test_a_key_that_is_added_later_is_let_in(ses: LocalSes) -> None:
    access = ses.smtp
    ses.add_key("AKIALATER", "secret", policy={"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
    with smtplib.SMTP_SSL("localhost", access.tls_port, context=access.ssl_context(), timeout=20) as client:
        client.login("AKIALATER", access.password_of("AKIALATER"))
        with pytest.raises(
            smtplib.SMTPDataError, match="Access denied: User `arn:aws:iam::123456789012:user/AKIALATER'"
        ):
            client.sendmail("shop@example.com", ["ada@example.org"], RAW)


def test_the_region_of_the_box_is_that_of_its_passwords() -> None:
    with LocalSes(region="eu-central-1", smtp=True) as ses, LocalSes(smtp=True) as other:
        passwords = {ses.smtp.password, other.smtp.password}
        context = ses.smtp.ssl_context()
        plain = socket.create_connection((ses.smtp.host, ses.smtp.tls_port), timeout=20)
        with context.wrap_socket(plain, server_hostname="email-smtp.eu-central-1.amazonaws.com") as inside:
            assert inside.recv(4) == b"220 "

    assert len(passwords) == 2


@pytest.mark.local_ses(smtp=True, sandbox=False)
def test_the_fixture_speaks_smtp_where_its_marker_says_so(local_ses: LocalSes) -> None:
    local_ses.identity("example.com").verify()

    assert sent(local_ses)[:3] == b"250"


def test_a_box_without_smtp_says_how_to_have_it() -> None:
    with LocalSes() as ses, pytest.raises(SetupError, match=r"LocalSes\(smtp=True\)"):
        ses.smtp  # noqa: B018 - asking is what fails


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"port": -1}, "port of SMTP is a port, or 0 for any, and not -1"),
        ({"tls_port": 65536}, "tls_port of SMTP is a port"),
        ({"idle_s": 0}, "idle_s of SMTP is a time in seconds"),
        ({"idle_s": float("nan")}, "idle_s of SMTP is a time in seconds"),
        ({"most_connections": 0}, "most_connections of SMTP is 1 or more"),
    ],
)
def test_options_that_are_none_are_refused_when_they_are_built(options: dict[str, Any], text: str) -> None:
    with pytest.raises(SetupError, match=text):
        SmtpOptions(**options)


def test_options_reach_the_clients() -> None:
    options = SmtpOptions(pipelining=True, starttls=False)
    with LocalSes(smtp=options) as ses, smtplib.SMTP(ses.smtp.host, ses.smtp.port, timeout=20) as client:
        client.ehlo("a")

        assert client.has_extn("pipelining")
        assert not client.has_extn("starttls")
